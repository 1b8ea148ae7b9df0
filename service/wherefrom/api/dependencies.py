"""What routers ask for: the service's parts, who calls, the request's body, and threads for work that blocks."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Annotated, ParamSpec, TypeVar

import anyio.to_thread
from fastapi import Depends, Request
from sqlalchemy import Connection

from wherefrom.api.access import Caller, Role
from wherefrom.api.services import Services
from wherefrom.api.telemetry import span
from wherefrom.errors import AccessError
from wherefrom.traces.store import TraceStore

P = ParamSpec("P")
T = TypeVar("T")


async def services(request: Request) -> Services:
    """The parts of the service."""
    found: Services = request.app.state.services
    return found


async def known(request: Request) -> Caller:
    """Who calls, whatever they may do."""
    return _caller(request)


async def reader(request: Request) -> Caller:
    """Who calls; they may read, of their project or of all.

    Raises:
        AccessError: their key does not allow it.
    """
    return _allowed(request, Role.READ)


async def ingester(request: Request) -> Caller:
    """Who calls; they may send traces.

    Raises:
        AccessError: their key does not allow it.
    """
    return _allowed(request, Role.INGEST)


async def admin(request: Request) -> Caller:
    """Who calls; they may change and delete.

    Raises:
        AccessError: their key does not allow it.
    """
    return _allowed(request, Role.ADMIN)


async def body(request: Request) -> bytes:
    """The request's body, decompressed.

    Raises:
        MalformedError: it is not of the Content-Encoding that its headers say.
        LimitError: it is larger than the service accepts.
    """
    return await request.body()


async def in_thread(function: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
    """The result of a function that blocks, run in a thread so that the event loop goes on; it has a span."""
    with span(getattr(function, "__qualname__", "work").rpartition("<locals>.")[2]):
        return await anyio.to_thread.run_sync(lambda: function(*args, **kwargs))


async def stored(store: TraceStore, work: Callable[[Connection], T], size: int = 0) -> T:
    """What a work of the store returns, when that is durable; it has a span.

    Raises:
        OverloadedError, StoreUnavailableError: as `TraceStore.write`.
    """
    with span("TraceStore.write"):
        return await asyncio.wrap_future(store.write(work, size=size))


def _caller(request: Request) -> Caller:
    caller: Caller = request.scope["state"].get("caller", Caller.anyone())
    return caller


def _allowed(request: Request, role: Role) -> Caller:
    caller = _caller(request)
    if not caller.may(role):
        raise AccessError(f"This API key may {caller.role}, which this request is not; it needs a key that may {role}.")
    return caller


Parts = Annotated[Services, Depends(services)]
Known = Annotated[Caller, Depends(known)]
Reader = Annotated[Caller, Depends(reader)]
Ingester = Annotated[Caller, Depends(ingester)]
Admin = Annotated[Caller, Depends(admin)]
Body = Annotated[bytes, Depends(body)]
