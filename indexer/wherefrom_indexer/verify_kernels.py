"""Linear checks of what a segment's writer promised. Every stored number is bounded before it is used."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from wherefrom_indexer.kernels import kernel

_NO_RANK = np.uint32(0xFFFFFFFF)


@kernel
def documents_are_consistent(tokens: NDArray[Any], starts: NDArray[np.uint64], vocabulary: int) -> bool:
    """Whether each document begins where the one before ended, ends with its only separator, and holds known tokens."""
    position = np.int64(0)
    for document in range(starts.size - 1):
        end = np.int64(starts[document + 1])
        if np.int64(starts[document]) != position or end <= position or end > tokens.size:
            return False
        while position < end - 1:
            token = np.int64(tokens[position])
            if token == 0 or token > vocabulary:
                return False
            position += 1
        if tokens[position] != 0:
            return False
        position += 1
    return bool(position == tokens.size)


@kernel
def rank_positions(tokens: NDArray[Any], suffixes: NDArray[np.uint32], ranks: NDArray[np.uint32]) -> bool:
    """Fill each position's place in the order of all suffixes; false where `suffixes` is no permutation of the tokens'.

    Separators come before all tokens, in the order of their positions.
    """
    ranks[:] = _NO_RANK
    separators = 0
    for position in range(tokens.size):
        if tokens[position] == 0:
            ranks[position] = separators
            separators += 1
    if separators + suffixes.size != tokens.size:
        return False
    for rank in range(suffixes.size):
        token_position = np.int64(suffixes[rank])
        if token_position >= tokens.size or ranks[token_position] != _NO_RANK:
            return False
        ranks[token_position] = separators + rank
    return True


@kernel
def first_disorder(tokens: NDArray[Any], suffixes: NDArray[np.uint32], ranks: NDArray[np.uint32]) -> int:
    """The first rank whose suffix is not greater than the one before, or -1; needs `rank_positions`.

    Two suffixes compare as their first tokens, then as the suffixes that follow, whose order the ranks tell: an array
    that is a permutation and in order by this rule is the suffix array.
    """
    for rank in range(1, suffixes.size):
        before, position = np.int64(suffixes[rank - 1]), np.int64(suffixes[rank])
        if tokens[before] > tokens[position] or (
            tokens[before] == tokens[position] and ranks[before + 1] >= ranks[position + 1]
        ):
            return rank
    return -1
