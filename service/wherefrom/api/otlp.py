"""OpenTelemetry's own protocol: `POST /v1/traces` and `POST /v1/logs`, answered in the encoding of the request."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from functools import partial
from typing import Annotated, Any

import orjson
from fastapi import APIRouter, Header, Request, Response
from fastapi.routing import APIRoute

from wherefrom.api import problems
from wherefrom.api.access import Caller
from wherefrom.api.dependencies import Body, Ingester, Parts, in_thread
from wherefrom.api.ingestion import ingested
from wherefrom.api.mlflow import project_of_experiment
from wherefrom.api.services import Services
from wherefrom.errors import RequestError
from wherefrom.traces.ingest.otlp import (
    Encoding,
    encoding_of,
    logs_answer,
    read_logs,
    read_traces,
    status_answer,
    traces_answer,
)
from wherefrom.traces.model import IngestBatch, Protocol
from wherefrom_indexer.errors import WherefromError

PROJECT_HEADER = "X-Wherefrom-Project"
"""Names the project of all that a request says."""

_MAX_PROJECT = 200


class OtlpRoute(APIRoute):
    """A route whose errors come in the encoding of the request too, as the protocol wants it."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """The handler, with errors as `google.rpc.Status` where the request was protobuf."""
        handle = super().get_route_handler()

        async def answered(request: Request) -> Response:
            try:
                return await handle(request)
            except WherefromError as error:
                answer = problems.response(error, request.url.path)
                if not _is_protobuf(request):
                    return answer
                detail = str(orjson.loads(answer.body)["detail"])
                kept = {name: value for name, value in answer.headers.items() if name in ("retry-after", "connection")}
                return Response(status_answer(answer.status_code, detail), answer.status_code, kept, Encoding.PROTOBUF)

        return answered


router = APIRouter(tags=["ingest"], route_class=OtlpRoute)

_Project = Annotated[
    str | None,
    Header(
        alias=PROJECT_HEADER,
        description="The project of all that the request says; else each span's attributes name it, or the API key.",
        max_length=_MAX_PROJECT,
    ),
]

_Experiment = Annotated[
    str | None,
    Header(
        alias="x-mlflow-experiment-id",
        description="MLflow's experiment: names the project where X-Wherefrom-Project does not.",
        max_length=_MAX_PROJECT,
    ),
]


def _described(kind: str, example: dict[str, Any]) -> dict[str, Any]:
    name = f"Export{kind}ServiceRequest"
    return {
        "requestBody": {
            "required": True,
            "description": f"An `{name}` of OTLP; it may be compressed by gzip, deflate or zstd.",
            "content": {
                Encoding.JSON.value: {"schema": {"type": "object"}, "example": example},
                Encoding.PROTOBUF.value: {"schema": {"type": "string", "format": "binary"}},
            },
        }
    }


def _answers(kind: str) -> dict[int | str, dict[str, Any]]:
    return {
        200: {
            "description": f"Stored durably. An `Export{kind}ServiceResponse`, which says how many items could not be"
            " used and why if there were any.",
            "content": {
                Encoding.JSON.value: {"schema": {"type": "object"}},
                Encoding.PROTOBUF.value: {"schema": {"type": "string", "format": "binary"}},
            },
        }
    }


_SPAN = {
    "traceId": "4bf92f3577b34da6a3ce929d0e0e4736",
    "spanId": "00f067aa0ba902b7",
    "name": "chat",
    "startTimeUnixNano": "1700000000000000000",
    "endTimeUnixNano": "1700000001000000000",
    "attributes": [
        {"key": "gen_ai.operation.name", "value": {"stringValue": "chat"}},
        {
            "key": "gen_ai.output.messages",
            "value": {"stringValue": '[{"role":"assistant","parts":[{"type":"text","content":"We the people."}]}]'},
        },
    ],
}
_RECORD = {
    "traceId": "4bf92f3577b34da6a3ce929d0e0e4736",
    "spanId": "00f067aa0ba902b7",
    "eventName": "gen_ai.client.inference.operation.details",
    "attributes": _SPAN["attributes"],
}


@router.post(
    "/v1/traces",
    summary="Send spans by OTLP",
    response_class=Response,
    responses=_answers("Trace"),
    openapi_extra=_described("Trace", {"resourceSpans": [{"scopeSpans": [{"spans": [_SPAN]}]}]}),
)
async def export_traces(
    request: Request,
    parts: Parts,
    caller: Ingester,
    data: Body,
    project: _Project = None,
    experiment: _Experiment = None,
) -> Response:
    """Take spans of any OpenTelemetry client; GenAI, OpenInference, Traceloop and MLflow conventions are read.

    A span belongs to the project that the API key is limited to; else to the one that the header names; else to that
    of MLflow's experiment; else to that of the attribute `wherefrom.project` or `openinference.project.name`, of the
    span or its resource; else to the `service.name` of its trace's root; else to `default`.

    Sending spans again changes nothing.
    """
    named = caller.project_or(_project(project))
    if named is None and experiment is not None:
        named = await in_thread(project_of_experiment, parts.store, experiment)
    return await exported(request, parts, caller, data, Protocol.OTLP, named)


@router.post(
    "/v1/logs",
    summary="Send contents of generations by OTLP's log events",
    response_class=Response,
    responses=_answers("Logs"),
    openapi_extra=_described("Logs", {"resourceLogs": [{"scopeLogs": [{"logRecords": [_RECORD]}]}]}),
)
async def export_logs(
    request: Request, parts: Parts, caller: Ingester, data: Body, project: _Project = None
) -> Response:
    """Take the GenAI events among log records, for the spans that they name; other records are not kept.

    The events of one span should come in one request where each is a single message.
    """
    read = partial(read_logs, project=caller.project_or(_project(project)), only_project=caller.project)
    encoding, batch = await _stored(request, parts, data, read)
    return Response(logs_answer(encoding, batch.rejected, batch.reason), media_type=encoding.value)


async def exported(
    request: Request, parts: Services, caller: Caller, data: bytes, protocol: Protocol, project: str | None = None
) -> Response:
    """The answer to an export request for traces, at whatever path clients send it, once its spans are stored.

    Args:
        protocol: whose path it is.
        project: of all spans; None: what each of them names.
    """
    read = partial(read_traces, project=project, only_project=caller.project, path=request.url.path)
    encoding, batch = await _stored(request, parts, data, read, protocol)
    return Response(traces_answer(encoding, batch.rejected, batch.reason), media_type=encoding.value)


async def _stored(
    request: Request, parts: Services, data: bytes, read: Callable[..., IngestBatch], protocol: Protocol = Protocol.OTLP
) -> tuple[Encoding, IngestBatch]:
    content_type = request.headers.get("content-type", "")
    encoding = encoding_of(content_type)
    batch = await in_thread(read, data, content_type, limits=parts.limits)
    await ingested(parts, batch, protocol, len(data))
    return encoding, batch


def _project(named: str | None) -> str | None:
    """The name in a header, whose bytes are UTF-8 where clients send more than ASCII."""
    if named is None:
        return None
    try:
        text = named.encode("latin-1").decode("utf-8").strip()
    except UnicodeError:
        text = named.strip()
    if not text or not text.isprintable():
        raise RequestError(f"The header {PROJECT_HEADER} names no project: give it a name of printable characters.")
    return text


def _is_protobuf(request: Request) -> bool:
    named = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    return named in ("application/x-protobuf", "application/protobuf")
