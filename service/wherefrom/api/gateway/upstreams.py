"""The upstreams that the operator has named, and the connections to them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from http.cookiejar import CookieJar, DefaultCookiePolicy

import httpx

from wherefrom.api.gateway.recording import Recorder
from wherefrom.api.metrics import Metrics
from wherefrom.api.settings import Settings
from wherefrom.errors import NotFoundError, RequestError
from wherefrom.traces.ingest.limits import IngestLimits
from wherefrom.traces.store import TraceStore

_CONNECT_S = 10.0
_KEPT_CONNECTIONS = 100
_KEPT_S = 30.0


class Gateway:
    """Where requests are passed on to, and what records them."""

    def __init__(self, upstreams: Mapping[str, str], timeout_s: float, recorder: Recorder) -> None:
        """Take the upstreams by name: addresses as clients of theirs would be given."""
        self.recorder = recorder
        self._upstreams = {name: httpx.URL(address) for name, address in upstreams.items()}
        self._timeout_s = timeout_s
        self._client: httpx.AsyncClient | None = None

    @property
    def client(self) -> httpx.AsyncClient:
        """What asks; it keeps no cookies, follows no redirects, and adds nothing to what it is given."""
        if self._client is None:
            # What comes in is bounded by `max_connections`, so what goes out is.
            limits = httpx.Limits(
                max_connections=None, max_keepalive_connections=_KEPT_CONNECTIONS, keepalive_expiry=_KEPT_S
            )
            self._client = httpx.AsyncClient(
                timeout=httpx.Timeout(self._timeout_s, connect=_CONNECT_S),
                limits=limits,
                follow_redirects=False,
                cookies=CookieJar(DefaultCookiePolicy(allowed_domains=())),
            )
        return self._client

    def address(self, upstream: str, path: bytes, query: bytes) -> httpx.URL:
        """The address of a path below that of an upstream.

        Args:
            path, query: as the caller's request line has them.

        Raises:
            NotFoundError: there is no such upstream.
            RequestError: the path leaves the upstream's.
        """
        base = self._upstreams.get(upstream)
        if base is None:
            raise NotFoundError(
                f"There is no upstream {upstream[:100]!r}; `wherefrom serve --upstream NAME=URL` names those there are."
            )
        plain = path.lower().replace(b"%2e", b".").replace(b"%2f", b"/").replace(b"%5c", b"/").replace(b"\\", b"/")
        if any(step in (b".", b"..") for step in plain.split(b"/")):
            raise RequestError("The path holds steps that lead elsewhere (. or ..); send it without.")
        whole = base.raw_path.rstrip(b"/") + b"/" + path + (b"?" + query if query else b"")
        try:
            return base.copy_with(raw_path=whole)
        except (httpx.InvalidURL, UnicodeDecodeError) as error:
            raise RequestError("The path or query holds bytes that no address has; send them encoded.") from error

    async def disconnect(self) -> None:
        """Closes the connections."""
        if self._client is not None:
            client, self._client = self._client, None
            await client.aclose()


@contextmanager
def gateway(settings: Settings, store: TraceStore, limits: IngestLimits, metrics: Metrics) -> Iterator[Gateway | None]:
    """The gateway until the end of the block; None where no upstream is named."""
    if not settings.upstreams:
        yield None
        return
    with closing(Recorder(store, limits, metrics, settings.gateway_memory_bytes)) as recorder:
        recorder.start()
        yield Gateway(settings.upstreams, settings.upstream_timeout_s, recorder)
