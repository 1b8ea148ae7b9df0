"""The longest match at every token of a query, many places at a time.

A search waits for memory nearly all of its time: about a dozen reads, each of which says where the next one is. So the
places of a query advance together: each round reads, for all of them, what the round before asked the memory for.

A place is looked up in three steps. The keys of the top level (`wherefrom_indexer.top_level`) leave 64 ranks, or more
where many suffixes begin alike. Halving these by their text finds where the query would stand, and so its longest
match. Halving what that left open finds the ends of the interval that shares it; those of short matches, which are
frequent, lie far apart and are found through the keys again.

Nothing read from a file is believed: whatever the keys say, ranks stay within the segment and intervals shrink.

A function here works on all lanes at once and takes the arrays that it reads: a call for each place would cost more
than the place, for Numba counts the references to every array handed over.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from wherefrom.search import SegmentArrays, Tokens, live_at_or_after, live_before_rank
from wherefrom_indexer.kernels import (
    ONE,
    ZERO,
    inlined_kernel,
    inner_kernel,
    kernel,
    load_word,
    lowest_bit,
    prefetch_read,
)
from wherefrom_indexer.top_level import KEY_BITS, LEADER_STEP, TOP_STEP

FLIGHT = 128
"""Places that are searched together. More than the processor has reads in flight; what is kept of them fits in L2."""

PROBES = 40
"""Suffixes compared for one place, at most: a segment has fewer than 2^32 ranks, and each leaves half of them."""

COMPARED = 16
"""Tokens after which a comparison asks whether another place has compared the same tokens before."""

KNOWN = 256
"""Comparisons remembered. Without them, a text of n tokens that stands in the corpus takes n * n / 2 steps."""

GALLOP = 32
"""Ranks up to which an end of an interval is looked for by halving; beyond, by steps that double from its inside."""

# A lane looks for the first rank, after LOW and up to HIGH, that stands at or after the query (kind PLACE), that shares
# LENGTH tokens with it (FIRST), or that does not (BEYOND). LEFT and RIGHT: tokens that LOW and HIGH are known to share
# with the query; STEP: by how much RANK, compared next, is away from LOW (or, negative, HIGH); 0: half way between.
# BEGIN: position of RANK's suffix less START; AT: the place of the query up to which they are known to be equal.
LOW, HIGH, LEFT, RIGHT, RANK, STEP, START, STOP, BEGIN, AT, LENGTH, KIND, PROBED = range(13)
COLUMNS = 16
PLACE, FIRST, BEYOND = 0, 1, 2

ALL_BITS = np.uint64(0xFFFFFFFFFFFFFFFF)

Lanes = NDArray[np.int64]  # (lanes, COLUMNS)


@inner_kernel
def _make_keys(
    codes: NDArray[np.uint64],
    query: NDArray[np.int64],
    keys: NDArray[np.uint64],
    bits: NDArray[np.int64],
    stops: NDArray[np.int64],
) -> None:
    """Fills in, for each place of a query, its key, the bits of the codes before it, and how far a match can go.

    That is up to the next token that the segment lacks: keys end there too.
    """
    key = np.uint64(0)
    stop = query.size
    for place in range(query.size - 1, -1, -1):
        value = query[place]
        entry = codes[value] if 0 < value < codes.size else np.uint64(0)
        length = entry & np.uint64(63)
        if length == np.uint64(0):
            key = np.uint64(0)
            stop = place
        else:
            key = (key >> length) | ((entry >> np.uint64(6)) << (np.uint64(KEY_BITS) - length))
        keys[place] = key
        stops[place] = stop
        bits[place + 1] = np.int64(length)
    for place in range(query.size):
        bits[place + 1] += bits[place]


@inlined_kernel
def _first_greater(keys: NDArray[np.uint64], low: int, size: int, key: np.uint64) -> int:
    """The first of keys[low : low + size] that is greater than `key`."""
    while size > 1:
        half = size >> 1
        low = low + half if keys[low + half - 1] <= key else low  # no branch: it could not be predicted
        size -= half
    return low + 1 if size and keys[low] <= key else low


@inner_kernel
def _find_blocks(
    leaders: NDArray[np.uint64],
    keys: NDArray[np.uint64],
    wanted: NDArray[np.uint64],
    pending: int,
    blocks: NDArray[np.int64],
) -> None:
    """Finds the first key that is greater than each one wanted."""
    for lane in range(pending):
        group = max(_first_greater(leaders, ZERO, leaders.size, wanted[lane]) - 1, ZERO) * LEADER_STEP
        for number in range(group, group + LEADER_STEP, 8):
            prefetch_read(keys, number)
        blocks[lane] = group
    for lane in range(pending):
        size = min(keys.size - blocks[lane], LEADER_STEP)
        blocks[lane] = _first_greater(keys, blocks[lane], size, wanted[lane])


@inner_kernel
def _ask_suffixes(suffixes: NDArray[np.uint32], lanes: Lanes, count: int) -> None:
    """Asks the memory for the suffixes of each lane, or for the middle of them where they are many."""
    for lane in range(count):
        low = lanes[lane, LOW]
        high = lanes[lane, HIGH]
        if high - low <= TOP_STEP:
            for rank in range(low + 1, high, 16):
                prefetch_read(suffixes, rank)
        prefetch_read(suffixes, (low + high) >> 1)


@inner_kernel
def _ask_tokens(
    tokens: Tokens, suffixes: NDArray[np.uint32], lanes: Lanes, waiting: NDArray[np.int64], pending: int
) -> None:
    """Asks the memory for the tokens that are compared next, and for two suffixes of which one is compared after."""
    for turn in range(pending):
        lane = waiting[turn]
        low = lanes[lane, LOW]
        high = lanes[lane, HIGH]
        step = lanes[lane, STEP]
        rank = (low + high) >> 1
        if step > 0 and high - low > 2 * step:
            rank = low + step
        elif step < 0 and low - high < 2 * step:
            rank = high + step
        begin = min(np.int64(suffixes[rank]), tokens.size - 1) - lanes[lane, START]
        at = lanes[lane, START] + min(lanes[lane, LEFT], lanes[lane, RIGHT])
        lanes[lane, RANK] = rank
        lanes[lane, BEGIN] = begin
        lanes[lane, AT] = at
        prefetch_read(tokens, begin + at)
        if high - low > TOP_STEP:
            prefetch_read(suffixes, (low + rank) >> 1)
            prefetch_read(suffixes, (rank + high) >> 1)


@inlined_kernel
def _equal_until(tokens: Tokens, query: Tokens, begin: int, at: int, stop: int) -> int:
    """The first place from `at` on, or `stop`, in which a query differs from the tokens `begin` before it.

    Compares 8 bytes at a time: a loop over tokens ends when the processor does not expect it, which costs more.
    """
    width = 8 // tokens.itemsize
    while at + width <= stop:
        different = load_word(tokens, begin + at) ^ load_word(query, at)
        if different != np.uint64(0):
            return at + lowest_bit(different) // (8 * tokens.itemsize)  # type: ignore[no-any-return]
        at += width
    while at < stop and tokens[begin + at] == query[at]:
        at += 1
    return at


@inner_kernel
def _compare(
    tokens: Tokens, query: Tokens, lanes: Lanes, waiting: NDArray[np.int64], pending: int, known: NDArray[np.int64]
) -> None:
    """Moves the lanes from AT to the first place at which suffix and query differ.

    `known` (rows: BEGIN, first and last compared place) remembers the long comparisons.
    """
    for turn in range(pending):
        lane = waiting[turn]
        begin = lanes[lane, BEGIN]
        first = lanes[lane, AT]
        stop = min(lanes[lane, STOP], tokens.size - begin)
        pause = min(first + COMPARED, stop)
        at = _equal_until(tokens, query, begin, first, pause)
        if at == pause and at < stop:
            slot = begin & (KNOWN - 1)
            if known[slot, 0] == begin and known[slot, 1] <= at <= known[slot, 2]:
                at = known[slot, 2]
            else:
                at = _equal_until(tokens, query, begin, at, stop)
                known[slot, 0] = begin
                known[slot, 1] = first
                known[slot, 2] = at
        lanes[lane, AT] = at


@inner_kernel
def _halve(
    tokens: Tokens,
    suffixes: NDArray[np.uint32],
    query: Tokens,
    lanes: Lanes,
    count: int,
    waiting: NDArray[np.int64],
    probes: NDArray[np.int64],
    known: NDArray[np.int64],
) -> None:
    """Moves LOW and HIGH of each lane together until HIGH is what it looks for.

    probes: int64 (lanes, PROBES, 2): for places, the ranks compared and the tokens that they share.
    """
    pending = ZERO
    for lane in range(count):
        waiting[pending] = lane
        pending += lanes[lane, HIGH] - lanes[lane, LOW] > 1
    while pending:
        _ask_tokens(tokens, suffixes, lanes, waiting, pending)
        _compare(tokens, query, lanes, waiting, pending, known)
        still = ZERO
        for turn in range(pending):
            lane = waiting[turn]
            at = lanes[lane, AT]
            depth = at - lanes[lane, START]
            if lanes[lane, KIND] == PLACE:
                position = lanes[lane, BEGIN] + at
                before = at < lanes[lane, STOP] and (position >= tokens.size or tokens[position] < query[at])
                probed = lanes[lane, PROBED]
                probes[lane, probed, 0] = lanes[lane, RANK]
                probes[lane, probed, 1] = depth
                lanes[lane, PROBED] = probed + 1
            else:
                inside = depth >= lanes[lane, LENGTH]
                before = inside == (lanes[lane, KIND] == BEYOND)
                lanes[lane, STEP] = 2 * lanes[lane, STEP] if inside else ZERO
            side = LOW if before else HIGH
            lanes[lane, side] = lanes[lane, RANK]
            lanes[lane, side + LEFT - LOW] = depth
            waiting[still] = lane
            still += lanes[lane, HIGH] - lanes[lane, LOW] > 1
        pending = still


@inner_kernel
def _start_places(
    keys: NDArray[np.uint64],
    stops: NDArray[np.int64],
    first: int,
    lanes: Lanes,
    count: int,
    edges: NDArray[np.uint64],
) -> None:
    """Makes the lanes of the places of a query from `first` on."""
    for lane in range(count):
        for column in range(COLUMNS):
            lanes[lane, column] = 0
        lanes[lane, START] = first + lane
        lanes[lane, STOP] = stops[first + lane]
        # 0 is the key of tokens alone that the segment lacks.
        edges[lane] = max(keys[first + lane], np.uint64(1)) - np.uint64(1)


@inner_kernel
def _bound_places(
    top: NDArray[np.uint64],
    n: int,
    edges: NDArray[np.uint64],
    blocks: NDArray[np.int64],
    lanes: Lanes,
    count: int,
) -> None:
    """Bounds the lanes by the keys: the suffix of a smaller key is smaller, that of a greater one greater."""
    for lane in range(count):
        block = blocks[lane]
        lanes[lane, LOW] = max(block * TOP_STEP - TOP_STEP, -ONE)
        while block < top.size and top[block] == edges[lane] + np.uint64(1):
            block += 1
        lanes[lane, HIGH] = min(block * TOP_STEP, n)
        if lanes[lane, STOP] == lanes[lane, START]:
            lanes[lane, HIGH] = 0
            lanes[lane, LOW] = -1


@inner_kernel
def _neighbours(
    live: NDArray[np.uint64],
    n: int,
    lanes: Lanes,
    count: int,
    probes: NDArray[np.int64],
    ends: Lanes,
    waiting: NDArray[np.int64],
) -> int:
    """Makes two lanes for each place, of the live suffixes before and behind it: LENGTH is what they share.

    Returns how many were not compared yet; those wait.
    """
    pending = ZERO
    for row in range(2 * count):
        lane = row >> 1
        rank = lanes[lane, HIGH] - 1 + (row & 1)
        if live.size:
            rank = live_at_or_after(live, rank, n) if row & 1 else live_before_rank(live, rank + 1, ZERO)
        ends[row, START] = lanes[lane, START]
        ends[row, STOP] = lanes[lane, STOP]
        ends[row, LENGTH] = -1
        for probe in range(lanes[lane, PROBED]):
            if probes[lane, probe, 0] == rank:
                ends[row, LENGTH] = probes[lane, probe, 1]
        if rank < 0 or rank >= n:
            ends[row, LENGTH] = 0
        elif ends[row, LENGTH] < 0:
            ends[row, LOW] = rank - 1
            ends[row, HIGH] = rank + 1
            ends[row, LEFT] = 0
            ends[row, RIGHT] = 0
            ends[row, STEP] = 0
            waiting[pending] = row
            pending += 1
    return pending  # type: ignore[no-any-return]


@inner_kernel
def _start_ends(
    n: int,
    keys: NDArray[np.uint64],
    bits: NDArray[np.int64],
    lanes: Lanes,
    count: int,
    probes: NDArray[np.int64],
    ends: Lanes,
    edges: NDArray[np.uint64],
    waiting: NDArray[np.int64],
) -> int:
    """Makes the lanes of both ends of the interval of each match, bounded by what was compared.

    Those that nothing bounds wait, with keys; returns how many.
    """
    pending = ZERO
    for row in range(2 * count):
        lane = row >> 1
        last = row & 1 == 1
        place = lanes[lane, HIGH]
        if not last:
            ends[row, LENGTH] = max(ends[row, LENGTH], ends[row + 1, LENGTH])
            ends[row + 1, LENGTH] = ends[row, LENGTH]
        length = ends[row, LENGTH]
        inside = place - 1 if last else place
        outside = n if last else -ONE
        depth = ZERO
        for probe in range(lanes[lane, PROBED]):
            rank = probes[lane, probe, 0]
            if probes[lane, probe, 1] >= length:
                inside = max(inside, rank) if last else min(inside, rank)
            elif (place <= rank < outside) if last else (outside < rank < place):
                outside = rank
                depth = probes[lane, probe, 1]
        if length == 0:
            inside = place - 1 if last else place
            outside = place if last else place - 1
        elif outside < 0 or outside == n:
            shared = bits[lanes[lane, START] + length] - bits[lanes[lane, START]]
            rest = ALL_BITS >> np.uint64(shared) if shared < KEY_BITS else np.uint64(0)
            key = keys[lanes[lane, START]]
            edges[pending] = key | rest if last else (key & ~rest) - np.uint64(1)
            waiting[pending] = row
            pending += 1
        ends[row, KIND] = BEYOND if last else FIRST
        ends[row, STEP] = GALLOP if last else -GALLOP
        ends[row, LOW] = inside if last else outside
        ends[row, HIGH] = outside if last else inside
        ends[row, LEFT] = length if last else depth
        ends[row, RIGHT] = depth if last else length
    return pending  # type: ignore[no-any-return]


@inner_kernel
def _bound_ends(
    bits: NDArray[np.int64], blocks: NDArray[np.int64], ends: Lanes, waiting: NDArray[np.int64], pending: int
) -> None:
    """Bounds ends of intervals by the keys of what their suffixes share."""
    for turn in range(pending):
        row = waiting[turn]
        rank = blocks[turn] * TOP_STEP
        start = ends[row, START]
        whole = bits[start + ends[row, LENGTH]] - bits[start] <= KEY_BITS  # equal keys share all of these tokens
        if ends[row, KIND] == FIRST:
            ends[row, LOW] = max(rank - TOP_STEP, -ONE)
            if whole:
                ends[row, HIGH] = min(ends[row, HIGH], rank)
        else:
            ends[row, HIGH] = min(ends[row, HIGH], rank)
            if whole:
                ends[row, LOW] = max(ends[row, LOW], rank - TOP_STEP)


@kernel
def _search(
    segment: SegmentArrays,
    values: NDArray[np.int64],
    query: Tokens,
    found: NDArray[np.int64],
    known: NDArray[np.int64],
    keys: NDArray[np.uint64],
    work: NDArray[np.int64],
    lanes: Lanes,
    probes: NDArray[np.int64],
) -> None:
    """Fills in `found`, int64 (3, n): lengths, low and high ranks. The other arrays are room to work in."""
    tokens = segment.tokens
    suffixes = segment.suffixes
    top = segment.keys
    n = suffixes.size
    size = values.size
    edges = keys[size:]
    stops = work[:size]
    bits = work[size : 2 * size + 1]
    waiting = work[2 * size + 1 : 2 * size + 1 + 2 * FLIGHT]
    blocks = work[2 * size + 1 + 2 * FLIGHT :]
    ends = lanes[FLIGHT:]
    _make_keys(segment.codes, values, keys, bits, stops)
    for first in range(0, size, FLIGHT):
        count = min(FLIGHT, size - first)
        _start_places(keys, stops, first, lanes, count, edges)
        _find_blocks(segment.leaders, top, edges, count, blocks)
        _bound_places(top, n, edges, blocks, lanes, count)
        _ask_suffixes(suffixes, lanes, count)
        _halve(tokens, suffixes, query, lanes, count, waiting, probes, known)
        pending = _neighbours(segment.live, n, lanes, count, probes, ends, waiting)
        _ask_tokens(tokens, suffixes, ends, waiting, pending)
        _compare(tokens, query, ends, waiting, pending, known)
        for turn in range(pending):
            row = waiting[turn]
            ends[row, LENGTH] = ends[row, AT] - ends[row, START]
        pending = _start_ends(n, keys, bits, lanes, count, probes, ends, edges, waiting)
        _find_blocks(segment.leaders, top, edges, pending, blocks)
        _bound_ends(bits, blocks, ends, waiting, pending)
        _ask_suffixes(suffixes, ends, 2 * count)
        _halve(tokens, suffixes, query, ends, 2 * count, waiting, probes, known)
        for lane in range(count):
            found[0, first + lane] = ends[2 * lane, LENGTH]
            found[1, first + lane] = ends[2 * lane, HIGH]
            found[2, first + lane] = ends[2 * lane + 1, HIGH]


def longest_matches(
    segment: SegmentArrays, query: NDArray[np.int64]
) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64]]:
    """Find the longest live match at every token of a query.

    Args:
        segment: SegmentArrays.
        query: int64 (n), stored values.

    Returns:
        lengths in tokens, low and high ranks of the interval that shares the match (equal where there is none): int64
        (n) each.
    """
    size = len(query)
    wanted: Tokens = query.astype(segment.tokens.dtype)  # type: ignore[assignment]
    found = np.zeros((3, size), np.int64)
    # Numba takes a tenth of a second to compile each allocation.
    _search(
        segment,
        query,
        wanted,
        found,
        np.full((KNOWN, 3), -1),
        np.empty(size + 2 * FLIGHT, np.uint64),
        np.zeros(2 * size + 1 + 4 * FLIGHT, np.int64),
        np.empty((3 * FLIGHT, COLUMNS), np.int64),
        np.empty((FLIGHT, PROBES, 2), np.int64),
    )
    return found[0], found[1], found[2]
