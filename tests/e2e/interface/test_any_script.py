"""Highlights stand on the right characters, whatever these are: the service counts code points, browsers do not."""

from __future__ import annotations

import random
from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from interface_pages import open_page
from interface_traces import PATIENCE, generation, send
from playwright.sync_api import Page
from running_service import on_a_port

from wherefrom_indexer import build_index

PROJECT = "scripts"
MARKED = """() => {
  const texts = {};
  for (const element of document.querySelectorAll("[data-passage]"))
    for (const place of element.dataset.passage.split(" "))
      texts[place] = (texts[place] ?? "") + element.textContent;
  return texts;
}"""

TEXTS = {
    "right to left": "في البدء خلق الله السماوات والأرض وكانت الأرض خربة وخالية وعلى وجه الغمر ظلمة",
    "mixed": "The word שלום means peace, and سلام means it too, wrote 3 authors in 1998 about both of them",
    "overridden": "An account was sent to \u202egpj.exe\u202c by somebody who meant another name for that file",
    "zero width": "Words that\u200b hold\u200b spaces\u200b of no width\u2060 and join\u200ders between\ufeff",
    "combining": "Z\u0335a\u0300l\u0321g\u0322o\u0327 e\u0301crit la le\u0301gende d'un vieil e\u0301te\u0301",
    "emoji": "The family 👩‍👩‍👧‍👦 waved a 🏳️‍🌈 flag at 👍🏽 people from 🇩🇪🇫🇷 who had landed 🧑🏿‍🚀 near them",
    "beyond the first plane": "𝔗𝔥𝔢 𝔬𝔩𝔡 𝔩𝔢𝔱𝔱𝔢𝔯𝔰 𝔬𝔣 𝔱𝔥𝔢 𝔭𝔯𝔦𝔫𝔱𝔢𝔯 𐍅𐌰𐌹𐌷𐍄𐍃 and 𠮷野家 in one line of a book of samples",
    "no spaces": "吾輩は猫である。名前はまだ無い。どこで生れたか頓と見当がつかぬ。何でも薄暗いじめじめした所で",
    "lone line ends": "a line\nanother one\n\n\nand after three\n \n\tan indented one\n\u2028then\u2029more",
    "marks of languages": "नमस्ते दुनिया, यह एक लंबा वाक्य है जो केवल परीक्षण के लिए लिखा गया है और कहीं नहीं",
}
ALWAYS = {"mixed", "emoji"}
"""The other texts are of the slow suite."""
NEEDLES = [f"The needle number {number} lies in this haystack and in no other one at all" for number in range(4)]
LINE_CHARACTERS = 1_000_000


@pytest.fixture(scope="module")
def service_of_scripts(tmp_path_factory: pytest.TempPathFactory) -> Iterator[httpx.Client]:
    folder = tmp_path_factory.mktemp("scripts")
    texts = [*TEXTS.values(), *NEEDLES]
    build_index(({"id": str(number), "text": text} for number, text in enumerate(texts)), folder / "i", id_field="id")
    with (
        on_a_port(folder, indexes={"scripts": folder / "i"}, max_text_characters=2_000_000) as (address, _),
        httpx.Client(base_url=address, timeout=PATIENCE) as client,
    ):
        yield client


def provenance_of(client: httpx.Client, span: str, text: str) -> list[dict[str, Any]]:
    send(client, span * 2, [generation(span, text)], project=PROJECT)
    found = client.get(f"/v1/generations/{span}/provenance", params={"project": PROJECT}).raise_for_status().json()
    assert found["parts"][0]["state"] == "done", found["parts"][0]
    spans: list[dict[str, Any]] = found["parts"][0]["provenance"]["spans"]
    return spans


def opened(page: Page, client: httpx.Client, span: str, view: str, selected: int | None = None) -> dict[str, str]:
    """The characters that are marked, by the passage that they are marked for."""
    chosen = "" if selected is None else f"&span={selected}"
    open_page(page, f"{client.base_url}/generations/{span}?project={PROJECT}&view={view}{chosen}")
    marked: dict[str, str] = page.evaluate(MARKED)
    return marked


@pytest.mark.parametrize(
    "name", [pytest.param(name, marks=() if name in ALWAYS else pytest.mark.slow) for name in TEXTS]
)
def test_highlights_stand_on_the_characters_of_the_span(
    page: Page, service_of_scripts: httpx.Client, name: str
) -> None:
    span = f"5c{[*TEXTS].index(name):014x}"
    text = f"𐐷 Before it: {TEXTS[name]} ... and again 👩‍🚀: {TEXTS[name]}"
    spans = provenance_of(service_of_scripts, span, text)
    assert len(spans) >= 2
    assert sum(each["end"] - each["start"] for each in spans) > len(TEXTS[name])
    marked = opened(page, service_of_scripts, span, "raw")
    assert marked == {str(place): text[each["start"] : each["end"]] for place, each in enumerate(spans)}


@pytest.mark.slow
def test_a_megabyte_in_one_line(page: Page, service_of_scripts: httpx.Client) -> None:
    drawn = random.Random(3)
    words = " ".join("".join(drawn.choices("qxzjkvw𐐷", k=7)) for _ in range(LINE_CHARACTERS // 8))
    quarter = len(words) // 4
    text = "".join(f"{words[quarter * n : quarter * (n + 1)]} {needle}. " for n, needle in enumerate(NEEDLES))
    span = "5d" * 8
    spans = provenance_of(service_of_scripts, span, text)
    places = [place for place, each in enumerate(spans) if each["end"] - each["start"] > len(NEEDLES[0]) // 2]
    assert len(places) == len(NEEDLES)
    for place in (places[0], places[-1]):
        each = spans[place]
        marked = opened(page, service_of_scripts, span, "raw", place)
        assert marked[str(place)] == text[each["start"] : each["end"]]
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
