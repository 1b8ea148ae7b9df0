"""JSON of strangers: bytes or texts to values that can be stored, within limits.

What comes out holds no lone surrogate, no NaN, no infinity, no number beyond 64 bits as an integer, and is at most so
deep. Of keys that stand twice, the last counts.
"""

from __future__ import annotations

import json
import math
import re
from typing import Any

import orjson

from wherefrom.errors import LimitError, MalformedError
from wherefrom.traces.ingest.limits import IngestLimits
from wherefrom.traces.model import Json
from wherefrom_indexer.tokenization import clean_text

DEEPEST = 1024
"""Levels at which the parser itself ends."""

# Every escape from left to right, so that an escaped backslash before `ud800` is not taken for a surrogate.
_ESCAPES = re.compile(
    rb"\\(?:u(?:[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}|([dD][89a-fA-F][0-9a-fA-F]{2})|[0-9a-fA-F]{4})|[^u])",
    re.DOTALL,
)
_SMALL = 1 << 20  # bytes: what is smaller takes little memory whatever it holds
_BOM = b"\xef\xbb\xbf"


def parse_json(data: bytes | str, *, nesting: int, what: str = "The body") -> Json:
    """The value that JSON text holds; lone surrogates become U+FFFD.

    Args:
        data: the text; bytes are UTF-8.
        nesting: levels allowed, at most `DEEPEST`.
        what: the text, as the error's sentence begins.

    Raises:
        MalformedError: not JSON.
        LimitError: deeper than `nesting`, or almost nothing but brackets and commas.
    """
    _check_size(data, what)
    try:
        value = orjson.loads(data)
    except orjson.JSONDecodeError as error:
        value = _second_look(data, error, what)
    if len(data) > nesting and _may_be_deeper(data, nesting) and depth(value, nesting) > nesting:
        raise LimitError(_too_deep(what, nesting))
    return value


def embedded_json(text: str, limits: IngestLimits) -> Json:
    """The object or array that an attribute's text holds, or the text itself where it holds none.

    Python's clients write NaN and infinities, which become None.
    """
    start = text[:64].lstrip()[:1]
    if start not in ("{", "["):
        return text
    try:
        return parse_json(text, nesting=limits.max_nesting)
    except LimitError:
        return text
    except MalformedError:
        if "NaN" not in text and "Infinity" not in text:
            return text
    try:
        value = json.loads(text, parse_constant=lambda name: None, parse_int=_integer, parse_float=_number)
    except (ValueError, RecursionError):
        return text
    return text if depth(value, limits.max_nesting) > limits.max_nesting else clean_value(value)


def clean_value(value: Json) -> Json:
    """The same value without lone surrogates, NaN, infinities, integers beyond 64 bits and keys that are no text."""
    if isinstance(value, str):
        return clean_text(value)
    if isinstance(value, dict):
        return {clean_text(str(key)): clean_value(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [clean_value(item) for item in value]
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, int) and not isinstance(value, bool):
        return _integer(value)
    return value


def depth(value: Json, enough: int = DEEPEST) -> int:
    """How many levels of arrays and objects a value has; counting ends above `enough`."""
    level: list[Any] = [value] if isinstance(value, list | dict) else []
    levels = 0
    while level and levels <= enough:
        levels += 1
        level = [
            item
            for container in level
            for item in (container.values() if isinstance(container, dict) else container)
            if isinstance(item, list | dict)
        ]
    return levels


def _check_size(data: bytes | str, what: str) -> None:
    """Refuse what would take far more memory than it has bytes: `[]` has two, and takes sixty."""
    if len(data) < _SMALL:
        return
    openings, commas = (
        (data.count("[") + data.count("{"), data.count(","))
        if isinstance(data, str)
        else (data.count(b"[") + data.count(b"{"), data.count(b","))
    )
    if openings > (1 << 20) + len(data) // 24 or commas > (1 << 21) + len(data) // 16:
        raise LimitError(f"{what} holds too many values, {openings} arrays and objects among them; send less at once.")


def _may_be_deeper(data: bytes | str, nesting: int) -> bool:
    if isinstance(data, str):
        return data.count("[") + data.count("{") > nesting
    return data.count(b"[") + data.count(b"{") > nesting


def _second_look(data: bytes | str, error: orjson.JSONDecodeError, what: str) -> Json:
    """What is no JSON strictly, but is sent as such: with lone surrogates, or behind a byte order mark."""
    encoded = (clean_text(data).encode() if isinstance(data, str) else data).removeprefix(_BOM)
    message = str(error)
    if message.startswith("depth limit"):
        raise LimitError(_too_deep(what, DEEPEST)) from None
    try:
        return orjson.loads(_ESCAPES.sub(_replaced, encoded))
    except orjson.JSONDecodeError as second:
        message = str(second)
    if message.startswith("failed to allocate"):  # what the parser says of arrays that are never closed
        message = "it ends too early"
    raise MalformedError(f"{what} is not JSON: {clean_text(message)}; send one JSON value in UTF-8.") from None


def _too_deep(what: str, nesting: int) -> str:
    return f"{what} is nested more than {nesting} levels deep; send it flatter (max_nesting sets the limit)."


def _replaced(match: re.Match[bytes]) -> bytes:
    return b"\\ufffd" if match[1] is not None else match[0]


def _integer(digits: str | int) -> int | float | None:
    number = int(digits)
    if -(1 << 63) <= number < 1 << 64:
        return number
    return _number(str(number)) if number.bit_length() < 2048 else None


def _number(text: str) -> float | None:
    number = float(text)
    return number if math.isfinite(number) else None
