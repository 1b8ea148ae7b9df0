"""What of a text stands in the corpus, before any rule of display: what audits measure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from wherefrom import standing
from wherefrom.corpus import LongestMatches, SearchedIndex
from wherefrom.query import Query
from wherefrom.rarity import Rarity
from wherefrom.sampling import sample
from wherefrom.showing import counts_of
from wherefrom.spans import Ranges


@dataclass(frozen=True, slots=True)
class MatchedDocument:
    """A document in which a passage stands: the name of its index, its id, and its metadata as in the source."""

    index: str
    id: str
    metadata: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class MatchedSpan:
    """A maximal passage that is long enough to be looked up.

    Attributes:
        start, end: half-open range in code points of the text.
        count: live occurrences over all indexes; a lower bound if `count_is_lower_bound`.
        counts: the same by index name.
        log_probability: sum of the natural logarithms of its tokens' shares of the corpus; lower is rarer.
        documents: some of those in which it stands, of different texts.
    """

    start: int
    end: int
    count: int
    count_is_lower_bound: bool
    counts: Mapping[str, int]
    log_probability: float
    documents: tuple[MatchedDocument, ...]


@dataclass(frozen=True, slots=True, eq=False)
class Matches:
    """What of a text stands in the corpus.

    Attributes:
        text: the text, lone surrogates replaced.
        least_characters: the shortest passage that was looked for.
        passages: the maximal verbatim passages of at least so many characters, exact to the character.
        tokens: the longest match at each token, in the indexes that share the first one's tokenizer.
        log_probabilities: float64 (n), natural logarithm of each token's share of the corpus.
        spans: the longer ones of the passages, with counts and documents.
    """

    text: str
    least_characters: int
    passages: Ranges
    tokens: LongestMatches
    log_probabilities: NDArray[np.float64]
    spans: tuple[MatchedSpan, ...]


def spans_of(
    searched: Sequence[SearchedIndex],
    queries: Mapping[str, Query],
    ranges: Ranges,
    rarity: Rarity,
    max_documents: int,
    seed: int,
) -> tuple[MatchedSpan, ...]:
    """Count passages of a text, given as each tokenizer (by hash) sees it, and choose documents for each."""
    if not len(ranges):
        return ()
    text = next(iter(queries.values())).text
    pairs = ranges.pairs()
    places: dict[str, int] = {}
    for number, (start, end) in enumerate(pairs):
        places.setdefault(text[start:end], number)  # equal passages are looked up once
    chosen = [pairs[number] for number in places.values()]
    found = [
        standing.occurrences(
            part,
            list(places),
            queries[part.tokenizer.hash].spelled,
            np.array([queries[part.tokenizer.hash].edges_of(start, end) for start, end in chosen], np.int64),
        )
        for part in searched
    ]
    known = dict(
        zip(
            places,
            zip(counts_of(searched, found), sample(searched, found, max_documents, seed), strict=True),
            strict=True,
        )
    )
    spans = []
    for (start, end), rarity_of_span in zip(pairs, rarity.log_probabilities(ranges).tolist(), strict=True):
        count, documents = known[text[start:end]]
        spans.append(
            MatchedSpan(
                start,
                end,
                count.count,
                count.is_lower_bound,
                count.by_index,
                rarity_of_span,
                tuple(_document(searched[each.index], each.segment, each.ordinal) for each in documents),
            )
        )
    return tuple(spans)


def _document(searched: SearchedIndex, segment: int, ordinal: int) -> MatchedDocument:
    record = searched.segments[segment].segment.record(ordinal)
    return MatchedDocument(searched.name, record.id, record.metadata)
