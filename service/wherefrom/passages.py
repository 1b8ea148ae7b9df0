"""Kernels that search one segment byte by byte, across the boundaries of tokens.

They answer two questions: where does a text occur, whatever its tokenization (`occurrences`), and how far do the
passages of a text reach (`reaches`). Both walk the suffix array through the vocabulary: because token ids follow the
byte order of their spellings, all tokens that begin with given bytes are one range of ids and one interval of ranks.

Words: as in `search`; `at` is a byte of the searched text, a `fragment` its part that lies in a token begun before it.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from wherefrom.search import SegmentArrays, is_live, live_count, longest_match, narrowed, position_of, token_at
from wherefrom_indexer.kernels import inner_kernel, kernel
from wherefrom_indexer.vocabulary import Vocabulary

SCANNED = 64
"""Intervals up to this many ranks are read occurrence by occurrence; larger ones are searched through the vocabulary.
An occurrence costs two cache misses, a step through the vocabulary about twenty."""

FEW = 8
"""The same bound inside a search through the vocabulary, where each branch already is a small part of an interval."""

FRAGMENT = 128
"""Bytes that an edge may be moved to the left of a token boundary of the text: more than any word of it is long."""

FRAGMENT_TOKEN = 32
"""The same for a frequent match, whose fragment has to be the end of one token."""

BACK_OFF = 3
"""Tokens given up at the right edge, because a cut word is tokenized otherwise than the whole one."""

ENDINGS_TRIED = 256
"""Tokens tried in front of a frequent match, for one fragment."""

INTERVALS = 1 << 16
"""Intervals that one text may be spread over before its count becomes a lower bound."""

STACK = 1 << 12
BRANCHES = 1 << 16
"""Branches followed for one text. Sound data stay far below; damaged data end here instead of never."""


class SpellingArrays(NamedTuple):
    """What kernels read of a vocabulary; see `wherefrom_indexer.vocabulary.Vocabulary`.

    by_length: int64, new ids, the longest spellings first.
    """

    spellings: NDArray[np.uint8]
    offsets: NDArray[np.int64]
    by_ending: NDArray[np.uint32]
    ending_rank: NDArray[np.uint32]
    by_length: NDArray[np.int64]


def spelling_arrays(vocabulary: Vocabulary) -> SpellingArrays:
    """Return what kernels read of a vocabulary."""
    by_length = np.argsort(-np.diff(vocabulary.offsets), kind="stable").astype(np.int64)
    arrays = SpellingArrays(
        vocabulary.spellings.view(),
        vocabulary.offsets.view(),
        vocabulary.by_ending.view(),
        vocabulary.ending_rank.view(),
        by_length,
    )
    for array in arrays:  # Numba compiles a kernel again for every mixture of read-only and writable arrays
        array.flags.writeable = False
    return arrays


# --- spellings -------------------------------------------------------------------------------------------------------


@inner_kernel
def _spelled_until(
    segment: SegmentArrays, words: SpellingArrays, position: int, text: NDArray[np.uint8], at: int
) -> int:
    """How far into `text` the tokens from `position` on spell text[at:]; they may end inside a token."""
    while at < text.size:
        value = token_at(segment, position)
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
def _spelled_since(
    segment: SegmentArrays, words: SpellingArrays, position: int, text: NDArray[np.uint8], at: int, floor: int
) -> int:
    """From where on the tokens before `position` spell the end of text[floor:at]; they may begin inside a token."""
    while at > floor:
        position -= 1
        value = token_at(segment, position)
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
def _with_next_byte(words: SpellingArrays, low: int, high: int, length: int, byte: int) -> tuple[int, int]:
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
def _ending_order(words: SpellingArrays, token: int, text: NDArray[np.uint8], start: int, end: int) -> int:
    """Compares a token with text[start:end] from the back: -1 before, 0 ends with it, 1 after."""
    byte = words.offsets[token + 1]
    while end > start:
        if byte == words.offsets[token]:
            return -1
        byte -= 1
        end -= 1
        if words.spellings[byte] != text[end]:
            return -1 if words.spellings[byte] < text[end] else 1
    return 0


@inner_kernel
def _ending_with(words: SpellingArrays, text: NDArray[np.uint8], start: int, end: int) -> tuple[int, int]:
    """The places in `by_ending` of the tokens that end with text[start:end] and are longer than it."""
    bounds = np.zeros(2, np.int64)
    for side in range(2):
        low, high = bounds[0], words.by_ending.size
        while low < high:
            middle = (low + high) >> 1
            if _ending_order(words, int(words.by_ending[middle]), text, start, end) < side:
                low = middle + 1
            else:
                high = middle
        bounds[side] = low
    low = bounds[0]
    while low < bounds[1]:  # a token that is the fragment itself stands first
        token = np.int64(words.by_ending[low])
        if words.offsets[token + 1] - words.offsets[token] > end - start:
            break
        low += 1
    return low, bounds[1]


@inner_kernel
def _push(stack: NDArray[np.int64], pending: int, low: int, high: int, depth: int, at: int) -> int:
    stack[pending, 0], stack[pending, 1], stack[pending, 2], stack[pending, 3] = low, high, depth, at
    return pending + 1


# --- where a text occurs ---------------------------------------------------------------------------------------------


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
) -> tuple[int, bool]:
    """Finds the ranks in low:high whose suffixes spell text[at:] after their first `depth` tokens.

    Fills `found` (int64, m x 2) with disjoint intervals; returns their number and whether that is all of them.
    """
    stack = np.empty((STACK, 4), np.int64)
    pending = _push(stack, 0, low, high, depth, at)
    number = 0
    for _ in range(BRANCHES):
        if pending == 0:
            return number, True
        pending -= 1
        low, high, depth, at = stack[pending, 0], stack[pending, 1], stack[pending, 2], stack[pending, 3]
        if high - low <= FEW:
            for rank in range(low, high):
                if _spelled_until(segment, words, position_of(segment, rank) + depth, text, at) == text.size:
                    if number == found.shape[0]:
                        return number, False
                    found[number, 0], found[number, 1] = rank, rank + 1
                    number += 1
            continue
        first, beyond = 0, words.offsets.size - 1
        length = 0
        inner_low, inner_high = low, high
        while inner_low < inner_high:
            first, beyond = _with_next_byte(words, first, beyond, length, text[at + length])
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
                    pending = _push(stack, pending, child_low, child_high, depth + 1, at + length)
                token += 1
    return number, False


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
        position = position_of(segment, rank)
        if endings[0] < endings[1]:
            position -= 1
            value = token_at(segment, position)
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
                more, number = _collect(segment, words, low, high, (0, 0), 0, shift, places, number)
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
    total, number = _inside_tokens(segment, words, text, places, 0)
    exact = True
    longest = words.offsets[words.by_length[0] + 1] - words.offsets[words.by_length[0]]
    for fragment in range(min(text.size, longest)):
        endings = _ending_with(words, text, 0, fragment) if fragment else (0, 0)
        if fragment and endings[0] == endings[1]:
            continue
        for ending in range(endings[0] - 1, endings[1]):
            anywhere = ending < endings[0]  # first what follows the fragment, whatever stands before it
            low, high, depth, shift = 0, segment.suffixes.size, 0, 0
            if not anywhere:
                token = int(words.by_ending[ending])
                low, high, depth = segment.first_token[token + 1], segment.first_token[token + 2], 1
                shift = words.offsets[token + 1] - words.offsets[token] - fragment
            intervals, whole = _spelling_intervals(segment, words, text, low, high, depth, fragment, found)
            exact &= whole
            if anywhere and _ranks(found, intervals) > SCANNED * (endings[1] - endings[0]) > 0:
                continue  # too many to read what stands before each: search from each ending
            before = endings if anywhere else (0, 0)
            for place in range(intervals):
                count, number = _collect(
                    segment, words, found[place, 0], found[place, 1], before, fragment, shift, places, number
                )
                total += count
            if anywhere:
                break
    return total, exact, places[:number]


# --- how far the passages of a text reach ----------------------------------------------------------------------------


@inner_kernel
def _farthest(
    segment: SegmentArrays, words: SpellingArrays, text: NDArray[np.uint8], low: int, high: int, depth: int, at: int
) -> int:
    """The farthest byte to which a live suffix of low:high spells text[at:] after its first `depth` tokens."""
    stack = np.empty((STACK, 4), np.int64)
    pending = _push(stack, 0, low, high, depth, at)
    farthest = at
    for _ in range(BRANCHES):
        if pending == 0:
            break
        pending -= 1
        low, high, depth, at = stack[pending, 0], stack[pending, 1], stack[pending, 2], stack[pending, 3]
        if high - low <= FEW:
            for rank in range(low, high):
                if is_live(segment, rank):
                    position = position_of(segment, rank) + depth
                    farthest = max(farthest, _spelled_until(segment, words, position, text, at))
            continue
        first, beyond = 0, words.offsets.size - 1
        length = 0
        while at + length < text.size:
            first, beyond = _with_next_byte(words, first, beyond, length, text[at + length])
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
                    pending = _push(stack, pending, child_low, child_high, depth + 1, at + length)
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
) -> None:
    """Reads each occurrence of a small interval in both directions from text[at:]."""
    floor = max(0, at - FRAGMENT)
    for rank in range(low, high):
        if is_live(segment, rank):
            position = position_of(segment, rank)
            end = _spelled_until(segment, words, position, text, at)
            start = _spelled_since(segment, words, position, text, at, floor)
            reach[start] = max(reach[start], end)


@inner_kernel
def _reach_to_the_left(
    segment: SegmentArrays,
    words: SpellingArrays,
    text: NDArray[np.uint8],
    at: int,
    floor: int,
    least: int,
    reach: NDArray[np.int64],
) -> None:
    """Extends a frequent match that begins at `at` to the left, by the longest fragment that ends some token."""
    for start in range(floor, at):
        if reach[at] - start < least:
            break
        endings = _ending_with(words, text, start, at)
        for ending in range(endings[0], min(endings[1], endings[0] + ENDINGS_TRIED)):
            token = int(words.by_ending[ending])
            low, high = segment.first_token[token + 1], segment.first_token[token + 2]
            if live_count(segment, low, high) > 0:
                reach[start] = max(reach[start], _farthest(segment, words, text, low, high, 1, at))
        if reach[start] >= reach[at]:
            break


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
    fragment are looked up. A token adds nothing when all its occurrences are those of the token before it.

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
    levels = np.zeros((BACK_OFF, 2), np.int64)  # the last intervals too large to be read
    earlier_length, earlier_size = 0, 0
    for place in range(query.size):
        length, low, high = longest_match(segment, query, place)
        repeated = earlier_length == length + 1 and earlier_size == high - low
        earlier_length, earlier_size = length, high - low
        if repeated or length == 0:
            continue
        at = starts[place]
        low, high = segment.first_token[query[place]], segment.first_token[query[place] + 1]
        depth = 1
        while high - low > SCANNED and depth < length:
            levels[depth % BACK_OFF, 0], levels[depth % BACK_OFF, 1] = low, high
            low, high = narrowed(segment, low, high, depth, query[place + depth], query[place + depth] + 1)
            depth += 1
        if high - low <= SCANNED:
            _reach_by_occurrences(segment, words, text, low, high, at, reach)
            depth -= 1
        else:
            levels[depth % BACK_OFF, 0], levels[depth % BACK_OFF, 1] = low, high
        for shorter in range(depth, max(0, depth - BACK_OFF), -1):
            low, high = levels[shorter % BACK_OFF, 0], levels[shorter % BACK_OFF, 1]
            known = starts[place + shorter] if place + shorter < query.size else text.size
            reach[at] = max(reach[at], _farthest(segment, words, text, low, high, shorter, known))
        if depth > 0:
            _reach_to_the_left(segment, words, text, at, max(0, at - FRAGMENT_TOKEN), least, reach)
    return reach
