"""The choice of documents for passages, where they stand in more than are shown."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from wherefrom.corpus import SearchedIndex
from wherefrom.occurrences import Occurrences
from wherefrom.search import SegmentArrays, is_live, position_of
from wherefrom_indexer.kernels import ZERO, inner_kernel, kernel

MOST_READ = 1 << 14
"""Occurrences of one passage that are read to choose its documents: all, or one of every few in suffix order."""

_MULTIPLIER = 0x9E3779B97F4A7C15
_WORD = (1 << 64) - 1


@dataclass(frozen=True, slots=True)
class Sampled:
    """A document that was chosen for a passage, with the first occurrence read of the passage in it.

    Attributes:
        index: place of its index among those that are searched.
        segment, ordinal: where in the index it is.
        digest: the hash of its content, as a number.
        position, shift: the token in which the occurrence begins, and the byte of it.
    """

    index: int
    segment: int
    ordinal: int
    digest: int
    position: int
    shift: int


def sample(
    searched: Sequence[SearchedIndex], found: Sequence[Occurrences], size: int, seed: int
) -> list[list[Sampled]]:
    """Choose up to `size` documents for each passage among those that hold its occurrences found in each index.

    Documents with equal text in one index count as one, the first of them. The choice is uniform without replacement:
    the documents whose content hash, mixed with the seed, is smallest. So it does not depend on how the corpus is cut
    into segments, and passages prefer the same documents. For a passage with more than `MOST_READ` occurrences, it is
    a choice among the documents of as many, which favours those in which it stands often.
    """
    passages = len(found[0].counts) if found else 0
    total = np.sum([part.counts for part in found], axis=0, dtype=np.int64) if found else np.zeros(0, np.int64)
    strides = np.maximum(1, -(-total // MOST_READ))
    candidates: list[list[tuple[int, ...]]] = [[] for _ in range(passages)]
    added = np.uint64(seed * _MULTIPLIER & _WORD)
    most = min(size, int(total.max(initial=0)), MOST_READ)
    for place, (index, occurrences) in enumerate(zip(searched, found, strict=True)):
        for number, rows in enumerate(occurrences.rows):
            if not len(rows) or not most:
                continue
            segment = index.segments[number]
            sizes, keys, where = _nearest(
                segment.arrays, segment.segment.starts, segment.segment.hashes, rows, strides, most, added
            )
            for passage, kept in enumerate(sizes.tolist()):
                for (priority, low, high), (ordinal, position, shift) in zip(
                    keys[passage, :kept].tolist(), where[passage, :kept].tolist(), strict=True
                ):
                    digest = low | high << 64
                    candidates[passage].append((priority, place, number, ordinal, digest, position, shift))
    return [_first_of_each_content(sorted(part), size) for part in candidates]


def _first_of_each_content(candidates: Sequence[tuple[int, ...]], size: int) -> list[Sampled]:
    chosen: dict[tuple[int, int], Sampled] = {}
    for _, index, segment, ordinal, digest, position, shift in candidates:
        if len(chosen) == size:
            break
        chosen.setdefault((index, digest), Sampled(index, segment, ordinal, digest, position, shift))
    return list(chosen.values())


@inner_kernel
def _priority(word: np.uint64, added: np.uint64) -> np.uint64:
    """The finaliser of SplitMix64 (Steele et al. 2014): a bijection that leaves no trace of the order of its input."""
    value = word + added
    value = (value ^ (value >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    value = (value ^ (value >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return value ^ (value >> np.uint64(31))


@inner_kernel
def _jitter(block: int, stride: int, added: np.uint64) -> int:
    """Which of the occurrences of a block is read. Not always the same: copies make suffix order periodic."""
    if stride == 1:
        return 0
    return np.int64(_priority(np.uint64(block), added) >> np.uint64(33)) % stride  # type: ignore[return-value]


@inner_kernel
def _owner(starts: NDArray[np.uint64], position: int) -> int:
    """The document that a position belongs to; -1 where the table of starts is out of order."""
    low, high = 0, starts.size - 1
    while low + 1 < high:
        middle = (low + high) >> 1
        if np.int64(starts[middle]) <= position:
            low = middle
        else:
            high = middle
    if 0 <= np.int64(starts[low]) <= position < np.int64(starts[low + 1]):
        return low
    return -1


@inner_kernel
def _keep(
    keys: NDArray[np.uint64],
    where: NDArray[np.int64],
    kept: int,
    key: tuple[np.uint64, np.uint64, np.uint64],
    found: tuple[int, int, int],
) -> int:
    """Puts a document (priority and content hash; ordinal, position, shift) among those kept, by priority, or drops it.

    Of equal contents the first document stays, and of one document the first occurrence. Returns how many are kept.
    """
    low, high = ZERO, kept
    while low < high:
        middle = (low + high) >> 1
        if keys[middle, 0] < key[0]:
            low = middle + 1
        else:
            high = middle
    while low < kept and keys[low, 0] == key[0]:
        if keys[low, 1] == key[1] and keys[low, 2] == key[2]:
            known = (where[low, 0], where[low, 1], where[low, 2])
            if found < known:
                where[low, 0], where[low, 1], where[low, 2] = found
            return kept
        low += 1
    if low == keys.shape[0]:
        return kept
    kept = min(kept + 1, keys.shape[0])
    for place in range(kept - 1, low, -1):
        keys[place, 0], keys[place, 1], keys[place, 2] = keys[place - 1, 0], keys[place - 1, 1], keys[place - 1, 2]
        where[place, 0], where[place, 1], where[place, 2] = (
            where[place - 1, 0],
            where[place - 1, 1],
            where[place - 1, 2],
        )
    keys[low, 0], keys[low, 1], keys[low, 2] = key
    where[low, 0], where[low, 1], where[low, 2] = found
    return kept


@kernel
def _nearest(
    segment: SegmentArrays,
    starts: NDArray[np.uint64],
    hashes: NDArray[np.uint64],
    rows: NDArray[np.int64],
    strides: NDArray[np.int64],
    size: int,
    added: np.uint64,
) -> tuple[NDArray[np.int64], NDArray[np.uint64], NDArray[np.int64]]:
    """Find, for each passage, the documents of its occurrences whose priority is smallest.

    Args:
        segment: SegmentArrays.
        starts: uint64 (documents + 1), the first position of each document.
        hashes: uint64 (documents, 2), of their contents.
        rows: int64 (m, 5), as `passages.occurrences` returns them.
        strides: int64 (n), of how many occurrences one is read, for each passage.
        size: how many documents, at least 1.
        added: what makes priorities of content hashes.

    Returns:
        int64 (n), how many were found; uint64 (n, size, 3), priority and content hash, ascending; and int64 (n, size,
        3), ordinal, position and shift of the first occurrence.
    """
    sizes = np.zeros(strides.size, np.int64)
    keys = np.empty((strides.size, size, 3), np.uint64)
    where = np.empty((strides.size, size, 3), np.int64)
    passage, begun, block, target = ZERO - 1, ZERO, ZERO, ZERO
    for row in range(rows.shape[0]):
        if rows[row, 0] != passage:
            passage, begun, block = rows[row, 0], ZERO, ZERO
            target = _jitter(block, strides[passage], added)
        beyond = begun + rows[row, 2] - rows[row, 1]
        while target < beyond:  # the passage's occurrences numbered through
            rank = rows[row, 1] + target - begun
            block += 1
            target = block * strides[passage] + _jitter(block, strides[passage], added)
            if not is_live(segment, rank):
                continue
            position = position_of(segment.tokens, segment.suffixes, rank) - rows[row, 3]
            ordinal = _owner(starts, position)
            if ordinal < 0:
                continue
            priority = _priority(hashes[ordinal, 0], added)
            kept = sizes[passage]
            if kept < size or priority <= keys[passage, kept - 1, 0]:
                key = (priority, hashes[ordinal, 0], hashes[ordinal, 1])
                sizes[passage] = _keep(keys[passage], where[passage], kept, key, (ordinal, position, rows[row, 4]))
        begun = beyond
    return sizes, keys, where
