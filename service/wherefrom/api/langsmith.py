"""The part of LangSmith's interface that its clients need to send traces.

`LANGSMITH_ENDPOINT` is the service's address, alone or with `/api` or `/api/v1`, which some clients add themselves.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Header, Path, Request, Response
from pydantic import BaseModel

from wherefrom.api import langsmith_projects
from wherefrom.api.access import Caller
from wherefrom.api.dependencies import Body, Ingester, Parts, in_thread
from wherefrom.api.ingestion import ingested
from wherefrom.api.otlp import OtlpRoute
from wherefrom.api.services import Services
from wherefrom.api.settings import MIB
from wherefrom.errors import RequestError
from wherefrom.traces.ingest.conventions.langsmith import PROJECT
from wherefrom.traces.ingest.langsmith import Context, read_batch, read_feedback, read_form, read_run
from wherefrom.traces.ingest.otlp import encoding_of, read_traces, traces_answer
from wherefrom.traces.model import IngestBatch, Protocol, SpanUpdate

VERSION = "0.18.0"
"""Of the interface: what clients ask for before they use what is new in it."""

_RUNS_A_REQUEST = 100
_BYTES_A_REQUEST = 20 * MIB
_MAX_PROJECT = 200

PREFIXES = ("", "/api", "/api/v1")
"""What the paths may begin with: `LANGSMITH_ENDPOINT` comes with and without."""

_runs = APIRouter(tags=["langsmith"])
_otel = APIRouter(tags=["langsmith"], route_class=OtlpRoute)


class BatchConfig(BaseModel):
    """How clients send runs."""

    use_multipart_endpoint: bool = True
    size_limit: int
    size_limit_bytes: int
    scale_up_qsize_trigger: int = 1000
    scale_up_nthreads_limit: int = 16
    scale_down_nempty_trigger: int = 4


class Info(BaseModel):
    """What clients want to know before they send. Datadog's ask it too, of their agent: what is below is for them."""

    version: str = VERSION
    batch_ingest_config: BatchConfig
    instance_flags: dict[str, bool] = {"zstd_compression_enabled": True}
    endpoints: list[str] = ["/v0.4/traces", "/evp_proxy/v2/", "/evp_proxy/v4/", "/telemetry/proxy/"]
    client_drop_p0s: bool = False
    span_meta_structs: bool = True


class Taken(BaseModel):
    """What became of a request: stored durably but for what is counted here."""

    message: str = "stored"
    rejected: int = 0
    reason: str = ""


def _body(name: str, media: str, example: Any, description: str) -> dict[str, Any]:
    schema = {"type": "string", "format": "binary"} if media == "multipart/form-data" else {"type": "object"}
    content = {media: {"schema": schema} if example is None else {"schema": schema, "example": example}}
    return {"requestBody": {"required": True, "description": description, "content": content}}


_RUN = {
    "id": "018f2f9e-7b1c-7cc2-b7f5-4a1d3a0c9e01",
    "trace_id": "018f2f9e-7b1c-7cc2-b7f5-4a1d3a0c9e01",
    "name": "ChatOpenAI",
    "run_type": "llm",
    "session_name": "speeches",
    "start_time": "2026-01-01T00:00:00.000000Z",
    "end_time": "2026-01-01T00:00:01.000000Z",
    "inputs": {"messages": [{"role": "user", "content": "How does it begin?"}]},
    "outputs": {"choices": [{"message": {"role": "assistant", "content": "Fellow citizens of the Senate"}}]},
}
_FEEDBACK = {
    "id": "018f2f9e-7b1c-7cc2-b7f5-4a1d3a0c9e02",
    "run_id": _RUN["id"],
    "key": "correct",
    "score": 1,
}

RunId = Annotated[UUID, Path(description="The run's id.")]


@_runs.get("/info", summary="What LangSmith's clients ask before they send")
async def info(parts: Parts, caller: Ingester) -> Info:
    """Say how runs are sent best: as forms, compressed, so many at once."""
    settings = parts.settings
    return Info(
        batch_ingest_config=BatchConfig(
            size_limit=min(_RUNS_A_REQUEST, settings.max_batch_items),
            size_limit_bytes=min(_BYTES_A_REQUEST, settings.max_body_bytes, settings.max_decoded_bytes),
        )
    )


@_runs.post(
    "/runs/multipart",
    status_code=202,
    summary="Send runs as a form",
    openapi_extra=_body(
        "form",
        "multipart/form-data",
        None,
        "Parts `post.<id>`, `patch.<id>`, `<those>.inputs|outputs|events|extra|error|serialized`, `feedback.<id>`, all"
        " JSON, and `attachment.<id>.<name>`; each may come alone and in any order.",
    ),
)
async def send_form(request: Request, parts: Parts, caller: Ingester, data: Body) -> Taken:
    """Take runs, feedback and files, as LangSmith's clients send them by default."""
    content_type = request.headers.get("content-type", "")
    return await _taken(request, parts, caller, data, lambda context: read_form(data, content_type, context))


