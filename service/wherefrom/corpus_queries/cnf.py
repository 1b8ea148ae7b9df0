"""Conjunctions of clauses, each a choice of phrases, within a window of tokens."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from wherefrom import corpus, search, standing
from wherefrom.corpus import SearchedIndex, SearchedSegment
from wherefrom.corpus_queries.conjunction import Close, ascending, close_together
from wherefrom.occurrences import live_ranks
from wherefrom_indexer.tokenization import clean_text

MOST_POSITIONS = 1 << 24
"""Occurrences that are looked at, shared by all phrases and segments: a few hundred megabytes. With more of a phrase in
a segment than its share, counts are lower bounds."""

MOST_ROWS = 1 << 20
"""Rows that say where a text occurs in one segment."""

Term = str | NDArray[np.int64]
"""A phrase of a clause: a text, or the stored values of its tokens."""


@dataclass(frozen=True, slots=True)
class CnfOccurrence:
    """A place where phrases of all clauses stand close together.

    Attributes:
        index, document_id: where it is.
        start, end: half-open range in code points of the document, from the first phrase to the last.
        passages: for each clause, in their order, the range of one of its phrases in code points of the document.
        context: the passage around it.
        context_start: where the context begins in the document.
    """

    index: str
    document_id: str
    start: int
    end: int
    passages: tuple[tuple[int, int], ...]
    context: str
    context_start: int


@dataclass(frozen=True, slots=True)
class CnfMatches:
    """What is found of a conjunction.

    Attributes:
        count: live occurrences of the counted clause that stand close to a phrase of every other clause.
        count_is_lower_bound: whether there may be more.
        counts: the same by index name.
        counted_clause: the number of the clause that is counted: the one that occurs least, of equals the first.
        clause_counts: live occurrences of each clause, lower bounds where the count is one; places at which several of
            its phrases begin count once.
        documents: how many documents hold them.
        occurrences: of some of these documents, each with the first.
    """

    count: int
    count_is_lower_bound: bool
    counts: dict[str, int]
    counted_clause: int
    clause_counts: tuple[int, ...]
    documents: int
    occurrences: tuple[CnfOccurrence, ...]

    def to_dict(self) -> dict[str, Any]:
        """The same as JSON has it."""
        return asdict(self)


@dataclass(frozen=True, slots=True, eq=False)
class _Clause:
    """Where a clause stands in one segment: int64, ascending positions of tokens; `whole`: whether that is all."""

    positions: NDArray[np.int64]
    whole: bool


def cnf_matches(
    searched: Sequence[SearchedIndex],
    clauses: Sequence[Sequence[Term]],
    window: int,
    limit: int,
    context_characters: int,
) -> CnfMatches:
    """Find a conjunction in indexes; see `CorpusQueries.cnf`."""
    shares = sum(map(len, clauses)) * sum(len(index.segments) for index in searched)
    room = max(1, MOST_POSITIONS // max(1, shares))
    found = [
        [[_clause(index, place, terms, room) for terms in clauses] for place in range(len(index.segments))]
        for index in searched
    ]
    segments = [(index, part) for index in searched for part in index.segments]
    flat = [clause for index in found for clause in index]
    sizes = [sum(len(part[number].positions) for part in flat) for number in range(len(clauses))]
    counted = int(np.argmin(sizes))
    whole = all(clause.whole for part in flat for clause in part)
    counts = dict.fromkeys((index.name for index in searched), 0)
    documents = 0
    shown: list[CnfOccurrence] = []
    for (index, part), stands in zip(segments, flat, strict=True):
        others = [clause.positions for number, clause in enumerate(stands) if number != counted]
        close = close_together(stands[counted].positions, others, part.segment.starts, window)
        counts[index.name] += len(close.anchors)
        owners, first = np.unique(_owners(part, close.anchors), return_index=True)
        documents += len(owners)
        for ordinal, place in zip(owners.tolist(), first.tolist(), strict=True):
            if len(shown) == limit:
                break
            places = _places(stands, counted, close, place)
            shown.append(_occurrence(index, part, ordinal, clauses, places, context_characters))
    return CnfMatches(sum(counts.values()), not whole, counts, counted, tuple(sizes), documents, tuple(shown))


def _clause(index: SearchedIndex, place: int, terms: Sequence[Term], room: int) -> _Clause:
    parts = [_term(index, place, term, room) for term in terms]
    positions = parts[0].positions if len(parts) == 1 else ascending(np.concatenate([part.positions for part in parts]))
    return _Clause(positions, all(part.whole for part in parts))


def _term(index: SearchedIndex, place: int, term: Term, room: int) -> _Clause:
    part = index.segments[place]
    if isinstance(term, str):
        return _text(index, place, term, room)
    low, high = search.interval(part.arrays, term)
    rows = np.array([[0, low, high, 0, 0]], np.int64)
    return _Clause(_positions(part, rows, room), high - low <= room)


def _text(index: SearchedIndex, place: int, text: str, room: int) -> _Clause:
    text = clean_text(text)
    part = index.segments[place]
    alone = corpus.SearchedIndex(index.name, index.index, (part,), index.spellings)
    data = np.frombuffer(standing.spelled_alone(text, alone), np.uint8)
    found = standing.occurrences(alone, [text], data, np.array([[0, len(data)]], np.int64), MOST_ROWS)
    rows = found.rows[0]
    ranks = int(search.live_counts(part.arrays, rows[:, 1].copy(), rows[:, 2].copy()).sum())
    noted = int((rows[:, 2] - rows[:, 1]).sum())  # removed ones among them
    return _Clause(_positions(part, rows, room), bool(found.exact[0]) and ranks >= found.counts[0] and noted <= room)


def _positions(part: SearchedSegment, rows: NDArray[np.int64], room: int) -> NDArray[np.int64]:
    single = live_ranks(part.arrays, rows, room)
    positions: NDArray[np.int64] = part.segment.suffixes[single[:, 1]].astype(np.int64) - single[:, 3]
    return ascending(np.clip(positions, 0, part.segment.n_positions - 1))  # beyond only where damaged


def _owners(part: SearchedSegment, positions: NDArray[np.int64]) -> NDArray[np.int64]:
    owners = np.searchsorted(part.segment.starts, positions.astype(np.uint64), side="right") - 1
    return np.minimum(owners, part.segment.n_documents - 1).astype(np.int64)


def _places(stands: Sequence[_Clause], counted: int, close: Close, place: int) -> list[int]:
    """One position of each clause: of the counted one the anchor, of the others the first in the window."""
    begin = close.windows[place]
    return [
        int(close.anchors[place] if number == counted else clause.positions[np.searchsorted(clause.positions, begin)])
        for number, clause in enumerate(stands)
    ]


def _occurrence(
    index: SearchedIndex,
    part: SearchedSegment,
    ordinal: int,
    clauses: Sequence[Sequence[Term]],
    places: Sequence[int],
    context_characters: int,
) -> CnfOccurrence:
    text = part.segment.text(ordinal)
    passages = tuple(
        _passage(part, ordinal, text, terms, position) for terms, position in zip(clauses, places, strict=True)
    )
    start, end = min(first for first, _ in passages), max(last for _, last in passages)
    begin = max(0, start - context_characters)
    return CnfOccurrence(
        index.name,
        part.segment.record(ordinal).id,
        start,
        end,
        passages,
        text[begin : end + context_characters],
        begin,
    )


def _passage(part: SearchedSegment, ordinal: int, text: str, terms: Sequence[Term], position: int) -> tuple[int, int]:
    """The range of the longest phrase of a clause that begins in a token, in code points of the document."""
    segment = part.segment
    _, separator = segment.span_of(ordinal)
    begin = segment.characters_before(position)
    beyond = segment.characters_before(min(position + 1, separator))
    ranges = [(begin, beyond)]
    for term in terms:
        if isinstance(term, str):
            wanted = clean_text(term)
            place = text.find(wanted, begin, max(beyond, begin + 1) + len(wanted))
            if place >= 0:
                ranges.append((place, place + len(wanted)))
        elif np.array_equal(segment.tokens[position : position + len(term)].astype(np.int64), term):
            ranges.append((begin, segment.characters_before(min(position + len(term), separator))))
    phrases = ranges[1:] or ranges
    return max(phrases, key=lambda found: found[1] - found[0])
