"""Bodies of requests: bounded as sent and after decompression, and read within a time."""

from __future__ import annotations

import asyncio
import zlib
from collections.abc import Iterator
from contextlib import suppress

import anyio.to_thread
import zstandard
from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from wherefrom.api.settings import Settings
from wherefrom.errors import LimitError, MalformedError, SlowClientError, UnsupportedMediaError

ENCODINGS = ("gzip", "deflate", "zstd")
_ALSO_CALLED = {"x-gzip": "gzip", "identity": "", "": ""}
_STEP = 16 * 1024
_PIECE = 1 << 20
_ZSTD_STEP = 1024  # makes at most 32 MiB: a block of 4 bytes gives up to 128 KiB
_ZSTD_WINDOW = 1 << 27  # what the format asks every decoder for is 8 MiB; `zstd --long` makes 128 MiB
_DRAIN_S = 2.0


class BoundedBodies:
    """Middleware: whoever reads the body gets it decompressed, or an error that says what is wrong with it."""

    def __init__(self, app: ASGIApp, settings: Settings) -> None:
        self._app = app
        self._settings = settings

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, its body bounded."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        bounded = _Body(scope, receive, self._settings)
        await self._app(scope, bounded.receive, send)


class _Body:
    """The body of one request.

    Headers that speak of its encoded form are taken away. The scope's state tells of `encoded_body` (the bytes as they
    came, and their encoding), of `bytes_in`, and whether nothing is left to read (`body_is_read`).
    """

    def __init__(self, scope: Scope, receive: Receive, settings: Settings) -> None:
        self._receive = receive
        self._settings = settings
        self._state = scope["state"]
        self._read = 0
        self._ended = False
        self._deadline = 0.0
        headers = MutableHeaders(scope=scope)
        self._encoding = headers.get("content-encoding", "").strip().lower()
        self._announced = _length(headers.get("content-length"))
        if self._encoding:
            scope["headers"] = [
                item for item in scope["headers"] if item[0] not in (b"content-encoding", b"content-length")
            ]

    async def receive(self) -> Message:
        """The next piece of the body; once it is whole, whatever the server says."""
        if self._ended:
            return await self._receive()
        if self._announced > self._settings.max_body_bytes:
            await self._refuse()
        if not self._encoding:
            return await self._piece()
        known = _ALSO_CALLED.get(self._encoding, self._encoding)
        if known and known not in ENCODINGS:
            raise UnsupportedMediaError(
                f"Content-Encoding is {self._encoding[:50]!r}; the service reads {', '.join(ENCODINGS)}."
            )
        pieces = []
        while not self._ended:
            message = await self._piece()
            if message["type"] != "http.request":
                return message
            pieces.append(message["body"])
        encoded = b"".join(pieces)
        if not known:
            return {"type": "http.request", "body": encoded, "more_body": False}
        self._state["encoded_body"] = (encoded, known)
        decoded = await anyio.to_thread.run_sync(decoded_body, encoded, known, self._settings.max_decoded_bytes)
        return {"type": "http.request", "body": decoded, "more_body": False}

    async def _piece(self) -> Message:
        clock = asyncio.get_running_loop().time
        self._deadline = self._deadline or clock() + self._settings.body_timeout_s
        try:
            async with asyncio.timeout_at(self._deadline):
                message = await self._next()
        except TimeoutError:
            self._ended = True
            raise SlowClientError(
                f"The body did not arrive within {self._settings.body_timeout_s:g} s (body_timeout_s)."
            ) from None
        self._read += len(message.get("body", b""))
        self._state["bytes_in"] = self._read
        if self._read > self._settings.max_body_bytes:
            await self._refuse()
        return message

    async def _next(self) -> Message:
        message = await self._receive()
        if message["type"] != "http.request" or not message.get("more_body"):
            self._ended = self._state["body_is_read"] = True
        return message

    async def _refuse(self) -> None:
        """Reads on for a moment, since a client that still sends would not see an answer; then refuses."""
        left = self._settings.max_body_bytes
        with suppress(TimeoutError):
            async with asyncio.timeout(_DRAIN_S):
                while not self._ended and left > 0:
                    left -= len((await self._next()).get("body", b"")) + 1
        self._ended = True
        raise LimitError(
            f"The body is larger than {self._settings.max_body_bytes:,} bytes (max_body_bytes); send less at once."
        )


def decoded_body(encoded: bytes, encoding: str, limit: int) -> bytes:
    """The bytes that `encoded` stands for.

    Args:
        encoding: one of `ENCODINGS`.
        limit: of the result, in bytes; little more than that is ever held.

    Raises:
        MalformedError: it is truncated, damaged, or of another encoding.
        LimitError: the result would be larger.
    """
    pieces: list[bytes] = []
    size = 0
    for piece in _zstd(encoded) if encoding == "zstd" else _zlib(encoded, encoding):
        size += len(piece)
        if size > limit:
            raise LimitError(
                f"The body is larger than {limit:,} bytes after decompression (max_decoded_bytes); send less at once."
            )
        pieces.append(piece)
    return b"".join(pieces)


def _zlib(encoded: bytes, encoding: str) -> Iterator[bytes]:
    """Of gzip (one or more members) and deflate, which some send without its frame."""
    data = memoryview(encoded)
    at = 0
    while at < len(data):
        if encoding == "gzip":
            bits = 16 + zlib.MAX_WBITS
        else:
            framed = len(data) > 1 and data[0] & 0x0F == 8 and (data[0] << 8 | data[1]) % 31 == 0
            bits = zlib.MAX_WBITS if framed else -zlib.MAX_WBITS
        member = zlib.decompressobj(bits)
        while not member.eof:
            # What was not consumed for the bound's sake comes first; it is never longer than a step.
            held = member.unconsumed_tail
            step = held or data[at : at + _STEP]
            at += 0 if held else len(step)
            try:
                piece = member.decompress(step, _PIECE)
            except zlib.error as error:
                raise MalformedError(f"The body is not {encoding}: its compressed data are damaged.") from error
            if not step and not piece and not member.eof:
                raise MalformedError(f"The body is not whole: its {encoding} data end too early.")
            yield piece
        at -= len(member.unused_data)
        if at < len(data) and encoding != "gzip":
            raise MalformedError(f"The body is not {encoding}: something follows its compressed data.")


def _zstd(encoded: bytes) -> Iterator[bytes]:
    data = memoryview(encoded)
    at = 0
    while at < len(data):
        frame = zstandard.ZstdDecompressor(max_window_size=_ZSTD_WINDOW).decompressobj(write_size=64 * 1024)
        while not frame.eof:
            if at >= len(data):
                raise MalformedError("The body is not whole: its zstd data end too early.")
            step = data[at : at + _ZSTD_STEP]
            at += len(step)
            try:
                yield frame.decompress(step)
            except zstandard.ZstdError as error:
                raise MalformedError("The body is not zstd: its compressed data are damaged.") from error
        at -= len(frame.unused_data)


def _length(header: str | None) -> int:
    # int() would also take underscores, signs and digits of other scripts.
    return int(header) if header and header.isascii() and header.isdigit() and len(header) < 19 else 0
