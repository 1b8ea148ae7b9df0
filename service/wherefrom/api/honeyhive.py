"""The part of HoneyHive's interface that its clients need to send traces: `HH_API_URL` is the service's address."""

from __future__ import annotations

from uuid import uuid4

from fastapi import APIRouter, Request, Response
from pydantic import BaseModel, ConfigDict, Field

from wherefrom.api.dependencies import Body, Ingester, Parts, in_thread
from wherefrom.api.ingestion import ingested, sent, usable
from wherefrom.api.json_bodies import JsonRoute, described
from wherefrom.api.langsmith_projects import project_id
from wherefrom.api.otlp import OtlpRoute, exported
from wherefrom.traces.ingest.collecting import Collected
from wherefrom.traces.ingest.honeyhive import read_event, read_events, read_update
from wherefrom.traces.model import Protocol

_json = APIRouter(tags=["honeyhive"], route_class=JsonRoute)
_otlp = APIRouter(tags=["honeyhive"], route_class=OtlpRoute)

_EVENT = {
    "event_id": "018f2f9e-7b1c-7cc2-b7f5-4a1d3a0c9e01",
    "session_id": "018f2f9e-7b1c-7cc2-b7f5-4a1d3a0c9e02",
    "event_type": "model",
    "event_name": "chat",
    "start_time": 1_785_000_000_000,
    "duration": 900,
    "inputs": {"chat_history": [{"role": "user", "content": "How does it begin?"}]},
    "outputs": {"role": "assistant", "content": "Fellow citizens of the Senate"},
}
_UPDATE = {"event_id": _EVENT["event_id"], "metrics": {"correct": True}}


class NewSession(BaseModel):
    """What a client says of a session that begins."""

    model_config = ConfigDict(extra="allow")

    session_id: str | None = Field(default=None, max_length=200, description="An id of the client's own.")
    session_name: str | None = Field(default=None, max_length=200, description="What it is called.")
    project: str | None = Field(default=None, max_length=200, description="The project that is named.")


class SessionStart(BaseModel):
    """A session that begins."""

    model_config = ConfigDict(json_schema_extra={"example": {"session": {"session_name": "s", "project": "chatbot"}}})

    session: NewSession


class Session(BaseModel):
    """A session that has begun."""

    event_id: str = Field(description="The session's id.")
    session_id: str = Field(description="The same: the client's own, or its name and a number.")
    event_type: str = "session"
    event_name: str | None = None
    org_id: str = "wherefrom"
    workspace_id: str = "wherefrom"
    project_id: str


class Stored(BaseModel):
    """An event that was stored."""

    success: bool = True
    event_id: str


class BatchStored(BaseModel):
    """Events that were stored."""

    success: bool = True
    event_ids: list[str] = Field(description="In the service's form, of those that could be used.")
    rejected: int = 0
    reason: str = ""


class Updated(BaseModel):
    """That an update was taken."""

    success: bool = True


@_json.post("/session/start", summary="Begin a session, as HoneyHive's clients do before they send")
async def start_session(parts: Parts, caller: Ingester, start: SessionStart) -> Session:
    """Name a session. Nothing is stored: it is there when spans that name it are."""
    session = start.session
    named = session.session_id or f"{session.session_name or 'session'}-{uuid4().hex[:12]}"
    project = caller.project or session.project or "default"
    return Session(
        event_id=named, session_id=named, event_name=session.session_name, project_id=str(project_id(project))
    )


@_otlp.post(
    "/opentelemetry/v1/traces",
    summary="Send spans by OTLP, as HoneyHive's clients do",
    response_class=Response,
    responses={200: {"description": "Stored durably. An `ExportTraceServiceResponse`.", "content": {}}},
    openapi_extra=described({"resourceSpans": []}, "An `ExportTraceServiceRequest` of OTLP, in JSON or protobuf."),
)
async def send_spans(request: Request, parts: Parts, caller: Ingester, data: Body) -> Response:
    """Take spans; the project is that of the key, or `honeyhive.project` of the span."""
    return await exported(request, parts, caller, data, Protocol.HONEYHIVE)


@_json.post("/events", summary="Send an event", openapi_extra=described({"event": _EVENT}, "An event."))
async def send_event(request: Request, parts: Parts, caller: Ingester, data: Body) -> Stored:
    """Take an event by itself."""
    collected = await in_thread(read_event, sent(request, parts, caller, data, Protocol.HONEYHIVE))
    await ingested(parts, collected.batch(), Protocol.HONEYHIVE, len(data))
    return Stored(event_id=_name(collected, 0))


@_json.post("/events/batch", summary="Send events", openapi_extra=described({"events": [_EVENT]}, "Events."))
async def send_events(request: Request, parts: Parts, caller: Ingester, data: Body) -> BatchStored:
    """Take events; those that cannot be used are counted."""
    collected = await in_thread(read_events, sent(request, parts, caller, data, Protocol.HONEYHIVE))
    batch = usable(collected.batch())
    await ingested(parts, batch, Protocol.HONEYHIVE, len(data))
    names = [_name(collected, place) for place in range(len(collected.spans))]
    return BatchStored(event_ids=names, rejected=batch.rejected, reason=batch.reason)


@_json.put("/events", summary="Send more of an event", openapi_extra=described(_UPDATE, "What is new of an event."))
async def update_event(request: Request, parts: Parts, caller: Ingester, data: Body) -> Updated:
    """Take metrics, feedback, metadata and outputs of an event; of a session nothing is kept."""
    collected = await in_thread(read_update, sent(request, parts, caller, data, Protocol.HONEYHIVE))
    await ingested(parts, collected.batch(), Protocol.HONEYHIVE, len(data))
    return Updated()


def _name(collected: Collected, place: int) -> str:
    span = collected.spans[place]
    return span.aliases[0] if span.aliases else span.span_id


router = APIRouter()
for each in (_otlp, _json):
    router.include_router(each)
