"""Kernels that find how far the passages of a text reach that occur, byte by byte, whatever their tokenization."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from wherefrom.search import SegmentArrays, is_live, live_count, longest_match, narrowed, position_of
from wherefrom.spellings import (
    BRANCH_WORK,
    FEW,
    STACK,
    WORK,
    SpellingArrays,
    ending_with,
    push,
    spelled_since,
    spelled_until,
    with_next_byte,
)
from wherefrom_indexer.kernels import inner_kernel, kernel

SCANNED = 64
"""Intervals of up to this many ranks are read occurrence by occurrence; others are searched through the vocabulary."""

FRAGMENT = 128
"""Bytes that an edge may be moved to the left of a token boundary of the text: more than any word of it is long."""

FRAGMENT_TOKEN = 32
"""The same for a frequent match, whose fragment has to be the end of one token."""

BACK_OFF = 3
"""Tokens given up at the right edge, because a cut word is tokenized otherwise than the whole one."""

ENDINGS_TRIED = 256
"""Tokens tried in front of a frequent match, for one fragment."""

LONG = 64
"""Tokens of a match from which on its inside is passed over, up to where another match ends later, or to so many tokens
before its end. Else a text that repeats itself costs the square of its length."""

WORK_A_BYTE = 1 << 10
"""Steps that the refinement of edges may take for each byte of a text, beside WORK."""


@inner_kernel
def _farthest(
    segment: SegmentArrays,
    words: SpellingArrays,
    text: NDArray[np.uint8],
    low: int,
    high: int,
    depth: int,
    at: int,
    work: NDArray[np.int64],
) -> int:
    """The farthest byte to which a live suffix of low:high spells text[at:] after its first `depth` tokens."""
    stack = np.empty((STACK, 4), np.int64)
    pending = push(stack, 0, low, high, depth, at)
    farthest = at
    while pending and work[0] > 0:
        pending -= 1
        low, high, depth, at = stack[pending, 0], stack[pending, 1], stack[pending, 2], stack[pending, 3]
        if high - low <= FEW:
            for rank in range(low, high):
                if is_live(segment, rank):
                    end = spelled_until(segment, words, position_of(segment, rank) + depth, text, at)
                    work[0] -= end - at + 1
                    farthest = max(farthest, end)
            continue
        first, beyond = 0, words.offsets.size - 1
        length = 0
        while at + length < text.size:
            work[0] -= BRANCH_WORK
            first, beyond = with_next_byte(words, first, beyond, length, text[at + length])
            if first == beyond:
                break
            length += 1
            low, high = narrowed(segment, low, high, depth, first + 1, beyond + 1)
            if live_count(segment, low, high) == 0:
                break
            farthest = max(farthest, at + length)
            token = first
            while token < beyond and words.offsets[token + 1] - words.offsets[token] == length and pending < STACK:
                child_low, child_high = narrowed(segment, low, high, depth, token + 1, token + 2)
                if child_low < child_high:
                    pending = push(stack, pending, child_low, child_high, depth + 1, at + length)
                token += 1
    return farthest


@inner_kernel
def _reach_by_occurrences(
    segment: SegmentArrays,
    words: SpellingArrays,
    text: NDArray[np.uint8],
    low: int,
    high: int,
    at: int,
    reach: NDArray[np.int64],
    work: NDArray[np.int64],
) -> None:
    """Reads each occurrence of a small interval in both directions from text[at:]."""
    floor = max(0, at - FRAGMENT)
    for rank in range(low, high):
        if is_live(segment, rank):
            position = position_of(segment, rank)
            end = spelled_until(segment, words, position, text, at)
            work[0] -= end - at + 1
            start = spelled_since(segment, words, position, text, at, floor)
            reach[start] = max(reach[start], end)


@inner_kernel
def _reach_to_the_left(
    segment: SegmentArrays,
    words: SpellingArrays,
    text: NDArray[np.uint8],
    at: int,
    least: int,
    reach: NDArray[np.int64],
    work: NDArray[np.int64],
) -> None:
    """Extends a frequent match that begins at `at` to the left, by the longest fragment that ends some token."""
    for start in range(max(0, at - FRAGMENT_TOKEN), at):
        if reach[at] - start < least:
            break
        endings = ending_with(words, text, start, at)
        for ending in range(endings[0], min(endings[1], endings[0] + ENDINGS_TRIED)):
            token = int(words.by_ending[ending])
            low, high = segment.first_token[token + 1], segment.first_token[token + 2]
            if live_count(segment, low, high) > 0:
                reach[start] = max(reach[start], _farthest(segment, words, text, low, high, 1, at, work))
        if reach[start] >= reach[at]:
            break


@inner_kernel
def _reach_from(
    segment: SegmentArrays,
    words: SpellingArrays,
    text: NDArray[np.uint8],
    query: NDArray[np.int64],
    starts: NDArray[np.int64],
    place: int,
    length: int,
    least: int,
    reach: NDArray[np.int64],
    work: NDArray[np.int64],
) -> None:
    """Raises `reach` by the passages in which query[place:], matched by `length` tokens, begins at a token."""
    at = starts[place]
    reach[at] = max(reach[at], starts[place + length] if place + length < query.size else text.size)
    if work[0] <= 0:
        return
    levels = np.zeros((BACK_OFF, 2), np.int64)  # the last intervals too large to be read
    low, high = segment.first_token[query[place]], segment.first_token[query[place] + 1]
    depth = 1
    while high - low > SCANNED and depth < length:
        levels[depth % BACK_OFF, 0], levels[depth % BACK_OFF, 1] = low, high
        low, high = narrowed(segment, low, high, depth, query[place + depth], query[place + depth] + 1)
        depth += 1
    if high - low <= SCANNED:
        _reach_by_occurrences(segment, words, text, low, high, at, reach, work)
        depth -= 1
    else:
        levels[depth % BACK_OFF, 0], levels[depth % BACK_OFF, 1] = low, high
    for shorter in range(depth, max(0, depth - BACK_OFF), -1):
        low, high = levels[shorter % BACK_OFF, 0], levels[shorter % BACK_OFF, 1]
        known = starts[place + shorter] if place + shorter < query.size else text.size
        reach[at] = max(reach[at], _farthest(segment, words, text, low, high, shorter, known, work))
    if depth > 0:
        _reach_to_the_left(segment, words, text, at, least, reach, work)


@inner_kernel
def _ends_later(segment: SegmentArrays, query: NDArray[np.int64], place: int, end: int) -> bool:
    return place + longest_match(segment, query, place)[0] > end


@inner_kernel
def _next_place(segment: SegmentArrays, query: NDArray[np.int64], place: int, length: int) -> int:
    """The next token from which to match.

    Inside a long match that is the first from which another match ends later; the later a match begins, the later it
    ends, so it is found by doubling steps and halving.
    """
    end = place + length
    last = end - LONG
    if last <= place + 1:
        return place + 1
    if end == query.size:
        return last
    low, step = place, 1
    while not _ends_later(segment, query, min(low + step, last), end):
        low = min(low + step, last)
        if low == last:
            return last
        step *= 2
    high = min(low + step, last)
    while low + 1 < high:
        middle = (low + high) >> 1
        if _ends_later(segment, query, middle, end):
            high = middle
        else:
            low = middle
    return high


@kernel
def reaches(
    segment: SegmentArrays,
    words: SpellingArrays,
    text: NDArray[np.uint8],
    query: NDArray[np.int64],
    starts: NDArray[np.int64],
    least: int,
) -> NDArray[np.int64]:
    """Find how far the passages of a text that occur live reach, in bytes.

    From each token of the text the corpus is matched token by token. The edges are then refined byte by byte: where few
    occurrences are left, each is read in both directions; where they are many, the tokens that begin or end with the
    fragment are looked up. A token adds nothing when all its occurrences are those of the token before it. Once the
    work that a text may take is used up, edges stay at tokens.

    Args:
        segment: SegmentArrays.
        words: SpellingArrays.
        text: uint8, UTF-8.
        query: int64 (n), stored values of the text's tokens.
        starts: int64 (n), the byte of the text at which each token begins.
        least: bytes below which a passage is of no interest.

    Returns:
        int64 (bytes): the end of the longest passage found to begin at each byte; 0 where there is none. A passage that
        begins at a later byte and ends no later is left out.
    """
    reach = np.zeros(text.size, np.int64)
    work = np.full(1, WORK + WORK_A_BYTE * text.size, np.int64)
    place, earlier_length, earlier_size = 0, 0, 0
    while place < query.size:
        length, low, high = longest_match(segment, query, place)
        repeated = earlier_length == length + 1 and earlier_size == high - low
        if length > 0 and not repeated:
            _reach_from(segment, words, text, query, starts, place, length, least, reach, work)
        following = _next_place(segment, query, place, length)
        earlier_length, earlier_size = (length, high - low) if following == place + 1 else (0, 0)
        place = following
    return reach
