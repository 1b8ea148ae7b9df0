"""What only the view of a single span reads: inputs, outputs, messages, attributes, as one compressed JSON object."""

from __future__ import annotations

import base64
import threading
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import orjson
import zstandard

from wherefrom.errors import LimitError
from wherefrom.traces.model import Event, Json, Link, Message, Part, PartType, TokenLogProbability
from wherefrom_indexer.tokenization import clean_text

_MAX_NESTING = 200  # the JSON writer ends at 254 levels, some of which are ours
_LARGEST_INTEGER = (1 << 64) - 1
_local = threading.local()  # compressors serve one thread each, and are dear to make


@dataclass(slots=True)
class SpanPayload:
    """The large part of a span; the names are those of `SpanUpdate`.

    Attributes:
        lower: precedence of what was said with less than the span's highest precedence, by field; keys of attributes
            and metadata as `attributes/KEY`. Only merging needs it.
    """

    input: Json = None
    output: Json = None
    input_messages: tuple[Message, ...] | None = None
    output_messages: tuple[Message, ...] | None = None
    finish_reasons: tuple[str, ...] | None = None
    log_probabilities: tuple[TokenLogProbability, ...] | None = None
    tags: tuple[str, ...] | None = None
    events: tuple[Event, ...] | None = None
    links: tuple[Link, ...] | None = None
    attributes: dict[str, Json] = field(default_factory=dict)
    metadata: dict[str, Json] = field(default_factory=dict)
    lower: dict[str, int] = field(default_factory=dict)


def pack(payload: SpanPayload) -> bytes:
    """Return a payload as it is stored. NaN and infinities become null, lone surrogates U+FFFD.

    Raises:
        LimitError: a value is nested too deeply to be written.
    """
    return _compressor().compress(to_json(payload))


def unpack(body: bytes) -> SpanPayload:
    """Return the payload that `pack` wrote."""
    found = unpack_json(body)
    return SpanPayload(
        input=found.get("input"),
        output=found.get("output"),
        input_messages=_messages(found.get("input_messages")),
        output_messages=_messages(found.get("output_messages")),
        finish_reasons=_tuple(found.get("finish_reasons")),
        log_probabilities=_log_probabilities(found.get("log_probabilities")),
        tags=_tuple(found.get("tags")),
        events=_each(Event, found.get("events")),
        links=_each(Link, found.get("links")),
        attributes=found.get("attributes") or {},
        metadata=found.get("metadata") or {},
        lower=found.get("lower") or {},
    )


def unpack_json(body: bytes) -> dict[str, Any]:
    """Return the payload that `pack` wrote as plain JSON values, for readers that hand it on."""
    found: dict[str, Any] = orjson.loads(_decompressor().decompress(body))
    return found


def to_json(value: Any) -> bytes:
    """Return JSON of anything that clients send, dataclasses of the model included.

    Raises:
        LimitError: a value is nested too deeply to be written.
    """
    try:
        return orjson.dumps(value, default=_plain)
    except orjson.JSONEncodeError:  # lone surrogates, integers beyond 64 bits, keys that are no text, or depth
        return orjson.dumps(_writable(value, 0), default=_plain)


def _compressor() -> zstandard.ZstdCompressor:
    found = getattr(_local, "compressor", None)
    if found is None:
        found = _local.compressor = zstandard.ZstdCompressor(level=3)
    return found


def _decompressor() -> zstandard.ZstdDecompressor:
    found = getattr(_local, "decompressor", None)
    if found is None:
        found = _local.decompressor = zstandard.ZstdDecompressor()
    return found


def _plain(value: Any) -> Any:
    """Return what the JSON writer knows for what it does not know."""
    if isinstance(value, Mapping):
        return dict(value)
    if isinstance(value, bytes | bytearray | memoryview):
        return base64.b64encode(bytes(value)).decode("ascii")
    return str(value)


def _writable(value: Any, depth: int) -> Any:
    if depth > _MAX_NESTING:
        raise LimitError(f"A value of a span is nested deeper than {_MAX_NESTING} levels; send it as text.")
    if isinstance(value, str):
        return clean_text(value)
    if isinstance(value, bool) or value is None:
        return value
    if isinstance(value, int):
        return value if -(1 << 63) <= value <= _LARGEST_INTEGER else str(value)
    if isinstance(value, Mapping):
        return {clean_text(str(key)): _writable(inner, depth + 1) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [_writable(inner, depth + 1) for inner in value]
    if hasattr(value, "__dataclass_fields__"):
        return {name: _writable(getattr(value, name), depth + 1) for name in value.__dataclass_fields__}
    return value


def _tuple(values: list[Any] | None) -> tuple[Any, ...] | None:
    return None if values is None else tuple(values)


def _each(cls: type[Any], values: list[dict[str, Any]] | None) -> tuple[Any, ...] | None:
    return None if values is None else tuple(cls(**value) for value in values)


def _messages(values: list[dict[str, Any]] | None) -> tuple[Message, ...] | None:
    if values is None:
        return None
    return tuple(
        Message(
            role=value["role"],
            parts=tuple(Part(**{**part, "type": PartType(part["type"])}) for part in value["parts"]),
            name=value.get("name"),
            finish_reason=value.get("finish_reason"),
        )
        for value in values
    )


def _log_probabilities(values: list[dict[str, Any]] | None) -> tuple[TokenLogProbability, ...] | None:
    if values is None:
        return None
    return tuple(
        TokenLogProbability(
            value["token"],
            float("-inf") if value["log_probability"] is None else value["log_probability"],
            tuple((token, float("-inf") if number is None else number) for token, number in value["top"]),
        )
        for value in values
    )
