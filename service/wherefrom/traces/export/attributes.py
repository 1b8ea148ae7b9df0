"""OpenTelemetry's values and identifiers, from ours."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterable, Mapping
from typing import Any

import orjson
from google.protobuf.json_format import MessageToDict  # type: ignore[import-untyped, unused-ignore]
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.common.v1.common_pb2 import AnyValue, ArrayValue, KeyValue, KeyValueList

from wherefrom.traces.model import Json
from wherefrom_indexer.tokenization import clean_text

_HEX = frozenset("0123456789abcdef")
_LEAST, _MOST = -(1 << 63), (1 << 63) - 1
_IDS = ("traceId", "spanId", "parentSpanId")


def id_bytes(name: str, length: int) -> bytes:
    """Return an id of `length` bytes: the name itself, where it is one in hex, else of its hash.

    LangSmith's span ids are UUIDs of 16 bytes, of which time makes the first ones alike.
    """
    if len(name) == 2 * length and _HEX.issuperset(name):
        return bytes.fromhex(name)
    return hashlib.sha256(name.encode("utf-8", "replace")).digest()[:length]


def key_values(attributes: Mapping[str, Json]) -> list[KeyValue]:
    """Return attributes; those that are null are left out."""
    return [
        KeyValue(key=clean_text(name), value=any_value(value))
        for name, value in attributes.items()
        if value is not None
    ]


def any_value(value: Json) -> AnyValue:
    """Return a JSON value; null is an empty one, integers beyond 64 bits are text."""
    if isinstance(value, str):
        return AnyValue(string_value=clean_text(value))
    if isinstance(value, bool):
        return AnyValue(bool_value=value)
    if isinstance(value, int):
        return AnyValue(int_value=value) if _LEAST <= value <= _MOST else AnyValue(string_value=str(value))
    if isinstance(value, float):
        return AnyValue(double_value=value)
    if isinstance(value, Mapping):
        inner = (KeyValue(key=clean_text(str(name)), value=any_value(each)) for name, each in value.items())
        return AnyValue(kvlist_value=KeyValueList(values=inner))
    if isinstance(value, Iterable):
        return AnyValue(array_value=ArrayValue(values=(any_value(each) for each in value)))
    return AnyValue()


def request_json(request: ExportTraceServiceRequest) -> bytes:
    """Return a request in OTLP's JSON, which is protobuf's but for ids, which are hex, and enums, which are numbers."""
    found = MessageToDict(request, use_integers_for_enums=True)
    for resource in found.get("resourceSpans", ()):
        for scope in resource.get("scopeSpans", ()):
            for span in scope.get("spans", ()):
                _in_hex(span)
                for link in span.get("links", ()):
                    _in_hex(link)
    return orjson.dumps(found)


def _in_hex(value: dict[str, Any]) -> None:
    for name in _IDS:
        if name in value:
            value[name] = base64.b64decode(value[name]).hex()
