"""What follows a phrase in a corpus: the distribution of the next token."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from wherefrom import corpus
from wherefrom.corpus import SearchedIndex
from wherefrom.corpus_queries.continuations import next_counts
from wherefrom.corpus_queries.phrases import spelled
from wherefrom_indexer.tokenization import Tokenizer


@dataclass(frozen=True, slots=True)
class NextToken:
    """A token that follows.

    Attributes:
        id: as the tokenizer numbers it.
        text: what it spells; parts of characters are U+FFFD.
        count: how often it follows.
        probability: count / `NextTokens.prompt_count`.
    """

    id: int
    text: str
    count: int
    probability: float


@dataclass(frozen=True, slots=True)
class NextTokens:
    """What follows a prompt.

    Attributes:
        prompt_tokens: tokens of the prompt.
        suffix_tokens: how many of its last tokens were looked for.
        prompt_count: live occurrences of these; of none, all tokens and all ends of documents.
        end_count: how many of them end a document: no token follows.
        distinct: how many different tokens follow.
        tokens: the most frequent of these, then by id.
    """

    prompt_tokens: int
    suffix_tokens: int
    prompt_count: int
    end_count: int
    distinct: int
    tokens: tuple[NextToken, ...]

    def to_dict(self) -> dict[str, Any]:
        """The same as JSON has it."""
        return asdict(self)


def suffix_starts(searched: Sequence[SearchedIndex], values: NDArray[np.int64]) -> NDArray[np.int64]:
    """Where the longest suffix that occurs begins, before each token of a query and before its end: int64 (n + 1).

    values[starts[i]:i] occurs in a live document and nothing longer that ends there does; i where nothing does.
    """
    lengths, _ = corpus.longest_matches([part for index in searched for part in index.segments], values)
    reaches = np.arange(len(values)) + lengths
    # The reach of a start is at least that of the start before it, so the first that comes so far is the longest.
    return np.searchsorted(reaches, np.arange(len(values) + 1)).astype(np.int64)


def next_tokens(
    searched: Sequence[SearchedIndex],
    tokenizer: Tokenizer,
    values: NDArray[np.int64],
    limit: int,
    longest_suffix: bool,
) -> NextTokens:
    """Count what follows a prompt of stored values in indexes of one tokenizer; see `CorpusQueries.next_tokens`."""
    suffix = values[int(suffix_starts(searched, values)[-1]) :] if longest_suffix and len(values) else values
    vocabulary = tokenizer.vocabulary
    counts = np.zeros(vocabulary.size + 1, np.int64)
    for index in searched:
        for part in index.segments:
            counts += next_counts(part.arrays, suffix)
    if not len(suffix):
        counts[0] = sum(index.index.documents for index in searched)
    total = int(counts.sum())
    following = np.flatnonzero(counts[1:])
    original = vocabulary.original[following].astype(np.int64)
    order = following[np.lexsort((original, -counts[1:][following]))][:limit]
    return NextTokens(
        prompt_tokens=len(values),
        suffix_tokens=len(suffix),
        prompt_count=total,
        end_count=int(counts[0]),
        distinct=len(following),
        tokens=tuple(
            NextToken(
                int(vocabulary.original[token]),
                spelled(np.array([token + 1]), tokenizer),
                int(counts[token + 1]),
                int(counts[token + 1]) / total,
            )
            for token in order.tolist()
        ),
    )
