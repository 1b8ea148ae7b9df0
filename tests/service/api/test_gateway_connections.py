"""Connections to upstreams: whatever way an answer comes, it is read as it was sent, or it is an error."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from itertools import pairwise
from typing import Any

import pytest
import trustme
from hypothesis import example, given, settings
from hypothesis import strategies as st

from wherefrom.api.gateway import connections
from wherefrom.api.gateway.connections import Asked, Connections, Server, UpstreamError, UpstreamTimeoutError

PLAIN = b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello"
Handle = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


@asynccontextmanager
async def upstream(handle: Handle, **options: Any):
    """A server that does what a test says with every connection; and where it listens."""

    tasks: list[asyncio.Task[None]] = []

    async def once(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        tasks.append(asyncio.current_task())
        with suppress(ConnectionError, asyncio.IncompleteReadError, asyncio.CancelledError, ssl.SSLError):
            try:
                await handle(reader, writer)
            finally:
                writer.close()
                await writer.wait_closed()

    async with await asyncio.start_server(once, "127.0.0.1", 0, **options) as listener:
        yield Server("127.0.0.1", listener.sockets[0].getsockname()[1], is_tls="ssl" in options)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks)


def saying(*pieces: bytes, keeps: bool = False) -> Handle:
    """Answers every request of a connection with the pieces, each in a packet of its own."""

    async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while True:
            await reader.readuntil(b"\r\n\r\n")
            for piece in pieces:
                writer.write(piece)
                await writer.drain()
                await asyncio.sleep(0)
            if not keeps:
                return

    return handle


def get(server: Server, method: str = "GET") -> Asked:
    return Asked(server, method, b"/v1/models", [(b"accept", b"*/*")], b"")


async def read(pool: Connections, asked: Asked) -> tuple[int, bytes, connections.Connection]:
    """The status and the whole body of an answer, and the connection, given back."""
    connection = await pool.ask(asked)
    pieces = []
    while piece := await connection.piece():
        pieces.append(piece)
    status = connection.status
    pool.give_back(connection)
    return status, b"".join(pieces), connection


def answered(*pieces: bytes, method: str = "GET", timeout_s: float = 5.0) -> tuple[int, bytes]:
    """What is read of an answer that comes in these pieces."""

    async def main() -> tuple[int, bytes]:
        async with upstream(saying(*pieces)) as server:
            pool = Connections(timeout_s)
            try:
                status, body, _ = await read(pool, get(server, method))
                return status, body
            finally:
                pool.close()

    return asyncio.run(main())


def framed(body: bytes, kind: str) -> bytes:
    head = b"HTTP/1.1 200 OK\r\nX-A: b\r\n"
    if kind == "length":
        return head + b"Content-Length: %d\r\n\r\n" % len(body) + body
    if kind == "until closed":
        return head + b"Connection: close\r\n\r\n" + body
    parts = [body[place : place + 7] for place in range(0, len(body), 7)]
    return head + b"Transfer-Encoding: chunked\r\n\r\n" + b"".join(b"%x\r\n%s\r\n" % (len(p), p) for p in [*parts, b""])


@settings(max_examples=60, deadline=None)
@given(
    st.binary(max_size=60),
    st.sampled_from(["length", "chunked", "until closed"]),
    st.lists(st.integers(0, 200), max_size=4),
    st.booleans(),
)
@example(b"", "until closed", [], False)
@example(b"", "length", [], True)
def test_however_an_answer_is_cut_it_is_read_whole(body, kind, cuts, has_interim):
    sent = (b"HTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\n" if has_interim else b"") + framed(body, kind)
    places = [0, *sorted(min(cut, len(sent)) for cut in cuts), len(sent)]
    pieces = [sent[start:end] for start, end in pairwise(places) if end > start]
    assert answered(*pieces) == (200, body)


@settings(max_examples=40, deadline=None)
@given(st.binary(min_size=1, max_size=40), st.sampled_from(["length", "chunked"]), st.data())
def test_an_answer_that_ends_too_early_is_an_error(body, kind, data):
    sent = framed(body, kind)
    end = data.draw(st.integers(0, len(sent) - (1 if kind == "length" else 3)))
    with pytest.raises(UpstreamError, match="broke off"):
        answered(*([sent[:end]] if end else []))


@pytest.mark.parametrize(
    "said", [b"SSH-2.0-x\r\n\r\n", b"HTTP/1.1 200 OK\r\n" + b"X: yyyyyyyyyyyyyyyyyyy\r\n" * 20_000 + b"\r\n"]
)
def test_what_is_no_answer_is_an_error(said):
    with pytest.raises(UpstreamError):
        answered(said)


def test_the_answer_to_head_has_no_body():
    assert answered(b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n", method="HEAD") == (200, b"")


@pytest.mark.parametrize("status", [204, 304])
def test_answers_without_a_body_end_with_their_headers(status):
    assert answered(b"HTTP/1.1 %d X\r\n\r\n" % status) == (status, b"")


def test_who_says_nothing_is_given_up():
    async def silent(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read()

    async def main() -> None:
        async with upstream(silent) as server:
            with pytest.raises(UpstreamTimeoutError):
                await Connections(0.1).ask(get(server))

    asyncio.run(main())


def test_a_connection_is_used_again():
    async def main() -> None:
        async with upstream(saying(PLAIN, keeps=True)) as server:
            pool = Connections(5.0)
            first = await read(pool, get(server))
            second = await read(pool, get(server))
            assert first[2] is second[2]
            assert second[:2] == (200, b"hello")
            pool.close()

    asyncio.run(main())


@pytest.mark.parametrize("why", ["closed", "old", "talks", "said more"])
def test_one_that_cannot_be_trusted_is_not_used_again(monkeypatch, why):
    async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(PLAIN + (PLAIN if why == "said more" else b""))
        if why == "talks":
            await asyncio.sleep(0.02)
            writer.write(PLAIN)
        if why != "closed":
            await reader.read()

    async def main() -> None:
        async with upstream(handle) as server:
            pool = Connections(5.0)
            first = await read(pool, get(server))
            await asyncio.sleep(0.1)
            if why == "old":
                monkeypatch.setattr(connections, "_KEPT_S", 0.05)
            second = await read(pool, get(server))
            assert first[2] is not second[2]
            assert first[:2] == second[:2] == (200, b"hello")
            pool.close()

    asyncio.run(main())


def test_an_upstream_waits_for_who_reads_slowly():
    total, sent = 64 << 20, 0

    async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal sent
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % total)
        for _ in range(total >> 16):
            writer.write(bytes(1 << 16))
            await writer.drain()
            sent += 1 << 16

    async def main() -> None:
        async with upstream(handle) as server:
            pool = Connections(0.2)
            connection = await pool.ask(get(server))
            await asyncio.sleep(0.6)  # longer than an upstream may be silent: it is not, it is kept waiting
            assert sent < total // 4
            read = 0
            while piece := await connection.piece():
                read += len(piece)
                assert len(piece) <= connections._MOST_AHEAD + (1 << 20)
            assert read == sent == total
            pool.give_back(connection)
            pool.close()

    asyncio.run(main())


@pytest.mark.parametrize("name", ["localhost", "elsewhere.example"])
def test_tls_is_checked(monkeypatch, tmp_path, name):
    authority = trustme.CA()
    trusted = tmp_path / "authority.pem"
    authority.cert_pem.write_to_path(str(trusted))
    monkeypatch.setenv("SSL_CERT_FILE", str(trusted))
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    authority.issue_cert(name).configure_cert(context)

    async def main() -> tuple[int, bytes]:
        async with upstream(saying(PLAIN), ssl=context) as server:
            pool = Connections(5.0)
            status, body, _ = await read(pool, get(Server("localhost", server.port, is_tls=True)))
            pool.close()
            return status, body

    if name == "localhost":
        assert asyncio.run(main()) == (200, b"hello")
    else:
        with pytest.raises(UpstreamError, match="cannot be reached"):
            asyncio.run(main())


@pytest.mark.parametrize(
    ("server", "named"),
    [
        (Server("api.example", 443, is_tls=True), b"api.example"),
        (Server("api.example", 80, is_tls=True), b"api.example:80"),
        (Server("::1", 8000, is_tls=False), b"[::1]:8000"),
        (Server("b\u00fccher.example", 80, is_tls=False), b"xn--bcher-kva.example"),
    ],
)
def test_names_of_servers(server, named):
    assert server.named == named
    assert b"\r\nhost: " + named + b"\r\n" in get(server).written()
