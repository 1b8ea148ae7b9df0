"""How much a document has to do with a prompt and an output: BM25 over token ids, with corpus-wide frequencies."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from wherefrom.provenance import Relevance
from wherefrom.search import Tokens
from wherefrom_indexer.index import Index
from wherefrom_indexer.kernels import ZERO, kernel

K1 = 1.5
B = 0.75

PASSAGE_TOKENS = 256
"""Tokens of a document read on each side of a match. Whole documents would favour long ones: a book has every word."""

LEVELS = ((0.5, Relevance.HIGH), (0.25, Relevance.MEDIUM))
"""Least score for each level, as a share of what prompt and output would score as a passage themselves; below is low.

Measured on the demo: outputs recited from a document 0.51 to 0.70, chance matches of fluent text at most 0.14.
"""


class Bm25:
    """Scores passages of one index against the tokens of a prompt and an output.

    score = sum over the query's tokens t, repetitions included, of idf(t) tf (k1 + 1) / (tf + k1 (1 - b + b l / m)),
    with idf(t) = ln(1 + (N - df + 0.5) / (df + 0.5)) (Robertson and Zaragoza 2009, in Lucene's form, which is never
    negative), k1 = 1.5, b = 0.75, l the tokens of the passage and m = 2 x PASSAGE_TOKENS.
    """

    def __init__(self, index: Index, query: NDArray[np.int64]) -> None:
        """Take the query as new ids."""
        tokens, repetitions = np.unique(query, return_counts=True)
        frequency = index.document_frequency[tokens]
        rarity = np.log1p((max(index.documents, 1) - frequency + 0.5) / (frequency + 0.5))
        self._weights: NDArray[np.float64] = (rarity * repetitions).astype(np.float64)
        self._places = np.zeros(len(index.document_frequency) + 1, np.int32)
        self._places[tokens + 1] = np.arange(1, len(tokens) + 1)
        norm = _norm(len(query))
        self._own = float((self._weights * repetitions * (K1 + 1) / (repetitions + norm)).sum())

    @property
    def own(self) -> float:
        """What the query would score as a passage itself."""
        return self._own

    def scores(self, tokens: Tokens, passages: Sequence[Sequence[tuple[int, int]]]) -> list[float]:
        """The scores of passages of a segment (its stored values), each given as ranges of positions in it."""
        ranges = [(number, first, end) for number, parts in enumerate(passages) for first, end in parts]
        table = np.array(ranges, np.int64).reshape(-1, 3)
        scores: list[float] = _scores(tokens, table, len(passages), self._places, self._weights).tolist()
        return scores

    def level(self, score: float) -> Relevance:
        """The level of a score, by its share of the query's own."""
        share = score / self._own if self._own else 0.0
        return next((level for least, level in LEVELS if share >= least), Relevance.LOW)


def passage_around(start: int, end: int, positions: Sequence[int]) -> list[tuple[int, int]]:
    """The ranges of a document's tokens (start:end) within PASSAGE_TOKENS of some positions, without overlap."""
    ranges: list[tuple[int, int]] = []
    done = start
    for position in sorted(positions):
        first = max(done, position - PASSAGE_TOKENS)
        done = max(done, min(end, position + PASSAGE_TOKENS))
        if first < done:
            ranges.append((first, done))
    return ranges


def _norm(length: float) -> float:
    return K1 * (1 - B + B * length / (2 * PASSAGE_TOKENS))


@kernel
def _scores(
    tokens: Tokens,
    ranges: NDArray[np.int64],
    passages: int,
    places: NDArray[np.int32],
    weights: NDArray[np.float64],
) -> NDArray[np.float64]:
    """Score passages.

    Args:
        tokens: stored values.
        ranges: int64 (m, 3), rows of passage, first position and that behind the last, by passage.
        passages: how many there are.
        places: int32 (vocabulary + 1), by stored value: the place of a query's token in `weights` plus one, else 0.
        weights: float64, of the tokens of the query.

    Returns:
        float64 (passages).
    """
    scores = np.zeros(passages, np.float64)
    frequency = np.zeros(weights.size, np.int64)
    row = ZERO
    for passage in range(passages):
        frequency[:] = 0
        length = ZERO
        while row < ranges.shape[0] and ranges[row, 0] == passage:
            for position in range(ranges[row, 1], ranges[row, 2]):
                value = np.int64(tokens[position])
                if value < places.size and places[value] > 0:
                    frequency[places[value] - 1] += 1
            length += ranges[row, 2] - ranges[row, 1]
            row += 1
        norm = K1 * (1 - B + B * length / (2 * PASSAGE_TOKENS))
        for place in range(weights.size):
            if frequency[place] > 0:
                scores[passage] += weights[place] * frequency[place] * (K1 + 1) / (frequency[place] + norm)
    return scores
