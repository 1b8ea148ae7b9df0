"""The web interface: its files as they were built, and the policy under which browsers run them."""

from __future__ import annotations

import hashlib
from functools import cache, lru_cache
from pathlib import Path

from fastapi import APIRouter, FastAPI
from fastapi.responses import FileResponse, HTMLResponse, Response
from starlette.middleware.gzip import GZipMiddleware
from starlette.staticfiles import StaticFiles
from starlette.types import Message, Receive, Scope, Send

PAGES = (
    "projects",
    "traces",
    "generations",
    "compare",
    "conversations",
    "documents",
    "indexes",
    "audits",
    "try",
)
"""First parts of the addresses that the interface draws, besides `/` itself; `ui/src/routes.tsx` has the same."""

POLICY = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self'",
        "connect-src 'self'",
        "base-uri 'none'",
        "form-action 'none'",
        "frame-ancestors 'none'",
        "require-trusted-types-for 'script'",
        "trusted-types 'none'",
    )
)
"""Nothing but the interface's own files runs, and nothing is asked of another host."""

_PAGE_HEADERS = {
    "Content-Security-Policy": POLICY,
    "Cache-Control": "no-cache",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "Cross-Origin-Opener-Policy": "same-origin",
}
_ASSET_HEADERS = {b"cache-control": b"public, max-age=31536000, immutable", b"x-content-type-options": b"nosniff"}
_MISSING = (
    "<!doctype html><html lang=en><meta charset=utf-8><title>Wherefrom</title><p>The service runs, but its web "
    "interface has not been built: run <code>make ui</code> in the source folder, or install a wheel, which has it."
)

router = APIRouter(include_in_schema=False)


def is_open(path: str) -> bool:
    """Whether a path is one of the interface's own: these hold nothing secret and are needed to enter a key."""
    first = path[1:].partition("/")[0]
    return path in ("/", "/icon.svg") or first in PAGES or first == "assets"


@cache
def built() -> Path | None:
    """The folder of the built files: within the package, or in the source folder that it is installed from."""
    here = Path(__file__).resolve()
    for folder in (here.parents[1] / "interface", here.parents[3] / "ui" / "dist"):
        if (folder / "index.html").is_file():
            return folder
    return None


def identity() -> str | None:
    """What changes with the files, for the page names them by what they hold. None: they were not built."""
    folder = built()
    if folder is None:
        return None
    page = folder / "index.html"
    try:
        return _digest(page, page.stat().st_mtime_ns)
    except OSError:  # it is being built
        return None


@lru_cache(maxsize=1)
def _digest(page: Path, _changed_ns: int) -> str:
    return hashlib.sha256(page.read_bytes()).hexdigest()[:16]


def install(app: FastAPI) -> None:
    """Add the pages and their files to the application."""
    app.include_router(router)
    folder = built()
    if folder is not None:
        app.mount("/assets", _Lasting(GZipMiddleware(StaticFiles(directory=folder / "assets"))))


def wants_page(method: str, accept: str | None) -> bool:
    """Whether a browser asks for something to show, not a client for something to read; and there is a page."""
    asked = {one.partition(";")[0].strip().lower() for one in (accept or "").split(",")}
    return method in ("GET", "HEAD") and "text/html" in asked and built() is not None


async def page() -> Response:
    """The one document; which page it draws is decided in the browser."""
    return document()


def document(status: int = 200) -> Response:
    """The one document, also as an answer to a browser that asks for what is not there."""
    folder = built()
    if folder is None:
        return HTMLResponse(_MISSING, 503, {**_PAGE_HEADERS, "Retry-After": "60"})
    return FileResponse(folder / "index.html", status, media_type="text/html", headers=_PAGE_HEADERS)


@router.get("/icon.svg")
async def icon() -> Response:
    """The icon of the browser's tab."""
    folder = built()
    if folder is None:
        return Response(status_code=404)
    return FileResponse(folder / "icon.svg", media_type="image/svg+xml", headers=_PAGE_HEADERS)


for _path in ("/", *(f"/{name}" for name in PAGES), *(f"/{name}/{{rest:path}}" for name in PAGES)):
    router.add_api_route(_path, page, methods=["GET", "HEAD"])


class _Lasting:
    """Files whose names change with what they hold may be kept for ever."""

    def __init__(self, app: GZipMiddleware) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def marked(message: Message) -> None:
            if message["type"] == "http.response.start" and message["status"] in (200, 206, 304):
                kept = [(name, value) for name, value in message["headers"] if name not in _ASSET_HEADERS]
                message["headers"] = [*kept, *_ASSET_HEADERS.items()]
            await send(message)

        await self._app(scope, receive, marked)
