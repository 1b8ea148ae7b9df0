"""Kernels that search one segment token by token: live ranks, longest matches, intervals and their counts.

Damage that `open` cannot see never leads out of bounds: every position read from a file is bounded before use
(`position_of`, `token_at`).

Small functions take the arrays that they read and not the segment: to hand ten arrays over costs Numba more than the
function does. What is annotated `int` is an int64 in compiled code; type checkers see numpy there and must ignore it.

Words: `rank` is a place in the suffix array; `low` and `high` bound an interval of ranks whose suffixes share `depth`
tokens.
"""

from __future__ import annotations

from typing import NamedTuple, TypeAlias

import numpy as np
from numpy.typing import NDArray

from wherefrom_indexer.kernels import ONE, inner_kernel, kernel

Tokens: TypeAlias = NDArray[np.uint16] | NDArray[np.uint32]


class SegmentArrays(NamedTuple):
    """What kernels read of a segment.

    tokens: uint16 or uint32, stored values; suffixes: uint32, positions; first_token: int64 (vocabulary + 2), the
    suffixes that begin with stored value v have the ranks first_token[v]:first_token[v + 1]; live: uint64 words, one
    bit a rank, empty when nothing was removed; live_before: uint32, live ranks before every eighth word; codes,
    leaders, keys: uint64, see `wherefrom_indexer.top_level`.
    """

    tokens: Tokens
    suffixes: NDArray[np.uint32]
    first_token: NDArray[np.int64]
    live: NDArray[np.uint64]
    live_before: NDArray[np.uint32]
    codes: NDArray[np.uint64]
    leaders: NDArray[np.uint64]
    keys: NDArray[np.uint64]


# --- live ranks ------------------------------------------------------------------------------------------------------


@inner_kernel
def _bits(word: np.uint64) -> int:
    """Number of set bits of a uint64."""
    word = word - ((word >> np.uint64(1)) & np.uint64(0x5555555555555555))
    word = (word & np.uint64(0x3333333333333333)) + ((word >> np.uint64(2)) & np.uint64(0x3333333333333333))
    word = (word + (word >> np.uint64(4))) & np.uint64(0x0F0F0F0F0F0F0F0F)
    return np.int64((word * np.uint64(0x0101010101010101)) >> np.uint64(56))  # type: ignore[return-value]


@inner_kernel
def is_live(segment: SegmentArrays, rank: int) -> bool:
    """Whether the suffix of a rank stands in a document that is not removed."""
    if segment.live.size == 0:
        return True
    return (segment.live[rank >> 6] >> np.uint64(rank & 63)) & np.uint64(1) != np.uint64(0)  # type: ignore[no-any-return]


@inner_kernel
def _live_before(segment: SegmentArrays, rank: int) -> int:
    """Live ranks below `rank`, in constant time."""
    if segment.live.size == 0:
        return rank
    word = rank >> 6
    block = min(word >> 3, segment.live_before.size - 1)
    count = np.int64(segment.live_before[block])
    for before in range(block << 3, word):
        count += _bits(segment.live[before])
    if rank & 63:
        count += _bits(segment.live[word] & ((np.uint64(1) << np.uint64(rank & 63)) - np.uint64(1)))
    return count  # type: ignore[return-value]


@inner_kernel
def live_count(segment: SegmentArrays, low: int, high: int) -> int:
    """Live ranks of an interval."""
    return _live_before(segment, high) - _live_before(segment, low)


@inner_kernel
def live_at_or_after(live: NDArray[np.uint64], rank: int, high: int) -> int:
    """The first live rank from `rank` on, or `high`; `live` is not empty."""
    while rank < high and not (live[rank >> 6] >> np.uint64(rank & 63)) & np.uint64(1):
        if rank & 63 == 0 and live[rank >> 6] == np.uint64(0):
            rank += 64
        else:
            rank += 1
    return min(rank, high)


@inner_kernel
def live_before_rank(live: NDArray[np.uint64], rank: int, low: int) -> int:
    """The last live rank below `rank`, or `low - 1`; `live` is not empty."""
    rank -= 1
    while rank >= low and not (live[rank >> 6] >> np.uint64(rank & 63)) & np.uint64(1):
        if rank & 63 == 63 and live[rank >> 6] == np.uint64(0):
            rank -= 64
        else:
            rank -= 1
    return max(rank, low - 1)


