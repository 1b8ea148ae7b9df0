"""`/gateway/{upstream}/v1/...`: what OpenAI-compatible clients take as a base URL.

The caller's credentials are for the upstream; ours come in X-Wherefrom-Key or Helicone-Auth. Which upstreams there are,
only the operator says.
"""

from __future__ import annotations

import time
from dataclasses import replace
from typing import Annotated, Any
from uuid import uuid4

from fastapi import APIRouter, Path, Request, Response

from wherefrom.api.dependencies import Body, Ingester, Parts
from wherefrom.api.gateway.connections import Asked
from wherefrom.api.gateway.headers import labels_of, speaks_helicone, to_upstream
from wherefrom.api.gateway.passing import Passage
from wherefrom.errors import NotFoundError
from wherefrom.traces.ingest.gateway import Exchange, operation_of

router = APIRouter(tags=["gateway"])

_PATH = "/gateway/{upstream}/v1/{path:path}"
_METHODS = ("GET", "HEAD", "PUT", "PATCH", "DELETE")
_ANSWERS: dict[int | str, dict[str, Any]] = {
    "default": {
        "description": "Whatever the upstream answers, unchanged; 502 where it cannot be reached, 504 where it does "
        "not go on in time.",
    },
}


@router.post(
    _PATH,
    summary="Ask a model, recorded",
    response_class=Response,
    responses=_ANSWERS,
    openapi_extra={
        "requestBody": {
            "description": "What the upstream takes. Chat completions, completions, responses and embeddings are "
            "recorded; everything else is passed on only.",
            "content": {
                "application/json": {
                    "schema": {"type": "object"},
                    "example": {
                        "model": "gpt-4o-mini",
                        "messages": [{"role": "user", "content": "Who speaks?"}],
                    },
                }
            },
        }
    },
)
async def ask(
    request: Request,
    parts: Parts,
    caller: Ingester,
    data: Body,
    upstream: Annotated[str, Path(max_length=100, description="The name that the operator gave it.")],
    path: Annotated[str, Path(max_length=2_000, description="Of the upstream's interface, such as chat/completions.")],
) -> Response:
    """Pass a request on to an upstream, and its answer back, piece by piece; then record both.

    The answer's header `X-Wherefrom-Trace` names the trace. `X-Wherefrom-Project`, `-Session` and `-User` say where it
    belongs, as do Helicone's `Helicone-Session-Id`, `-Session-Name`, `-Session-Path`, `-User-Id`, `-Property-*` and
    `-Request-Id`; with a `traceparent` it is a child of the caller's span.
    """
    gateway = parts.gateway
    if gateway is None:
        raise NotFoundError("The gateway is off; `wherefrom serve --upstream NAME=URL` names an upstream.")
    scope = request.scope
    raw = scope.get("raw_path") or scope["path"].encode()
    parts_of_path = raw.split(b"/", 4)
    if len(parts_of_path) < 5 or (parts_of_path[1], parts_of_path[3]) != (b"gateway", b"v1"):
        raise NotFoundError("The path is none of the gateway's: its first slashes must not be encoded.")
    server, target = gateway.address(upstream, parts_of_path[4], scope.get("query_string", b""))
    body, encoding = scope["state"].get("encoded_body", (data, ""))
    asked = Asked(server, request.method, target, to_upstream(scope["headers"], encoding), body)
    exchange = None
    endpoint = operation_of(path) if request.method == "POST" else None
    if endpoint is not None:
        labels = labels_of(request.headers, caller.project)
        if labels.request_id is None and speaks_helicone(request.headers):
            labels = replace(labels, request_id=str(uuid4()))
        exchange = Exchange(
            trace_id=labels.parent[0] if labels.parent else uuid4().hex,
            span_id=uuid4().hex[:16],
            upstream=upstream,
            endpoint=endpoint,
            labels=labels,
            request=data,
            start_ns=time.time_ns(),
            end_ns=0,
            only_project=caller.project,
        )
    return Passage(gateway.connections, asked, gateway.recorder, exchange)


for _method in _METHODS:  # described once
    router.add_api_route(_PATH, ask, methods=[_method], include_in_schema=False, response_class=Response)
