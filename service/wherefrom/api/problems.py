"""Errors as problem documents (RFC 9457): one shape for what this service and the framework under it refuse."""

from __future__ import annotations

import logging
import math
from http import HTTPStatus
from typing import Any

import orjson
from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from pydantic import BaseModel, ConfigDict, Field
from starlette.exceptions import HTTPException

from wherefrom.api import interface
from wherefrom.errors import (
    AccessError,
    DeadlineError,
    HeaderLimitError,
    InterruptedSearchError,
    LimitError,
    MalformedError,
    MisdirectedError,
    NotFoundError,
    OverloadedError,
    SlowClientError,
    StoreUnavailableError,
    UnauthenticatedError,
    UnsupportedMediaError,
)
from wherefrom_indexer.errors import (
    DocumentNotFoundError,
    IndexDamagedError,
    IndexFormatError,
    IndexNotFoundError,
    StorageError,
    UsageError,
    WherefromError,
)

MEDIA_TYPE = "application/problem+json"
TYPES = "/problems/"
"""Names of kinds of problems begin with this: a reference relative to the service, which tells more there."""

_LOG = logging.getLogger("wherefrom.api")
_RETRY_AFTER_S = 1
_MAX_DETAIL = 2_000


class Problem(BaseModel):
    """What was wrong, as RFC 9457 has it."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "type": f"{TYPES}not-found",
                "title": "Not found",
                "status": 404,
                "detail": "There is no trace 4bf92f3577b34da6a3ce929d0e0e4736; it may have been deleted.",
                "instance": "/v1/traces/4bf92f3577b34da6a3ce929d0e0e4736",
            }
        }
    )

    type: str = Field(description="The kind of problem; the same for all problems of the kind.")
    title: str = Field(description="The kind in words.")
    status: int = Field(description="The HTTP status.")
    detail: str = Field(description="What was wrong here, and what to do.")
    instance: str = Field(description="The path of the request.")
    errors: list[dict[str, Any]] | None = Field(
        default=None, description="Where several values are wrong: each with its place and the reason."
    )


KINDS: tuple[tuple[type[WherefromError], int, str, str], ...] = (
    (UnauthenticatedError, 401, "key-needed", "API key needed"),
    (MisdirectedError, 421, "misdirected", "Not the host that was meant"),
    (AccessError, 403, "not-allowed", "Not allowed"),
    (NotFoundError, 404, "not-found", "Not found"),
    (DocumentNotFoundError, 404, "not-found", "Not found"),
    (IndexNotFoundError, 404, "not-found", "Not found"),
    (SlowClientError, 408, "slow-request", "The request came too slowly"),
    (HeaderLimitError, 431, "headers-too-large", "Headers too large"),
    (LimitError, 413, "too-large", "Too large"),
    (UnsupportedMediaError, 415, "unsupported-media", "Unsupported media type"),
    (MalformedError, 400, "malformed", "Malformed"),
    (UsageError, 422, "unusable-value", "A value cannot be used"),
    (OverloadedError, 429, "overloaded", "Too many requests"),
    (DeadlineError, 504, "too-slow", "It took too long"),
    (StoreUnavailableError, 503, "store-unavailable", "The trace store is unavailable"),
    (InterruptedSearchError, 503, "interrupted", "The search was interrupted"),
    (IndexDamagedError, 503, "index-damaged", "An index is damaged"),
    (IndexFormatError, 503, "index-damaged", "An index is damaged"),
    (StorageError, 503, "storage", "A file operation was refused"),
)
"""Class, status, name and title; the first class that an error is of decides."""


def install(app: FastAPI) -> None:
    """Has every error of `app` answered as a problem document."""
    app.add_exception_handler(WherefromError, _of_ours)
    app.add_exception_handler(RequestValidationError, _of_validation)
    app.add_exception_handler(HTTPException, _of_framework)
    app.add_exception_handler(Exception, _of_bug)


def response(error: WherefromError, path: str) -> Response:
    """The answer to a request that ended in one of our errors."""
    for kind, status, name, title in KINDS:
        if isinstance(error, kind):
            return problem(status, name, title, str(error), path, headers=_headers(error, status))
    return problem(500, "failed", "The service failed", str(error), path)


def problem(
    status: int,
    name: str,
    title: str,
    detail: str,
    path: str,
    *,
    errors: list[dict[str, Any]] | None = None,
    headers: dict[str, str] | None = None,
) -> Response:
    """A problem document. Text of the request in it is cut to a length that nobody needs more of."""
    body: dict[str, Any] = {
        "type": TYPES + name,
        "title": title,
        "status": status,
        "detail": _printable(detail),
        "instance": _printable(path),
    }
    if errors is not None:
        body["errors"] = errors
    return Response(orjson.dumps(body), status, headers, MEDIA_TYPE)


def _of_ours(request: Request, error: Exception) -> Response:
    assert isinstance(error, WherefromError)
    return response(error, request.scope["path"])


def _of_validation(request: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)
    faults = error.errors()
    path = request.scope["path"]
    if any(fault["type"] == "json_invalid" for fault in faults):
        return problem(400, "malformed", "Malformed", "The body is not JSON.", path)
    # Without the values: they may be long, hostile, or nothing that JSON can say.
    errors = [
        {"place": [_printable(str(part)) for part in fault["loc"]], "reason": _printable(str(fault["msg"]))}
        for fault in faults[:20]
    ]
    first = errors[0]
    detail = f"{'.'.join(first['place'])}: {first['reason']}."
    return problem(422, "unusable-value", "A value cannot be used", detail, path, errors=errors)


def _of_framework(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    path = request.scope["path"]
    if isinstance(error.__cause__, WherefromError):  # raised while the framework read the body
        return response(error.__cause__, path)
    if isinstance(error.__cause__, RecursionError | UnicodeDecodeError | ValueError):
        return problem(400, "malformed", "Malformed", "The body is not JSON that can be read.", path)
    if error.status_code == 404 and interface.wants_page(request.method, request.headers.get("accept")):
        return interface.document(404)
    title = HTTPStatus(error.status_code).phrase
    details = {404: f"There is nothing at {path}.", 405: f"{request.method} is not possible at {path}."}
    detail = details.get(error.status_code, str(error.detail))
    name = title.lower().replace(" ", "-")
    return problem(error.status_code, name, title, detail, path, headers=dict(error.headers or {}))


def _of_bug(request: Request, error: Exception) -> Response:
    # The server logs the error itself: Starlette raises it again when this is sent.
    detail = "This is a fault of the service, not of the request; its log says where."
    return problem(500, "failed", "The service failed", detail, request.scope["path"])


def _headers(error: WherefromError, status: int) -> dict[str, str]:
    if isinstance(error, OverloadedError):
        return {"Retry-After": str(max(1, math.ceil(error.retry_after)))}
    if status == 503:
        return {"Retry-After": str(_RETRY_AFTER_S)}
    if status == 401:
        return {"WWW-Authenticate": 'Bearer realm="wherefrom"'}
    return {}


def _printable(text: str) -> str:
    cut = text if len(text) <= _MAX_DETAIL else text[:_MAX_DETAIL] + "…"
    return cut.encode("utf-8", "replace").decode("utf-8")
