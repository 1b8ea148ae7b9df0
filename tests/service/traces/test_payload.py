from __future__ import annotations

from types import MappingProxyType
from typing import Any

import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from wherefrom.errors import LimitError
from wherefrom.traces.model import Event, Link, Message, Part, PartType, TokenLogProbability
from wherefrom.traces.payload import SpanPayload, pack, to_json, unpack

json_values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**63), 2**64 - 1)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)
optional_texts = st.none() | st.text(max_size=5)
parts = st.builds(
    Part,
    type=st.sampled_from(PartType),
    text=optional_texts,
    id=optional_texts,
    name=optional_texts,
    arguments=json_values,
    data=json_values,
)
messages = st.builds(
    Message,
    role=st.text(max_size=5),
    parts=st.lists(parts, max_size=2).map(tuple),
    name=optional_texts,
    finish_reason=optional_texts,
)
several = st.lists(messages, max_size=2).map(tuple)
numbers = st.floats(-100, 0)
log_probabilities = st.builds(
    TokenLogProbability,
    st.text(max_size=3),
    numbers,
    st.lists(st.tuples(st.text(max_size=3), numbers), max_size=2).map(tuple),
)
maps = st.dictionaries(st.text(max_size=3), json_values, max_size=2)
payloads = st.builds(
    SpanPayload,
    input=json_values,
    output=json_values,
    input_messages=st.none() | several,
    output_messages=st.none() | several,
    finish_reasons=st.none() | st.lists(st.text(max_size=3), max_size=2).map(tuple),
    log_probabilities=st.none() | st.lists(log_probabilities, max_size=2).map(tuple),
    tags=st.none() | st.lists(st.text(max_size=3), max_size=2).map(tuple),
    events=st.none()
    | st.lists(st.builds(Event, st.text(max_size=3), st.integers(0, 2**63), maps), max_size=2).map(tuple),
    links=st.none() | st.lists(st.builds(Link, st.text(max_size=3), st.text(max_size=3), maps), max_size=2).map(tuple),
    attributes=maps,
    metadata=maps,
    lower=st.dictionaries(st.text(max_size=3), st.integers(0, 2), max_size=2),
)


@settings(max_examples=60)
@given(payloads)
def test_what_is_packed_is_unpacked(payload: SpanPayload) -> None:
    assert unpack(pack(payload)) == payload


def test_what_json_cannot_write_is_written_as_near_as_can_be() -> None:
    value: dict[Any, Any] = {
        "lone": "a\ud800b",
        "\udfff": 2**64,
        3: MappingProxyType({"x": b"\xff"}),
        "number": float("inf"),
        "bool": True,
        "part": Part(PartType.TEXT, "\ud800"),
    }
    found = orjson.loads(to_json(value))
    assert found == {
        "lone": "a\ufffdb",
        "\ufffd": str(2**64),
        "3": {"x": "/w=="},
        "number": None,
        "bool": True,
        "part": {"type": "text", "text": "\ufffd", "id": None, "name": None, "arguments": None, "data": None},
    }


def test_a_token_that_cannot_be_keeps_its_place() -> None:
    token = TokenLogProbability("x", float("-inf"), (("y", float("-inf")),))
    assert unpack(pack(SpanPayload(log_probabilities=(token,)))).log_probabilities == (token,)


@pytest.mark.parametrize("depth", [300, 100_000])
def test_what_is_too_deep_is_refused(depth: int) -> None:
    deep: Any = []
    for _ in range(depth):
        deep = [deep]
    with pytest.raises(LimitError, match="nested deeper"):
        pack(SpanPayload(input=deep))
