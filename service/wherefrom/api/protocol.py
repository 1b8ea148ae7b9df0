"""HTTP on a connection whose client may be slow, endless or many: uvicorn's protocol with times and bounds.

Nothing of this costs a thread or a process; a client that dawdles costs a socket until its time is up.
"""

from __future__ import annotations

import asyncio
import socket
import struct
from collections.abc import Sized
from typing import Any

import orjson
from uvicorn.protocols.http.flow_control import FlowControl
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from wherefrom.api.problems import MEDIA_TYPE, TYPES
from wherefrom.api.settings import Settings

_TITLES = {
    400: "Bad Request",
    408: "Request Timeout",
    431: "Request Header Fields Too Large",
    503: "Service Unavailable",
}


_MOST_AHEAD = 100
"""Requests that a client may send before the first is answered."""


class _Flow(FlowControl):
    """Reads nothing more while whole requests wait for their turn, which uvicorn would go on to collect."""

    def __init__(self, transport: asyncio.Transport, waiting: Sized) -> None:
        super().__init__(transport)
        self._waiting = waiting

    def resume_reading(self) -> None:
        if not self._waiting:
            super().resume_reading()


def patient(settings: Settings) -> type[PatientProtocol]:
    """The protocol for a service, since uvicorn takes a class."""
    return type("PatientProtocol", (PatientProtocol,), {"settings": settings})


class PatientProtocol(HttpToolsProtocol):
    """One connection. Between requests uvicorn's own timer for idle connections runs.

    Attributes:
        settings: of the service.
    """

    settings: Settings

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self._headers_due: asyncio.TimerHandle | None = None
        self._writing_due: asyncio.TimerHandle | None = None
        self._header_bytes = 0
        self._in_headers = False

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Begin to wait for a request, unless there are too many connections."""
        super().connection_made(transport)
        self.flow = _Flow(transport, self.pipeline)
        if len(self.connections) > self.settings.max_connections:
            self._refuse(503, "too-many-connections", "The service has too many connections (max_connections).")
        else:
            self._expect_headers()

    def connection_lost(self, exc: Exception | None) -> None:
        """Stop waiting."""
        self._headers_came()
        if self._writing_due is not None:
            self._writing_due.cancel()
            self._writing_due = None
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Bound what headers may hold and how long they may take; anything that begins no request counts as well."""
        if self.transport.is_closing():
            return
        super().data_received(data)
        if self.transport.is_closing():
            return
        if self._in_headers:
            self._header_bytes += len(data)
            if self._header_bytes > self.settings.max_header_bytes and self._may_answer():
                detail = f"The headers are larger than {self.settings.max_header_bytes:,} bytes (max_header_bytes)."
                self._refuse(431, "headers-too-large", detail)
        elif self._may_answer() and self.timeout_keep_alive_task is None:
            self._expect_headers()

    def on_message_begin(self) -> None:
        """A request begins."""
        if len(self.pipeline) >= _MOST_AHEAD:
            raise ConnectionAbortedError("too many requests one behind the other")  # ends the connection
        super().on_message_begin()
        self._in_headers = True
        self._header_bytes = 0
        self._expect_headers()

    def on_headers_complete(self) -> None:
        """The headers came in time."""
        self._in_headers = False
        self._headers_came()
        super().on_headers_complete()

    def on_response_complete(self) -> None:
        """Wait for the client to take the answer, or for its next request."""
        super().on_response_complete()
        if self.transport.get_write_buffer_size():
            self._expect_reading()

    def pause_writing(self) -> None:
        """The client does not read as fast as it is answered."""
        super().pause_writing()
        self._expect_reading()

    def resume_writing(self) -> None:
        """It has read on."""
        super().resume_writing()
        if self._writing_due is not None:
            self._writing_due.cancel()
            self._writing_due = None

    def send_400_response(self, msg: str) -> None:
        """Answer what is not HTTP."""
        if self._may_answer() or not self.cycle.response_started:
            self._refuse(400, "not-http", "This is not HTTP that can be read.")
        else:
            self.transport.close()
            self._expect_reading()

    def _may_answer(self) -> bool:
        """Whether no answer is under way that another one would run into."""
        return self.cycle is None or self.cycle.response_complete

    def _expect_headers(self) -> None:
        if self._headers_due is None:
            self._headers_due = self.loop.call_later(self.settings.header_timeout_s, self._headers_late)

    def _headers_came(self) -> None:
        if self._headers_due is not None:
            self._headers_due.cancel()
            self._headers_due = None

    def _headers_late(self) -> None:
        self._headers_due = None
        if not self._may_answer():
            self._expect_headers()
        elif self._header_bytes:
            detail = f"The headers did not arrive within {self.settings.header_timeout_s:g} s (header_timeout_s)."
            self._refuse(408, "slow-request", detail)
        else:
            self.transport.close()  # nothing was asked, so nothing is answered

    def _expect_reading(self) -> None:
        if self._writing_due is None:
            self._writing_due = self.loop.call_later(self.settings.write_timeout_s, self._reading_late)

    def _reading_late(self) -> None:
        self._writing_due = None
        if self.flow.write_paused or self.transport.get_write_buffer_size():
            # Without this the system would go on offering the rest to a client that does not take it.
            connection = self.transport.get_extra_info("socket")
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            self.transport.abort()

    def _refuse(self, status: int, name: str, detail: str) -> None:
        """Answers without the application, which sees whole requests only, and closes the connection."""
        title = _TITLES[status]
        body = orjson.dumps({"type": TYPES + name, "title": title, "status": status, "detail": detail, "instance": ""})
        head = (
            f"HTTP/1.1 {status} {title}\r\ncontent-type: {MEDIA_TYPE}\r\ncontent-length: {len(body)}\r\n"
            "cache-control: no-store\r\nconnection: close\r\n\r\n"
        )
        self.transport.write(head.encode() + body)
        self.transport.close()
