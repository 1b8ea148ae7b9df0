"""The kernels of the suffix array that mark and place LMS positions and induce from them; see `suffix_array`.

Those that take `begin` and `end` do a part of the work, and several threads may do parts at the same time.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from wherefrom_indexer.kernels import highest_bit, kernel, prefetch_read, prefetch_write

Text = NDArray[Any]  # uint16 or uint32 symbols, 0 the separator; the end of the text acts as one more separator
Work = NDArray[Any]  # int32 or int64: the array in which everything happens
Places = NDArray[Any]  # uint32 or int64: a place in the array for each symbol
Bits = NDArray[np.uint64]  # a bit for each position

# Steps ahead at which text, bucket pointer and bucket are prefetched.
FAR, MIDDLE, NEAR = 96, 64, 32

# Bucket pointers up to this many stay in the second cache, and so do the places that most of them point to:
# prefetching these too made induction 10 % slower.
CACHED_SYMBOLS = 1 << 17


@kernel
def mark_lms(text: Text, is_lms: Bits, counts: Places, begin: int, end: int) -> int:
    """Set bit i of `is_lms` for each LMS position i in [begin, end) and clear the others; count them and the symbols.

    Both limits are multiples of 64, or the end of the text. `counts` has a place for each symbol, all 0 before.
    """
    following, is_s = 0, False
    if end < text.size:  # of what type is the next position? The first symbol that differs decides.
        following = text[end]
        other = end + 1
        while other < text.size and text[other] == following:
            other += 1
        is_s = (following != 0) & (following < (text[other] if other < text.size else 0))
    n_lms = 0
    word = np.uint64(0)
    last = text[end - 1]
    is_s = (last != 0) & ((last < following) | ((last == following) & is_s))
    following = last
    counts[last] += 1
    for i in range(end - 2, begin - 1, -1):
        c = text[i]
        # Without branches: whether a position is LMS cannot be predicted.
        following_is_lms = is_s & (c > following)
        word = (word << np.uint64(1)) | np.uint64(following_is_lms)
        n_lms += following_is_lms
        if (i + 1) & 63 == 0:
            is_lms[(i + 1) >> 6] = word
        is_s = (c != 0) & ((c < following) | ((c == following) & is_s))
        following = c
        if i >= NEAR:
            prefetch_write(counts, text[i - NEAR])
        counts[c] += 1
    begins_lms = is_s & (begin > 0) & (text[max(begin, 1) - 1] > following)
    is_lms[begin >> 6] = (word << np.uint64(1)) | np.uint64(begins_lms)
    return n_lms + int(begins_lms)


@kernel
def count_symbols(text: Text, counts: Places) -> None:
    """Count the symbols; `counts` is 0 before."""
    for i in range(text.size):
        if i < text.size - NEAR:
            prefetch_write(counts, text[i + NEAR])
        counts[text[i]] += 1


@kernel
def count_lms(text: Text, is_lms: Bits, counts: Places, begin: int, end: int) -> None:
    """Count the symbols at the LMS positions in words [begin, end) of `is_lms`; `counts` is 0 before."""
    for i in range(begin, end):
        word = is_lms[i]
        while word != 0:
            bit = highest_bit(word)
            word ^= np.uint64(1) << np.uint64(bit)
            counts[text[(i << 6) + bit]] += 1


@kernel
def place_lms(text: Text, is_lms: Bits, suffixes: Work, ends: Places, begin: int, end: int) -> None:
    """Put every LMS position in words [begin, end) at the end of its bucket, in any order."""
    for i in range(begin, end):
        if i + 2 < end:
            word = is_lms[i + 2]
            while word != 0:
                bit = highest_bit(word)
                word ^= np.uint64(1) << np.uint64(bit)
                prefetch_write(ends, text[((i + 2) << 6) + bit])
            word = is_lms[i + 1]
            while word != 0:
                bit = highest_bit(word)
                word ^= np.uint64(1) << np.uint64(bit)
                prefetch_write(suffixes, ends[text[((i + 1) << 6) + bit]] - 1)
        word = is_lms[i]
        while word != 0:
            bit = highest_bit(word)
            word ^= np.uint64(1) << np.uint64(bit)
            position = (i << 6) + bit
            c = text[position]
            place = ends[c] - 1
            ends[c] = place
            suffixes[place] = position


@kernel
def spread_lms(text: Text, suffixes: Work, n_lms: int, ends: Places) -> None:
    """Move the sorted LMS positions from the front of the array to the ends of their buckets; the rest becomes 0."""
    free = suffixes.size
    for i in range(n_lms - 1, -1, -1):  # downwards: the places overlap, and none is before its position's old one
        if i >= FAR:
            prefetch_read(text, suffixes[i - FAR])
        position = suffixes[i]
        c = text[position]
        place = ends[c] - 1
        ends[c] = place
        while free > place:
            free -= 1
            suffixes[free] = 0
        suffixes[place] = position
    while free > 0:
        free -= 1
        suffixes[free] = 0


@kernel
def spread_counted_lms(suffixes: Work, n_lms: int, starts: Places, counts: Places) -> None:
    """The same, where it is known how many LMS positions begin with each symbol: it takes a third of the time."""
    unmoved = n_lms
    for c in range(counts.size - 1, 0, -1):
        place = starts[c + 1]
        for _ in range(counts[c]):
            place -= 1
            unmoved -= 1
            suffixes[place] = suffixes[unmoved]
        while place > starts[c]:
            place -= 1
            suffixes[place] = 0


@kernel
def induce_l(text: Text, suffixes: Work, heads: Places, final: bool) -> None:
    """Induce the L-type suffixes from the separators and the LMS suffixes in their buckets.

    A place holds a position whose predecessor is to be induced in this pass, or the complement of one for which this
    pass has nothing to do; the pass complements what it meets, so that the next one, for S, does the rest. Where only
    LMS substrings are sorted (not `final`), a suffix that has done its work is dropped, as 0.
    """
    floor = np.iinfo(np.int64).min if final else 0
    for i in range(text.size + 1):  # separators are the smallest suffixes, in order of position
        if (i == text.size or text[i] == 0) and i > 0 and text[i - 1] != 0:
            c = text[i - 1]
            place = heads[c]
            heads[c] = place + 1
            before = text[i - 2] if i > 1 else 0
            suffixes[place] = ~(i - 1) if before < c else i - 1
    many_symbols = heads.size > CACHED_SYMBOLS
    for i in range(suffixes.size):
        if i < suffixes.size - FAR:
            prefetch_read(text, max(suffixes[i + FAR], 1) - 1)
            if many_symbols:
                prefetch_read(heads, text[max(suffixes[i + MIDDLE], 1) - 1])
                prefetch_write(suffixes, heads[text[max(suffixes[i + NEAR], 1) - 1]])
        j = suffixes[i]
        suffixes[i] = max(~j, floor)
        if j > 0:
            c = text[j - 1]
            place = heads[c]
            heads[c] = place + 1
            before = text[j - 2] if j > 1 else 0
            suffixes[place] = ~(j - 1) if before < c else j - 1


@kernel
def induce_s(text: Text, suffixes: Work, ends: Places, final: bool) -> None:
    """Induce the S-type suffixes from the L-type ones, right to left.

    If `final`, all places hold positions afterwards; else the complements of the LMS positions remain, in the order
    of their substrings, and zeros.
    """
    many_symbols = ends.size > CACHED_SYMBOLS
    for i in range(suffixes.size - 1, -1, -1):
        if i >= FAR:
            prefetch_read(text, max(suffixes[i - FAR], 1) - 1)
            if many_symbols:
                prefetch_read(ends, text[max(suffixes[i - MIDDLE], 1) - 1])
                prefetch_write(suffixes, ends[text[max(suffixes[i - NEAR], 1) - 1]] - 1)
        j = suffixes[i]
        if j > 0:
            if not final:
                suffixes[i] = 0
            c = text[j - 1]
            if c != 0:
                place = ends[c] - 1
                ends[c] = place
                before = text[j - 2] if j > 1 else 0
                if before > c:
                    suffixes[place] = ~(j - 1)
                elif before == 0:  # a document begins here: there is nothing more to induce
                    suffixes[place] = ~(j - 1) if final else 0
                else:
                    suffixes[place] = j - 1
        elif final and j < 0:
            suffixes[i] = ~j
