"""The part of MLflow's interface that its client needs to send traces: `MLFLOW_TRACKING_URI` is the service's address.

Spans come by `/v1/traces` (`otlp`). Here are the experiments that they are sent to, which are projects; what is said of
a trace as a whole; and assessments. Nothing of what MLflow reads back (`get_trace`, `search_traces`, runs) is here.
"""

from __future__ import annotations

import asyncio
import time
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Path, Query, Request, Response
from fastapi.responses import JSONResponse, PlainTextResponse
from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy import Connection, select

from wherefrom.api.access import Caller
from wherefrom.api.dependencies import Body, Ingester, Parts, in_thread, stored
from wherefrom.api.ingestion import ingested
from wherefrom.api.json_bodies import JsonRoute
from wherefrom.api.langsmith_projects import project_finder, project_id
from wherefrom.api.services import Services
from wherefrom.errors import OverloadedError
from wherefrom.traces.ingest.mlflow import (
    SPANS_LOCATION,
    TraceInfo,
    read_assessment,
    read_tag,
    read_trace_info,
)
from wherefrom.traces.model import IngestBatch, Protocol, RawRequest
from wherefrom.traces.placing import project_keys
from wherefrom.traces.schema import projects, traces
from wherefrom.traces.store import TraceStore

VERSION = "3.17.2"
"""Of the interface: clients send spans to servers from 3.4 on, and do not ask others for more than these have."""

DEFAULT_EXPERIMENT = "0"
"""What is sent to when no experiment is chosen."""

_PATIENCE_S = 2.0
_AGAIN_S = 0.1

router = APIRouter(tags=["mlflow"], route_class=JsonRoute)


class Experiment(BaseModel):
    """A project, as MLflow has experiments."""

    experiment_id: str
    name: str
    artifact_location: str = ""
    lifecycle_stage: str = "active"


class ExperimentAnswer(BaseModel):
    """An experiment."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "experiment": {
                    "experiment_id": "2bd4dc34-6285-5fb2-acc2-bec38fd03b8f",
                    "name": "chatbot",
                    "artifact_location": "",
                    "lifecycle_stage": "active",
                }
            }
        }
    )

    experiment: Experiment


class ExperimentId(BaseModel):
    """The id of an experiment."""

    model_config = ConfigDict(json_schema_extra={"example": {"experiment_id": "2bd4dc34-6285-5fb2-acc2-bec38fd03b8f"}})

    experiment_id: str


class NewExperiment(BaseModel):
    """An experiment to be made."""

    model_config = ConfigDict(json_schema_extra={"example": {"name": "chatbot"}})

    name: Annotated[str, Field(min_length=1, max_length=200)]


class MlflowError(BaseModel):
    """What is wrong, in MLflow's words."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {"error_code": "RESOURCE_DOES_NOT_EXIST", "message": "There is no project 'chatbot'."}
        }
    )

    error_code: str
    message: str


_NONE: dict[int | str, dict[str, Any]] = {404: {"model": MlflowError, "description": "There is none"}}
_OBJECT: dict[int | str, dict[str, Any]] = {
    200: {"content": {"application/json": {"schema": {"type": "object"}}}, "description": "Stored durably."}
}


def _described(example: dict[str, Any], answer: dict[str, Any]) -> dict[str, Any]:
    content = {"application/json": {"schema": {"type": "object"}, "example": example}}
    return {
        "requestBody": {"required": True, "content": content},
        "responses": {"200": {"content": {"application/json": {"example": answer}}}},
    }


_TRACE = "tr-4bf92f3577b34da6a3ce929d0e0e4736"
_INFO = {
    "trace_id": _TRACE,
    "trace_location": {"type": "MLFLOW_EXPERIMENT", "mlflow_experiment": {"experiment_id": DEFAULT_EXPERIMENT}},
    "request_time": "2026-07-25T17:20:00.000Z",
    "execution_duration": "2s",
    "state": "OK",
    "trace_metadata": {"mlflow.trace.session": "conversation-7", "mlflow.trace.user": "ada"},
    "tags": {"release": "7"},
}
_ASSESSMENT = {
    "assessment_name": "helpful",
    "source": {"source_type": "HUMAN", "source_id": "ada"},
    "create_time": "2026-07-25T17:21:00.000Z",
    "feedback": {"value": True},
    "rationale": "It answers the question.",
}


def project_of_experiment(store: TraceStore, experiment: str | None) -> str | None:
    """The project of an experiment's id; None of the default one. It may block."""
    if not experiment or experiment == DEFAULT_EXPERIMENT or not experiment.isprintable():
        return None
    try:
        known = project_finder(store)(UUID(experiment))
    except ValueError:
        known = None
    return known or f"mlflow-{experiment}"


@router.get("/version", summary="What MLflow's client asks before it sends", response_class=PlainTextResponse)
async def version(caller: Ingester) -> PlainTextResponse:
    """The version of MLflow whose client is served."""
    return PlainTextResponse(VERSION)


@router.get(
    "/api/2.0/mlflow/experiments/get-by-name",
    summary="Look a project up by its name",
    response_model=ExperimentAnswer,
    responses=_NONE,
)
async def experiment_by_name(
    parts: Parts,
    caller: Ingester,
    experiment_name: Annotated[str, Query(max_length=200, description="The project's name.")],
) -> ExperimentAnswer | JSONResponse:
    """Tell the id by which MLflow's client names a project."""
    names = await in_thread(parts.store.read, _names)
    if experiment_name in names and caller.project in (None, experiment_name):
        return _experiment(experiment_name)
    return _no_experiment(f"There is no project {experiment_name!r}.")