@_runs.post(
    "/runs/batch",
    status_code=202,
    summary="Send runs as one JSON object",
    openapi_extra=_body(
        "batch", "application/json", {"post": [_RUN], "patch": []}, "Runs that begin, and runs that end."
    ),
)
async def send_batch(request: Request, parts: Parts, caller: Ingester, data: Body) -> Taken:
    """Take runs from clients that send no forms."""
    return await _taken(request, parts, caller, data, lambda context: read_batch(data, context))


@_runs.post(
    "/runs",
    status_code=202,
    summary="Send one run",
    openapi_extra=_body("run", "application/json", _RUN, "A run, begun or ended."),
)
async def send_run(request: Request, parts: Parts, caller: Ingester, data: Body) -> Taken:
    """Take a run from a client that sends each by itself."""
    return await _taken(request, parts, caller, data, lambda context: read_run(data, context))


@_runs.patch(
    "/runs/{run_id}",
    status_code=202,
    summary="Send more of one run",
    openapi_extra=_body("run", "application/json", {"end_time": _RUN["end_time"]}, "What is new of the run."),
)
async def send_patch(request: Request, parts: Parts, caller: Ingester, data: Body, run_id: RunId) -> Taken:
    """Take what ends a run; it may come before what began it."""
    return await _taken(request, parts, caller, data, lambda context: read_run(data, context, str(run_id)))


@_runs.post(
    "/feedback",
    summary="Send a score or note on a run",
    openapi_extra=_body("feedback", "application/json", _FEEDBACK, "A feedback."),
)
async def send_feedback(request: Request, parts: Parts, caller: Ingester, data: Body) -> Taken:
    """Take a score; it may come before the run that it is about."""
    return await _taken(request, parts, caller, data, lambda context: read_feedback(data, context))


_AgentHeader = Annotated[
    str | None, Header(max_length=_MAX_PROJECT, description="With its sibling: the project, as some platforms name it.")
]
_ProjectHeader = Annotated[
    str | None,
    Header(alias="Langsmith-Project", max_length=_MAX_PROJECT, description="The project of spans that name none."),
]


@_otel.post(
    "/otel/v1/traces",
    summary="Send spans by OTLP, as LangSmith's clients do in their OpenTelemetry modes",
    response_class=Response,
    responses={200: {"description": "Stored durably. An `ExportTraceServiceResponse`.", "content": {}}},
    openapi_extra=_body("spans", "application/json", {"resourceSpans": []}, "An `ExportTraceServiceRequest` of OTLP."),
)
async def send_spans(
    request: Request,
    parts: Parts,
    caller: Ingester,
    data: Body,
    project: _ProjectHeader = None,
    langsmith_agent_id: _AgentHeader = None,
    langsmith_agent_environment: _AgentHeader = None,
) -> Response:
    """Take spans. Those of runs that also came as runs (hybrid mode) are not stored twice."""
    content_type = request.headers.get("content-type", "")
    encoding = encoding_of(content_type)
    named = project
    if langsmith_agent_id and langsmith_agent_environment:
        named = f"{langsmith_agent_id} {langsmith_agent_environment}"
    if named is not None and not named.isprintable():
        raise RequestError("the header Langsmith-Project names no project; give it a name of printable characters")

    def read() -> IngestBatch:
        batch = read_traces(
            data,
            content_type,
            limits=parts.limits,
            project=named,
            only_project=caller.project,
            path=request.url.path,
        )
        return replace(batch, spans=tuple(_in_its_project(span) for span in batch.spans))

    batch = await in_thread(read)
    await ingested(parts, batch, Protocol.LANGSMITH, len(data))
    return Response(traces_answer(encoding, batch.rejected, batch.reason), media_type=encoding.value)


def _in_its_project(span: SpanUpdate) -> SpanUpdate:
    """The span, in the project that it names itself; the header only names that of the others."""
    named = span.attributes.get(PROJECT)
    return replace(span, project=named) if isinstance(named, str) and named else span


async def _taken(
    request: Request, parts: Services, caller: Caller, data: bytes, read: Callable[[Context], IngestBatch]
) -> Taken:
    sent, encoding = request.scope.get("state", {}).get("encoded_body", (data, ""))
    context = Context(
        limits=parts.limits,
        project=caller.project,
        only_project=caller.project,
        project_of=langsmith_projects.project_finder(parts.store),
        path=request.url.path,
        content_encoding=encoding,
        sent=sent,
    )
    batch = await in_thread(read, context)
    await ingested(parts, batch, Protocol.LANGSMITH, len(data))
    return Taken(rejected=batch.rejected, reason=batch.reason)


def _with_prefixes() -> APIRouter:
    found = APIRouter()
    for prefix in PREFIXES:
        for each in (_runs, _otel, langsmith_projects.router):
            found.include_router(each, prefix=prefix, include_in_schema=not prefix)
    return found


router = _with_prefixes()
