"""Suffix arrays of documents by induced sorting (SA-IS), in linear time and almost without memory beside the result.

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

from typing import Any

import numpy as np
from numpy.typing import NDArray

from wherefrom_indexer.kernels import kernel, prefetch_read, prefetch_write

Text = NDArray[Any]  # uint16 or uint32 symbols, 0 the separator; the end of the text acts as one more separator
Work = NDArray[Any]  # int32 or int64: the array in which everything happens
Buckets = NDArray[Any]  # unsigned, as wide as Work: a place in the array for each symbol

# What a slot of an LMS position says about its substring among the sorted ones.
UNIQUE, FIRST, AGAIN = 1, 2, 3

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
    if out is None:
        out = np.empty(n_tokens, np.uint32)
    elif out.dtype != np.uint32 or out.shape != (n_tokens,) or not out.flags.c_contiguous:
        raise ValueError(f"out must be a contiguous uint32 array of {n_tokens} places, one for each token")
    if n_tokens:
        _sort_documents(_read_only(np.ascontiguousarray(tokens)), out, np.int32 if tokens.size < 1 << 31 else np.int64)
    return out


def bytes_per_token(dtype: Any) -> float:
    """Anonymous memory that a build takes for each position, its result included, beside the text itself."""
    del dtype  # the same for every width of token
    return 6.0


def _sort_documents(tokens: Text, out: NDArray[np.uint32], dtype: Any) -> None:
    """Sort into `out`, in place if it is as wide as the work and large enough."""
    symbols = int(tokens.max())
    starts = _bucket_array(symbols + 2, dtype)
    n_lms = count_symbols(tokens, starts)
    # A slot for every second position always fits beside the LMS positions, unless very many documents are empty.
    needed = max(out.size, n_lms + (tokens.size + 1) // 2)
    in_place = np.dtype(dtype).itemsize == 4 and needed == out.size
    work = out.view(dtype) if in_place else np.empty(needed, dtype)
    _sort(tokens, work, out.size, n_lms, starts, _bucket_array(symbols + 1, dtype))
    if not in_place:
        out[:] = work[: out.size]


def _sort(text: Text, work: Work, n_suffixes: int, n_lms: int, starts: Buckets, pointers: Buckets) -> None:
    """Sort the suffixes of `text` into the first `n_suffixes` places of `work`; one level of the recursion."""
    suffixes = work[:n_suffixes]
    suffixes[:] = 0
    if n_lms > 1:
        pointers[:] = starts[1:]
        place_lms(text, suffixes, pointers)
        pointers[:] = starts[:-1]
        induce_l(text, suffixes, pointers, False)
        pointers[:] = starts[1:]
        induce_s(text, suffixes, pointers, False)
        collect_lms(suffixes)
        _sort_lms(text, work, n_lms)
        suffixes[n_lms:] = 0
        pointers[:] = starts[1:]
        place_sorted_lms(text, suffixes, n_lms, pointers)
    elif n_lms == 1:
        pointers[:] = starts[1:]
        place_lms(text, suffixes, pointers)
    pointers[:] = starts[:-1]
    induce_l(text, suffixes, pointers, True)
    pointers[:] = starts[1:]
    induce_s(text, suffixes, pointers, True)


def _sort_lms(text: Text, work: Work, n_lms: int) -> None:
    """Turn the order of the LMS substrings, in the first `n_lms` places of `work`, into that of the LMS suffixes.

    Only LMS suffixes whose substring occurs again are in doubt, and comparing two of them ends at the first unique
    substring. So the reduced text holds the repeated substrings and the unique one after each run of them; the
    others have their final rank already. On natural text that halves the recursion.

    The work is used as follows, m = n_lms, r = size of the reduced text, which is at most m, and m at most n / 2:
    reduced order [0, r), ranks of those left out [r, m), buckets of the recursion [m, n - r), reduced text [n - r, n).
    """
    order = work[:n_lms]
    slots = work[n_lms : n_lms + (text.size + 1) // 2]
    measure_lms(text, slots)
    name_lms(text, order, slots)
    n_reduced = keep_terminators(slots)
    if n_reduced == 0:
        return
    symbols = number_lms(order, slots)
    reduced_order, ranks, reduced = work[:n_reduced], work[n_reduced:n_lms], work[work.size - n_reduced :]
    is_kept = np.zeros(n_lms // 8 + 1, np.uint8)
    reduce_lms(slots, n_lms, reduced, ranks, is_kept)

    reduced_text = _read_only(reduced.view(np.uint32) if reduced.dtype == np.int32 else reduced)
    spare = work[n_lms : work.size - n_reduced]
    starts = _bucket_array(symbols + 2, work.dtype, spare)
    pointers = _bucket_array(symbols + 1, work.dtype, spare[symbols + 2 :])
    n_reduced_lms = count_symbols(reduced_text, starts)
    _sort(reduced_text, reduced_order, n_reduced, n_reduced_lms, starts, pointers)

    list_kept(text, is_kept, n_lms, reduced)
    replace_by_positions(reduced_order, reduced)
    merged = work[work.size - n_lms :]
    merged[:] = 0
    rank_others(text, is_kept, n_lms, ranks, merged)
    merge_lms(reduced_order, merged, order)


def _read_only(text: Text) -> Text:
    """A view that cannot be written: Numba would compile every kernel once more for texts that can."""
    view = text.view()
    view.setflags(write=False)
    return view


def _bucket_array(size: int, dtype: Any, spare: Work | None = None) -> Buckets:
    """An array of zeros for one number a symbol, from spare room if it fits there."""
    dtype = np.dtype(np.uint32 if np.dtype(dtype) == np.int32 else np.int64)
    if spare is None or spare.size < size:
        return np.zeros(size, dtype)
    array: Buckets = spare[:size].view(dtype)
    array[:] = 0
    return array


@kernel
def count_symbols(text: Text, starts: Buckets) -> int:
    """Set starts[c] to the place of the first suffix that begins with symbol c; return the number of LMS positions."""
    n_lms = 0
    after, s_type = 0, False
    for i in range(text.size - 1, -1, -1):
        c = text[i]
        n_lms += s_type & (c > after)
        s_type = (c != 0) & ((c < after) | ((c == after) & s_type))
        after = c
        starts[c] += 1
    starts[0] = 0  # separators have no suffix in the array
    total = 0
    for c in range(starts.size):
        count = starts[c]
        starts[c] = total
        total += count
    return n_lms


@kernel
def place_lms(text: Text, suffixes: Work, ends: Buckets) -> None:
    """Put every LMS position at the end of its bucket, in any order."""
    after, s_type = 0, False
    for i in range(text.size - 1, -1, -1):
        if i >= NEAR:
            prefetch_write(suffixes, ends[text[i - NEAR]] - 1)
        c = text[i]
        if s_type and c > after:
            place = ends[after] - 1
            ends[after] = place
            suffixes[place] = i + 1
        s_type = (c != 0) & ((c < after) | ((c == after) & s_type))
        after = c


@kernel
def place_sorted_lms(text: Text, suffixes: Work, n_lms: int, ends: Buckets) -> None:
    """Move the sorted LMS positions from the front of the array to the ends of their buckets."""
    for i in range(n_lms - 1, -1, -1):
        if i >= NEAR:
            prefetch_read(text, suffixes[i - NEAR])
        position = suffixes[i]
        suffixes[i] = 0
        c = text[position]
        place = ends[c] - 1  # never before i: as many suffixes are larger
        ends[c] = place
        suffixes[place] = position


@kernel
def induce_l(text: Text, suffixes: Work, heads: Buckets, final: bool) -> None:
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
    last = suffixes.size - 1
    for i in range(suffixes.size):
        prefetch_read(text, max(suffixes[min(i + FAR, last)], 1) - 1)
        prefetch_read(heads, text[max(suffixes[min(i + MIDDLE, last)], 1) - 1])
        prefetch_write(suffixes, heads[text[max(suffixes[min(i + NEAR, last)], 1) - 1]])
        j = suffixes[i]
        suffixes[i] = max(~j, floor)
        if j > 0:
            c = text[j - 1]
            place = heads[c]
            heads[c] = place + 1
            before = text[j - 2] if j > 1 else 0
            suffixes[place] = ~(j - 1) if before < c else j - 1


@kernel
def induce_s(text: Text, suffixes: Work, ends: Buckets, final: bool) -> None:
    """Induce the S-type suffixes from the L-type ones, right to left.

    If `final`, all places hold positions afterwards; else the complements of the LMS positions remain, in the order
    of their substrings, and zeros.
    """
    for i in range(suffixes.size - 1, -1, -1):
        prefetch_read(text, max(suffixes[max(i - FAR, 0)], 1) - 1)
        prefetch_read(ends, text[max(suffixes[max(i - MIDDLE, 0)], 1) - 1])
        prefetch_write(suffixes, ends[text[max(suffixes[max(i - NEAR, 0)], 1) - 1]] - 1)
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
def measure_lms(text: Text, slots: Work) -> None:
    """Write into the slot of each LMS position the length of its substring, -1 if that ends at a separator; else 0.

    The slot of position p is p // 2: two LMS positions are never neighbours.
    """
    slots[:] = 0
    after, s_type = 0, False
    end = 0  # the LMS position that follows in this document
    for i in range(text.size - 1, -1, -1):
        c = text[i]
        if s_type and c > after:
            slots[(i + 1) >> 1] = end - i if end else -1
            end = i + 1
        s_type = (c != 0) & ((c < after) | ((c == after) & s_type))
        after = c
        if c == 0:
            end = 0


@kernel
def name_lms(text: Text, order: Work, slots: Work) -> None:
    """Replace the length in each slot by UNIQUE or, for the first and the further of equal substrings, FIRST, AGAIN."""
    last = order.size - 1
    previous = order[0]
    previous_length = slots[previous >> 1]
    previous_is_new = True
    for i in range(1, order.size):
        ahead = order[min(i + NEAR, last)]
        prefetch_read(slots, ahead >> 1)
        prefetch_read(text, ahead)
        position = order[i]
        length = slots[position >> 1]
        is_new = length != previous_length or length < 0
        if not is_new:
            for k in range(length):
                if text[position + k] != text[previous + k]:
                    is_new = True
                    break
        if previous_is_new:
            slots[previous >> 1] = UNIQUE if is_new else FIRST
        else:
            slots[previous >> 1] = AGAIN
        previous, previous_length, previous_is_new = position, length, is_new
    slots[previous >> 1] = UNIQUE if previous_is_new else AGAIN


@kernel
def keep_terminators(slots: Work) -> int:
    """Mark a unique substring after a repeated one as FIRST, so that it is kept; return how many are kept."""
    n_kept = 0
    after_repeated = False
    for i in range(slots.size):
        if slots[i] == 0:
            continue
        is_repeated = slots[i] != UNIQUE
        if after_repeated and not is_repeated:
            slots[i] = FIRST
        n_kept += is_repeated or after_repeated
        after_repeated = is_repeated
    return n_kept


@kernel
def number_lms(order: Work, slots: Work) -> int:
    """Replace the marks of kept substrings by names, 1 to the number returned, in order; those of others by ~rank."""
    last = order.size - 1
    name = 0
    for i in range(order.size):
        prefetch_write(slots, order[min(i + NEAR, last)] >> 1)
        slot = order[i] >> 1
        if slots[slot] == UNIQUE:
            slots[slot] = ~i
        else:
            name += slots[slot] == FIRST
            slots[slot] = name
    return name


@kernel
def reduce_lms(slots: Work, n_lms: int, reduced: Work, ranks: Work, is_kept: NDArray[np.uint8]) -> None:
    """Separate, in order of position, names from ranks; bit i of `is_kept` says which one LMS position i has."""
    lms, kept, other = n_lms, reduced.size, ranks.size
    for i in range(slots.size - 1, -1, -1):  # downwards: the reduced text lies over the last slots
        value = slots[i]
        if value > 0:
            lms -= 1
            is_kept[lms >> 3] |= np.uint8(1 << (lms & 7))
            kept -= 1
            reduced[kept] = value
        elif value < 0:
            lms -= 1
            other -= 1
            ranks[other] = ~value


@kernel
def list_kept(text: Text, is_kept: NDArray[np.uint8], n_lms: int, positions: Work) -> None:
    """List the LMS positions that the reduced text stands for, in its order."""
    lms, kept = n_lms, positions.size
    after, s_type = 0, False
    for i in range(text.size - 1, -1, -1):
        c = text[i]
        if s_type and c > after:
            lms -= 1
            if is_kept[lms >> 3] >> (lms & 7) & 1:
                kept -= 1
                positions[kept] = i + 1
        s_type = (c != 0) & ((c < after) | ((c == after) & s_type))
        after = c


@kernel
def rank_others(text: Text, is_kept: NDArray[np.uint8], n_lms: int, ranks: Work, merged: Work) -> None:
    """Put the LMS positions that the reduced text leaves out at their ranks."""
    lms, other = n_lms, ranks.size
    after, s_type = 0, False
    for i in range(text.size - 1, -1, -1):
        c = text[i]
        if s_type and c > after:
            lms -= 1
            if not is_kept[lms >> 3] >> (lms & 7) & 1:
                other -= 1
                prefetch_write(merged, ranks[max(other - NEAR, 0)])
                merged[ranks[other]] = i + 1
        s_type = (c != 0) & ((c < after) | ((c == after) & s_type))
        after = c


@kernel
def replace_by_positions(order: Work, positions: Work) -> None:
    """Replace each place in the reduced text by the LMS position it stands for."""
    last = order.size - 1
    for i in range(order.size):
        prefetch_read(positions, order[min(i + NEAR, last)])
        order[i] = positions[order[i]]


@kernel
def merge_lms(reduced_order: Work, merged: Work, order: Work) -> None:
    """Fill the gaps of `merged`, which are 0, with the sorted suffixes of the reduced text.

    Written downwards: `order` begins where `reduced_order` does, and never overtakes what is still to be read.
    """
    kept = reduced_order.size
    for i in range(merged.size - 1, -1, -1):
        position = merged[i]
        if position == 0:
            kept -= 1
            position = reduced_order[kept]
        order[i] = position
