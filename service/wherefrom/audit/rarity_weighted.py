"""Matches weighed by rarity: each token counts for its information under the unigram model of the corpus.

Boilerplate is long and common, telling text may be short and rare: length alone mistakes the one for the other. The
information of a token is -log2(its occurrences / tokens of the corpus) bits, that of a passage the sum over the tokens
that begin in it.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from wherefrom.spans import Ranges


def information(log_probabilities: NDArray[np.float64]) -> NDArray[np.float64]:
    """Bits of each token: float64 (n)."""
    return -log_probabilities / math.log(2)


def rarity_share(
    starts: NDArray[np.int64], bits: NDArray[np.float64], counted: NDArray[np.bool_], passages: Ranges
) -> float | None:
    """The share of a text's information that lies in passages: bits of tokens that begin in one / bits of all.

    Args:
        starts: int64 (n), the code point in which each token begins.
        bits: float64 (n), see `information`.
        counted: bool (n), tokens that count; the others stand in the prompt.
        passages: those that are long enough.

    Returns:
        None for a text without tokens that count, or without information.
    """
    total = math.fsum(bits[counted])
    if total <= 0:
        return None
    place = np.searchsorted(passages.starts, starts, side="right") - 1
    farthest = np.maximum.accumulate(np.concatenate((passages.ends, [0]))[: max(1, len(passages))])
    within = (place >= 0) & (farthest[np.maximum(place, 0)] > starts)
    return math.fsum(bits[within & counted]) / total


def rarest(starts: NDArray[np.int64], bits: NDArray[np.float64], passages: Ranges) -> float:
    """Bits of the passage that has most of them; 0 if there is none."""
    first = np.searchsorted(starts, passages.starts)
    last = np.searchsorted(starts, passages.ends)
    return max((math.fsum(bits[begin:end]) for begin, end in zip(first, last, strict=True)), default=0.0)
