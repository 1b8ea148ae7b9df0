"""The application: its routers, and what surrounds every request."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from importlib.metadata import version

import anyio.to_thread
from fastapi import APIRouter, FastAPI

from wherefrom.api import problems
from wherefrom.api.services import opened
from wherefrom.api.settings import Settings

ROUTERS: tuple[APIRouter, ...] = ()
"""One a resource; each module of this folder that answers requests is entered here."""


def create_app(settings: Settings | None = None) -> FastAPI:
    """Returns the service as an ASGI application; its parts are opened when it starts.

    Args:
        settings: None: from variables and the file that they name.
    """
    chosen = settings or Settings.load()

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        parts = opened(chosen)
        app.state.services = await anyio.to_thread.run_sync(parts.__enter__)
        try:
            yield
        finally:
            app.state.services.stopping.set()
            await anyio.to_thread.run_sync(parts.__exit__, None, None, None)

    app = FastAPI(
        title="Wherefrom",
        version=version("wherefrom"),
        lifespan=lifespan,
        docs_url=None,
        redoc_url=None,
        responses={"default": {"model": problems.Problem, "description": "A problem"}},
    )
    problems.install(app)
    for router in ROUTERS:
        app.include_router(router)
    return app
