"""The kernels of the suffix array that name LMS substrings and write the reduced text; see `suffix_array`.

Those that take `begin` and `end` do a part of the work, and several threads may do parts at the same time.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from wherefrom_indexer.kernels import highest_bit, kernel, prefetch_read, prefetch_write
from wherefrom_indexer.suffix_kernels import NEAR, Bits, Text, Work


@kernel
def collect_lms(suffixes: Work) -> None:
    """Move the positions that `induce_s` left as complements to the front."""
    n_lms = 0
    for i in range(suffixes.size):
        j = suffixes[i]
        suffixes[n_lms] = ~j  # without a branch, which would be mispredicted every third time
        n_lms += j < 0


@kernel
def measure_lms(is_lms: Bits, size: int, slots: Work, begin: int, end: int) -> None:
    """Write the distance from each LMS position in words [begin, end) of `is_lms` to the next LMS position.

    It goes into the position's slot. The slot of position p is p // 2: two LMS positions are never neighbours.
    """
    following = -1
    for i in range(end, is_lms.size):
        if is_lms[i] != 0:
            lowest = is_lms[i] & (~is_lms[i] + np.uint64(1))
            following = (i << 6) + highest_bit(lowest)
            break
    for i in range(end - 1, begin - 1, -1):
        word = is_lms[i]
        while word != 0:
            bit = highest_bit(word)
            word ^= np.uint64(1) << np.uint64(bit)
            position = (i << 6) + bit
            slots[position >> 1] = following - position if following >= 0 else size  # the last has no equal
            following = position


@kernel
def name_lms(text: Text, order: Work, slots: Work, previous_length: int, begin: int, end: int) -> int:
    """Replace the lengths in the slots of the LMS positions `order[begin:end]` by names; return how many there are.

    Equal substrings have equal names, and names stand in the order of substrings. A part names as if all `begin`
    substrings before it were distinct. `previous_length` is that of the substring at order[begin - 1], whose slot
    another thread may have changed.
    """
    last = text.size - 1
    previous = order[begin - 1] if begin > 0 else 0
    name = begin
    for i in range(begin, end):
        if i < order.size - NEAR:
            ahead = order[i + NEAR]
            prefetch_write(slots, ahead >> 1)
            prefetch_read(text, ahead)
        position = order[i]
        length = slots[position >> 1]
        # Most substrings have the least length, three symbols: compare these without branches, which would be
        # mispredicted. No substring that ends at a separator equals another.
        third = text[min(position + 2, last)]
        differs = (
            (length != previous_length)
            | (text[position] != text[previous])
            | (text[position + 1] != text[previous + 1])
            | (third != text[min(previous + 2, last)])
            | (third == 0)
        )
        k = 3
        while k <= length and not differs:
            c = text[position + k]
            differs = c != text[previous + k] or c == 0
            k += 1
        name += differs
        slots[position >> 1] = name
        previous, previous_length = position, length
    return name - begin


@kernel
def reduce_text(is_lms: Bits, slots: Work, reduced: Work) -> None:
    """Write the names one after the other, downwards because they come to lie over the last slots."""
    kept = reduced.size
    for i in range(is_lms.size - 1, -1, -1):
        word = is_lms[i]
        while word != 0:
            bit = highest_bit(word)
            word ^= np.uint64(1) << np.uint64(bit)
            kept -= 1
            reduced[kept] = slots[((i << 6) + bit) >> 1]


@kernel
def close_gaps(names: Work, gaps: NDArray[np.int64], part: int, begin: int, end: int) -> None:
    """Number names[begin:end] without gaps: gaps[i] numbers were left out before i * 2**part.

    A pass of its own: within `reduce_text`, whose loop is not as plain, it took four times as long.
    """
    for i in range(begin, end):
        names[i] -= gaps[names[i] >> part]


@kernel
def list_lms(is_lms: Bits, positions: Work) -> None:
    """List the LMS positions, each of which a symbol of the reduced text stands for."""
    listed = positions.size
    for i in range(is_lms.size - 1, -1, -1):
        word = is_lms[i]
        while word != 0:
            bit = highest_bit(word)
            word ^= np.uint64(1) << np.uint64(bit)
            listed -= 1
            positions[listed] = (i << 6) + bit


@kernel
def replace_by_positions(order: Work, positions: Work, begin: int, end: int) -> None:
    """Replace each place in the reduced text, in order[begin:end], by the LMS position it stands for."""
    for i in range(begin, end):
        if i < end - NEAR:
            prefetch_read(positions, order[i + NEAR])
        order[i] = positions[order[i]]
