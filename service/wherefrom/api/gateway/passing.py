"""One request on its way to an upstream, and the answer on its way back, piece by piece."""

from __future__ import annotations

import time
from dataclasses import replace

import anyio
import orjson
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from wherefrom.api.gateway.connections import Asked, Connection, Connections, UpstreamError, UpstreamTimeoutError
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

    def __init__(self, connections: Connections, request: Asked, recorder: Recorder, exchange: Exchange | None) -> None:
        """Take what to ask. `exchange`: what is known ahead of what is recorded; None: nothing is."""
        super().__init__()
        self._connections = connections
        self._request = request
        self._exchange = exchange
        self._answer = _Kept(recorder) if exchange is not None else None
        self._recorder = recorder
        self._failure: str | None = None
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
        answer: Connection | None = None
        try:
            answer = await self._connections.ask(self._request)
            await _start(send, answer.status, self._passed_on(answer))
            while piece := await answer.piece():
                if self._answer is not None:
                    self._answer.add(piece)
                await send({"type": "http.response.body", "body": piece, "more_body": True})
            self._connections.give_back(answer)
            answer = None
            self._whole = True
            await send({"type": "http.response.body", "body": b"", "more_body": False})
        except UpstreamError as error:
            self._failure = str(error)
            if answer is None:
                await self._refuse(send, error)
            # Otherwise, without the end of the body, the server closes the connection.
        finally:
            if answer is not None:
                answer.drop()

    def _passed_on(self, answer: Connection) -> Pairs:
        headers = to_caller(answer.headers)
        if answer.status in (204, 304):  # whose length is that of an answer that is not sent
            headers = [(name, value) for name, value in headers if name != b"content-length"]
        if self._exchange is not None:
            told = {name: value.decode("latin-1") for name, value in answer.headers}
            self._exchange = replace(
                self._exchange,
                status=answer.status,
                content_type=told.get(b"content-type", ""),
                content_encoding=told.get(b"content-encoding", ""),
            )
            headers.append((TRACE_HEADER, self._exchange.trace_id.encode()))
            if known_as := self._exchange.labels.request_id:
                headers.append((b"helicone-id", known_as.encode()))
        return headers

    async def _refuse(self, send: Send, error: UpstreamError) -> None:
        status, code = (504, "upstream_timeout") if isinstance(error, UpstreamTimeoutError) else (502, "upstream")
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
