"""Pictures of the main views: light, dark, and on a phone. `--screenshots docs/screenshots` makes those of the docs."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Literal

import httpx
import pytest
from interface_pages import Stored, addresses, open_page
from pictured_traces import ANSWER, CONTROL, NOW, PROJECT, READ, TRACE, send_all, span_id
from playwright.sync_api import Browser, Page, ViewportSize, expect

from wherefrom.cli import main

DATA = Path(__file__).parents[3] / "data"
LARGEST = 200_000
"""Bytes of a picture that is kept."""

WIDE: ViewportSize = {"width": 1280, "height": 800}
PHONE: ViewportSize = {"width": 390, "height": 844}
LOOKS: dict[str, tuple[ViewportSize, Literal["light", "dark"]]] = {
    "light": (WIDE, "light"),
    "dark": (WIDE, "dark"),
    "phone": (PHONE, "light"),
}
STORED = Stored(PROJECT, TRACE, span_id(READ), span_id(CONTROL), "Monroe", "1826-Adams-1", "the American continents")
PATHS = addresses(STORED)
VIEWS: dict[str, tuple[str, Any, str]] = {
    "reading": (PATHS["generation"] + "&span=0", "button", "characters"),
    "document": (PATHS["document"], "heading", "John Quincy Adams"),
    "trying": (f"/try?project={PROJECT}", "button", "Trace"),
    "traces": (PATHS["traces"], "link", "smollm2"),
    "trace": (f"{PATHS['trace']}&step={ANSWER}", "heading", "ask the model"),
    "overview": (PATHS["overview"] + "&last=month", "link", "generations on"),
    "index": (PATHS["phrase"], "heading", "demo"),
    "comparing": (PATHS["side by side"], "region", "Left"),
    "audit": ("/audits/demo", "region", "Measures"),
}
"""Path of each view, and the role and name of something that it must have."""


@pytest.fixture(scope="module", autouse=True)
def traces(base_url: str) -> None:
    records = [json.loads(line) for line in (DATA / "generations.jsonl").read_text(encoding="utf-8").splitlines()]
    with httpx.Client(base_url=base_url, timeout=30) as client:
        send_all(client, records)


@pytest.fixture(scope="module", autouse=True)
def report(demo_index: Path, audits: Path, tmp_path_factory: pytest.TempPathFactory) -> None:
    """An audit of the demo's outputs, beside what people wrote."""
    folder = tmp_path_factory.mktemp("outputs")
    lines = (DATA / "generations.jsonl").read_text(encoding="utf-8").splitlines(keepends=True)
    for name, kind in (("outputs", "model"), ("people", "control")):
        chosen = [line for line in lines if json.loads(line)["kind"] == kind]
        (folder / f"{name}.jsonl").write_text("".join(chosen), encoding="utf-8")
    arguments = ["audit", str(demo_index), str(folder / "outputs.jsonl"), "--report", str(audits / "demo"), "--quiet"]
    arguments += ["--baseline", str(folder / "people.jsonl"), "--group-by", "model", "--threads", "1"]
    with pytest.raises(SystemExit, match=r"^0$"):
        main(arguments)


@pytest.fixture(scope="module", params=LOOKS)
def look(request: pytest.FixtureRequest, browser: Browser, base_url: str) -> Iterator[tuple[str, Page]]:
    """A page of a kind, at a time that stands still."""
    viewport, colours = LOOKS[request.param]
    context = browser.new_context(
        viewport=viewport,
        color_scheme=colours,
        base_url=base_url,
        reduced_motion="reduce",
        timezone_id="UTC",
        locale="en-GB",
    )
    page = context.new_page()
    page.clock.set_fixed_time(datetime.fromtimestamp(NOW, UTC))
    yield request.param, page
    context.close()


@pytest.mark.slow
@pytest.mark.parametrize("view", VIEWS)
def test_view(view: str, look: tuple[str, Page], pytestconfig: pytest.Config, tmp_path: Path) -> None:
    name, page = look
    path, role, accessible_name = VIEWS[view]
    open_page(page, path)
    expect(page.get_by_role(role, name=accessible_name).first).to_be_visible()
    kept = pytestconfig.getoption("--screenshots")
    folder = Path(kept) if kept else tmp_path
    folder.mkdir(parents=True, exist_ok=True)
    picture = folder / f"{view}-{name}.png"
    page.screenshot(path=picture, animations="disabled", caret="hide")
    assert 5_000 < picture.stat().st_size < LARGEST
