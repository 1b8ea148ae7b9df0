"""Try it: a text that is entered, samples, links that hold the text, and what is too long for one."""

from __future__ import annotations

import base64
import json
import random
import zlib
from typing import Any

import httpx
import pytest
from playwright.sync_api import BrowserContext, Page, Route, expect

QUOTED = "It was with great satisfaction that I embraced the opportunity now presented."
PROMPT = "How does the message begin?"


def enter(page: Page, text: str, prompt: str | None = None) -> None:
    page.get_by_label("Text", exact=True).fill(text)
    if prompt is not None:
        page.get_by_label("Prompt (if you know it)").fill(prompt)


def result(page: Page) -> Any:
    return page.get_by_role("region", name="Where its words come from")


def fragment(*content: Any) -> str:
    """As the page makes it."""
    packed = zlib.compress(json.dumps(content).encode())
    return "1." + base64.urlsafe_b64encode(packed).decode().rstrip("=")


def test_a_text_is_traced_and_its_link_shows_the_same(page: Page, context: BrowserContext) -> None:
    page.goto("/try")
    page.get_by_role("button", name="Options").click()
    page.get_by_label("Shortest passage").fill("12")
    page.wait_for_url("**/try?min_characters=12")
    enter(page, QUOTED, PROMPT)
    page.get_by_label("Text", exact=True).press("Control+Enter")
    expect(result(page).get_by_role("region", name="Output", exact=True)).to_contain_text("embraced the opportunity")
    expect(result(page).get_by_role("region", name="Prompt")).to_contain_text(PROMPT)
    expect(page.get_by_role("heading", name="Where its words come from")).to_be_focused()
    page.wait_for_url("**/try?min_characters=12#1.*")

    other = context.new_page()
    other.goto(page.url)
    expect(result(other).get_by_role("region", name="Output", exact=True)).to_contain_text("embraced the opportunity")
    expect(result(other).get_by_role("region", name="Prompt")).to_contain_text(PROMPT)
    expect(result(other).get_by_role("complementary", name="Documents")).to_contain_text("satisfaction")
    assert other.url == page.url


def test_a_text_is_edited_or_left_for_another(page: Page) -> None:
    page.goto("/try#" + fragment(QUOTED, PROMPT, None))
    page.get_by_role("button", name="Edit the text").click()
    expect(page.get_by_label("Text", exact=True)).to_have_value(QUOTED)
    expect(page.get_by_label("Prompt (if you know it)")).to_have_value(PROMPT)
    page.get_by_role("button", name="Back to the result").click()
    page.get_by_role("button", name="Edit the text").click()
    enter(page, "Nothing of this stands anywhere, xylophone.", "")
    page.get_by_role("button", name="Trace", exact=True).click()
    expect(result(page).get_by_role("region", name="Output", exact=True)).to_contain_text("xylophone")
    expect(result(page).get_by_role("region", name="Prompt")).to_have_count(0)
    page.get_by_role("button", name="Try another text").click()
    expect(page.get_by_label("Text", exact=True)).to_have_value("")
    page.go_back()
    expect(result(page).get_by_role("region", name="Output", exact=True)).to_contain_text("xylophone")


def test_a_sample_and_the_text_that_no_model_produced(page: Page) -> None:
    page.goto("/try")
    page.get_by_role("button", name="Try the sample gpt-seen-64-1").click()
    expect(page.get_by_role("region", name="Sample gpt-seen-64-1")).to_contain_text("adapted to our situation")
    expect(page.get_by_text("No model produced", exact=False)).to_have_count(0)
    page.goto("/try?sample=control-1")
    control = page.get_by_role("region", name="Sample control-1")
    expect(control.get_by_role("note").first).to_contain_text("no model produced it")
    expect(control.get_by_role("region", name="Output", exact=True)).to_be_visible()


