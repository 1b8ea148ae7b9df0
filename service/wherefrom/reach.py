"""How far the passages of a text reach that occur, byte by byte, whatever their tokenization.

The text was matched token by token (`longest`). Where a passage begins or ends inside a token, tokens miss it: so the
edges of matches are refined (`edges`), which costs much more than the matches did. It is done where it can matter: a
text of which 8 passages are shown has some 200 matches. What can be reached is bounded by joints (`joints`).
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from wherefrom.descent import new_stack
from wherefrom.edges import (
    FRAGMENT,
    FRAGMENT_TOKEN,
    ROOM,
    SCANNED,
    extend_left,
    extend_right,
    farthest_spelled,
    joint_before,
    reach_by_occurrences,
)
from wherefrom.joints import Joints
from wherefrom.search import SegmentArrays, sharing_from, sharing_until
from wherefrom.spellings import SpellingArrays
from wherefrom_indexer.kernels import ZERO, allocating_kernel, inner_kernel, kernel

LONG = 64
"""Tokens of a match from which on its inside is passed over, up to where another match ends later, or to so many tokens
before its end. Else a text that repeats itself costs the square of its length."""

WORK = 1 << 24
"""Steps (about a nanosecond each) that the refinement of edges may take. What natural text needs is a tenth; a text of
one repeated letter, over a corpus of the like, would take minutes, and damaged data might never end."""

WORK_A_BYTE = 1 << 10
"""The same for each byte of a text, beside WORK."""

BOUNDED, REACHED = 1, 2
"""What is known of a joint that was looked up: how far at most a passage that contains it goes, or how far exactly."""


def reaches(
    segment: SegmentArrays,
    words: SpellingArrays,
    text: NDArray[np.uint8],
    query: NDArray[np.int64],
    starts: NDArray[np.int64],
    matches: tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64]],
    joints: Joints,
    least: int,
    allowed_starts: NDArray[np.bool_],
    allowed_ends: NDArray[np.bool_],
) -> NDArray[np.int64]:
    """Find how far the passages of a text that occur live reach, in bytes.

    Where few occurrences of a match are left, each is read in both directions; where they are many, the tokens that
    begin or end with the fragment are looked up. Once the work that a text may take is used up, edges stay at tokens.

    Args:
        segment: SegmentArrays.
        words: SpellingArrays.
        text: uint8, UTF-8.
        query: int64 (n), stored values of the text's tokens.
        starts: int64 (n), the byte of the text at which each token begins.
        matches: lengths, low and high ranks of the longest match at each token, int64 (n) each.
        joints: those of the text.
        least: bytes below which a passage is of no interest.
        allowed_starts, allowed_ends: bool (bytes + 1), where a passage that is of interest may begin and end.

    Returns:
        int64 (bytes): the end of the longest passage found to begin at each byte; 0 where there is none. A passage that
        begins at a later byte and ends no later is left out.
    """
    reach = np.zeros(len(text), np.int64)
    places = _anchors(*matches)
    _refine(
        segment,
        words,
        text,
        query,
        np.append(starts, len(text)),
        np.stack(matches),
        places,
        joints.following,
        joints.before,
        least,
        _next_place(allowed_starts),
        _last_place(allowed_ends),
        allowed_starts,
        np.zeros((len(places), 2), np.int64),
        np.full(1, WORK + WORK_A_BYTE * len(text), np.int64),
        reach,
    )
    return reach


def _anchors(lengths: NDArray[np.int64], lows: NDArray[np.int64], highs: NDArray[np.int64]) -> NDArray[np.int64]:
    """The tokens whose matches may have to be followed.

    A token adds nothing when all its occurrences are those of the token before it; and inside a long match, far from
    its end, when its match ends no later.
    """
    ends = np.arange(len(lengths)) + lengths
    keep = lengths > 0
    keep[1:] &= (ends[1:] != ends[:-1]) | ((highs - lows)[1:] != (highs - lows)[:-1])
    keep[1:] &= (ends[1:] != ends[:-1]) | (lengths[1:] <= LONG)
    return np.flatnonzero(keep)


def _next_place(allowed: NDArray[np.bool_]) -> NDArray[np.int64]:
    """The first allowed byte at or behind each one; the last of all if there is none."""
    last = len(allowed) - 1
    return np.minimum.accumulate(np.where(allowed, np.arange(len(allowed)), last)[::-1])[::-1].astype(np.int64)


def _last_place(allowed: NDArray[np.bool_]) -> NDArray[np.int64]:
    """The last allowed byte at or before each one; 0 if there is none."""
    return np.maximum.accumulate(np.where(allowed, np.arange(len(allowed)), 0)).astype(np.int64)


@inner_kernel
def _bound_joints(
    segment: SegmentArrays,
    words: SpellingArrays,
    text: NDArray[np.uint8],
    query: NDArray[np.int64],
    starts: NDArray[np.int64],
    matches: NDArray[np.int64],
    following: NDArray[np.int64],
    before: NDArray[np.int64],
    least: int,
    next_start: NDArray[np.int64],
    last_end: NDArray[np.int64],
    reach: NDArray[np.int64],
    stack: NDArray[np.int64],
    work: NDArray[np.int64],
    limits: NDArray[np.int64],
    read: NDArray[np.bool_],
    looked_up: NDArray[np.int64],
) -> None:
    """Finds for each joint how far a passage may reach that contains it (`limits`, of the end of the text: that end).

    Tokens tell this up to the next joint behind a match; what lies between is looked up, where a passage that is long
    enough may begin before the joint. `read`: all occurrences there were read, so that `reach` is right for the starts
    before the joint already.
    """
    size = query.size
    limits[size] = text.size
    for place in range(size - 1, 0, -1):
        limits[place] = limits[following[place + 1]]
        if following[place] != place:
            continue
        at, end = starts[place], place + matches[0, place]
        limits[place] = min(limits[place], starts[following[min(end + 1, size)]])
        enough, first = last_end[limits[place]], next_start[starts[before[place]]]
        if first >= at or enough - first < least or work[0] <= 0:
            continue
        later = following[place + 1]
        if (
            later < end
            and looked_up[later]
            and later + matches[0, later] == end
            and matches[2, later] - matches[1, later] == matches[2, place] - matches[1, place]
        ):
            looked_up[place] = BOUNDED  # by the joint behind, whose match has the same occurrences
            continue
        reach[at] = max(reach[at], starts[end])
        depth = (end if following[end] == end else before[end]) - place
        low, high = _sharing(segment, query, matches, place, depth)
        if depth > 0 and high - low <= SCANNED:
            # What is long enough, and begins before the joint, has all tokens up to this joint behind it.
            shorter = joint_before(starts, following, before, place, end, first + least) - place
            if 0 < shorter < depth:
                wider = _sharing(segment, query, matches, place, shorter)
                if wider[1] - wider[0] <= SCANNED:
                    low, high = wider
                    depth = shorter
            read[place] = shorter > 0 and shorter >= depth and at - starts[before[place]] < min(least, FRAGMENT)
            reach_by_occurrences(segment, words, text, query, starts, place, (low, high, depth), reach, work)
        else:
            root = (low, high, depth, starts[place + depth])
            reach[at] = max(reach[at], farthest_spelled(segment, words, text, root, enough, stack, work))
        looked_up[place] = REACHED
        if reach[at] < enough and work[0] > 0:
            limits[place] = reach[at]


@inner_kernel
def _sharing(
    segment: SegmentArrays, query: NDArray[np.int64], matches: NDArray[np.int64], place: int, depth: int
) -> tuple[int, int]:
    """The ranks that share the first `depth` tokens of the match at a place."""
    if depth == 0:
        return ZERO, segment.suffixes.size
    first, beyond = segment.first_token[query[place]], segment.first_token[query[place] + 1]
    return (
        sharing_from(segment, query, place, first, matches[1, place], depth),
        sharing_until(segment, query, place, matches[2, place], beyond, depth),
    )


@allocating_kernel
def _reached_before(
    starts: NDArray[np.int64],
    matches: NDArray[np.int64],
    next_start: NDArray[np.int64],
    last_end: NDArray[np.int64],
    reach: NDArray[np.int64],
) -> NDArray[np.int64]:
    """Puts the matches into `reach`.

    Returns:
        For each byte how far a passage is then known to reach from an allowed start before it to an allowed end.
    """
    reached = np.zeros(reach.size + 2, np.int64)
    for place in range(matches.shape[1]):
        at = starts[place]
        reach[at] = max(reach[at], starts[place + matches[0, place]])
    for at in range(reach.size):
        first = next_start[at]
        if reach[at] > first:
            reached[first + 1] = max(reached[first + 1], last_end[reach[at]])
    for byte in range(1, reached.size):
        reached[byte] = max(reached[byte], reached[byte - 1])
    return reached


@kernel
def _refine(
    segment: SegmentArrays,
    words: SpellingArrays,
    text: NDArray[np.uint8],
    query: NDArray[np.int64],
    starts: NDArray[np.int64],
    matches: NDArray[np.int64],
    places: NDArray[np.int64],
    following: NDArray[np.int64],
    before: NDArray[np.int64],
    least: int,
    next_start: NDArray[np.int64],
    last_end: NDArray[np.int64],
    allowed_starts: NDArray[np.bool_],
    frequent: NDArray[np.int64],
    work: NDArray[np.int64],
    reach: NDArray[np.int64],
) -> None:
    """Fills in `reach`; see `reaches`. `starts` has the end of the text behind its n places.

    The later a passage begins, the later it ends: so the matches are extended to the right from the last to the first,
    each until it ends where the one behind it does, and then to the left where no earlier passage ends as late. Left
    out are those before which no passage may begin that is long enough, and ends later than an earlier one.
    """
    stack, room = new_stack(), np.zeros((ROOM, 2), np.int64)
    limits = np.zeros(query.size + 1, np.int64)
    read = np.zeros(query.size + 1, np.bool_)
    looked_up = np.zeros(query.size + 1, np.int64)
    _bound_joints(
        segment, words, text, query, starts, matches, following, before, least, next_start, last_end, reach, stack,
        work, limits, read, looked_up,
    )  # fmt: skip
    reached = _reached_before(starts, matches, next_start, last_end, reach)
    bound = text.size  # no passage from here on to the left ends behind it
    for number in range(places.size - 1, -1, -1):
        place = places[number]
        at = starts[place]
        # Passages from the token's start on contain the joint behind it; those from earlier bytes on, its own joint.
        joint, own = following[place + 1], following[place]
        end, first = last_end[min(bound, limits[joint])], next_start[at]
        wanted = end - first >= least and end > reached[first] and not read[joint]
        first = next_start[max(starts[before[place]], at - FRAGMENT_TOKEN)]
        own_end = last_end[min(bound, limits[own])]
        wanted_left = first < at and own_end - first >= least and own_end > reached[first] and not read[own]
        if (wanted or wanted_left) and work[0] > 0:
            enough = reach[at] if looked_up[place] == REACHED else max(end, reach[at])
            extend_right(
                segment, words, text, query, starts, (place, matches[0, place]), enough, reach, frequent[number],
                room, stack, work,
            )  # fmt: skip
            if not wanted_left:
                frequent[number, 1] = 0
            bound = max(reach[at], min(bound, limits[joint])) if reach[at] >= end else reach[at]
        else:
            bound = min(bound, limits[joint])
    reached = _reached_before(starts, matches, next_start, last_end, reach)
    for number in range(places.size):
        if frequent[number, 1] > 0:
            place = places[number]
            extend_left(
                segment, words, text, query, starts, place, following, before, least,
                (frequent[number, 0], frequent[number, 1]), allowed_starts, last_end, reached, reach, room, stack, work,
            )  # fmt: skip
