"""A provenance as HTML: a fragment for notebooks, and one self-contained page to share.

No script, no style attribute, nothing fetched: the page's content security policy allows its own style sheet, by hash,
and nothing else. Every string of a corpus or a model is escaped, its control characters are written out, and its
direction is isolated from the page's.
"""

from __future__ import annotations

import base64
import hashlib
import html
import json
import re
from collections.abc import Mapping, Sequence
from functools import cache
from importlib.resources import files
from typing import Any

from wherefrom.highlight import Piece, cut, gathered, one_line, plural, visible
from wherefrom.provenance import Document, Provenance, Snippet, Span
from wherefrom.terminal import EVIDENCE, summary, withheld_line

_COLOURS = 6
_DOCUMENTS_OPEN = 6
_PASSAGES_OPEN = 8
_WEB_ADDRESS = re.compile(r"https?://[^\s\"'<>]+")


def render_fragment(provenance: Provenance) -> str:
    """Returns the HTML that stands for `provenance` in a notebook."""
    # An id must be unique on the notebook's page and the same at every run: derived from what is shown.
    shown = json.dumps([provenance.text, [index.version for index in provenance.indexes]])
    name = "wf-" + hashlib.blake2b(shown.encode("utf-8"), digest_size=4).hexdigest()
    body = _trace(provenance, name, "")
    return f'<div class="wf wf-fragment"><style>{_style()}</style>{body}<p class="wf-evidence">{EVIDENCE}</p></div>'


def render_page(
    provenances: Provenance | Sequence[Provenance],
    title: str = "Where the words come from",
    *,
    labels: Sequence[str] = (),
    introduction: str = "",
) -> str:
    """Returns one HTML file, to be written as UTF-8, that shows one or many provenances.

    Args:
        provenances: what to show, in this order; an overview precedes more than one.
        title: heading of the page.
        labels: what to call each provenance; missing ones are called `Text 1`, `Text 2`.
        introduction: a paragraph under the title.
    """
    traces = [provenances] if isinstance(provenances, Provenance) else list(provenances)
    names = [*labels, *(f"Text {number + 1}" for number in range(len(labels), len(traces)))]
    policy = f"default-src 'none'; style-src 'sha256-{_digest(_style())}'; base-uri 'none'; form-action 'none'"
    overview = _overview(traces, names) if len(traces) > 1 else ""
    sections = "".join(
        _trace(trace, f"t{number}", names[number] if labels or len(traces) > 1 else "")
        for number, trace in enumerate(traces)
    )
    return (
        '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        f'<meta http-equiv="Content-Security-Policy" content="{policy}">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        '<meta name="referrer" content="no-referrer">\n'
        f"<title>{_text(title)}</title>\n<style>{_style()}</style>\n</head>\n"
        f'<body class="wf wf-page">\n<main class="wf-sheet">\n<header><h1>{_text(title)}</h1>'
        f"{f'<p>{_text(introduction)}</p>' if introduction else ''}"
        f'<p class="wf-evidence">{EVIDENCE}</p></header>\n{overview}{sections}</main>\n</body>\n</html>\n'
    )


def _trace(provenance: Provenance, name: str, label: str) -> str:
    """One provenance; `name` begins the ids of its parts."""
    heading = f'<h2 dir="auto">{_text(label)}</h2>' if label else ""
    return (
        f'<section class="wf-trace" id="{name}">{heading}<p>{_text(summary(provenance))}</p>'
        f'{_strip(provenance)}<div class="wf-columns">'
        f'<div class="wf-reading">{_traced_text(provenance, name)}</div>'
        f"<div>{_documents(provenance, name)}</div></div>{_spans(provenance, name)}{_figures(provenance)}</section>\n"
    )


def _traced_text(provenance: Provenance, name: str) -> str:
    pieces = cut(provenance.text, [(span.start, span.end) for span in provenance.spans])
    opened = -1
    parts = []
    for piece in pieces:
        first = bool(piece.spans) and piece.spans[-1] > opened
        opened = max(opened, *piece.spans, -1)
        parts.append(_piece(piece, provenance.spans, name, first))
    return f'<div class="wf-text" dir="auto">{"".join(parts)}</div>'


