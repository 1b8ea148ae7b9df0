"""Sessions: listed, and shown as conversations."""

from __future__ import annotations

import re
from typing import Any

import httpx
import pytest
from interface_traces import SECOND, START, generation, messages, request, wait_until_traced
from playwright.sync_api import Page, expect

PROJECT = "tests-sessions"
OTHER = "tests-sessions-too"
HOSTILE = ("..", "a/../b?c#d", "two\nlines", " ", "-", "<img src=x onerror=alert(1)>")
TURNS = (
    ("How many quinces are left?", "Seven quinces are left."),
    ("And how many medlars?", "No medlars are left."),
    ("Then bake a tart.", "The tart is in the oven."),
)


def turn(session: str, number: int, history: list[dict[str, Any]], text: str) -> Any:
    attributes = {"gen_ai.conversation.id": session, "gen_ai.input.messages": history}
    return generation(f"{number:016x}", text, name=f"turn {number}", attributes=attributes)


@pytest.fixture(scope="module", autouse=True)
def sent(base_url: str) -> None:
    """A session of three turns, in two projects, and sessions whose ids no path carries."""
    with httpx.Client(base_url=base_url) as client:
        history: list[dict[str, Any]] = []
        bodies = []
        for number, (asked, answered) in enumerate(TURNS, 1):
            history = [*history, *messages("user", asked)]
            span = turn("kitchen", number, history, answered)
            bodies.append(request(f"{number:032x}", [span], project=PROJECT, start_ns=START + number * SECOND))
            history = [*history, *messages("assistant", answered)]
        bodies.append(request("a" * 32, [turn("kitchen", 10, [], "Elsewhere.")], project=OTHER, start_ns=START))
        for number, session in enumerate(HOSTILE, 20):
            span = turn(session, number, messages("user", "Hello."), f"Answer {number}.")
            bodies.append(request(f"{number:032x}", [span], project=PROJECT, start_ns=START - number * SECOND))
        sent = {"resourceSpans": [spans for body in bodies for spans in body["resourceSpans"]]}
        client.post("/v1/traces", json=sent).raise_for_status()
        wait_until_traced(client, PROJECT)
        wait_until_traced(client, OTHER)


def test_sessions_are_listed_with_their_totals(page: Page) -> None:
    page.goto(f"/conversations?project={PROJECT}")
    table = page.get_by_role("table", name="Sessions")
    kitchen = table.get_by_role("row").filter(has=page.get_by_role("link", name="kitchen", exact=True))
    expect(kitchen.get_by_role("cell")).to_have_count(10)
    expect(kitchen.get_by_role("cell").nth(2)).to_have_text("3")
    expect(table.get_by_role("row")).to_have_count(2 + len(HOSTILE))
    expect(table.get_by_role("row").nth(1)).to_contain_text("kitchen")
    page.get_by_label("Order").select_option(label="Oldest first")
    expect(table.get_by_role("row").last).to_contain_text("kitchen")
    expect(page).to_have_url(re.compile("order=oldest"))
    page.get_by_label("Project").select_option(label=OTHER)
    expect(table.get_by_role("row")).to_have_count(2)


def test_a_session_is_a_conversation(page: Page) -> None:
    page.goto(f"/conversations?project={PROJECT}")
    page.get_by_role("link", name="kitchen", exact=True).click()
    expect(page.get_by_role("heading", level=1, name="kitchen")).to_be_visible()
    for number, (asked, answered) in enumerate(TURNS, 1):
        said = page.get_by_role("article", name=f"Turn {number}")
        expect(said.get_by_role("list", name="Asked").get_by_role("listitem")).to_contain_text([asked])
        expect(said.get_by_role("list", name="Answered").get_by_role("listitem")).to_contain_text([answered])
        expect(said).to_contain_text("Coverage 0%")
    page.get_by_role("group", name="Messages").get_by_role("button", name="Raw").click()
    expect(page).to_have_url(re.compile("raw=1"))
    expect(page.get_by_role("article", name="Turn 1").get_by_text('"role"').first).to_be_visible()
    page.get_by_role("link", name="Where these words come from").first.click()
    expect(page).to_have_url(re.compile(f"/generations/{1:016x}"))
    page.go_back()
    page.get_by_role("link", name="turn 2").click()
    expect(page).to_have_url(re.compile(f"/traces/{2:032x}"))
    page.go_back()
    page.get_by_role("link", name="These traces as a table").click()
    expect(page).to_have_url(re.compile(r"/traces\?.*session=kitchen"))


def test_namesakes_of_projects_are_told_apart(page: Page) -> None:
    page.goto("/conversations/kitchen")
    expect(page.get_by_role("note")).to_contain_text("Several projects have a session of this id.")
    page.get_by_role("note").get_by_role("link", name=OTHER).click()
    expect(page.get_by_role("article", name="Turn 1")).to_contain_text("Elsewhere.")


@pytest.mark.slow
@pytest.mark.parametrize("place", range(len(HOSTILE)))
def test_any_id_has_an_address(page: Page, place: int) -> None:
    page.goto(f"/conversations?project={PROJECT}&order=oldest")
    expect(page.get_by_role("row")).to_have_count(2 + len(HOSTILE))
    page.get_by_role("row").nth(len(HOSTILE) - place).get_by_role("link").click()
    answer = page.get_by_role("article", name="Turn 1").get_by_text(f"Answer {20 + place}.")
    expect(answer).to_be_visible()
    page.reload()
    expect(answer).to_be_visible()


def test_a_session_that_is_not_there(page: Page, service: httpx.Client) -> None:
    page.goto(f"/conversations/nowhere?project={PROJECT}")
    expect(page.get_by_role("heading", name="There is no such session")).to_be_visible()
    service.post("/sessions", json={"name": "tests-no-sessions"}).raise_for_status()
    page.goto("/conversations?project=tests-no-sessions")
    expect(page.get_by_role("heading", name="No sessions yet")).to_be_visible()
