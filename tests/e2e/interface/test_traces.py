"""The list of traces: filtered by its address, kept as views, and live."""

from __future__ import annotations

import re
import time
from collections.abc import Sequence
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
from interface_traces import SECOND, START, SentSpan, generation, request, send, wait_until_traced
from playwright.sync_api import Locator, Page, expect

PROJECT = "tests-list"
MANY = "tests-many"
QUOTED = "That government of the people, by the people, for the people, shall not perish from the earth."
SPOKEN = "Zebrafish quarrel over quince marmalade while nobody listens to the weather."
COUNT = 130
COLUMNS = [
    "Start",
    "Name",
    "Model",
    "Status",
    "Generations",
    "Coverage",
    "Longest span",
    "Tokens in / out",
    "Cost",
    "Duration",
    "Provenance",
]


def usage(tokens: int) -> dict[str, Any]:
    return {"gen_ai.usage.input_tokens": tokens, "gen_ai.usage.output_tokens": tokens}


@pytest.fixture(scope="module", autouse=True)
def sent(base_url: str) -> None:
    """Three traces of a project that differ in everything that can be filtered, and many of another."""
    with httpx.Client(base_url=base_url) as client:
        speech = client.get("/v1/statistics/documents", params={"project": "demo"}).json()["items"][0]
        text = client.get(f"/v1/indexes/demo/documents/{speech['document']}").json()["text"][:400]
        priced = generation(
            "a" * 16, text, "Speak.", model="gpt-4o-mini", name="quotes a speech", attributes=usage(90_000)
        )
        spoken = generation(
            "b" * 16, SPOKEN, "Talk.", name="talks", attributes=usage(7) | {"gen_ai.conversation.id": "kitchen"}
        )
        broken = SentSpan("c" * 16, name="breaks", error="out of quinces")
        for number, span in enumerate((priced, spoken, broken), 1):
            start = START + number * 3_600 * SECOND
            send(client, f"{number:032x}", [span], project=PROJECT, start_ns=start)
        bodies = [
            request(
                f"{number:032x}",
                [SentSpan(f"{number:016x}", name=f"step {number}")],
                project=MANY,
                start_ns=START + number,
            )
            for number in range(1, COUNT + 1)
        ]
        client.post("/v1/traces", json=together(bodies)).raise_for_status()


def together(bodies: Sequence[dict[str, Any]]) -> dict[str, Any]:
    return {"resourceSpans": [spans for body in bodies for spans in body["resourceSpans"]]}


def names(page: Page) -> Locator:
    """The links of the table's rows, which bear the traces' names."""
    return page.get_by_role("table", name="Traces").get_by_role("row").get_by_role("link")


def asked(page: Page) -> dict[str, str]:
    return {name: values[0] for name, values in parse_qs(urlsplit(page.url).query).items()}


def test_a_table_says_what_each_trace_is(page: Page) -> None:
    page.goto(f"/traces?project={PROJECT}")
    expect(names(page)).to_have_text(["breaks", "talks", "quotes a speech"])
    table = page.get_by_role("table", name="Traces")
    expect(table.get_by_role("columnheader")).to_have_text(COLUMNS)
    quoting = table.get_by_role("row").filter(has_text="quotes a speech").get_by_role("cell")
    expect(quoting).to_have_text(
        [
            re.compile(r"\d\d:\d\d:\d\d"),
            re.compile("quotes a speech"),
            "gpt-4o-mini",
            "OK",
            "1",
            re.compile(r"^\d.*%$"),
            re.compile(r"^\d{2,3}$"),
            "90,000 / 90,000",
            re.compile(r"^\$0\.\d+$"),
            "1.00 s",
            "Done",
        ]
    )
    expect(table.get_by_role("row").filter(has_text="breaks").get_by_role("cell", name="Error")).to_be_visible()
    page.goto("/traces?text=marmalade")
    expect(table.get_by_role("columnheader", name="Project")).to_be_visible()
    expect(table.get_by_role("cell", name=PROJECT)).to_be_visible()
    names(page).click()
    expect(page).to_have_url(re.compile(rf"/traces/{2:032x}\?project={PROJECT}$"))


