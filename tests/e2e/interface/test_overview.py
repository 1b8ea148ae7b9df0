"""The overview: plots over time, what is quoted most, and the way from each mark to its traces."""

from __future__ import annotations

import re
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
from interface_traces import SECOND, generation, request, send, wait_until_traced
from playwright.sync_api import Locator, Page, Route, expect

PROJECT = "overview"
DAY = 86_400
FIRST = 20_775 * DAY
"""18 November 2026."""

PASSAGE = "I embrace with great satisfaction the opportunity which now presents itself of congratulating you."
SENT = (
    # days after the first, hours, model, what went wrong
    (0, 9, "plain", None),
    (0, 14, "plain", None),
    (1, 8, "plain", None),
    (3, 1, "grand", None),
    (3, 2, "grand", "The model was overloaded."),
    (3, 23, "grand", None),
)
ALL_TIME = f"/?project={PROJECT}&last=all&step=day"


@pytest.fixture(scope="module", autouse=True)
def traces(base_url: str) -> None:
    """Six traces on three of four days."""
    usage = {
        "gen_ai.usage.input_tokens": 100,
        "gen_ai.usage.output_tokens": 20,
        "gen_ai.server.time_to_first_token": 0.25,
    }
    with httpx.Client(base_url=base_url) as client:
        for number, (day, hour, model, error) in enumerate(SENT):
            span = generation(f"{number + 1:016x}", PASSAGE, "Well?", model=model, attributes=usage, error=error)
            start = FIRST + day * DAY + hour * 3_600
            body = request(f"0e{number:030x}", [span], project=PROJECT, start_ns=start * SECOND)
            client.post("/v1/traces", json=body).raise_for_status()
        wait_until_traced(client, PROJECT)


def panel(page: Page, name: str) -> Locator:
    return page.get_by_role("region", name=name, exact=True)


def asked(page: Page) -> dict[str, str]:
    return {name: values[0] for name, values in parse_qs(urlsplit(page.url).query).items()}


def test_each_mark_leads_to_the_traces_behind_it(page: Page) -> None:
    page.goto(ALL_TIME)
    generations = panel(page, "Generations").get_by_role("link")
    expect(generations).to_have_count(3)  # a day without traces is a gap
    for name in (
        re.compile(r"^[\d.]+% covered on 18 November$"),
        "Latency 1.00 s in the median, 1.00 s at the 95th percentile, on 19 November",
        "First token after 250 ms in the median, 250 ms at the 95th percentile, on 19 November",
        "300 input and 60 output tokens on 21 November",
        "1 failed trace on 21 November",
    ):
        expect(page.get_by_role("link", name=name)).to_be_visible()
    page.get_by_role("link", name=re.compile(r"Longest span \d+ characters, mean \d+, on 18 November")).hover()
    page.get_by_role("link", name="3 generations on 21 November").click()
    expect(page.get_by_role("heading", level=1, name="Traces")).to_be_visible()
    expect(page.get_by_role("status").filter(has_text="3 traces")).to_be_visible()
    found = asked(page)
    assert found.pop("since").startswith("2026-11-21T00:00:00")
    assert found.pop("until").startswith("2026-11-22T00:00:00")
    assert found == {"project": PROJECT}
    page.go_back()
    page.get_by_role("link", name="1 failed trace on 21 November").click()
    expect(page.get_by_role("status").filter(has_text="1 trace")).to_be_visible()
    assert asked(page)["status"] == "error"


def test_charts_are_walked_by_keys_and_read_as_tables(page: Page) -> None:
    page.goto(ALL_TIME)
    page.get_by_role("link", name="3 generations on 21 November").focus()
    for key, name in (
        ("ArrowLeft", "1 generation on 19 November"),
        ("Home", "2 generations on 18 November"),
        ("End", "3 generations on 21 November"),
        ("ArrowLeft", "1 generation on 19 November"),
        ("Escape", "1 generation on 19 November"),
    ):
        page.keyboard.press(key)
        expect(page.get_by_role("link", name=name)).to_be_focused()
    page.keyboard.press("Tab")  # the chart is one stop
    as_table = panel(page, "Generations").get_by_role("button", name="Show as a table")
    expect(as_table).to_be_focused()
    page.keyboard.press("Enter")
    rows = panel(page, "Generations").get_by_role("table").get_by_role("row")
    expect(rows).to_have_text(["Timegenerations", "18 November2", "19 November1", "21 November3"])
    page.get_by_role("link", name="1 generation on 19 November").press("Enter")
    expect(page.get_by_role("status").filter(has_text="1 trace")).to_be_visible()


