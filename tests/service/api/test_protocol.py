"""Clients that are slow, endless, many, or speak something else: each costs a socket at most, and not for ever."""

from __future__ import annotations

import json
import select
import socket
from contextlib import ExitStack

import httpx
import pytest
from running_service import connected, on_a_port, received

MAX_HEADERS = 8_000


LIMITS = {
    "max_header_bytes": MAX_HEADERS,
    "max_connections": 40,
    "max_body_bytes": 1 << 20,
    "max_decoded_bytes": 4 << 20,
}


@pytest.fixture(scope="module")
def address(tmp_path_factory):
    with on_a_port(tmp_path_factory.mktemp("patient"), **LIMITS) as (address, _):
        yield address


@pytest.fixture(scope="module")
def hasty(tmp_path_factory):
    """A service that waits for nobody; only what dawdles should be sent to it."""
    times = {"header_timeout_s": 0.4, "body_timeout_s": 0.4, "keep_alive_s": 30}
    with on_a_port(tmp_path_factory.mktemp("hasty"), **times) as (address, _):
        yield address


def said(address: str, *pieces: bytes) -> tuple[int, dict]:
    """The status and problem that come when nothing more is sent, and the connection is closed."""
    with connected(address) as connection:
        for piece in pieces:
            connection.sendall(piece)
        head, _, body = received(connection).partition(b"\r\n\r\n")
    if not head:
        return 0, {}
    return int(head.split()[1]), json.loads(body) if body else {}


GET = b"GET /health/live HTTP/1.1\r\nHost: localhost\r\n"
POST = b"POST /v1/trace HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"


def test_headers_that_never_end(hasty):
    status, problem = said(hasty, GET)
    assert (status, problem["status"]) == (408, 408)
    assert "header_timeout_s" in problem["detail"]


@pytest.mark.parametrize("pieces", [(), (b"\r\n",), (b"\r\n\r\n", b"\r\n")])
def test_connections_that_ask_nothing_are_closed(hasty, pieces):
    assert said(hasty, *pieces) == (0, {})


def test_bodies_that_never_end(hasty):
    for length in (b"Content-Length: 100\r\n", b"Transfer-Encoding: chunked\r\n"):
        status, problem = said(hasty, POST + length + b"\r\n")
        assert status == 408
        assert "body_timeout_s" in problem["detail"]


def test_a_second_request_has_its_own_time(hasty):
    with connected(hasty) as connection:
        connection.sendall(GET + b"\r\n")
        assert b'{"status":"ok"}' in connection.recv(65536)
        connection.sendall(GET)
        assert b" 408 " in received(connection)


def test_headers_that_are_too_large(address):
    for piece in (b"x: " + b"a" * 2 * MAX_HEADERS, b"a" * 2 * MAX_HEADERS, b"a: b\r\n" * MAX_HEADERS):
        status, problem = said(address, GET + piece)
        assert (status, problem["status"]) == (431, 431)
    assert said(address, b"GET /" + b"a" * 2 * MAX_HEADERS)[0] == 431
    assert said(address, GET + b"Connection: close\r\nx: " + b"a" * 2 * MAX_HEADERS + b"\r\n\r\n")[0] == 431


@pytest.mark.parametrize(
    "text",
    [
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
        b"hello\r\n\r\n",
        b"GET / HTTP/9.9\r\n\r\n",
        POST + b"Content-Length: 1\r\nContent-Length: 2\r\n\r\n",
        POST + b"Content-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n",
        POST + b"Content-Length: -1\r\n\r\n",
        POST + b"Transfer-Encoding: chunked\r\n\r\nzz\r\n",
    ],
)
def test_what_is_not_http(address, text):
    status, problem = said(address, text)
    assert status == problem["status"] == 400


@pytest.mark.parametrize("head", [b"", b"Host: a\r\nHost: b\r\n", b"Host: [\r\n", b"Host: \xff\r\n"])
def test_hosts_that_are_none(address, head):
    status, problem = said(address, b"GET /openapi.json HTTP/1.1\r\nConnection: close\r\n" + head + b"\r\n")
    assert status == problem["status"] == 421


def test_bodies_that_are_too_large_are_answered(address):
    for content in (b"x" * (3 << 20), iter([b"x" * (1 << 20)] * 3)):
        answer = httpx.post(f"{address}/v1/trace", content=content, headers={"Content-Type": "application/json"})
        assert answer.status_code == 413
        assert answer.headers["connection"] == "close"


def test_more_connections_than_may_be(address):
    with ExitStack() as stack:
        for _ in range(40):
            stack.enter_context(connected(address)).sendall(GET)
        statuses = {said(address)[0] for _ in range(5)}
        assert 503 in statuses
    assert httpx.get(f"{address}/health/live").status_code == 200


def test_a_client_that_does_not_read_is_disconnected(tmp_path):
    with on_a_port(tmp_path, write_timeout_s=0.4) as (address, _), connected(address) as connection:
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        for _ in range(90):  # the answers are more than the buffers of both sides take
            connection.sendall(b"GET /openapi.json HTTP/1.1\r\nHost: localhost\r\n\r\n")
        poll = select.poll()
        poll.register(connection, select.POLLERR)
        [(_, event)] = poll.poll(20_000)
        assert event & select.POLLERR


def test_a_client_that_asks_without_end_before_it_reads_is_disconnected(address):
    with connected(address) as connection:

        def ask():
            while True:
                connection.sendall((GET + b"\r\n") * 1000)

        with pytest.raises(ConnectionError):
            ask()
    assert httpx.get(f"{address}/health/live").status_code == 200


def test_requests_one_behind_the_other_are_all_answered(address):
    with connected(address) as connection:
        last = GET.replace(b"localhost", b"localhost\r\nConnection: close")
        connection.sendall((GET + b"\r\n") * 20 + last + b"\r\n")
        assert received(connection).count(b'{"status":"ok"}') == 21
