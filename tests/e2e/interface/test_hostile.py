"""Corpus and model text that attacks whoever reads it: nothing of it runs, loads, or leaves its box on any page."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from urllib.parse import quote, urlsplit

import httpx
import pytest
from hostile_markup import ADDRESSES, AWAY, MARK, PAYLOADS, RAN
from interface_pages import FRAME, Stored, addresses, open_page
from interface_traces import PATIENCE, SentSpan, generation, messages, send
from playwright.sync_api import BrowserContext, Page
from running_service import on_a_port

from wherefrom_indexer import build_index

ALL = "all that is hostile"
PROJECT = f"<img {MARK} src=//{AWAY}/project.png onerror=globalThis.{RAN}=1>"
SESSION = f"<svg {MARK} onload=globalThis.{RAN}=1>/../?x=#y"
TRACE, READ, BESIDE, ROOT = "b0" * 16, "b0" * 8, "b1" * 8, "b2" * 8
STEPS = (3, 42, 150, 212)
"""Those that are looked at; only these have outputs, since each output is traced."""
SIZES = ((1280, 900), (390, 844))

WATCH = f"""
globalThis.seen = [];
addEventListener("securitypolicyviolation", (event) =>
  seen.push(`policy: ${{event.violatedDirective}} ${{event.blockedURI}} ${{event.sample}}`));
const forbidden = "[{MARK}], main script, main style, main link, main iframe, main object, main embed, main base,"
  + "main meta, main form[action], main video, main audio, main img, main math, main foreignObject, frameset";
new MutationObserver((records) => {{
  for (const node of records.flatMap((record) => [...record.addedNodes])) {{
    if (!(node instanceof Element)) continue;
    for (const each of [node, ...node.querySelectorAll("*")])
      if (each.matches(forbidden)) seen.push(`element: ${{each.outerHTML.slice(0, 200)}}`);
  }}
}}).observe(document, {{ childList: true, subtree: true }});
"""
SCROLL = """async () => {
  const frame = FRAME;
  const boxes = [...document.querySelectorAll("*")].filter(
    (box) => box.scrollHeight > box.clientHeight + 8 && box.clientHeight > 40 &&
      (box === document.scrollingElement || /auto|scroll/.test(getComputedStyle(box).overflowY)));
  for (const box of boxes)
    for (let steps = 0; steps < 60 && box.scrollTop + box.clientHeight < box.scrollHeight - 1; steps++) {
      box.scrollTop += box.clientHeight;
      await frame();
      await frame();
    }
}""".replace("FRAME", FRAME)
LOOK = f"""() => {{
  const links = [...document.querySelectorAll("a[href]")].filter(
    (link) => !["http:", "https:"].includes(link.protocol) ||
      (link.host !== location.host && !(link.target === "_blank" && link.relList.contains("noopener"))));
  return [
    ...seen,
    ...links.map((link) => `link: ${{link.outerHTML.slice(0, 200)}}`),
    ...(globalThis.{RAN} === undefined && {{}}.{RAN} === undefined ? [] : ["a text was run"]),
  ];
}}"""
WIDEST = """async () => {
  const frame = FRAME;
  await frame();
  await frame();
  const wide = document.documentElement.scrollWidth - innerWidth;
  if (wide <= 0) return "";
  const out = [...document.querySelectorAll("main *")].filter((each) => {
    if (each.getBoundingClientRect().right <= innerWidth + 1) return false;
    for (let box = each.parentElement; box && box !== document.body; box = box.parentElement)
      if (getComputedStyle(box).overflowX !== "visible") return false;
    return true;
  });
  return `${wide} pixels too wide at ${innerWidth}: ` + out.slice(-3).map((each) => each.outerHTML.slice(0, 160));
}""".replace("FRAME", FRAME)


def sentence(number: int) -> str:
    return f"This is hostile passage number {number}, which is known from its own document and from no other place."


def chunk(number: int) -> str:
    return f"{PAYLOADS[number]}\n\n{sentence(number)}\n\n{PAYLOADS[number]}"


def turned(number: int) -> str:
    """Another payload, so that each meets each place in another company."""
    return PAYLOADS[number % len(PAYLOADS)]


def documents() -> Iterator[dict[str, Any]]:
    for number, payload in enumerate(PAYLOADS):
        yield {
            "id": payload,
            "text": chunk(number),
            "title": turned(number + 1),
            "url": ADDRESSES[number % len(ADDRESSES)],
            "link": turned(number + 2),
            "source": turned(number + 3),
            "date": turned(number + 4),
            turned(number + 5): turned(number + 6),
        }
    named = {payload: payload for payload in PAYLOADS}
    yield {**named, "id": ALL, "text": "\n~ ~ ~\n".join(map(chunk, range(len(PAYLOADS)))), "title": PAYLOADS[0]}


@pytest.fixture(scope="module")
def attacked(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a service that has seen nothing but attacks."""
    folder = tmp_path_factory.mktemp("hostile")
    build_index(documents(), folder / "hostile.index", id_field="id", threads=1)
    with on_a_port(folder, indexes={"hostile": folder / "hostile.index"}) as (address, _):
        with httpx.Client(base_url=address, timeout=PATIENCE) as client:
            fill(client)
        yield address