# --- the suffix array, token-wise ------------------------------------------------------------------------------------


@inner_kernel
def position_of(tokens: Tokens, suffixes: NDArray[np.uint32], rank: int) -> int:
    """The position of a suffix, bounded: the last position is a separator, which matches nothing."""
    return min(np.int64(suffixes[rank]), tokens.size - 1)  # type: ignore[return-value]


@inner_kernel
def token_at(tokens: Tokens, position: int) -> int:
    """The stored value at a position; outside of the segment, a separator."""
    return np.int64(tokens[position]) if 0 <= position < tokens.size else np.int64(0)  # type: ignore[return-value]


@inner_kernel
def _shared(tokens: Tokens, position: int, query: NDArray[np.int64], start: int, depth: int) -> int:
    """Tokens that the suffix at `position` shares with query[start:], of which `depth` are known to be shared."""
    limit = min(query.size - start, tokens.size - position)
    while depth < limit and np.int64(tokens[position + depth]) == query[start + depth]:
        depth += 1
    return depth


@inner_kernel
def _first_at_least(tokens: Tokens, suffixes: NDArray[np.uint32], low: int, high: int, depth: int, value: int) -> int:
    """The first rank of an interval whose token at `depth` is at least `value`."""
    while low < high:
        middle = (low + high) >> 1
        if token_at(tokens, position_of(tokens, suffixes, middle) + depth) < value:
            low = middle + 1
        else:
            high = middle
    return low


@inner_kernel
def narrowed(segment: SegmentArrays, low: int, high: int, depth: int, least: int, beyond: int) -> tuple[int, int]:
    """The part of an interval whose token at `depth` has a stored value of least <= value < beyond."""
    if depth == 0:
        return segment.first_token[least], segment.first_token[beyond]
    low = _first_at_least(segment.tokens, segment.suffixes, low, high, depth, least)
    return low, _first_at_least(segment.tokens, segment.suffixes, low, high, depth, beyond)


@inner_kernel
def sharing_from(segment: SegmentArrays, query: NDArray[np.int64], start: int, low: int, place: int, depth: int) -> int:
    """The first rank from `low` on that shares `depth` tokens with query[start:], when the ranks up to `place` do.

    Looks near `place` first: most matches are rare, and each look costs the length of the match.
    """
    high, step = place, 1
    while (
        high - step >= low
        and _shared(segment.tokens, position_of(segment.tokens, segment.suffixes, high - step), query, start, ONE)
        >= depth
    ):
        high -= step
        step *= 2
    low = max(low, high - step + 1)
    while low < high:
        middle = (low + high) >> 1
        if _shared(segment.tokens, position_of(segment.tokens, segment.suffixes, middle), query, start, ONE) < depth:
            low = middle + 1
        else:
            high = middle
    return low


@inner_kernel
def sharing_until(
    segment: SegmentArrays, query: NDArray[np.int64], start: int, place: int, high: int, depth: int
) -> int:
    """The first rank before `high` that does not share `depth` tokens, when the ranks from `place` on do; or `high`."""
    low, step = place, 1
    while (
        low + step <= high
        and _shared(segment.tokens, position_of(segment.tokens, segment.suffixes, low + step - 1), query, start, ONE)
        >= depth
    ):
        low += step
        step *= 2
    high = min(high, low + step - 1)
    while low < high:
        middle = (low + high) >> 1
        if _shared(segment.tokens, position_of(segment.tokens, segment.suffixes, middle), query, start, ONE) >= depth:
            low = middle + 1
        else:
            high = middle
    return low


@kernel
def interval(segment: SegmentArrays, query: NDArray[np.int64]) -> tuple[int, int]:
    """The interval of ranks whose suffixes begin with all of a query (int64, stored values, at least one)."""
    low = segment.first_token[query[0]]
    high = segment.first_token[query[0] + 1]
    for depth in range(1, query.size):
        low, high = narrowed(segment, low, high, depth, query[depth], query[depth] + 1)
    return low, high


@kernel
def live_counts(segment: SegmentArrays, lows: NDArray[np.int64], highs: NDArray[np.int64]) -> NDArray[np.int64]:
    """Number of live ranks in each of many intervals."""
    counts = np.zeros(lows.size, np.int64)
    for number in range(lows.size):
        counts[number] = live_count(segment, lows[number], highs[number])
    return counts
