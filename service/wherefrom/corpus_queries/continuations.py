"""Kernels that count what follows phrases in one segment.

Removed documents count for nothing. Words are those of `wherefrom.search`.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from wherefrom.search import SegmentArrays, live_count, narrowed, position_of, token_at
from wherefrom_indexer.kernels import ZERO, kernel


@kernel
def next_counts(segment: SegmentArrays, query: NDArray[np.int64]) -> NDArray[np.int64]:
    """Count what follows the live occurrences of a query.

    Args:
        segment: SegmentArrays.
        query: int64 (n), stored values; none: every token is counted.

    Returns:
        int64 (vocabulary + 1), how often each stored value follows; 0: how often a document ends there. After no query,
        ends are not counted.
    """
    counts = np.zeros(segment.first_token.size - 1, np.int64)
    if query.size == 0:
        for value in range(1, counts.size):
            counts[value] = live_count(segment, segment.first_token[value], segment.first_token[value + 1])
        return counts
    low, high = ZERO, ZERO
    for depth in range(query.size):
        low, high = narrowed(segment, low, high, depth, query[depth], query[depth] + 1)
    while low < high:
        value = token_at(segment.tokens, position_of(segment.tokens, segment.suffixes, low) + query.size)
        if value >= counts.size:  # damage
            break
        _, end = narrowed(segment, low, high, query.size, value, value + 1)
        end = max(end, low + 1)  # out of order only where damaged; it must end
        counts[value] += live_count(segment, low, end)
        low = end
    return counts


@kernel
def growing_counts(segment: SegmentArrays, query: NDArray[np.int64], starts: NDArray[np.int64]) -> NDArray[np.int64]:
    """Count passages of a query and the same without their last tokens.

    Args:
        segment: SegmentArrays.
        query: int64 (n), stored values.
        starts: int64 (n), ascending, starts[i] <= i.

    Returns:
        int64 (n, 2), the live occurrences of query[starts[i]:i], 0 where that is empty, and of query[starts[i]:i + 1].
    """
    counts = np.zeros((starts.size, 2), np.int64)
    low, high = ZERO, ZERO
    for end in range(starts.size):
        start = starts[end]
        if end == 0 or start != starts[end - 1]:
            for place in range(start, end):
                low, high = narrowed(segment, low, high, place - start, query[place], query[place] + 1)
        if start < end:
            counts[end, 0] = live_count(segment, low, high)
        low, high = narrowed(segment, low, high, end - start, query[end], query[end] + 1)
        counts[end, 1] = live_count(segment, low, high)
    return counts
