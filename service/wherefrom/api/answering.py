"""Answers of the search pool, awaited as long as the client is there."""

from __future__ import annotations

import asyncio
from concurrent.futures import Future

from fastapi import Request

from wherefrom.api.telemetry import span
from wherefrom.pool.task import Answer


class ClientLeftError(Exception):
    """The client closed the connection before it was answered; nobody will read what is sent."""


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