@router.get(
    "/api/2.0/mlflow/experiments/get",
    summary="Look a project up by its id",
    response_model=ExperimentAnswer,
    responses=_NONE,
)
async def experiment_by_id(
    parts: Parts,
    caller: Ingester,
    experiment_id: Annotated[str, Query(max_length=200, description="The experiment's id.")],
) -> ExperimentAnswer | JSONResponse:
    """Tell the name of a project."""
    if experiment_id == DEFAULT_EXPERIMENT:
        return ExperimentAnswer(experiment=Experiment(experiment_id=experiment_id, name=caller.project or "default"))
    for name in await in_thread(parts.store.read, _names):
        if str(project_id(name)) == experiment_id and caller.project in (None, name):
            return _experiment(name)
    return _no_experiment(f"There is no experiment {experiment_id!r}.")


@router.post("/api/2.0/mlflow/experiments/create", summary="Make a project")
async def create_experiment(parts: Parts, caller: Ingester, wanted: NewExperiment) -> ExperimentId:
    """Make a project; one that is there already is left as it is."""
    name = caller.project or wanted.name
    now_ns = time.time_ns()
    await stored(parts.store, lambda connection: project_keys(connection, [name], now_ns))
    return ExperimentId(experiment_id=str(project_id(name)))


TraceId = Annotated[str, Path(max_length=100, description="`tr-` and the trace's id.")]


@router.post(
    "/api/3.0/mlflow/traces",
    summary="Send what is said of a trace as a whole",
    responses=_OBJECT,
    openapi_extra=_described({"trace": {"trace_info": _INFO}}, {"trace": {"trace_info": _INFO}}),
)
async def end_trace(request: Request, parts: Parts, caller: Ingester, data: Body) -> Response:
    """Take session, user and tags of a trace, which go to its root. It comes beside the spans, or before them."""
    info = await in_thread(read_trace_info, data, parts.limits)
    await _told(parts, caller, info, _raw(request, data))
    tags = info.said.get("tags")
    answer = {**info.said, "tags": {**(tags if isinstance(tags, dict) else {}), SPANS_LOCATION: "TRACKING_STORE"}}
    return JSONResponse({"trace": {"trace_info": answer}})


@router.patch(
    "/api/2.0/mlflow/traces/{trace_id}/tags",
    summary="Tag a trace",
    responses=_OBJECT,
    openapi_extra=_described({"key": "release", "value": "7"}, {}),
)
@router.patch("/api/3.0/mlflow/traces/{trace_id}/tags", include_in_schema=False)
async def tag_trace(request: Request, parts: Parts, caller: Ingester, data: Body, trace_id: TraceId) -> Response:
    """Take a tag of a trace, which goes to its root's metadata."""
    info = await in_thread(read_tag, data, trace_id, parts.limits)
    await _told(parts, caller, info, _raw(request, data))
    return JSONResponse({})


@router.post(
    "/api/3.0/mlflow/traces/{trace_id}/assessments",
    summary="Send a score or note on a trace, as MLflow does",
    responses=_OBJECT,
    openapi_extra=_described(
        {"assessment": _ASSESSMENT},
        {"assessment": {**_ASSESSMENT, "trace_id": _TRACE, "assessment_id": "a-0f6b6b9d6f0e4b7c9f3a51c2e7d8b9a0"}},
    ),
)
async def assess_trace(request: Request, parts: Parts, caller: Ingester, data: Body, trace_id: TraceId) -> Response:
    """Take feedback on a trace or span, or what was expected of it; it may come before what it is about."""
    found = await in_thread(read_assessment, data, trace_id, parts.limits)
    batch = IngestBatch(
        scores=(found.score,), raw=_raw(request, data), project=caller.project, only_project=caller.project
    )
    await ingested(parts, batch, Protocol.OTLP, len(data))
    return JSONResponse({"assessment": dict(found.said)})


def _raw(request: Request, data: bytes) -> RawRequest:
    return RawRequest(Protocol.OTLP, request.url.path, "application/json", "", data)


async def _told(parts: Services, caller: Caller, info: TraceInfo, raw: RawRequest) -> None:
    """Stores what is said of a trace with its root, for which it waits a little: clients send both at once.

    Raises:
        OverloadedError: the root is not here yet; the client sends it again.
    """
    end = time.monotonic() + _PATIENCE_S
    while (found := await in_thread(parts.store.read, lambda connection: _root(connection, info, caller))) is None:
        if time.monotonic() > end:
            raise OverloadedError(f"The spans of the trace tr-{info.trace_id} are not here yet; send it again.")
        await asyncio.sleep(_AGAIN_S)
    span_id, project = found
    batch = IngestBatch(spans=(info.update(span_id, project),), raw=raw, only_project=caller.project)
    await ingested(parts, batch, Protocol.OTLP, len(raw.body))


def _root(connection: Connection, info: TraceInfo, caller: Caller) -> tuple[str, str] | None:
    """The root of a trace, and its project."""
    query = (
        select(traces.c.root_span_id, projects.c.name)
        .join(projects, projects.c.key == traces.c.project_key)
        .where(traces.c.trace_id == info.trace_id, traces.c.root_span_id.is_not(None))
        .order_by(traces.c.key.desc())
    )
    if caller.project is not None:
        query = query.where(projects.c.name == caller.project)
    row = connection.execute(query).first()
    return (row[0], row[1]) if row else None


def _names(connection: Connection) -> list[str]:
    return list(connection.execute(select(projects.c.name).order_by(projects.c.key)).scalars())


def _experiment(name: str) -> ExperimentAnswer:
    return ExperimentAnswer(experiment=Experiment(experiment_id=str(project_id(name)), name=name))


def _no_experiment(message: str) -> JSONResponse:
    return JSONResponse({"error_code": "RESOURCE_DOES_NOT_EXIST", "message": message}, 404)
