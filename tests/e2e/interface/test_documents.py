"""A whole document: its passages, metadata, duplicates, and who quotes it."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from urllib.parse import urlencode

import httpx
import pytest
from interface_traces import generation, send
from playwright.sync_api import Locator, Page, expect
from running_service import on_a_port

from wherefrom_indexer import build_index, remove_documents

PROJECT = "tests-documents"
TIDE = "The tide table of the southern quay was printed on yellow paper every other autumn."
BELL = "Nobody remembered who had cast the bell that hung above the chandler's door."
EMOJI = "👩‍👩‍👧 שלום עולם é"
QUILL = "She sharpened the grey quill twice, and twice it broke upon the ledger."
GENERATION = "4" * 16
LINES = 20_000
FILLING = "Quiet pages followed, on which my uncle drew small zebras. " * 8  # passages are few beside it


@pytest.fixture(scope="module")
def quay(tmp_path_factory: pytest.TempPathFactory) -> Iterator[httpx.Client]:
    """A service whose index has a long document, one in a single line, duplicates, and one that is removed."""
    folder = tmp_path_factory.mktemp("quay")
    lines = [f"Line {number} of the ledger {EMOJI}." for number in range(LINES)]
    lines[100] += f" {TIDE}"
    lines[LINES - 100] += f" {BELL}"
    metadata = {"source": "https://example.org/ledger", "risky": "javascript:alert(1)", "<b>key</b>": ["<i>", 1]}
    records = [
        {"id": "ledger", "text": "\n".join(lines), **metadata},
        {"id": "one line", "text": f"{'word ' * 60_000}{QUILL} {'and more ' * 20_000}"},
        {"id": "copy/1", "text": f"A copy: {BELL}"},
        {"id": "copy/2", "text": f"A copy: {BELL}"},
        {"id": "gone", "text": "This one is taken down."},
    ]
    source = folder / "quay.jsonl"
    source.write_text("".join(json.dumps(record) + "\n" for record in records))
    index = folder / "quay.index"
    build_index([str(source)], index, id_field="id")
    remove_documents(index, ["gone"])
    with (
        on_a_port(folder, indexes={"quay": index}) as (address, _),
        httpx.Client(base_url=address, timeout=60) as client,
    ):
        quoting = generation(GENERATION, f"It says: {TIDE}\n\n{FILLING}{BELL}", name="quotes the ledger")
        send(client, "4" * 32, [quoting], project=PROJECT)
        yield client


def opened(page: Page, service: httpx.Client, **search: str | int) -> Locator:
    """The text of the document that is opened."""
    page.goto(f"{service.base_url}/documents?{urlencode({'index': 'quay', **search})}")
    return page.get_by_role("region", name="Text of the document")


def test_passages_of_a_generation_are_stepped_through(page: Page, quay: httpx.Client) -> None:
    found = quay.get("/v1/traces", params={"project": PROJECT}).json()["items"][0]["id"]
    text = opened(page, quay, id="ledger", generation=found, project=PROJECT)
    status = page.get_by_role("status").filter(has_text=re.compile("^Passage "))
    expect(status).to_have_text(re.compile(r"^Passage 1 of 2$"))
    expect(text.get_by_role("mark").filter(has_text=TIDE[:40]).first).to_be_in_viewport()
    expect(page.get_by_role("button", name="Previous passage")).to_be_disabled()
    page.get_by_role("button", name="Next passage").click()
    expect(status).to_have_text(re.compile("^Passage 2 "))
    expect(text.get_by_role("mark").filter(has_text=BELL[:40]).first).to_be_in_viewport()
    page.keyboard.press("p")
    expect(status).to_have_text(re.compile("^Passage 1 "))
    page.keyboard.press("n")
    expect(status).to_have_text(re.compile("^Passage 2 "))
    address = page.url
    assert "at=" in address
    page.reload()
    expect(text.get_by_role("mark").filter(has_text=BELL[:40]).first).to_be_in_viewport()
    page.get_by_role("link", name="Back to the generation").click()
    expect(page).to_have_url(re.compile("/generations/"))


@pytest.mark.parametrize(("name", "phrase"), [("ledger", BELL), ("one line", QUILL)])
def test_a_phrase_is_marked_wherever_it_stands(page: Page, quay: httpx.Client, phrase: str, name: str) -> None:
    text = opened(page, quay, id=name, highlight=phrase)
    mark = text.get_by_role("mark").filter(has_text=phrase)
    expect(mark).to_be_in_viewport()
    expect(mark).to_have_text(phrase)


def test_metadata_are_shown_and_only_web_addresses_are_links(page: Page, quay: httpx.Client) -> None:
    text = opened(page, quay, id="ledger")
    expect(text.get_by_text("Line 0 of the ledger")).to_be_visible()
    metadata = page.get_by_role("region", name="Metadata")
    expect(metadata.get_by_role("link")).to_have_text(["https://example.org/ledger"])
    expect(metadata.get_by_text("javascript:alert(1)")).to_be_visible()
    expect(metadata.get_by_text("<b>key</b>")).to_be_visible()


def test_duplicates_and_the_generations_that_quote_it_are_listed(page: Page, quay: httpx.Client) -> None:
    opened(page, quay, id="copy/1", project=PROJECT)
    page.get_by_role("button", name="1 duplicate with the same text").click()
    page.get_by_role("link", name="copy/2").click()
    expect(page.get_by_role("heading", level=1, name="copy/2")).to_be_visible()
    opened(page, quay, id="ledger", project=PROJECT)
    quoting = page.get_by_role("region", name="Generations that quote it")
    quoting.get_by_role("link", name="quotes the ledger").click()
    expect(page.get_by_role("heading", level=1, name="quotes the ledger")).to_be_visible()


@pytest.mark.slow
def test_no_generation_quotes_it(page: Page, quay: httpx.Client) -> None:
    opened(page, quay, id="one line", project=PROJECT)
    expect(page.get_by_text("No generation of this project quotes it.")).to_be_visible()


@pytest.mark.slow
@pytest.mark.parametrize("name", ["gone", "never there"])
def test_a_document_that_is_not_there(page: Page, quay: httpx.Client, name: str) -> None:
    opened(page, quay, id=name)
    expect(page.get_by_text("The document is not there")).to_be_visible()
    expect(page.get_by_text("It may have been removed since it was quoted.")).to_be_visible()


@pytest.mark.slow
def test_no_document_is_named(page: Page) -> None:
    page.goto("/documents")
    expect(page.get_by_text("No document is named")).to_be_visible()
