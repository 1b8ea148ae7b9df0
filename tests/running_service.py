"""The service as tests need it: behind a client without a network, or on a free port with a real server."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from starlette.testclient import TestClient

from wherefrom.api.app import create_app
from wherefrom.api.services import Services, opened
from wherefrom.api.serving import Server, configured, listening
from wherefrom.api.settings import Settings

HERE = "http://127.0.0.1"


def settings_of(folder: Path, **given: Any) -> Settings:
    """Settings for a test: a store in `folder`, one search process, any free port."""
    return Settings(**{"store": str(folder / "traces"), "processes": 1, "port": 0} | given)


@contextmanager
def in_process(folder: Path, **given: Any) -> Iterator[TestClient]:
    """A client of a service in this process; its parts are `client.app.state.services`."""
    with TestClient(create_app(settings_of(folder, **given)), base_url=HERE, raise_server_exceptions=False) as client:
        yield client


@contextmanager
def on_a_port(folder: Path, *, host: str = "127.0.0.1", **given: Any) -> Iterator[tuple[str, Services]]:
    """The address of a service that a real server in a thread serves, and its parts. `port`: of the settings."""
    settings = settings_of(folder, host=host, **given)
    up = threading.Event()
    with listening(settings.host, settings.port) as listener, opened(settings) as parts:
        server = Server(configured(settings, parts), parts, up.set)
        thread = threading.Thread(target=server.run, args=([listener],))
        thread.start()
        try:
            assert up.wait(20), "the server did not start"
            yield f"http://127.0.0.1:{listener.getsockname()[1]}", parts
        finally:
            parts.stopping.set()
            server.should_exit = True
            thread.join()


def connected(address: str, timeout: float = 20.0) -> socket.socket:
    """A plain connection to a service, for what HTTP clients would not do."""
    host, _, port = address.removeprefix("http://").rpartition(":")
    return socket.create_connection((host, int(port)), timeout)


def received(connection: socket.socket) -> bytes:
    """Everything that comes until the other side closes."""
    pieces = []
    while piece := connection.recv(65536):
        pieces.append(piece)
    return b"".join(pieces)
