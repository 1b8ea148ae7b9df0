"""Datadog's LLM Observability: spans as its clients send them to the intake, or as they ride on traces of the agent.

A span comes once, when it has ended. Its application (`ml_app`) is the project.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

import orjson

from wherefrom.errors import LimitError, MalformedError, RequestError
from wherefrom.traces.ingest.collecting import MAX_TEXT, Collected, Request, aliases, items_of, number, objects, text
from wherefrom.traces.ingest.dollars import dollars
from wherefrom.traces.ingest.json_values import embedded_json
from wherefrom.traces.ingest.limits import IngestLimits
from wherefrom.traces.ingest.messages import finish_reasons, messages
from wherefrom.traces.ingest.msgpack import parse_msgpack
from wherefrom.traces.ingest.python_json import parse_python_json
from wherefrom.traces.ingest.token_usage import usage_of
from wherefrom.traces.model import Event, IngestBatch, Json, Kind, Link, Protocol, SpanUpdate, Status

_KINDS = {
    "llm": Kind.LLM,
    "embedding": Kind.EMBEDDING,
    "retrieval": Kind.RETRIEVER,
    "tool": Kind.TOOL,
    "agent": Kind.AGENT,
    "workflow": Kind.CHAIN,
    "task": Kind.CHAIN,
    "step": Kind.CHAIN,
    "guardrail": Kind.GUARDRAIL,
}
_STRUCT = "_llmobs"
_NO_PARENT = ("", "0", "undefined", 0, None)
# Tags that the tracer adds: told among the attributes, where those of the application are tags.
_OF_TRACER = frozenset({"ddtrace.version", "ddtrace_version", "env", "service", "version", "source", "language"}) | {
    "error",
    "error_type",
    "decorator",
    "agent_service",
    "integration",
    "runtime-id",
}
_USER = ("usr.id", "usr_id", "user_id")
_HEX = re.compile(r"[0-9a-fA-F]{32}")
_SPAN_HEX = re.compile(r"[0-9a-fA-F]{16}")
_UUID = re.compile(r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")
_LATEST_NS = (1 << 63) - 1


def read_spans(request: Request) -> Collected:
    """What `POST /api/v2/llmobs` says: `[{"event_type": "span", "spans": [...]}, ...]`, or one such object.

    Raises:
        MalformedError: not JSON of this form.
        LimitError: more spans than are accepted.
    """
    value = parse_python_json(request.body, nesting=request.limits.max_nesting)
    groups = [value] if isinstance(value, dict) else items_of(value, "The body")
    collected = Collected(request)
    return collected.take(_each(groups), lambda item: collected.spans.append(_span(item, request)))


def read_agent_traces(request: Request) -> IngestBatch:
    """What `POST /v0.4/traces` says of the agent's spans that hold one of LLM Observability; others are left out.

    Raises:
        MalformedError: not traces in MessagePack.
        LimitError: more spans than are accepted, or larger ones.
    """
    value = parse_msgpack(request.body, nesting=request.limits.max_nesting)
    if not isinstance(value, list) or not all(isinstance(trace, list) for trace in value):
        raise MalformedError("The body holds no array of traces.")
    collected = Collected(request)
    held = (span for trace in value for span in trace if isinstance(span, dict) and _struct(span) is not None)
    collected.take(held, lambda item: collected.spans.append(_span(_of_agent(item, request.limits), request)))
    batch = collected.batch()
    if batch.raw is None or not (batch.spans or batch.rejected):
        return replace(batch, raw=None)
    return replace(batch, raw=replace(batch.raw, content_type="application/msgpack"))


def _each(groups: list[Json]) -> Iterator[Json]:
    """The spans of all groups; of what is no group the thing itself, which is then refused."""
    for group in groups:
        found = objects(group).get("spans")
        if isinstance(found, list):
            yield from found
        else:
            yield None


def _struct(span: Mapping[str, Any]) -> bytes | None:
    found = objects(span.get("meta_struct")).get(_STRUCT)
    return found if isinstance(found, bytes) else None


def _of_agent(span: Mapping[str, Any], limits: IngestLimits) -> dict[str, Json]:
    """A span of the agent's traces, as the intake would get it."""
    try:
        held = parse_msgpack(_struct(span) or b"", nesting=limits.max_nesting, what="the span")
    except (LimitError, MalformedError) as error:
        raise RequestError(str(error)) from error
    said = {"name": span.get("name"), **_plain(held)} if isinstance(held, dict) else {}
    return said | {
        "span_id": span.get("span_id"),
        "start_ns": span.get("start"),
        "duration": span.get("duration"),
        "status": "error" if span.get("error") else "ok",
        "apm_trace_id": span.get("trace_id"),
    }


def _plain(value: Any) -> Any:
    """The same value with text for bytes."""
    if isinstance(value, bytes):
        return value.decode("utf-8", "replace")
    if isinstance(value, dict):
        return {key: _plain(item) for key, item in value.items()}
    return [_plain(item) for item in value] if isinstance(value, list) else value


