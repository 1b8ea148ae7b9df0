"""The indexes: what they are made of, when they were verified, and phrases in them."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from playwright.sync_api import Page, expect
from running_service import on_a_port

from wherefrom.cli import main
from wherefrom_indexer import build_index, remove_documents

LAMP = "the lamp in the lighthouse was trimmed at dusk"


@pytest.fixture(scope="module")
def lamps(tmp_path_factory: pytest.TempPathFactory) -> Iterator[httpx.Client]:
    """A service with one index that was verified, one that was verified before a removal, and one that is missing."""
    folder = tmp_path_factory.mktemp("lamps")
    indexes = {name: index_of(folder, name, documents) for name, documents in (("north", 3), ("south", 2))}
    for index in indexes.values():
        with pytest.raises(SystemExit, match=r"^0$"):
            main(["verify", str(index)])
    remove_documents(indexes["south"], ["south-1"])
    with (
        on_a_port(folder, indexes=indexes | {"absent": folder / "absent.index"}) as (address, _),
        httpx.Client(base_url=address, timeout=60) as client,
    ):
        yield client


def index_of(folder: Path, name: str, documents: int) -> Path:
    source = folder / f"{name}.jsonl"
    records = [{"id": f"{name}-{place}", "text": f"Entry {place} of {name}: {LAMP}."} for place in range(documents)]
    source.write_text("".join(json.dumps(record) + "\n" for record in records))
    build_index([str(source)], folder / f"{name}.index", id_field="id")
    return folder / f"{name}.index"


def test_each_index_says_its_state_and_last_verification(page: Page, lamps: httpx.Client) -> None:
    page.goto(f"{lamps.base_url}/indexes")
    north, south, absent = (page.get_by_role("region", name=f"Index {name}") for name in ("north", "south", "absent"))
    expect(north.get_by_text("served", exact=True)).to_be_visible()
    expect(north.get_by_text(re.compile("^whole, "))).to_be_visible()
    expect(south.get_by_text(re.compile("^an earlier version, "))).to_be_visible()
    expect(absent.get_by_text("missing", exact=True)).to_be_visible()
    expect(absent.get_by_text("never noted")).to_be_visible()
    south.get_by_role("link", name="south").click()
    expect(page.get_by_role("heading", level=1, name="south")).to_be_visible()
    segments = page.get_by_role("region", name="Table of segments").get_by_role("row")
    expect(segments).to_have_count(2)
    expect(segments.nth(1).get_by_role("cell").nth(1)).to_have_text("1")


def test_a_phrase_is_counted_in_all_indexes_and_leads_to_documents(page: Page, lamps: httpx.Client) -> None:
    page.goto(f"{lamps.base_url}/indexes")
    page.get_by_role("textbox", name="Phrase").fill(LAMP)
    page.get_by_role("button", name="Count").click()
    found = page.get_by_role("region", name="Phrase search")
    expect(found.get_by_role("status")).to_contain_text("4 occurrences")
    by_index = found.get_by_role("list", name="Occurrences by index").get_by_role("listitem")
    expect(by_index).to_have_text(["north: 3", "south: 1"])
    page.reload()
    documents = found.get_by_role("list", name="Documents with the phrase")
    expect(documents.get_by_role("listitem")).to_have_count(4)
    documents.get_by_role("link", name="north-2").click()
    expect(page.get_by_role("region", name="Text of the document").get_by_role("mark")).to_have_text(LAMP)


def test_a_phrase_in_one_index(page: Page, lamps: httpx.Client) -> None:
    page.goto(f"{lamps.base_url}/indexes/north?phrase=lighthouse")
    found = page.get_by_role("region", name="Phrase search")
    expect(found.get_by_role("status")).to_contain_text("3 occurrences")
    page.get_by_role("textbox", name="Phrase").fill("nowhere at all")
    page.get_by_role("button", name="Count").click()
    expect(found.get_by_text("It stands nowhere")).to_be_visible()


@pytest.mark.slow
def test_no_index_of_that_name(page: Page, lamps: httpx.Client) -> None:
    page.goto(f"{lamps.base_url}/indexes/unheard-of")
    expect(page.get_by_role("heading", level=1)).to_be_visible()
    expect(page.get_by_text(re.compile("index", re.I)).first).to_be_visible()


@pytest.mark.slow
def test_no_index_is_served(page: Page, tmp_path: Path) -> None:
    with on_a_port(tmp_path, indexes={}) as (address, _):
        page.goto(f"{address}/indexes")
        expect(page.get_by_text("No index is served")).to_be_visible()
        expect(page.get_by_text("wherefrom serve corpus.index")).to_be_visible()
