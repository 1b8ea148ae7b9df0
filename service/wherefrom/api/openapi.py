"""The OpenAPI document: what FastAPI finds out, and what it cannot know."""

from __future__ import annotations

from importlib.metadata import version
from importlib.resources import files
from typing import Any

import orjson
from fastapi import FastAPI, Request, Response
from fastapi.openapi.utils import get_openapi

from wherefrom.api.guarding import OPEN
from wherefrom.api.problems import MEDIA_TYPE, Problem

DESCRIPTION = """
Where the words of a language model come from: texts are traced against indexes of training data, and generations that
arrive as OpenTelemetry or LangSmith traces have their provenance attached.

- Texts are measured in Unicode code points, times in nanoseconds since 1970 (UTC) unless a name says otherwise.
- Lists come in pages `{"items": [...], "next": "..."}`: send `next` back as `cursor`; it is null on the last page.
- Errors are problem documents (RFC 9457), whatever refused the request.
- On a loopback address no key is needed. Elsewhere send an API key (`wherefrom keys create`) as `x-api-key`, as
  `Authorization: Bearer` or as the password of `Authorization: Basic`.
- Bodies may be compressed: `Content-Encoding` gzip, deflate or zstd.
- A 429 or 503 says in `Retry-After` after how many seconds it is worth trying again.
"""

TAGS = {
    "service": "What the service is, and what its caller may do.",
    "tracing": "Where the words of a text stand.",
    "indexes": "What is searched: indexes, their documents, phrases.",
    "olmotrace": "The interface of OLMoTrace, for programs that were written for it.",
    "projects": "What traces are kept apart by.",
    "traces": "Traces and their spans.",
    "sessions": "Traces that belong together.",
    "provenance": "The sources of generations.",
    "scores": "Scores and notes on traces and spans.",
    "statistics": "Numbers over time.",
    "live": "What happens, as it happens.",
    "export": "Traces with their provenance, for other systems.",
    "audits": "Reports of what models memorized, of contamination and of extraction.",
    "ingest": "Where clients send traces.",
    "langsmith": "The part of LangSmith's interface that its clients need to send traces.",
    "gateway": "APIs of models: requests are passed on to the upstreams that the operator has named, and recorded.",
    "helicone": "The part of Helicone's interface that its helpers need.",
    "langfuse": "The part of Langfuse's interface that its clients need to send traces.",
    "honeyhive": "The part of HoneyHive's interface that its clients need to send traces.",
    "mlflow": "The part of MLflow's interface that its client needs to send traces.",
    "opik": "The part of Opik's interface that its clients need to send traces.",
    "datadog": "The part of Datadog's intake and agent that clients of LLM Observability need.",
    "health": "Whether the service lives, and its numbers.",
}

_SCHEMES = {
    "x-api-key": {"type": "apiKey", "in": "header", "name": "x-api-key"},
    "bearer": {"type": "http", "scheme": "bearer"},
    "basic": {"type": "http", "scheme": "basic", "description": "The password is the key; any user name."},
}
_EVERYWHERE = {
    "400": "The request cannot be read",
    "401": "An API key is needed",
    "403": "The API key, or the origin, does not allow it",
    "408": "The request came too slowly",
    "413": "The request is larger than the service accepts",
    "421": "Host is not this service's",
    "422": "A value cannot be used",
    "429": "Too many requests; Retry-After says when to try again",
    "500": "A fault of the service",
    "503": "Something that is needed is unavailable for now; Retry-After says when to try again",
}
_BODIES = ("413", "408")


def describe(app: FastAPI) -> None:
    """Has `app` describe itself."""

    def document() -> dict[str, Any]:
        if app.openapi_schema is None:
            app.openapi_schema = _document(app)
        return app.openapi_schema

    app.openapi = document  # type: ignore[method-assign]
    made: list[bytes] = []

    async def served(request: Request) -> Response:
        if not made:
            made.append(orjson.dumps(document()))
        return Response(made[0], media_type="application/json")

    app.add_route("/openapi.json", served, include_in_schema=False)


def _document(app: FastAPI) -> dict[str, Any]:
    found = get_openapi(
        title="Wherefrom",
        version=version("wherefrom"),
        description=DESCRIPTION.strip(),
        routes=app.routes,
        tags=[{"name": name, "description": text} for name, text in TAGS.items()],
        license_info={"name": "Apache-2.0", "identifier": "Apache-2.0"},
    )
    components = found.setdefault("components", {})
    components["securitySchemes"] = _SCHEMES
    schemas = components.setdefault("schemas", {})
    schemas["Problem"] = Problem.model_json_schema()
    for name in ("HTTPValidationError", "ValidationError"):
        schemas.pop(name, None)
    found["security"] = [{}, *({name: []} for name in _SCHEMES)]
    examples = orjson.loads(files("wherefrom.api").joinpath("examples.json").read_bytes())
    for path, operations in found["paths"].items():
        for method, operation in operations.items():
            _complete(path, operation)
            name = f"{method.upper()} {path}"
            if name in examples:
                _exemplify(operation, examples[name])
    return found


def _complete(path: str, operation: dict[str, Any]) -> None:
    """Adds the problems that any request may end in."""
    responses = operation.setdefault("responses", {})
    problem = {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}}
    for status, text in _EVERYWHERE.items():
        if status == "422" or status not in responses:  # FastAPI enters a 422 of its own, which is not what is sent
            responses[status] = {"description": text, "content": problem}
    for status, response in responses.items():
        if status in ("404", "504", "409", "415") and "content" not in response:
            response["content"] = problem
    if path in OPEN:
        operation["security"] = []


def _exemplify(operation: dict[str, Any], example: Any) -> None:
    """Adds the example of what is answered when all goes well."""
    for status, response in operation["responses"].items():
        content = response.get("content", {}).get("application/json")
        if status.startswith("2") and content is not None and not {"example", "examples"} & content.keys():
            content["example"] = example