def _span(fields: Mapping[str, Json], request: Request) -> SpanUpdate:
    limits = request.limits
    meta, metrics = objects(fields.get("meta")), objects(fields.get("metrics"))
    tags = _tags(fields.get("tags"))
    _check(fields, meta, tags, request)
    kind = _kind(objects(meta.get("span")).get("kind") or meta.get("span.kind"))
    start_ns, end_ns = _times(fields)
    asked, answered = objects(meta.get("input")), objects(meta.get("output"))
    is_generation = kind is Kind.LLM
    outputs = _messages(answered, "assistant") if is_generation else None
    span_id = span_hex(fields.get("span_id"), "span_id")
    parent = fields.get("parent_id")
    status, message, events = _failure(fields, meta, end_ns)
    return SpanUpdate(
        trace_id=trace_hex(fields.get("trace_id"), "trace_id"),
        span_id=span_id,
        protocol=Protocol.DATADOG,
        project=text(tags.get("ml_app")) or text(fields.get("ml_app")),
        parent_id="" if parent in _NO_PARENT else span_hex(parent, "parent_id"),
        name=text(fields.get("name")),
        kind=kind,
        status=status,
        status_message=message,
        start_ns=start_ns,
        end_ns=end_ns,
        first_token_ns=_first_token(metrics, start_ns),
        model=_known(meta.get("model_name")),
        provider=_known(meta.get("model_provider")),
        session_id=text(fields.get("session_id")) or text(tags.get("session_id")),
        user_id=next((name for key in _USER if (name := text(tags.get(key)))), None),
        usage=usage_of(
            input_tokens=metrics.get("input_tokens"),
            output_tokens=metrics.get("output_tokens"),
            total_tokens=metrics.get("total_tokens"),
            cache_read_tokens=metrics.get("cache_read_input_tokens"),
            cache_write_tokens=metrics.get("cache_write_input_tokens"),
            reasoning_tokens=metrics.get("reasoning_output_tokens"),
        ),
        cost=_cost(metrics),
        input=_content(asked, limits),
        output=_content(answered, limits),
        input_messages=_messages(asked, "user") if is_generation else None,
        output_messages=outputs,
        finish_reasons=finish_reasons(outputs) if outputs else None,
        attributes=dict(_attributes(fields, meta, metrics, tags)),
        metadata=dict(objects(meta.get("metadata"))),
        tags=tuple(_own(tags)) or None,
        events=events,
        links=tuple(_links(fields.get("span_links"))) or None,
        aliases=aliases(str(int(span_id, 16)), str(fields.get("span_id"))),
    )


def span_hex(value: Json, what: str) -> str:
    """The id of a span, which is a number of 64 bits written in decimals, as hex.

    Raises:
        RequestError: it is none.
    """
    if isinstance(value, str) and _SPAN_HEX.fullmatch(value) and not value.isdigit():
        return value.lower()
    return f"{_decimal(value, what, 64):016x}"


def trace_hex(value: Json, what: str) -> str:
    """The id of a trace as hex: that of a number of 128 bits, in hex or, if it is no 32 digits, in decimals.

    Raises:
        RequestError: it is none.
    """
    if isinstance(value, str) and (_HEX.fullmatch(value) or _UUID.fullmatch(value)):
        return value.replace("-", "").lower()
    return f"{_decimal(value, what, 128):032x}"


def _decimal(value: Json, what: str, bits: int) -> int:
    found = 0
    if isinstance(value, str) and value.isascii() and value.isdigit() and len(value) < 40:
        found = int(value)
    elif isinstance(value, int) and not isinstance(value, bool):
        found = value
    if not 0 < found < 1 << bits:
        raise RequestError(f"{what} is {str(value)[:100]!r}, which is no id")
    return found


def _check(fields: Mapping[str, Json], meta: Mapping[str, Any], tags: Mapping[str, str], request: Request) -> None:
    limits = request.limits
    for found in (fields, meta, tags, objects(meta.get("metadata")), objects(fields.get("metrics"))):
        if len(found) > limits.max_attributes:
            raise RequestError(
                f"a span has more than {limits.max_attributes} fields, tags or metadata (max_attributes)"
            )
    if len(request.body) > limits.max_attribute_bytes:
        for name, value in meta.items():
            if len(orjson.dumps(value)) > limits.max_attribute_bytes:
                most = limits.max_attribute_bytes
                raise RequestError(f"{name[:100]!r} of a span has more than {most} bytes (max_attribute_bytes)")


def _kind(said: Json) -> Kind | None:
    return _KINDS.get(said, Kind.OTHER) if isinstance(said, str) and said else None


def _known(value: Json) -> str | None:
    """A model or provider; the client says `unknown` of those that it does not know."""
    found = text(value)
    return None if found in ("unknown", "custom", "") else found


def _times(fields: Mapping[str, Json]) -> tuple[int | None, int | None]:
    start, lasted = fields.get("start_ns"), fields.get("duration")
    if not isinstance(start, int) or isinstance(start, bool) or not 0 < start <= _LATEST_NS:
        return None, None
    known = number(lasted)
    if known is None or not 0 <= known <= _LATEST_NS - start:
        return start, None
    return start, start + int(known)


