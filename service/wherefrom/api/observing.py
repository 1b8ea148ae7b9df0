"""What surrounds every request: its id, log line, numbers and span, and the headers that protect its answer."""

from __future__ import annotations

import logging
import re
import time
from typing import Any
from uuid import uuid4

from opentelemetry.trace import Span, StatusCode
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from wherefrom.api.metrics import Metrics
from wherefrom.api.telemetry import request_span

SECURITY_HEADERS: dict[bytes, bytes] = {
    b"x-content-type-options": b"nosniff",
    b"x-frame-options": b"DENY",
    b"referrer-policy": b"no-referrer",
    b"cross-origin-opener-policy": b"same-origin",
    b"cross-origin-resource-policy": b"same-origin",
    b"content-security-policy": b"default-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'",
    b"permissions-policy": b"camera=(), geolocation=(), microphone=()",
    b"cache-control": b"no-store",
}
"""Unless a route sets its own."""

_LOG = logging.getLogger("wherefrom.api")
_QUIET = frozenset({"/health/live", "/health/ready", "/metrics"})
_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
_ID = re.compile(r"[A-Za-z0-9_-]{1,64}")


class Observer:
    """Middleware around all others, so that their refusals are seen as well."""

    def __init__(self, app: ASGIApp, metrics: Metrics) -> None:
        self._app = app
        self._metrics = metrics

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, and note how it ended."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        headers = {name.decode("latin-1"): value.decode("latin-1") for name, value in scope["headers"]}
        given = headers.get("x-request-id", "")
        number = given if _ID.fullmatch(given) else uuid4().hex
        scope.setdefault("state", {})["request_id"] = number
        method = scope["method"] if scope["method"] in _METHODS else "other"
        answer = _Answer(send, number, scope["state"], has_body=_has_body(headers))
        began = time.perf_counter()
        self._metrics.under_way.inc()
        with request_span(method, headers) as span:
            try:
                await self._app(scope, receive, answer.send)
            finally:
                self._metrics.under_way.dec()
                self._note(scope, method, answer, span, time.perf_counter() - began)

    def _note(self, scope: Scope, method: str, answer: _Answer, span: Span, took: float) -> None:
        # A path is what a client chose, so numbers are kept by the pattern that it met.
        route = getattr(scope.get("route"), "path", None) or "other"
        state = scope["state"]
        sent = state.get("bytes_in", 0)
        self._metrics.requests.labels(method, route, str(answer.status)).inc()
        self._metrics.seconds.labels(method, route).observe(took)
        if sent:
            self._metrics.bytes_in.labels(route).inc(sent)
        span.update_name(f"{method} {route}")
        span.set_attribute("http.route", route)
        span.set_attribute("http.response.status_code", answer.status)
        if answer.status >= 500:
            span.set_status(StatusCode.ERROR)
        level = logging.ERROR if answer.status >= 500 else logging.DEBUG if scope["path"] in _QUIET else logging.INFO
        if _LOG.isEnabledFor(level):
            caller = state.get("caller")
            client = scope.get("client")
            _LOG.log(
                level,
                "request",
                extra={
                    "fields": {
                        "request_id": state["request_id"],
                        "method": method,
                        "route": route,
                        "path": scope["path"][:200],
                        "status": answer.status,
                        "ms": round(took * 1000, 2),
                        "bytes_in": sent,
                        "bytes_out": answer.size,
                        "whole": answer.whole,
                        "client": client[0] if client else None,
                        "key": caller.key_id if caller else None,
                    }
                },
            )


class _Answer:
    """The answer on its way out.

    Attributes:
        status: 499 while nothing was answered: the client left.
        whole: it was sent to its end.
    """

    def __init__(self, send: Send, number: str, state: dict[str, Any], *, has_body: bool) -> None:
        self._send = send
        self._number = number.encode()
        self._state = state
        self._has_body = has_body
        self.status = 499
        self.size = 0
        self.whole = False

    async def send(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.status = message["status"]
            headers = list(message.get("headers", ()))
            names = {name.lower() for name, _ in headers}
            headers += [(name, value) for name, value in SECURITY_HEADERS.items() if name not in names]
            if b"x-request-id" not in names:  # through the gateway comes that of the upstream
                headers.append((b"x-request-id", self._number))
            if self._has_body and not self._state.get("body_is_read"):
                headers.append((b"connection", b"close"))  # nobody will read what the client still sends
            message = {**message, "headers": headers}
        elif message["type"] == "http.response.body":
            self.size += len(message.get("body", b""))
            self.whole = not message.get("more_body", False)
        await self._send(message)


def _has_body(headers: dict[str, str]) -> bool:
    return headers.get("content-length", "0") != "0" or "transfer-encoding" in headers
