"""Linear passes over the tokens and suffixes of one segment.

Kernels believe no stored number: every position, ordinal and token is bounded before it is used. Sums of the unsigned
types of the files are taken in int64, since Numba would mix unsigned and signed into floats.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from wherefrom_indexer.kernels import kernel

CHARACTER_STEP = 256


def token_frequencies(
    tokens: NDArray[Any], starts: NDArray[np.uint64], documents: NDArray[np.uint32] | None, vocabulary: int
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Occurrences and documents of each stored token (arrays of vocabulary + 1) over some or all (None) documents."""
    occurrences = np.zeros(vocabulary + 1, np.int64)
    in_documents = np.zeros(vocabulary + 1, np.int64)
    chosen = _read_only(np.empty(0, np.uint32) if documents is None else documents)
    _count_tokens(tokens, starts, chosen, documents is None, occurrences, in_documents)
    return occurrences, in_documents


@kernel
def _count_tokens(
    tokens: NDArray[Any],
    starts: NDArray[np.uint64],
    chosen: NDArray[np.uint32],
    every: bool,
    occurrences: NDArray[np.int64],
    in_documents: NDArray[np.int64],
) -> None:
    n_documents = np.int64(starts.size - 1)
    last = np.full(occurrences.size, -1, np.int64)
    n = n_documents if every else np.int64(chosen.size)
    for i in range(n):
        document = i if every else np.int64(chosen[i])
        if document >= n_documents:
            continue
        first, end = np.int64(starts[document]), np.int64(starts[document + 1])
        if first < 0 or end > tokens.size:
            continue
        for position in range(first, end):
            token = np.int64(tokens[position])
            if token == 0 or token >= occurrences.size:
                continue
            occurrences[token] += 1
            if last[token] != document:
                last[token] = document
                in_documents[token] += 1


def mark_positions(documents: NDArray[np.uint32], starts: NDArray[np.uint64]) -> NDArray[np.uint8]:
    """A bitmap (bit `position % 8` of byte `position // 8`) of the positions of some documents of a segment."""
    marked = np.zeros(int(starts[-1]) // 8 + 1, np.uint8)
    _mark_positions(_read_only(documents), starts, marked)
    return marked


def _read_only(array: NDArray[np.uint32]) -> NDArray[np.uint32]:
    """Arrays of files are read-only; other arrays shown so too need no kernel compiled for them apart."""
    view = array.view()
    view.flags.writeable = False
    return view


@kernel
def _mark_positions(documents: NDArray[np.uint32], starts: NDArray[np.uint64], marked: NDArray[np.uint8]) -> None:
    bits = np.int64(marked.size) * 8
    for document in documents:
        if np.int64(document) + 1 >= starts.size:
            continue
        first, end = np.int64(starts[document]), np.int64(starts[document + 1])
        if first < 0 or end > bits:
            continue
        for position in range(first, end):
            marked[position >> 3] |= np.uint8(1 << (position & 7))


@kernel
def live_ranks(suffixes: NDArray[np.uint32], removed: NDArray[np.uint8], words: NDArray[np.uint64]) -> int:
    """Set the bit of each rank whose suffix does not begin at a removed position.

    Returns how many suffixes point outside of the segment; their bits stay 0.
    """
    outside = 0
    for rank in range(suffixes.size):
        position = np.int64(suffixes[rank])
        if position >> 3 >= removed.size:
            outside += 1
        elif not (removed[position >> 3] >> np.uint8(position & 7)) & 1:
            words[rank >> 6] |= np.uint64(1) << np.uint64(rank & 63)
    return outside


def character_starts(spellings: NDArray[np.uint8], offsets: NDArray[np.int64]) -> NDArray[np.int64]:
    """For each stored token the number of code points that begin in its spelling; 0 for the separator."""
    # UTF-8 continuation bytes are 10xxxxxx: every other byte begins a code point.
    begun = np.concatenate(([0], np.cumsum((spellings & 0xC0) != 0x80)))[offsets]
    return np.concatenate(([0], np.diff(begun)))


@kernel
def sample_characters(tokens: NDArray[Any], begun: NDArray[np.int64], samples: NDArray[np.uint32]) -> np.int64:
    """Fill, for every 256th position, the code points of its document that begin before that position's token.

    `begun` is `character_starts`. Returns the largest number met: the caller refuses what does not fit in 32 bits.
    """
    before = np.int64(0)
    largest = np.int64(0)
    for position in range(tokens.size):
        if position % CHARACTER_STEP == 0:
            samples[position // CHARACTER_STEP] = np.uint32(before & 0xFFFFFFFF)
            largest = max(largest, before)
        token = np.int64(tokens[position])
        before = np.int64(0) if token == 0 else before + (begun[token] if token < begun.size else 0)
    return largest


@kernel
def characters_between(tokens: NDArray[Any], begun: NDArray[np.int64], start: int, end: int) -> np.int64:
    """Code points that begin in the tokens of positions `start` to `end`; unknown tokens have none."""
    total = np.int64(0)
    for position in range(max(start, 0), min(end, tokens.size)):
        token = np.int64(tokens[position])
        if token < begun.size:
            total += begun[token]
    return total
