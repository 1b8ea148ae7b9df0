"""Traces as OTLP JSON: the spans as they came, as far as OpenTelemetry has words for them, and their provenance."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import orjson
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.common.v1.common_pb2 import InstrumentationScope
from opentelemetry.proto.resource.v1.resource_pb2 import Resource
from opentelemetry.proto.trace.v1.trace_pb2 import ResourceSpans, ScopeSpans, Span, Status

from wherefrom.pool.jobs import TRACER_VERSION
from wherefrom.traces.export.attributes import id_bytes, key_values, request_json
from wherefrom.traces.export.provenance_span import provenance_span
from wherefrom.traces.export.stored import StoredSpan, StoredTrace
from wherefrom.traces.model import Json, Kind, Message, Part, PartType
from wherefrom.traces.payload import to_json

_OPERATIONS = {Kind.LLM: "chat", Kind.EMBEDDING: "embeddings", Kind.TOOL: "execute_tool", Kind.AGENT: "invoke_agent"}
_STATUS = {"ok": Status.STATUS_CODE_OK, "error": Status.STATUS_CODE_ERROR, "unset": Status.STATUS_CODE_UNSET}
_MOST = (1 << 64) - 1


def otlp_lines(found: Iterable[StoredTrace]) -> Iterator[bytes]:
    """Yield each trace as an ExportTraceServiceRequest in JSON, on a line of its own."""
    for trace in found:
        yield request_json(trace_request(trace)) + b"\n"


def trace_request(trace: StoredTrace) -> ExportTraceServiceRequest:
    """Return what an exporter would have sent of a trace, with a span of provenance for each generation."""
    spans: list[Span] = []
    for span in trace.spans:
        spans.append(_span(span))
        provenance = provenance_span(span)
        if provenance is not None:
            spans.append(provenance)
    project = trace.item["project"]
    resource = Resource(attributes=key_values({"service.name": project, "wherefrom.project": project}))
    scope = InstrumentationScope(name="wherefrom", version=TRACER_VERSION)
    scopes = [ScopeSpans(scope=scope, spans=spans)]
    return ExportTraceServiceRequest(resource_spans=[ResourceSpans(resource=resource, scope_spans=scopes)])


def _span(span: StoredSpan) -> Span:
    row, payload = span.row, span.payload
    start_ns = row.received_ns if row.start_ns is None else row.start_ns
    end_ns = start_ns if row.end_ns is None else row.end_ns
    return Span(
        trace_id=id_bytes(row.trace_id, 16),
        span_id=id_bytes(row.span_id, 8),
        parent_span_id=id_bytes(row.parent_id, 8) if row.parent_id else b"",
        name=row.name or "",
        kind=Span.SPAN_KIND_INTERNAL,
        start_time_unix_nano=_time(start_ns),
        end_time_unix_nano=_time(end_ns),
        attributes=key_values({**_told(span), **payload.attributes}),
        events=[
            Span.Event(name=event.name, time_unix_nano=_time(event.time_ns), attributes=key_values(event.attributes))
            for event in payload.events or ()
        ],
        links=[
            Span.Link(
                trace_id=id_bytes(link.trace_id, 16),
                span_id=id_bytes(link.span_id, 8),
                attributes=key_values(link.attributes),
            )
            for link in payload.links or ()
        ],
        status=Status(code=_STATUS[row.status], message=row.status_message or ""),
    )


def _time(ns: int) -> int:
    return min(max(ns, 0), _MOST)


def _told(span: StoredSpan) -> Mapping[str, Json]:
    """Returns what the columns say, in the words of OpenTelemetry and of OpenInference; None where they say nothing."""
    row, payload = span.row, span.payload
    is_model = row.kind in (Kind.LLM, Kind.EMBEDDING)
    finish = payload.finish_reasons
    return {
        "openinference.span.kind": None if row.kind == Kind.OTHER else row.kind.upper(),
        "gen_ai.operation.name": _OPERATIONS.get(Kind(row.kind)),
        "gen_ai.provider.name": row.provider,
        "gen_ai.response.model": row.model if is_model else None,
        "gen_ai.response.finish_reasons": list(finish) if finish else None,
        "gen_ai.usage.input_tokens": row.input_tokens,
        "gen_ai.usage.output_tokens": row.output_tokens,
        "gen_ai.usage.cache_read.input_tokens": row.cache_read_tokens,
        "gen_ai.usage.cache_creation.input_tokens": row.cache_write_tokens,
        "gen_ai.input.messages": _messages(payload.input_messages),
        "gen_ai.output.messages": _messages(payload.output_messages),
        "input.value": _value(payload.input),
        "input.mime_type": _mime_type(payload.input),
        "output.value": _value(payload.output),
        "output.mime_type": _mime_type(payload.output),
        "session.id": row.session_id,
        "user.id": row.user_id,
        "metadata": to_json(payload.metadata).decode() if payload.metadata else None,
        "tag.tags": list(payload.tags) if payload.tags else None,
        # Where the ids of the source are longer than OpenTelemetry's.
        "wherefrom.trace_id": row.trace_id if len(row.trace_id) != 32 else None,
        "wherefrom.span_id": row.span_id if len(row.span_id) != 16 else None,
        "wherefrom.cost": row.cost,
    }


def _value(value: Json) -> str | None:
    return value if value is None or isinstance(value, str) else to_json(value).decode()


def _mime_type(value: Json) -> str | None:
    if value is None:
        return None
    return "text/plain" if isinstance(value, str) else "application/json"


def _messages(messages: tuple[Message, ...] | None) -> str | None:
    if messages is None:
        return None
    listed = [
        {
            "role": message.role,
            "parts": [_part(part) for part in message.parts],
            **({} if message.name is None else {"name": message.name}),
            **({} if message.finish_reason is None else {"finish_reason": message.finish_reason}),
        }
        for message in messages
    ]
    return orjson.dumps(listed, default=str).decode()


def _part(part: Part) -> dict[str, Any]:
    if part.type in (PartType.TEXT, PartType.REASONING, PartType.REFUSAL):
        return {"type": str(part.type), "content": part.text}
    if part.type == PartType.TOOL_CALL:
        return {"type": "tool_call", "id": part.id, "name": part.name, "arguments": part.arguments}
    if part.type == PartType.TOOL_RESULT:
        return {"type": "tool_call_response", "id": part.id, "response": part.data if part.text is None else part.text}
    if isinstance(part.data, dict):
        return {"type": str(part.type), **part.data}
    return {"type": str(part.type), "content": part.data if part.text is None else part.text}
