"""The application: its routers, and what surrounds every request."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import ExitStack, asynccontextmanager
from typing import Any

import anyio.to_thread
from fastapi import APIRouter, FastAPI
from starlette.middleware.cors import CORSMiddleware
from starlette.types import ASGIApp

from wherefrom.api import (
    audits,
    corpus_queries,
    datadog,
    exports,
    health,
    helicone,
    honeyhive,
    indexes,
    interface,
    langfuse,
    langsmith,
    live,
    mlflow,
    olmotrace,
    opik,
    otlp,
    problem_kinds,
    problems,
    projects,
    provenance,
    scores,
    service,
    sessions,
    spans,
    statistics,
    traces,
    tracing,
)
from wherefrom.api.gateway import routes as gateway
from wherefrom.api.guarding import Guard
from wherefrom.api.limits import BoundedBodies
from wherefrom.api.metrics import Metrics
from wherefrom.api.observing import Observer
from wherefrom.api.openapi import describe
from wherefrom.api.services import Services, opened
from wherefrom.api.settings import Settings

ROUTERS: tuple[APIRouter, ...] = (
    gateway.router,
    otlp.router,
    tracing.router,
    langfuse.router,
    opik.router,
    datadog.router,
    honeyhive.router,
    langsmith.router,
    helicone.router,
    mlflow.router,
    health.router,
    service.router,
    indexes.router,
    corpus_queries.router,
    olmotrace.router,
    projects.router,
    traces.router,
    spans.router,
    sessions.router,
    provenance.router,
    scores.router,
    statistics.router,
    live.router,
    exports.router,
    audits.router,
    problem_kinds.router,
)
"""One a resource; each module of this folder that answers requests is entered here.

They are looked through in this order, at some 50 microseconds a route: what is asked most often stands first.
"""

_THREADS = 40  # as many as connections may read the trace store


def create_app(settings: Settings | None = None, services: Services | None = None) -> FastAPI:
    """Returns the service as an ASGI application.

    Args:
        settings: None: from variables and the file that they name.
        services: its parts, which the caller closes; None: opened when the application starts, closed when it ends.
    """
    chosen = settings or Settings.load()
    metrics = services.metrics if services else Metrics()

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        anyio.to_thread.current_default_thread_limiter().total_tokens = _THREADS
        with ExitStack() as stack:
            parts = services or stack.enter_context(opened(chosen, metrics))
            app.state.services = parts
            yield
            parts.stopping.set()
            if parts.gateway is not None:
                await parts.gateway.disconnect()

    app = _Application(
        chosen,
        metrics,
        lifespan=lifespan,
        docs_url=None,
        redoc_url=None,
        openapi_url=None,
        redirect_slashes=False,
        telemetry={"tracing": False, "metrics": False, "logs": False},  # our own spans hold no text of requests
    )
    problems.install(app)
    for router in ROUTERS:
        app.include_router(router)
    describe(app)
    interface.install(app)
    return app


class _Application(FastAPI):
    """FastAPI within what must see every answer, those to its own failures included."""

    def __init__(self, settings: Settings, metrics: Metrics, **options: Any) -> None:
        self._settings = settings
        self._metrics = metrics
        super().__init__(**options)

    def build_middleware_stack(self) -> ASGIApp:
        """The framework, within the bounds of bodies, within the guard, within the observer."""
        inner: ASGIApp = Guard(BoundedBodies(super().build_middleware_stack(), self._settings), self._settings)
        if self._settings.allowed_origins:
            inner = CORSMiddleware(
                inner,
                allow_origins=self._settings.allowed_origins,
                allow_methods=["GET", "POST", "PUT", "PATCH", "DELETE"],
                allow_headers=["Authorization", "Content-Type", "Content-Encoding", "x-api-key"],
            )
        return Observer(inner, self._metrics)
