"""Phrases of questions to a corpus: text, or token ids as the tokenizer numbers them."""

from __future__ import annotations

import operator
from collections.abc import Sequence
from typing import SupportsIndex, TypeAlias

import numpy as np
from numpy.typing import NDArray

from wherefrom.corpus import SearchedIndex
from wherefrom.query import query_of
from wherefrom_indexer.errors import TokenizerError, UsageError
from wherefrom_indexer.tokenization import Tokenizer, clean_text
from wherefrom_indexer.vocabulary import Vocabulary

Phrase: TypeAlias = str | Sequence[SupportsIndex] | NDArray[np.integer]
"""A text, of which lone surrogates are read as U+FFFD, or original token ids."""


def shared_tokenizer(searched: Sequence[SearchedIndex]) -> Tokenizer:
    """The tokenizer of all of some indexes.

    Raises:
        UsageError: they have several.
    """
    if len({part.tokenizer.hash for part in searched}) > 1:
        raise UsageError("the indexes have several tokenizers, so tokens mean nothing: ask one index at a time")
    return searched[0].tokenizer


def stored_values(phrase: Phrase, tokenizer: Tokenizer) -> NDArray[np.int64]:
    """The tokens of a phrase as segments store them: int64 (n).

    Raises:
        UsageError: the ids are no whole numbers.
        TokenizerError: an id is outside of the vocabulary.
    """
    if isinstance(phrase, str):
        return query_of(clean_text(phrase), tokenizer).values if phrase else np.zeros(0, np.int64)
    return _renumbered(phrase, tokenizer.vocabulary)


def _renumbered(ids: Sequence[SupportsIndex] | NDArray[np.integer], vocabulary: Vocabulary) -> NDArray[np.int64]:
    try:
        whole = [operator.index(each) for each in ids]
    except TypeError as error:
        raise UsageError("token ids must be whole numbers: give a list of them, or a text") from error
    renumbered = vocabulary.renumber(np.array([each if 0 <= each < 1 << 32 else -1 for each in whole], np.int64))
    unknown = np.flatnonzero(renumbered >= vocabulary.size)
    if len(unknown):
        raise TokenizerError(f"token id {whole[unknown[0]]} is outside of the vocabulary of the index")
    return renumbered.astype(np.int64) + 1


def spelled(values: NDArray[np.integer], tokenizer: Tokenizer) -> str:
    """What stored values spell; parts of characters are U+FFFD."""
    return tokenizer.vocabulary.spell_stored(values).decode("utf-8", errors="replace")