def _first_token(metrics: Mapping[str, Any], start_ns: int | None) -> int | None:
    waited = number(metrics.get("time_to_first_token"))  # seconds
    if waited is None or start_ns is None or not 0 <= waited < 1e9:
        return None
    return start_ns + int(waited * 1e9)


def _cost(metrics: Mapping[str, Any]) -> float | None:
    total = dollars(metrics.get("total_cost"))
    if total is not None:
        return total
    parts = [part for name in ("input_cost", "output_cost") if (part := dollars(metrics.get(name))) is not None]
    return sum(parts) if parts else None


def _failure(
    fields: Mapping[str, Json], meta: Mapping[str, Any], end_ns: int | None
) -> tuple[Status | None, str | None, tuple[Event, ...] | None]:
    """How it ended, the sentence about it, and the event that holds where it failed."""
    said = objects(meta.get("error"))
    kind = text(said.get("type")) or text(meta.get("error.type"))
    message = text(said.get("message"), MAX_TEXT) or text(meta.get("error.message"), MAX_TEXT)
    if fields.get("status") != "error" and not (kind or message):
        return (Status.OK if end_ns is not None else None), None, None
    stack = said.get("stack") or meta.get("error.stack")
    told = {"exception.type": kind, "exception.message": message, "exception.stacktrace": stack}
    kept = {name: value for name, value in told.items() if value}
    sentence = ": ".join(part for part in (kind, message) if part) or text(fields.get("status_message"), MAX_TEXT)
    return Status.ERROR, sentence, (Event("exception", end_ns or 0, kept),) if kept else None


def _content(said: Mapping[str, Any], limits: IngestLimits) -> Json:
    for name in ("messages", "documents"):
        if said.get(name):
            return said[name]
    value = said.get("value")
    return embedded_json(value, limits) if isinstance(value, str) else value


def _messages(said: Mapping[str, Any], role: str) -> Any:
    listed = said.get("messages")
    if isinstance(listed, list):
        return messages([_message(item, role) for item in listed], role) or None
    return messages(said.get("value"), role) or None


def _message(item: Json, role: str) -> Json:
    """A message, with calls of tools and their results as other clients write them."""
    if not isinstance(item, dict):
        return item
    told = {"role": item.get("role") or role, "content": item.get("content")}
    calls, results = item.get("tool_calls"), item.get("tool_results")
    if isinstance(calls, list) and calls:
        told["tool_calls"] = [
            {"id": call.get("tool_id"), "type": "function", "function": call}
            for call in calls
            if isinstance(call, dict)
        ]
    if isinstance(results, list) and len(results) == 1 and isinstance(results[0], dict):
        told |= {"role": "tool", "content": results[0].get("result"), "tool_call_id": results[0].get("tool_id")}
    if call_id := item.get("tool_id") or item.get("tool_call_id"):
        told["tool_call_id"] = call_id
    return told


def _tags(said: Json) -> dict[str, str]:
    """Tags by name; the intake gets them as `name:value`."""
    if isinstance(said, dict):
        return {name: str(value) for name, value in said.items()}
    pairs = (item.partition(":") for item in said if isinstance(item, str)) if isinstance(said, list) else ()
    return {name: value for name, _, value in pairs}


def _own(tags: Mapping[str, str]) -> Iterator[str]:
    """The application's tags, as it wrote them."""
    for name, value in tags.items():
        if name not in _OF_TRACER and name not in ("ml_app", "session_id", *_USER):
            yield f"{name}:{value}" if value else name


def _attributes(
    fields: Mapping[str, Json], meta: Mapping[str, Any], metrics: Mapping[str, Any], tags: Mapping[str, str]
) -> Iterator[tuple[str, Json]]:
    """What no field of a span holds."""
    for name in sorted(_OF_TRACER & tags.keys()):
        if tags[name]:
            yield f"datadog.{name}", tags[name]
    for name, value in metrics.items():
        yield f"datadog.metrics.{name}", value
    for name, value in meta.items():
        if name not in ("input", "output", "metadata", "span", "span.kind", "model_name", "model_provider", "error"):
            yield f"datadog.{name}", value
    for side in ("input", "output"):
        for name, value in objects(meta.get(side)).items():
            if name not in ("value", "messages", "documents"):
                yield f"datadog.{side}.{name}", value
    apm = fields.get("apm_trace_id") or objects(fields.get("_dd")).get("apm_trace_id")
    if apm:
        yield "datadog.apm_trace_id", str(apm)
    for name in ("collection_errors", "config"):
        if fields.get(name):
            yield f"datadog.{name}", fields[name]


def _links(said: Json) -> Iterator[Link]:
    for item in said if isinstance(said, list) else ():
        link = objects(item)
        try:
            trace_id, span_id = trace_hex(link.get("trace_id"), "a link"), span_hex(link.get("span_id"), "a link")
        except RequestError:
            continue  # links also lead out of the application, to spans of no id
        yield Link(trace_id, span_id, dict(objects(link.get("attributes"))))
