"""What surrounds every page."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect


def test_the_pages_are_found_by_their_names(page: Page) -> None:
    page.goto("/")
    for name, heading in (("Traces", "Traces"), ("Try it", "Try it"), ("Overview", "Overview")):
        page.get_by_role("navigation", name="Pages").get_by_role("link", name=name, exact=True).click()
        expect(page.get_by_role("heading", level=1, name=heading)).to_be_visible()


@pytest.mark.slow
def test_the_focus_and_the_title_follow_the_page(page: Page) -> None:
    page.goto("/projects")
    expect(page.get_by_role("heading", level=1, name="Projects")).to_be_visible()
    page.keyboard.press("Tab")
    skip = page.get_by_role("link", name="Skip to the content")
    expect(skip).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.get_by_role("main")).to_be_focused()
    assert "#" not in page.url
    page.get_by_role("navigation", name="Pages").get_by_role("link", name="Try it").click()
    expect(page.get_by_role("main")).to_be_focused()
    expect(page).to_have_title("Try it · Wherefrom")
    expect(page.get_by_text("Try it · Wherefrom", exact=True)).to_be_attached()


def test_colours_are_chosen_and_kept(page: Page) -> None:
    page.goto("/projects")
    background = "getComputedStyle(document.body).backgroundColor"
    light = page.evaluate(background)
    page.get_by_role("button", name="Settings", exact=True).click()
    page.get_by_role("group", name="Colours").get_by_role("button", name="Dark").click()
    dark = page.evaluate(background)
    assert dark != light
    page.reload()
    expect(page.get_by_role("heading", level=1, name="Projects")).to_be_visible()
    assert page.evaluate(background) == dark
    page.get_by_role("button", name="Settings", exact=True).click()
    page.get_by_role("group", name="Colours").get_by_role("button", name="System").click()
    assert page.evaluate(background) == light


def test_a_phone_has_a_menu(page: Page) -> None:
    page.set_viewport_size({"width": 360, "height": 640})
    page.goto("/projects")
    expect(page.get_by_role("navigation", name="Pages")).to_be_hidden()
    menu = page.get_by_role("button", name="Menu")
    menu.click()
    page.keyboard.press("Escape")
    expect(menu).to_be_focused()
    expect(page.get_by_role("navigation", name="Pages")).to_be_hidden()
    menu.click()
    page.get_by_role("navigation", name="Pages").get_by_role("link", name="Try it").click()
    expect(page.get_by_role("heading", level=1, name="Try it")).to_be_visible()
    expect(page.get_by_role("navigation", name="Pages")).to_be_hidden()
    page.get_by_label("Project", exact=True).select_option("demo")
    page.wait_for_url("**/try?project=demo")
    assert page.evaluate("document.documentElement.scrollWidth") <= 360
