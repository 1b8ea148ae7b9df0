"""The page of an audit in a real browser, from a disk: it asks for nothing, runs nothing, fits, and can be read."""

from __future__ import annotations

from pathlib import Path

import browsers
import pytest
from audit_report import group, report
from playwright.sync_api import Browser, Page

from wherefrom.audit.report.audit_page import audit_page

HOSTILE = (
    "</style></title></svg><script>document.title='run'</script><img src='http://example.invalid/x' onerror=alert(1)>"
)
AXE = browsers.UI / "node_modules" / "axe-core" / "axe.min.js"
pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def page_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Of a report with a hostile group, output, prompt, and document."""
    given = report()
    given["groups"] = {HOSTILE: [group(HOSTILE, 3, 0.5), group("x" * 300, 2, 0.1)]}
    case = given["worst"][0] | {"id": HOSTILE, "text": HOSTILE * 20, "prompt": HOSTILE}
    case["passages"][0]["documents"][0] |= {"id": HOSTILE, "metadata": {HOSTILE: HOSTILE}}
    given["worst"] = [case]
    path = tmp_path_factory.mktemp("report") / "index.html"
    path.write_text(audit_page(given)[0], encoding="utf-8")
    return path


def opened(browser: Browser, path: Path, width: int, colours: str) -> tuple[Page, list[str]]:
    page = browser.new_page(viewport={"width": width, "height": 900}, color_scheme=colours)  # type: ignore[arg-type]
    seen: list[str] = []
    page.on("request", lambda request: seen.append(request.url))
    page.on("console", lambda message: seen.append(message.text))
    page.on("dialog", lambda dialog: seen.append(dialog.message))
    page.goto(path.as_uri())
    return page, seen


@pytest.mark.parametrize("colours", ["light", "dark"])
@pytest.mark.parametrize("width", [1280, 390])
def test_the_page_opens_from_a_disk(browser, page_file, width, colours):
    page, seen = opened(browser, page_file, width, colours)
    assert seen == [page_file.as_uri()]
    assert page.title() == "Audit of 12 outputs"
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert page.locator("svg.wf-plot").count() >= 8
    page.evaluate("document.querySelectorAll('details').forEach((each) => (each.open = true))")
    page.evaluate(f"{AXE.read_text(encoding='utf-8')};0")
    found = page.evaluate("axe.run().then((result) => result.violations.map((each) => each.id + each.nodes[0].html))")
    assert found == []
    page.close()


def test_colours_of_plots_follow_the_screen(browser, page_file):
    def colour(colours: str) -> str:
        page, _ = opened(browser, page_file, 1280, colours)
        found: str = page.locator("path.p-line").first.evaluate("(each) => getComputedStyle(each).stroke")
        page.close()
        return found

    assert colour("light") == "rgb(31, 78, 140)"
    assert colour("dark") == "rgb(141, 184, 242)"


def test_the_page_prints(browser, page_file):
    page, _ = opened(browser, page_file, 1280, "dark")
    page.emulate_media(media="print", color_scheme="light")
    assert page.locator(".au-numbers").first.is_hidden()
    assert page.locator(".au-contents").is_hidden()
    assert page.pdf(format="A4").startswith(b"%PDF")
    page.close()
