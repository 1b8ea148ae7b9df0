"""No page breaks a rule of axe: light, dark and on a phone; full, empty and where something failed."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Literal

import httpx
import pytest
from interface_pages import FRAME, Stored, addresses, open_page
from interface_traces import PATIENCE, SentSpan, generation, messages, send
from playwright.sync_api import Page, Route, ViewportSize
from running_service import on_a_port

AXE = Path(__file__).parents[3] / "ui" / "node_modules" / "axe-core" / "axe.min.js"
RUN = """async () => {
  const frame = FRAME;
  await frame();
  await frame();  // what the page was told about colours and width is drawn
  return axe.run({ resultTypes: ["violations"] });
}""".replace("FRAME", FRAME)
PHONE: ViewportSize = {"width": 390, "height": 844}
WIDE: ViewportSize = {"width": 1280, "height": 900}
Colours = Literal["light", "dark"]

TRACE = "acce551b1e" + "0" * 22
ANSWER, OTHER = "acce551b1e000001", "acce551b1e000002"
OUTPUT = """# What he said

Fellow-Citizens of the Senate and of the House of Representatives: **I embrace with great satisfaction** the
opportunity which now presents itself of congratulating you on the present favorable prospects of our public affairs.

```
the opportunity which now presents itself of congratulating you on the present favorable prospects
```

| year | who |
|---|---|
| 1790 | Washington |

See [his address](https://example.org/address) and ![a picture](https://example.org/picture.png).
"""
STORED = Stored(
    project="accessible", trace=TRACE, generation=ANSWER, other=OTHER, session="a session", document="1790",
    phrase="great satisfaction",
)  # fmt: skip
KINDS = [*addresses(STORED)]
ALWAYS = {"traces", "generation", "document"}
"""The other pages, and all in dark and on a phone, are of the slow suite."""
PAGES = [kind for kind in KINDS if kind not in ("timeline", "step", "raw step", "raw generation", "passage", "phrase")]

FAILURES = {401: "An API key is needed.", 429: "Too many requests.", 503: "The index is being opened."}


@pytest.fixture(scope="module")
def stored(base_url: str) -> Stored:
    """A trace with a tree, a tool, an error, scores and a session, in a project of its own."""
    session = {"session.id": STORED.session}
    spans = [
        SentSpan("acce551b1e00000a", "agent", attributes={"gen_ai.operation.name": "invoke_agent", **session}),
        generation(ANSWER, OUTPUT, "What did he say?", parent="acce551b1e00000a", start_ms=10, end_ms=600,
                   attributes={"gen_ai.usage.input_tokens": 10, "gen_ai.usage.output_tokens": 90, **session}),
        generation(OTHER, "I embrace with great satisfaction the opportunity.", "Shorter.",
                   parent="acce551b1e00000a", start_ms=650, end_ms=900),
        SentSpan("acce551b1e000003", "search", "acce551b1e00000a", 600, 640, error="No network.", attributes={
            "gen_ai.operation.name": "execute_tool", "gen_ai.tool.name": "search",
            "gen_ai.input.messages": messages("user", "great satisfaction"), "input.value": '{"query": "x"}',
        }),
    ]  # fmt: skip
    with httpx.Client(base_url=base_url, timeout=PATIENCE) as client:
        send(client, TRACE, spans, project=STORED.project)
        index = client.get("/v1/indexes").json()["items"][0]["name"]
        provenance = client.get(
            f"/v1/generations/{ANSWER}/provenance", params={"project": STORED.project}
        ).raise_for_status()
        document = provenance.json()["parts"][0]["provenance"]["documents"][0]["id"]
        client.post(
            "/v1/scores",
            json=[
                {"trace": TRACE, "name": "helpfulness", "value": 0.8, "annotator": "ada", "comment": "Quotes well."},
                {"trace": TRACE, "span": ANSWER, "name": "note", "text": "look again"},
            ],
        ).raise_for_status()
    return Stored(**{**STORED.__dict__, "index": index, "document": document})


@pytest.fixture
def check(page: Page) -> Iterator[Callable[..., None]]:
    """What opens a page, or shows the same one in another way, and asks axe; the test fails with all that was found."""
    found: list[str] = []

    def check(path: str | None = None, *, colours: Colours = "light", size: ViewportSize = WIDE) -> None:
        page.set_viewport_size(size)
        page.emulate_media(reduced_motion="reduce", color_scheme=colours)
        if path:
            open_page(page, path)
            page.evaluate(AXE.read_text(encoding="utf-8"))
        found.extend(describe(violation) for violation in page.evaluate(RUN)["violations"])

    yield check
    assert not found, "\n".join(dict.fromkeys(found))


@pytest.fixture
def browser_context_args(browser_context_args: dict[str, Any]) -> dict[str, Any]:
    """The policy forbids what axe is put into the page by; the other tests keep it."""
    return {**browser_context_args, "bypass_csp": True}


def describe(violation: dict[str, Any]) -> str:
    places = [f"{node['target']} {node['html'][:200]} {node['failureSummary']}" for node in violation["nodes"][:3]]
    return f"{violation['id']} ({violation['help']}): " + " | ".join(places)


@pytest.mark.parametrize(
    "kind", [pytest.param(kind, marks=() if kind in ALWAYS else pytest.mark.slow) for kind in KINDS]
)
def test_a_full_page_breaks_no_rule(check: Callable[..., None], stored: Stored, kind: str) -> None:
    check(addresses(stored)[kind])


@pytest.mark.slow
@pytest.mark.parametrize("kind", KINDS)
def test_a_full_page_in_dark_and_on_a_phone_breaks_no_rule(
    check: Callable[..., None], stored: Stored, kind: str
) -> None:
    check(addresses(stored)[kind], colours="dark", size=PHONE)


@pytest.fixture(scope="module")
def empty_service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A service without indexes and traces."""
    with on_a_port(tmp_path_factory.mktemp("empty")) as (address, _):
        yield address


@pytest.mark.slow
@pytest.mark.parametrize("kind", PAGES)
def test_an_empty_page_breaks_no_rule(check: Callable[..., None], empty_service: str, kind: str) -> None:
    check(empty_service + addresses(STORED)[kind], colours="dark")


@pytest.mark.parametrize(
    ("status", "kind"),
    [pytest.param(503, kind, marks=pytest.mark.slow) for kind in PAGES]
    + [
        pytest.param(401, "traces"),
        *(pytest.param(status, "traces", marks=pytest.mark.slow) for status in (429, None)),
    ],
)
def test_a_failed_page_breaks_no_rule(
    page: Page, check: Callable[..., None], stored: Stored, status: int | None, kind: str
) -> None:
    def fail(route: Route) -> None:
        if status is None:
            route.abort()
        else:
            problem = {"type": "about:blank", "title": "Failed", "status": status, "detail": FAILURES[status]}
            route.fulfill(status=status, json=problem, content_type="application/problem+json")

    page.route("**/v1/**", fail)
    check(addresses(stored)[kind])