def _piece(piece: Piece, spans: Sequence[Span], name: str, first: bool) -> str:
    """A run of the traced text; `first` if its last span begins here, so that links can lead to it."""
    if not piece.spans:
        return _text(piece.text)
    number = piece.spans[-1]
    classes = f"wf-m wf-c{number % _COLOURS}"
    if len(piece.spans) > 1:
        classes += f" wf-over wf-u{piece.spans[-2] % _COLOURS}"
    anchor = f' id="{name}-s{number + 1}"' if first else ""
    target = f' href="#{name}-e{number + 1}"' if spans[number].documents else ""
    run = f'<a class="{classes}"{anchor}{target} title="{_hint(spans[number], number)}">{_text(piece.text)}</a>'
    return run + "".join(f'<sup class="wf-c{ended % _COLOURS}">{ended + 1}</sup>' for ended in piece.ending)


def _hint(span: Span, number: int) -> str:
    length = plural(span.end - span.start, "character")
    return f"Span {number + 1}: {length}, {plural(span.tokens, 'token')}, stands {_times(span)} in the data"


def _times(span: Span) -> str:
    return ("at least " if span.count_is_lower_bound else "") + plural(span.count, "time")


def _documents(provenance: Provenance, name: str) -> str:
    if not provenance.documents:
        return '<h3>Documents</h3><p class="wf-soft">No document to show.</p>'
    several = len(provenance.indexes) > 1
    anchored: set[int] = set()
    cards = [_document(document, name, several, anchored) for document in provenance.documents]
    shown, rest = cards[:_DOCUMENTS_OPEN], cards[_DOCUMENTS_OPEN:]
    more = _folded(rest, "more document")
    heading = plural(len(cards), "document") + (", the most relevant first" if len(cards) > 1 else "")
    return f"<h3>{heading}</h3>{''.join(shown)}{more}"


def _document(document: Document, name: str, several: bool, anchored: set[int]) -> str:
    """A card; the first snippet of each span, over all cards, becomes what the span links to (kept in `anchored`)."""
    snippets = []
    for snippet, numbers in gathered(document.snippets):
        snippets.append(_snippet(snippet, numbers, name, [number for number in numbers if number not in anchored]))
        anchored.update(numbers)
    notes = f' <span class="wf-soft">in <bdi>{_text(document.index)}</bdi></span>' if several else ""
    if document.duplicates:
        notes += f' <span class="wf-soft">and {plural(document.duplicates, "exact duplicate")}</span>'
    return (
        f'<article class="wf-document wf-{document.relevance}"><header>'
        f'<bdi class="wf-id">{_text(document.id)}</bdi><span class="wf-level">{document.relevance} relevance</span>'
        f"{notes}</header>{_metadata(document.metadata)}{''.join(snippets[:_PASSAGES_OPEN])}"
        f"{_folded(snippets[_PASSAGES_OPEN:], 'more passage')}</article>"
    )


def _folded(parts: Sequence[str], what: str) -> str:
    return f"<details><summary>{plural(len(parts), what)}</summary>{''.join(parts)}</details>" if parts else ""


def _metadata(metadata: Mapping[str, Any]) -> str:
    if not metadata:
        return ""
    items = "".join(f"<span><bdi>{_text(str(key))}: {_value(value)}</bdi></span>" for key, value in metadata.items())
    return f'<p class="wf-metadata">{items}</p>'


def _value(value: Any) -> str:
    """A metadata value; only plain web addresses become links."""
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, default=str)
    if _WEB_ADDRESS.fullmatch(text):
        return f'<a href="{_text(text)}" rel="noopener noreferrer nofollow">{_text(text)}</a>'
    return _text(one_line(text, 300))


def _snippet(snippet: Snippet, numbers: Sequence[int], name: str, anchors: Sequence[int]) -> str:
    """A place in a document with the `numbers` of the spans that stand there; those of `anchors` link to it."""
    start, end = snippet.highlight
    before, match, after = snippet.text[:start], snippet.text[start:end], snippet.text[end:]
    places = [f' id="{name}-e{number + 1}"' for number in anchors]
    others = "".join(f"<span{place}></span>" for place in places[1:])
    links = "".join(
        f'<sup class="wf-c{number % _COLOURS}">'
        f'<a href="#{name}-s{number + 1}" title="Back to the text">{number + 1}</a></sup>'
        for number in numbers
    )
    return (
        f'<blockquote class="wf-c{numbers[0] % _COLOURS}" dir="auto"{"".join(places[:1])}'
        f' title="Characters {snippet.start:,} to {snippet.end:,} of the document">{others}'
        f"{'… ' if snippet.start else ''}{_text(before)}<mark>{_text(match)}</mark>{links}{_text(after)} …</blockquote>"
    )


