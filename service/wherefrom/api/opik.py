"""The part of Opik's interface that its clients need to send traces: `OPIK_URL_OVERRIDE` is the address with `/api`."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated, Any, Literal
from uuid import UUID

from fastapi import APIRouter, Path, Query, Request, Response
from fastapi.responses import RedirectResponse
from pydantic import BaseModel

from wherefrom.api.access import Caller
from wherefrom.api.dependencies import Body, Ingester, Known, Parts, in_thread
from wherefrom.api.ingestion import ingested, sent, usable
from wherefrom.api.json_bodies import JsonRoute, described
from wherefrom.api.otlp import OtlpRoute, exported
from wherefrom.api.services import Services
from wherefrom.errors import RequestError
from wherefrom.traces.ingest import collecting
from wherefrom.traces.ingest.opik import read_scores, read_span, read_spans, read_trace, read_traces
from wherefrom.traces.model import Protocol

_PRIVATE = "/api/v1/private"

_json = APIRouter(tags=["opik"], route_class=JsonRoute)
_otlp = APIRouter(tags=["opik"], route_class=OtlpRoute)

Id = Annotated[UUID, Path(description="The id that the client gave it.")]
Of = Annotated[Literal["traces", "spans"], Path(description="What the scores are about.")]

_TRACE = {
    "id": "018f2f9e-7b1c-7cc2-b7f5-4a1d3a0c9e11",
    "project_name": "speeches",
    "name": "answer",
    "start_time": "2026-01-01T00:00:00.000000Z",
    "end_time": "2026-01-01T00:00:01.000000Z",
    "thread_id": "conversation-7",
}
_SPAN = {
    "id": "018f2f9e-7b1c-7cc2-b7f5-4a1d3a0c9e12",
    "project_name": "speeches",
    "trace_id": _TRACE["id"],
    "name": "chat_completion_create",
    "type": "llm",
    "start_time": "2026-01-01T00:00:00.000000Z",
    "end_time": "2026-01-01T00:00:01.000000Z",
    "model": "gpt-4o-mini",
    "provider": "openai",
    "input": {"messages": [{"role": "user", "content": "How does it begin?"}]},
    "output": {"choices": [{"message": {"role": "assistant", "content": "Fellow citizens of the Senate"}}]},
    "usage": {"prompt_tokens": 5, "completion_tokens": 6, "total_tokens": 11},
}
_NEW = {"project_name": "speeches", "end_time": _TRACE["end_time"]}
_SCORE = {"name": "correct", "value": 1.0, "source": "sdk", "reason": "It says what is asked."}
_STORED: dict[int | str, dict[str, Any]] = {204: {"description": "Stored durably."}}


class Alive(BaseModel):
    """That the service lives."""

    message: str = "Healthy Server"
    healthy: bool = True


@_json.get("/api/is-alive/ping", summary="What Opik's clients ask whether the service lives")
async def ping(caller: Known) -> Alive:
    """Say so."""
    return Alive()


@_json.post(
    f"{_PRIVATE}/auth",
    status_code=204,
    response_class=Response,
    summary="What Opik's clients ask whether a key is known",
    responses={204: {"description": "It is."}},
)
async def auth(caller: Ingester) -> Response:
    """Answer whoever may send traces."""
    return Response(status_code=204)


@_json.get(
    "/api/v1/session/redirect/projects/",
    status_code=303,
    response_class=RedirectResponse,
    include_in_schema=False,  # it answers no JSON: the address is one that clients print
)
async def trace_page(caller: Known, trace_id: Annotated[UUID, Query(description="The trace.")]) -> RedirectResponse:
    """Go to the page of a trace."""
    return RedirectResponse(f"/traces/{trace_id.hex}", 303)


@_json.post(
    f"{_PRIVATE}/traces/batch",
    status_code=204,
    response_class=Response,
    summary="Send traces, as Opik's clients do",
    responses=_STORED,
    openapi_extra=described({"traces": [_TRACE]}, "Traces that begin, or that have ended."),
)
async def send_traces(request: Request, parts: Parts, caller: Ingester, data: Body) -> Response:
    """Take traces. Each is the root span of its trace, but where that is sent as a span too, which then is the root."""
    return await _taken(request, parts, caller, data, read_traces)


@_json.post(
    f"{_PRIVATE}/spans/batch",
    status_code=204,
    response_class=Response,
    summary="Send spans, as Opik's clients do",
    responses=_STORED,
    openapi_extra=described({"spans": [_SPAN]}, "Spans that begin, or that have ended."),
)
async def send_spans(request: Request, parts: Parts, caller: Ingester, data: Body) -> Response:
    """Take spans; they may come before their traces and their parents."""
    return await _taken(request, parts, caller, data, read_spans)


@_json.post(
    f"{_PRIVATE}/traces",
    status_code=201,
    response_class=Response,
    summary="Send one trace",
    responses={201: {"description": "Stored durably."}},
    openapi_extra=described(_TRACE, "A trace."),
)
async def send_trace(request: Request, parts: Parts, caller: Ingester, data: Body) -> Response:
    """Take a trace from a client that sends each by itself."""
    return await _taken(request, parts, caller, data, read_trace, 201)


@_json.post(
    f"{_PRIVATE}/spans",
    status_code=201,
    response_class=Response,
    summary="Send one span",
    responses={201: {"description": "Stored durably."}},
    openapi_extra=described(_SPAN, "A span."),
)
async def send_span(request: Request, parts: Parts, caller: Ingester, data: Body) -> Response:
    """Take a span from a client that sends each by itself."""
    return await _taken(request, parts, caller, data, read_span, 201)


@_json.patch(
    f"{_PRIVATE}/traces/{{trace_id}}",
    status_code=204,
    response_class=Response,
    summary="Send more of one trace",
    responses=_STORED,
    openapi_extra=described(_NEW, "What is new of the trace."),
)
async def update_trace(request: Request, parts: Parts, caller: Ingester, data: Body, trace_id: Id) -> Response:
    """Take what is new of a trace; it may come before the trace."""
    return await _taken(request, parts, caller, data, lambda said: read_trace(said, str(trace_id)))


@_json.patch(
    f"{_PRIVATE}/spans/{{span_id}}",
    status_code=204,
    response_class=Response,
    summary="Send more of one span",
    responses=_STORED,
    openapi_extra=described({**_NEW, "trace_id": _TRACE["id"]}, "What is new of the span."),
)
async def update_span(request: Request, parts: Parts, caller: Ingester, data: Body, span_id: Id) -> Response:
    """Take what is new of a span; it may come before the span."""
    return await _taken(request, parts, caller, data, lambda said: read_span(said, str(span_id)))


@_json.put(
    f"{_PRIVATE}/{{of}}/feedback-scores",
    status_code=204,
    response_class=Response,
    summary="Send scores, as Opik's clients do",
    responses=_STORED,
    openapi_extra=described({"scores": [{**_SCORE, "id": _TRACE["id"], "project_name": "speeches"}]}, "Scores."),
)
async def send_scores(request: Request, parts: Parts, caller: Ingester, data: Body, of: Of) -> Response:
    """Take scores; they may come before what they are about."""
    return await _taken(request, parts, caller, data, lambda said: read_scores(said, of))


@_json.put(
    f"{_PRIVATE}/{{of}}/{{target}}/feedback-scores",
    status_code=204,
    response_class=Response,
    summary="Send one score",
    responses=_STORED,
    openapi_extra=described(_SCORE, "A score."),
)
async def send_score(request: Request, parts: Parts, caller: Ingester, data: Body, of: Of, target: Id) -> Response:
    """Take a score of a trace or span."""
    return await _taken(request, parts, caller, data, lambda said: read_scores(said, of, str(target)))


@_otlp.post(
    f"{_PRIVATE}/otel/v1/traces",
    summary="Send spans by OTLP to the address that Opik documents",
    response_class=Response,
    responses={200: {"description": "Stored durably. An `ExportTraceServiceResponse`.", "content": {}}},
    openapi_extra=described({"resourceSpans": []}, "An `ExportTraceServiceRequest` of OTLP, in protobuf or JSON."),
)
async def send_otlp(request: Request, parts: Parts, caller: Ingester, data: Body) -> Response:
    """Take spans; the header `projectName` names the project of those that name none."""
    named = request.headers.get("projectname")
    if named is not None and not named.isprintable():
        raise RequestError("The header projectName names no project: give it a name of printable characters.")
    return await exported(request, parts, caller, data, Protocol.OPIK, named or None)


async def _taken(
    request: Request,
    parts: Services,
    caller: Caller,
    data: bytes,
    read: Callable[[collecting.Request], collecting.Collected],
    status: int = 204,
) -> Response:
    """The answer to a request, once what can be used of it is stored.

    Raises:
        RequestError: nothing of it can be used.
    """
    batch = usable((await in_thread(read, sent(request, parts, caller, data, Protocol.OPIK))).batch())
    await ingested(parts, batch, Protocol.OPIK, len(data))
    return Response(status_code=status)


router = APIRouter()
for each in (_otlp, _json):
    router.include_router(each)
