"""Audits: the list of reports, and one report with its figures, curves, groups, worst cases and its own page."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote

import httpx
import pytest
from audit_report import PAGE, PASSAGE, TEXT, report, written
from interface_pages import AUDIT, open_page
from playwright.sync_api import Page, expect
from running_service import on_a_port

from wherefrom.traces.keys import create_key
from wherefrom.traces.store import TraceStore

HOSTILE = "<img src=x onerror=alert(1)>‮"
SHARE = "Share of characters in long matches"
SHOWN = f"/audits/{quote(AUDIT)}"


@pytest.fixture(scope="module")
def several(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A service with a report of outputs, one of a benchmark, one that is hostile and one that is damaged."""
    folder = tmp_path_factory.mktemp("several")
    written(folder / "audits" / "old", created="2026-01-02", baseline=None, differences=[])
    other = {"overall": None, "baseline": None, "groups": {}, "worst": []}
    written(folder / "audits" / "benchmark", **other | contamination())
    written(folder / "audits" / "extracted", kind="extraction", **other)
    written(folder / "audits" / "asked", **other | extraction())
    worst = [{"id": HOSTILE, "text": HOSTILE, "passages": [{"start": 3, "end": 9_000, "count": 1, "documents": []}]}]
    written(folder / "audits" / HOSTILE.replace("/", ""), page="<script>alert(1)</script>", worst=worst)
    (written(folder / "audits" / "torn") / "report.json").write_text('{"kind"')
    with on_a_port(folder, audits=folder / "audits") as (address, _):
        yield address


def extraction() -> dict[str, Any]:
    """What differs in the report of a model that was asked for its training data."""

    def rate(duplicates: str | None, least: int | None, value: float) -> dict[str, Any]:
        share = {"value": value, "low": value / 2, "high": value, "n": 20}
        return {
            "set": "corpus" if duplicates else "held out",
            "duplicates": duplicates,
            "least_duplicates": least,
            "prefix": 32,
            "sequences": 20,
            "verbatim": share,
            "sampled_verbatim": share,
            "approximate": share,
        }

    return {
        "kind": "extraction",
        "rates": [rate(None, None, 0.0), rate("4–15", 4, 0.25), rate("16 and more", 16, 1.0)],
        "worst": [{"index": "demo", "document": HOSTILE, "duplicates": 4, "prompt": "We the ", "given": HOSTILE}],
    }


def contamination() -> dict[str, Any]:
    """What differs in the report of a benchmark."""
    score = {"value": 0.5, "low": 0.4, "high": 0.6, "n": 8}
    evidence = {"start": 0, "end": 9, "count": 1, "places": [{"index": "demo", "document_id": "d1"}]}
    return {
        "kind": "contamination",
        "counts": {"items": 8, "judged": 8},
        "variants": [
            {
                "name": "window50",
                "rule": "Windows of 50 characters.",
                "items": {"clean": 5, "suspicious": 1, "dirty": 2, "short": 0},
                "scores": {"all": score, "clean": score | {"value": 0.25}},
            }
        ],
        "worst": [{"id": "q7", "line": 7, "texts": {"question": {"text": "Who said it?", "evidence": [evidence]}}}],
        "documents": [{"index": "demo", "file": "demo.ids", "documents": 3}],
    }


@pytest.mark.slow
def test_the_navigation_leads_to_a_report(page: Page, base_url: str) -> None:
    page.goto("/")
    page.get_by_role("navigation", name="Pages").get_by_role("link", name="Audits").click()
    expect(page.get_by_role("heading", level=1, name="Audits")).to_be_visible()
    card = page.get_by_role("region", name=f"Audit {AUDIT}")
    expect(card).to_contain_text("Memorization")
    expect(card).to_contain_text("2026-11-23")
    card.get_by_role("link", name=AUDIT).click()
    expect(page.get_by_role("heading", level=1, name=AUDIT)).to_be_visible()
    expect(page.get_by_role("note")).to_contain_text("never proof of influence")


