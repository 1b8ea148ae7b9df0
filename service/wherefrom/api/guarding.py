"""What is looked at before a request is: where it comes from, whose key it bears, how often that one asks."""

from __future__ import annotations

import anyio
import anyio.to_thread
from starlette.datastructures import Headers
from starlette.routing import Match
from starlette.types import ASGIApp, Receive, Scope, Send

from wherefrom.api import problems
from wherefrom.api.access import Caller, Keyring, Rate, header_for, key_in
from wherefrom.api.interface import document, is_open, wants_page
from wherefrom.api.settings import Settings, is_loopback
from wherefrom.errors import AccessError, HeaderLimitError, MisdirectedError, UnauthenticatedError
from wherefrom.traces.keys import id_of
from wherefrom_indexer.errors import WherefromError

OPEN = frozenset({"/health/live", "/health/ready", "/olmotrace/health/"})
"""Needs no key: whoever restarts the service when it is ill has none. Nor do the pages of the interface."""
_SAFE = frozenset({"GET", "HEAD", "OPTIONS"})


class Guard:
    """Middleware: refuses what may not be asked, and says in the scope who asks.

    Without keys the address is the protection, and a web page in a browser on this machine must not borrow it: Host
    must name this machine (a foreign name that resolves to loopback does not), and what writes must not come from
    another site's page.
    """

    def __init__(self, app: ASGIApp, settings: Settings) -> None:
        self._app = app
        self._settings = settings
        self._hosts = {host.lower() for host in settings.allowed_hosts}
        self._origins = {origin.lower().rstrip("/") for origin in settings.allowed_origins}
        self._rate = Rate(settings.requests_per_second, settings.burst)
        self._keyring: Keyring | None = None
        self._reading = anyio.Lock()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request that is refused; pass on all others."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        try:
            caller = await self._caller(scope)
        except WherefromError as error:
            if isinstance(error, UnauthenticatedError) and _asks_for_nothing(scope):
                await document(404)(scope, receive, send)
                return
            await problems.response(error, scope["path"])(scope, receive, send)
            return
        scope["state"]["caller"] = caller
        await self._app(scope, receive, send)

    async def _caller(self, scope: Scope) -> Caller:
        self._check_size(scope)
        headers = Headers(scope=scope)
        hosts = headers.getlist("host")
        if len(hosts) != 1:
            raise MisdirectedError("A request names its host once, in the header Host.")
        self._check_origin(scope["method"], headers, hosts[0])
        if not self._settings.needs_keys:
            self._check_host(hosts[0])
        if scope["path"] in OPEN or is_open(scope["path"]):
            return Caller.anyone()
        key = key_in(headers, scope["path"]) if self._settings.needs_keys else _lenient(headers, scope["path"])
        caller = await self._find(scope, key) if key else None
        if caller is None:
            if not self._settings.needs_keys:
                return Caller.anyone()  # clients that insist on a key are given any
            raise UnauthenticatedError(
                "This API key is unknown or revoked; `wherefrom keys create` makes one."
                if key
                else f"An API key is needed: send it as {header_for(scope['path'])}."
            )
        assert caller.key_id
        self._rate.take(caller.key_id)
        return caller

    async def _find(self, scope: Scope, key: str) -> Caller | None:
        if not id_of(key):
            return None
        if self._keyring is None:
            self._keyring = Keyring(scope["app"].state.services.store)
        keyring, came = self._keyring, self._keyring.now()
        if not keyring.is_fresh():
            await anyio.to_thread.run_sync(keyring.refresh)
        if found := keyring.find(key):
            return found
        async with self._reading:  # one reads for all that wait
            if not keyring.is_as_of(came):
                await anyio.sleep(keyring.pause())
                await anyio.to_thread.run_sync(keyring.refresh)
        return keyring.find(key)

    def _check_size(self, scope: Scope) -> None:
        """The connection bounds headers as they come; those that came in one piece are counted here."""
        size = len(scope["raw_path"]) + len(scope["query_string"])
        size += sum(len(name) + len(value) + 4 for name, value in scope["headers"])
        if size > self._settings.max_header_bytes:
            raise HeaderLimitError(
                f"The headers are larger than {self._settings.max_header_bytes:,} bytes (max_header_bytes)."
            )

    def _check_host(self, host: str) -> None:
        name = _name(host)
        if not is_loopback(name) and name not in self._hosts:
            raise MisdirectedError(
                f"Host is {host[:200]!r}, which is not this machine's own name; "
                "name it in allowed_hosts (WHEREFROM_ALLOWED_HOSTS) if it is meant."
            )

    def _check_origin(self, method: str, headers: Headers, host: str) -> None:
        if method in _SAFE:
            return
        origin = headers.get("origin")
        if origin is None:
            if headers.get("sec-fetch-site") in ("cross-site", "same-site"):
                raise AccessError("A page of another site may not write here.")
            return
        if origin.lower().partition("://")[2] != host.lower() and origin.lower().rstrip("/") not in self._origins:
            raise AccessError(
                f"The page's origin is {origin[:200]!r}; pages of other origins may write here only if they are named "
                "in allowed_origins (WHEREFROM_ALLOWED_ORIGINS)."
            )


def _asks_for_nothing(scope: Scope) -> bool:
    """Whether a browser asks for an address that nobody knows: its page says so, and needs no key."""
    return wants_page(scope["method"], Headers(scope=scope).get("accept")) and all(
        route.matches(scope)[0] is Match.NONE for route in scope["app"].routes
    )


def _lenient(headers: Headers, path: str) -> str | None:
    """The key of a request that needs none: what cannot be read is no key."""
    try:
        return key_in(headers, path)
    except UnauthenticatedError:
        return None


def _name(host: str) -> str:
    """The name in a Host header, without the port; brackets of IPv6 addresses stay."""
    if host.startswith("["):
        return host.partition("]")[0].lower() + "]"
    return host.partition(":")[0].lower()
