"""Kernels that find where a text occurs, byte by byte, whatever its tokenization."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from wherefrom.search import SegmentArrays, is_live, live_count, narrowed, position_of, token_at
from wherefrom.spellings import (
    BRANCH_WORK,
    FEW,
    STACK,
    WORK,
    SpellingArrays,
    ending_with,
    push,
    spelled_until,
    with_next_byte,
)
from wherefrom_indexer.kernels import ZERO, inner_kernel, kernel

READ = 64
"""The tokens before an interval's suffixes are read if they are at most this many for each token that may stand there;
else the text is searched from each of those. An occurrence costs two cache misses, such a search about a hundred."""

INTERVALS = 1 << 16
"""Intervals that one text may be spread over before its count becomes a lower bound."""


@inner_kernel
def _spelling_intervals(
    segment: SegmentArrays,
    words: SpellingArrays,
    text: NDArray[np.uint8],
    low: int,
    high: int,
    depth: int,
    at: int,
    found: NDArray[np.int64],
    work: NDArray[np.int64],
) -> tuple[int, bool]:
    """Finds the ranks in low:high whose suffixes spell text[at:] after their first `depth` tokens.

    Fills `found` (int64, m x 2) with disjoint intervals; returns their number and whether that is all of them. Takes
    its steps off `work` (int64, 1), and ends when that is used up.
    """
    stack = np.empty((STACK, 4), np.int64)
    pending = push(stack, ZERO, low, high, depth, at)
    number = 0
    while pending and work[0] > 0:
        pending -= 1
        low, high, depth, at = stack[pending, 0], stack[pending, 1], stack[pending, 2], stack[pending, 3]
        if high - low <= FEW:
            for rank in range(low, high):
                end = spelled_until(
                    segment.tokens, words, position_of(segment.tokens, segment.suffixes, rank) + depth, text, at
                )
                work[0] -= end - at + 1
                if end == text.size:
                    if number == found.shape[0]:
                        return number, False
                    found[number, 0], found[number, 1] = rank, rank + 1
                    number += 1
            continue
        first, beyond = ZERO, words.offsets.size - 1
        length = ZERO
        inner_low, inner_high = low, high
        while inner_low < inner_high:
            work[0] -= BRANCH_WORK
            first, beyond = with_next_byte(words, first, beyond, length, text[at + length])
            if first == beyond:
                break
            length += 1
            inner_low, inner_high = narrowed(segment, inner_low, inner_high, depth, first + 1, beyond + 1)
            if at + length == text.size:
                if inner_low < inner_high:
                    if number == found.shape[0]:
                        return number, False
                    found[number, 0], found[number, 1] = inner_low, inner_high
                    number += 1
                break
            token = first
            while token < beyond and words.offsets[token + 1] - words.offsets[token] == length:
                child_low, child_high = narrowed(segment, inner_low, inner_high, depth, token + 1, token + 2)
                if child_low < child_high:
                    if pending == STACK:
                        return number, False
                    pending = push(stack, pending, child_low, child_high, depth + 1, at + length)
                token += 1
    return number, pending == 0


@inner_kernel
def _collect(
    segment: SegmentArrays,
    words: SpellingArrays,
    low: int,
    high: int,
    endings: tuple[int, int],
    fragment: int,
    shift: int,
    places: NDArray[np.int64],
    number: int,
) -> tuple[int, int]:
    """Counts the live occurrences that an interval stands for, and notes them in `places` as far as there is room.

    Without `endings` (an empty range) the text begins at byte `shift` of each suffix. Else it begins in the token
    before, which must be one of `endings`, and has `fragment` bytes there.
    """
    if endings[0] == endings[1] and number == places.shape[0]:
        return live_count(segment, low, high), number
    count = 0
    for rank in range(low, high):
        if not is_live(segment, rank):
            continue
        position = position_of(segment.tokens, segment.suffixes, rank)
        if endings[0] < endings[1]:
            position -= 1
            value = token_at(segment.tokens, position)
            if value == 0 or value >= words.offsets.size:
                continue
            if not endings[0] <= np.int64(words.ending_rank[value - 1]) < endings[1]:
                continue
            shift = words.offsets[value] - words.offsets[value - 1] - fragment
        if number < places.shape[0]:
            places[number, 0], places[number, 1] = position, shift
            number += 1
        count += 1
    return count, number


@inner_kernel
def _longer_endings(words: SpellingArrays, text: NDArray[np.uint8], fragment: int) -> tuple[int, int]:
    """The places in `by_ending` of the tokens that end with text[:fragment] and begin before it."""
    low, high = ending_with(words, text, ZERO, fragment)
    while low < high:
        token = int(words.by_ending[low])
        if words.offsets[token + 1] - words.offsets[token] > fragment:
            break
        low += 1
    return low, high


@inner_kernel
def _ranks(found: NDArray[np.int64], intervals: int) -> int:
    ranks = 0
    for place in range(intervals):
        ranks += found[place, 1] - found[place, 0]
    return ranks


@inner_kernel
def _inside_tokens(
    segment: SegmentArrays, words: SpellingArrays, text: NDArray[np.uint8], places: NDArray[np.int64], number: int
) -> tuple[int, int]:
    """Occurrences that lie inside one token, not at its beginning."""
    count = 0
    for token in words.by_length:
        start, end = words.offsets[token], words.offsets[token + 1]
        if end - start <= text.size:
            break
        for shift in range(1, end - start - text.size + 1):
            byte = 0
            while byte < text.size and words.spellings[start + shift + byte] == text[byte]:
                byte += 1
            if byte == text.size:
                low, high = segment.first_token[token + 1], segment.first_token[token + 2]
                more, number = _collect(segment, words, low, high, (ZERO, ZERO), ZERO, shift, places, number)
                count += more
    return count, number


@kernel
def occurrences(
    segment: SegmentArrays, words: SpellingArrays, text: NDArray[np.uint8], room: int
) -> tuple[int, bool, NDArray[np.int64]]:
    """Count the live occurrences of a text, whatever their tokenization, and find the first of them.

    Every occurrence begins at one byte of one token: at its first byte; further inside, the text going on in the next
    tokens; or further inside and ending in it. The three cases are counted apart.

    Args:
        segment: SegmentArrays.
        words: SpellingArrays.
        text: uint8 (at least 1), UTF-8.
        room: how many occurrences to return.

    Returns:
        The count, whether it is exact (else a lower bound), and int64 (m, 2), m <= room: the position of the token in
        which each occurrence begins, and the byte of that token.
    """
    places = np.empty((room, 2), np.int64)
    found = np.empty((INTERVALS, 2), np.int64)
    work = np.full(1, WORK, np.int64)
    total, number = _inside_tokens(segment, words, text, places, ZERO)
    exact = True
    longest = words.offsets[words.by_length[0] + 1] - words.offsets[words.by_length[0]]
    for fragment in range(min(text.size, longest)):
        endings = _longer_endings(words, text, fragment) if fragment else (ZERO, ZERO)
        if fragment and endings[0] == endings[1]:
            continue
        for ending in range(endings[0] - 1, endings[1]):
            anywhere = ending < endings[0]  # first what follows the fragment, whatever stands before it
            low, high, depth, shift = ZERO, segment.suffixes.size, ZERO, ZERO
            if not anywhere:
                token = int(words.by_ending[ending])
                low, high, depth = segment.first_token[token + 1], segment.first_token[token + 2], 1
                shift = words.offsets[token + 1] - words.offsets[token] - fragment
            intervals, whole = _spelling_intervals(segment, words, text, low, high, depth, fragment, found, work)
            exact &= whole
            if anywhere and _ranks(found, intervals) > READ * (endings[1] - endings[0]) > 0:
                continue  # too many to read what stands before each: search from each ending
            before = endings if anywhere else (ZERO, ZERO)
            for place in range(intervals):
                count, number = _collect(
                    segment, words, found[place, 0], found[place, 1], before, fragment, shift, places, number
                )
                total += count
            if anywhere:
                break
    return total, exact, places[:number]
