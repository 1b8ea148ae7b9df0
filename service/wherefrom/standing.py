"""Whether passages stand in documents whose tokens do not spell their text.

A tokenizer that lowers case, or knows no token for a character, gives different texts the same tokens. What is found by
tokens in such a document is believed only where the document's own text holds it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from wherefrom import corpus
from wherefrom.corpus import Occurrences, Places, SearchedIndex, SearchedSegment
from wherefrom.query import Query, query_of
from wherefrom.spans import Ranges

LOOKED_UP = 1 << 12
"""Occurrences by tokens that are looked at, at least."""

READ = 256
"""Documents of one segment that are read for one passage. What is left unread makes the count a lower bound, which it
is anyway: a passage may also stand where its tokens differ."""


def occurrences(searched: SearchedIndex, text: str, spelled: bytes, room: int) -> Occurrences:
    """Count the live occurrences of a text in an index, and locate up to `room` of them.

    Args:
        searched: the index.
        text: not empty, without lone surrogates.
        spelled: what its tokens spell, as the index's tokenizer sees it.
        room: how many to locate.
    """
    if not spelled:  # some tokenizers drop white space
        return Occurrences(0, False, ())
    if not searched.holds_stored_texts:
        return corpus.occurrences(searched, spelled, room)
    found = corpus.occurrences(searched, spelled, max(room, LOOKED_UP))
    count = 0
    places = []
    for part in found.places:
        more, believed = _believed(searched.segments[part.number], part, text)
        count += more
        places.append(believed)
    return Occurrences(count, False, tuple(places))


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
        spelled = query.bytes_of(start, end)
        if occurrences(part, query.text[start:end], spelled, room=0).count:
            return True
    return False


def _believed(searched: SearchedSegment, found: Places, text: str) -> tuple[int, Places]:
    """How often a text stands in the documents of its occurrences by tokens, and those that are in such documents."""
    segment = searched.segment
    owners = np.searchsorted(segment.starts, found.positions.astype(np.uint64), side="right") - 1
    ordinals, by_tokens = np.unique(owners, return_counts=True)
    count = 0
    holding = []
    for ordinal, number in zip(ordinals[:READ].tolist(), by_tokens.tolist(), strict=False):
        times = _times(segment.text(ordinal), text) if segment.has_stored_text(ordinal) else number
        if times:
            count += times
            holding.append(ordinal)
    keep = np.isin(owners, holding)
    return count, replace(found, positions=found.positions[keep], shifts=found.shifts[keep])


def _times(text: str, part: str) -> int:
    times, place = 0, text.find(part)
    while place >= 0:
        times += 1
        place = text.find(part, place + 1)
    return times
