"""The part of Helicone's interface that its helpers need: `logging_endpoint` is the service's address and `/helicone`.

Requests that go through the gateway understand Helicone's headers too.
"""

from __future__ import annotations

import time
from typing import Annotated, Literal

from fastapi import APIRouter, Path, Request
from pydantic import BaseModel, ConfigDict

from wherefrom.api.dependencies import Body, Ingester, Parts, in_thread
from wherefrom.api.gateway.headers import labels_of
from wherefrom.api.ingestion import ingested, sent, usable
from wherefrom.api.json_bodies import JsonRoute, described
from wherefrom.traces.ingest.helicone import read_log, read_scores
from wherefrom.traces.model import Protocol

router = APIRouter(tags=["helicone"], route_class=JsonRoute)

_LOG = {
    "providerRequest": {
        "url": "custom-model-nopath",
        "json": {"model": "small-model", "messages": [{"role": "user", "content": "Who speaks?"}]},
        "meta": {},
    },
    "providerResponse": {
        "headers": {},
        "status": 200,
        "json": {"choices": [{"message": {"role": "assistant", "content": "We the people."}}]},
    },
    "timing": {
        "startTime": {"seconds": 1_700_000_000, "milliseconds": 0},
        "endTime": {"seconds": 1_700_000_001, "milliseconds": 500},
        "timeToFirstToken": 120,
    },
}


class Stored(BaseModel):
    """That it is stored durably; both are null."""

    model_config = ConfigDict(json_schema_extra={"example": {"data": None, "error": None}})

    data: None = None
    error: None = None


@router.post(
    "/helicone/{provider}/v1/log",
    summary="Log a request and its answer, as Helicone's helpers do",
    openapi_extra=described(_LOG, "The request, the answer, and when they were."),
)
async def log(
    request: Request,
    parts: Parts,
    caller: Ingester,
    data: Body,
    provider: Annotated[Literal["oai", "anthropic", "custom"], Path(description="Whose API it was.")],
) -> Stored:
    """Take a generation, a call of a tool (`_type` is `tool`) or a search of a database (`vector_db`).

    The headers are those of the gateway. The same again changes nothing.
    """
    labels = labels_of(request.headers, caller.project)
    collected = await in_thread(
        read_log, sent(request, parts, caller, data, Protocol.HELICONE), provider, labels, time.time_ns()
    )
    await ingested(parts, collected.batch(), Protocol.HELICONE, len(data))
    return Stored()


@router.post(
    "/helicone/v1/request/{request_id}/score",
    summary="Score a request, as Helicone does",
    openapi_extra=described({"scores": {"correct": True, "stars": 4}}, "Numbers or truths by name."),
)
async def score(
    request: Request,
    parts: Parts,
    caller: Ingester,
    data: Body,
    request_id: Annotated[
        str, Path(max_length=200, description="What `Helicone-Request-Id` said, or the answer's `Helicone-Id`.")
    ],
) -> Stored:
    """Take scores of a request; they may come before it. The same name again replaces its score."""
    collected = await in_thread(read_scores, sent(request, parts, caller, data, Protocol.HELICONE), request_id)
    batch = usable(collected.batch())
    await ingested(parts, batch, Protocol.HELICONE, len(data))
    return Stored()
