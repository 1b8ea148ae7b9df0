"""n-gram novelty and the longest suffix at each position, both in tokens (Merrill et al. 2024, arXiv 2406.13069)."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray


def novelty(
    length: NDArray[np.int64], inside: NDArray[np.int64], most: int
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Count the n-grams of a text, and those of them that stand nowhere in the corpus, for n = 1..most.

    The n-gram at token i stands in the corpus exactly if the longest match there has at least n tokens. Of one text,
    absent / all does not fall with n. It may fall over several texts: those shorter than n have no n-grams.

    Args:
        length: int64 (tokens), longest match from each token on.
        inside: int64 (tokens), how many tokens from each one on stand in the prompt; n-grams that lie wholly there are
            not counted. Zeros: none are left out.
        most: the largest n.

    Returns:
        int64 (most) each: n-grams that are absent, and all n-grams.
    """
    n = np.arange(1, most + 1)
    everything = np.maximum(0, len(length) - n + 1) - _at_least(inside, most)
    present = _at_least(length, most) - _at_least(np.minimum(length, inside), most)
    return everything - present, everything


def longest_suffixes(length: NDArray[np.int64]) -> NDArray[np.int64]:
    """Find, for each token, how many tokens that end with it stand in the corpus together: int64 (tokens).

    A match that begins later ends no earlier, so the earliest match that reaches a token is the longest suffix there.
    """
    places = np.arange(len(length))
    first = np.searchsorted(np.maximum.accumulate(places + length), places + 1)
    lengths: NDArray[np.int64] = places + 1 - first
    return np.maximum(lengths, 0)


def suffix_histogram(suffixes: NDArray[np.int64], most: int) -> NDArray[np.int64]:
    """How many positions have a longest suffix of 0, 1, ..., most or more tokens: int64 (most + 1)."""
    return np.bincount(np.minimum(suffixes, most), minlength=most + 1).astype(np.int64)


def _at_least(values: NDArray[np.int64], most: int) -> NDArray[np.int64]:
    """How many values are at least 1, 2, ..., most."""
    histogram = np.bincount(np.minimum(values, most), minlength=most + 1)
    return np.cumsum(histogram[::-1])[::-1][1:].astype(np.int64)
