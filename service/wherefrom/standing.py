"""Whether passages stand in documents whose tokens do not spell their text.

A tokenizer that lowers case, or knows no token for a character, gives different texts the same tokens. What is found by
tokens in such a document is believed only where the document's own text holds it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from wherefrom.corpus import SearchedIndex, SearchedSegment
from wherefrom.occurrences import ROWS, Occurrences, joined, live_ranks
from wherefrom.occurrences import occurrences as found_by_tokens
from wherefrom.query import Query, query_of
from wherefrom.spans import Ranges

LOOKED_UP = 1 << 12
"""Occurrences by tokens that are looked at."""

READ = 256
"""Documents of one segment that are read for one passage. What is left unread makes the count a lower bound, which it
is anyway: a passage may also stand where its tokens differ."""


def occurrences(
    searched: SearchedIndex,
    texts: Sequence[str],
    spelled: NDArray[np.uint8],
    edges: NDArray[np.int64],
    room: int = ROWS,
) -> Occurrences:
    """Count the live occurrences of passages in an index, and say where they are.

    Args:
        searched: the index.
        texts: the passages, not empty, without lone surrogates.
        spelled: what the tokens of a text spell, as the index's tokenizer sees it.
        edges: int64 (n, 2), where in `spelled` each passage begins and ends; some tokenizers drop white space, so that
            nothing may be left of it.
        room: how many rows to return at most, for each segment.
    """
    if not searched.holds_stored_texts:
        return found_by_tokens(searched, spelled, edges, room)
    return joined(
        [
            _looked_up(searched, text, spelled[start:end])
            for text, (start, end) in zip(texts, edges.tolist(), strict=True)
        ]
    )


def _looked_up(searched: SearchedIndex, text: str, spelled: NDArray[np.uint8]) -> Occurrences:
    nothing = Occurrences(
        np.zeros(1, np.int64), np.zeros(1, np.bool_), tuple(np.empty((0, 5), np.int64) for _ in searched.segments)
    )
    if not len(spelled):
        return nothing
    found = found_by_tokens(searched, spelled, np.array([[0, len(spelled)]], np.int64))
    count, rows = 0, []
    for part, where in zip(searched.segments, found.rows, strict=True):
        more, believed = _believed(part, where, text)
        count += more
        rows.append(believed)
    return replace(nothing, counts=np.array([count], np.int64), rows=tuple(rows))


def spelled_alone(text: str, searched: SearchedIndex) -> bytes:
    """What the tokens of a text spell that may stand in the middle of another one."""
    data = text.encode("utf-8")
    if not searched.holds_stored_texts:
        return data
    spelled = query_of(text, searched.tokenizer).spelled.tobytes()
    # Some tokenizers spell every word with a space before it.
    if spelled.startswith(b" ") and not data.startswith(b" "):
        spelled = spelled[1:]
    return spelled or data


def standing_parts(searched: Sequence[SearchedIndex], queries: Mapping[str, Query], ranges: Ranges) -> Ranges:
    """The ranges that stand in some document, and of the others the longest parts, cut at tokens, that do."""
    cuts = np.unique(np.concatenate([query.token_characters for query in queries.values()]))
    starts: list[int] = []
    ends: list[int] = []
    for start, end in zip(ranges.starts.tolist(), ranges.ends.tolist(), strict=True):
        inner = cuts[(cuts > start) & (cuts < end)].tolist()
        for first, last in _parts(searched, queries, [start, *inner, end]):
            starts.append(first)
            ends.append(last)
    return Ranges.of(np.array(starts, np.int64), np.array(ends, np.int64))


def standing(searched: Sequence[SearchedIndex], queries: Mapping[str, Query], ranges: Ranges) -> NDArray[np.bool_]:
    """Which of some ranges stand in some document."""
    pairs = zip(ranges.starts.tolist(), ranges.ends.tolist(), strict=True)
    return np.array([_stands(searched, queries, start, end) for start, end in pairs], np.bool_)


def _parts(searched: Sequence[SearchedIndex], queries: Mapping[str, Query], edges: list[int]) -> list[tuple[int, int]]:
    if _stands(searched, queries, edges[0], edges[-1]):
        return [(edges[0], edges[-1])]
    parts = []
    known = 0
    for first in range(len(edges) - 1):
        last = max(known, first)
        while last + 1 < len(edges) and _stands(searched, queries, edges[first], edges[last + 1]):
            last += 1
        if last > max(known, first):
            parts.append((edges[first], edges[last]))
        known = last
    return parts


def _stands(searched: Sequence[SearchedIndex], queries: Mapping[str, Query], start: int, end: int) -> bool:
    for part in searched:
        query = queries[part.tokenizer.hash]
        edges = np.array([query.edges_of(start, end)], np.int64)
        if occurrences(part, [query.text[start:end]], query.spelled, edges, room=0).counts[0]:
            return True
    return False


def _believed(searched: SearchedSegment, rows: NDArray[np.int64], text: str) -> tuple[int, NDArray[np.int64]]:
    """How often a text stands in the documents of its occurrences by tokens, and those that are in such documents."""
    segment = searched.segment
    single = live_ranks(searched.arrays, rows, LOOKED_UP)
    positions = segment.suffixes[single[:, 1]].astype(np.int64) - single[:, 3]
    owners = np.searchsorted(segment.starts, positions.astype(np.uint64), side="right") - 1
    ordinals, by_tokens = np.unique(owners, return_counts=True)
    count = 0
    holding = []
    for ordinal, number in zip(ordinals[:READ].tolist(), by_tokens.tolist(), strict=False):
        times = _times(segment.text(ordinal), text) if segment.has_stored_text(ordinal) else number
        if times:
            count += times
            holding.append(ordinal)
    return count, single[np.isin(owners, holding)]


def _times(text: str, part: str) -> int:
    times, place = 0, text.find(part)
    while place >= 0:
        times += 1
        place = text.find(part, place + 1)
    return times
