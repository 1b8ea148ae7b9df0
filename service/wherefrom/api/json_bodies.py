"""Bodies that are JSON, read as everything that strangers send: bounded in depth, without lone surrogates."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from typing import Any

from fastapi import Request, Response
from fastapi.routing import APIRoute

from wherefrom.traces.ingest.json_values import parse_json


class JsonRequest(Request):
    """A request whose JSON is read by `parse_json`."""

    async def json(self) -> Any:
        """The body's value.

        Raises:
            MalformedError: it is not JSON.
            LimitError: it is nested too deeply.
        """
        if not hasattr(self, "_json"):
            nesting = self.app.state.services.settings.max_nesting
            self._json = parse_json(await self.body(), nesting=nesting, what="The body")
        return self._json


class JsonRoute(APIRoute):
    """A route that reads JSON bodies so: `APIRouter(route_class=JsonRoute)`."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """The handler, given such a request."""
        handler = super().get_route_handler()

        async def handle(request: Request) -> Response:
            return await handler(JsonRequest(request.scope, request.receive))

        return handle


def described(example: Any, description: str) -> dict[str, Any]:
    """What OpenAPI's document says of a body that is read as JSON by other means than a model."""
    content = {"application/json": {"schema": {"type": "object"}, "example": example}}
    return {"requestBody": {"required": True, "description": description, "content": content}}