def test_filters_stand_in_the_address(page: Page) -> None:
    page.goto(f"/traces?project={PROJECT}")
    chips = page.get_by_role("list", name="Filters in use").get_by_role("listitem")

    def select(label: str, choice: str, **given: str) -> None:
        page.get_by_label(label, exact=True).select_option(label=choice)
        expected(**given)

    def fill(label: str, value: str, **given: str) -> None:
        page.get_by_label(label, exact=True).fill(value)
        page.get_by_label(label, exact=True).press("Enter")
        expected(**given)

    def expected(shown: str, **given: str) -> None:
        expect(names(page)).to_have_text([shown])
        assert asked(page) == {"project": PROJECT} | given
        expect(chips).to_have_count(len(given))
        page.get_by_role("button", name="Clear filters").click()
        expect(names(page)).to_have_count(3)

    fill(
        "Search in the texts", 'marmalade "quarrel over quince"', shown="talks", text='marmalade "quarrel over quince"'
    )
    select("Model", "gpt-4o-mini", shown="quotes a speech", model="gpt-4o-mini")
    select("Status", "Error", shown="breaks", status="error")
    page.get_by_role("button", name="More filters").click()
    fill("Coverage (%), at least", "50", shown="quotes a speech", min_coverage="0.5")
    fill("Coverage (%), at most", "50", shown="talks", max_coverage="0.5")
    fill("Longest span (characters), at least", "100", shown="quotes a speech", min_longest_span="100")
    fill("Longest span (characters), at most", "100", shown="talks", max_longest_span="100")
    fill("Cost ($), at least", "0.001", shown="quotes a speech", min_cost="0.001")
    fill("Session", "kitchen", shown="talks", session="kitchen")


@pytest.mark.slow
def test_times_are_shown_as_the_reader_has_them_and_sent_with_their_zone(page: Page) -> None:
    page.goto(f"/traces?project={PROJECT}&since=2026-11-18T13:00:00Z")
    page.get_by_role("button", name="More filters").click()
    expect(page.get_by_label("From", exact=True)).not_to_have_value("")
    local = page.evaluate("(time) => new Date(time).getHours()", "2026-11-18T13:00:00Z")
    expect(page.get_by_label("From", exact=True)).to_have_value(re.compile(rf"^2026-11-18T{local:02}:00"))
    page.get_by_label("Before", exact=True).fill("2026-11-18T14:20:00")
    page.get_by_label("Before", exact=True).press("Enter")
    expect(page).to_have_url(re.compile(r"until=2026-11-1\d.+%3A20%3A00.000Z"))
    page.get_by_label("Time", exact=True).select_option(label="Last hour")
    expect(page.get_by_role("heading", name="No trace passes these filters")).to_be_visible()
    assert asked(page) == {"project": PROJECT, "last": "hour"}
    page.get_by_role("button", name="Keep to these times").click()
    expect(page.get_by_role("button", name="Remove the filter From")).to_be_visible()
    assert asked(page).keys() == {"project", "since", "until"}


def test_states_and_documents(page: Page, service: httpx.Client) -> None:
    best = service.get("/v1/statistics/documents", params={"project": "demo"}).json()["items"][0]
    page.goto("/traces?project=demo")
    page.get_by_label("Provenance", exact=True).select_option(label="Failed")
    expect(page.get_by_role("heading", name="No trace passes these filters")).to_be_visible()
    page.get_by_role("button", name="Remove the filter Provenance: Failed").click()
    page.get_by_role("button", name="More filters").click()
    page.get_by_label("Quotes the document", exact=True).fill(best["document"])
    page.get_by_label("Quotes the document", exact=True).press("Enter")
    expect(names(page)).to_have_count(best["traces"])
    page.get_by_label("Of the index", exact=True).select_option(label="demo")
    expect(page).to_have_url(re.compile("index=demo"))
    expect(names(page)).to_have_count(best["traces"])


