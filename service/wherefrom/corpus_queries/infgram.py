"""Infinity-gram probabilities: each token given the longest suffix before it that the corpus holds."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from wherefrom.corpus import SearchedIndex
from wherefrom.corpus_queries.continuations import growing_counts
from wherefrom.corpus_queries.next_tokens import suffix_starts
from wherefrom.corpus_queries.phrases import spelled
from wherefrom_indexer.tokenization import Tokenizer


@dataclass(frozen=True, slots=True)
class TokenProbability:
    """The infinity-gram probability of a token.

    With s the longest suffix of what stands before the token t that occurs in the corpus, it is count(s t) / count(s),
    as Liu et al. define it (Infini-gram, arXiv 2401.17377, section 2).

    Attributes:
        id: as the tokenizer numbers it.
        text: what it spells; parts of characters are U+FFFD.
        probability: count / suffix_count, from 0 to 1.
        count: live occurrences of the suffix with the token after it.
        suffix_count: live occurrences of the suffix; of an empty one, all tokens and all ends of documents.
        suffix_tokens: its length in tokens.
    """

    id: int
    text: str
    probability: float
    count: int
    suffix_count: int
    suffix_tokens: int

    @property
    def effective_length(self) -> int:
        """The effective n, as the paper has it: tokens of the suffix and the token itself."""
        return self.suffix_tokens + 1

    def to_dict(self) -> dict[str, Any]:
        """The same as JSON has it, with the effective length."""
        return asdict(self) | {"effective_length": self.effective_length}


def infgram_probabilities(
    searched: Sequence[SearchedIndex], tokenizer: Tokenizer, values: NDArray[np.int64], first: int
) -> tuple[TokenProbability, ...]:
    """Find the probabilities of the tokens from `first` on; see `CorpusQueries.infgram_probabilities`."""
    if not len(values):
        return ()
    starts = suffix_starts(searched, values)[:-1]
    counts = np.zeros((len(values), 2), np.int64)
    everything = 0
    for index in searched:
        everything += index.index.documents + index.index.tokens
        for part in index.segments:
            counts += growing_counts(part.arrays, values, starts)
    counts[starts == np.arange(len(values)), 0] = everything
    original = tokenizer.vocabulary.original[values - 1].tolist()
    return tuple(
        TokenProbability(
            id=original[place],
            text=spelled(values[place : place + 1], tokenizer),
            probability=count / suffix_count if suffix_count else 0.0,
            count=count,
            suffix_count=suffix_count,
            suffix_tokens=place - int(starts[place]),
        )
        for place, (suffix_count, count) in list(enumerate(counts.tolist()))[first:]
    )
