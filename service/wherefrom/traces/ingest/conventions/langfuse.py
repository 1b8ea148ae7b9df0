"""Langfuse's conventions: `langfuse.observation.*` of a span, `langfuse.trace.*` of the trace that it is in."""

from __future__ import annotations

from collections.abc import Mapping

from wherefrom.traces.ingest.conventions.reading import Reading
from wherefrom.traces.ingest.dollars import dollars
from wherefrom.traces.ingest.json_values import embedded_json
from wherefrom.traces.ingest.limits import IngestLimits
from wherefrom.traces.ingest.messages import finish_reasons, messages
from wherefrom.traces.ingest.otel_spans import OtelSpan
from wherefrom.traces.ingest.times import nanoseconds
from wherefrom.traces.ingest.token_usage import token_usage, usage_of
from wherefrom.traces.model import Json, Kind, Usage

KINDS = {
    "generation": Kind.LLM,
    "embedding": Kind.EMBEDDING,
    "retriever": Kind.RETRIEVER,
    "tool": Kind.TOOL,
    "agent": Kind.AGENT,
    "chain": Kind.CHAIN,
    "span": Kind.CHAIN,
    "event": Kind.OTHER,
    "guardrail": Kind.GUARDRAIL,
    "evaluator": Kind.EVALUATOR,
}
"""Kinds by what Langfuse calls them, in lower case."""

_OBSERVATION = "langfuse.observation."
_USED = tuple(
    _OBSERVATION + name
    for name in ("type", "input", "output", "model.name", "usage_details", "cost_details", "completion_start_time")
)
_METADATA = ("langfuse.trace.metadata", "langfuse.observation.metadata")
_OF_METADATA = ("langfuse.environment", "langfuse.release", "langfuse.version")


def read(span: OtelSpan, limits: IngestLimits) -> Reading | None:
    """What `langfuse.*` says; None where there is none."""
    if "langfuse" not in span.namespaces:
        return None
    attributes = span.attributes
    asked = _value(span, ("input",), ("langfuse.trace.input",), limits)
    answered = _value(span, ("output",), ("langfuse.trace.output",), limits)
    kind = KINDS.get((span.text(_OBSERVATION + "type") or "").lower())
    outputs = messages(answered, "assistant") or None if kind is Kind.LLM else None
    metadata, of_metadata = _metadata(attributes, limits)
    tags = attributes.get("langfuse.trace.tags")
    return Reading(
        kind=kind,
        first_token_ns=nanoseconds(_json(attributes.get(_OBSERVATION + "completion_start_time"))),
        model=span.text(_OBSERVATION + "model.name"),
        session_id=span.text("langfuse.session.id"),
        user_id=span.text("langfuse.user.id"),
        usage=usage_details(embedded(attributes.get(_OBSERVATION + "usage_details"), limits)),
        cost=cost_details(embedded(attributes.get(_OBSERVATION + "cost_details"), limits)),
        input=asked,
        output=answered,
        input_messages=messages(asked, "user") or None if kind is Kind.LLM else None,
        output_messages=outputs,
        finish_reasons=finish_reasons(outputs) if outputs else None,
        metadata=metadata,
        tags=tuple(tag for tag in tags if isinstance(tag, str)) or None if isinstance(tags, list) else None,
        used=frozenset(name for name in _USED if name in attributes) | of_metadata,
    )


def usage_details(value: Json) -> Usage | None:
    """Counts of tokens under Langfuse's own names (`input`, `output`, `total`), or those of a model's API."""
    if not isinstance(value, dict):
        return None
    return token_usage(value) or usage_of(
        input_tokens=value.get("input"),
        output_tokens=value.get("output"),
        total_tokens=value.get("total"),
        cache_read_tokens=value.get("input_cached_tokens", value.get("input_cache_read")),
        cache_write_tokens=value.get("input_cache_creation"),
        reasoning_tokens=value.get("output_reasoning_tokens", value.get("output_reasoning")),
    )


def cost_details(value: Json) -> float | None:
    """US dollars in all: the total, or the sum of what is listed without one."""
    if not isinstance(value, dict):
        return None
    costs = {name: cost for name, said in value.items() if (cost := dollars(said)) is not None}
    return costs.get("total", sum(costs.values())) if costs else None


def embedded(value: Json, limits: IngestLimits) -> Json:
    """The value that a text holds as JSON, or the value itself."""
    return embedded_json(value, limits) if isinstance(value, str) else value


def _value(span: OtelSpan, own: tuple[str, ...], of_trace: tuple[str, ...], limits: IngestLimits) -> Json:
    return embedded(span.first(*(_OBSERVATION + name for name in own), *of_trace), limits)


def _json(value: Json) -> Json:
    """A time, which is sent as a text in quotes of its own."""
    return value.strip('"') if isinstance(value, str) else value


def _metadata(attributes: Mapping[str, Json], limits: IngestLimits) -> tuple[dict[str, Json], frozenset[str]]:
    """The application's own fields, those of the observation before those of its trace; and their attributes."""
    found: dict[str, Json] = {}
    used = set()
    for prefix in _METADATA:
        whole = embedded(attributes.get(prefix), limits)
        if isinstance(whole, dict):
            found |= whole
            used.add(prefix)
        named = {name: value for name, value in attributes.items() if name.startswith(prefix + ".")}
        found |= {name[len(prefix) + 1 :]: embedded(value, limits) for name, value in named.items()}
        used |= named.keys()
    for name in _OF_METADATA:
        if isinstance(value := attributes.get(name), str):
            found.setdefault(name.partition(".")[2], value)
            used.add(name)
    return found, frozenset(used)
