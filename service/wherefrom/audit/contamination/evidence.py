"""What is shown for a verdict: the passages of an item with their counts, their rarity and documents."""

from __future__ import annotations

import math
from bisect import bisect_left, bisect_right
from collections.abc import Iterable
from dataclasses import dataclass

from wherefrom.audit.contamination.examined import Examined, Surroundings
from wherefrom.audit.contamination.variants.verdict import touching
from wherefrom.audit.findings import find_in, masked
from wherefrom.matches import Matches
from wherefrom.tracer import Occurrence, Tracer

MOST_READ = 20_000
"""Characters that are read of a document on each side of a passage."""

ANCHOR = 8
"""Characters of the shortest passage around which documents are read."""

SLACK = 200
"""Characters that are read beyond what the text would need, for what the document has more than the text."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where a passage stands: half-open range of code points of a document, with a little of what is around it.

    What is around it has personal data and secrets masked.
    """

    index: str
    document_id: str
    start: int
    end: int
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class Evidence:
    """A passage of an item's text that stands in the corpus.

    Attributes:
        start, end: half-open range of code points of the text.
        text: the passage, personal data and secrets in it masked.
        count: its live occurrences; a lower bound if `count_is_lower_bound`.
        log_probability: sum of the natural logarithms of its tokens' shares of the corpus; lower is rarer.
        places: some of the documents that hold it.
    """

    start: int
    end: int
    text: str
    count: int
    count_is_lower_bound: bool
    log_probability: float
    places: tuple[Place, ...]


_AROUND = 60
"""Characters that evidence shows on each side."""


def examine(tracer: Tracer, text: str, least_characters: int, anchors: int, documents: int) -> tuple[Examined, Matches]:
    """Find what of a text stands in the corpus, and read around some of its passages.

    Args:
        tracer: what to search.
        text: the text, not empty.
        least_characters: the shortest passage to look for.
        anchors: passages to read around: so many of the longest, and so many of the rarest. A text that stands there
            whole needs none.
        documents: documents to read for each of them.
    """
    matches = tracer.matches(text, least_characters, cite_characters=max(len(text) + 1, 1), max_documents=0)
    passages = tuple(matches.passages.pairs())
    around: list[Surroundings] = []
    if anchors and passages != ((0, len(text)),):
        starts = matches.tokens.starts.tolist()
        long_enough = [passage for passage in passages if passage[1] - passage[0] >= ANCHOR]
        rarest = sorted(long_enough, key=lambda passage: _log_probability(matches, *passage))[:anchors]
        for start, end in sorted({*longest_of(long_enough, anchors), *rarest}):
            around += _surroundings(tracer, text, start, end, starts, documents)
    return Examined(text, passages, tuple(matches.tokens.starts.tolist()), tuple(around)), matches


def evidence_of(
    tracer: Tracer, matches: Matches, ranges: Iterable[tuple[int, int]], most: int, documents: int
) -> tuple[Evidence, ...]:
    """Tell counts, rarity and documents of the longest passages that touch some ranges of a text, by their place."""
    wanted = touching(sorted(ranges))
    ends = [last for _, last in wanted]
    touched = []
    for start, end in matches.passages.pairs():
        place = bisect_right(ends, start)
        if place < len(wanted) and wanted[place][0] < end:
            touched.append((start, end))
    found = []
    hidden = masked(matches.text, find_in(matches.text)) if touched else ""
    for start, end in sorted(longest_of(touched, most)):
        text = matches.text[start:end]
        count = tracer.count(text)
        places = tracer.find(text, limit=documents, context_characters=_AROUND)
        rarity = _log_probability(matches, start, end)
        shown = hidden[start:end]
        found.append(Evidence(start, end, shown, count.count, count.is_lower_bound, rarity, tuple(map(_place, places))))
    return tuple(found)


def longest_of(passages: Iterable[tuple[int, int]], most: int) -> list[tuple[int, int]]:
    """The longest passages, of equally long ones the earlier."""
    return sorted(passages, key=lambda passage: (passage[0] - passage[1], passage[0]))[:most]


def _surroundings(
    tracer: Tracer, text: str, start: int, end: int, token_starts: list[int], documents: int
) -> list[Surroundings]:
    reading = min(MOST_READ, max(start, len(text) - end) + SLACK)
    place = bisect_left(token_starts, start)
    first = token_starts[place] if place < len(token_starts) else start
    around = []
    for found in tracer.find(text[start:end], limit=documents, context_characters=reading):
        begins = found.highlight[0] + first - start  # where the first whole token of the passage begins
        tokens = tuple(begins + place for place in tracer.token_starts(found.context[begins:]))
        around.append(Surroundings(found.index, found.document_id, start, found.context, begins, tokens))
    return around


def _place(found: Occurrence) -> Place:
    start, end = found.highlight
    context = masked(found.context, find_in(found.context))
    return Place(
        found.index,
        found.document_id,
        found.start,
        found.end,
        context[:start][-_AROUND:],
        context[end:][:_AROUND],
    )


def _log_probability(matches: Matches, start: int, end: int) -> float:
    starts = matches.tokens.starts
    return math.fsum(matches.log_probabilities[(starts >= start) & (starts < end)].tolist())
