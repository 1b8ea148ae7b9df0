"""Projects: listed, opened, kept for a time, traced in their own way, deleted."""

from __future__ import annotations

import httpx
import pytest
from interface_traces import generation, send
from playwright.sync_api import Page, expect

NAME = "projects page"


@pytest.fixture
def project(service: httpx.Client) -> str:
    send(service, "c0" * 16, [generation("c0" * 8, "with great satisfaction the opportunity")], project=NAME)
    return NAME


def settings(page: Page) -> None:
    page.get_by_role("row", name=NAME).get_by_role("button", name=f"Settings of {NAME}").click()


def test_projects_lead_to_their_traces(page: Page, project: str) -> None:
    page.goto("/projects")
    row = page.get_by_role("row", name=project)
    expect(row).to_contain_text("for good")
    row.get_by_role("link", name=project).click()
    page.wait_for_url("**/traces?project=projects+page")
    expect(page.get_by_label("Project", exact=True)).to_have_value(project)


@pytest.mark.slow
def test_there_may_be_more_than_a_page_of_projects(page: Page, service: httpx.Client) -> None:
    for number in range(51):
        service.post("/sessions", json={"name": f"many {number}"}).raise_for_status()
    page.goto("/projects")
    expect(page.get_by_role("row", name="many 50")).to_be_visible()
    expect(page.get_by_role("row", name="demo")).to_have_count(0)
    page.get_by_role("button", name="Show more").click()
    expect(page.get_by_role("row", name="demo")).to_be_visible()
    for number in range(51):
        service.delete(f"/v1/projects/many {number}").raise_for_status()


def test_how_long_traces_are_kept(page: Page, project: str, service: httpx.Client) -> None:
    page.goto("/projects")
    settings(page)
    dialog = page.get_by_role("dialog", name=f"Settings of {project}")
    dialog.get_by_label("Days after their arrival").fill("30")
    dialog.get_by_role("button", name="Keep so long").click()
    expect(dialog.get_by_text("Traces of this project are kept 30 days.")).to_be_visible()
    dialog.get_by_role("button", name="Close").click()
    expect(page.get_by_role("row", name=project)).to_contain_text("30 days")
    assert service.get(f"/v1/projects/{project}").json()["retention_days"] == 30


def test_how_generations_are_traced(page: Page, project: str, service: httpx.Client) -> None:
    page.goto(f"/projects?settings={project}")
    traced = page.get_by_role("dialog").get_by_role("region", name="How generations are traced")
    expect(traced.get_by_role("button", name="Trace so from now on")).to_be_disabled()
    traced.get_by_label("Preset").select_option("olmotrace")
    traced.get_by_role("button", name="Trace so from now on").click()
    expect(traced.get_by_text("Saved, for generations that come from now on.")).to_be_visible()
    stored = service.get(f"/v1/projects/{project}/tracing").json()["stored"]
    assert stored["preset"] == "olmotrace"
    traced.get_by_role("button", name="Trace older generations again").click()
    expect(traced.get_by_text("1 text is traced again.")).to_be_visible()


def test_a_project_is_deleted_by_its_name(page: Page, project: str, service: httpx.Client) -> None:
    page.goto(f"/projects?project={project}")
    settings(page)
    end = page.get_by_role("dialog").get_by_role("region", name="Delete the project")
    end.get_by_label("Name of the project, to confirm").fill("projects")
    expect(end.get_by_role("button", name="Delete the project")).to_be_disabled()
    end.get_by_label("Name of the project, to confirm").fill(project)
    end.get_by_role("button", name="Delete the project").click()
    expect(page.get_by_role("dialog")).to_have_count(0)
    expect(page.get_by_role("row", name="demo")).to_be_visible()
    expect(page.get_by_role("row", name=project)).to_have_count(0)
    expect(page.get_by_label("Project", exact=True)).to_have_value("")
    assert service.get(f"/v1/projects/{project}").status_code == 404


@pytest.mark.slow
def test_a_project_that_is_not_there(page: Page) -> None:
    page.goto("/projects?settings=nowhere")
    expect(page.get_by_role("dialog").get_by_role("alert")).to_contain_text("Not found")
