"""JSON of results: what `to_dict` says, whatever strangers put into documents."""

from __future__ import annotations

import dataclasses
import json
from enum import StrEnum

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from wherefrom.pool.encoding import provenance_json, to_json
from wherefrom.provenance import SCHEMA_VERSION


def plain(value):
    if isinstance(value, dict):
        return {str(key): plain(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [plain(item) for item in value]
    return str(value) if isinstance(value, StrEnum) else value


def test_it_has_every_field_of_a_provenance_but_the_text(demo, demo_texts):
    provenance = demo.trace(next(iter(demo_texts.values()))[1000:3000] + " and then something else was said.")
    assert provenance.documents
    fields = dataclasses.asdict(provenance)
    del fields["text"]
    expected = {"schema_version": SCHEMA_VERSION, **plain(fields)}
    assert provenance.to_dict() == expected
    assert list(provenance.to_dict()) == list(expected)
    assert json.loads(provenance_json(provenance)) == expected


values = st.recursive(
    st.none() | st.booleans() | st.integers(-(1 << 100), 1 << 100) | st.text(st.characters(codec=None), max_size=8),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(st.characters(codec=None), max_size=4), inner),
    max_leaves=12,
)


@given(values)
def test_anything_becomes_json_that_others_can_read(value):
    encoded = to_json(value)
    read = orjson.loads(encoded)
    if to_json(read) != encoded:  # integers beyond 64 bits are read as floats by some
        assert json.loads(encoded) is not None or value is None


@pytest.mark.parametrize("text", ["\ud800", "a\udfffb"])
def test_lone_surrogates_are_replaced(text):
    assert "\ufffd" in orjson.loads(to_json({"text": [text]}))["text"][0]
    assert orjson.loads(to_json({text: 1})) == {text.encode("utf-8", "replace").decode().replace("?", "\ufffd"): 1}
