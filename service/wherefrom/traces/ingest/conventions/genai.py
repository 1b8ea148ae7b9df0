"""OpenTelemetry's conventions for generative AI, `gen_ai.*`: the current ones and what came before.

Content may stand in attributes (structured, or as JSON), in events of the span, in log records, or in flattened
attributes `gen_ai.prompt.N` and `gen_ai.completion.N`, which OpenLLMetry still sends for some libraries.
"""

from __future__ import annotations

from typing import Any

from wherefrom.traces.ingest.conventions.flat import unflattened
from wherefrom.traces.ingest.conventions.genai_events import Content, content_of_events
from wherefrom.traces.ingest.conventions.reading import Reading
from wherefrom.traces.ingest.dollars import dollars
from wherefrom.traces.ingest.json_values import embedded_json
from wherefrom.traces.ingest.limits import IngestLimits
from wherefrom.traces.ingest.messages import messages
from wherefrom.traces.ingest.otel_spans import LATEST_NS, OtelSpan
from wherefrom.traces.ingest.token_usage import usage_of
from wherefrom.traces.model import Json, Kind

_KINDS = {
    "chat": Kind.LLM,
    "completion": Kind.LLM,
    "text_completion": Kind.LLM,
    "generate_content": Kind.LLM,
    "generate": Kind.LLM,
    "responses": Kind.LLM,
    "llm_request": Kind.LLM,
    "embeddings": Kind.EMBEDDING,
    "embedding": Kind.EMBEDDING,
    "retrieval": Kind.RETRIEVER,
    "vector_db_retrieve": Kind.RETRIEVER,
    "rerank": Kind.RERANKER,
    "execute_tool": Kind.TOOL,
    "invoke_agent": Kind.AGENT,
    "create_agent": Kind.AGENT,
    "invoke_workflow": Kind.CHAIN,
    "execute_task": Kind.CHAIN,
    "evaluate": Kind.EVALUATOR,
}


def read(span: OtelSpan, limits: IngestLimits) -> Reading | None:
    """What `gen_ai.*` says; None where it says nothing."""
    said = content_of_events(span, limits)
    if said is None and "gen_ai" not in span.namespaces:
        return None
    content = _content(span, limits, said or Content())
    name = span.text("gen_ai.response.id")
    return Reading(
        kind=_kind(span, content),
        first_token_ns=_first_token(span),
        model=span.text("gen_ai.response.model", "gen_ai.request.model"),
        provider=_lower(span.text("gen_ai.provider.name", "gen_ai.system")),
        session_id=span.text("gen_ai.conversation.id"),
        user_id=span.text("gen_ai.user", "gen_ai.user.id"),
        usage=usage_of(
            input_tokens=span.first("gen_ai.usage.input_tokens", "gen_ai.usage.prompt_tokens"),
            output_tokens=span.first("gen_ai.usage.output_tokens", "gen_ai.usage.completion_tokens"),
            total_tokens=span.first("gen_ai.usage.total_tokens"),
            cache_read_tokens=span.first(
                "gen_ai.usage.cache_read.input_tokens", "gen_ai.usage.cache_read_input_tokens"
            ),
            cache_write_tokens=span.first(
                "gen_ai.usage.cache_creation.input_tokens", "gen_ai.usage.cache_creation_input_tokens"
            ),
            reasoning_tokens=span.first("gen_ai.usage.reasoning.output_tokens", "gen_ai.usage.reasoning_tokens"),
        ),
        cost=dollars(span.first("gen_ai.usage.cost", "gen_ai.usage.total_cost")),
        input=content.input,
        output=content.output,
        input_messages=messages(content.input, "user") or None if content.is_chat else None,
        output_messages=messages(content.output, "assistant") or None if content.is_chat else None,
        finish_reasons=_texts(span.first("gen_ai.response.finish_reasons", "gen_ai.response.finish_reason"), limits),
        aliases=(name,) if name else (),
        used=content.used,
        used_events=content.used_events,
    )


