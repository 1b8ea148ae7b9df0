"""OTLP export requests for tests: plain descriptions of spans, written in protobuf and in JSON by hand."""

from __future__ import annotations

import json
from typing import Any

from opentelemetry.proto.collector.logs.v1.logs_service_pb2 import ExportLogsServiceRequest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

TRACE = "4bf92f3577b34da6a3ce929d0e0e4736"
SPAN = "00f067aa0ba902b7"
START = 1_700_000_000_000_000_000


def span(attributes: dict[str, Any] | None = None, **fields: Any) -> dict[str, Any]:
    """A span of a second, unless `fields` say otherwise; events are (name, time, attributes)."""
    found = {"trace_id": TRACE, "span_id": SPAN, "parent_id": "", "name": "chat", "kind": 3, "code": 0, "message": ""}
    found |= {"start": START, "end": START + 10**9, "attributes": attributes or {}, "events": [], "links": []}
    return found | fields


def protobuf(*spans: dict[str, Any], resource: dict[str, Any] | None = None) -> bytes:
    """An ExportTraceServiceRequest."""
    request = ExportTraceServiceRequest()
    group = request.resource_spans.add()
    _put(group.resource.attributes, resource or {})
    scoped = group.scope_spans.add()
    scoped.scope.name = "tests"
    for each in spans:
        made = scoped.spans.add(
            trace_id=bytes.fromhex(each["trace_id"]),
            span_id=bytes.fromhex(each["span_id"]),
            parent_span_id=bytes.fromhex(each["parent_id"]),
            name=each["name"],
            kind=each["kind"],
            start_time_unix_nano=each["start"],
            end_time_unix_nano=each["end"],
        )
        made.status.code = each["code"]
        made.status.message = each["message"]
        _put(made.attributes, each["attributes"])
        for name, time, attributes in each["events"]:
            _put(made.events.add(name=name, time_unix_nano=time).attributes, attributes)
        for trace_id, span_id, attributes in each["links"]:
            link = made.links.add(trace_id=bytes.fromhex(trace_id), span_id=bytes.fromhex(span_id))
            _put(link.attributes, attributes)
    return bytes(request.SerializeToString())


def in_json(*spans: dict[str, Any], resource: dict[str, Any] | None = None) -> bytes:
    """The same in JSON, as the protocol wants it."""
    made = [
        {
            "traceId": each["trace_id"],
            "spanId": each["span_id"],
            "parentSpanId": each["parent_id"],
            "name": each["name"],
            "kind": each["kind"],
            "startTimeUnixNano": str(each["start"]),
            "endTimeUnixNano": str(each["end"]),
            "status": {"code": each["code"], "message": each["message"]},
            "attributes": _pairs(each["attributes"]),
            "events": [
                {"name": name, "timeUnixNano": str(time), "attributes": _pairs(attributes)}
                for name, time, attributes in each["events"]
            ],
            "links": [
                {"traceId": trace_id, "spanId": span_id, "attributes": _pairs(attributes)}
                for trace_id, span_id, attributes in each["links"]
            ],
        }
        for each in spans
    ]
    scoped = {"scope": {"name": "tests"}, "spans": made}
    group = {"resource": {"attributes": _pairs(resource or {})}, "scopeSpans": [scoped]}
    return json.dumps({"resourceSpans": [group]}).encode()


def log_protobuf(*records: tuple[str, dict[str, Any], Any]) -> bytes:
    """An ExportLogsServiceRequest of records of one span: (event's name, attributes, body)."""
    request = ExportLogsServiceRequest()
    scoped = request.resource_logs.add().scope_logs.add()
    for name, attributes, body in records:
        record = scoped.log_records.add(
            trace_id=bytes.fromhex(TRACE), span_id=bytes.fromhex(SPAN), time_unix_nano=START, event_name=name
        )
        _put(record.attributes, attributes)
        if body is not None:
            _set(record.body, body)
    return bytes(request.SerializeToString())


def log_json(*records: tuple[str, dict[str, Any], Any]) -> bytes:
    """The same in JSON."""
    made = [
        {
            "traceId": TRACE,
            "spanId": SPAN,
            "timeUnixNano": str(START),
            "eventName": name,
            "attributes": _pairs(attributes),
            "body": None if body is None else _any(body),
        }
        for name, attributes, body in records
    ]
    return json.dumps({"resourceLogs": [{"scopeLogs": [{"logRecords": made}]}]}).encode()


def _put(pairs: Any, attributes: dict[str, Any]) -> None:
    for key, value in attributes.items():
        _set(pairs.add(key=key).value, value)


def _set(target: Any, value: Any) -> None:
    if isinstance(value, bool):
        target.bool_value = value
    elif isinstance(value, int):
        target.int_value = value
    elif isinstance(value, float):
        target.double_value = value
    elif isinstance(value, str):
        target.string_value = value
    elif isinstance(value, bytes):
        target.bytes_value = value
    elif isinstance(value, list):
        target.array_value.SetInParent()
        for item in value:
            _set(target.array_value.values.add(), item)
    elif isinstance(value, dict):
        target.kvlist_value.SetInParent()
        _put(target.kvlist_value.values, value)


def _pairs(attributes: dict[str, Any]) -> list[dict[str, Any]]:
    return [{"key": key, "value": _any(value)} for key, value in attributes.items()]


def _any(value: Any) -> dict[str, Any]:
    if isinstance(value, bool):
        return {"boolValue": value}
    if isinstance(value, int):
        return {"intValue": str(value)}
    if isinstance(value, float):
        return {"doubleValue": value}
    if isinstance(value, str):
        return {"stringValue": value}
    if isinstance(value, list):
        return {"arrayValue": {"values": [_any(item) for item in value]}}
    if isinstance(value, dict):
        return {"kvlistValue": {"values": _pairs(value)}}
    return {}
