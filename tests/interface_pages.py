"""Every page of the interface, over what a test put into the store; and when a page is all there."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import quote, urlencode

from playwright.sync_api import Page

AUDIT = "memorizing models"
"""The name of the report that the service has."""

_REST = """async () => {
  const until = performance.now() + 30000;
  let [calm, asked] = [0, -1];
  while (calm < 4 && performance.now() < until) {
    await new Promise((resolve) => setTimeout(resolve, 30));
    const now = performance.getEntriesByType("resource").length;
    const whole = document.querySelector("h1") && !document.querySelector("[aria-busy=true]");
    calm = whole && now === asked ? calm + 1 : 0;
    asked = now;
  }
  return calm >= 4;
}"""

FRAME = """() => Promise.race([
  new Promise(requestAnimationFrame),
  new Promise((resolve) => setTimeout(resolve, 100)),
])"""
"""JavaScript that waits until a frame was drawn. A browser may owe a page its frames for good, hence not for long."""


@dataclass(frozen=True)
class Stored:
    """What the pages are to show.

    Attributes:
        trace, generation, other: ids of a trace and of two spans that are generations.
        session: its id.
        document: id of a document of the index.
        phrase: what the index is searched for.
    """

    project: str
    trace: str
    generation: str
    other: str
    session: str
    document: str
    phrase: str
    index: str = "demo"


def addresses(stored: Stored) -> dict[str, str]:
    """A path for every page, and for every view of a page that looks very different."""

    def path(page: str, **search: str) -> str:
        return f"{page}?{urlencode({'project': stored.project, **search}, quote_via=quote)}"

    def part(text: str) -> str:
        return quote(text, safe="")

    return {
        "overview": path("/"),
        "projects": path("/projects"),
        "traces": path("/traces"),
        "trace": path(f"/traces/{stored.trace}"),
        "timeline": path(f"/traces/{stored.trace}", view="timeline"),
        "step": path(f"/traces/{stored.trace}", step=stored.generation),
        "raw step": path(f"/traces/{stored.trace}", step=stored.generation, raw="1"),
        "generation": path(f"/generations/{stored.generation}"),
        "raw generation": path(f"/generations/{stored.generation}", view="raw"),
        "passage": path(f"/generations/{stored.generation}", span="0"),
        "side by side": path("/compare", left=stored.generation, right=stored.other),
        "sessions": path("/conversations"),
        "session": path(f"/conversations/{part(stored.session)}"),
        "document": path("/documents", index=stored.index, id=stored.document, generation=stored.generation),
        "indexes": path("/indexes"),
        "index": path(f"/indexes/{stored.index}"),
        "phrase": path(f"/indexes/{stored.index}", phrase=stored.phrase),
        "audits": path("/audits"),
        "audit": path(f"/audits/{AUDIT}"),
        "try": path("/try"),
    }


def open_page(page: Page, path: str) -> None:
    """Open a page and wait until it is whole: it has its heading, and neither says that it loads nor asks for more."""
    page.goto(path, timeout=60_000)
    assert page.evaluate(_REST), f"{path} is not whole after 30 s"