@pytest.mark.slow
def test_a_filter_that_the_service_refuses_says_why(page: Page) -> None:
    page.goto(f"/traces?project={PROJECT}")
    page.get_by_label("Search in the texts").fill("!!!")
    page.get_by_label("Search in the texts").press("Enter")
    expect(page.get_by_role("alert")).to_contain_text("text has no word to look for")
    page.get_by_role("button", name="Remove the filter Text: !!!").click()
    expect(names(page)).to_have_count(3)
    page.goto("/traces?project=unheard-of")
    expect(page.get_by_role("alert")).to_contain_text("There is no project 'unheard-of'")


@pytest.mark.slow
def test_a_long_list_is_read_as_far_as_it_is_looked_at(page: Page) -> None:
    page.goto(f"/traces?project={MANY}&order=oldest")
    summary = page.get_by_role("status").filter(has_text=re.compile(r"^\d+ traces"))
    expect(summary).to_have_text("100 traces loaded, more below")
    names(page).first.focus()
    page.keyboard.press("ArrowDown")
    expect(page.get_by_role("link", name="step 2", exact=True)).to_be_focused()
    page.keyboard.press("ArrowUp")
    expect(page.get_by_role("link", name="step 1", exact=True)).to_be_focused()
    page.keyboard.press("End")
    expect(page.get_by_role("link", name="step 100", exact=True)).to_be_focused()
    expect(summary).to_have_text(f"{COUNT} traces")
    page.keyboard.press("End")
    expect(page.get_by_role("link", name=f"step {COUNT}", exact=True)).to_be_focused()
    assert page.get_by_role("row").count() <= 300
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile(rf"/traces/{COUNT:032x}"))


def test_the_order_is_chosen(page: Page) -> None:
    page.goto(f"/traces?project={PROJECT}")
    page.get_by_label("Order", exact=True).select_option(label="Oldest first")
    expect(names(page)).to_have_text(["quotes a speech", "talks", "breaks"])
    assert asked(page)["order"] == "oldest"


def test_views_are_kept_by_name(page: Page) -> None:
    page.goto("/")
    page.evaluate("localStorage.setItem('wherefrom.views', '[{\"name\": 7}, null')")
    page.goto(f"/traces?project={PROJECT}&status=error")
    page.get_by_role("button", name="Saved views").click()
    page.get_by_label("Name of this view").fill("What <b>failed</b>")
    page.get_by_role("button", name="Save this view").click()
    expect(page.get_by_role("link", name="What <b>failed</b>")).to_be_visible()
    page.goto("/traces")
    page.get_by_role("button", name="Saved views (1)").click()
    page.get_by_role("link", name="What <b>failed</b>").click()
    expect(names(page)).to_have_text(["breaks"])
    assert asked(page) == {"project": PROJECT, "status": "error"}
    page.get_by_role("button", name="Saved views (1)").click()
    page.get_by_role("button", name="Delete the view What <b>failed</b>").click()
    expect(page.get_by_role("button", name="Saved views", exact=True)).to_be_visible()


def test_an_empty_project_says_how_to_send_and_shows_what_comes(
    page: Page, service: httpx.Client, base_url: str
) -> None:
    service.post("/sessions", json={"name": "tests-empty"}).raise_for_status()
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page.goto("/traces?project=tests-empty")
    expect(page.get_by_role("heading", name="No traces in this project yet")).to_be_visible()
    page.get_by_role("button", name="Copy the command for OpenTelemetry").click()
    expect(page.get_by_text("Copied")).to_be_visible()
    copied = page.evaluate("navigator.clipboard.readText()")
    assert copied.startswith(f"OTEL_EXPORTER_OTLP_ENDPOINT={base_url} ")
    expect(page.get_by_text(f"LANGSMITH_ENDPOINT={base_url} ")).to_be_visible()
    send(service, "e" * 32, [generation("e" * 16, SPOKEN, name="the first")], project="tests-empty")
    expect(names(page)).to_have_text(["the first"])


