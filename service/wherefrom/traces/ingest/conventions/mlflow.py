"""MLflow's conventions, `mlflow.*`: spans of its own decorators and of its integrations.

Its exporter to a tracking server sends values as they are; the one for OpenTelemetry collectors sends each as JSON in a
text, so that a kind is `"LLM"` with the quotes. Which it is, the kind tells: every span has one.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from wherefrom.errors import RequestError
from wherefrom.traces.ingest.conventions.reading import Reading
from wherefrom.traces.ingest.dollars import dollars
from wherefrom.traces.ingest.json_values import embedded_json, parse_json
from wherefrom.traces.ingest.limits import IngestLimits
from wherefrom.traces.ingest.log_probabilities import choice_log_probabilities
from wherefrom.traces.ingest.messages import finish_reasons, messages
from wherefrom.traces.ingest.otel_spans import OtelSpan
from wherefrom.traces.ingest.token_usage import joined_usage, token_usage
from wherefrom.traces.model import Json, Kind, Usage

TRACE_ID = "mlflow.traceRequestId"
TAG = "mlflow.traceTag."

_KINDS = {
    "LLM": Kind.LLM,
    "CHAT_MODEL": Kind.LLM,
    "EMBEDDING": Kind.EMBEDDING,
    "RETRIEVER": Kind.RETRIEVER,
    "RERANKER": Kind.RERANKER,
    "TOOL": Kind.TOOL,
    "AGENT": Kind.AGENT,
    "CHAIN": Kind.CHAIN,
    "WORKFLOW": Kind.CHAIN,
    "TASK": Kind.CHAIN,
    "PARSER": Kind.CHAIN,
    "GUARDRAIL": Kind.GUARDRAIL,
    "EVALUATOR": Kind.EVALUATOR,
}
_GENERATED = (Kind.LLM, Kind.EMBEDDING)
_PROVIDERS = frozenset({"openai", "anthropic", "gemini", "mistral", "groq", "bedrock"})
"""Message formats that are the provider's own."""

_TYPE = "mlflow.spanType"
_INPUT, _OUTPUT = "mlflow.spanInputs", "mlflow.spanOutputs"
_USAGE, _COST = "mlflow.chat.tokenUsage", "mlflow.llm.cost"
_FIRST_CHUNK = "mlflow.chunk.item.0"
_CHUNK = "mlflow.chunk.item."


def read(span: OtelSpan, limits: IngestLimits) -> Reading | None:
    """What `mlflow.*` says; None where there is none."""
    if "mlflow" not in span.namespaces:
        return None
    values = _Values(span.attributes, limits)
    kind = _KINDS.get((values.text(_TYPE) or "").upper())
    asked, answered = values.value(_INPUT), values.value(_OUTPUT)
    is_generation = kind is Kind.LLM
    answer: Mapping[str, Any] = answered if is_generation and isinstance(answered, dict) else {}
    request: Mapping[str, Any] = asked if kind in _GENERATED and isinstance(asked, dict) else {}
    tags = {name[len(TAG) :]: value for name, value in span.attributes.items() if name.startswith(TAG)}
    identity = answer.get("id")
    outputs = messages(answered, "assistant") or None if is_generation else None
    used = {name for name in (_TYPE, _INPUT, _OUTPUT, TRACE_ID) if name in span.attributes}
    aliases = [values.text(TRACE_ID)] if span.parent_id == "" else []
    chunks = [event for event in span.events if event.name.startswith(_CHUNK)]
    return Reading(
        kind=kind,
        first_token_ns=next((event.time_ns for event in chunks if event.name == _FIRST_CHUNK and event.time_ns), None),
        model=_string(answer.get("model")) or values.text("mlflow.llm.model") or _string(request.get("model")),
        provider=_lower(values.text("mlflow.llm.provider")) or _provider(values.text("mlflow.message.format")),
        session_id=values.text("session.id", "mlflow.trace.session"),
        user_id=values.text("user.id", "mlflow.trace.user"),
        usage=_usage(values.value(_USAGE), answered) if kind in _GENERATED else None,
        cost=_cost(values.value(_COST)),
        input=asked,
        output=answered,
        input_messages=messages(asked, "user") or None if is_generation else None,
        output_messages=outputs,
        finish_reasons=finish_reasons(outputs) if outputs else None,
        log_probabilities=choice_log_probabilities(answer) if answer else None,
        metadata=tags,
        aliases=tuple(alias for alias in (*aliases, identity) if isinstance(alias, str) and 0 < len(alias) <= 200),
        used=frozenset(used | {TAG + name for name in tags}),
        # The pieces of a stream, which the output has together.
        used_events=frozenset(event.name for event in chunks) if answered is not None else frozenset(),
    )


class _Values:
    """Attributes, decoded where they were sent as JSON."""

    def __init__(self, attributes: Mapping[str, Json], limits: IngestLimits) -> None:
        self._attributes = attributes
        self._limits = limits
        kind = attributes.get(_TYPE)
        self._encoded = not isinstance(kind, str) or kind.startswith('"')

    def value(self, name: str) -> Json:
        """The value of an attribute."""
        said = self._attributes.get(name)
        if not isinstance(said, str) or not self._encoded:
            return said
        if not said.startswith('"'):
            return embedded_json(said, self._limits)
        try:
            return parse_json(said, nesting=self._limits.max_nesting)
        except RequestError:
            return said

    def text(self, *names: str) -> str | None:
        """The first of these that is a text and not empty."""
        return next((value for name in names if (value := _string(self.value(name)))), None)


def _usage(counted: Json, answer: Json) -> Usage | None:
    """The counts that MLflow names, and what the answer itself says beside them."""
    named = token_usage(counted)
    own = token_usage(answer.get("usage")) if isinstance(answer, dict) else None
    return joined_usage(named, own)


def _cost(value: Json) -> float | None:
    return dollars(value.get("total_cost")) if isinstance(value, dict) else None


def _provider(written_by: str | None) -> str | None:
    found = _lower(written_by)
    return found if found in _PROVIDERS else None


def _lower(value: str | None) -> str | None:
    return value.lower() if value else None


def _string(value: Json) -> str | None:
    return value if isinstance(value, str) and value else None