def test_a_report_says_its_figures_and_how_it_was_made(page: Page, base_url: str) -> None:
    open_page(page, SHOWN)
    about = page.get_by_role("region", name="About the report")
    expect(about).to_contain_text("Shorter than 50 characters2")
    expect(about).to_contain_text("version f00dfeedf00dfeed: 1,000 documents, 120,000 tokens")
    rows = page.get_by_role("region", name="Table of measures").get_by_role("row")
    expect(rows.nth(1)).to_have_text(f"{SHARE}40%35% to 45%10%5% to 15%30%20% to 40%")
    expect(rows.nth(2)).to_have_text("Longest match (characters)328–")  # no interval, no difference
    expect(page.get_by_role("region", name="Personal data and secrets")).to_contain_text(
        "E-mail addresses2 in 1 output"
    )
    expect(page.get_by_role("list", name="Sources by president")).to_contain_text("George Washington")
    made = page.get_by_role("region", name="How it was made")
    expect(made).to_contain_text(report()["command"])
    expect(made).to_contain_text("A match is textual evidence, never proof of influence.")


def test_curves_of_a_group_beside_the_baseline(page: Page, base_url: str) -> None:
    open_page(page, SHOWN)
    novelty = page.get_by_role("region", name="Novelty of n-grams", exact=True)
    expect(novelty.get_by_role("listitem")).to_have_text(["all outputs", "baseline"])
    novelty.get_by_role("button", name="Show as a table").click()
    table = novelty.get_by_role("region", name="Novelty of n-grams: table").get_by_role("row")
    expect(table.nth(0)).to_have_text("Tokens of the n-gramall outputsbaseline")
    expect(table.nth(10)).to_have_text("1060%90%")
    page.get_by_role("combobox", name="Outputs").select_option("model: memorizer")
    expect(page).to_have_url(re.compile("field=model&group=memorizer"))
    expect(table.nth(10)).to_have_text("1030%90%")
    page.reload()
    expect(novelty.get_by_role("listitem")).to_have_text(["memorizer", "baseline"])


@pytest.mark.slow
def test_groups_by_a_measure(page: Page, base_url: str) -> None:
    open_page(page, SHOWN)
    groups = page.get_by_role("region", name="Table of groups by model").get_by_role("row")
    expect(groups).to_have_text(
        [
            f"GroupOutputs{SHARE}",
            "memorizer570%65% to 75%",
            "<b>other</b>510%5% to 15%",
            "Baseline410%5% to 15%",
        ]
    )
    page.get_by_role("combobox", name="Measure").select_option("Longest match (characters)")
    expect(groups.nth(1)).to_have_text("memorizer556")
    groups.nth(2).get_by_role("link", name="<b>other</b>").click()
    expect(page.get_by_role("combobox", name="Outputs")).to_have_value("2")


def test_a_worst_case_leads_to_its_document(page: Page, base_url: str) -> None:
    open_page(page, SHOWN)
    case = page.get_by_role("region", name="Output memorizer-1")
    expect(case.get_by_role("region", name="Text of memorizer-1")).to_have_text(TEXT)
    expect(case.get_by_role("mark")).to_have_text(PASSAGE)
    expect(case.get_by_text("What did he say?")).to_be_hidden()
    case.get_by_text("Prompt").click()
    expect(case.get_by_text("What did he say?")).to_be_visible()
    case.get_by_role("link", name="1790-Washington-1").click()
    expect(page).to_have_url(re.compile("/documents.*id=1790-Washington-1.*highlight="))


@pytest.mark.slow
def test_the_page_of_a_report_opens_and_runs_nothing(page: Page, several: str) -> None:
    open_page(page, f"{several}/audits/old")
    with page.expect_popup() as opened:
        page.get_by_role("link", name="Open the report's page").click()
    expect(opened.value.get_by_text("All of it.")).to_be_visible()
    answer = page.request.get(f"{several}/v1/audits/old/page")
    assert answer.text() == PAGE
    assert "sandbox" in answer.headers["content-security-policy"].split("; ")


@pytest.mark.slow
def test_where_a_key_is_needed_the_page_is_saved(page: Page, tmp_path: Path) -> None:
    written(tmp_path / "audits" / "old")
    with TraceStore.open(tmp_path / "traces") as store:
        key = store.write(lambda connection: create_key(connection, "read", None, "", time.time_ns())).result()[0]
    with on_a_port(tmp_path, require_keys=True, audits=tmp_path / "audits") as (address, _):
        page.goto(f"{address}/audits/old")
        page.get_by_label("API key").fill(key)
        page.keyboard.press("Enter")
        with page.expect_download() as saved:
            page.get_by_role("button", name="Save the report's page").click()
        assert saved.value.suggested_filename == "old.html"
        assert Path(saved.value.path()).read_text() == PAGE