@pytest.mark.slow
def test_damaged_links_are_told(page: Page) -> None:
    whole = fragment(QUOTED, None, None)
    for damaged, told in (
        (whole[:-9], "cut or changed"),
        ("2." + whole, "another version"),
        ("result", "no text that was shared"),
        (fragment(5), "no text in it"),
    ):
        page.goto("about:blank")
        page.goto("/try#" + damaged)
        expect(page.get_by_role("alert")).to_contain_text(told)
    page.get_by_role("button", name="Try a text of your own").click()
    expect(page.get_by_label("Text", exact=True)).to_be_visible()


def test_a_link_tells_that_an_index_is_another_now(page: Page) -> None:
    page.goto("/try#" + fragment(QUOTED, None, {"demo": "0000"}))
    expect(result(page).get_by_text("the index “demo” changed")).to_be_visible()


@pytest.mark.slow
def test_limits_are_told_before_anything_is_sent(page: Page) -> None:
    page.goto("/try")
    trace = page.get_by_role("button", name="Trace", exact=True)
    trace.click()
    expect(page.get_by_text("There is no text to trace yet.")).to_be_visible()
    enter(page, "\U0001f600" * 199_990)
    expect(page.get_by_text("10 characters left.")).to_be_visible()
    expect(trace).to_be_enabled()
    enter(page, "a" * 200_007)
    expect(page.get_by_text("7 characters too many: the service takes at most 200,000.")).to_be_visible()
    expect(trace).to_be_disabled()


@pytest.mark.slow
def test_what_is_too_long_for_a_link_is_saved_as_a_trace(page: Page, service: httpx.Client) -> None:
    chance = random.Random(5)
    text = " ".join(f"{chance.getrandbits(64):x}" for _ in range(6_000))
    page.goto("/try")
    enter(page, text, PROMPT)
    page.get_by_role("button", name="Trace", exact=True).click()
    expect(page.get_by_text("too long for a link")).to_be_visible()
    expect(page.get_by_role("button", name="Copy the link")).to_have_count(0)
    page.get_by_role("button", name="Save as a trace").click()
    dialog = page.get_by_role("dialog", name="Save as a trace")
    dialog.get_by_label("Project").fill("tried by a test")
    dialog.get_by_label("Model (if you know it)").fill("a model")
    dialog.get_by_role("button", name="Save", exact=True).click()
    page.wait_for_url("**/generations/*")
    expect(page.get_by_role("heading", level=1, name="Try it")).to_be_visible()
    (stored,) = service.get("/v1/traces", params={"project": "tried by a test"}).json()["items"]
    parts = service.get(f"/v1/generations/{stored['id']}/provenance").json()["parts"]
    assert [part["text"] for part in parts] == [text]


def test_a_search_is_cancelled_and_asked_again(page: Page) -> None:
    held: list[Route] = []
    page.route("**/v1/trace", lambda route: held.append(route))
    page.goto("/try")
    enter(page, QUOTED)
    page.get_by_role("button", name="Trace", exact=True).click()
    expect(page.get_by_text("Tracing 77 characters")).to_be_visible()
    page.get_by_role("button", name="Cancel").click()
    expect(page.get_by_text("The search was cancelled.")).to_be_visible()
    page.unroute("**/v1/trace")
    page.get_by_role("button", name="Trace", exact=True).click()
    expect(result(page).get_by_role("region", name="Output", exact=True)).to_be_visible()


def test_the_link_is_copied_or_shown(page: Page, context: BrowserContext) -> None:
    page.goto("/try#" + fragment(QUOTED, None, {"demo": "0000"}))
    page.get_by_role("button", name="Copy the link").click()
    shown = page.get_by_label("Link to copy")
    context.grant_permissions(["clipboard-read", "clipboard-write"])
    if shown.is_visible():
        expect(shown).to_have_value(page.url)
        page.get_by_role("button", name="Copy the link").click()
    expect(page.get_by_text("Copied.")).to_be_visible()
    assert page.evaluate("navigator.clipboard.readText()") == page.url


def test_a_search_that_fails_is_told_and_tried_again(page: Page) -> None:
    page.goto("/try?indexes=none#" + fragment(QUOTED, None, None))
    expect(page.get_by_role("alert")).to_contain_text("Not found")
    page.get_by_role("button", name="Reset the options").click()
    expect(result(page).get_by_role("region", name="Output", exact=True)).to_be_visible()
