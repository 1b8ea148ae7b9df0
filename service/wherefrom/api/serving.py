"""The service as a process: uvicorn around the application, from the first signal to the last."""

from __future__ import annotations

import gc
import signal
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType

import uvicorn

from wherefrom.api.app import create_app
from wherefrom.api.logging import logging_to
from wherefrom.api.protocol import patient
from wherefrom.api.services import Services, opened
from wherefrom.api.settings import Settings
from wherefrom.api.telemetry import exporting
from wherefrom_indexer.errors import UsageError

_BACKLOG = 512


def serve(settings: Settings, ready: Callable[[str, Services], None]) -> None:
    """Serves until the process is asked to stop (SIGTERM, Ctrl-C); requests under way are answered before.

    Args:
        ready: called once with the address and the parts when requests are answered.

    Raises:
        UsageError: the address cannot be used.
        AccessError: the address needs API keys and there are none.
        StoreUnavailableError, IndexDamagedError: a part cannot be opened.
    """
    with listening(settings.host, settings.port) as listener:
        host, port = listener.getsockname()[:2]
        address = f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"
        with (
            logging_to(level=settings.log_level, form=settings.log_format, texts=settings.log_texts),
            exporting(port),
            opened(settings) as parts,
        ):

            def started() -> None:
                # What is there now stays: the collector would look at all of it again and again, 0.1 s each time.
                gc.collect()
                gc.freeze()
                ready(address, parts)

            Server(configured(settings, parts), parts, started).run([listener])


def configured(settings: Settings, parts: Services) -> uvicorn.Config:
    """How uvicorn runs the application."""
    return uvicorn.Config(
        create_app(settings, parts),
        http=patient(settings),
        ws="none",
        lifespan="on",
        log_config=None,
        access_log=False,
        proxy_headers=False,
        server_header=False,
        backlog=_BACKLOG,
        timeout_keep_alive=max(1, round(settings.keep_alive_s)),
        timeout_graceful_shutdown=max(1, round(settings.shutdown_s)),
    )


@contextmanager
def listening(host: str, port: int) -> Iterator[socket.socket]:
    """Yields a socket that listens; it is bound before anything else is opened, so that a taken port fails at once.

    Raises:
        UsageError: the address is taken, or not this machine's.
    """
    try:
        family, *_, where = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)[0]
    except OSError as error:
        raise UsageError(f"Cannot listen at {host}: {error.strerror or error}.") from error
    with socket.socket(family, socket.SOCK_STREAM) as listener:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listener.bind(where)
        except OSError as error:
            raise UsageError(f"Cannot listen at {host}, port {port}: {error.strerror or error}.") from error
        listener.set_inheritable(False)
        yield listener


class Server(uvicorn.Server):
    """uvicorn's server, but a signal that it has followed does not kill the process afterwards."""

    def __init__(self, config: uvicorn.Config, parts: Services, ready: Callable[[], None]) -> None:
        """Take what to serve and what to call when it is served."""
        super().__init__(config)
        self._parts = parts
        self._ready = ready

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Start, and say so."""
        await super().startup(sockets)
        if self.started:
            self._ready()

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        """Stop: streams that would go on for ever end at once, other requests when they are answered."""
        self._parts.stopping.set()
        super().handle_exit(sig, frame)

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Follow SIGINT and SIGTERM for a while."""
        if threading.current_thread() is not threading.main_thread():
            yield
            return
        before = {number: signal.signal(number, self.handle_exit) for number in (signal.SIGINT, signal.SIGTERM)}
        try:
            yield
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)