@pytest.mark.slow
def test_other_kinds_and_damaged_reports_are_told(page: Page, several: str) -> None:
    open_page(page, f"{several}/audits")
    cards = page.get_by_role("list", name="Audits").get_by_role("heading", level=2)
    expect(cards).to_have_count(6)
    torn = page.get_by_role("region", name="Audit torn")
    expect(torn.get_by_role("note")).to_contain_text("is not JSON")
    expect(torn.get_by_role("link")).to_have_count(0)
    page.get_by_role("link", name="extracted").click()
    expect(page.get_by_text("The figures stand on the report's page")).to_be_visible()
    expect(page.get_by_role("link", name="Open the report's page")).to_be_visible()


@pytest.mark.slow
def test_verdicts_on_a_benchmark(page: Page, several: str) -> None:
    open_page(page, f"{several}/audits/benchmark")
    expect(page.get_by_role("region", name="About the report")).to_contain_text("Items8")
    verdicts = page.get_by_role("region", name="Verdicts")
    rows = verdicts.get_by_role("row")
    expect(rows.nth(0)).to_have_text("Rulecleansuspiciousdirtyshort" + "Score of allScore of the clean")
    expect(rows.nth(1)).to_have_text("window50Windows of 50 characters.5120" + "0.50.4 to 0.60.250.4 to 0.6")
    expect(verdicts.get_by_role("list", name="Documents that hold items")).to_contain_text("demo.ids")
    item = page.get_by_role("region", name="Item q7 (question)")
    expect(item.get_by_role("mark")).to_have_text("Who said ")
    expect(item.get_by_role("list", name="Passages of q7 (question)")).to_contain_text("1 occurrence in d1")


@pytest.mark.slow
def test_a_hostile_report_is_text(page: Page, several: str) -> None:
    page.on("dialog", lambda dialog: pytest.fail(f"a script ran: {dialog.message}"))
    open_page(page, f"{several}/audits")
    page.get_by_role("link", name=re.compile("onerror")).click()
    case = page.get_by_role("region", name=re.compile("Output <img"))
    expect(case.get_by_role("mark")).to_have_count(1)
    expect(page.locator("img[src=x]")).to_have_count(0)


@pytest.mark.slow
def test_no_baseline_and_no_such_report(page: Page, several: str) -> None:
    open_page(page, f"{several}/audits/old")
    expect(page.get_by_role("region", name="Measures", exact=True)).to_contain_text("There is no baseline.")
    expect(page.get_by_role("columnheader", name="Baseline")).to_have_count(0)
    open_page(page, f"{several}/audits/none")
    expect(page.get_by_text("There is no such audit")).to_be_visible()


@pytest.mark.slow
def test_no_audits(page: Page, tmp_path: Path) -> None:
    with on_a_port(tmp_path) as (address, _):
        page.goto(f"{address}/audits")
        expect(page.get_by_text("There are no audits")).to_be_visible()
        expect(page.get_by_text("--report audits/first")).to_be_visible()


def test_the_service_and_the_interface_say_the_same(base_url: str) -> None:
    assert httpx.get(f"{base_url}/v1/audits/{quote(AUDIT)}").json() == report()


@pytest.mark.slow
def test_what_a_model_gave_back_is_shown_by_duplicates(page: Page, several: str) -> None:
    open_page(page, f"{several}/audits/asked")
    expect(page.get_by_role("heading", name="Extraction against duplicates")).to_be_visible()
    rows = page.get_by_role("region", name="Table of rates").get_by_role("row")
    expect(rows).to_have_count(4)
    expect(rows.filter(has_text="16 and more")).to_contain_text("100%")
    expect(rows.filter(has_text="held out")).to_contain_text("0%")
    given = page.get_by_role("heading", name="Sequences given back").locator("..").get_by_role("listitem")
    expect(given).to_have_count(1)
    expect(given.get_by_role("mark")).to_have_text(HOSTILE)
