"""A provenance on a terminal: the text with its spans in colour, then the best documents in context.

Without colour (a pipe, NO_COLOR) spans stand in brackets. Text of a corpus is never parsed as markup and never reaches
the terminal with its control characters.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from rich.console import Console, ConsoleOptions, RenderableType, RenderResult
from rich.style import Style
from rich.text import Text

from wherefrom.highlight import cut, gathered, one_line, plural, visible
from wherefrom.provenance import Document, Provenance, Relevance, Snippet, Withheld

EVIDENCE = "A match is evidence of text, not of influence."

# Dark ink on pastel reads on dark and on light terminals alike. Neighbours in this order differ most.
_PAPERS = ("#ffe55c", "#5fd7ff", "#ff8fb8", "#8be28b", "#ff9e64", "#b9a5ff")
_LEVELS = {Relevance.HIGH: "bold green", Relevance.MEDIUM: "yellow", Relevance.LOW: "bright_black"}
_REASONS = {
    Withheld.TOO_FREQUENT: "too frequent",
    Withheld.TOO_SHORT: "too short",
    Withheld.DENSITY: "beyond the density limit",
    Withheld.NO_LIVE_DOCUMENT: "without a live document",
}
_SUPERSCRIPTS = str.maketrans("0123456789", "⁰¹²³⁴⁵⁶⁷⁸⁹")
_MARGIN = " " * 12
_LONGEST_MATCH_SHOWN = 600


@dataclass(frozen=True, slots=True)
class ProvenanceView:
    """A provenance that rich can print.

    Attributes:
        provenance: what to show.
        documents: how many of its documents, the best first; the number left out is told.
        snippets: how many snippets of each document.
        figures: whether what was withheld and searched is told, too.
    """

    provenance: Provenance
    documents: int = 5
    snippets: int = 3
    figures: bool = True

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        """Yields the text, the documents and the figures."""
        marks = _Marks(has_colour(console), options.ascii_only)
        yield marks.text(self.provenance)
        yield Text()
        for place, document in enumerate(self.provenance.documents[: self.documents], start=1):
            yield self._headline(place, document)
            for line in self._passages(document, marks):
                yield from (Text(_MARGIN).append(row) for row in line.wrap(console, options.max_width - len(_MARGIN)))
            yield Text()
        left = len(self.provenance.documents) - self.documents
        if left > 0:
            yield Text(f"and {plural(left, 'more document')} (--json and --html give all)\n", style="italic")
        yield Text(summary(self.provenance), style="bold")
        if self.figures:
            yield from _figures(self.provenance)

    def _headline(self, place: int, document: Document) -> Text:
        head = Text(f"{place:>2}  ", no_wrap=True, overflow="ellipsis")
        head.append(f"{document.relevance:<6}", style=_LEVELS[document.relevance])
        head.append("  ").append(one_line(document.id, 80), style="bold")
        if len(self.provenance.indexes) > 1:
            head.append(f"  in {one_line(document.index, 40)}")
        if document.duplicates:
            head.append(f"  +{plural(document.duplicates, 'duplicate')}", style="italic")
        if metadata := metadata_line(document.metadata):
            head.append(f"  {metadata}", style="dim")
        return head

    def _passages(self, document: Document, marks: _Marks) -> Iterator[Text]:
        places = gathered(document.snippets)
        for snippet, numbers in places[: self.snippets]:
            yield marks.snippet(snippet, numbers)
        if (left := len(places) - self.snippets) > 0:
            yield Text(f"and {plural(left, 'more passage')} of this document", style="italic")


def has_colour(console: Console) -> bool:
    """True if spans can be marked by colour on `console`."""
    return console.color_system is not None and not console.no_color


def metadata_line(metadata: Mapping[str, Any], *, limit: int = 60) -> str:
    """Returns metadata on one line, values cut at `limit`: `year: 1825 · president: John Quincy Adams`."""
    return " · ".join(f"{one_line(str(key), 40)}: {_value(value, limit)}" for key, value in metadata.items())


def summary(provenance: Provenance) -> str:
    """Returns the coverage and the spans in one sentence."""
    if not provenance.spans:
        found = "no span is shown"
    else:
        longest = max(span.end - span.start for span in provenance.spans)
        found = f"{plural(len(provenance.spans), 'span')} shown, the longest of {plural(longest, 'character')}"
        if provenance.shown_coverage < provenance.coverage:
            found += f", {provenance.shown_coverage:.0%} of the text together"
    return f"{provenance.coverage:.0%} of the text stands verbatim in the data; {found}."


def withheld_line(provenance: Provenance) -> str:
    """Returns how many spans are withheld and why, or an empty string."""
    reasons = [f"{number:,} {_REASONS[reason]}" for reason, number in provenance.withheld.items() if number]
    return f"Withheld spans: {', '.join(reasons)}." if reasons else ""


def highlighted(text: str, passage: str, *, coloured: bool = True) -> tuple[Text, int]:
    """Returns `text` with the occurrences of `passage` marked, and how many are (none that overlaps one before it)."""
    ranges = []
    start = text.find(passage) if passage else -1
    while start >= 0:
        ranges.append((start, start + len(passage)))
        start = text.find(passage, start + len(passage))
    result = Text()
    for piece in cut(text, ranges):
        if coloured or not piece.spans:
            result.append(visible(piece.text), style=_paper(0) if piece.spans else "")
        else:
            result.append(f"[{visible(piece.text)}]")
    return result, len(ranges)


@dataclass(frozen=True, slots=True)
class _Marks:
    """How spans are marked: by colour or by brackets, and by a number that leads to the documents."""

    coloured: bool
    ascii: bool

    def text(self, provenance: Provenance) -> Text:
        result = Text()
        opened = -1
        for piece in cut(provenance.text, [(span.start, span.end) for span in provenance.spans]):
            if not self.coloured and piece.spans:
                result.append("[" * (piece.spans[-1] - opened if piece.spans[-1] > opened else 0))
                opened = max(opened, piece.spans[-1])
            result.append(visible(piece.text), style=self._style(piece.spans))
            for number in piece.ending:
                result.append(self._closing(number))
        return result

    def snippet(self, snippet: Snippet, numbers: tuple[int, ...]) -> Text:
        start, end = snippet.highlight
        before, match, after = snippet.text[:start], snippet.text[start:end], snippet.text[end:]
        result = Text("… " if snippet.start else "")
        result.append(_folded(before))
        result.append("" if self.coloured else "[")
        result.append(one_line(match, _LONGEST_MATCH_SHOWN), style=self._style(numbers[:1]))
        result.append(self._closing(*numbers))
        result.append(_folded(after)).append(" …")
        return result

    def _style(self, spans: tuple[int, ...]) -> Style:
        if not self.coloured or not spans:
            return Style()
        # Where spans overlap, the later one's colour, underlined and bold.
        return _paper(spans[-1]) + Style(underline=len(spans) > 1, bold=len(spans) > 1)

    def _closing(self, *numbers: int) -> Text:
        labels = [str(number + 1) for number in numbers]
        mark = "^" + ",".join(labels) if self.ascii else "·".join(labels).translate(_SUPERSCRIPTS)
        return Text(mark, style="bold") if self.coloured else Text(f"]{mark}")


def _paper(number: int) -> Style:
    return Style(color="#000000", bgcolor=_PAPERS[number % len(_PAPERS)])


def _folded(text: str) -> str:
    """Folds white space for a snippet, keeping a space at either edge that had any."""
    line = " ".join(visible(text).split())
    if not line:
        return " " if text else ""
    return f"{' ' if text[0].isspace() else ''}{line}{' ' if text[-1].isspace() else ''}"


def _value(value: Any, limit: int) -> str:
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, default=str)
    return one_line(text, limit)


def _figures(provenance: Provenance) -> Iterator[RenderableType]:
    if hidden := withheld_line(provenance):
        yield Text(hidden, style="dim")
    searched = ", ".join(
        f"{one_line(index.name, 60)} ({plural(index.documents, 'document')}, {plural(index.tokens, 'token')},"
        f" version {visible(index.version[:12])})"
        for index in provenance.indexes
    )
    yield Text(f"Searched {searched} in {provenance.timing_ms.total:,.1f} ms", style="dim")
    yield Text(EVIDENCE, style="dim italic")
