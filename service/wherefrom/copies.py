"""How many live documents have the text of another."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

from wherefrom_indexer.kernels import ZERO, kernel
from wherefrom_indexer.segment import Segment

_NOTHING = np.empty(0, np.uint32)
_NOTHING.flags.writeable = False


def live_copies(segments: Iterable[Segment], digests: NDArray[np.uint64]) -> NDArray[np.int64]:
    """Count the live documents of some segments whose content has each of some hashes: uint64 (n, 2), as `hashes`."""
    counts = np.zeros(len(digests), np.int64)
    for segment in segments:
        removed = _NOTHING.view() if segment.removal is None else segment.removal.documents
        counts += _live_copies(segment.hash_order, segment.hashes, removed, digests)
    return counts


@kernel
def _live_copies(
    order: NDArray[np.uint32], hashes: NDArray[np.uint64], removed: NDArray[np.uint32], digests: NDArray[np.uint64]
) -> NDArray[np.int64]:
    """Count those among the documents in the order of their hashes; an ordinal that is none ends a search."""
    counts = np.zeros(digests.shape[0], np.int64)
    for number in range(digests.shape[0]):
        first, second = digests[number, 0], digests[number, 1]
        low, high = ZERO, order.size
        while low < high:
            middle = (low + high) >> 1
            ordinal = np.int64(order[middle])
            if ordinal >= hashes.shape[0]:
                break
            if hashes[ordinal, 0] < first or (hashes[ordinal, 0] == first and hashes[ordinal, 1] < second):
                low = middle + 1
            else:
                high = middle
        while low < order.size:
            ordinal = np.int64(order[low])
            if ordinal >= hashes.shape[0] or hashes[ordinal, 0] != first or hashes[ordinal, 1] != second:
                break
            place = np.searchsorted(removed, order[low])
            if place == removed.size or removed[place] != order[low]:
                counts[number] += 1
            low += 1
    return counts
