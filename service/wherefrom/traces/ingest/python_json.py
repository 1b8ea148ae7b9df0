"""JSON as Python's clients write it: with NaN and infinities, which no JSON has."""

from __future__ import annotations

import json

from wherefrom.errors import LimitError, MalformedError
from wherefrom.traces.ingest.json_values import clean_value, depth, parse_json
from wherefrom.traces.model import Json


def parse_python_json(body: bytes, *, nesting: int, what: str = "The body") -> Json:
    """The value that a text holds, as `parse_json` reads it; NaN and infinities become None.

    Raises:
        MalformedError: not JSON.
        LimitError: deeper than `nesting`, or almost nothing but brackets and commas.
    """
    try:
        return parse_json(body, nesting=nesting, what=what)
    except MalformedError:
        if b"NaN" not in body and b"Infinity" not in body:
            raise
        try:
            value = json.loads(body, parse_constant=lambda name: None)
        except (ValueError, RecursionError):
            value = None
        if value is None:
            raise
    if depth(value, nesting) > nesting:
        raise LimitError(f"{what} is nested more than {nesting} levels deep; send it flatter (max_nesting).")
    return clean_value(value)


def parse_python_object(body: bytes, *, nesting: int) -> dict[str, Json]:
    """The object that a body holds, read by `parse_python_json`.

    Raises:
        MalformedError: not JSON, or no object.
        LimitError: as `parse_python_json`.
    """
    value = parse_python_json(body, nesting=nesting)
    if not isinstance(value, dict):
        raise MalformedError("The body is no JSON object; send one.")
    return value
