"""Whether the service lives, whether it can work, and its numbers."""

from __future__ import annotations

from enum import StrEnum

import anyio
from fastapi import APIRouter, Response
from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy import select

from wherefrom.api.dependencies import Parts, Reader, in_thread
from wherefrom.api.metrics import CONTENT_TYPE
from wherefrom.api.services import Services
from wherefrom.errors import AccessError
from wherefrom_indexer.errors import WherefromError

router = APIRouter(tags=["health"])

_PATIENCE_S = 2.0


class State(StrEnum):
    """How a part is."""

    OK = "ok"
    DEGRADED = "degraded"
    UNAVAILABLE = "unavailable"


class Live(BaseModel):
    """The process answers."""

    model_config = ConfigDict(json_schema_extra={"example": {"status": "ok"}})

    status: State


class Check(BaseModel):
    """How one part is."""

    status: State
    reason: str | None = Field(default=None, description="What is wrong, where something is.")


class Ready(BaseModel):
    """How the parts are. The service works while its store does; a damaged index leaves the others."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "status": "degraded",
                "checks": {
                    "store": {"status": "ok", "reason": None},
                    "search": {"status": "ok", "reason": None},
                    "index wikipedia": {"status": "unavailable", "reason": "damaged: tokens.bin is truncated"},
                },
            }
        }
    )

    status: State
    checks: dict[str, Check]


@router.get("/health/live", summary="Whether the process lives")
async def live() -> Live:
    """Answers while the event loop runs. Whoever restarts ill processes asks this; it needs no key."""
    return Live(status=State.OK)


@router.get(
    "/health/ready",
    summary="Whether requests can be answered",
    responses={503: {"model": Ready, "description": "The store or the search cannot be used for now"}},
)
async def ready(parts: Parts, response: Response) -> Ready:
    """Looks at the trace store, the search processes and each index. Whoever sends requests asks this.

    It needs no key, so it names no index where keys are needed.
    """
    checks = {"store": await _store(parts), "search": _search(parts)} | _indexes(parts) | _gateway(parts)
    needed = (checks["store"], checks["search"])
    if any(check.status is State.UNAVAILABLE for check in needed):
        status = State.UNAVAILABLE
        response.status_code = 503
    else:
        status = State.OK if all(check.status is State.OK for check in checks.values()) else State.DEGRADED
    return Ready(status=status, checks=checks)


@router.get(
    "/metrics",
    summary="Numbers for Prometheus",
    response_class=Response,
    responses={200: {"content": {"text/plain": {"schema": {"type": "string"}}}, "description": "Prometheus text"}},
)
async def metrics(parts: Parts, caller: Reader) -> Response:
    """Requests by route and status, times, queues, searches, ingest and attachment, in Prometheus' text format.

    They are of all projects, so an API key that is limited to one does not open them.
    """
    if caller.project is not None:
        raise AccessError(f"This API key is limited to the project {caller.project!r}; these numbers are of all.")
    return Response(await in_thread(parts.metrics.text), media_type=CONTENT_TYPE)


async def _store(parts: Services) -> Check:
    with anyio.move_on_after(_PATIENCE_S):
        try:
            await anyio.to_thread.run_sync(
                lambda: parts.store.read(lambda connection: connection.execute(select(1)).scalar()),
                abandon_on_cancel=True,
            )
        except WherefromError as error:
            return Check(status=State.UNAVAILABLE, reason=str(error))
        return Check(status=State.OK)
    return Check(status=State.UNAVAILABLE, reason=f"It did not answer within {_PATIENCE_S:g} s.")


def _search(parts: Services) -> Check:
    if not parts.registry.names() or parts.pool.ready():
        return Check(status=State.OK)
    if parts.pool.processes():
        return Check(status=State.DEGRADED, reason="Some search processes are being started.")
    return Check(status=State.UNAVAILABLE, reason="No search process runs.")


def _gateway(parts: Services) -> dict[str, Check]:
    if parts.gateway is None:
        return {}
    trouble = parts.gateway.recorder.trouble()
    return {"gateway": Check(status=State.DEGRADED, reason=trouble) if trouble else Check(status=State.OK)}


def _indexes(parts: Services) -> dict[str, Check]:
    found = {}
    for number, index in enumerate(parts.registry.indexes(), 1):
        name = f"index {number if parts.settings.needs_keys else index.name}"
        if index.serving and not index.reason:
            found[name] = Check(status=State.OK)
        else:
            reason = str(index.status) if parts.settings.needs_keys else f"{index.status}: {index.reason}"
            found[name] = Check(status=State.DEGRADED if index.serving else State.UNAVAILABLE, reason=reason)
    return found
