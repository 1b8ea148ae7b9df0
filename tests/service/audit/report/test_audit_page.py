"""The page of an audit: it runs and fetches nothing, shows text as text, and says what the report says."""

from __future__ import annotations

import base64
import hashlib
import re
from html.parser import HTMLParser
from typing import Any

import pytest
from audit_report import PASSAGE, group, report
from hypothesis import given, settings
from hypothesis import strategies as st

from wherefrom.audit.report.audit_page import audit_page
from wherefrom.audit.report.cases import worst_cases
from wherefrom.audit.report.markup import element, escaped, joined
from wherefrom.audit.report.measure_words import words_of
from wherefrom.audit.report.page import EVIDENCE
from wherefrom.audit.summary import MEASURES
from wherefrom.highlight import visible

HOSTILE = (
    "</style></title><script>alert(1)</script><img src=x onerror=alert(1)> \"'& \x00\x1b[31m\u202e\ud800 javascript:x"
)
TAGS = set(
    re.findall(
        r"\w+",
        "html head meta title style body main header section nav article h1 h2 h3 p ul ol li a div span strong dl dt "
        "dd table thead tbody tr th td figure figcaption details summary svg g path line circle rect text mark sup bdi "
        "code pre",
    )
)


class Page(HTMLParser):
    """What a page consists of; elements must be closed in order."""

    def __init__(self, source: str) -> None:
        super().__init__(convert_charrefs=True)
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.words: list[str] = []
        self._open: list[str] = []
        self.feed(source)
        self.close()
        assert self._open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        if tag != "meta":
            self._open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self._open.pop() == tag

    def handle_data(self, data: str) -> None:
        if "style" not in self._open:
            self.words.append(data)

    @property
    def text(self) -> str:
        return " ".join(" ".join(self.words).split())

    def values(self, name: str) -> list[str]:
        return [attributes[name] or "" for _, attributes in self.tags if name in attributes]


def page_of(**given_parts: Any) -> Page:
    return Page(audit_page(report(**given_parts))[0])


def assert_is_self_contained(page: Page) -> None:
    assert {tag for tag, _ in page.tags} <= TAGS
    names = {name for _, attributes in page.tags for name in attributes}
    assert not {"style", "src", "srcset", "action", "xlink:href"} & names
    assert not any(name.startswith("on") for name in names)
    ids = page.values("id")
    assert len(set(ids)) == len(ids)
    assert {link.removeprefix("#") for link in page.values("href")} <= set(ids)
    assert all(link.startswith("#") for link in page.values("href"))


def hostile(value: Any) -> Any:
    """A report whose every word is hostile."""
    if isinstance(value, dict):
        kept = {"command", "created"}
        return {key: value[key] if key in kept else hostile(value[key]) for key in value}
    if isinstance(value, list):
        return [hostile(each) for each in value]
    return HOSTILE if isinstance(value, str) else value


def test_the_page_is_self_contained_and_always_the_same():
    source, plots = audit_page(report())
    page = Page(source)
    assert_is_self_contained(page)
    assert (source, plots) == audit_page(report())
    assert len({plot.name for plot in plots}) == len(plots)
    (style,) = re.findall("<style>(.*?)</style>", source, re.DOTALL)
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    assert any(f"default-src 'none'; style-src 'sha256-{digest}'" in value for value in page.values("content"))
    assert not re.search(r"url\(|@import|expression", style)


def test_words_of_others_stay_words():
    given_report = hostile(report())
    given_report["groups"] = {HOSTILE: [group(HOSTILE, 3, 0.5)]}
    given_report["differences"] = [{"measure": HOSTILE, "value": 0.1, "low": None, "high": None}]
    given_report["parameters"] = {HOSTILE: HOSTILE, "nested": {HOSTILE: [HOSTILE]}}
    given_report["findings"] = [{"kind": HOSTILE, "count": 1, "outputs": 1}]
    source, _ = audit_page(given_report)
    assert_is_self_contained(Page(source))
    assert "<script" not in source
    assert not set("\x00\x1b\u202e\ud800") & set(source)
    source.encode("utf-8")


def test_the_answer_comes_first():
    text = page_of().text
    assert "On average 40 % of an output stands verbatim in the corpus, in passages of at least 50 characters." in text
    assert "By model: 70 % for memorizer, 10 % for <b>other</b>." in text
    assert "In the baseline of 4 texts it is 10 %." in text
    assert "The difference is 30 percentage points, with a 95 % interval from 20 to 40, which leaves out 0." in text
    assert text.index(EVIDENCE) < text.index("Novel n-grams")


def test_a_baseline_of_one_text_has_no_interval():
    one = group("baseline", 1, 0.1)
    one["measures"]["share"] |= {"low": None, "high": None}
    difference = {"measure": "share", "value": 0.3, "low": None, "high": None}
    text = page_of(baseline=one, differences=[difference]).text
    assert "In the baseline of 1 text it is 10 %." in text
    assert "The difference is 30 percentage points; there are too few texts for an interval." in text


def test_worst_cases_show_passage_documents_and_prompt():
    source, _ = audit_page(report())
    assert f">{PASSAGE}</mark>" in source
    text = Page(source).text
    assert "49 characters, 2 times in the corpus 1790-Washington-1 in demo year: 1790" in text
    assert "Prompt: What did he say?" in text


def test_a_long_output_is_cut_and_says_so():
    case = report()["worst"][0] | {"text": "x" * 50_000, "passages": []}
    source = worst_cases([case])
    assert "The first 20,000 of 50,000 characters." in source
    assert len(source) < 25_000


@pytest.mark.parametrize("part", [key for key in report() if key not in ("overall", "indexes", "created")])
def test_a_part_that_is_missing_is_left_out(part):
    given_report = report()
    del given_report[part]
    assert_is_self_contained(Page(audit_page(given_report)[0]))


def test_outputs_that_cannot_be_measured():
    nothing = group("all", 0, 0.0)
    nothing["measures"] = {"share": {"value": None, "low": None, "high": None, "n": 0}}
    nothing["curves"] = {}
    source, plots = audit_page(report(overall=nothing, baseline=None, differences=[], groups={}, worst=[]))
    assert "No output could be measured." in Page(source).text
    assert plots == []
    short = nothing | {"outputs": 2}
    text = page_of(overall=short, baseline=None, differences=[], groups={}, worst=[]).text
    assert "No output is long enough for passages of 50 characters." in text


def test_counts_of_what_was_left_out_are_told():
    text = page_of(baseline_counts=report()["counts"]).text
    assert "Empty: counted apart, never as zero 1 1" in text
    assert "Shorter than 50 characters: not measured at that length 2 2" in text


def test_every_measure_has_its_meaning():
    assert all(words_of(kind.name).meaning for kind in MEASURES)
    assert words_of("something_new").label == "Something new"


@settings(max_examples=100)
@given(st.text(), st.text())
def test_markup_is_read_back_as_the_text_it_was_made_of(text, value):
    page = Page(element("p", text, title=value))
    assert "".join(page.words) == visible(text).replace("\ufffe", "\ufffd").replace("\uffff", "\ufffd").replace(
        "\r", "\n"
    )
    assert [tag for tag, _ in page.tags] == ["p"]
    assert joined((text, element("p"))) == escaped(text) + "<p></p>"