def test_what_is_quoted_most_and_by_which_models(page: Page) -> None:
    page.goto(ALL_TIME)
    documents = panel(page, "Most quoted documents")
    first = documents.get_by_role("listitem").first
    expect(first.get_by_role("link", name=re.compile("quoted in 6 traces"))).to_be_visible()
    first.get_by_role("link", name=re.compile("quoted in 6 traces")).click()
    expect(page.get_by_role("status").filter(has_text="6 traces")).to_be_visible()
    assert {"document", "index"} <= set(asked(page))
    page.go_back()
    first.get_by_role("link", name=re.compile("^Open ")).click()
    expect(page).to_have_url(re.compile(r"/documents\?"))
    page.go_back()
    sources = panel(page, "Most quoted sources")
    sources.get_by_role("link", name=re.compile("quoted in 6 traces")).first.click()
    expect(page.get_by_role("status").filter(has_text="6 traces")).to_be_visible()
    assert {"source", "index"} <= set(asked(page))
    page.go_back()
    panel(page, "Models").get_by_role("link", name="grand, 3 traces").click()
    expect(page.get_by_role("status").filter(has_text="3 traces")).to_be_visible()
    assert asked(page)["model"] == "grand"


def test_time_step_and_model_are_chosen_and_stand_in_the_address(page: Page) -> None:
    page.goto(f"/?project={PROJECT}&last=all")
    filters = page.get_by_role("search", name="Time and model")
    totals = panel(page, "In all")
    filters.get_by_label("Step").select_option("Day")
    expect(page.get_by_role("link", name="2 generations on 18 November")).to_be_visible()
    filters.get_by_label("Model").select_option("grand")
    expect(page.get_by_role("link", name="2 generations on 18 November")).to_have_count(0)
    expect(totals.get_by_role("link", name="3", exact=True)).to_be_visible()
    assert asked(page) == {"project": PROJECT, "last": "all", "step": "day", "model": "grand"}
    filters.get_by_label("Time").select_option("From and to …")
    filters.get_by_label("From").fill("2026-11-20T00:00:00")
    filters.get_by_label("To", exact=True).fill("2026-11-20T01:00:00")
    filters.get_by_label("To", exact=True).press("Enter")
    expect(page.get_by_role("heading", name="No traces in this time")).to_be_visible()
    page.get_by_role("button", name="Show all time").click()
    expect(totals.get_by_role("link", name="6", exact=True)).to_be_visible()
    page.get_by_role("button", name="Refresh").click()
    expect(totals.get_by_role("link", name="6", exact=True)).to_be_visible()
    page.goto(f"/?project={PROJECT}&since=2026-01-01&until=2026-12-01&step=minute")
    expect(page.get_by_role("note")).to_contain_text("weeks are shown")
    expect(page.get_by_role("link", name="6 generations in the week of 16 November")).to_be_visible()


@pytest.mark.slow
def test_each_panel_has_its_own_failure(page: Page) -> None:
    def fails(route: Route) -> None:
        problem = {"type": "about:blank", "title": "Too many", "status": 429, "detail": "Ask again later."}
        route.fulfill(status=400, json=problem, content_type="application/problem+json")

    page.route("**/v1/statistics/documents?*", fails)
    page.goto(ALL_TIME)
    failed = panel(page, "Most quoted documents")
    expect(failed.get_by_role("alert")).to_contain_text("Ask again later.")
    expect(page.get_by_role("link", name="2 generations on 18 November")).to_be_visible()
    page.unroute("**/v1/statistics/documents?*")
    failed.get_by_role("button", name="Try again").click()
    expect(failed.get_by_role("listitem").first).to_be_visible()


@pytest.mark.slow
def test_without_traces_it_says_what_to_do(page: Page, service: httpx.Client) -> None:
    trace = f"0e{99:030x}"
    send(service, trace, [generation(f"{99:016x}", "gone")], project="overview-empty")
    service.delete(f"/v1/traces/{trace}").raise_for_status()
    page.goto("/?project=overview-empty")
    expect(page.get_by_role("heading", name="No traces in this project yet")).to_be_visible()
    content = page.get_by_role("main")
    content.get_by_role("link", name="Indexes").click()
    expect(page.get_by_role("heading", level=1, name="Indexes")).to_be_visible()
    page.go_back()
    content.get_by_role("link", name="Try it").click()
    expect(page.get_by_role("heading", level=1, name="Try it")).to_be_visible()
    page.goto("/?project=nowhere-at-all")
    expect(page.get_by_role("heading", name="There is no such project")).to_be_visible()
