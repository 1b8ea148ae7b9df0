"""Kernels that find where texts occur, byte by byte, whatever their tokenization."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from wherefrom.descent import BRANCH_WORK, FEW, READ_WORK, branch, first_at_least, new_stack, push
from wherefrom.search import SegmentArrays, is_live, live_count, position_of, token_at
from wherefrom.spellings import SpellingArrays, ending_with, spelled_until
from wherefrom_indexer.kernels import ONE, ZERO, inner_kernel, kernel

READ = 64
"""The tokens before an interval's suffixes are read if they are at most this many for each token that may stand there;
else the text is searched from each of those. An occurrence costs two cache misses, such a search about a hundred."""

INTERVALS = 1 << 16
"""Intervals that one text may be spread over before its count becomes a lower bound."""

WORK = 1 << 21
"""Steps (about a nanosecond each) that the search for one text may take. What natural text needs is a twentieth; a text
of one repeated letter, over a corpus of the like, would take minutes, and damaged data might never end."""


@inner_kernel
def _spelling_intervals(
    segment: SegmentArrays,
    words: SpellingArrays,
    text: NDArray[np.uint8],
    root: tuple[int, int, int, int],
    found: NDArray[np.int64],
    stack: NDArray[np.int64],
    work: NDArray[np.int64],
) -> tuple[int, bool]:
    """Finds the ranks below a root (low, high, depth, at) whose suffixes go on to spell the whole text.

    Fills `found` (int64, m x 2) with disjoint intervals; returns their number and whether that is all of them. Takes
    its steps off `work` (int64, 1), and ends when that is used up.
    """
    pending = push(stack, ZERO, root[0], root[1], root[2], root[3])
    number = ZERO
    while pending and work[0] > 0:
        pending -= 1
        low, high, depth, at = stack[pending, 0], stack[pending, 1], stack[pending, 2], stack[pending, 3]
        if high - low <= FEW:
            for rank in range(low, high):
                end = spelled_until(
                    segment.tokens, words, position_of(segment.tokens, segment.suffixes, rank) + depth, text, at
                )
                work[0] -= end - at + READ_WORK
                if end == text.size:
                    if number == found.shape[0]:
                        return number, False
                    found[number, 0], found[number, 1] = rank, rank + 1
                    number += 1
            continue
        work[0] -= BRANCH_WORK
        pending, length, place, beyond = branch(segment, words, text, (low, high, depth, at), stack, pending)
        if pending < 0:
            return number, False
        if at + length == text.size:
            if depth == 0:
                end = segment.first_token[beyond + 1]
            else:
                end = first_at_least(segment.tokens, segment.suffixes, place, high, depth, beyond + 1)
            if place < end:
                if number == found.shape[0]:
                    return number, False
                found[number, 0], found[number, 1] = place, end
                number += 1
    return number, pending == 0


@inner_kernel
def _preceded(
    segment: SegmentArrays,
    words: SpellingArrays,
    interval: tuple[int, int],
    endings: tuple[int, int],
    fragment: int,
    span: int,
    rows: NDArray[np.int64],
    number: int,
) -> tuple[int, int]:
    """Counts the live suffixes of an interval that one of `endings` precedes; notes each as a row, if there is room."""
    count = ZERO
    for rank in range(interval[0], interval[1]):
        value = token_at(segment.tokens, position_of(segment.tokens, segment.suffixes, rank) - 1)
        if value == 0 or value >= words.offsets.size or not is_live(segment, rank):
            continue
        if endings[0] <= np.int64(words.ending_rank[value - 1]) < endings[1]:
            shift = words.offsets[value] - words.offsets[value - 1] - fragment
            number = _note(rows, number, span, rank, rank + 1, 1, shift)
            count += 1
    return count, number


@inner_kernel
def _note(rows: NDArray[np.int64], number: int, span: int, low: int, high: int, back: int, shift: int) -> int:
    if number < rows.shape[0]:
        rows[number, 0], rows[number, 1], rows[number, 2], rows[number, 3], rows[number, 4] = (
            span,
            low,
            high,
            back,
            shift,
        )
        number += 1
    return number


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
def _inside_tokens(
    segment: SegmentArrays,
    words: SpellingArrays,
    text: NDArray[np.uint8],
    span: int,
    rows: NDArray[np.int64],
    number: int,
) -> tuple[int, int]:
    """Occurrences that lie inside one token, not at its beginning."""
    count = ZERO
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
                count += live_count(segment, low, high)
                number = _note(rows, number, span, low, high, 0, shift)
    return count, number


@inner_kernel
def _after_fragment(
    segment: SegmentArrays,
    words: SpellingArrays,
    text: NDArray[np.uint8],
    fragment: int,
    found: NDArray[np.int64],
    stack: NDArray[np.int64],
    work: NDArray[np.int64],
    span: int,
    rows: NDArray[np.int64],
    number: int,
) -> tuple[int, bool, int]:
    """Occurrences of which so many bytes are the end of a token that begins before them; 0: they begin with a token."""
    endings = _longer_endings(words, text, fragment) if fragment else (ZERO, ZERO)
    if fragment and endings[0] == endings[1]:
        return ZERO, True, number
    count = ZERO
    # First what follows the fragment, whatever stands before it.
    root = (ZERO, segment.suffixes.size, ZERO, fragment)
    intervals, exact = _spelling_intervals(segment, words, text, root, found, stack, work)
    ranks = ZERO
    for place in range(intervals):
        ranks += found[place, 1] - found[place, 0]
    if fragment == 0:
        for place in range(intervals):
            count += live_count(segment, found[place, 0], found[place, 1])
            number = _note(rows, number, span, found[place, 0], found[place, 1], 0, 0)
        return count, exact, number
    if ranks <= READ * (endings[1] - endings[0]):
        for place in range(intervals):
            work[0] -= READ_WORK * (found[place, 1] - found[place, 0])
            more, number = _preceded(
                segment, words, (found[place, 0], found[place, 1]), endings, fragment, span, rows, number
            )
            count += more
        return count, exact, number
    for ending in range(endings[0], endings[1]):  # too many to read what stands before each
        token = int(words.by_ending[ending])
        shift = words.offsets[token + 1] - words.offsets[token] - fragment
        root = (segment.first_token[token + 1], segment.first_token[token + 2], ONE, fragment)
        intervals, whole = _spelling_intervals(segment, words, text, root, found, stack, work)
        exact &= whole
        for place in range(intervals):
            count += live_count(segment, found[place, 0], found[place, 1])
            number = _note(rows, number, span, found[place, 0], found[place, 1], 0, shift)
    return count, exact, number


@kernel
def occurrences(
    segment: SegmentArrays,
    words: SpellingArrays,
    text: NDArray[np.uint8],
    edges: NDArray[np.int64],
    room: int,
) -> tuple[NDArray[np.int64], NDArray[np.bool_], NDArray[np.int64]]:
    """Count the live occurrences of passages of a text, whatever their tokenization, and say where they are.

    Every occurrence begins at one byte of one token: at its first byte; further inside, the passage going on in the
    next tokens; or further inside and ending in it. The three cases are counted apart.

    Args:
        segment: SegmentArrays.
        words: SpellingArrays.
        text: uint8, UTF-8.
        edges: int64 (n, 2), the bytes at which each passage begins and ends; an empty one is not looked for.
        room: how many rows to return at most.

    Returns:
        int64 (n), the counts; bool (n), whether each is exact, else a lower bound; and where the occurrences are, by
        passage: int64 (m, 5), rows of passage, low, high, back, shift. A passage begins at byte `shift` of the token
        that stands `back` tokens (0 or 1) before each suffix of the ranks low:high, of which some may not be live.
    """
    counts = np.zeros(edges.shape[0], np.int64)
    exact = np.ones(edges.shape[0], np.bool_)
    rows = np.empty((room, 5), np.int64)
    found = np.empty((INTERVALS, 2), np.int64)
    stack = new_stack()
    work = np.empty(1, np.int64)
    longest = words.offsets[words.by_length[0] + 1] - words.offsets[words.by_length[0]]
    number = ZERO
    for span in range(edges.shape[0]):
        passage = text[edges[span, 0] : edges[span, 1]]
        if passage.size == 0:
            exact[span] = False
            continue
        work[0] = WORK
        counts[span], number = _inside_tokens(segment, words, passage, span, rows, number)
        for fragment in range(min(passage.size, longest)):
            count, whole, number = _after_fragment(
                segment, words, passage, fragment, found, stack, work, span, rows, number
            )
            counts[span] += count
            exact[span] &= whole
    return counts, exact, rows[:number]
