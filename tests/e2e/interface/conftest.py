"""The web interface in a real browser, against a real service over the demo's index and a real trace store.

`page` is a page of the browser (Playwright); addresses in `page.goto` are paths of the service.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from audit_report import written
from interface_pages import AUDIT
from interface_traces import PATIENCE, wait_until_traced
from playwright.sync_api import BrowserContext, Page, expect
from running_service import on_a_port

from wherefrom_indexer import build_index

ROOT = Path(__file__).parents[3]
expect.set_options(timeout=20_000)  # a machine that does other things as well is slow, not wrong
sys.path.append(str(ROOT / "data"))  # what the demo sends is what is shown here


@pytest.fixture(scope="session")
def demo_index(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("interface") / "demo.index"
    build_index([str(ROOT / "data" / "sotu.jsonl")], folder, id_field="id")
    return folder


@pytest.fixture(scope="session")
def audits(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of the reports that the service has."""
    return written(tmp_path_factory.mktemp("audits") / AUDIT).parent


@pytest.fixture(scope="session")
def base_url(demo_index: Path, audits: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a service with the demo's traces in the project `demo`, and the report of an audit.

    Tests may add projects of their own.
    """
    from demo_traces import PROJECT, read_records, request

    samples = ROOT / "data" / "generations.jsonl"
    folder = tmp_path_factory.mktemp("service")
    with on_a_port(folder, indexes={"demo": demo_index}, samples=samples, audits=audits) as (address, _):
        with httpx.Client(base_url=address, timeout=PATIENCE) as client:
            client.post("/v1/traces", json=request(read_records(samples))).raise_for_status()
            wait_until_traced(client, PROJECT)
        yield address


@pytest.fixture
def service(base_url: str) -> Iterator[httpx.Client]:
    """What asks the service beside the browser."""
    with httpx.Client(base_url=base_url, timeout=PATIENCE) as client:
        yield client


@pytest.fixture(autouse=True)
def nothing_is_reported(context: BrowserContext) -> Iterator[None]:
    """No page may break the policy, throw, or ask another host."""
    faults: list[str] = []

    def watch(page: Page) -> None:
        page.on("pageerror", lambda error: faults.append(f"thrown: {error}"))
        page.on("console", lambda said: faults.append(f"console: {said.text}") if is_fault(said) else None)

    context.on("page", watch)
    yield
    assert faults == []


def is_fault(said: Any) -> bool:
    """Whether a line of the console tells of a fault; answers that are errors are what some tests ask for."""
    return said.type == "error" and not said.text.startswith("Failed to load resource")
