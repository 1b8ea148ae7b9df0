"""The part of Datadog's intake and agent that clients of LLM Observability need to send spans and evaluations.

`DD_LLMOBS_OVERRIDE_ORIGIN` is the service's address for clients without an agent, `DD_TRACE_AGENT_URL` for the others:
their spans ride on traces of the agent. `GET /info`, which these ask first, is LangSmith's too and answered there.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from fastapi import APIRouter, Request
from pydantic import BaseModel

from wherefrom.api.access import Caller
from wherefrom.api.dependencies import Body, Ingester, Parts, in_thread
from wherefrom.api.ingestion import ingested, sent, usable
from wherefrom.api.json_bodies import JsonRoute
from wherefrom.api.services import Services
from wherefrom.traces.ingest import collecting
from wherefrom.traces.ingest.datadog import read_agent_traces, read_spans
from wherefrom.traces.ingest.datadog_evaluations import read_evaluations
from wherefrom.traces.model import IngestBatch, Protocol

_PROXIES = ("", "/evp_proxy/v2", "/evp_proxy/v4")
"""What the intake's paths begin with: nothing, or the agent's, which passes them on."""

_intake = APIRouter(tags=["datadog"], route_class=JsonRoute)
_agent = APIRouter(tags=["datadog"], route_class=JsonRoute)

_EXAMPLE_SPAN = {
    "trace_id": "6b03ecc500000000eb2e8d8a45586085",
    "span_id": "1514411462421957703",
    "parent_id": "undefined",
    "name": "answer",
    "start_ns": 1795419333881532092,
    "duration": 256350753,
    "status": "ok",
    "session_id": "conversation-7",
    "tags": ["ml_app:speeches"],
    "metrics": {"input_tokens": 5, "output_tokens": 6, "total_tokens": 11},
    "meta": {
        "span": {"kind": "llm"},
        "model_name": "gpt-4o-mini",
        "model_provider": "openai",
        "input": {"messages": [{"role": "user", "content": "How does it begin?"}]},
        "output": {"messages": [{"role": "assistant", "content": "Fellow citizens of the Senate"}]},
    },
}
_EXAMPLE_METRIC = {
    "join_on": {"span": {name: _EXAMPLE_SPAN[name] for name in ("trace_id", "span_id")}},
    "label": "correct",
    "metric_type": "score",
    "score_value": 1.0,
    "ml_app": "speeches",
    "timestamp_ms": 1795419334137,
}


class Taken(BaseModel):
    """What became of a request: stored durably but for what is counted here."""

    rejected: int = 0
    reason: str = ""


class Rates(BaseModel):
    """What part of its traces a tracer should send: all."""

    rate_by_service: dict[str, float] = {"service:,env:": 1.0}


@dataclass(frozen=True, slots=True)
class _Sender:
    """Who sends a request, and by which parts it is answered."""

    request: Request
    parts: Services
    caller: Caller

    def reading(self, data: bytes) -> collecting.Request:
        return sent(self.request, self.parts, self.caller, data, Protocol.DATADOG)

    async def taken(self, batch: IngestBatch, size: int) -> Taken:
        await ingested(self.parts, usable(batch), Protocol.DATADOG, size)
        return Taken(rejected=batch.rejected, reason=batch.reason)


def _body(media: str, schema: dict[str, Any], example: Any, description: str) -> dict[str, Any]:
    content = {"schema": schema} | ({} if example is None else {"example": example})
    return {"requestBody": {"required": True, "description": description, "content": {media: content}}}


@_intake.post(
    "/api/v2/llmobs",
    status_code=202,
    summary="Send spans, as Datadog's LLM Observability does",
    openapi_extra=_body(
        "application/json", {}, [{"event_type": "span", "spans": [_EXAMPLE_SPAN]}], "Spans that have ended, in groups."
    ),
)
async def send_spans(request: Request, parts: Parts, caller: Ingester, data: Body) -> Taken:
    """Take spans; the project is the application's name, `ml_app`."""
    sender = _Sender(request, parts, caller)
    collected = await in_thread(read_spans, sender.reading(data))
    return await sender.taken(collected.batch(), len(data))


_EVALUATIONS = _body(
    "application/json",
    {"type": "object"},
    {"data": {"type": "evaluation_metric", "attributes": {"metrics": [_EXAMPLE_METRIC]}}},
    "Evaluations of spans and traces.",
)


@_intake.post(
    "/api/intake/llm-obs/v2/eval-metric",
    status_code=202,
    summary="Send evaluations, as Datadog's LLM Observability does",
    openapi_extra=_EVALUATIONS,
)
@_intake.post(
    "/api/intake/llm-obs/v1/eval-metric",
    status_code=202,
    summary="Send evaluations, as older clients do",
    openapi_extra=_EVALUATIONS,
)
async def send_evaluations(request: Request, parts: Parts, caller: Ingester, data: Body) -> Taken:
    """Take evaluations and feedback on spans and traces; they may come before what they are about."""
    sender = _Sender(request, parts, caller)
    collected = await in_thread(read_evaluations, sender.reading(data))
    return await sender.taken(collected.batch(), len(data))


_TRACES = _body(
    "application/octet-stream",
    {"type": "string", "format": "binary"},
    None,
    "Traces as the agent takes them, in MessagePack.",
)


@_agent.put("/v0.4/traces", summary="Send traces, as tracers also do", openapi_extra=_TRACES, include_in_schema=False)
@_agent.post("/v0.4/traces", summary="Send traces to the agent, as Datadog's tracers do", openapi_extra=_TRACES)
async def send_traces(request: Request, parts: Parts, caller: Ingester, data: Body) -> Rates:
    """Take the spans of LLM Observability that ride on the agent's; other spans are not kept."""
    sender = _Sender(request, parts, caller)
    await sender.taken(await in_thread(read_agent_traces, sender.reading(data)), len(data))
    return Rates()


@_agent.post(
    "/telemetry/proxy/api/v2/apmtelemetry",
    status_code=202,
    summary="What tracers tell Datadog of themselves",
    openapi_extra=_body("application/json", {"type": "object"}, {}, "Nothing that is read."),
)
async def send_telemetry(caller: Ingester) -> Taken:
    """Keep nothing of it."""
    return Taken()


router = APIRouter()
for prefix in _PROXIES:
    router.include_router(_intake, prefix=prefix, include_in_schema=not prefix)
router.include_router(_agent)
