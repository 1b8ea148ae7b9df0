"""A generation as OpenTelemetry's protocol has it, in JSON: what is sent to the service or read into a store."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import orjson

from wherefrom.huggingface.generation import GeneratedToken, Generation
from wherefrom.traces.ingest.json_values import clean_value
from wherefrom.traces.model import Json

SCOPE = "wherefrom.huggingface"

MOST_CHARACTERS = 1 << 21
"""Characters that the probabilities of one output may take: a service refuses a span with longer attributes."""


@dataclass(frozen=True, slots=True)
class Call:
    """What a model was asked, and for whom.

    Attributes:
        messages: of a chat, or the prompt as the only one of a user.
        settings: of the generation.
        parent_id: hex; empty: a root.
    """

    name: str
    model: str
    messages: Sequence[Mapping[str, Json]]
    is_chat: bool
    settings: Mapping[str, Json] = field(default_factory=dict)
    parent_id: str = ""
    session: str | None = None
    user: str | None = None
    metadata: Mapping[str, Json] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Failure:
    """A call that ended in an error."""

    trace_id: str
    span_id: str
    start_ns: int
    end_ns: int
    kind: str
    message: str


def request_body(call: Call, outcome: Generation | Failure) -> bytes:
    """An `ExportTraceServiceRequest` of one span."""
    attributes = _of_call(call)
    span: dict[str, Any] = {
        "traceId": outcome.trace_id,
        "spanId": outcome.span_id,
        "parentSpanId": call.parent_id,
        "name": call.name,
        "kind": 1,
        "startTimeUnixNano": str(outcome.start_ns),
        "endTimeUnixNano": str(outcome.end_ns),
    }
    if isinstance(outcome, Failure):
        span["status"] = {"code": 2, "message": f"{outcome.kind}: {outcome.message}"[:4096]}
        attributes["error.type"] = outcome.kind
    else:
        span["status"] = {"code": 1}
        attributes |= _of_generation(outcome)
    span["attributes"] = [
        {"key": key, "value": _value(value)} for key, value in attributes.items() if value is not None
    ]
    return _json({"resourceSpans": [{"scopeSpans": [{"scope": {"name": SCOPE}, "spans": [span]}]}]}).encode()


def _of_call(call: Call) -> dict[str, Any]:
    settings = {f"huggingface.settings.{name}": value for name, value in call.settings.items()}
    return {
        "gen_ai.operation.name": "chat" if call.is_chat else "text_completion",
        "gen_ai.provider.name": "huggingface",
        "gen_ai.request.model": call.model,
        "gen_ai.input.messages": _json(call.messages),
        "session.id": call.session,
        "user.id": call.user,
        "huggingface.metadata": _json(call.metadata) if call.metadata else None,
        **{name: value if isinstance(value, int | float | str) else _json(value) for name, value in settings.items()},
    }


def _of_generation(said: Generation) -> dict[str, Any]:
    answer = [
        {
            "role": "assistant",
            "parts": [{"type": "text", "content": said.text}],
            "finish_reason": said.finish_reason,
        }
    ]
    entropies = [round(token.entropy, 6) for token in said.tokens]
    return {
        "gen_ai.usage.input_tokens": said.input_tokens,
        "gen_ai.usage.output_tokens": said.output_tokens,
        "gen_ai.response.finish_reasons": _json([said.finish_reason]),
        "gen_ai.output.messages": _json(answer),
        "huggingface.first_token_time_unix_nano": None if said.first_token_ns is None else str(said.first_token_ns),
        "huggingface.log_probabilities": _probabilities(said.tokens),
        "huggingface.entropies": _json(entropies),
        "huggingface.mean_entropy": sum(entropies) / len(entropies) if entropies else None,
    }


def _probabilities(tokens: Sequence[GeneratedToken]) -> str | None:
    """As OpenAI writes them; of very long outputs without alternatives, or not at all: the text is what matters."""
    for with_top in (True, False):
        text = _json(
            [
                {
                    "token": token.text,
                    "logprob": token.log_probability,
                    "top_logprobs": [{"token": text, "logprob": value} for text, value in token.top if with_top],
                }
                for token in tokens
            ]
        )
        if len(text) <= MOST_CHARACTERS:
            return text
    return None


def _json(value: Any) -> str:
    """A value as JSON, whatever the caller put into it: what was generated must not be lost for a setting."""
    try:
        return orjson.dumps(value, option=orjson.OPT_NON_STR_KEYS, default=str).decode()
    except TypeError:  # a lone surrogate, or a number beyond 64 bits
        plain = json.loads(json.dumps(value, default=str, skipkeys=True))
        return json.dumps(clean_value(plain), ensure_ascii=False)


def _value(value: Any) -> dict[str, Any]:
    if isinstance(value, bool):
        return {"boolValue": value}
    if isinstance(value, int) and abs(value) < 1 << 63:
        return {"intValue": str(value)}
    if isinstance(value, float) and math.isfinite(value):
        return {"doubleValue": value}
    return {"stringValue": str(value)}
