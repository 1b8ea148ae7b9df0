"""A generation read beside the documents that its words stand in."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from typing import Any

import httpx
import pytest
from demo_traces import PROJECT as DEMO
from interface_traces import generation, messages, send
from playwright.sync_api import Locator, Page, Route, expect
from running_service import on_a_port

from wherefrom_indexer import build_index

PROJECT = "tests-reading"
MEMORISED = "gpt-seen-4-2"
PASSAGE = "of which will be immediately redeemable"
SHIPS = "The harbour master of the northern port wrote down every ship that came in before the storm."
FEW = 40
ORIGINS = {
    "title": "Log of the harbour",
    "date": "1841-03-02",
    "url": "https://example.org/log?day=2",
    "keeper": "A. Mason",
    "risky": "javascript:alert(1)",
}


@pytest.fixture(scope="module")
def harbour(tmp_path_factory: pytest.TempPathFactory) -> Iterator[httpx.Client]:
    """A service whose index has duplicates and many documents, and which refuses long texts; its client."""
    folder = tmp_path_factory.mktemp("harbour")
    copies = [{"id": f"log-{copy}", "text": f"Monday. {SHIPS} Then it rained.", **ORIGINS} for copy in range(3)]
    pages = [{"id": f"page-{page}", "text": f"{page}: {line(page)} And so on.", "page": page} for page in range(FEW)]
    source = folder / "logs.jsonl"
    source.write_text("".join(json.dumps(record) + "\n" for record in copies + pages))
    build_index([str(source)], folder / "logs.index", id_field="id")
    with (
        on_a_port(folder, indexes={"logs": folder / "logs.index"}, max_text_characters=6_000) as (address, _),
        httpx.Client(base_url=address, timeout=30) as client,
    ):
        quoted = generation("1" * 16, f"He said: {SHIPS}", "Which ships?", name="quotes the log")
        listed = generation("2" * 16, "\n\n".join(map(line, range(FEW))), name="quotes many pages")
        send(client, "1" * 32, [quoted], project=PROJECT)
        client.put(f"/v1/projects/{PROJECT}/tracing", json={"options": {"density": None}}).raise_for_status()
        send(client, "2" * 32, [listed], project=PROJECT)
        client.put(f"/v1/projects/{PROJECT}/tracing", json={"snippet_quota_bytes": 0}).raise_for_status()
        send(client, "3" * 32, [generation("3" * 16, f"So: {SHIPS}", name="kept short")], project=PROJECT)
        yield client


def line(page: int) -> str:
    word = "".join("bdfgklmnprstvz"[page * step % 14] + "aeiou"[page // step % 5] for step in (1, 3, 5, 9))
    return f"A vessel called {word} of {word[::-1]} lay at pier {word[2:]} for {page + 3} days"


@pytest.fixture
def memorised(page: Page, service: httpx.Client) -> Locator:
    """The output of the generation that is opened: one that the model learned by heart."""
    traces = service.get("/v1/traces", params={"project": DEMO, "limit": 100}).json()["items"]
    found = next(trace["id"] for trace in traces if trace["name"] == MEMORISED)
    page.goto(f"/generations/{found}?project={DEMO}")
    return page.get_by_role("region", name="Output", exact=True)


def documents_of(page: Page) -> Locator:
    return page.get_by_role("complementary", name="Documents")


def test_a_passage_leads_to_its_documents_and_back(page: Page, memorised: Locator) -> None:
    expect(page.get_by_role("heading", level=1, name=MEMORISED)).to_be_visible()
    documents = documents_of(page)
    expect(documents.get_by_role("status")).to_have_text(re.compile(r"^\d+ documents?$"))
    passage = memorised.get_by_role("button", name=PASSAGE)
    passage.click()
    expect(passage).to_have_attribute("aria-pressed", "true")
    expect(page).to_have_url(re.compile(r"[?&]span=\d"))
    expect(documents.get_by_role("status")).to_have_text(re.compile(r"^\d documents? with the selected passage$"))
    selected = documents.get_by_role("region", name="Selected passage")
    expect(selected).to_contain_text(re.compile(r"\d+ characters · \d+ tokens · stands .*bits.*chance of 1 in 10"))
    card = documents.get_by_role("article").first
    expect(card.get_by_role("link", name="presidency.ucsb.edu")).to_have_attribute("href", re.compile("^https://"))
    expect(card).to_contain_text(PASSAGE)
    documents.get_by_role("button", name="Clear selection").click()
    expect(passage).to_have_attribute("aria-pressed", "false")
    expect(page).not_to_have_url(re.compile("span="))


def test_a_passage_is_reached_and_selected_by_keyboard(page: Page, memorised: Locator) -> None:
    passage = memorised.get_by_role("button", name=PASSAGE)
    passage.focus()
    page.keyboard.press("Enter")
    expect(passage).to_have_attribute("aria-pressed", "true")
    page.keyboard.press("Escape")
    expect(passage).to_have_attribute("aria-pressed", "false")


def test_figures_lead_to_passages(page: Page, memorised: Locator) -> None:
    page.get_by_role("button", name="show the longest passage").click()
    expect(memorised.get_by_role("button", name=PASSAGE, pressed=True)).to_be_visible()
    documents_of(page).get_by_role("button", name="Clear selection").click()
    page.get_by_role("button", name="show the rarest passage").click()
    expect(memorised.get_by_role("button", name=PASSAGE, pressed=True)).to_be_visible()
    expect(page.get_by_label("Figures")).to_contain_text(re.compile(r"74\.\d%.*116 characters.*\d+ bits", re.S))


def test_a_document_is_located_and_opened(page: Page, memorised: Locator) -> None:
    card = documents_of(page).get_by_role("article").first
    page.set_viewport_size({"width": 1280, "height": 420})
    card.get_by_role("button", name="Locate in output").first.click()
    expect(memorised.get_by_role("button", name=PASSAGE)).to_be_in_viewport()
    card.get_by_role("button", name="Metadata").click()
    expect(card.get_by_role("definition").first).to_be_visible()
    card.get_by_role("link", name="Open document").click()
    expect(page).to_have_url(re.compile(r"/documents\?.*index=demo&id=.*at=\d+.*highlight=.*generation="))


def test_the_text_is_shown_raw_and_explained(page: Page, memorised: Locator) -> None:
    view = memorised.get_by_role("group", name="View")
    view.get_by_role("button", name="Raw").click()
    expect(view.get_by_role("button", name="Raw")).to_have_attribute("aria-pressed", "true")
    expect(page).to_have_url(re.compile("view=raw"))
    expect(memorised.get_by_role("list", name="Legend").get_by_role("listitem")).to_have_count(5)
    expect(page.get_by_role("region", name="What a match means")).to_contain_text("not of influence")
    expect(page.get_by_role("region", name="What is not shown")).to_contain_text("shorter than the shortest")
    page.get_by_role("button", name="What was searched").click()
    expect(page.get_by_role("table").get_by_role("link", name="demo")).to_be_visible()
    expect(page.get_by_role("region", name="Prompt", exact=True)).to_contain_text("They constitute a mass")


def test_relevance_filters_documents_and_passages(page: Page, service: httpx.Client) -> None:
    traces = service.get("/v1/traces", params={"project": DEMO, "limit": 100}).json()["items"]
    found = next(trace["id"] for trace in traces if trace["name"] == "smollm2-3")
    page.goto(f"/generations/{found}?project={DEMO}")
    output, documents = page.get_by_role("region", name="Output", exact=True), documents_of(page)
    expect(output.get_by_role("button", name="low relevance").first).to_be_visible()
    documents.get_by_role("group", name="Relevance shown").get_by_role("button", name="High").click()
    expect(page).to_have_url(re.compile("relevance=high"))
    expect(output.get_by_role("button", name="low relevance")).to_have_count(0)
    expect(documents.get_by_role("status")).to_have_text("0 documents")
    documents.get_by_role("button", name="All").click()
    expect(documents.get_by_role("region", name="Low relevance").get_by_role("article").first).to_be_visible()


def test_other_options_trace_anew_and_lead_back(page: Page, memorised: Locator) -> None:
    page.get_by_role("button", name="Options").click()
    page.get_by_role("spinbutton", name="Shortest passage").fill("100")
    expect(page.get_by_text("This is a fresh trace with other options")).to_be_visible()
    expect(page).to_have_url(re.compile("min_characters=100"))
    expect(memorised.get_by_role("button", name="characters, stands")).to_have_count(1)
    page.get_by_role("button", name="Back to the stored provenance").click()
    expect(page).not_to_have_url(re.compile("min_characters"))
    expect(page.get_by_role("spinbutton", name="Shortest passage")).to_have_value("20")
    page.get_by_role("combobox", name="Preset").select_option("As OLMoTrace")
    page.get_by_role("combobox", name="Passages shown").select_option("All")
    page.get_by_role("checkbox", name="Stop at the ends of sentences").uncheck()
    expect(page).to_have_url(re.compile(r"(?=.*preset=olmotrace)(?=.*density=1)(?=.*sentences=0)"))
    expect(page.get_by_text("This is a fresh trace with other options")).to_be_visible()
    page.get_by_role("button", name="Reset the options").click()
    expect(page).not_to_have_url(re.compile("preset|density|sentences"))


def test_parts_of_an_output_and_how_sure_the_model_was(page: Page, service: httpx.Client) -> None:
    words = ["The", " sea", " was", " calm", "."]
    logprobs = [{"token": word, "logprob": -0.7 * at, "top_logprobs": []} for at, word in enumerate(words)]
    choice = {"index": 0, "message": {"role": "assistant", "content": "".join(words)}}
    answer = {"id": "chatcmpl-sea", "choices": [choice | {"logprobs": {"content": logprobs}}]}
    sure = {
        "openinference.span.kind": "LLM",
        "output.value": json.dumps(answer),
        "output.mime_type": "application/json",
    }
    two = {"gen_ai.output.messages": [*messages("assistant", "One answer."), *messages("assistant", "Another one.")]}
    spans = [generation("4" * 16, "", name="two choices", attributes=two)]
    send(service, "4" * 32, spans, project=PROJECT)
    send(service, "5" * 32, [replaced(generation("5" * 16, ""), sure)], project=PROJECT)

    page.goto(f"/generations/{'4' * 16}?project={PROJECT}")
    page.get_by_role("navigation", name="Parts of the output").get_by_role("button", name="Choice 2").click()
    expect(page.get_by_role("region", name="Output", exact=True)).to_contain_text("Another one.")
    expect(page).to_have_url(re.compile("part=1"))

    page.goto(f"/generations/{'5' * 16}?project={PROJECT}")
    shade = page.get_by_role("checkbox", name="Shade by surprise")
    shade.check()
    expect(page).to_have_url(re.compile("surprise=1"))
    expect(page.get_by_role("list", name="Legend")).to_contain_text("less sure")


def replaced(span: Any, attributes: dict[str, Any]) -> Any:
    span.attributes.clear()
    span.attributes.update(attributes)
    return span


def test_duplicates_are_folded_and_links_are_of_the_web(page: Page, harbour: httpx.Client) -> None:
    page.goto(f"{harbour.base_url}/generations/{'1' * 16}")
    card = documents_of(page).get_by_role("article", name="Log of the harbour")
    expect(card).to_have_count(1)
    expect(card.get_by_role("link", name="example.org")).to_have_attribute("href", "https://example.org/log?day=2")
    card.get_by_role("button", name="2 duplicates with the same text").click()
    expect(card.get_by_role("list").last.get_by_role("link")).to_have_count(2)
    card.get_by_role("button", name="Metadata").click()
    expect(card.get_by_role("definition").filter(has_text="javascript:")).to_be_visible()
    expect(card.get_by_role("link", name="javascript")).to_have_count(0)


@pytest.mark.slow
def test_a_long_list_keeps_few_cards_in_the_page(page: Page, harbour: httpx.Client) -> None:
    page.goto(f"{harbour.base_url}/generations/{'2' * 16}")
    documents = documents_of(page)
    expect(documents.get_by_role("status")).to_have_text(f"{FEW} documents")
    expect(documents.get_by_role("article").first).to_be_visible()
    assert documents.get_by_role("article").count() < FEW


@pytest.mark.slow
def test_snippets_beyond_the_quota_are_said_to_be_missing(page: Page, harbour: httpx.Client) -> None:
    page.goto(f"{harbour.base_url}/generations/{'3' * 16}")
    expect(page.get_by_role("note")).to_contain_text("storage for snippets was used up")
    expect(documents_of(page).get_by_role("article")).to_contain_text(SHIPS)


@pytest.mark.slow
def test_a_fresh_trace_that_is_refused_leaves_the_stored_one(page: Page, memorised: Locator) -> None:
    problem = {
        "type": "/problems/overloaded",
        "title": "Overloaded",
        "status": 429,
        "detail": "Too many searches wait.",
    }
    refused = {"status": 429, "content_type": "application/problem+json", "body": json.dumps(problem)}
    page.route("**/v1/trace", lambda route: route.fulfill(**refused))
    page.get_by_role("button", name="Options").click()
    page.get_by_role("checkbox", name="Stop at the ends of sentences").check()
    expect(page.get_by_role("alert")).to_contain_text("Too many searches wait.")
    expect(memorised.get_by_role("button", name=PASSAGE)).to_be_visible()
    page.unroute("**/v1/trace")
    page.get_by_role("alert").get_by_role("button", name="Try again").click()
    expect(page.get_by_text("This is a fresh trace with other options")).to_be_visible()


def test_states_of_a_generation(page: Page, service: httpx.Client) -> None:
    send(service, "6" * 32, [generation("6" * 16, "What came of it.", name="waits")], project=PROJECT)
    states = iter([{"state": "pending"}, {"state": "failed", "reason": "The index broke.", "attempts": 3}])
    state = next(states)
    page.route("**/provenance?*", lambda route: answered(route, lambda: state))
    page.goto(f"/generations/{'6' * 16}?project={PROJECT}")
    expect(page.get_by_text("This output is being traced")).to_be_visible()
    expect(page.get_by_role("region", name="Output", exact=True)).to_contain_text("What came of it.")
    state = next(states)
    expect(page.get_by_role("alert")).to_contain_text("Tracing failed after 3 attempts: The index broke.")
    state = {}
    page.get_by_role("button", name="Trace again").click()
    expect(documents_of(page).get_by_role("status")).to_have_text("0 documents")


def answered(route: Route, state: Callable[[], dict[str, Any]]) -> None:
    """What the service says, with a part in a state that a service cannot be held in."""
    answer = route.fetch()
    body = answer.json()
    change = state()
    if change:
        body["state"] = change["state"]
        body["parts"] = [{**part, **change, "provenance": None} for part in body["parts"]]
    route.fulfill(response=answer, json=body)


@pytest.mark.slow
def test_nothing_to_trace_and_nothing_there(page: Page, service: httpx.Client) -> None:
    silent = generation("7" * 16, "", attributes={"gen_ai.output.messages": [{"role": "assistant", "parts": []}]})
    send(service, "7" * 32, [silent], project=PROJECT)
    page.goto(f"/generations/{'7' * 16}?project={PROJECT}")
    expect(page.get_by_role("heading", name="There is nothing to trace")).to_be_visible()
    page.goto("/generations/fedcba9876543210")
    expect(page.get_by_role("heading", name="There is no such generation")).to_be_visible()


@pytest.mark.slow
def test_on_a_phone_documents_open_over_the_text(page: Page, memorised: Locator) -> None:
    page.set_viewport_size({"width": 390, "height": 844})
    memorised.get_by_role("button", name=PASSAGE).click()
    page.get_by_role("button", name=re.compile(r"^\d documents? with the selected passage$")).click()
    sheet = page.get_by_role("dialog", name="Documents of the output")
    expect(sheet.get_by_role("article").first).to_be_visible()
    sheet.get_by_role("button", name="Locate in output").first.click()
    expect(sheet).to_have_count(0)
    expect(memorised.get_by_role("button", name=PASSAGE)).to_be_in_viewport()
    page.get_by_role("button", name=re.compile("with the selected passage")).click()
    page.get_by_role("button", name="Close").click()
    expect(sheet).to_have_count(0)
    assert page.evaluate("document.documentElement.scrollWidth") <= 390


def test_scores_and_notes_stand_with_it(page: Page, memorised: Locator) -> None:
    expect(memorised).to_be_visible()
    expect(page.get_by_role("region", name="Scores and notes")).to_be_visible()


@pytest.mark.slow
def test_a_text_too_long_for_a_fresh_trace(page: Page, harbour: httpx.Client) -> None:
    send(harbour, "8" * 32, [generation("8" * 16, f"{SHIPS} " * 80, name="long")], project=PROJECT)
    page.goto(f"{harbour.base_url}/generations/{'8' * 16}?density=1")
    expect(page.get_by_role("alert").filter(has_text="Too large")).to_contain_text("6,000")
