"""JSON of strangers."""

from __future__ import annotations

import json
import math

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from wherefrom.errors import LimitError, MalformedError
from wherefrom.traces.ingest.json_values import DEEPEST, clean_value, depth, embedded_json, parse_json
from wherefrom.traces.ingest.limits import IngestLimits

LIMITS = IngestLimits()
ANY_TEXT = st.text(st.characters())  # surrogates and NUL among them
VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(1 << 63), (1 << 63) - 1)
    | st.floats(allow_nan=False, allow_infinity=False)
    | ANY_TEXT,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(ANY_TEXT, inner, max_size=4),
    max_leaves=20,
)


@given(st.binary())
def test_any_bytes_are_a_value_or_a_typed_error(data):
    try:
        value = parse_json(data, nesting=100)
    except (MalformedError, LimitError):
        return
    orjson.dumps(value)


@given(VALUES)
def test_what_python_writes_is_read_with_surrogates_replaced(value):
    assert parse_json(json.dumps(value).encode(), nesting=100) == clean_value(value)
    assert parse_json(json.dumps(value), nesting=100) == clean_value(value)


@given(VALUES)
def test_clean_values_can_be_written(value):
    assert orjson.loads(orjson.dumps(clean_value(value))) == clean_value(value)


@pytest.mark.parametrize("brackets", [("[", "]"), ('{"a":', "}"), ('[{"a":', "}]")])
@pytest.mark.parametrize("levels", [DEEPEST + 5, 100_000])
def test_deep_nesting_is_a_limit(brackets, levels):
    opening, closing = brackets
    with pytest.raises(LimitError, match="levels deep"):
        parse_json((opening * levels + "1" + closing * levels).encode(), nesting=100)
    with pytest.raises((MalformedError, LimitError)):
        parse_json((opening * levels).encode(), nesting=100)


def test_nesting_is_counted_exactly():
    assert parse_json(b"[" * 7 + b"]" * 7, nesting=7)
    with pytest.raises(LimitError, match="more than 7 levels"):
        parse_json(b"[" * 8 + b"]" * 8, nesting=7)


@given(VALUES)
def test_depth_is_what_recursion_counts(value):
    def naive(item):
        if isinstance(item, dict):
            return 1 + max(map(naive, item.values()), default=0)
        return 1 + max(map(naive, item), default=0) if isinstance(item, list) else 0

    assert depth(value) == naive(value)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        (rb'"\ud800"', "\ufffd"),
        (rb'"\udc00\ud83d"', "\ufffd\ufffd"),
        (rb'"\ud83d\ude00"', "\N{GRINNING FACE}"),
        (rb'"\\ud800 \ud800"', "\\ud800 \ufffd"),
        (rb'"\\\ud800"', "\\\ufffd"),
        (rb'{"\uDFFF": "\u0000"}', {"\ufffd": "\0"}),
        (b'{"a": 1, "a": 2}', {"a": 2}),
        (b"\xef\xbb\xbf{}", {}),
        (b"1" + b"0" * 30, 1e30),
    ],
)
def test_odd_but_readable(text, value):
    assert parse_json(text, nesting=100) == value


@pytest.mark.parametrize(
    "text", [b"", b"{", b"[NaN]", b"[Infinity]", b"1e999", b'"\xff"', b'"\xed\xa0\x80"', b"{'a': 1}"]
)
def test_what_is_not_json_is_malformed(text):
    with pytest.raises(MalformedError, match="is not JSON"):
        parse_json(text, nesting=100)


@given(st.text())
def test_embedded_text_that_is_no_json_stays(text):
    value = embedded_json(text, LIMITS)
    assert value == text or isinstance(value, list | dict)


def test_embedded_json_of_python():
    text = json.dumps({"a": math.nan, "b": [math.inf, -math.inf], "c": 10**40, "d": "\ud800"})
    assert embedded_json(text, LIMITS) == {"a": None, "b": [None, None], "c": 1e40, "d": "\ufffd"}
    assert embedded_json("[" * 5000, LIMITS) == "[" * 5000
    assert embedded_json("[" * 5000 + "NaN", LIMITS) == "[" * 5000 + "NaN"
    assert embedded_json("[NaN, " + "9" * 5000 + "]", LIMITS) == "[NaN, " + "9" * 5000 + "]"
    deep = "[" * 101 + "NaN" + "]" * 101
    assert embedded_json(deep, LIMITS) == deep
