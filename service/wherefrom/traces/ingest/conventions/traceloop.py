"""Traceloop's conventions, which OpenLLMetry sends beside `gen_ai.*`: workflows, tasks, and its older `llm.*`."""

from __future__ import annotations

from collections.abc import Mapping

from wherefrom.traces.ingest.conventions.flat import unflattened
from wherefrom.traces.ingest.conventions.reading import Reading
from wherefrom.traces.ingest.json_values import embedded_json
from wherefrom.traces.ingest.limits import IngestLimits
from wherefrom.traces.ingest.messages import messages
from wherefrom.traces.ingest.otel_spans import OtelSpan
from wherefrom.traces.ingest.token_usage import usage_of
from wherefrom.traces.model import Json, Kind, Message

_KINDS = {"workflow": Kind.CHAIN, "task": Kind.CHAIN, "agent": Kind.AGENT, "tool": Kind.TOOL}
_REQUESTS = {
    "chat": Kind.LLM,
    "completion": Kind.LLM,
    "embedding": Kind.EMBEDDING,
    "rerank": Kind.RERANKER,
}
_PROPERTIES = "traceloop.association.properties."
# One for each piece of a stream, without content: when the first came is all they tell.
_CHUNKS = frozenset({"llm.content.completion.chunk", "gen_ai.content.completion.chunk"})
_NAMESPACES = frozenset({"traceloop", "llm", "db"})
_ENTITY = ("traceloop.entity.input", "traceloop.entity.output")
_RESULT = "db.query.result"


def read(span: OtelSpan, limits: IngestLimits) -> Reading | None:
    """What `traceloop.*` and OpenLLMetry's `llm.*` and `db.*` say; None where there are none."""
    attributes = span.attributes
    first_token = next((event.time_ns for event in span.events if event.name in _CHUNKS and event.time_ns), None)
    if first_token is None and not span.namespaces & _NAMESPACES:
        return None
    properties = {name[len(_PROPERTIES) :]: value for name, value in attributes.items() if name.startswith(_PROPERTIES)}
    inputs, of_inputs = _older(attributes, "llm.prompts", "user", limits)
    outputs, of_outputs = _older(attributes, "llm.completions", "assistant", limits)
    entity = {name for name in _ENTITY if attributes.get(name) is not None}
    documents = [event.attributes.get("db.query.result.document") for event in span.events if event.name == _RESULT]
    return Reading(
        kind=_kind(span, bool(outputs)),
        first_token_ns=first_token,
        model=span.text("llm.response.model", "llm.request.model"),
        session_id=_text(properties, "session_id", "thread_id", "conversation_id", "chat_id"),
        user_id=_text(properties, "user_id") or span.text("llm.user"),
        usage=usage_of(
            input_tokens=attributes.get("llm.usage.prompt_tokens"),
            output_tokens=attributes.get("llm.usage.completion_tokens"),
            total_tokens=attributes.get("llm.usage.total_tokens"),
            reasoning_tokens=attributes.get("llm.usage.reasoning_tokens"),
        ),
        input=_entity(attributes.get("traceloop.entity.input"), limits),
        output=documents or _entity(attributes.get("traceloop.entity.output"), limits),
        input_messages=inputs,
        output_messages=outputs,
        finish_reasons=_reason(span.text("llm.response.finish_reason", "llm.response.stop_reason")),
        metadata=properties,
        used=frozenset(entity) | of_inputs | of_outputs | {_PROPERTIES + name for name in properties},
        used_events=_CHUNKS if first_token is not None else frozenset(),
    )


def _kind(span: OtelSpan, has_output: bool) -> Kind | None:
    named = _KINDS.get((span.text("traceloop.span.kind") or "").lower())
    requested = _REQUESTS.get((span.text("llm.request.type") or "").lower())
    if requested is not None or has_output:
        return requested or Kind.LLM
    if span.first("db.vector.query.top_k") is not None or any(event.name == _RESULT for event in span.events):
        return Kind.RETRIEVER
    return named


def _older(
    attributes: Mapping[str, Json], prefix: str, role: str, limits: IngestLimits
) -> tuple[tuple[Message, ...] | None, frozenset[str]]:
    """`llm.prompts.N.content`, unless the items are OpenInference's, which are called the same."""
    found = unflattened(attributes, prefix)
    items = [item for item in found.items if isinstance(item, dict) and ("content" in item or "tool_calls" in item)]
    if not items or len(items) != len(found.items):
        return None, frozenset()
    return messages(items, role) or None, found.used


def _entity(value: Json, limits: IngestLimits) -> Json:
    return embedded_json(value, limits) if isinstance(value, str) else value


def _reason(reason: str | None) -> tuple[str, ...] | None:
    return (reason,) if reason else None


def _text(values: Mapping[str, Json], *names: str) -> str | None:
    return next((value for name in names if isinstance(value := values.get(name), str) and value), None)
