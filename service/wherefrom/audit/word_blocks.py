"""The blocks of words that two texts share in the same order: the longest first, then what is left on both sides."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from wherefrom_indexer.kernels import kernel

WORK = 1 << 26
"""Pairs of equal words that may be looked at: a second or less. Texts of one repeated word would take hours."""


@dataclass(frozen=True, slots=True)
class Block:
    """Words of two texts that belong together.

    Attributes:
        start, other: the first word in the first and in the second text.
        length, other_length: how many words it spans in each.
        matched: how many of these are equal words.
    """

    start: int
    other: int
    length: int
    other_length: int
    matched: int


def shared_blocks(words: Sequence[str], others: Sequence[str], work: int = WORK) -> list[Block]:
    """Find the longest run of equal words, then the same on its left and on its right, and so on.

    This is Ratcliff and Obershelp's pattern matching (1988), as `difflib.SequenceMatcher` without junk does it. Once
    `work` is used up, nothing more is found.
    """
    places: dict[str, list[int]] = {}
    for place, word in enumerate(others):
        places.setdefault(word, []).append(place)
    numbers = {word: number for number, word in enumerate(places)}
    ids = np.array([numbers.get(word, -1) for word in words], np.int64)
    positions = np.array([place for held in places.values() for place in held], np.int64)
    first = np.cumsum([0, *map(len, places.values())]).astype(np.int64)
    found = np.zeros((len(words) + 1, 3), np.int64)
    number = _shared(ids, first, positions, len(others), work, found)
    blocks: list[Block] = []
    for start, other, length in sorted(found[:number].tolist()):
        last = blocks[-1] if blocks else None
        if last and last.start + last.length == start and last.other + last.other_length == other:
            length += last.length
            blocks[-1] = Block(last.start, last.other, length, length, length)
        else:
            blocks.append(Block(start, other, length, length, length))
    return blocks


def merged(blocks: Sequence[Block], gap: int, keep: int) -> list[Block]:
    """Merge blocks that are at most `gap` words apart in both texts, then drop those with fewer than `keep` matches."""
    whole: list[Block] = []
    for block in blocks:
        last = whole[-1] if whole else None
        if (
            last
            and block.start - last.start - last.length <= gap
            and block.other - last.other - last.other_length <= gap
        ):
            whole[-1] = Block(
                last.start,
                last.other,
                block.start + block.length - last.start,
                block.other + block.other_length - last.other,
                last.matched + block.matched,
            )
        else:
            whole.append(block)
    return [block for block in whole if block.matched >= keep]


@kernel
def _shared(
    ids: NDArray[np.int64],
    first: NDArray[np.int64],
    positions: NDArray[np.int64],
    size: int,
    work: int,
    found: NDArray[np.int64],
) -> int:
    """Fills in `found` (start, other, length of each block, in no order) and returns how many they are.

    `first`, `positions`: where each word stands in the second text, which has `size` words.
    """
    run = np.zeros(size + 1, np.int64)  # of the run of equal words that ends before a place, its length
    row = np.full(size + 1, -1, np.int64)  # and in which row that was noted
    stack = np.zeros((2 * ids.size + 2, 4), np.int64)
    stack[0, 1], stack[0, 3] = ids.size, size
    depth, number, rows = 1, 0, 0
    while depth and work > 0:
        depth -= 1
        start, end, other, last = stack[depth]
        best, best_start, best_other = 0, start, other
        rows += 1  # no row follows on the last one of another part
        for place in range(start, end):
            rows += 1
            word = ids[place]
            if word < 0:
                continue
            held = positions[first[word] : first[word + 1]]
            for number_held in range(np.searchsorted(held, last) - 1, -1, -1):
                at = held[number_held]
                if at < other:
                    break
                work -= 1
                length = run[at] + 1 if row[at] == rows - 1 else 1
                run[at + 1], row[at + 1] = length, rows
                if length > best or (length == best and best_start == place + 1 - length):
                    best, best_start, best_other = length, place + 1 - length, at + 1 - length
            if work <= 0:
                break
        if not best:
            continue
        found[number] = best_start, best_other, best
        number += 1
        if start < best_start and other < best_other:
            stack[depth] = start, best_start, other, best_other
            depth += 1
        if best_start + best < end and best_other + best < last:
            stack[depth] = best_start + best, end, best_other + best, last
            depth += 1
    return number
