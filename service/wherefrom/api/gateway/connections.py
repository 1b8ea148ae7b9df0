"""Connections to upstreams: HTTP/1.1 with as little between a piece's arrival and its going on as can be.

A general client spends more on each piece of a stream than everything else on its way together; at fifty streams that
is what makes them wait for each other.
"""

from __future__ import annotations

import asyncio
import ssl
from collections import deque
from collections.abc import Iterable
from contextlib import ExitStack
from dataclasses import dataclass
from typing import cast

import httptools

_CONNECT_S = 10.0
_KEPT_S = 4.0  # many servers close after 5, and one that closes just when it is asked looks like one that failed
_MOST_KEPT = 100
_MOST_AHEAD = 256 << 10  # bytes that have come and are not taken
_MOST_HEADERS = 256 << 10


class UpstreamError(Exception):
    """What went wrong with an upstream, in a sentence without its address: that may not be for the caller."""


class UpstreamTimeoutError(UpstreamError):
    """An upstream that took too long."""


@dataclass(frozen=True, slots=True)
class Server:
    """Where an upstream listens."""

    host: str
    port: int
    is_tls: bool

    @property
    def named(self) -> bytes:
        """As the header Host names it."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        usual = self.port == (443 if self.is_tls else 80)
        return (host if usual else f"{host}:{self.port}").encode("idna" if not host.isascii() else "ascii")


@dataclass(frozen=True, slots=True)
class Asked:
    """A request.

    Attributes:
        target: path and query, as they are sent.
        headers: without Host and Content-Length.
    """

    server: Server
    method: str
    target: bytes
    headers: Iterable[tuple[bytes, bytes]]
    body: bytes

    def written(self) -> bytes:
        """As it is sent."""
        lines = [self.method.encode() + b" " + self.target + b" HTTP/1.1", b"host: " + self.server.named]
        lines += [name + b": " + value for name, value in self.headers]
        if self.body or self.method in ("POST", "PUT", "PATCH"):
            lines.append(b"content-length: %d" % len(self.body))
        return b"\r\n".join((*lines, b"", self.body))


class Connections:
    """Open connections, of which those that are idle are used again."""

    def __init__(self, timeout_s: float) -> None:
        """Take how long an upstream may say nothing."""
        self._timeout_s = timeout_s
        self._idle: dict[Server, deque[Connection]] = {}
        self._tls: ssl.SSLContext | None = None

    async def ask(self, asked: Asked) -> Connection:
        """The connection on which a request is answered, once the answer's headers are here.

        Raises:
            UpstreamError: it cannot be reached, or broke off.
        """
        connection = self._reused(asked.server) or await self._opened(asked.server)
        with ExitStack() as unless_answered:
            unless_answered.callback(connection.drop)
            await connection.ask(asked)
            unless_answered.pop_all()
        return connection

    def give_back(self, connection: Connection) -> None:
        """Keeps a connection whose answer was read to its end, if it may be used again; closes any other."""
        kept = self._idle.setdefault(connection.server, deque())
        if connection.is_reusable and len(kept) < _MOST_KEPT:
            connection.idle_since = asyncio.get_running_loop().time()
            kept.append(connection)
        else:
            connection.drop()

    def close(self) -> None:
        """Closes those that are idle."""
        for kept in self._idle.values():
            for connection in kept:
                connection.drop()
        self._idle.clear()

    def _reused(self, server: Server) -> Connection | None:
        kept = self._idle.get(server, deque())
        now = asyncio.get_running_loop().time()
        while kept:
            connection = kept.pop()
            if connection.is_reusable and now - connection.idle_since < _KEPT_S:
                return connection
            connection.drop()
        return None

    async def _opened(self, server: Server) -> Connection:
        if server.is_tls and self._tls is None:
            self._tls = ssl.create_default_context()
            self._tls.set_alpn_protocols(["http/1.1"])
        loop = asyncio.get_running_loop()
        try:
            async with asyncio.timeout(_CONNECT_S):
                _, connection = await loop.create_connection(
                    lambda: Connection(server, self._timeout_s),
                    server.host,
                    server.port,
                    ssl=self._tls if server.is_tls else None,
                )
        except TimeoutError as error:
            raise UpstreamTimeoutError("The upstream could not be reached in time.") from error
        except (OSError, UnicodeError) as error:  # ssl.SSLError is an OSError
            raise UpstreamError("The upstream cannot be reached.") from error
        return connection


class Connection(asyncio.Protocol):
    """One connection, and the answer that is being read on it.

    Attributes:
        status, headers: of the answer.
        is_reusable: it is open and nothing is left to read.
        idle_since: when it was last given back.
    """

    def __init__(self, server: Server, timeout_s: float) -> None:
        self.server = server
        self.status = 0
        self.headers: list[tuple[bytes, bytes]] = []
        self.idle_since = 0.0
        self._timeout_s = timeout_s
        self._loop = asyncio.get_running_loop()
        self._transport: asyncio.Transport | None = None
        self._parser = httptools.HttpResponseParser(self)
        self._is_head = False
        self._busy = False
        self._started = False
        self._ended = False
        self._until_closed = False
        self._keeps = True
        self._error: UpstreamError | None = None
        self._pieces: deque[bytes] = deque()
        self._ahead = 0
        self._header_bytes = 0
        self._paused = False
        self._waiter: asyncio.Future[None] | None = None
        self._heard = 0.0
        self._watch: asyncio.TimerHandle | None = None

    @property
    def is_reusable(self) -> bool:
        """Whether another request may be sent."""
        return self._keeps and self._error is None and not self._busy and self._transport is not None

    async def ask(self, asked: Asked) -> None:
        """Sends a request, and waits for the headers of its answer.

        Raises:
            UpstreamError: it broke off, or took too long.
        """
        assert self._transport is not None
        self._busy, self._started, self._ended, self._until_closed = True, False, False, False
        self._is_head = asked.method == "HEAD"
        self.status, self.headers = 0, []
        self._header_bytes = 0
        self._heard = self._loop.time()
        self._look()
        self._transport.write(asked.written())
        while not self._started:
            await self._changed()

    async def piece(self) -> bytes:
        """The next piece of the answer, as it came; nothing at its end.

        Raises:
            UpstreamError: it broke off, or took too long.
        """
        while not self._pieces:
            if self._ended:
                self._busy = False
                self._unwatch()
                return b""
            await self._changed()
        found = self._pieces.popleft() if len(self._pieces) == 1 else b"".join(self._pieces)
        self._pieces.clear()
        self._ahead = 0
        if self._paused and self._transport is not None:
            self._paused = False
            self._heard = self._loop.time()
            self._transport.resume_reading()
        return found

    def drop(self) -> None:
        """Closes it at once."""
        self._unwatch()
        self._keeps = False
        if self._transport is not None:
            self._transport.abort()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """It is open."""
        self._transport = cast(asyncio.Transport, transport)  # uvloop's do not inherit from it

    def data_received(self, data: bytes) -> None:
        """Bytes came."""
        self._heard = self._loop.time()
        if not self._busy or self._ended:  # nobody has asked
            self.drop()
            return
        try:
            self._parser.feed_data(data)
        except httptools.HttpParserUpgrade:
            self._fail(UpstreamError("The upstream speaks another protocol."))
        except httptools.HttpParserError:
            if self._ended:  # the answer is whole; what came behind it is not
                self._keeps = False
            else:
                self._fail(UpstreamError("The upstream broke off."))
        self._wake()

    def eof_received(self) -> bool:
        """The upstream says no more; closes."""
        return False

    def connection_lost(self, exc: Exception | None) -> None:
        """It is closed."""
        self._transport = None
        self._keeps = False
        if self._busy and not self._ended:
            if self._started and self._until_closed and exc is None:
                self._ended = True
            else:
                self._fail(UpstreamError("The upstream broke off."))
        self._wake()

    def on_message_begin(self) -> None:
        """An answer begins: the one that was asked for, an interim one before it, or one too many."""
        if self._ended:
            raise ValueError("an answer that nobody asked for")

    def on_header(self, name: bytes, value: bytes) -> None:
        """A header was read; those behind the body are not passed on."""
        if self._started:
            return
        self._header_bytes += len(name) + len(value)
        if self._header_bytes > _MOST_HEADERS:
            raise ValueError("headers without end")
        self.headers.append((name.lower(), value))

    def on_headers_complete(self) -> None:
        """All were; those of an interim answer are not passed on."""
        status = self._parser.get_status_code()
        if status < 200:
            self.headers.clear()
            return
        names = {name for name, _ in self.headers}
        self.status, self._started = status, True
        has_body = not self._is_head and status not in (204, 304)
        self._until_closed = has_body and not names & {b"content-length", b"transfer-encoding"}
        if self._is_head:  # whose parser would wait for a body
            self._ended, self._keeps = True, False

    def on_body(self, body: bytes) -> None:
        """A piece of the body was read."""
        self._pieces.append(body)
        self._ahead += len(body)
        if self._ahead > _MOST_AHEAD and not self._paused and self._transport is not None:
            self._paused = True
            self._transport.pause_reading()

    def on_message_complete(self) -> None:
        """The answer is whole."""
        if self._started:
            self._ended = True
            self._keeps = self._keeps and self._parser.should_keep_alive()

    async def _changed(self) -> None:
        if self._error is not None:
            raise self._error
        self._waiter = self._loop.create_future()
        try:
            await self._waiter
        finally:
            self._waiter = None
        if self._error is not None and not self._pieces:
            raise self._error

    def _wake(self) -> None:
        if self._waiter is not None and not self._waiter.done():
            self._waiter.set_result(None)

    def _fail(self, error: UpstreamError) -> None:
        self._error = self._error or error
        self._keeps = False
        if self._transport is not None:
            self._transport.abort()
        self._wake()

    def _look(self) -> None:
        """Ends what has said nothing for too long; a timer for each piece would cost more than the piece."""
        due = self._heard + self._timeout_s
        now = self._loop.time()
        if now >= due and not self._paused:
            self._fail(UpstreamTimeoutError("The upstream did not go on in time."))
            return
        self._watch = self._loop.call_at(max(due, now + 0.01), self._look)

    def _unwatch(self) -> None:
        if self._watch is not None:
            self._watch.cancel()
            self._watch = None
