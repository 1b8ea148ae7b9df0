"""Values as metadata keep them: what JSON knows stays as it is, everything else becomes a string."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from datetime import date, time

import numpy as np

from wherefrom_indexer.tokenization import clean_text


def json_value(value: object) -> object:
    """Return a value that JSON can write and that says the same.

    Dates and times become ISO 8601, bytes their UTF-8 text or else hexadecimal, numbers that JSON lacks (NaN) their
    name, everything unknown its `str`.
    """
    if isinstance(value, str):
        return clean_text(value)
    if value is None or isinstance(value, int):
        return value
    if isinstance(value, float):
        return value if math.isfinite(value) else str(value)
    if isinstance(value, Mapping):
        return {clean_text(str(key)): json_value(inner) for key, inner in value.items()}
    if isinstance(value, np.generic | np.ndarray):
        return json_value(value.tolist())
    if isinstance(value, date | time):
        return value.isoformat()
    if isinstance(value, bytes | bytearray | memoryview):
        return _bytes_value(bytes(value))
    if isinstance(value, Iterable):
        return [json_value(inner) for inner in value]
    return clean_text(str(value))


def count_lone_surrogates(text: str) -> int:
    """Return how many code points of a text UTF-8 cannot write."""
    return sum("\ud800" <= character <= "\udfff" for character in text)


def shorten(text: str, characters: int = 200) -> str:
    """Return a text for a message: one line, not longer than told."""
    line = " ".join(text.split())
    return line if len(line) <= characters else line[: characters - 1] + "…"


def _bytes_value(value: bytes) -> str:
    try:
        return value.decode("utf-8")
    except UnicodeDecodeError:
        return value.hex()
