"""Where phrases of several clauses stand close together in one segment."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, slots=True, eq=False)
class Close:
    """Occurrences of the anchor, the clause that is counted, that stand close to all other clauses.

    Attributes:
        anchors: int64 (m), ascending, their positions.
        windows: int64 (m), where a window begins that holds the anchor and a phrase of every other clause: at one of
            these phrases, at or before the anchor.
    """

    anchors: NDArray[np.int64]
    windows: NDArray[np.int64]


def close_together(
    anchor: NDArray[np.int64],
    others: Sequence[NDArray[np.int64]],
    starts: NDArray[np.uint64],
    window: int,
) -> Close:
    """Find the anchors for which phrases of all clauses begin within a window, in one document.

    Args:
        anchor: int64, ascending, positions at which the clause that is counted stands.
        others: the same of all other clauses.
        starts: uint64 (documents + 1), first position of each document.
        window: tokens between the first and the last beginning, at most.
    """
    if not others:
        return Close(anchor, anchor)
    # A window that holds one of each can be moved on until it begins with one of them.
    firsts = ascending(np.concatenate([anchor, *others]))
    lasts = firsts.copy()
    for clause in others:
        following = np.searchsorted(clause, firsts)
        known = np.append(clause, np.iinfo(np.int64).max)
        lasts = np.maximum(lasts, known[following])
    ends = starts[1:].astype(np.int64)  # beyond each document's separator
    beyond = ends[np.minimum(np.searchsorted(ends, firsts, side="right"), len(ends) - 1)]
    good = firsts[(lasts - firsts <= window) & (lasts < beyond)]
    # Of the windows that begin at or before an anchor, the last reaches farthest beyond it.
    before = np.searchsorted(good, anchor, side="right") - 1
    begins = np.append(good, -1)[before]  # -1, the last, where there is none
    begun = starts[np.searchsorted(starts, anchor.astype(np.uint64), side="right") - 1].astype(np.int64)
    held = (before >= 0) & (anchor - begins <= window) & (begins >= begun)
    return Close(anchor[held], begins[held])


def ascending(positions: NDArray[np.int64]) -> NDArray[np.int64]:
    """Positions in order, each once. By sorting: numpy's own `unique` hashes them, which takes thirty times as long."""
    ordered = np.sort(positions)
    return ordered[np.append(True, ordered[1:] != ordered[:-1])] if len(ordered) else ordered
