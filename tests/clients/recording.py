"""What clients sent, kept so that it can be sent again without them: a proxy that notes requests, and their file.

Keys are not noted, nor what a client tells of the machine it runs on.
"""

from __future__ import annotations

import base64
import gzip
import json
import platform
import re
import zlib
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import httpx
import openai_server
import zstandard
from starlette.applications import Starlette
from starlette.background import BackgroundTask
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse
from starlette.routing import Route

METHODS = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"]
_NOTED = re.compile(
    r"content-type|content-encoding|accept|user-agent|x-(?!api-key|stainless-|wherefrom-key|opik-).+|helicone-(?!auth$).+"
    r"|comet-.+|dd-(?!api-key$).+|langsmith-.+"
)
_OF_THE_MACHINE = re.compile(r"/telemetry/")
"""Paths of Datadog's agent that take numbers about the process and its host, and nothing of traces that are kept."""

_ENCODINGS = {
    "gzip": (gzip.decompress, lambda body: gzip.compress(body, mtime=0)),
    "deflate": (zlib.decompress, zlib.compress),
    "zstd": (lambda body: zstandard.ZstdDecompressor().decompressobj().decompress(body), zstandard.compress),
    "": (lambda body: body, lambda body: body),
}
_HOP_BY_HOP = {"connection", "keep-alive", "transfer-encoding", "host", "te", "trailer", "upgrade"}


@dataclass(frozen=True, slots=True)
class Recorded:
    """A request, and the status that it was answered with."""

    method: str
    path: str
    headers: dict[str, str]
    body: bytes
    status: int


@dataclass(frozen=True, slots=True)
class Recording:
    """What a client sent for one run of its application, in the order in which it was answered.

    Attributes:
        answer: what the application printed.
    """

    answer: str
    requests: list[Recorded]


@dataclass(slots=True)
class Proxy:
    """Passes requests on to a service and keeps them."""

    service: str
    client: httpx.AsyncClient | None = None
    requests: list[Recorded] = field(default_factory=list)

    async def pass_on(self, request: Request) -> Response:
        assert self.client is not None
        path = request.url.path + (f"?{request.url.query}" if request.url.query else "")
        body = await request.body()
        headers = {name: value for name, value in request.headers.items() if name not in _HOP_BY_HOP}
        asked = self.client.build_request(request.method, self.service + path, headers=headers, content=body)
        answer = await self.client.send(asked, stream=True)
        noted = {name: value for name, value in headers.items() if _NOTED.fullmatch(name)}

        async def end() -> None:
            await answer.aclose()
            # A request that is to come again is noted when it does: its time may depend on others.
            if answer.status_code != 429 and not _OF_THE_MACHINE.search(path):
                self.requests.append(Recorded(request.method, path, noted, body, answer.status_code))

        return StreamingResponse(
            answer.aiter_raw(),
            answer.status_code,
            {name: value for name, value in answer.headers.items() if name not in _HOP_BY_HOP},
            background=BackgroundTask(end),
        )


@contextmanager
def recording(service: str) -> Iterator[tuple[str, list[Recorded]]]:
    """The address of a proxy before a service, and the requests it passed on so far."""
    proxy = Proxy(service)

    @asynccontextmanager
    async def lifespan(app: Starlette) -> AsyncIterator[None]:
        async with httpx.AsyncClient(timeout=60, trust_env=False) as proxy.client:
            yield

    app = Starlette(routes=[Route("/{path:path}", proxy.pass_on, methods=METHODS)], lifespan=lifespan)
    with openai_server.running(app) as address:
        yield address, proxy.requests


def decoded(request: Recorded) -> bytes:
    """The body without its content encoding."""
    decode, _ = _ENCODINGS[request.headers.get("content-encoding", "")]
    return decode(request.body)


def save(path: Path, kept: Recording, home: Path) -> None:
    """Writes a recording without the names of this system's kernel, host and folder `home`.

    Names are overwritten, so that whatever counts bytes stays right.
    """
    names = [str(home), platform.release(), platform.node()]
    secret = re.compile("|".join(re.escape(name) for name in names if len(name) > 3).encode())

    def told(each: Recorded) -> bytes:
        _, encode = _ENCODINGS[each.headers.get("content-encoding", "")]
        body = decoded(each)
        clean = secret.sub(lambda found: b"x" * len(found[0]), body)
        return each.body if clean == body else encode(clean)

    requests = [asdict(each) | {"body": base64.b64encode(told(each)).decode()} for each in kept.requests]
    text = json.dumps({"answer": kept.answer, "requests": requests}, indent=1, ensure_ascii=False)
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(gzip.compress(text.encode(), mtime=0))


def load(path: Path) -> Recording:
    """Reads what `save` wrote."""
    kept: dict[str, Any] = json.loads(gzip.decompress(path.read_bytes()))
    requests = [Recorded(**each | {"body": base64.b64decode(each["body"])}) for each in kept["requests"]]
    return Recording(kept["answer"], requests)
