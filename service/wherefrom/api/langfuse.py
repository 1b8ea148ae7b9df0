"""The part of Langfuse's interface that its clients need to send traces: `LANGFUSE_BASE_URL` is the service's address.

Spans come by OTLP under a path of its own, scores and the events of older clients as JSON. The secret key is the
service's API key; where none is needed, any is accepted.
"""

from __future__ import annotations

from importlib.metadata import version
from typing import Any

from fastapi import APIRouter, Request, Response
from fastapi.responses import JSONResponse
from pydantic import BaseModel

from wherefrom.api.dependencies import Body, Ingester, Parts, in_thread
from wherefrom.api.ingestion import ingested, sent
from wherefrom.api.json_bodies import JsonRoute
from wherefrom.api.langsmith_projects import project_id
from wherefrom.api.otlp import OtlpRoute, exported
from wherefrom.errors import RequestError
from wherefrom.traces.ingest.langfuse import read_events, read_scores
from wherefrom.traces.model import Protocol

_json = APIRouter(tags=["langfuse"], route_class=JsonRoute)
_otlp = APIRouter(tags=["langfuse"], route_class=OtlpRoute)

_SCORE = {"traceId": "4bf92f3577b34da6a3ce929d0e0e4736", "name": "correct", "value": 1}
_EVENT = {
    "id": "018f2f9e-7b1c-7cc2-b7f5-4a1d3a0c9e01",
    "type": "trace-create",
    "timestamp": "2026-01-01T00:00:00.000Z",
    "body": {"id": "018f2f9e-7b1c-7cc2-b7f5-4a1d3a0c9e02", "name": "answer"},
}


class Health(BaseModel):
    """That the service lives."""

    status: str = "OK"
    version: str


class Organization(BaseModel):
    """Whose projects these are; there is only one."""

    id: str = "wherefrom"
    name: str = "wherefrom"


class Project(BaseModel):
    """A project that the key may send to."""

    id: str
    name: str
    organization: Organization = Organization()
    metadata: dict[str, Any] = {}


class Projects(BaseModel):
    """Projects of a key: always one, by which clients see that the key is known."""

    data: list[Project]


class ScoreError(BaseModel):
    """Why a score could not be used."""

    message: str


class Scores(BaseModel):
    """What became of scores that were not all used."""

    accepted: int
    rejected: int
    errors: list[ScoreError]


class Taken(BaseModel):
    """An event that was used."""

    id: str
    status: int = 201


class Refused(BaseModel):
    """An event that could not be used."""

    id: str
    status: int = 400
    message: str


class Outcome(BaseModel):
    """What became of each event."""

    successes: list[Taken]
    errors: list[Refused]


class Accepted(BaseModel):
    """That all scores of an array are stored."""

    message: str = "Accepted"


class ScoreId(BaseModel):
    """The id of a score that was stored."""

    id: str


def _body(example: Any, description: str) -> dict[str, Any]:
    content = {"application/json": {"schema": {}, "example": example}}
    return {"requestBody": {"required": True, "description": description, "content": content}}


@_otlp.post(
    "/api/public/otel/v1/traces",
    summary="Send spans by OTLP, as Langfuse's clients do",
    response_class=Response,
    responses={200: {"description": "Stored durably. An `ExportTraceServiceResponse`.", "content": {}}},
    openapi_extra=_body({"resourceSpans": []}, "An `ExportTraceServiceRequest` of OTLP, in protobuf or JSON."),
)
async def send_spans(request: Request, parts: Parts, caller: Ingester, data: Body) -> Response:
    """Take spans; the project is that of the key, or what `/v1/traces` would take it for."""
    return await exported(request, parts, caller, data, Protocol.LANGFUSE)


@_json.post(
    "/api/public/scores",
    summary="Send scores, as Langfuse's clients do",
    response_model=None,
    responses={
        200: {"description": "The one score that was sent is stored.", "model": ScoreId},
        202: {"description": 'All scores of an array are stored: `{"message": "Accepted"}`.'},
        207: {"description": "Some could not be used: how many were `accepted` and `rejected`, and the `errors`."},
    },
    openapi_extra=_body(_SCORE, "A score, or an array of scores."),
)
async def send_scores(request: Request, parts: Parts, caller: Ingester, data: Body) -> Response:
    """Take scores; they may come before what they are about."""
    collected = await in_thread(read_scores, sent(request, parts, caller, data, Protocol.LANGFUSE))
    await ingested(parts, collected.batch(), Protocol.LANGFUSE, len(data))
    is_one = data.lstrip()[:1] == b"{"
    if is_one and collected.refusals:
        raise RequestError(f"The score cannot be used: {collected.refusals[0]}.")
    if collected.refusals:
        errors = [ScoreError(message=reason) for reason in collected.refusals.values()]
        told = Scores(accepted=len(collected.scores), rejected=len(errors), errors=errors)
        return JSONResponse(told.model_dump(), 207)
    if is_one:
        return JSONResponse(ScoreId(id=collected.scores[0].id).model_dump())
    return JSONResponse(Accepted().model_dump(), 202)


@_json.post(
    "/api/public/ingestion",
    status_code=207,
    summary="Send events, as Langfuse's older clients do",
    openapi_extra=_body({"batch": [_EVENT]}, "Events of traces, observations and scores."),
)
async def send_events(request: Request, parts: Parts, caller: Ingester, data: Body) -> Outcome:
    """Take events in any order; each is told what became of it."""
    found = await in_thread(read_events, sent(request, parts, caller, data, Protocol.LANGFUSE))
    await ingested(parts, found.collected.batch(), Protocol.LANGFUSE, len(data))
    return Outcome(
        successes=[Taken(id=event.id) for event in found.events if event.refusal is None],
        errors=[Refused(id=event.id, message=event.refusal) for event in found.events if event.refusal is not None],
    )


@_json.get("/api/public/health", summary="What Langfuse's clients ask whether the service lives")
async def health(caller: Ingester) -> Health:
    """Say so."""
    return Health(version=version("wherefrom"))


@_json.get("/api/public/projects", summary="What Langfuse's clients ask whether a key is known")
async def projects(caller: Ingester) -> Projects:
    """The project that the key belongs to; `default` for keys of all."""
    name = caller.project or "default"
    return Projects(data=[Project(id=str(project_id(name)), name=name)])


router = APIRouter()
for each in (_otlp, _json):
    router.include_router(each)
