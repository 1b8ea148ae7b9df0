"""How rare a text's tokens are in the corpus: the rarer a span, the more its match says."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from wherefrom.corpus import SearchedIndex
from wherefrom.query import Query
from wherefrom.spans import Ranges

_UNSEEN = 0.5
"""Occurrences assumed of a token that does not occur: it is rarer than one that occurs once."""


class Rarity:
    """Log-probabilities of spans under the unigram model of the indexes that share one tokenizer.

    Attributes:
        each: float64 (n), the natural logarithm of each token's share of the corpus.
    """

    def __init__(self, searched: Sequence[SearchedIndex], query: Query) -> None:
        """Look up the tokens of a query."""
        ids = query.values - 1
        occurrences = np.sum([part.index.occurrences[ids] for part in searched], axis=0, dtype=np.float64)
        tokens = max(1, sum(part.index.tokens for part in searched))
        self.each: NDArray[np.float64] = np.log(np.maximum(occurrences, _UNSEEN) / tokens)
        self._starts = query.token_characters

    def tokens(self, ranges: Ranges) -> NDArray[np.int64]:
        """The number of tokens that begin in each range."""
        first, last = self._tokens_of(ranges)
        return last - first

    def log_probabilities(self, ranges: Ranges) -> NDArray[np.float64]:
        """The natural logarithms of the tokens' shares of the corpus, summed over those that begin in each range."""
        first, last = self._tokens_of(ranges)
        # Exact sums: passages of the same tokens are equally rare wherever they stand, so ties go to the earlier one.
        sums = [math.fsum(self.each[start:end]) for start, end in zip(first, last, strict=True)]
        return np.array(sums, np.float64)

    def _tokens_of(self, ranges: Ranges) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        return np.searchsorted(self._starts, ranges.starts), np.searchsorted(self._starts, ranges.ends)
