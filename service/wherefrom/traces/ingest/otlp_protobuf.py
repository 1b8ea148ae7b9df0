"""Spans and log records of OTLP in protobuf."""

from __future__ import annotations

import base64
import math
from collections.abc import Callable, Iterator
from typing import Any

from google.protobuf.message import DecodeError  # type: ignore[import-untyped]
from opentelemetry.proto.collector.logs.v1.logs_service_pb2 import ExportLogsServiceRequest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

from wherefrom.errors import MalformedError
from wherefrom.traces.ingest.limits import IngestLimits
from wherefrom.traces.ingest.otel_spans import (
    LATEST_NS,
    OtelSpan,
    RefusedSpanError,
    Source,
    is_too_long,
    read_each,
    time_ns,
    too_deep,
    too_long,
    too_many,
)
from wherefrom.traces.ingest.wire import check_request
from wherefrom.traces.model import Event, Json, Link

_PATH = (1, 2, 2)  # groups of a resource, of a scope, and then spans or log records


def decoded_spans(body: bytes, limits: IngestLimits) -> Iterator[OtelSpan | RefusedSpanError]:
    """Each span of an export request, or why it cannot be used.

    Raises:
        MalformedError, LimitError: the bytes are no export request, or too large a one; raised before the first span.
    """
    request = ExportTraceServiceRequest()
    _parse(request, body, limits)
    return _spans(request, limits)


def decoded_records(body: bytes, limits: IngestLimits) -> Iterator[OtelSpan | RefusedSpanError]:
    """Each log record that names a span, as what it says about that span; its event's name and body as attributes.

    Raises:
        MalformedError, LimitError: the bytes are no export request, or too large a one; raised before the first record.
    """
    request = ExportLogsServiceRequest()
    _parse(request, body, limits)
    return _records(request, limits)


def _parse(request: Any, body: bytes, limits: IngestLimits) -> None:
    name = request.DESCRIPTOR.name
    check_request(body, _PATH, request.DESCRIPTOR, limits)
    try:
        request.ParseFromString(body)
    except (DecodeError, RecursionError) as error:
        raise MalformedError(f"The body is not a protobuf {name}: it is truncated, damaged or too deep.") from error


def _spans(request: Any, limits: IngestLimits) -> Iterator[OtelSpan | RefusedSpanError]:
    for group in request.resource_spans:
        for scoped in group.scope_spans:
            yield from _read(group.resource, scoped.scope, scoped.spans, limits, _span)


def _records(request: Any, limits: IngestLimits) -> Iterator[OtelSpan | RefusedSpanError]:
    for group in request.resource_logs:
        for scoped in group.scope_logs:
            named = [record for record in scoped.log_records if record.trace_id and record.span_id]
            yield from _read(group.resource, scoped.scope, named, limits, _record)


def _read(
    resource: Any, scope: Any, items: Any, limits: IngestLimits, read: Callable[[Any, Source, IngestLimits], OtelSpan]
) -> Iterator[OtelSpan | RefusedSpanError]:
    def source() -> Source:
        return Source(_attributes(resource.attributes, limits), scope.name, scope.version)

    return read_each(source, items, read, limits)


def _span(span: Any, source: Source, limits: IngestLimits) -> OtelSpan:
    events, links = span.events, span.links
    if len(events) > limits.max_attributes or len(links) > limits.max_attributes:
        raise too_many("events or links", limits)
    return OtelSpan(
        trace_id=_id(span.trace_id, 16, "trace_id"),
        span_id=_id(span.span_id, 8, "span_id"),
        parent_id=_parent(span.parent_span_id),
        source=source,
        name=span.name,
        span_kind=span.kind,
        status_code=span.status.code,
        status_message=span.status.message,
        start_ns=time_ns(span.start_time_unix_nano, "start_time_unix_nano"),
        end_ns=time_ns(span.end_time_unix_nano, "end_time_unix_nano"),
        attributes=_attributes(span.attributes, limits),
        events=tuple(
            Event(event.name, min(event.time_unix_nano, LATEST_NS), _attributes(event.attributes, limits))
            for event in events
        ),
        links=tuple(
            Link(link.trace_id.hex(), link.span_id.hex(), _attributes(link.attributes, limits)) for link in links
        ),
        trace_state=span.trace_state,
    )


def _record(record: Any, source: Source, limits: IngestLimits) -> OtelSpan:
    attributes = _attributes(record.attributes, limits)
    body = _value(record.body, limits, 1)
    if body is not None:
        attributes.setdefault("body", body)
    return OtelSpan(
        trace_id=_id(record.trace_id, 16, "trace_id"),
        span_id=_id(record.span_id, 8, "span_id"),
        source=source,
        name=record.event_name or None,
        start_ns=time_ns(record.time_unix_nano or record.observed_time_unix_nano, "time_unix_nano"),
        attributes=attributes,
    )


def _id(value: bytes, length: int, name: str) -> str:
    if len(value) != length or not any(value):
        raise RefusedSpanError(f"A span's {name} has {len(value)} bytes, or zeros only; it must have {length}.")
    return value.hex()


def _parent(value: bytes) -> str:
    if len(value) not in (0, 8):
        raise RefusedSpanError(f"A span's parent_span_id has {len(value)} bytes; it must have 8, or none.")
    return value.hex() if any(value) else ""


def _attributes(pairs: Any, limits: IngestLimits) -> dict[str, Json]:
    if len(pairs) > limits.max_attributes:
        raise too_many("attributes", limits)
    found: dict[str, Json] = {}
    for pair in pairs:
        value = pair.value
        kind = value.WhichOneof("value")
        if kind == "string_value":
            text = value.string_value
            if is_too_long(text, limits):
                raise too_long(pair.key, limits)
            found[pair.key] = text
        elif kind == "int_value":
            found[pair.key] = value.int_value
        elif kind is not None:
            if value.ByteSize() > limits.max_attribute_bytes:
                raise too_long(pair.key, limits)
            plain = _value(value, limits, 1)
            if plain is not None:
                found[pair.key] = plain
    return found


def _value(value: Any, limits: IngestLimits, level: int) -> Json:
    kind = value.WhichOneof("value")
    if kind in ("string_value", "int_value", "bool_value"):
        return getattr(value, kind)
    if kind == "double_value":
        return value.double_value if math.isfinite(value.double_value) else None
    if kind == "bytes_value":
        return base64.b64encode(value.bytes_value).decode()
    if level > limits.max_nesting:
        raise too_deep(limits)
    if kind == "array_value":
        return [_value(item, limits, level + 1) for item in value.array_value.values]
    if kind == "kvlist_value":
        return {pair.key: _value(pair.value, limits, level + 1) for pair in value.kvlist_value.values}
    return None
