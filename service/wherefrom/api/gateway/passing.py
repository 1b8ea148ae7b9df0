"""One request on its way to an upstream, and the answer on its way back, piece by piece."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace

import anyio
import httpx
import orjson
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from wherefrom.api.gateway.headers import Pairs, to_caller
from wherefrom.api.gateway.recording import MOST_OF_ONE, Recorder
from wherefrom.traces.ingest.gateway import Exchange

TRACE_HEADER = b"x-wherefrom-trace"
"""Of the answer: the trace in which it is recorded."""

_GONE = "The caller left before the answer's end."


class Passage(Response):
    """The answer to one request: what an upstream answers.

    The caller's leaving ends the request to the upstream; an upstream that breaks off ends the caller's connection in
    the same place, so that nothing looks whole that is not.
    """

    def __init__(
        self, client: httpx.AsyncClient, request: httpx.Request, recorder: Recorder, exchange: Exchange | None
    ) -> None:
        """Take what to ask. `exchange`: what is known ahead of what is recorded; None: nothing is."""
        super().__init__()
        self._client = client
        self._request = request
        self._exchange = exchange
        self._answer = _Kept(recorder) if exchange is not None else None
        self._recorder = recorder
        self._failure: str | None = None
        self._status: int | None = None
        self._whole = False

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Ask, pass the answer on, have both recorded."""
        try:
            async with anyio.create_task_group() as group:

                async def watch() -> None:
                    while (await receive())["type"] != "http.disconnect":
                        pass
                    if not self._whole:  # what comes after the end says so as well
                        self._failure = self._failure or _GONE
                    group.cancel_scope.cancel()

                group.start_soon(watch)
                await self._pass(send)
                group.cancel_scope.cancel()
        finally:
            self._record()

    async def _pass(self, send: Send) -> None:
        try:
            async with self._asked() as answer:
                headers = to_caller(answer.headers.raw)
                if self._exchange is not None:
                    headers.append((TRACE_HEADER, self._exchange.trace_id.encode()))
                    if known_as := self._exchange.labels.request_id:
                        headers.append((b"helicone-id", known_as.encode()))
                await _start(send, answer.status_code, headers)
                async for piece in answer.aiter_raw():
                    if self._answer is not None:
                        self._answer.add(piece)
                    await send({"type": "http.response.body", "body": piece, "more_body": True})
        except httpx.HTTPError as error:
            self._failure = _sentence(error)
            if self._status is None:
                await self._refuse(send, error)
            return  # without the end of the body, the server closes the connection
        if self._failure is None:
            self._whole = True
            await send({"type": "http.response.body", "body": b"", "more_body": False})

    @asynccontextmanager
    async def _asked(self) -> AsyncIterator[httpx.Response]:
        answer = await self._client.send(self._request, stream=True)
        self._status = answer.status_code
        if self._exchange is not None:
            self._exchange = replace(
                self._exchange,
                status=answer.status_code,
                content_type=answer.headers.get("content-type", ""),
                content_encoding=answer.headers.get("content-encoding", ""),
            )
        try:
            yield answer
        finally:
            with anyio.CancelScope(shield=True):
                await answer.aclose()

    async def _refuse(self, send: Send, error: httpx.HTTPError) -> None:
        status, code = (504, "upstream_timeout") if isinstance(error, httpx.TimeoutException) else (502, "upstream")
        detail = {"message": self._failure, "type": "gateway_error", "param": None, "code": code}
        body = orjson.dumps({"error": detail})
        headers = [(b"content-type", b"application/json"), (b"content-length", str(len(body)).encode())]
        await _start(send, status, headers)
        await send({"type": "http.response.body", "body": body, "more_body": False})

    def _record(self) -> None:
        if self._exchange is None or self._answer is None:
            return
        done = replace(self._exchange, end_ns=time.time_ns(), pieces=self._answer.pieces(), failure=self._failure)
        self._answer.forget()
        self._recorder.offer(done)


class _Kept:
    """The pieces of an answer, as long as there is memory for them."""

    def __init__(self, recorder: Recorder) -> None:
        self._recorder = recorder
        self._pieces: list[tuple[int, bytes]] | None = []
        self._size = 0

    def add(self, piece: bytes) -> None:
        if self._pieces is None:
            return
        size = len(piece) + 100
        if self._size + size > MOST_OF_ONE or not self._recorder.reserve(size):
            self.forget()
            self._pieces = None
            return
        self._size += size
        self._pieces.append((time.time_ns(), piece))

    def pieces(self) -> tuple[tuple[int, bytes], ...] | None:
        return None if self._pieces is None else tuple(self._pieces)

    def forget(self) -> None:
        """Gives the memory back; whoever keeps the pieces takes it anew."""
        self._recorder.release(self._size)
        self._size = 0


async def _start(send: Send, status: int, headers: Pairs) -> None:
    await send({"type": "http.response.start", "status": status, "headers": headers})


def _sentence(error: httpx.HTTPError) -> str:
    """What happened, without the address: it may not be for the caller."""
    if isinstance(error, httpx.ConnectTimeout | httpx.PoolTimeout):
        return "The upstream could not be reached in time."
    if isinstance(error, httpx.TimeoutException):
        return "The upstream did not go on in time."
    if isinstance(error, httpx.ConnectError):
        return "The upstream cannot be reached."
    return "The upstream broke off."
