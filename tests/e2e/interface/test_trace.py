"""A trace: its tree and timeline, its steps, the sources of its generations, scores and notes."""

from __future__ import annotations

import re
from collections.abc import Iterator

import httpx
import pytest
from interface_agent import ANSWER, LINKED_SPAN, LINKED_TRACE, WASHINGTON, agent, long
from interface_traces import SentSpan, generation, send
from langsmith_forms import CONTENT_TYPE, form, run_parts
from playwright.sync_api import Locator, Page, expect

PROJECT = "agents"
AGENT = "a" * 32
LONG = "c" * 32
PATIENCE_MS = 30_000
"""A machine that does other things as well takes long to open a page."""
RUN = "5a3f1d6e-0b64-4c25-9f0a-3d1a6a0f2b11"


@pytest.fixture(scope="module", autouse=True)
def traces(base_url: str) -> Iterator[None]:
    with httpx.Client(base_url=base_url, timeout=60) as client:
        send(client, AGENT, agent(), project=PROJECT)
        send(client, LONG, long(1_500), project=PROJECT)
        yield


def opened(page: Page, trace: str = AGENT, **search: str) -> Locator:
    """The tree of a trace."""
    query = "&".join(f"{name}={value}" for name, value in {"project": PROJECT, **search}.items())
    page.goto(f"/traces/{trace}?{query}")
    tree = page.get_by_role("tree")
    expect(tree).to_be_visible(timeout=PATIENCE_MS)
    return tree


def row(tree: Locator, name: str) -> Locator:
    return tree.get_by_role("treeitem", name=re.compile(f"^{name},"))


def step(page: Page) -> Locator:
    return page.get_by_role("region", name="Step", exact=True)


def test_a_trace_is_shown_in_figures_and_as_a_tree(page: Page) -> None:
    tree = opened(page)
    expect(page.get_by_role("heading", level=1, name="answer question")).to_be_visible()
    main = page.get_by_role("main")
    for figure in ("5.20 s", "2,016, 74", "$0.0021 (partly unknown)", "78 characters", "ada", "OpenTelemetry"):
        expect(main).to_contain_text(figure)
    expect(page.get_by_role("link", name="session-7")).to_be_visible()
    rows = tree.get_by_role("treeitem")
    expect(rows).to_have_count(6)
    expect(row(tree, "answer question")).to_have_attribute("aria-level", "1")
    expect(row(tree, "lookup_year")).to_have_attribute("aria-level", "3")
    expect(row(tree, "lookup_year")).to_have_accessible_name("lookup_year, Tool, failed, took 180 ms")
    expect(row(tree, "write log")).to_have_accessible_name(re.compile("its parent is missing"))
    expect(row(tree, "write answer")).to_have_accessible_name(
        re.compile("first token after 450 ms, tokens 1.2K → 43, cost unknown, coverage 52%")
    )


def test_the_tree_is_used_by_keyboard(page: Page) -> None:
    tree = opened(page)
    tree.focus()
    for key in ("ArrowDown", "ArrowDown", "ArrowLeft"):
        tree.press(key)
    expect(row(tree, "plan")).to_have_attribute("aria-expanded", "false")
    expect(tree.get_by_role("treeitem")).to_have_count(5)
    tree.press("ArrowRight")
    tree.press("ArrowRight")
    tree.press("Enter")
    expect(step(page).get_by_role("heading", name="lookup_year")).to_be_visible()
    expect(page).to_have_url(re.compile("step=a000000000000004"))
    tree.press("Home")
    tree.press("ArrowLeft")
    expect(tree.get_by_role("treeitem")).to_have_count(2)
    tree.press("End")
    tree.press("Enter")
    expect(step(page).get_by_role("heading", name="write log")).to_be_visible()
    expect(step(page)).to_contain_text("ffffffffffffffff, that is not in this trace")
    expect(row(tree, "write log")).to_have_attribute("aria-selected", "true")


def test_all_closes_and_opens_and_spans_are_found(page: Page) -> None:
    tree = opened(page)
    rows = tree.get_by_role("treeitem")
    page.get_by_role("button", name="Collapse all").click()
    expect(rows).to_have_count(2)
    page.get_by_role("button", name="Expand all").click()
    expect(rows).to_have_count(6)
    page.get_by_role("searchbox", name="Find spans").fill("LOOKUP")
    expect(rows).to_have_count(3)
    expect(page).to_have_url(re.compile("find=LOOKUP"))
    expect(page.get_by_text("1 of 6 spans")).to_be_visible()
    page.get_by_role("searchbox", name="Find spans").fill("nothing like it")
    expect(page.get_by_role("heading", name="No span is like that")).to_be_visible()
    page.get_by_role("searchbox", name="Find spans").fill("")
    page.get_by_role("checkbox", name="Errors only (1)").check()
    expect(rows).to_have_count(3)


