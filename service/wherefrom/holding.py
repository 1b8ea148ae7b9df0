"""All documents that hold some passages: what a list of documents to remove is made of."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from wherefrom import standing
from wherefrom.corpus import SearchedIndex
from wherefrom.occurrences import live_ranks
from wherefrom.query import Query


@dataclass(frozen=True, slots=True)
class Holding:
    """A document and the passages that it holds.

    Attributes:
        index: name of its index.
        document_id: its id.
        passages: the numbers of the passages, ascending.
    """

    index: str
    document_id: str
    passages: tuple[int, ...]


def documents_holding(
    searched: Sequence[SearchedIndex],
    queries: Mapping[str, Query],
    ranges: Sequence[tuple[int, int]],
    most: int,
) -> tuple[list[Holding], list[int]]:
    """Find every live document that holds at least one of some passages of a text.

    Args:
        searched: the indexes.
        queries: the text as each tokenizer (by hash) sees it.
        ranges: half-open ranges of code points of the text, not empty.
        most: a passage with more occurrences in an index than that is looked up in none of its documents.

    Returns:
        The documents, by index and place in it, and the numbers of the passages that were left out somewhere.
    """
    text = next(iter(queries.values())).text
    texts = [text[start:end] for start, end in ranges]
    holdings: list[Holding] = []
    left_out: set[int] = set()
    for part in searched:
        query = queries[part.tokenizer.hash]
        held: dict[tuple[int, int], list[int]] = {}
        for number, (start, end) in enumerate(ranges):
            edges = np.array([query.edges_of(start, end)], np.int64)
            found = standing.occurrences(part, [texts[number]], query.spelled, edges)
            if found.counts[0] > most:
                left_out.add(number)
                continue
            for place, (segment, rows) in enumerate(zip(part.segments, found.rows, strict=True)):
                single = live_ranks(segment.arrays, rows, most)
                positions = segment.segment.suffixes[single[:, 1]].astype(np.int64) - single[:, 3]
                owners = np.searchsorted(segment.segment.starts, positions.astype(np.uint64), side="right") - 1
                for ordinal in np.unique(owners).tolist():
                    held.setdefault((place, ordinal), []).append(number)
        holdings += [
            Holding(part.name, part.segments[place].segment.record(ordinal).id, tuple(numbers))
            for (place, ordinal), numbers in sorted(held.items())
        ]
    return holdings, sorted(left_out)
