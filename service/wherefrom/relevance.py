"""How much a document has to do with a prompt and an output: BM25 over token ids, with corpus-wide frequencies."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from wherefrom.provenance import Relevance
from wherefrom_indexer.index import Index
from wherefrom_indexer.segment import Segment

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
        self._tokens = tokens
        self._weights = rarity * repetitions
        self._own = self.score(query)

    def score(self, passage: NDArray[np.int64]) -> float:
        """The score of a passage, given as new ids."""
        if not len(self._tokens) or not len(passage):
            return 0.0
        present, frequency = np.unique(passage, return_counts=True)
        place = np.minimum(np.searchsorted(self._tokens, present), len(self._tokens) - 1)
        shared = self._tokens[place] == present
        frequency = frequency[shared]
        norm = K1 * (1 - B + B * len(passage) / (2 * PASSAGE_TOKENS))
        return float((self._weights[place[shared]] * frequency * (K1 + 1) / (frequency + norm)).sum())

    def level(self, score: float) -> Relevance:
        """The level of a score, by its share of the query's own."""
        share = score / self._own if self._own else 0.0
        return next((level for least, level in LEVELS if share >= least), Relevance.LOW)


def passage_of(segment: Segment, ordinal: int, positions: list[int]) -> NDArray[np.int64]:
    """The tokens (new ids) of a document within PASSAGE_TOKENS of some positions, each once."""
    start, end = segment.span_of(ordinal)
    parts = []
    done = start
    for position in sorted(positions):
        first = max(done, position - PASSAGE_TOKENS)
        done = max(done, min(end, position + PASSAGE_TOKENS))
        parts.append(segment.tokens[first:done])
    return np.concatenate(parts).astype(np.int64) - 1
