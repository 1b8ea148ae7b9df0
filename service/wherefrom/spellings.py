"""How tokens are spelled, for kernels: what suffixes spell, and which tokens begin or end with given bytes.

Because token ids follow the byte order of their spellings, all tokens that begin with given bytes are one range of ids,
and so one interval of ranks. `at` is a byte of the searched text, a `fragment` its part that lies in a token begun
before it.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from wherefrom.search import Tokens, token_at
from wherefrom_indexer.kernels import inner_kernel
from wherefrom_indexer.vocabulary import Vocabulary


class SpellingArrays(NamedTuple):
    """What kernels read of a vocabulary; see `wherefrom_indexer.vocabulary.Vocabulary`.

    by_length: int64, new ids, the longest spellings first; by_first_byte: int64 (257), the tokens that begin with byte
    b are by_first_byte[b]:by_first_byte[b + 1]; by_last_byte: the same of places in `by_ending`; characters: int64,
    the code points that begin in each token.
    """

    spellings: NDArray[np.uint8]
    offsets: NDArray[np.int64]
    by_ending: NDArray[np.uint32]
    ending_rank: NDArray[np.uint32]
    by_length: NDArray[np.int64]
    by_first_byte: NDArray[np.int64]
    by_last_byte: NDArray[np.int64]
    characters: NDArray[np.int64]


def spelling_arrays(vocabulary: Vocabulary) -> SpellingArrays:
    """Return what kernels read of a vocabulary."""
    lengths = np.diff(vocabulary.offsets)
    empty = int(np.count_nonzero(lengths == 0))  # these stand first
    first_bytes = vocabulary.spellings[vocabulary.offsets[empty:-1]]
    last_bytes = vocabulary.spellings[vocabulary.offsets[empty + 1 :] - 1]
    begun = np.concatenate(([0], np.cumsum((vocabulary.spellings & 0xC0) != 0x80, dtype=np.int64)))
    arrays = SpellingArrays(
        vocabulary.spellings.view(),
        vocabulary.offsets.view(),
        vocabulary.by_ending.view(),
        vocabulary.ending_rank.view(),
        np.argsort(-lengths, kind="stable").astype(np.int64),
        np.concatenate(([empty], empty + np.cumsum(np.bincount(first_bytes, minlength=256)))).astype(np.int64),
        np.concatenate(([empty], empty + np.cumsum(np.bincount(last_bytes, minlength=256)))).astype(np.int64),
        np.diff(begun[vocabulary.offsets]),
    )
    for array in arrays:  # Numba compiles a kernel again for every mixture of read-only and writable arrays
        array.flags.writeable = False
    return arrays


@inner_kernel
def spelled_until(tokens: Tokens, words: SpellingArrays, position: int, text: NDArray[np.uint8], at: int) -> int:
    """How far into `text` the tokens from `position` on spell text[at:]; they may end inside a token."""
    while at < text.size:
        value = token_at(tokens, position)
        if value == 0 or value >= words.offsets.size:
            break
        byte = words.offsets[value - 1]
        while byte < words.offsets[value] and at < text.size and words.spellings[byte] == text[at]:
            byte += 1
            at += 1
        if byte < words.offsets[value]:
            break
        position += 1
    return at


@inner_kernel
def spelled_since(
    tokens: Tokens, words: SpellingArrays, position: int, text: NDArray[np.uint8], at: int, floor: int
) -> int:
    """From where on the tokens before `position` spell the end of text[floor:at]; they may begin inside a token."""
    while at > floor:
        position -= 1
        value = token_at(tokens, position)
        if value == 0 or value >= words.offsets.size:
            break
        byte = words.offsets[value]
        while byte > words.offsets[value - 1] and at > floor and words.spellings[byte - 1] == text[at - 1]:
            byte -= 1
            at -= 1
        if byte > words.offsets[value - 1]:
            break
    return at


@inner_kernel
def with_next_byte(words: SpellingArrays, low: int, high: int, length: int, byte: int) -> tuple[int, int]:
    """Of the tokens low:high, which share `length` bytes, those whose next byte is `byte`."""
    end = high
    while low < end:
        middle = (low + end) >> 1
        place = words.offsets[middle] + length
        if place >= words.offsets[middle + 1] or words.spellings[place] < byte:
            low = middle + 1
        else:
            end = middle
    first = low
    end = high
    while low < end:
        middle = (low + end) >> 1
        if words.spellings[words.offsets[middle] + length] <= byte:
            low = middle + 1
        else:
            end = middle
    return first, low


@inner_kernel
def with_previous_byte(words: SpellingArrays, low: int, high: int, length: int, byte: int) -> tuple[int, int]:
    """Of the places low:high in `by_ending`, whose tokens share their last `length` bytes, those with `byte` before."""
    end = high
    while low < end:
        middle = (low + end) >> 1
        token = np.int64(words.by_ending[middle])
        place = words.offsets[token + 1] - length - 1
        if place < words.offsets[token] or words.spellings[place] < byte:
            low = middle + 1
        else:
            end = middle
    first = low
    end = high
    while low < end:
        middle = (low + end) >> 1
        token = np.int64(words.by_ending[middle])
        if words.spellings[words.offsets[token + 1] - length - 1] <= byte:
            low = middle + 1
        else:
            end = middle
    return first, low


@inner_kernel
def ending_with(words: SpellingArrays, text: NDArray[np.uint8], start: int, end: int) -> tuple[int, int]:
    """The places in `by_ending` of the tokens that end with text[start:end]; that which is no longer stands first."""
    low, high = words.by_last_byte[text[end - 1]], words.by_last_byte[text[end - 1] + 1]
    place = end - 2
    while place >= start and low < high:
        low, high = with_previous_byte(words, low, high, end - 1 - place, text[place])
        place -= 1
    return low, high
