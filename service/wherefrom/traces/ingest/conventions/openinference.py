"""OpenInference's conventions: `openinference.span.kind`, `input.value`, `llm.*`, `retrieval.documents`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from wherefrom.traces.ingest.conventions.flat import unflattened
from wherefrom.traces.ingest.conventions.reading import Reading
from wherefrom.traces.ingest.dollars import dollars
from wherefrom.traces.ingest.json_values import embedded_json
from wherefrom.traces.ingest.limits import IngestLimits
from wherefrom.traces.ingest.log_probabilities import choice_log_probabilities
from wherefrom.traces.ingest.messages import finish_reasons, messages
from wherefrom.traces.ingest.otel_spans import OtelSpan
from wherefrom.traces.ingest.token_usage import usage_of
from wherefrom.traces.model import Json, Kind, Message

_KINDS = {
    "LLM": Kind.LLM,
    "EMBEDDING": Kind.EMBEDDING,
    "RETRIEVER": Kind.RETRIEVER,
    "RERANKER": Kind.RERANKER,
    "TOOL": Kind.TOOL,
    "AGENT": Kind.AGENT,
    "CHAIN": Kind.CHAIN,
    "GUARDRAIL": Kind.GUARDRAIL,
    "EVALUATOR": Kind.EVALUATOR,
    "DECISION": Kind.EVALUATOR,
    "PROMPT": Kind.PROMPT,
}
_MODELS = (
    *("llm.response.model_name", "llm.model_name", "llm.request.model_name"),
    *("embedding.model_name", "reranker.model_name"),
)
_NAMESPACES = frozenset({"openinference", "input", "output", "llm", "retrieval", "reranker", "embedding"})


def read(span: OtelSpan, limits: IngestLimits) -> Reading | None:
    """What OpenInference's attributes say; None where there are none."""
    attributes = span.attributes
    if not span.namespaces & _NAMESPACES:
        return None
    used = set()
    values = {}
    for side in ("input", "output"):
        if attributes.get(f"{side}.value") is not None:
            used |= {f"{side}.value", f"{side}.mime_type"}
            values[side] = _value(attributes[f"{side}.value"], limits)
    kind = _KINDS.get((span.text("openinference.span.kind") or "").upper())
    documents, of_documents = _documents(attributes)
    response = values.get("output")
    inputs, of_inputs = _messages(attributes, "input", limits)
    outputs, of_outputs = _messages(attributes, "output", limits)
    answer: Mapping[str, Any] = response if kind is Kind.LLM and isinstance(response, dict) else {}
    identity = answer.get("id")
    return Reading(
        kind=kind,
        first_token_ns=next(
            (event.time_ns for event in span.events if event.name == "First Token Stream Event" and event.time_ns), None
        ),
        model=span.text(*_MODELS) or _asked(kind, values.get("input")),
        provider=span.text("llm.provider", "llm.system"),
        usage=usage_of(
            input_tokens=attributes.get("llm.token_count.prompt"),
            output_tokens=attributes.get("llm.token_count.completion"),
            total_tokens=attributes.get("llm.token_count.total"),
            cache_read_tokens=attributes.get("llm.token_count.prompt_details.cache_read"),
            cache_write_tokens=attributes.get("llm.token_count.prompt_details.cache_write"),
            reasoning_tokens=attributes.get("llm.token_count.completion_details.reasoning"),
        ),
        cost=dollars(attributes.get("llm.cost.total")),
        input=values.get("input"),
        output=documents or response if kind in (Kind.RETRIEVER, Kind.RERANKER) else response,
        input_messages=inputs,
        output_messages=outputs,
        finish_reasons=finish_reasons(messages(answer or None, "assistant")) or _reasons(span),
        log_probabilities=choice_log_probabilities(answer),
        metadata=_metadata(attributes.get("metadata"), limits),
        tags=_tags(attributes.get("tag.tags"), limits),
        aliases=(identity,) if isinstance(identity, str) and 0 < len(identity) <= 200 else (),
        used=frozenset(used) | of_documents | of_inputs | of_outputs,
    )


def _asked(kind: Kind | None, request: Json) -> str | None:
    """The model that a request names: of a failed call nothing else tells."""
    model = request.get("model") if isinstance(request, dict) and kind in (Kind.LLM, Kind.EMBEDDING) else None
    return model if isinstance(model, str) else None


def _value(value: Json, limits: IngestLimits) -> Json:
    return embedded_json(value, limits) if isinstance(value, str) else value


def _messages(
    attributes: Mapping[str, Json], side: str, limits: IngestLimits
) -> tuple[tuple[Message, ...] | None, frozenset[str]]:
    """Messages of a chat, or the prompts and choices of a completion; and the attributes they were made of."""
    role = "user" if side == "input" else "assistant"
    found = unflattened(attributes, f"llm.{side}_messages")
    if found.items and all(isinstance(item, dict) and "message" in item for item in found.items):
        items = [_message(item["message"]) for item in found.items]
        return messages(items, role) or None, found.used
    plain = unflattened(attributes, "llm.prompts" if side == "input" else "llm.choices")
    texts = [_inner_text(item) for item in plain.items]
    if None in texts:
        return None, frozenset()
    return messages(texts, role) or None, plain.used


def _inner_text(item: Json) -> str | None:
    """The text of `prompt.text` or `completion.text`; None where it is another convention's item."""
    for name in ("prompt", "completion"):
        inner = item.get(name) if isinstance(item, dict) else None
        if isinstance(inner, dict) and isinstance(inner.get("text"), str):
            return str(inner["text"])
    return None


_REWRITTEN = frozenset({"contents", "tool_calls", "function_call_name", "function_call_arguments_json"})


def _message(value: Json) -> Json:
    """A message as OpenAI writes it, which `messages` reads."""
    if not isinstance(value, dict):
        return value
    found: dict[str, Any] = {name: item for name, item in value.items() if name not in _REWRITTEN}
    contents = value.get("contents")
    if isinstance(contents, list):
        items = (item.get("message_content") if isinstance(item, dict) else item for item in contents)
        found["content"] = [_content(item) for item in items]
    calls = value.get("tool_calls")
    if isinstance(calls, list):
        found["tool_calls"] = [item.get("tool_call") if isinstance(item, dict) else item for item in calls]
    if value.get("function_call_name"):
        arguments = value.get("function_call_arguments_json")
        found["function_call"] = {"name": value["function_call_name"], "arguments": arguments}
    return found


def _content(item: Json) -> Json:
    if isinstance(item, dict) and "type" not in item and isinstance(item.get("text"), str):
        return {"type": "text", "text": item["text"]}
    return item


def _documents(attributes: Mapping[str, Json]) -> tuple[list[Any], frozenset[str]]:
    for prefix in ("retrieval.documents", "reranker.output_documents"):
        found = unflattened(attributes, prefix)
        if found.items:
            items = [item.get("document", item) if isinstance(item, dict) else item for item in found.items]
            return items, found.used
    return [], frozenset()


def _metadata(value: Json, limits: IngestLimits) -> Mapping[str, Json]:
    parsed = _value(value, limits)
    return parsed if isinstance(parsed, dict) else {}


def _tags(value: Json, limits: IngestLimits) -> tuple[str, ...] | None:
    parsed = _value(value, limits)
    return tuple(tag for tag in parsed if isinstance(tag, str)) or None if isinstance(parsed, list) else None


def _reasons(span: OtelSpan) -> tuple[str, ...] | None:
    reason = span.text("llm.finish_reason")
    return (reason,) if reason else None
