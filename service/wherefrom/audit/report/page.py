"""The page of a report: one HTML file that fetches nothing, runs nothing, opens from a disk and prints."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Sequence
from functools import cache
from importlib.resources import files

from wherefrom.audit.report.markup import Markup, element, escaped, joined
from wherefrom.audit.report.parts import Section

EVIDENCE = "A match is textual evidence, never proof of influence."


def render_page(title: str, sections: Sequence[Section], *, lead: Markup, facts: Sequence[str] = ()) -> str:
    """Returns the whole page, to be written as UTF-8.

    Its content security policy allows its own style sheet, by hash, and nothing else, so parts of it may have neither
    scripts nor style attributes.

    Args:
        title: its heading, and its name in the browser.
        sections: its parts; the contents at its head lead to each.
        lead: what stands between the heading and the contents: the answer in a few sentences, and key figures.
        facts: short facts on one line under the heading: what was looked at, what was searched, the date.
    """
    style = _style()
    digest = base64.b64encode(hashlib.sha256(style.encode("utf-8")).digest()).decode("ascii")
    policy = f"default-src 'none'; style-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'"
    contents = element(
        "nav",
        element("ul", *(element("li", element("a", each.title, href=f"#{each.name}")) for each in sections)),
        class_="au-contents",
        aria_label="Contents",
    )
    header = element(
        "header",
        element("h1", title),
        element("p", _apart(facts), class_="au-facts") if facts else "",
        lead,
        element("p", EVIDENCE, class_="wf-evidence"),
    )
    parts = (
        element("section", element("h2", each.title), each.body, id=each.name, class_="au-section") for each in sections
    )
    main = element("main", header, contents, *parts, class_="wf-sheet au-sheet")
    return (
        '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        f'<meta http-equiv="Content-Security-Policy" content="{policy}">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        '<meta name="referrer" content="no-referrer">\n'
        f"<title>{escaped(title)}</title>\n<style>{style}</style>\n</head>\n"
        f'<body class="wf wf-page">\n{main}\n</body>\n</html>\n'
    )


def _apart(facts: Sequence[str]) -> Markup:
    return joined(element("span", fact, dir="auto") for fact in facts)


@cache
def _style() -> str:
    shared = files("wherefrom").joinpath("provenance.css").read_text(encoding="utf-8")
    return shared + files("wherefrom.audit.report").joinpath("page.css").read_text(encoding="utf-8")
