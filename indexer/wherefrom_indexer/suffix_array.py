"""Suffix arrays of documents by induced sorting (SA-IS): in linear time, and almost without memory beside the result.

The order is that of gSA-IS (Louza et al. 2017): a separator, 0, ends each document; separators are smaller than every
token and ordered among themselves by position. Three consequences keep the code short. Documents are classified
independently, for no suffix compares beyond its separator. Separators need no place in the array: they induce, in
order of position, before everything else. And they need no place in the recursion: an LMS substring that ends at a
separator equals no other.

Words of the algorithm (Nong, Zhang, Chan 2011). A suffix is S-type if it is smaller than the suffix that follows it,
else L-type. An LMS position holds an S-type suffix after an L-type one. An LMS substring reaches from one LMS position
to the next. Sorting the LMS suffixes is enough: they induce the order of the L-type ones, and these that of the rest.

Nearly all time goes into reads and writes at random places, so every such loop prefetches: the text around a suffix
that is `FAR` steps ahead, then, from the symbol found there, the bucket's pointer and the place it points to.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from wherefrom_indexer.kernels import highest_bit, kernel, prefetch_read, prefetch_write

Text = NDArray[Any]  # uint16 or uint32 symbols, 0 the separator; the end of the text acts as one more separator
Work = NDArray[Any]  # int32 or int64: the array in which everything happens
Places = NDArray[Any]  # uint32 or int64: a place in the array for each symbol
Bits = NDArray[np.uint64]  # a bit for each position

FAR, MIDDLE, NEAR = 96, 64, 32  # steps ahead at which text, bucket pointer and bucket are prefetched


def suffix_array(tokens: NDArray[Any], *, out: NDArray[np.uint32] | None = None) -> NDArray[np.uint32]:
    """Sort the suffixes of a segment.

    Args:
        tokens: stored values, uint16 or uint32, 0 after each document; fewer than 2^32.
        out: where to put the result, one place for each token that is not 0, contiguous.

    Returns:
        The positions of all suffixes that do not begin with a separator, in order.

    Raises:
        ValueError: tokens or `out` have another type or shape.
    """
    if tokens.dtype not in (np.uint16, np.uint32) or tokens.ndim != 1 or tokens.size >= 1 << 32:
        raise ValueError("tokens must be one uint16 or uint32 array of fewer than 2^32 positions")
    n_tokens = int(np.count_nonzero(tokens))
    if out is not None and (out.dtype != np.uint32 or out.shape != (n_tokens,) or not out.flags.c_contiguous):
        raise ValueError(f"out must be a contiguous uint32 array of {n_tokens} places, one for each token")
    if n_tokens == 0:
        return np.empty(0, np.uint32) if out is None else out
    text = _read_only(np.ascontiguousarray(tokens))
    return _sort_documents(text, out, n_tokens, np.int32 if tokens.size < 1 << 31 else np.int64)


def bytes_per_token(dtype: Any, n_positions: int = 0) -> float:
    """Anonymous memory that a build takes for each position, its result included, beside the text: the worst case.

    Natural text takes 4.2; the worst is every second position LMS and half of their substrings distinct, where 6.23
    were measured (benchmarks/suffix_array.py). From 2^31 positions on, positions take 8 bytes while they are sorted.
    """
    del dtype  # the same for every width of token
    return 6.25 if n_positions < 1 << 31 else 16.5


@dataclass(frozen=True, slots=True)
class _Buckets:
    """Where the suffixes that begin with each symbol stand: [starts[c], starts[c + 1])."""

    starts: Places
    pointers: Places

    def heads(self) -> Places:
        """A pointer to each bucket's first place, for a kernel to advance."""
        self.pointers[:] = self.starts[:-1]
        return self.pointers

    def ends(self) -> Places:
        """A pointer behind each bucket's last place, for a kernel to move back."""
        self.pointers[:] = self.starts[1:]
        return self.pointers


