"""The web interface in a real browser: how soon pages are there, how much they keep, whether they stay smooth."""

from __future__ import annotations

import json
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.request import Request, urlopen

from browsers import launch_options
from interface_inputs import LONG, PROJECT, SHORT, TREE, documents, generation, output, passages, tree
from outcome import Cell, Figure, Part, Table
from playwright.sync_api import Browser, Page, sync_playwright
from scales import QUICK, Scale
from served import Service, running

from wherefrom_indexer import build_index

RUNS = 5
ROUNDS = 3
CHARACTERS = 100_000
SHORT_PASSAGES = 12
STEPS = 10_000
SCROLLS = 25
SELECTIONS = 10
VIEWPORT = {"width": 1280, "height": 900}
MAIN_THREAD = "CrRendererMain"

PASSAGE = "[data-passage]"
STEP = "[role=treeitem]"

_FIRST = """(selector) => {
  globalThis.found = new Promise((resolve) => {
    const look = () => document.querySelector(selector) && (watch.disconnect(),
      requestAnimationFrame(() => setTimeout(() => resolve(performance.now()))));
    const watch = new MutationObserver(look);
    watch.observe(document, { childList: true, subtree: true });
  });
}"""
"""Milliseconds from the beginning of the navigation to the first frame that shows what was looked for."""

_COUNTED = """(selector) => ({
  rows: Math.max(...[...document.querySelectorAll("main section, main div, main ol, main ul, main tbody")]
    .map((box) => box.childElementCount)),
  looked_for: document.querySelectorAll(selector).length,
  elements: document.querySelectorAll("*").length,
})"""
_JAVASCRIPT = """() => performance.getEntriesByType("resource")
  .filter((entry) => new URL(entry.name).pathname.endsWith(".js"))
  .reduce((sum, entry) => sum + entry.encodedBodySize, 0)"""
_FRAME = "() => new Promise((resolve) => requestAnimationFrame(() => setTimeout(resolve)))"


@dataclass(frozen=True)
class Measured:
    """A page, measured.

    Attributes:
        opened: seconds to what was looked for, of each run with a warm cache.
        rows: most children of one element, after scrolling.
        elements: of the whole page, after scrolling.
        scrolling, selecting: milliseconds of the longest task of the page's main thread, in each round.
    """

    opened: list[float]
    rows: int
    elements: int
    scrolling: list[float]
    selecting: list[float]

    def longest(self) -> list[float]:
        """The longest task of each round."""
        return [max(both) for both in zip(self.scrolling, self.selecting, strict=True)]


def measure(scale: Scale) -> Part:
    runs = 2 if scale is QUICK else RUNS
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        spans = _fill_index(Path(folder) / "measured.index")
        with running(Path(folder) / "measured.index", Path(folder) / "traces", name="measured") as service:
            found = _fill(service, spans)
            browser = playwright.chromium.launch(**launch_options())
            javascript, whole = _javascript(browser, service.address)
            pages = {
                "a generation of 12 passages": (f"/generations/{SHORT}", PASSAGE),
                f"an output of {CHARACTERS:,} characters with {found:,} spans": (f"/generations/{LONG}", PASSAGE),
                f"the same, raw: {found:,} spans": (f"/generations/{LONG}?view=raw", PASSAGE),
                f"a trace of {STEPS:,} spans": (f"/traces/{TREE}", STEP),
            }
            measured = {
                name: _page(browser, service.address + path, selector, runs) for name, (path, selector) in pages.items()
            }
            browser.close()
    short, text, raw, steps = measured.values()
    figures = {
        "interface.paint": Figure.of(short.opened, "s"),
        "interface.javascript": Figure.of(javascript, "bytes"),
        "interface.javascript.whole": Figure.of(whole, "bytes"),
        "interface.text.open": Figure.of(text.opened, "s"),
        "interface.text.raw.open": Figure.of(raw.opened, "s"),
        "interface.trace.open": Figure.of(steps.opened, "s"),
        "interface.rows": Figure.of(max(page.rows for page in measured.values())),
        "interface.text.task": Figure.of([max(both) for both in zip(text.longest(), raw.longest(), strict=True)], "ms"),
        "interface.trace.task": Figure.of(steps.longest(), "ms"),
    }
    rows: list[list[Cell]] = [
        [name, Figure.of(page.opened, "s"), page.rows, page.elements, Figure.of(page.scrolling, "ms"),
         Figure.of(page.selecting, "ms")]
        for name, page in measured.items()
    ]  # fmt: skip
    table = Table(
        "Pages",
        f"Chromium without a window, {VIEWPORT['width']} by {VIEWPORT['height']}, the service on the same machine, "
        "cache warm. Opened: from the beginning of the navigation to the frame that shows the first passage or step. "
        f"Rows: the most children of one element after {SCROLLS} turns of the wheel; elements: all of the page. "
        "Longest tasks of the page's main thread, from Chromium's tracing, in these turns and in "
        f"{SELECTIONS} selections by keyboard, of {ROUNDS} rounds on a page opened anew.",
        ("page", "opened", "rows", "elements", "longest task, scrolling", "longest task, selecting"),
        rows,
    )
    missing = [] if found >= 2_000 else [f"The long output has {found:,} spans instead of 2,000."]
    return Part([table], figures, missing=missing)