@pytest.mark.slow
def test_the_timeline_has_the_same_rows_and_times_that_differ_are_said(page: Page, service: httpx.Client) -> None:
    opened(page)
    page.get_by_role("group", name="View of the spans").get_by_role("button", name="Timeline").click()
    tree = page.get_by_role("tree", name="Spans on a time axis")
    expect(tree.get_by_role("treeitem")).to_have_count(6)
    expect(row(tree, "plan")).to_contain_text("1.07 s")
    expect(page).to_have_url(re.compile("view=timeline"))
    skewed = [SentSpan("1" * 16, "skewed", start_ms=900, end_ms=400), SentSpan("2" * 16, "no end", end_ms=None)]
    send(service, "d" * 32, skewed, project=PROJECT)
    tree = opened(page, "d" * 32, view="timeline")
    expect(page.get_by_text("The clocks of the machines that sent these spans differ")).to_be_visible()
    expect(row(tree, "skewed")).to_contain_text("clocks differ")
    row(tree, "no end").click()
    expect(step(page)).to_contain_text("No end of this step has come yet.")


def test_a_step_shows_what_it_held(page: Page) -> None:
    tree = opened(page)
    row(tree, "answer question").click()
    open_step = step(page)
    expect(open_step.get_by_role("region", name="Input", exact=True)).to_contain_text('"depth": 2')
    open_step.get_by_role("button", name="options, 1 value").click()
    expect(open_step.get_by_role("region", name="Input", exact=True)).not_to_contain_text('"depth"')
    expect(open_step.get_by_role("link", name=f"Span {LINKED_SPAN} of trace {LINKED_TRACE}")).to_be_visible()
    attributes = open_step.get_by_role("table", name="Attributes")
    open_step.get_by_role("searchbox", name="Search in attributes").fill("value 7")
    expect(attributes.get_by_role("row")).to_have_count(2)
    expect(attributes.get_by_role("rowheader")).to_have_text("deployment.setting.7")
    row(tree, "lookup_year").click()
    expect(open_step).to_contain_text("It failed: The archive does not answer.")
    events = open_step.get_by_role("region", name="Events (1)")
    expect(events).to_contain_text("TimeoutError")
    events.get_by_text("Stack trace").click()
    expect(events).to_contain_text('File "archive.py", line 12')
    open_step.get_by_role("button", name="Close the step").click()
    expect(page.get_by_role("region", name="Generations of this trace")).to_be_visible()


def test_a_generation_is_read_with_its_sources(page: Page) -> None:
    tree = opened(page, step="a000000000000005")
    open_step = step(page)
    output = open_step.get_by_role("list", name="Output", exact=True)
    expect(open_step.get_by_role("list", name="Input", exact=True)).to_contain_text("Answer with a quotation.")
    expect(open_step).to_contain_text("450 ms")
    output.get_by_text("Reasoning").click()
    expect(output).to_contain_text("Two sources agree.")
    output.get_by_role("button", name=re.compile("78 characters, stands once")).click()
    sources = open_step.get_by_role("region", name="Sources")
    expect(sources).to_contain_text("1 document with the selected one")
    page.reload()  # as whoever is given the address
    expect(sources).to_contain_text("1 document with the selected one")
    sources.get_by_role("button", name="Clear the selected passage").click()
    expect(sources.get_by_role("article")).to_contain_text("George Washington")
    open_step.get_by_role("button", name="As sent").click()
    expect(page).to_have_url(re.compile("raw=1"))
    expect(open_step.get_by_role("region", name="Output", exact=True)).to_contain_text('"finish_reason"')
    open_step.get_by_role("button", name="Chat").click()
    row(tree, "plan").click()
    call = open_step.get_by_role("region", name="Arguments of lookup_year")
    expect(call).to_contain_text(WASHINGTON)
    open_step.get_by_role("link", name="Read with sources").click()
    expect(page).to_have_url(re.compile("/generations/a000000000000003"))


def test_the_generations_of_a_trace_stand_beside_it(page: Page) -> None:
    opened(page)
    panel = page.get_by_role("region", name="Generations of this trace")
    card = panel.get_by_role("article", name="write answer")
    expect(card).to_contain_text("longest passage 78 characters")
    expect(card.get_by_role("list", name="Top documents")).to_contain_text("George Washington")
    expect(card.get_by_role("list", name="Longest passages").get_by_role("link")).to_have_text(WASHINGTON)
    card.get_by_role("button", name="write answer").click()
    expect(step(page).get_by_role("heading", name="write answer")).to_be_visible()