def _sort_documents(tokens: Text, out: NDArray[np.uint32] | None, n_tokens: int, dtype: Any) -> NDArray[np.uint32]:
    """Sort into `out`, or into new memory; in place if `out` is as wide as the work and large enough."""
    buckets = _new_buckets(int(tokens.max()), dtype, [])
    is_lms, n_lms = _mark_lms(tokens, buckets)
    # A slot for every second position always fits beside the LMS positions, unless very many documents are empty.
    needed = max(n_tokens, n_lms + (tokens.size + 1) // 2)
    in_place = out is not None and out.size == needed and out.itemsize == np.dtype(dtype).itemsize
    work = out.view(dtype) if out is not None and in_place else np.empty(needed, dtype)
    suffixes = work[:n_tokens]
    _sort(tokens, suffixes, work, buckets, is_lms, n_lms, [])
    if out is None:
        return suffixes.view(np.uint32) if dtype == np.int32 else suffixes.astype(np.uint32)
    if not in_place:
        out[:] = suffixes
    return out


def _sort(
    text: Text, suffixes: Work, work: Work, buckets: _Buckets, is_lms: Bits, n_lms: int, spare: list[Work]
) -> None:
    """Sort the suffixes of `text`, one level of the recursion, into `suffixes`, which is the beginning of `work`."""
    suffixes[:] = 0
    place_lms(text, is_lms, suffixes, buckets.ends())
    if n_lms > 1:
        induce_l(text, suffixes, buckets.heads(), False)
        induce_s(text, suffixes, buckets.ends(), False)
        collect_lms(suffixes)
        _sort_lms(text, work, is_lms, n_lms, spare)
        place_sorted_lms(text, is_lms, suffixes, n_lms, buckets.starts, buckets.pointers)
    induce_l(text, suffixes, buckets.heads(), True)
    induce_s(text, suffixes, buckets.ends(), True)


def _sort_lms(text: Text, work: Work, is_lms: Bits, n_lms: int, spare: list[Work]) -> None:
    """Turn the order of the LMS substrings, in the first `n_lms` places of `work`, into that of the LMS suffixes.

    The work holds, with m = n_lms <= n / 2: that order in [0, m); the names of the LMS substrings, by position, first
    in slots from m on, then without gaps as the reduced text in [n - m, n); between them is room for deeper levels.
    """
    order, reduced = work[:n_lms], work[work.size - n_lms :]
    slots = work[n_lms : n_lms + (text.size + 1) // 2]
    measure_lms(is_lms, text.size, slots)
    n_names = name_lms(text, order, slots)
    if n_names == n_lms:  # no two are equal: sorted already
        return
    reduce_text(is_lms, slots, reduced)
    reduced_text = _read_only(reduced.view(np.uint32) if work.dtype == np.int32 else reduced)
    spare = [*spare, work[n_lms : work.size - n_lms]]
    buckets = _new_buckets(n_names, work.dtype, spare)
    reduced_is_lms, n_reduced_lms = _mark_lms(reduced_text, buckets)
    _sort(reduced_text, order, order, buckets, reduced_is_lms, n_reduced_lms, spare)
    list_lms(is_lms, reduced)
    replace_by_positions(order, reduced)


def _read_only(text: Text) -> Text:
    """A view that cannot be written: Numba would compile every kernel once more for texts that can."""
    view = text.view()
    view.setflags(write=False)
    return view


def _new_buckets(symbols: int, dtype: Any, spare: list[Work]) -> _Buckets:
    """Buckets of 0 (the separator) and `symbols` symbols."""
    return _Buckets(_new_places(symbols + 2, dtype, spare), _new_places(symbols + 1, dtype, spare))


def _new_places(size: int, dtype: Any, spare: list[Work]) -> Places:
    """An array taken from the first piece of spare room that it fits into, else from new memory."""
    dtype = np.dtype(np.uint32 if dtype == np.int32 else np.int64)
    for i, piece in enumerate(spare):
        if piece.size >= size:
            spare[i] = piece[size:]
            return piece[:size].view(dtype)
    return np.empty(size, dtype)


def _mark_lms(text: Text, buckets: _Buckets) -> tuple[Bits, int]:
    """Find the LMS positions, and their number; measure the buckets."""
    is_lms = np.empty(text.size // 64 + 1, np.uint64)
    return is_lms, mark_lms(text, is_lms, buckets.starts)


@kernel
def mark_lms(text: Text, is_lms: Bits, starts: Places) -> int:
    """Set bit i of `is_lms` for each LMS position i and starts[c] to the first place of symbol c; count the former."""
    starts[:] = 0
    n_lms = 0
    word = np.uint64(0)
    following, following_is_s = 0, False
    for i in range(text.size - 1, -1, -1):
        c = text[i]
        # Without branches: whether a position is LMS cannot be predicted.
        following_is_lms = following_is_s & (c > following)
        word = (word << np.uint64(1)) | np.uint64(following_is_lms)
        n_lms += following_is_lms
        if (i + 1) & 63 == 0:
            is_lms[(i + 1) >> 6] = word
        following_is_s = (c != 0) & ((c < following) | ((c == following) & following_is_s))
        following = c
        if i >= NEAR:
            prefetch_write(starts, text[i - NEAR])
        starts[c] += 1
    is_lms[0] = word << np.uint64(1)  # nothing precedes position 0
    starts[0] = 0  # separators have no suffix in the array
    total = 0
    for c in range(starts.size):
        count = starts[c]
        starts[c] = total
        total += count
    return n_lms


@kernel
def place_lms(text: Text, is_lms: Bits, suffixes: Work, ends: Places) -> None:
    """Put every LMS position at the end of its bucket, in any order."""
    for i in range(is_lms.size):
        if i + 2 < is_lms.size:
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
def place_sorted_lms(text: Text, is_lms: Bits, suffixes: Work, n_lms: int, starts: Places, counts: Places) -> None:
    """Move the sorted LMS positions from the front of the array to the ends of their buckets; the rest becomes 0.

    How many begin with each symbol is counted in order of position: in sorted order, each would cost a random access.
    """
    counts[:] = 0
    for i in range(is_lms.size):
        word = is_lms[i]
        while word != 0:
            bit = highest_bit(word)
            word ^= np.uint64(1) << np.uint64(bit)
            counts[text[(i << 6) + bit]] += 1
    unmoved = n_lms
    for c in range(counts.size - 1, 0, -1):
        place = starts[c + 1]
        for _ in range(counts[c]):  # downwards: the places overlap, and none is before its position's old one
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
    for i in range(suffixes.size):
        if i < suffixes.size - FAR:
            prefetch_read(text, max(suffixes[i + FAR], 1) - 1)
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
    for i in range(suffixes.size - 1, -1, -1):
        if i >= FAR:
            prefetch_read(text, max(suffixes[i - FAR], 1) - 1)
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


@kernel
def collect_lms(suffixes: Work) -> None:
    """Move the positions that `induce_s` left as complements to the front."""
    n_lms = 0
    for i in range(suffixes.size):
        j = suffixes[i]
        suffixes[n_lms] = ~j  # without a branch, which would be mispredicted every third time
        n_lms += j < 0


@kernel
def measure_lms(is_lms: Bits, size: int, slots: Work) -> None:
    """Write the distance from each LMS position to the next into its slot.

    The slot of position p is p // 2: two LMS positions are never neighbours.
    """
    following = -1
    for i in range(is_lms.size - 1, -1, -1):
        word = is_lms[i]
        while word != 0:
            bit = highest_bit(word)
            word ^= np.uint64(1) << np.uint64(bit)
            position = (i << 6) + bit
            slots[position >> 1] = following - position if following >= 0 else size  # the last has no equal
            following = position


@kernel
def name_lms(text: Text, order: Work, slots: Work) -> int:
    """Replace the lengths in the slots by names: numbers from 1, equal for equal substrings, in their order."""
    last = text.size - 1
    previous, previous_length = 0, 0
    name = 0
    for i in range(order.size):
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
    return name


@kernel
def reduce_text(is_lms: Bits, slots: Work, reduced: Work) -> None:
    """Write the names without gaps, downwards because they come to lie over the last slots."""
    kept = reduced.size
    for i in range(is_lms.size - 1, -1, -1):
        word = is_lms[i]
        while word != 0:
            bit = highest_bit(word)
            word ^= np.uint64(1) << np.uint64(bit)
            kept -= 1
            reduced[kept] = slots[((i << 6) + bit) >> 1]


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
def replace_by_positions(order: Work, positions: Work) -> None:
    """Replace each place in the reduced text by the LMS position it stands for."""
    for i in range(order.size):
        if i < order.size - NEAR:
            prefetch_read(positions, order[i + NEAR])
        order[i] = positions[order[i]]
