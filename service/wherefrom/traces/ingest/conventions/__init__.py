"""What spans mean: one module a convention, each `read(span, limits) -> Reading | None`.

A span may follow several. Where they differ the first of `_CONVENTIONS` is right: the one that says most of it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace

from wherefrom.traces.ingest.conventions import (
    genai,
    general,
    honeyhive,
    huggingface,
    langfuse,
    langsmith,
    mlflow,
    openinference,
    traceloop,
)
from wherefrom.traces.ingest.conventions.reading import Reading, together
from wherefrom.traces.ingest.limits import IngestLimits
from wherefrom.traces.ingest.messages import finish_reasons, messages
from wherefrom.traces.ingest.otel_spans import OtelSpan
from wherefrom.traces.model import Json, Kind, Message, Protocol, SpanUpdate, Status

_CONVENTIONS: tuple[Callable[[OtelSpan, IngestLimits], Reading | None], ...] = (
    langsmith.read,
    langfuse.read,
    honeyhive.read,
    mlflow.read,
    huggingface.read,
    openinference.read,
    genai.read,
    traceloop.read,
    general.read,
)
_SPAN_KINDS = {1: "internal", 2: "server", 3: "client", 4: "producer", 5: "consumer"}
_MAX_NAME = 512  # code points of ids and names that are keys of the store


def interpreted(span: OtelSpan, limits: IngestLimits, project: str | None = None) -> SpanUpdate:
    """What a span says, whatever conventions it follows; what none of them knows stays among its attributes.

    Args:
        project: whatever the span names.
    """
    found = together([reading for read in _CONVENTIONS if (reading := read(span, limits)) is not None])
    inputs, outputs = found.input_messages, found.output_messages
    if found.kind is Kind.LLM:
        inputs = inputs or messages(found.input, "user") or None
        outputs = outputs or messages(found.output, "assistant") or None
        outputs = _with_reasons(outputs, found.finish_reasons)
    status, message = _status(span)
    return SpanUpdate(
        trace_id=span.trace_id,
        span_id=span.span_id,
        protocol=found.protocol or Protocol.OTLP,
        precedence=1 if span.end_ns is not None else 0,
        project=project or _name(found.project),
        parent_id=span.parent_id,
        name=span.name,
        kind=found.kind,
        status=status,
        status_message=message,
        start_ns=span.start_ns,
        end_ns=span.end_ns,
        first_token_ns=found.first_token_ns,
        model=_name(found.model),
        provider=_name(found.provider),
        session_id=_name(found.session_id),
        user_id=_name(found.user_id),
        usage=found.usage,
        cost=found.cost,
        input=found.input,
        output=found.output,
        input_messages=inputs,
        output_messages=outputs,
        finish_reasons=found.finish_reasons or (finish_reasons(outputs) if outputs else None),
        log_probabilities=found.log_probabilities,
        attributes=_attributes(span, found),
        metadata=found.metadata,
        tags=found.tags,
        events=tuple(event for event in span.events if event.name not in found.used_events) or None,
        links=span.links or None,
        aliases=tuple(alias for alias in found.aliases if len(alias) <= _MAX_NAME),
    )


def interpreted_record(record: OtelSpan, limits: IngestLimits, project: str | None = None) -> SpanUpdate:
    """What log records say about a span: its content, nothing of its times and its place."""
    return replace(interpreted(record, limits, project), name=None, start_ns=None, status=None, events=None)


def _with_reasons(outputs: tuple[Message, ...] | None, reasons: tuple[str, ...] | None) -> tuple[Message, ...] | None:
    """Messages with the reasons why they ended, where one was said for each and none with the messages."""
    if not outputs or not reasons or len(outputs) != len(reasons):
        return outputs
    if any(message.finish_reason is not None for message in outputs):
        return outputs
    return tuple(replace(message, finish_reason=reason) for message, reason in zip(outputs, reasons, strict=True))


def _name(value: str | None) -> str | None:
    return value[:_MAX_NAME] if value else None


def _status(span: OtelSpan) -> tuple[Status, str | None]:
    """A span that has ended and tells of no error was well: few clients say so."""
    failure = span.text("error.type")
    if span.status_code == 2 or (failure is not None and span.status_code != 1):
        return Status.ERROR, span.status_message or _exception(span) or failure
    if span.status_code == 1 or span.end_ns is not None:
        return Status.OK, span.status_message or None
    return Status.UNSET, None


def _exception(span: OtelSpan) -> str | None:
    for event in reversed(span.events):
        if event.name == "exception":
            said = (event.attributes.get("exception.type"), event.attributes.get("exception.message"))
            return ": ".join(item for item in said if isinstance(item, str) and item) or None
    return None


def _attributes(span: OtelSpan, found: Reading) -> Mapping[str, Json]:
    used = found.used
    kept: dict[str, Json] = {name: value for name, value in span.attributes.items() if name not in used}
    source = span.source
    if source.resource:
        kept["otel.resource"] = source.resource
    if source.scope_name:
        kept["otel.scope.name"] = source.scope_name
    if source.scope_version:
        kept["otel.scope.version"] = source.scope_version
    if span.span_kind in _SPAN_KINDS:
        kept["otel.span_kind"] = _SPAN_KINDS[span.span_kind]
    if span.trace_state:
        kept["otel.trace_state"] = span.trace_state
    return kept