def _fill_index(folder: Path) -> list[str]:
    sentences = passages()
    build_index(documents(sentences), folder, id_field="id")
    return sentences


def _fill(service: Service, sentences: list[str]) -> int:
    """Sends everything, waits for provenance, and returns how many spans the long output has."""
    service.post("/v1/traces", generation("a4" * 16, SHORT, "short", output(sentences[:SHORT_PASSAGES], 1_200)))
    settings = service.get(f"/v1/projects/{PROJECT}/tracing")
    assert isinstance(settings, dict)
    wanted = {name: value for name, value in settings.items() if name in ("indexes", "preset", "options")}
    _put(service, f"/v1/projects/{PROJECT}/tracing", wanted | {"options": {"density": 1.0}})
    service.post("/v1/traces", generation("a5" * 16, LONG, "long", output(sentences, CHARACTERS)))
    for body in tree(STEPS):
        service.post("/v1/traces", body)
    deadline = time.monotonic() + 120
    while service.get(f"/v1/traces?project={PROJECT}&provenance=pending")["items"]:  # type: ignore[index]
        if time.monotonic() > deadline:
            raise SystemExit("Generations were still without provenance after two minutes.")
        time.sleep(0.2)
    provenance: Any = service.get(f"/v1/generations/{LONG}/provenance")
    return len(provenance["parts"][0]["provenance"]["spans"])


def _put(service: Service, path: str, body: object) -> None:
    request = Request(
        service.address + path, json.dumps(body).encode(), {"Content-Type": "application/json"}, method="PUT"
    )
    with urlopen(request, timeout=30) as answer:
        answer.read()


def _javascript(browser: Browser, address: str) -> tuple[int, int]:
    """Bytes of JavaScript, as sent, until a generation is shown; and with the other pages, fetched when all is idle."""
    context = browser.new_context(viewport=VIEWPORT)
    page = context.new_page()
    page.goto(f"{address}/generations/{SHORT}")
    page.wait_for_selector(PASSAGE)
    needed: int = page.evaluate(_JAVASCRIPT)
    page.wait_for_timeout(10_000)  # pages begin to be fetched some seconds after the first
    whole: int = page.evaluate(_JAVASCRIPT)
    context.close()
    return needed, whole


def _page(browser: Browser, address: str, selector: str, runs: int) -> Measured:
    context = browser.new_context(viewport=VIEWPORT)
    page = context.new_page()
    page.add_init_script(f"({_FIRST})({json.dumps(selector)})")
    opened = []
    for _ in range(runs + 1):
        page.goto("about:blank")
        page.goto(address)
        opened.append(page.evaluate("() => found") / 1000)
    scrolling, selecting = [], []
    for _ in range(ROUNDS):
        page.goto("about:blank")
        page.goto(address)
        page.evaluate("() => found")
        page.mouse.move(400, 600)
        scrolling.append(_longest_task(browser, page, lambda: _scroll(page)))
        counted = page.evaluate(_COUNTED, selector)
        selecting.append(_longest_task(browser, page, lambda: _select(page, selector)))
    context.close()
    return Measured(opened[1:], counted["rows"], counted["elements"], scrolling, selecting)


def _scroll(page: Page) -> None:
    for _ in range(SCROLLS):
        page.mouse.wheel(0, 700)
        page.evaluate(_FRAME)
        page.evaluate(_FRAME)


def _select(page: Page, selector: str) -> None:
    page.locator(f"{selector}[tabindex='0'], [role=tree]").first.focus()
    for _ in range(SELECTIONS):
        page.keyboard.press("ArrowDown" if selector == STEP else "ArrowRight")
        page.keyboard.press("Enter")
        page.evaluate(_FRAME)
        page.evaluate(_FRAME)


def _longest_task(browser: Browser, page: Page, action: Callable[[], None]) -> float:
    """Milliseconds of the longest task of a page's main thread during something."""
    with _traced(browser, page) as events:
        action()
    threads = {
        (event["pid"], event["tid"])
        for event in events
        if event["name"] == "thread_name" and event["args"]["name"] == MAIN_THREAD
    }
    tasks = [  # one that had not ended has no duration
        event["dur"]
        for event in events
        if event["name"] == "RunTask" and "dur" in event and (event["pid"], event["tid"]) in threads
    ]
    if not tasks:
        raise SystemExit("Chromium's tracing has no tasks.")
    return max(tasks) / 1000


@contextmanager
def _traced(browser: Browser, page: Page) -> Iterator[list[dict[str, Any]]]:
    """Chromium's tracing while the body runs; the events are there after it."""
    events: list[dict[str, Any]] = []
    browser.start_tracing(page=page, categories=["disabled-by-default-devtools.timeline", "__metadata"])
    try:
        yield events
    finally:
        events += [{"tid": None, "args": {}, **event} for event in json.loads(browser.stop_tracing())["traceEvents"]]
