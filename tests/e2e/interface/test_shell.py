"""What surrounds every page."""

from __future__ import annotations

from playwright.sync_api import Page, expect


def test_the_pages_are_found_by_their_names(page: Page) -> None:
    page.goto("/")
    for name, heading in (("Traces", "Traces"), ("Try it", "Try it"), ("Overview", "Overview")):
        page.get_by_role("navigation", name="Pages").get_by_role("link", name=name, exact=True).click()
        expect(page.get_by_role("heading", level=1, name=heading)).to_be_visible()
