"""The service gone, slow, overloaded, restarted, upgraded while a page is open: said, and gone on from."""

from __future__ import annotations

import json
import socket
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, Request, Route, expect
from running_service import on_a_port

from wherefrom.api import interface


@pytest.fixture
def port() -> int:
    """One that is free."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        number: int = free.getsockname()[1]
        return number


def said(page: Page) -> Any:
    return page.get_by_role("status", name="Connection")


def visit(page: Page, name: str) -> None:
    page.get_by_role("navigation", name="Pages").get_by_role("link", name=name, exact=True).click()


def mark(page: Page) -> None:
    """A document that is loaded anew has no mark."""
    page.evaluate("window.marked = true")


@pytest.mark.slow
def test_a_service_that_is_gone_and_comes_back_as_another(
    page: Page, tmp_path: Path, port: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    with on_a_port(tmp_path, port=port, shutdown_s=0.5) as (address, _):
        with page.expect_response("**/assets/ProjectsPage*.js"):  # when nothing else is to be done, pages are fetched
            page.goto(address + "/try")
        page.get_by_label("Text", exact=True).fill("What was entered stays.")
        page.wait_for_load_state("networkidle")
        mark(page)
    page.get_by_role("button", name="Trace", exact=True).click()
    expect(said(page)).to_contain_text("The service does not answer; trying again")
    expect(page.get_by_role("alert")).to_contain_text("This page goes on by itself")
    visit(page, "Projects")
    expect(page.get_by_role("heading", name="Projects", level=1)).to_be_visible()
    monkeypatch.setattr(interface, "identity", lambda: "another")
    with on_a_port(tmp_path, port=port, shutdown_s=0.5):
        page.get_by_role("button", name="Try now").click()
        expect(page.get_by_role("heading", name="There is no project yet")).to_be_visible()
        expect(said(page)).not_to_contain_text("does not answer")
        expect(said(page)).to_contain_text("The service was upgraded")
        assert page.evaluate("window.marked") is True
        page.get_by_role("button", name="Load the new version").click()
        expect(said(page)).to_be_empty()
        assert page.evaluate("window.marked") is None
        page.goto("about:blank")


@pytest.mark.slow
def test_slow_answers_are_said_and_waited_for(page: Page) -> None:
    held: list[Route] = []
    page.clock.install()
    page.route("**/v1/projects?limit=50*", lambda route: held.append(route))
    page.goto("/projects")
    expect(page.get_by_text("Loading the projects")).to_be_visible()
    page.clock.fast_forward(6_000)
    expect(said(page)).to_contain_text("The service is slow")
    held.pop().continue_()
    expect(page.get_by_role("row", name="demo")).to_be_visible()
    expect(said(page)).to_be_empty()


def refusing(status: int, title: str) -> Any:
    body = {"type": "/problems/x", "title": title, "status": status, "detail": f"{title}.", "instance": "/"}

    def refuse(route: Route) -> None:
        route.fulfill(
            status=status,
            headers={"Content-Type": "application/problem+json", "Retry-After": "1"},
            body=json.dumps(body),
        )

    return refuse


def test_an_overload_is_said_once_and_asked_again(page: Page) -> None:
    page.clock.install()
    page.route("**/v1/projects?limit=50*", refusing(429, "Too many requests"))
    page.goto("/projects")
    expect(said(page)).to_contain_text("The service is overloaded; trying again")
    expect(page.get_by_role("alert")).to_contain_text("The service is overloaded")
    expect(said(page)).to_be_empty()
    page.unroute("**/v1/projects?limit=50*")
    page.clock.fast_forward(6_000)
    expect(page.get_by_role("row", name="demo")).to_be_visible()


@pytest.mark.slow
def test_what_is_there_stays_while_the_store_is_away(page: Page) -> None:
    page.clock.install()
    page.goto("/projects")
    expect(page.get_by_role("row", name="demo")).to_be_visible()
    visit(page, "Try it")
    expect(page.get_by_label("Text", exact=True)).to_be_visible()  # the list is not on the page, and is read anew on it
    page.route("**/v1/projects?limit=50*", refusing(503, "The trace store is unavailable"))
    page.clock.fast_forward(15_000)
    visit(page, "Projects")
    expect(said(page)).to_contain_text("What is shown is not up to date")
    expect(page.get_by_role("row", name="demo")).to_be_visible()
    page.unroute("**/v1/projects?limit=50*")
    said(page).get_by_role("button", name="Try again").click()
    expect(said(page)).to_be_empty()


def test_an_upgrade_is_noticed_by_an_open_page(page: Page) -> None:
    page.clock.install()
    page.goto("/projects")
    expect(page.get_by_role("row", name="demo")).to_be_visible()
    expect(said(page)).to_be_empty()

    def newer(route: Route) -> None:
        answer = route.fetch()
        route.fulfill(response=answer, json=answer.json() | {"version": "99.0"})

    page.route("**/v1/service", newer)
    page.clock.fast_forward(61_000)
    expect(said(page)).to_contain_text("upgraded to version 99.0")
    expect(page.get_by_role("button", name="Load the new version")).to_be_visible()


@pytest.mark.slow
def test_a_page_whose_parts_are_gone_is_loaded_anew(page: Page) -> None:
    documents: list[str] = []

    def count(request: Request) -> None:
        if request.is_navigation_request():
            documents.append(request.url)

    def vanish(route: Route) -> None:
        if len(documents) < 2:
            route.abort()
        else:
            route.continue_()

    page.on("request", count)
    page.route("**/assets/IndexesPage*", vanish)
    page.goto("/projects")
    expect(page.get_by_role("row", name="demo")).to_be_visible()
    visit(page, "Indexes")
    expect(page.get_by_role("heading", name="Indexes", level=1)).to_be_visible()
    assert len(documents) == 2


@pytest.mark.slow
def test_parts_that_never_come_do_not_reload_without_end(page: Page) -> None:
    page.route("**/assets/IndexesPage*", lambda route: route.abort())
    page.goto("/indexes")
    expect(page.get_by_role("heading", name="The service has no such page")).to_be_visible()
    page.unroute("**/assets/IndexesPage*")
    page.get_by_role("button", name="Load it again").click()
    expect(page.get_by_role("heading", name="Indexes", level=1)).to_be_visible()
