"""The upstreams that the operator has named, and the connections to them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from urllib.parse import urlsplit

from wherefrom.api.gateway.connections import Connections, Server
from wherefrom.api.gateway.recording import Recorder
from wherefrom.api.metrics import Metrics
from wherefrom.api.settings import Settings
from wherefrom.errors import NotFoundError, RequestError
from wherefrom.traces.ingest.limits import IngestLimits
from wherefrom.traces.store import TraceStore

_TARGET = re.compile(rb"/[\x21-\x7e]*")


class Gateway:
    """Where requests are passed on to, and what records them."""

    def __init__(self, upstreams: Mapping[str, str], timeout_s: float, recorder: Recorder) -> None:
        """Take the upstreams by name: addresses as clients of theirs would be given."""
        self.recorder = recorder
        self.connections = Connections(timeout_s)
        self._upstreams = {name: _place(address) for name, address in upstreams.items()}

    def address(self, upstream: str, path: bytes, query: bytes) -> tuple[Server, bytes]:
        """Where an upstream listens, and what to ask there for a path below its own.

        Args:
            path, query: as the caller's request line has them.

        Raises:
            NotFoundError: there is no such upstream.
            RequestError: the path leaves the upstream's.
        """
        if upstream not in self._upstreams:
            raise NotFoundError(
                f"There is no upstream {upstream[:100]!r}; `wherefrom serve --upstream NAME=URL` names those there are."
            )
        server, prefix = self._upstreams[upstream]
        plain = path.lower().replace(b"%2e", b".").replace(b"%2f", b"/").replace(b"%5c", b"/").replace(b"\\", b"/")
        if any(step in (b".", b"..") for step in plain.split(b"/")):
            raise RequestError("The path holds steps that lead elsewhere (. or ..); send it without.")
        target = prefix + b"/" + path + (b"?" + query if query else b"")
        if not _TARGET.fullmatch(target):
            raise RequestError("The path or query holds bytes that no address has; send them encoded.")
        return server, target

    async def disconnect(self) -> None:
        """Closes the connections."""
        self.connections.close()


@contextmanager
def gateway(settings: Settings, store: TraceStore, limits: IngestLimits, metrics: Metrics) -> Iterator[Gateway | None]:
    """The gateway until the end of the block; None where no upstream is named."""
    if not settings.upstreams:
        yield None
        return
    with closing(Recorder(store, limits, metrics, settings.gateway_memory_bytes)) as recorder:
        recorder.start()
        yield Gateway(settings.upstreams, settings.upstream_timeout_s, recorder)


def _place(address: str) -> tuple[Server, bytes]:
    """Where a base URL leads, and its path."""
    parts = urlsplit(address)
    is_tls = parts.scheme == "https"
    server = Server(parts.hostname or "", parts.port or (443 if is_tls else 80), is_tls)
    return server, parts.path.rstrip("/").encode()
