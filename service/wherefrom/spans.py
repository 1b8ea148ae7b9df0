"""Spans of a text as ranges: boundary rules, maximality, coverage, and the choice of the rarest."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from wherefrom.boundaries import Boundaries


@dataclass(frozen=True, slots=True)
class Ranges:
    """Half-open ranges of code points of one text.

    Attributes:
        starts, ends: int64 (n) each; by start, then by end.
    """

    starts: NDArray[np.int64]
    ends: NDArray[np.int64]

    @classmethod
    def of(cls, starts: NDArray[np.int64], ends: NDArray[np.int64]) -> Ranges:
        """Sort ranges and leave out empty ones."""
        order = np.lexsort((ends, starts))
        order = order[ends[order] > starts[order]]
        return cls(starts[order], ends[order])

    def __len__(self) -> int:
        return len(self.starts)

    @property
    def lengths(self) -> NDArray[np.int64]:
        """Characters of each range."""
        return self.ends - self.starts

    def pairs(self) -> list[tuple[int, int]]:
        """Start and end of each range."""
        return list(zip(self.starts.tolist(), self.ends.tolist(), strict=True))

    def chosen(self, keep: NDArray[np.bool_] | NDArray[np.int64]) -> Ranges:
        """The ranges for which `keep` is true, or whose places it holds."""
        return Ranges(self.starts[keep], self.ends[keep])


def united(parts: list[Ranges]) -> Ranges:
    """All ranges of several lists."""
    if not parts:
        return Ranges(np.empty(0, np.int64), np.empty(0, np.int64))
    return Ranges.of(np.concatenate([part.starts for part in parts]), np.concatenate([part.ends for part in parts]))


def maximal(ranges: Ranges) -> Ranges:
    """The ranges that no other range contains; of equal ones, one."""
    order = np.lexsort((-ranges.ends, ranges.starts))
    starts, ends = ranges.starts[order], ranges.ends[order]
    farthest = np.maximum.accumulate(np.concatenate(([-1], ends)))[:-1]
    keep = ends > farthest
    return Ranges(starts[keep], ends[keep])


def within(ranges: Ranges, boundaries: Boundaries) -> Ranges:
    """The largest part of each range that begins and ends where the boundaries allow it; none: the range is left out.

    The longest passages between boundaries are the so trimmed maximal passages: whatever lies between boundaries and
    occurs is part of a maximal passage, and of what is left of it.
    """
    if not len(boundaries.starts) or not len(boundaries.ends):
        return united([])
    first = np.searchsorted(boundaries.starts, ranges.starts, side="left")
    last = np.searchsorted(boundaries.ends, ranges.ends, side="right") - 1
    keep = (first < len(boundaries.starts)) & (last >= 0)
    return Ranges.of(boundaries.starts[first[keep]], boundaries.ends[last[keep]])


def cut(ranges: Ranges, places: NDArray[np.int64]) -> Ranges:
    """The pieces into which places cut the ranges."""
    if not len(places):
        return ranges
    starts, ends = [], []
    for start, end in zip(ranges.starts.tolist(), ranges.ends.tolist(), strict=True):
        inner = places[(places > start) & (places < end)].tolist()
        starts += [start, *inner]
        ends += [*inner, end]
    return Ranges.of(np.array(starts, np.int64), np.array(ends, np.int64))


def covered(ranges: Ranges) -> int:
    """Characters that lie in at least one range."""
    if not len(ranges):
        return 0
    farthest = np.maximum.accumulate(np.concatenate(([0], ranges.ends)))[:-1]
    return int(np.maximum(0, ranges.ends - np.maximum(ranges.starts, farthest)).sum())


def cap(density: float | None, tokens: int, spans: int) -> int:
    """How many spans of a text of so many tokens are shown: ceil(density x tokens), as published for OLMoTrace."""
    return spans if density is None else min(spans, math.ceil(density * tokens))


def by_rarity(log_probabilities: NDArray[np.float64]) -> NDArray[np.int64]:
    """The places of spans, that of lowest log-probability first; of equally rare ones, the earlier first."""
    return np.argsort(log_probabilities, kind="stable")


def rarest(log_probabilities: NDArray[np.float64], number: int) -> NDArray[np.int64]:
    """The places, ascending, of the `number` rarest spans."""
    return np.sort(by_rarity(log_probabilities)[:number])
