from __future__ import annotations

import base64
import hashlib
import json
import re
from html.parser import HTMLParser
from pathlib import Path

import jsonschema
import pytest
from handmade import TEXT, make_provenance
from hypothesis import given
from hypothesis import strategies as st

from wherefrom.highlight import visible
from wherefrom.html import render_fragment, render_page
from wherefrom.provenance import IndexSummary
from wherefrom.terminal import EVIDENCE

HOSTILE = "<script>alert(1)</script> \"'><img src=x onerror=alert(1)> \x1b[31m \x00 \u202eevil &amp; 👩‍👩‍👧 مرحبا"
VOID = {"meta", "rect", "br", "img", "link", "input"}


class Page(HTMLParser):
    """Collects what a page consists of and checks that its elements are closed in order."""

    def __init__(self, source: str) -> None:
        super().__init__(convert_charrefs=True)
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.open: list[str] = []
        self.text_by_class: dict[str, str] = {}
        self._classes: list[str] = []
        self.feed(source)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)
            self._classes.append(dict(attrs).get("class") or "")

    def handle_startendtag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))

    def handle_endtag(self, tag):
        assert self.open.pop() == tag
        self._classes.pop()

    def handle_data(self, data):
        for name in {name for classes in self._classes for name in classes.split()}:
            if "sup" not in self.open:
                self.text_by_class[name] = self.text_by_class.get(name, "") + data

    def ids(self) -> list[str]:
        return [attributes["id"] or "" for _, attributes in self.tags if "id" in attributes]

    def local_links(self) -> set[str]:
        links = [attributes.get("href") or "" for _, attributes in self.tags]
        return {link[1:] for link in links if link.startswith("#")}


def hostile_page() -> str:
    provenance = make_provenance(
        f"before {HOSTILE} after",
        [HOSTILE],
        before=HOSTILE,
        after=HOSTILE,
        document_id=HOSTILE,
        metadata={
            HOSTILE: HOSTILE,
            "url": "https://example.org/?a=1&b='2'",
            "bad": "javascript:alert(1)",
            "n": [HOSTILE],
        },
        indexes=(IndexSummary(HOSTILE, HOSTILE, 1, 1), IndexSummary("two", "v", 1, 1)),
    )
    return render_page([provenance, provenance], HOSTILE, labels=[HOSTILE], introduction=HOSTILE)


def test_the_text_stands_whole_and_in_order():
    assert Page(render_page(make_provenance())).text_by_class["wf-text"] == TEXT


def test_overlapping_spans_are_both_shown():
    page = render_page(make_provenance())
    assert re.search(r'class="wf-m wf-c1 wf-over wf-u0"[^>]*>in December</a><sup class="wf-c0">1</sup>', page)


def test_every_link_inside_leads_somewhere_and_every_id_is_unique():
    page = Page(render_page([make_provenance(), make_provenance(passages=[])]))
    assert len(page.ids()) == len(set(page.ids()))
    assert page.local_links() <= set(page.ids())
    assert {"t0-s1", "t0-s2", "t0-s3", "t0-e1", "t0-e2", "t0-e3"} <= set(page.ids())


def test_nothing_of_a_corpus_becomes_an_element():
    page = Page(hostile_page())
    assert {tag for tag, _ in page.tags}.isdisjoint({"script", "img", "i", "iframe", "object", "form"})
    links = {attributes.get("href") for tag, attributes in page.tags if tag == "a"}
    outside = {link for link in links if link and not link.startswith("#")}
    assert outside == {"https://example.org/?a=1&b='2'"} or outside == set()
    for _, attributes in page.tags:
        assert not any(name.startswith("on") or name == "style" for name in attributes)


def test_control_characters_are_written_out():
    page = hostile_page()
    assert not re.search("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]", page)
    assert "\\x1b[31m" in page
    assert "\\u202eevil" in page


def test_a_lone_surrogate_can_be_written():
    render_page(make_provenance("x \ud800 y", [])).encode("utf-8")


def test_direction_is_isolated():
    page = Page(hostile_page())
    kinds = [attributes for tag, attributes in page.tags if tag in ("blockquote", "h2")]
    assert all(attributes.get("dir") == "auto" for attributes in kinds)
    assert any(tag == "div" and attributes.get("dir") == "auto" for tag, attributes in page.tags)
    assert any(tag == "bdi" for tag, _ in page.tags)


def test_the_policy_allows_the_style_sheet_and_nothing_else():
    page = render_page(make_provenance())
    policy = re.search(r'http-equiv="Content-Security-Policy" content="([^"]*)"', page)
    style = re.search(r"<style>(.*?)</style>", page, re.DOTALL)
    assert policy
    assert style
    digest = base64.b64encode(hashlib.sha256(style[1].encode()).digest()).decode()
    assert policy[1] == f"default-src 'none'; style-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'"
    assert not re.search(r"url\(|@import|<script|<link|src=", page)


def test_it_says_what_a_match_is():
    assert EVIDENCE in render_page(make_provenance())
    assert EVIDENCE in render_fragment(make_provenance())


def test_many_provenances_get_an_overview():
    page = render_page([make_provenance(), make_provenance(passages=[])], "Two", labels=["first"])
    assert '<a href="#t0">first</a>' in page
    assert '<a href="#t1">Text 2</a>' in page
    assert "wf-overview" not in render_page(make_provenance()).split("</style>")[1]


def test_documents_beyond_the_first_are_folded():
    passages = [f"passage number {number}" for number in range(10)]
    page = Page(render_page(make_provenance(". ".join(passages), passages)))
    assert sum(tag == "article" for tag, _ in page.tags) == 10
    assert "4 more documents" in render_page(make_provenance(". ".join(passages), passages))


@given(st.text(max_size=60), st.lists(st.tuples(st.integers(0, 60), st.integers(1, 20)), max_size=5))
def test_any_text_with_any_spans_stands_whole(text, places):
    passages = [text[start : start + length] for start, length in places if start < len(text)]
    shown = Page(render_page(make_provenance(text, passages))).text_by_class.get("wf-text", "")
    assert shown == visible(text) or "\r" in text  # a carriage return before a newline is dropped within a piece only


def test_a_notebook_shows_the_fragment():
    provenance = make_provenance()
    fragment = provenance._repr_html_()
    assert fragment == render_fragment(provenance) == render_fragment(make_provenance())
    assert Page(fragment).text_by_class["wf-text"] == TEXT
    assert set(Page(fragment).local_links()) <= set(Page(fragment).ids())
    assert not set(Page(fragment).ids()) & set(Page(render_fragment(make_provenance("other", []))).ids())


@pytest.mark.parametrize("text", ["", "\ud800", "a"])
def test_texts_without_spans(text):
    Page(render_fragment(make_provenance(text, [])))


def test_the_dict_is_what_the_schema_describes():
    schema = json.loads((Path(__file__).parents[2] / "docs" / "provenance.schema.json").read_text(encoding="utf-8"))
    jsonschema.Draft202012Validator.check_schema(schema)
    jsonschema.validate(make_provenance().to_dict(), schema)
    jsonschema.validate(json.loads(json.dumps(make_provenance(passages=[]).to_dict())), schema)
    wrong = {**make_provenance().to_dict(), "withheld": {"bored": 1}}
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(wrong, schema)
