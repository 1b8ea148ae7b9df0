"""Two outputs, or two indexes, side by side."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from interface_traces import generation, send
from playwright.sync_api import Page, expect
from running_service import on_a_port

from wherefrom_indexer import build_index

PROJECT = "tests-comparing"
FIRST, SECOND = "a1" * 8, "b2" * 8
HILL = "The mill on the hill ground barley for eleven villages until the river froze over."
LAMP = "A lamp was kept burning in the window so that the carter would find the ford at night."


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A service with an index of one sentence, and another of two."""
    folder = tmp_path_factory.mktemp("comparing")
    indexes = {"hill": indexed(folder, "hill", [HILL]), "both": indexed(folder, "both", [HILL, LAMP])}
    with (
        on_a_port(folder, indexes=indexes) as (address, _),
        httpx.Client(base_url=address, timeout=30) as client,
    ):
        send(
            client, FIRST * 2, [generation(FIRST, f"{HILL} {LAMP}", "Tell me.", name="two sentences")], project=PROJECT
        )
        send(
            client, SECOND * 2, [generation(SECOND, f"Well: {HILL}", "Tell me.", name="one sentence")], project=PROJECT
        )
        yield address


def indexed(folder: Path, name: str, texts: list[str]) -> Path:
    source = folder / f"{name}.jsonl"
    source.write_text("".join(json.dumps({"id": f"{name}-{at}", "text": text}) + "\n" for at, text in enumerate(texts)))
    build_index([str(source)], folder / f"{name}.index", id_field="id")
    return folder / f"{name}.index"


def test_a_generation_is_compared_with_one_that_is_picked(page: Page, address: str) -> None:
    page.goto(f"{address}/generations/{FIRST}?project={PROJECT}")
    page.get_by_role("link", name="Compare").click()
    left, right = (
        page.get_by_role("region", name="Left", exact=True),
        page.get_by_role("region", name="Right", exact=True),
    )
    expect(left.get_by_role("heading", name="two sentences")).to_be_visible()
    right.get_by_role("button", name="one sentence").click()
    expect(right.get_by_role("heading", name="one sentence")).to_be_visible()
    differences = page.get_by_role("region", name="Differences")
    expect(differences.get_by_role("row", name="Longest passage, characters")).to_contain_text(re.compile(r"8\d.*8\d"))
    expect(differences).to_contain_text(re.compile(r"1 passage, and \d documents?\."))
    differences.get_by_role("button", name="Select on both sides").click()
    expect(page).to_have_url(re.compile(r"(?=.*left_span=0)(?=.*right_span=0)"))
    for side in (left, right):
        expect(side.get_by_role("button", name=HILL[:30], pressed=True).first).to_be_visible()
    page.get_by_role("button", name="Swap the sides").click()
    expect(left.get_by_role("heading", name="one sentence")).to_be_visible()
    right.get_by_role("button", name="Choose another output").click()
    expect(right.get_by_role("heading", name="choose an output")).to_be_visible()


def test_one_output_in_two_indexes(page: Page, address: str) -> None:
    page.goto(f"{address}/compare?project={PROJECT}&left={FIRST}")
    right = page.get_by_role("region", name="Right", exact=True)
    right.get_by_role("button", name="The same output").click()
    right.get_by_role("group", name="Indexes").get_by_role("checkbox", name="both").uncheck()
    expect(page).to_have_url(re.compile("right_indexes=hill"))
    coverage = page.get_by_role("region", name="Differences").get_by_role("row", name="Stands in the indexes")
    expect(coverage).to_contain_text(re.compile(r"−\d+(\.\d)? points"))
    expect(
        page.get_by_role("region", name="Output, right", exact=True).get_by_role("button", name=LAMP[:30])
    ).to_have_count(0)
    page.get_by_role("button", name="Options of both sides").click()
    page.get_by_role("spinbutton", name="Shortest passage").fill("100")
    expect(coverage.get_by_role("cell", name="0%")).to_have_count(2)


@pytest.mark.slow
def test_a_side_is_pasted_and_may_be_wrong(page: Page, address: str) -> None:
    page.goto(f"{address}/compare?project={PROJECT}")
    left = page.get_by_role("region", name="Left", exact=True)
    left.get_by_role("textbox", name="Id or address").fill(f"{address}/generations/{SECOND}?project={PROJECT}")
    left.get_by_role("button", name="Open").click()
    expect(left.get_by_role("heading", name="one sentence")).to_be_visible()
    page.goto(f"{address}/compare?left=fedcba9876543210")
    expect(left.get_by_role("heading", name="There is no such generation")).to_be_visible()