def _spans(provenance: Provenance, name: str) -> str:
    if not provenance.spans:
        return ""
    rows = "".join(
        f'<tr><td class="wf-number"><a href="#{name}-s{number + 1}">{number + 1}</a></td>'
        f'<td dir="auto">{_text(one_line(span.text, 240))}</td><td class="wf-number">{span.end - span.start:,}</td>'
        f'<td class="wf-number">{"≥ " if span.count_is_lower_bound else ""}{span.count:,}</td>'
        f'<td class="wf-number">{span.log_probability:.1f}</td></tr>'
        for number, span in enumerate(provenance.spans)
    )
    return (
        f"<details><summary>Figures of {plural(len(provenance.spans), 'span')}</summary>"
        '<table class="wf-spans"><thead><tr><th></th><th>Passage</th><th class="wf-number">Characters</th>'
        '<th class="wf-number">Count in the data</th><th class="wf-number">Log-probability</th></tr></thead>'
        f"<tbody>{rows}</tbody></table></details>"
    )


def _figures(provenance: Provenance) -> str:
    searched = ", ".join(
        f"<bdi>{_text(index.name)}</bdi> ({plural(index.documents, 'document')}, {plural(index.tokens, 'token')},"
        f" version <bdi>{_text(index.version[:16])}</bdi>)"
        for index in provenance.indexes
    )
    withheld = withheld_line(provenance)
    return (
        f'<p class="wf-soft">{_text(withheld)}{" " if withheld else ""}Searched {searched} with preset'
        f" {_text(provenance.preset)} in {provenance.timing_ms.total:,.1f} ms.</p>"
    )


def _overview(traces: Sequence[Provenance], names: Sequence[str]) -> str:
    rows = "".join(_overview_row(trace, f"t{number}", names[number]) for number, trace in enumerate(traces))
    return (
        '<table class="wf-overview"><thead><tr><th>Text</th><th colspan="2">Coverage</th>'
        '<th class="wf-number">Longest span</th><th class="wf-number">Spans</th>'
        f'<th class="wf-number">Documents</th></tr></thead><tbody>{rows}</tbody></table>\n'
    )


def _overview_row(trace: Provenance, name: str, label: str) -> str:
    return (
        f'<tr><td dir="auto"><a href="#{name}">{_text(label)}</a></td><td class="wf-bar">{_bar(trace.coverage)}</td>'
        f'<td class="wf-number">{trace.coverage:.0%}</td>'
        f'<td class="wf-number">{plural(_longest(trace), "character")}</td>'
        f'<td class="wf-number">{len(trace.spans):,}</td><td class="wf-number">{len(trace.documents):,}</td></tr>'
    )


def _longest(provenance: Provenance) -> int:
    return max((span.end - span.start for span in provenance.spans), default=0)


def _bar(share: float) -> str:
    return (
        '<svg viewBox="0 0 100 6" preserveAspectRatio="none" aria-hidden="true"><rect class="wf-track" width="100"'
        f' height="6" rx="1"/><rect class="wf-c1" width="{100 * share:.2f}" height="6" rx="1"/></svg>'
    )


def _strip(provenance: Provenance) -> str:
    """The whole text as a strip, with the spans where they lie."""
    scale = 1000 / max(len(provenance.text), 1)
    marks = "".join(
        f'<rect class="wf-c{number % _COLOURS}" x="{span.start * scale:.2f}"'
        f' width="{max((span.end - span.start) * scale, 1):.2f}" height="10"/>'
        for number, span in enumerate(provenance.spans)
    )
    return (
        '<svg class="wf-strip" viewBox="0 0 1000 10" preserveAspectRatio="none" role="img"'
        ' aria-label="Where the spans lie in the text"><rect class="wf-track" width="1000" height="10"/>'
        f"{marks}</svg>"
    )


def _text(text: str) -> str:
    return html.escape(visible(text), quote=True)


@cache
def _style() -> str:
    return files("wherefrom").joinpath("provenance.css").read_text(encoding="utf-8")


def _digest(style: str) -> str:
    return base64.b64encode(hashlib.sha256(style.encode("utf-8")).digest()).decode("ascii")
