"""Answers of the search pool, awaited as long as the client is there."""

from __future__ import annotations

import asyncio
from concurrent.futures import Future

from fastapi import Request, Response

from wherefrom.api.services import Services
from wherefrom.api.telemetry import span
from wherefrom.pool.jobs import Job
from wherefrom.pool.task import Answer

CLIENT_LEFT = 499
"""The status of a request whose client left, for those who count; nobody receives it."""


class ClientLeftError(Exception):
    """The client closed the connection before it was answered; nobody will read what is sent."""


async def respond(request: Request, services: Services, job: Job) -> Response:
    """Send what the pool answers to a job. The header `Wherefrom-Cache` says whether it was kept from before.

    Raises:
        WherefromError: what the job ends with.
    """
    try:
        answer = await answered(request, services.pool.submit(job))
    except ClientLeftError:
        return Response(status_code=CLIENT_LEFT)
    headers = {"Wherefrom-Cache": "hit" if answer.from_cache else "miss"}
    return Response(answer.body, headers=headers, media_type="application/json")


async def answered(request: Request, future: Future[Answer]) -> Answer:
    """The answer. When the client leaves first, the work is cancelled.

    Raises:
        ClientLeftError: it left.
        WherefromError: what the future ends with.
    """
    if future.done():
        return future.result()
    waiting = asyncio.wrap_future(future)
    leaving = asyncio.ensure_future(_left(request))
    leaving.add_done_callback(lambda _: waiting.cancel())
    try:
        with span("TracePool.submit"):
            return await waiting
    except asyncio.CancelledError:
        if leaving.done() and not leaving.cancelled():
            raise ClientLeftError from None
        raise
    finally:
        leaving.cancel()


async def _left(request: Request) -> None:
    """Return when the client closed the connection; the body was read before."""
    while (await request.receive())["type"] != "http.disconnect":
        pass
