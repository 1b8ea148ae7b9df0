"""The worst cases of an audit: the outputs that hold most of the corpus, each with its passages and their documents."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from wherefrom.audit.report.markup import Markup, element, joined
from wherefrom.audit.report.parts import Passage, document, folded, marked_text
from wherefrom.audit.report.scales import number
from wherefrom.highlight import one_line, plural

_OPEN = 10
_DOCUMENTS = 5
_MOST_PROMPT = 600
_MOST_TEXT = 20_000
"""Characters of an output that are shown: a page stays a page; report.json has all of it."""


def worst_cases(cases: Sequence[Mapping[str, Any]]) -> Markup:
    """Articles, the first of them open and the others folded."""
    articles = [_case(case) for case in cases]
    rest = folded(plural(len(articles) - _OPEN, "more case"), *articles[_OPEN:]) if len(articles) > _OPEN else ""
    return joined((*articles[:_OPEN], rest))


def _case(case: Mapping[str, Any]) -> Markup:
    text = str(case["text"])
    passages = [passage for passage in case["passages"] if passage["start"] < _MOST_TEXT]
    marks = [Passage(each["start"], min(each["end"], _MOST_TEXT), _told(each)) for each in passages]
    prompt = case.get("prompt")
    facts = [f"line {case['line']:,}" if case.get("line") else "", _share(case), _longest(case)]
    cut = len(text) > _MOST_TEXT
    return element(
        "article",
        element("h3", element("bdi", one_line(str(case["id"]), 200))),
        element("p", ", ".join(fact for fact in facts if fact), class_="wf-soft"),
        element("p", f"Prompt: {_shortened(str(prompt))}", class_="au-prompt", dir="auto") if prompt else "",
        element(
            "div",
            marked_text(text[:_MOST_TEXT], marks),
            element("ol", *(element("li", _evidence(each)) for each in passages)) if passages else "",
            class_="au-beside",
        ),
        element("p", f"The first {_MOST_TEXT:,} of {len(text):,} characters.", class_="wf-soft") if cut else "",
        class_="au-case",
    )


def _evidence(passage: Mapping[str, Any]) -> Markup:
    shown = passage["documents"][:_DOCUMENTS]
    more = len(passage["documents"]) - len(shown)
    documents = [element("div", document(each["index"], each["id"], each.get("metadata") or {})) for each in shown]
    return joined(
        (
            _told(passage),
            *documents,
            element("div", f"and {plural(more, 'more document')} in report.json", class_="wf-soft") if more else "",
        )
    )


def _told(passage: Mapping[str, Any]) -> str:
    length = plural(passage["end"] - passage["start"], "character")
    count = passage.get("count")
    bound = "at least " if passage.get("count_is_lower_bound") else ""
    return length if count is None else f"{length}, {bound}{plural(count, 'time')} in the corpus"


def _share(case: Mapping[str, Any]) -> str:
    coverage = case.get("coverage")
    return "" if coverage is None else f"{number(coverage, percent=True)} of its characters in long passages"


def _longest(case: Mapping[str, Any]) -> str:
    longest = case.get("longest")
    return "" if longest is None else f"longest passage {plural(longest, 'character')}"


def _shortened(prompt: str) -> str:
    return one_line(prompt, _MOST_PROMPT)