def test_scores_and_notes_are_written_changed_and_deleted(page: Page) -> None:
    opened(page, step="a000000000000005")
    notes = step(page).get_by_role("region", name="Scores and notes")
    notes.get_by_role("button", name="Add a score or note").click()
    notes.get_by_role("button", name="Save").click()
    expect(notes.get_by_role("alert")).to_have_text("Give a score, a category or a note.")
    notes.get_by_role("combobox", name="Name", exact=True).fill("correct")
    notes.get_by_role("textbox", name="Score", exact=True).fill("0.5")
    notes.get_by_role("textbox", name="Category", exact=True).fill("partly")
    notes.get_by_role("textbox", name="By", exact=True).fill("ada")
    notes.get_by_role("textbox", name="Note", exact=True).fill("The year is not in the quotation.")
    notes.get_by_role("button", name="Save").click()
    card = notes.get_by_role("article", name="correct")
    for said in ("0.5", "partly", "ada", "The year is not in the quotation."):
        expect(card).to_contain_text(said)
    card.get_by_role("button", name="Change correct").click()
    notes.get_by_role("textbox", name="Score", exact=True).fill("1")
    notes.get_by_role("button", name="Save").click()
    expect(card).not_to_contain_text("0.5")
    notes.get_by_role("button", name="Add a score or note").click()
    expect(notes.get_by_role("textbox", name="By", exact=True)).to_have_value("ada")
    notes.get_by_role("button", name="Cancel").click()
    page.get_by_role("button", name="Close the step").click()
    of_trace = page.get_by_role("region", name="Scores and notes")
    expect(of_trace.get_by_role("article", name="correct")).to_contain_text("a000000000000005")
    of_trace.get_by_role("button", name="Delete correct").click()
    of_trace.get_by_role("button", name="Yes, delete").click()
    expect(of_trace).to_contain_text("No scores or notes yet.")


def test_a_trace_grows_while_it_is_looked_at(page: Page, service: httpx.Client) -> None:
    root = SentSpan("1" * 16, "growing", end_ms=None)
    send(service, "e" * 32, [root], project=PROJECT)
    tree = opened(page, "e" * 32)
    expect(row(tree, "growing")).to_contain_text("no end yet")
    said = generation("2" * 16, WASHINGTON, parent="1" * 16, name="late answer")
    send(service, "e" * 32, [said], project=PROJECT)
    expect(row(tree, "late answer")).to_have_accessible_name(re.compile("coverage 100%"))


@pytest.mark.slow
def test_files_are_saved_and_not_shown(page: Page, service: httpx.Client) -> None:
    start = "2026-01-02T03:04:05.000000Z"
    run = {"id": RUN, "trace_id": RUN, "name": "with a file", "run_type": "chain", "start_time": start}
    run |= {"dotted_order": f"20260102T030405000000Z{RUN}", "session_name": PROJECT, "end_time": start}
    body = form([*run_parts("post", run), (f"attachment.{RUN}.note", "text/html; length=10", b"<b>note</b"[:10])])
    service.post("/runs/multipart", content=body, headers={"Content-Type": CONTENT_TYPE}).raise_for_status()
    opened(page, RUN, step=service.get("/v1/spans/" + RUN).json()["id"])
    files = step(page).get_by_role("region", name="Files (1)")
    expect(files).to_contain_text("text/html")
    with page.expect_download() as download:
        files.get_by_role("button", name="Download note").click()
    assert download.value.suggested_filename == "note"
    assert download.value.path().read_bytes() == b"<b>note</b"


def test_a_trace_is_deleted_when_that_is_meant(page: Page, service: httpx.Client) -> None:
    send(service, "f" * 32, [SentSpan("1" * 16, "short-lived")], project=PROJECT)
    opened(page, "f" * 32)
    page.get_by_role("button", name="Delete…").click()
    asked = page.get_by_role("alertdialog", name="Delete this trace?")
    asked.get_by_role("button", name="Keep it").click()
    expect(asked).to_be_hidden()
    page.get_by_role("button", name="Delete…").click()
    asked.get_by_role("button", name="Delete", exact=True).click()
    expect(page.get_by_role("heading", level=1, name="Traces")).to_be_visible()
    page.goto(f"/traces/{'f' * 32}?project={PROJECT}")
    expect(page.get_by_role("heading", name="There is no such trace")).to_be_visible()


@pytest.mark.slow
def test_a_long_trace_keeps_few_rows_in_the_page(page: Page) -> None:
    tree = opened(page, LONG)
    rows = tree.get_by_role("treeitem")
    expect(rows.first).to_be_visible()
    assert rows.count() <= 300
    tree.focus()
    tree.press("End")
    expect(row(tree, "tool 1499")).to_be_visible()
    tree.press("Enter")
    expect(step(page).get_by_role("heading", name="tool 1499")).to_be_visible()
    page.get_by_role("checkbox", name="Errors only (30)").check()
    expect(page.get_by_text("30 of 1,500 spans")).to_be_visible()
    assert rows.count() <= 300


@pytest.mark.slow
def test_a_step_that_is_not_there_and_a_step_on_a_phone(page: Page) -> None:
    opened(page, step="0" * 16)
    expect(step(page).get_by_role("heading", name="There is no such step in this trace")).to_be_visible()
    page.set_viewport_size({"width": 390, "height": 844})
    tree = opened(page)
    row(tree, "write answer").click()
    sheet = page.get_by_role("dialog", name="Step")
    expect(sheet).to_contain_text(ANSWER[:18])
    sheet.get_by_role("button", name="Close the step").click()
    expect(sheet).to_be_hidden()
    expect(tree).to_be_visible()