def test_live_shows_what_comes_and_changes(page: Page, service: httpx.Client) -> None:
    start = time.time_ns()
    project = "tests-live"
    send(service, f"{1:032x}", [SentSpan(f"{1:016x}", name="before")], project=project, start_ns=start)
    page.goto(f"/traces?project={project}&status=ok")
    page.get_by_role("button", name="Live").click()
    expect(page.get_by_role("status", name="Live updates")).to_have_text("Listening")
    assert asked(page)["live"] == "1"
    send(service, f"{2:032x}", [SentSpan(f"{2:016x}", name="fails", error="no")], project=project, start_ns=start + 1)
    later = generation(f"{3:016x}", SPOKEN, name="comes")
    service.post(
        "/v1/traces", json=request(f"{3:032x}", [later], project=project, start_ns=start + 2)
    ).raise_for_status()
    expect(names(page)).to_have_text(["comes", "before"])
    expect(page.get_by_role("status", name="New traces")).to_have_text("1 new trace")
    wait_until_traced(service, project)
    expect(page.get_by_role("row").filter(has_text="comes").get_by_role("cell", name="Done")).to_be_visible()
    service.delete(f"/v1/traces/{3:032x}", params={"project": project}).raise_for_status()
    expect(names(page)).to_have_text(["before"])
    page.get_by_role("button", name="Live").click()
    expect(page.get_by_role("status", name="Live updates")).to_have_text("")
    assert "live" not in asked(page)


@pytest.mark.slow
def test_live_with_words_asks_the_service(page: Page, service: httpx.Client) -> None:
    page.goto(f"/traces?project={PROJECT}&text=pomegranate&live=1")
    expect(page.get_by_role("status", name="Live updates")).to_have_text("Listening")
    expect(page.get_by_role("heading", name="No trace passes these filters")).to_be_visible()
    fruit = generation("d" * 16, "A pomegranate.", name="fruit")
    send(service, "d" * 32, [fruit], project="tests-fruit", start_ns=START)
    page.goto("/traces?text=pomegranate&live=1")
    expect(names(page)).to_have_text(["fruit"])
    more = generation("f" * 16, "Another pomegranate.", name="more fruit")
    send(service, "f" * 32, [more], project="tests-fruit", start_ns=START + SECOND)
    expect(names(page)).to_have_text(["more fruit", "fruit"])


@pytest.mark.slow
def test_what_comes_does_not_move_what_is_read(page: Page, service: httpx.Client) -> None:
    page.goto(f"/traces?project={MANY}&live=1")
    expect(page.get_by_role("status", name="Live updates")).to_have_text("Listening")
    names(page).first.focus()
    page.keyboard.press("End")
    expect(page.get_by_role("link", name="step 31", exact=True)).to_be_visible()
    coming = [
        request(
            f"{COUNT + number:032x}",
            [SentSpan(f"{COUNT + number:016x}", name=f"late {number}")],
            project=MANY,
            start_ns=time.time_ns(),
        )
        for number in (1, 2)
    ]
    service.post("/v1/traces", json=together(coming)).raise_for_status()
    button = page.get_by_role("button", name="2 new traces")
    expect(button).to_be_visible()
    expect(page.get_by_role("link", name="late 1")).to_have_count(0)
    button.click()
    expect(page.get_by_role("link", name="late 1")).to_be_visible()
    expect(button).to_have_count(0)


@pytest.mark.slow
def test_a_phone_shows_cards(page: Page) -> None:
    page.set_viewport_size({"width": 390, "height": 844})
    page.goto(f"/traces?project={PROJECT}")
    expect(names(page)).to_have_count(3)
    expect(page.get_by_label("Status", exact=True)).to_be_hidden()
    page.get_by_role("button", name="More filters").click()
    page.get_by_label("Status", exact=True).select_option(label="Error")
    expect(names(page)).to_have_text(["breaks"])
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
