"""L-uniqueness and the creativity index (Lu et al. 2024, arXiv 2410.04265), in words, verbatim."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from wherefrom.spans import Ranges


def shortest_window(words: NDArray[np.int64], number: int) -> int | None:
    """Characters of the shortest run of so many words: passages must be looked for from there on. None: too few."""
    if len(words) < number:
        return None
    return int((words[number - 1 :, 1] - words[: len(words) - number + 1, 0]).min())


def words_reached(words: NDArray[np.int64], passages: Ranges) -> NDArray[np.int64]:
    """How many whole words from each word on lie in one passage: int64 (words).

    Args:
        words: int64 (words, 2), half-open ranges of code points.
        passages: maximal verbatim passages, each later one ending later.
    """
    if not len(passages) or not len(words):
        return np.zeros(len(words), np.int64)
    place = np.searchsorted(passages.starts, words[:, 0], side="right") - 1
    ends = np.where(place >= 0, passages.ends[np.maximum(place, 0)], 0)
    reached: NDArray[np.int64] = np.searchsorted(words[:, 1], ends, side="right") - np.arange(len(words))
    return np.maximum(reached, 0)


def uniqueness(reached: NDArray[np.int64], counted: NDArray[np.bool_], least: int, most: int) -> list[float | None]:
    """The share of words that lie in no run of at least L words that stands in the corpus, for L = least..most.

    A word lies in a run of at least L such words exactly if it lies in one of L. The share does not fall with L.

    Args:
        reached: int64 (words), see `words_reached`.
        counted: bool (words), words that count; the others stand in the prompt.
        least, most: the first and the last L.

    Returns:
        For each L the share; None for a text of fewer than L words, or without words that count.
    """
    shares: list[float | None] = []
    total = int(counted.sum())
    for length in range(least, most + 1):
        if len(reached) < length or not total:
            shares.append(None)
            continue
        edges = np.zeros(len(reached) + 1, np.int64)
        begins = np.flatnonzero(reached >= length)
        edges[begins] += 1
        edges[begins + length] -= 1  # each begins elsewhere, so each ends elsewhere
        alone = np.cumsum(edges[:-1]) == 0
        shares.append(int((alone & counted).sum()) / total)
    return shares


def creativity_index(shares: list[float | None]) -> float | None:
    """The sum of L-uniqueness over L; None where one of them is."""
    known = [share for share in shares if share is not None]
    return sum(known) if len(known) == len(shares) else None
