"""JSON of results, made where they are found, so that the process that answers clients passes bytes on."""

from __future__ import annotations

import json
from typing import Any

import orjson

from wherefrom.provenance import Provenance
from wherefrom_indexer.tokenization import clean_text


def provenance_json(provenance: Provenance) -> bytes:
    """The JSON form of a provenance, as UTF-8."""
    return to_json(provenance.to_dict())


def to_json(value: Any) -> bytes:
    """A value as JSON in UTF-8; lone surrogates, which UTF-8 cannot carry, become U+FFFD."""
    try:
        return orjson.dumps(value)
    except TypeError:  # a surrogate, or a number beyond 64 bits, in the metadata of some document
        return json.dumps(_clean(value), ensure_ascii=False, separators=(",", ":")).encode("utf-8")


def _clean(value: Any) -> Any:
    if isinstance(value, str):
        return clean_text(value)
    if isinstance(value, dict):
        return {clean_text(str(key)): _clean(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_clean(item) for item in value]
    return value
