"""Kernels that find how far the passages of a text reach that occur, byte by byte, whatever their tokenization."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from wherefrom.search import SegmentArrays, is_live, live_count, longest_match, narrowed, position_of, token_at
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
from wherefrom_indexer.kernels import ONE, ZERO, inner_kernel, kernel

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

PRECEDING_READ = 1 << 12
"""Occurrences of a frequent match that are read where more tokens end with the fragment."""

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
    pending = push(stack, ZERO, low, high, depth, at)
    farthest = at
    while pending and work[0] > 0:
        pending -= 1
        low, high, depth, at = stack[pending, 0], stack[pending, 1], stack[pending, 2], stack[pending, 3]
        if high - low <= FEW:
            for rank in range(low, high):
                if is_live(segment, rank):
                    end = spelled_until(
                        segment.tokens, words, position_of(segment.tokens, segment.suffixes, rank) + depth, text, at
                    )
                    work[0] -= end - at + 1
                    farthest = max(farthest, end)
            continue
        first, beyond = ZERO, words.offsets.size - 1
        length = ZERO
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
            position = position_of(segment.tokens, segment.suffixes, rank)
            end = spelled_until(segment.tokens, words, position, text, at)
            work[0] -= end - at + 1
            start = spelled_since(segment.tokens, words, position, text, at, floor)
            reach[start] = max(reach[start], end)


@inner_kernel
def _farthest_preceded(
    segment: SegmentArrays,
    words: SpellingArrays,
    text: NDArray[np.uint8],
    low: int,
    high: int,
    at: int,
    endings: tuple[int, int],
    work: NDArray[np.int64],
) -> int:
    """The farthest byte to which those live suffixes of low:high spell text[at:] that one of `endings` precedes."""
    farthest = 0
    for rank in range(low, min(high, low + PRECEDING_READ)):
        position = position_of(segment.tokens, segment.suffixes, rank)
        value = token_at(segment.tokens, position - 1)
        work[0] -= 1
        known = 0 < value < words.offsets.size
        if known and endings[0] <= int(words.ending_rank[value - 1]) < endings[1] and is_live(segment, rank):
            end = spelled_until(segment.tokens, words, position, text, at)
            work[0] -= end - at
            farthest = max(farthest, end)
    return farthest


@inner_kernel
def _reach_by_vocabulary(
    segment: SegmentArrays,
    words: SpellingArrays,
    text: NDArray[np.uint8],
    levels: NDArray[np.int64],
    depth: int,
    starts: NDArray[np.int64],
    place: int,
    least: int,
    reach: NDArray[np.int64],
    work: NDArray[np.int64],
) -> None:
    """Extends frequent matches of the text's tokens from `place` on, in both directions, by the spellings of tokens.

    To the right from the token itself, going back over the last of the `depth` tokens that match (`levels`); to the
    left from each earlier byte that begins the end of some token.
    """
    at = starts[place]
    low, high = levels[depth % BACK_OFF, 0], levels[depth % BACK_OFF, 1]
    for step in range(min(at, FRAGMENT_TOKEN) + 1):
        start = at if step == 0 else at - min(at, FRAGMENT_TOKEN) + step - 1
        first, last = ZERO, min(depth, BACK_OFF)
        if start < at:
            if reach[at] - start < least or work[0] <= 0:
                break
            first, last = ending_with(words, text, start, at)
            if last - first > ENDINGS_TRIED:
                farthest = _farthest_preceded(segment, words, text, low, high, at, (first, last), work)
                reach[start] = max(reach[start], farthest)
                last = first
        for number in range(first, last):
            if start == at:
                shorter = depth - number
                begin, end = levels[shorter % BACK_OFF, 0], levels[shorter % BACK_OFF, 1]
                known = starts[place + shorter] if place + shorter < starts.size else text.size
            else:
                token = int(words.by_ending[number])
                begin, end = segment.first_token[token + 1], segment.first_token[token + 2]
                shorter, known = ONE, at
            if live_count(segment, begin, end) > 0:
                reach[start] = max(reach[start], _farthest(segment, words, text, begin, end, shorter, known, work))
        if start < at and reach[start] >= reach[at]:
            break


@kernel
def anchors(segment: SegmentArrays, query: NDArray[np.int64]) -> NDArray[np.int64]:
    """Find the tokens of a query from which its passages have to be followed, and how many tokens match there.

    A token adds nothing when all its occurrences are those of the token before it. Inside a long match the next token
    that counts is the first from which another match ends later; the later a match begins, the later it ends, so that
    token is found by doubling steps and halving.

    Returns:
        int64 (m, 2): places and lengths.
    """
    found = np.empty((query.size, 2), np.int64)
    number, place, earlier_length, earlier_size = ZERO, ZERO, ZERO, ZERO
    while place < query.size:
        length, low, high = longest_match(segment, query, place)
        if length > 0 and (earlier_length != length + 1 or earlier_size != high - low):
            found[number, 0], found[number, 1] = place, length
            number += 1
        following = _next_place(segment, query, place, length)
        earlier_length, earlier_size = (length, high - low) if following == place + 1 else (0, 0)
        place = following
    return found[:number]


@inner_kernel
def _next_place(segment: SegmentArrays, query: NDArray[np.int64], place: int, length: int) -> int:
    end = place + length
    last = end - LONG
    if last <= place + 1:
        return place + 1
    if end == query.size:
        return last
    low, high, step = place, last, 1  # the match from `low` ends no later; `high` is where to go at the latest
    while low + 1 < high:
        probe = low + step if low + step < high else (low + high) >> 1
        if probe + longest_match(segment, query, probe)[0] > end:
            high = probe
            step = high  # from here on, halve
        else:
            low = probe
            step *= 2
    return high


@kernel
def reaches(
    segment: SegmentArrays,
    words: SpellingArrays,
    text: NDArray[np.uint8],
    query: NDArray[np.int64],
    starts: NDArray[np.int64],
    places: NDArray[np.int64],
    least: int,
) -> NDArray[np.int64]:
    """Find how far the passages of a text that occur live reach, in bytes.

    The corpus was matched token by token (`anchors`). Here the edges are refined byte by byte: where few occurrences
    are left, each is read in both directions; where they are many, the tokens that begin or end with the fragment are
    looked up. Once the work that a text may take is used up, edges stay at tokens.

    Args:
        segment: SegmentArrays.
        words: SpellingArrays.
        text: uint8, UTF-8.
        query: int64 (n), stored values of the text's tokens.
        starts: int64 (n), the byte of the text at which each token begins.
        places: int64 (m, 2), what `anchors` found.
        least: bytes below which a passage is of no interest.

    Returns:
        int64 (bytes): the end of the longest passage found to begin at each byte; 0 where there is none. A passage that
        begins at a later byte and ends no later is left out.
    """
    reach = np.zeros(text.size, np.int64)
    work = np.full(1, WORK + WORK_A_BYTE * text.size, np.int64)
    levels = np.zeros((BACK_OFF, 2), np.int64)  # the last intervals too large to be read
    for number in range(places.shape[0]):
        place, length = places[number, 0], places[number, 1]
        at = starts[place]
        reach[at] = max(reach[at], starts[place + length] if place + length < query.size else text.size)
        if work[0] <= 0:
            continue
        low, high = segment.first_token[query[place]], segment.first_token[query[place] + 1]
        depth = ONE
        while high - low > SCANNED and depth < length:
            levels[depth % BACK_OFF, 0], levels[depth % BACK_OFF, 1] = low, high
            low, high = narrowed(segment, low, high, depth, query[place + depth], query[place + depth] + 1)
            depth += 1
        if high - low <= SCANNED:
            _reach_by_occurrences(segment, words, text, low, high, at, reach, work)
            depth -= 1
        else:
            levels[depth % BACK_OFF, 0], levels[depth % BACK_OFF, 1] = low, high
        if depth > 0:
            _reach_by_vocabulary(segment, words, text, levels, depth, starts, place, least, reach, work)
    return reach
