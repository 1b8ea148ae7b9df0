"""Kernels that refine the edges of one match, byte by byte, whatever the tokenization of what occurs."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from wherefrom.descent import BRANCH_WORK, FEW, READ_WORK, branch, push, with_token
from wherefrom.search import SegmentArrays, is_live, live_count, position_of, token_at
from wherefrom.spellings import SpellingArrays, spelled_since, spelled_until, with_previous_byte
from wherefrom_indexer.kernels import ONE, ZERO, inner_kernel, prefetch_read

SCANNED = 64
"""Intervals of up to this many ranks are read occurrence by occurrence; others are searched through the vocabulary."""

FRAGMENT = 128
"""Bytes that an edge may be moved to the left of a token boundary of the text: more than any word of it is long."""

FRAGMENT_TOKEN = 32
"""The same for a frequent match, whose fragment has to be the end of one token."""

BACK_OFF = 3
"""Tokens given up at the right edge, because a cut word is tokenized otherwise than the whole one."""

ROOM = FRAGMENT_TOKEN + 1
"""Intervals that an edge needs room for."""

ENDINGS_TRIED = 256
"""Tokens tried in front of a frequent match, for one fragment."""

PRECEDING_READ = 1 << 12
"""Occurrences of a frequent match that are read where more tokens end with the fragment."""


@inner_kernel
def _shared_bytes(words: SpellingArrays, value: int, text: NDArray[np.uint8], at: int) -> int:
    """How many bytes of text[at:] a stored value spells."""
    if value == 0 or value >= words.offsets.size:
        return 0
    start, end = words.offsets[value - 1], min(words.offsets[value], words.offsets[value - 1] + text.size - at)
    byte = start
    while byte < end and words.spellings[byte] == text[at + byte - start]:
        byte += 1
    return byte - start  # type: ignore[no-any-return]


@inner_kernel
def farthest_spelled(
    segment: SegmentArrays,
    words: SpellingArrays,
    text: NDArray[np.uint8],
    root: tuple[int, int, int, int],
    enough: int,
    stack: NDArray[np.int64],
    work: NDArray[np.int64],
) -> int:
    """The farthest byte to which a live suffix below a root (low, high, depth, at) goes on to spell the text.

    Looks no further once that is `enough`.
    """
    pending = push(stack, ZERO, root[0], root[1], root[2], root[3])
    farthest = root[3]
    while pending > 0 and work[0] > 0 and farthest < enough:
        pending -= 1
        low, high, depth, at = stack[pending, 0], stack[pending, 1], stack[pending, 2], stack[pending, 3]
        if high - low <= FEW:
            for rank in range(low, high):
                if is_live(segment, rank):
                    end = spelled_until(
                        segment.tokens, words, position_of(segment.tokens, segment.suffixes, rank) + depth, text, at
                    )
                    work[0] -= end - at + READ_WORK
                    farthest = max(farthest, end)
            continue
        work[0] -= BRANCH_WORK
        if at == text.size:
            if live_count(segment, low, high) > 0:
                farthest = text.size
            continue
        pending, _, place, _ = branch(segment, words, text, (low, high, depth, at), stack, pending)
        # The live neighbours of where the text would stand share most with it.
        after = place
        while after < high and not is_live(segment, after):
            after += 1
            work[0] -= 1
        if after < high:
            value = token_at(segment.tokens, position_of(segment.tokens, segment.suffixes, after) + depth)
            farthest = max(farthest, at + _shared_bytes(words, value, text, at))
        before = place - 1
        while before >= low and not is_live(segment, before):
            before -= 1
            work[0] -= 1
        if before >= low:
            value = token_at(segment.tokens, position_of(segment.tokens, segment.suffixes, before) + depth)
            farthest = max(farthest, at + _shared_bytes(words, value, text, at))
    return farthest


@inner_kernel
def reach_by_occurrences(
    segment: SegmentArrays,
    words: SpellingArrays,
    text: NDArray[np.uint8],
    query: NDArray[np.int64],
    starts: NDArray[np.int64],
    place: int,
    match: tuple[int, int, int],
    reach: NDArray[np.int64],
    work: NDArray[np.int64],
) -> None:
    """Reads each occurrence of a small interval (low, high, depth) in both directions from the text's token `place` on:
    token by token while they are those of the text, then byte by byte."""
    at = starts[place]
    floor = max(0, at - FRAGMENT)
    for rank in range(match[0], match[1]):
        prefetch_read(segment.tokens, segment.suffixes[rank])
    for rank in range(match[0], match[1]):
        if not is_live(segment, rank):
            continue
        position = position_of(segment.tokens, segment.suffixes, rank)
        after, before = match[2], ZERO
        while place + after < query.size and token_at(segment.tokens, position + after) == query[place + after]:
            after += 1
        end = text.size
        if place + after < query.size:
            end = spelled_until(segment.tokens, words, position + after, text, starts[place + after])
        while (
            before < place
            and starts[place - before - 1] >= floor
            and token_at(segment.tokens, position - before - 1) == query[place - before - 1]
        ):
            before += 1
        start = spelled_since(segment.tokens, words, position - before, text, starts[place - before], floor)
        work[0] -= end - at + READ_WORK
        reach[start] = max(reach[start], end)
        reach[at] = max(reach[at], end)


@inner_kernel
def _farthest_preceded(
    segment: SegmentArrays,
    words: SpellingArrays,
    text: NDArray[np.uint8],
    interval: tuple[int, int],
    at: int,
    endings: tuple[int, int],
    work: NDArray[np.int64],
) -> int:
    """The farthest byte to which those live suffixes of an interval spell text[at:] that one of `endings` precedes."""
    farthest = ZERO
    for rank in range(interval[0], min(interval[1], interval[0] + PRECEDING_READ)):
        position = position_of(segment.tokens, segment.suffixes, rank)
        value = token_at(segment.tokens, position - 1)
        work[0] -= READ_WORK
        known = 0 < value < words.offsets.size
        if known and endings[0] <= int(words.ending_rank[value - 1]) < endings[1] and is_live(segment, rank):
            end = spelled_until(segment.tokens, words, position, text, at)
            work[0] -= end - at
            farthest = max(farthest, end)
    return farthest  # type: ignore[no-any-return]


@inner_kernel
def extend_right(
    segment: SegmentArrays,
    words: SpellingArrays,
    text: NDArray[np.uint8],
    query: NDArray[np.int64],
    starts: NDArray[np.int64],
    anchor: tuple[int, int],
    enough: int,
    reach: NDArray[np.int64],
    frequent: NDArray[np.int64],
    levels: NDArray[np.int64],
    stack: NDArray[np.int64],
    work: NDArray[np.int64],
) -> None:
    """Extends a match to the right: where few occurrences are left by reading each, else by the spellings of tokens,
    going back over its last tokens. Notes in `frequent` the last interval that was too large to be read.
    `levels`: room for the intervals of the last depths."""
    place, length = anchor
    at = starts[place]
    low, high, depth = segment.first_token[query[place]], segment.first_token[query[place] + 1], ONE
    levels[:BACK_OFF] = 0
    while high - low > SCANNED and depth < length:
        levels[depth % BACK_OFF, 0], levels[depth % BACK_OFF, 1] = low, high
        low, high = with_token(segment, low, high, depth, query[place + depth])
        depth += 1
    if high - low <= SCANNED:
        reach_by_occurrences(segment, words, text, query, starts, place, (low, high, depth), reach, work)
        depth -= 1
    else:
        levels[depth % BACK_OFF, 0], levels[depth % BACK_OFF, 1] = low, high
    if depth == 0:
        return
    frequent[0], frequent[1] = levels[depth % BACK_OFF, 0], levels[depth % BACK_OFF, 1]
    for shorter in range(depth, max(0, depth - BACK_OFF), -1):
        if reach[at] >= enough:
            break
        low, high = levels[shorter % BACK_OFF, 0], levels[shorter % BACK_OFF, 1]
        known = starts[place + shorter] if place + shorter < starts.size else text.size
        reach[at] = max(
            reach[at], farthest_spelled(segment, words, text, (low, high, shorter, known), enough, stack, work)
        )


@inner_kernel
def joint_before(
    starts: NDArray[np.int64],
    following: NDArray[np.int64],
    before: NDArray[np.int64],
    place: int,
    end: int,
    byte: int,
) -> int:
    """The last joint, from the one at `place` to the one at or before `end`, that begins before a byte."""
    joint = end if following[end] == end else before[end]
    while joint > place and starts[joint] >= byte:
        joint = before[joint]
    return joint


@inner_kernel
def extend_left(
    segment: SegmentArrays,
    words: SpellingArrays,
    text: NDArray[np.uint8],
    query: NDArray[np.int64],
    starts: NDArray[np.int64],
    place: int,
    following: NDArray[np.int64],
    before: NDArray[np.int64],
    least: int,
    frequent: tuple[int, int],
    allowed: NDArray[np.bool_],
    last_end: NDArray[np.int64],
    reached: NDArray[np.int64],
    reach: NDArray[np.int64],
    bounds: NDArray[np.int64],
    stack: NDArray[np.int64],
    work: NDArray[np.int64],
) -> None:
    """Extends a frequent match to the left, from each byte since the joint before it that begins the end of some token.

    `last_end`: the last allowed end up to each byte; `reached`: the farthest that is known to be reached from an
    allowed start before each byte; `bounds`: room for the places in `by_ending` of what ends with each fragment.
    """
    at, first = starts[place], starts[before[place]]
    goal = last_end[reach[at]]
    if at == 0:
        return
    bounds[1, 0], bounds[1, 1] = words.by_last_byte[text[at - 1]], words.by_last_byte[text[at - 1] + 1]
    size = ONE
    while size < min(at, FRAGMENT_TOKEN) and bounds[size, 0] < bounds[size, 1]:
        low, high = with_previous_byte(words, bounds[size, 0], bounds[size, 1], size, text[at - size - 1])
        size += 1
        bounds[size, 0], bounds[size, 1] = low, high
    for start in range(max(at - size, first), at):
        if max(reach[start], reached[start]) >= goal or goal - start < least or work[0] <= 0:
            break
        ending, last = bounds[at - start, 0], bounds[at - start, 1]
        if ending == last or not allowed[start]:
            continue
        farthest = ZERO
        if last - ending > ENDINGS_TRIED:
            farthest = _farthest_preceded(segment, words, text, frequent, at, (ending, last), work)
            last = ending
        # A passage that matters has all tokens of the text from this joint to the last one that it must contain.
        joint = place
        if following[place] == place:
            joint = joint_before(starts, following, before, place, query.size, max(start + least, reached[start] + 1))
        for number in range(ending, last):
            token = int(words.by_ending[number])
            low, high = segment.first_token[token + 1], segment.first_token[token + 2]
            depth = ONE
            while low < high and depth <= joint - place:
                low, high = with_token(segment, low, high, depth, query[place + depth - 1])
                depth += 1
            work[0] -= depth * READ_WORK
            if low < high:
                end = farthest_spelled(segment, words, text, (low, high, depth, starts[joint]), goal, stack, work)
                farthest = max(farthest, end)
        reach[start] = max(reach[start], farthest)
        byte = start + 1
        while byte < reached.size and reached[byte] < last_end[farthest]:
            reached[byte] = last_end[farthest]
            byte += 1
