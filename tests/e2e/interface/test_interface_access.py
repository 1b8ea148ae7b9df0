"""The interface of a service that needs API keys."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, Route, expect
from running_service import on_a_port

from wherefrom.traces.keys import create_key
from wherefrom.traces.store import TraceStore

PROJECT = "secluded"


@pytest.fixture(scope="module")
def keys(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, str]]:
    """Keys by what they allow, and the address."""
    folder = tmp_path_factory.mktemp("keys")
    with TraceStore.open(folder / "traces") as store:

        def made(role: str, project: str | None = None) -> str:
            return store.write(lambda connection: create_key(connection, role, project, "", time.time_ns())).result()[0]

        found = {"admin": made("admin"), "read": made("read", PROJECT), "ingest": made("ingest")}
    with on_a_port(folder, require_keys=True) as (address, _):
        yield found | {"address": address}


def enter(page: Page, key: str) -> None:
    page.get_by_label("API key", exact=True).fill(key)
    page.get_by_role("button", name="Use this key").click()


def refuse(route: Route) -> None:
    body = {"type": "/problems/key-needed", "title": "API key needed", "status": 401, "detail": "It is revoked."}
    route.fulfill(status=401, content_type="application/problem+json", body=json.dumps(body))


def test_a_key_is_asked_for_kept_and_forgotten(page: Page, keys: dict[str, str]) -> None:
    page.goto(keys["address"] + "/projects")
    expect(page.get_by_role("heading", name="An API key is needed", level=1)).to_be_visible()
    enter(page, "")
    expect(page.get_by_role("alert")).to_have_text("Enter an API key.")
    enter(page, "clé")
    expect(page.get_by_role("alert")).to_contain_text("no such characters")
    enter(page, "wf_aaaaaaaaaa_wrong")
    expect(page.get_by_role("alert")).to_have_text("This API key is unknown or revoked.")
    enter(page, keys["admin"])
    expect(page.get_by_role("row", name=PROJECT)).to_be_visible()
    page.reload()
    expect(page.get_by_role("row", name=PROJECT)).to_be_visible()
    page.get_by_role("button", name="Settings", exact=True).click()
    expect(page.get_by_text("You may do everything.")).to_be_visible()
    page.get_by_role("button", name="Forget key").click()
    expect(page.get_by_label("API key", exact=True)).to_be_visible()
    expect(page.get_by_role("row", name=PROJECT)).to_have_count(0)


def test_a_key_that_may_read_is_offered_nothing_else(page: Page, keys: dict[str, str]) -> None:
    page.goto(keys["address"] + f"/projects?settings={PROJECT}")
    enter(page, keys["read"])
    dialog = page.get_by_role("dialog", name=f"Settings of {PROJECT}")
    expect(dialog.get_by_role("note")).to_contain_text("yours may read")
    expect(dialog.get_by_text("Shortest passage")).to_be_visible()
    expect(dialog.get_by_role("button", name="Delete the project")).to_have_count(0)
    dialog.get_by_role("button", name="Close").click()
    page.get_by_role("button", name="Settings", exact=True).click()
    expect(page.get_by_text(f"You may read in the project {PROJECT}.")).to_be_visible()


@pytest.mark.slow
def test_a_key_that_may_only_send_is_told_so(page: Page, keys: dict[str, str]) -> None:
    page.goto(keys["address"] + "/traces")
    enter(page, keys["ingest"])
    expect(page.get_by_role("heading", name="This API key may only send traces")).to_be_visible()
    page.get_by_role("button", name="Forget key").click()
    expect(page.get_by_label("API key", exact=True)).to_be_visible()


def test_a_key_that_is_revoked_while_a_page_is_open(page: Page, keys: dict[str, str]) -> None:
    page.goto(keys["address"] + "/projects")
    enter(page, keys["admin"])
    expect(page.get_by_role("row", name=PROJECT)).to_be_visible()
    page.route("**/v1/**", refuse)
    page.get_by_role("navigation", name="Pages").get_by_role("link", name="Indexes").click()
    expect(page.get_by_role("alert").first).to_contain_text("unknown or revoked by now")
    page.unroute("**/v1/**")
    enter(page, keys["admin"])
    expect(page.get_by_role("heading", name="Indexes", level=1)).to_be_visible()


@pytest.mark.slow
def test_an_address_that_leads_nowhere(page: Page, keys: dict[str, str], base_url: str) -> None:
    for address, path in ((keys["address"], "/nowhere"), (base_url, "/nowhere"), (base_url, "/v1/nowhere")):
        answer = page.goto(address + path)
        assert answer is not None
        assert answer.status == 404
    expect(page.get_by_role("heading", name="Not found", level=1)).to_be_visible()
    page.get_by_role("button", name="Go to the overview").click()
    expect(page.get_by_role("heading", name="Overview", level=1)).to_be_visible()