def _kind(span: OtelSpan, content: Content) -> Kind | None:
    operation = span.text("gen_ai.operation.name")
    known = _KINDS.get(operation.lower()) if operation else None
    if known is not None:
        return known
    names_model = span.text("gen_ai.request.model", "gen_ai.response.model") is not None
    if operation is None and not names_model and span.text("gen_ai.tool.name"):
        return Kind.TOOL
    return Kind.LLM if (content.is_chat and content.output is not None) or (names_model and not operation) else None


def _content(span: OtelSpan, limits: IngestLimits, events: Content) -> Content:
    """Input and output from wherever they stand; what is structured before what is flat."""
    found = _Found(span, limits)
    system = found.take("gen_ai.system_instructions")
    inputs = found.take("gen_ai.input.messages")
    outputs = found.take("gen_ai.output.messages")
    if inputs is None and events.input is None:
        inputs = found.take_list("gen_ai.prompt")
    if outputs is None and events.output is None:
        outputs = found.take_list("gen_ai.completion")
    inputs = events.input if inputs is None else inputs
    outputs = events.output if outputs is None else outputs
    if system is not None:
        inputs = {"system": system} if inputs is None else {"system": system, "messages": inputs}
    is_chat = inputs is not None or outputs is not None
    if inputs is None:
        inputs = found.take("gen_ai.retrieval.query.text", "gen_ai.tool.call.arguments", "gen_ai.task.input")
    if outputs is None:
        outputs = found.take("gen_ai.retrieval.documents", "gen_ai.tool.call.result", "gen_ai.task.output")
    return Content(inputs, outputs, is_chat, frozenset(found.used), events.used_events)


class _Found:
    """Takes attributes and notes which."""

    def __init__(self, span: OtelSpan, limits: IngestLimits) -> None:
        self._span = span
        self._limits = limits
        self.used: set[str] = set()

    def take(self, *names: str) -> Json:
        for name in names:
            value = self._span.attributes.get(name)
            if value is not None:
                self.used.add(name)
                return _parsed(value, self._limits)
        return None

    def take_list(self, name: str) -> Json:
        """A flat text of JSON or none, or else messages of which each field is an attribute."""
        value = self.take(name)
        if value is not None:
            return value
        found = unflattened(self._span.attributes, name)
        self.used |= found.used
        return [_flat_message(item, self._limits) for item in found.items] or None


def _parsed(value: Json, limits: IngestLimits) -> Json:
    """A value, parsed where it is JSON; some clients send a list of JSON texts, one a message."""
    if isinstance(value, str):
        return embedded_json(value, limits)
    if isinstance(value, list):
        return [embedded_json(item, limits) if isinstance(item, str) else item for item in value]
    return value


def _flat_message(item: Json, limits: IngestLimits) -> Json:
    """A flattened message with its content, which may be parts in JSON, parsed."""
    if not isinstance(item, dict) or not isinstance(item.get("content"), str):
        return item
    content = embedded_json(item["content"], limits)
    is_parts = isinstance(content, list) and all(isinstance(part, dict) and "type" in part for part in content)
    return {**item, "content": content} if is_parts else item


def _first_token(span: OtelSpan) -> int | None:
    seconds = span.first("gen_ai.response.time_to_first_chunk", "gen_ai.server.time_to_first_token")
    if isinstance(seconds, int | float) and not isinstance(seconds, bool) and span.start_ns and 0 <= seconds < 1e9:
        return min(span.start_ns + round(seconds * 1e9), LATEST_NS)
    return None


def _texts(value: Any, limits: IngestLimits) -> tuple[str, ...] | None:
    if isinstance(value, str):
        value = embedded_json(value, limits)
    if isinstance(value, str):
        value = [value]
    return tuple(item for item in value if isinstance(item, str) and item) or None if isinstance(value, list) else None


def _lower(value: str | None) -> str | None:
    return value.lower() if value else None