def fill(client: httpx.Client) -> None:
    """Traces, sessions, projects, and scores, all named by what attacks."""
    written = "\n\n".join(map(chunk, range(len(PAYLOADS))))
    more = {"session.id": SESSION, "user.id": turned(3), "gen_ai.response.model": turned(4)}
    spans = [
        SentSpan(ROOT, turned(0), attributes={**dict(zip(PAYLOADS, reversed(PAYLOADS), strict=True)), **more}),
        generation(READ, written, "\n".join(PAYLOADS), model=turned(5), name=turned(6), parent=ROOT, attributes=more),
        generation(BESIDE, "\n\n".join(map(chunk, range(40))), turned(7), model=turned(8), parent=ROOT),
    ]
    spans += [step(number) for number in range(len(PAYLOADS))]
    send(client, TRACE, spans, project=PROJECT)
    for number in range(0, len(PAYLOADS), 8):
        alone = generation(
            f"b4{number:014x}", turned(number), turned(number + 1), model=turned(number + 2), name=turned(number + 3),
            attributes={"session.id": turned(number + 4)}, error=turned(number + 5),
        )  # fmt: skip
        send(client, f"b4{number:030x}", [alone], project=turned(number + 6) if number % 16 else PROJECT)
    scores = [
        {"trace": TRACE, **({"span": READ} if number % 2 else {}), "name": payload[:200], "text": turned(number + 1),
         "comment": turned(number + 2), "annotator": turned(number + 3)[:200]}
        for number, payload in enumerate(PAYLOADS[::4])
    ]  # fmt: skip
    client.post("/v1/scores", json=scores).raise_for_status()


def step(number: int) -> SentSpan:
    """A call of a tool that is named, asked and answered by payloads."""
    payload = PAYLOADS[number]
    call = {"type": "tool_call", "id": payload, "name": payload, "arguments": {payload: turned(number + 1)}}
    answered = {"type": "tool_call_response", "id": payload, "result": turned(number + 2)}
    thought = {"type": "reasoning", "content": turned(number + 3)}
    said = [{"role": turned(number + 6), "parts": [thought, call]}]
    return SentSpan(
        f"b3{number:014x}", payload, ROOT, number, number + 1,
        attributes={
            "gen_ai.operation.name": "execute_tool" if number % 2 else payload,
            "gen_ai.tool.name": payload,
            "gen_ai.request.model": turned(number + 4),
            "gen_ai.system_instructions": [{"type": "text", "content": turned(number + 5)}],
            "gen_ai.input.messages": [*messages("user", payload), {"role": "tool", "parts": [answered]}],
            **({"gen_ai.output.messages": said} if number in STEPS else {}),
            payload: turned(number + 7),
        },
        error=turned(number + 8) if number % 3 == 0 else None,
        events=({"name": payload, "timeUnixNano": "1795000000000000000", "attributes": [
            {"key": "exception.message", "value": {"stringValue": turned(number + 9)}},
            {"key": "exception.stacktrace", "value": {"stringValue": turned(number + 10)}},
        ]},),
    )  # fmt: skip


STORED = Stored(
    project=PROJECT, trace=TRACE, generation=READ, other=BESIDE, session=SESSION, document=ALL, index="hostile",
    phrase=sentence(3),
)  # fmt: skip


def steps() -> dict[str, str]:
    return {f"step {number}": f"/traces/{TRACE}?step=b3{number:014x}" for number in STEPS}


def single_documents() -> dict[str, str]:
    chosen = [PAYLOADS[0], ADDRESSES[-1], ADDRESSES[3], "__proto__", "%00%0d%0aSet-Cookie:x=1", "W" * 2000]
    return {f"document {each[:12]!r}": f"/documents?index=hostile&id={quote(each, safe='')}" for each in chosen}


def mangled() -> dict[str, str]:
    """Addresses that hold what attacks where they should hold names."""
    part = {number: quote(PAYLOADS[number], safe="") for number in (0, 22, 150, 200)}
    return {
        "no such trace": f"/traces/{part[0]}",
        "no such generation": f"/generations/{part[22]}?span={part[0]}&view={part[22]}",
        "no such session": f"/conversations/{part[150]}",
        "no such index": f"/indexes/{part[0]}?phrase={part[22]}",
        "no such page": f"/projects/{part[200]}?__proto__=x&constructor=y&project={part[22]}",
        "nothing to compare": f"/compare?left={part[0]}&right={part[22]}",
        "filters": f"/traces?text={part[0]}&model={part[22]}&session={part[150]}&since={part[0]}&document={part[22]}",
    }


VISITED = addresses(STORED) | steps() | single_documents() | mangled()
ALWAYS = {"generation", "document"}
"""The other pages are of the slow suite."""


def test_there_is_enough_of_it() -> None:
    assert len(PAYLOADS) >= 100
    assert len(set(PAYLOADS)) == len(PAYLOADS)


@pytest.mark.parametrize(
    "path",
    [pytest.param(path, id=name, marks=() if name in ALWAYS else pytest.mark.slow) for name, path in VISITED.items()],
)
def test_a_page_of_attacks_is_only_text(context: BrowserContext, page: Page, attacked: str, path: str) -> None:
    faults: list[str] = []
    here = urlsplit(attacked).netloc
    context.on("page", lambda opened: faults.append(f"window: {opened.url}"))
    page.on("dialog", lambda dialog: (faults.append(f"dialog: {dialog.message}"), dialog.dismiss()))
    page.on("request", lambda asked: None if urlsplit(asked.url).netloc == here else faults.append(asked.url))
    page.on("framenavigated", lambda frame: faults.append(frame.url) if not frame.url.startswith(attacked) else None)
    page.add_init_script(WATCH)
    for width, height in SIZES:
        page.set_viewport_size({"width": width, "height": height})
        if page.url == "about:blank":
            open_page(page, attacked + path)
        page.evaluate(SCROLL)
        if fault := page.evaluate(WIDEST):
            faults.append(fault)
    assert page.evaluate(LOOK) == []
    assert faults == []
