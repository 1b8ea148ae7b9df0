"""Byte-pair merging of one pre-token: the pair with the lowest rank is merged first, of equal ranks the leftmost.

A heap holds the pairs, because a text may be one pre-token of a megabyte.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from wherefrom_indexer.kernels import ONE, ZERO, allocating_kernel, inner_kernel

Number = Any
"""A number in a kernel: Python's, or one of NumPy's."""

ID_BITS = 24
"""Bits of a token id."""

MAX_MERGES = 1 << 22
"""A rank and a position (`_POSITION_BITS`) share a word of a heap."""

SHORT = 64
"""Longer pre-tokens are merged in memory of their own."""

_POSITION_BITS = 40
_POSITION_MASK = (1 << _POSITION_BITS) - 1
_ID_MASK = (1 << ID_BITS) - 1
_NO_MERGE = 1 << 62
_EMPTY = -1
_SYMBOL, _RANKED, _BEFORE, _AFTER = range(4)


class Merges(NamedTuple):
    """What merging reads of a tokenizer; ids are new ids.

    Attributes:
        byte_ids: int64 (256), the token of each byte.
        pairs: int64, a hash table: in turn a key (left id, right id) and a value (rank, merged id).
        whole: int64, the token that a pre-token spelled like this one is whatever the merges, -1: none; may be empty.
        spellings, offsets: those of the vocabulary.
    """

    byte_ids: NDArray[np.int64]
    pairs: NDArray[np.int64]
    whole: NDArray[np.int64]
    spellings: NDArray[np.uint8]
    offsets: NDArray[np.int64]


def pair_table(merges: NDArray[np.integer]) -> NDArray[np.int64]:
    """Return the table `Merges.pairs` of merges (3, n): rows are left, right and merged id, the place is the rank.

    Of equal pairs the last counts.
    """
    left, right, merged = merges.astype(np.int64)
    values = np.arange(len(merged)) << ID_BITS | merged
    # The first of equal keys, in reverse order, is the last.
    keys, last = np.unique((left << ID_BITS | right)[::-1], return_index=True)
    values = values[::-1][last]
    table = np.full((1 << (2 * len(keys)).bit_length(), 2), _EMPTY)
    mask = len(table) - 1
    slots = _slot_of(keys >> ID_BITS, keys & _ID_MASK, mask)
    while len(keys):  # each round puts one key into every free slot that is wanted; the others go on to the next slot
        free = np.flatnonzero(table[slots, 0] == _EMPTY)
        table[slots[free], 0] = keys[free]
        placed = table[slots, 0] == keys
        table[slots[placed], 1] = values[placed]
        slots, keys, values = (slots[~placed] + 1) & mask, keys[~placed], values[~placed]
    return table.reshape(-1)


def _slot_of(left: Number, right: Number, mask: Number) -> Number:
    # No product exceeds 56 bits: ids have 24, the multipliers 32.
    return ((left * 0x9E3779B1) ^ (right * 0x85EBCA77)) >> 18 & mask


_kernel_slot_of = inner_kernel(_slot_of)


@inner_kernel
def _merge_of(pairs: NDArray[np.int64], left: Number, right: Number) -> Number:
    """Rank and merged id of a pair as one number, `_NO_MERGE` if it is not merged."""
    mask = pairs.size // 2 - 1
    key = left << ID_BITS | right
    slot = _kernel_slot_of(left, right, mask)
    while pairs[2 * slot] != key:
        if pairs[2 * slot] == _EMPTY:
            return _NO_MERGE
        slot = (slot + 1) & mask
    return pairs[2 * slot + 1]


@allocating_kernel
def merge(
    merges: Merges,
    text: NDArray[np.uint8],
    begin: Number,
    size: Number,
    nodes: NDArray[np.int64],
    heap: NDArray[np.int64],
    ids: NDArray[np.uint32],
    written: Number,
) -> Number:
    """Write the tokens of the pre-token text[begin : begin + size] into `ids` from `written` on; return how many.

    Symbols are the nodes of a linked list. The heap keeps entries whose pair is gone; they are known by their rank.
    `nodes` (SHORT, 4) and `heap` (2 * SHORT) are scratch.
    """
    if size > SHORT:
        nodes = np.empty((size, 4), np.int64)
        heap = np.empty(2 * size, np.int64)  # a merge takes one entry and adds at most two
    byte_ids, pairs = merges.byte_ids, merges.pairs
    entries = ZERO
    for i in range(size):
        symbol = byte_ids[text[begin + i]]
        nodes[i, _SYMBOL], nodes[i, _BEFORE], nodes[i, _AFTER], nodes[i, _RANKED] = symbol, i - 1, i + 1, _NO_MERGE
        if i > 0:
            entries = _rank(pairs, nodes, heap, entries, i - 1, i)
    while entries > 0:
        top = heap[0]
        entries = _pop(heap, entries)
        left = top & _POSITION_MASK
        if nodes[left, _RANKED] >> ID_BITS != top >> _POSITION_BITS:
            continue
        right = nodes[left, _AFTER]
        after, before = nodes[right, _AFTER], nodes[left, _BEFORE]
        nodes[left, _SYMBOL] = nodes[left, _RANKED] & _ID_MASK
        nodes[left, _RANKED] = nodes[right, _RANKED] = _NO_MERGE
        nodes[left, _AFTER] = after
        if after < size:
            nodes[after, _BEFORE] = left
            entries = _rank(pairs, nodes, heap, entries, left, after)
        if before >= 0:
            entries = _rank(pairs, nodes, heap, entries, before, left)
    count = at = ZERO
    while at < size:
        ids[written + count] = nodes[at, _SYMBOL]
        count += ONE
        at = nodes[at, _AFTER]
    return count


@inner_kernel
def _rank(
    pairs: NDArray[np.int64],
    nodes: NDArray[np.int64],
    heap: NDArray[np.int64],
    entries: Number,
    left: Number,
    right: Number,
) -> Number:
    """Rank the pair of two nodes and add it to a heap, if it is merged at all; return the number of entries."""
    ranked = _merge_of(pairs, nodes[left, _SYMBOL], nodes[right, _SYMBOL])
    nodes[left, _RANKED] = ranked
    if ranked == _NO_MERGE:
        return entries
    entry = ranked >> ID_BITS << _POSITION_BITS | left
    at = entries
    while at > 0 and heap[(at - 1) >> 1] > entry:
        heap[at] = heap[(at - 1) >> 1]
        at = (at - 1) >> 1
    heap[at] = entry
    return entries + 1


@inner_kernel
def _pop(heap: NDArray[np.int64], entries: Number) -> Number:
    """Remove the smallest entry; return the number of those left."""
    entries -= 1
    entry = heap[entries]
    at = ZERO
    while 2 * at + 1 < entries:
        child = 2 * at + 1
        if child + 1 < entries and heap[child + 1] < heap[child]:
            child += 1
        if heap[child] >= entry:
            break
        heap[at] = heap[child]
        at = child
    heap[at] = entry
    return entries


@inner_kernel
def whole_token(
    merges: Merges,
    text: NDArray[np.uint8],
    begin: Number,
    size: Number,
    ids: NDArray[np.uint32],
    written: Number,
) -> Number:
    """Write the token that the pre-token is whatever the merges; return how many: 1 or 0. Ids are in byte order."""
    whole, spellings, offsets = merges.whole, merges.spellings, merges.offsets
    low, high = ZERO, np.int64(whole.size)
    while low < high:
        middle = (low + high) >> 1
        first, length = offsets[middle], offsets[middle + 1] - offsets[middle]
        at = ZERO
        while at < length and at < size and spellings[first + at] == text[begin + at]:
            at += 1
        if at == size and at == length:
            ids[written] = max(whole[middle], ZERO)
            return np.int64(whole[middle] >= 0)
        if at == length or (at < size and spellings[first + at] < text[begin + at]):
            low = middle + 1
        else:
            high = middle
    return ZERO
