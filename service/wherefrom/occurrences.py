"""The live occurrences of passages in one index, over all its segments."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from wherefrom import passages
from wherefrom.corpus import SearchedIndex
from wherefrom.search import SegmentArrays

ROWS = 1 << 16
"""Rows that say where the passages of one search occur in one segment; occurrences beyond are counted only."""


@dataclass(frozen=True, slots=True, eq=False)
class Occurrences:
    """The live occurrences of several passages in one index.

    Attributes:
        counts: int64 (n), how many.
        exact: bool (n), whether that is exact, else a lower bound.
        rows: for each segment int64 (m, 5): rows of passage, low, high, back, shift, by passage; see `passages`.
    """

    counts: NDArray[np.int64]
    exact: NDArray[np.bool_]
    rows: tuple[NDArray[np.int64], ...]


def occurrences(
    searched: SearchedIndex, text: NDArray[np.uint8], edges: NDArray[np.int64], room: int = ROWS
) -> Occurrences:
    """Count the live occurrences of passages of a text (UTF-8), given by their first and last bytes: int64 (n, 2).

    Occurrences in documents whose tokens do not spell their text are found by what the tokens spell.
    """
    counts = np.zeros(len(edges), np.int64)
    exact = np.full(len(edges), not searched.holds_stored_texts)
    rows = []
    for part in searched.segments:
        found, whole, where = passages.occurrences(part.arrays, searched.spellings, text, edges, room)
        counts += found
        exact &= whole
        rows.append(where)
    return Occurrences(counts, exact, tuple(rows))


def occurrences_of(searched: SearchedIndex, text: bytes, room: int = ROWS) -> Occurrences:
    """The occurrences of one text (UTF-8, not empty)."""
    return occurrences(searched, np.frombuffer(text, np.uint8), np.array([[0, len(text)]], np.int64), room)


def joined(parts: Sequence[Occurrences]) -> Occurrences:
    """What several searches of one index found, their passages numbered on."""
    if len(parts) == 1:
        return parts[0]
    first = 0
    rows: list[list[NDArray[np.int64]]] = [[] for _ in parts[0].rows]
    for part in parts:
        for segment, where in enumerate(part.rows):
            rows[segment].append(where + np.array([first, 0, 0, 0, 0]))
        first += len(part.counts)
    return Occurrences(
        np.concatenate([part.counts for part in parts]),
        np.concatenate([part.exact for part in parts]),
        tuple(np.concatenate(where) for where in rows),
    )


def live_ranks(segment: SegmentArrays, rows: NDArray[np.int64], room: int) -> NDArray[np.int64]:
    """Of rows as `Occurrences` has them, rows of one live rank each: of the first `room` ranks."""
    sizes = rows[:, 2] - rows[:, 1]
    before = np.cumsum(sizes) - sizes
    sizes = np.clip(room - before, 0, sizes)
    single: NDArray[np.int64] = np.repeat(rows, sizes, axis=0)
    single[:, 1] += np.arange(len(single)) - np.repeat(np.cumsum(sizes) - sizes, sizes)
    single[:, 2] = single[:, 1] + 1
    if not segment.live.size:
        return single
    bits = segment.live[single[:, 1] >> 6] >> (single[:, 1] & 63).astype(np.uint64)
    live: NDArray[np.bool_] = (bits & np.uint64(1)).astype(np.bool_)
    return single[live]
