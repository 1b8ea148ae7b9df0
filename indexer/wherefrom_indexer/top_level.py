"""The top level of a segment: a key of 64 bits for every 64th suffix, so that a search reads few pages of the others.

A key holds the beginning of a suffix in a code that keeps the order of tokens and is as short as their frequencies
allow: 64 bits hold the first 6 tokens of natural text in the mean (4, if each took 16 bits), for whatever vocabulary.
A suffix that is not greater than another has no greater key; equal keys say nothing.

The code of a stored value: write the middle of its range among all positions ordered by value, 2 * smaller + its own
occurrences, as a binary number. The code is its shortest beginning that those of its two neighbours do not share.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from wherefrom_indexer.array_file import write_array
from wherefrom_indexer.files import FileInfo
from wherefrom_indexer.kernels import kernel, prefetch_read

TOP_STEP = 64
"""Suffixes a key. Half of it would save one of about seven tokens read for a position, and take 0.125 bytes a token."""

LEADER_STEP = 64
"""Keys a leader: the leaders of a segment of 10^9 tokens, 2 MB, stay in the processor's cache."""

KEY_BITS = 64
_LENGTH_BITS = 6
_AHEAD = 32  # keys ahead at which tokens are prefetched


def key_count(n_tokens: int) -> int:
    """Keys of a segment with so many tokens."""
    return -(-n_tokens // TOP_STEP)


def leader_count(n_tokens: int) -> int:
    """Keys that are repeated in front of all keys."""
    return -(-key_count(n_tokens) // LEADER_STEP)


def token_codes(frequencies: NDArray[np.uint64], n_positions: int, vocabulary: int) -> NDArray[np.uint64]:
    """The code of each stored value of a segment: `code << 6 | bits of it`; 0 for values that do not occur.

    Args:
        frequencies: rows stored value (ascending) and occurrences, separators left out (as `Segment.frequencies`).
        n_positions: tokens and separators.
        vocabulary: the greatest stored value.

    Returns:
        uint64 (vocabulary + 1).
    """
    stored = np.concatenate([[0], frequencies[0].astype(np.int64)])
    occurrences = frequencies[1].astype(np.int64)
    counts = np.concatenate([[n_positions - occurrences.sum()], occurrences])
    ends = np.cumsum(counts)
    middles = 2 * ends - counts
    bits = (2 * n_positions).bit_length()
    # The highest bit in which neighbours differ: frexp is exact, as middles have at most 33 bits.
    shared = bits - np.frexp((middles[1:] ^ middles[:-1]).astype(np.float64))[1].astype(np.int64)
    lengths = np.maximum(np.append(shared, 0), np.append(0, shared)) + 1
    codes = np.zeros(vocabulary + 1, np.uint64)
    codes[stored] = (middles >> (bits - lengths)) << _LENGTH_BITS | lengths
    return codes


def top_level(tokens: NDArray[Any], suffixes: NDArray[np.uint32], codes: NDArray[np.uint64]) -> NDArray[np.uint64]:
    """Every 64th key of a segment, and then all of them."""
    leaders = leader_count(len(suffixes))
    top = np.empty(leaders + key_count(len(suffixes)), np.uint64)
    _fill_keys(_read_only(tokens), _read_only(suffixes), codes, top[leaders:])
    top[:leaders] = top[leaders::LEADER_STEP]
    return top


def write_top_level(
    path: Path,
    tokens: NDArray[Any],
    suffixes: NDArray[np.uint32],
    frequencies: NDArray[np.uint64],
) -> FileInfo:
    """Write and sync the top level of a segment; takes an eighth of a byte a token."""
    vocabulary = int(frequencies[0, -1]) if frequencies.size else 0
    codes = token_codes(frequencies, len(tokens), vocabulary)
    return write_array(path, top_level(tokens, suffixes, codes), "u8")


def _read_only(array: NDArray[Any]) -> NDArray[Any]:
    """Arrays of files are read-only; other arrays shown so too need no kernel compiled for them apart."""
    view = array.view()
    view.flags.writeable = False
    return view


@kernel
def _fill_keys(
    tokens: NDArray[Any], suffixes: NDArray[np.uint32], codes: NDArray[np.uint64], keys: NDArray[np.uint64]
) -> None:
    for number in range(keys.size):
        ahead = min(number + _AHEAD, keys.size - 1)
        prefetch_read(tokens, np.int64(suffixes[ahead * TOP_STEP]))
        position = np.int64(suffixes[number * TOP_STEP])
        key, room = np.uint64(0), np.int64(KEY_BITS)
        value = np.int64(1)
        while room > 0 and value > 0 and position < tokens.size:  # a separator is the last that counts
            value = np.int64(tokens[position])
            if value >= codes.size:
                break
            code, length = codes[value] >> np.uint64(_LENGTH_BITS), np.int64(codes[value] & np.uint64(63))
            key |= code << np.uint64(room - length) if length <= room else code >> np.uint64(length - room)
            room -= length
            position += 1
            if length == 0:
                break
        keys[number] = key
