"""The id hashes of the documents of one segment while it is written: which earlier document may have an id."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from wherefrom_indexer.kernels import kernel

BYTES_PER_DOCUMENT = 48
"""Most anonymous memory a document takes here, while the table doubles."""

_EMPTY = np.iinfo(np.uint32).max


class IdTable:
    """A growing multimap from 64-bit hashes to ordinals, which are given in order from 0."""

    def __init__(self) -> None:
        self._hashes = np.empty(1024, np.uint64)
        self._slots = np.full(2048, _EMPTY, np.uint32)
        self._count = 0

    def __len__(self) -> int:
        return self._count

    @property
    def hashes(self) -> NDArray[np.uint64]:
        """The hash of each ordinal."""
        return self._hashes[: self._count]

    def find(self, wanted: int) -> list[int]:
        """All ordinals with that hash, ascending."""
        found = []
        slot = _find(self._hashes, self._slots, np.uint64(wanted), np.int64(-1))
        while slot >= 0:
            found.append(int(self._slots[slot]))
            slot = _find(self._hashes, self._slots, np.uint64(wanted), slot)
        return sorted(found)

    def holds(self, wanted: NDArray[np.uint64]) -> NDArray[np.bool_]:
        """For each hash whether an ordinal has it."""
        held = np.zeros(len(wanted), np.bool_)
        _mark_held(self._hashes, self._slots, np.ascontiguousarray(wanted), held)
        return held

    def extend(self, added: NDArray[np.uint64]) -> None:
        """Give the next ordinals to hashes."""
        count = self._count + len(added)
        if count > len(self._hashes):
            self._grow(count)
        self._hashes[self._count : count] = added
        _fill(self._hashes, self._slots, self._count, count)
        self._count = count

    def _grow(self, count: int) -> None:
        size = len(self._hashes)
        while size < count:
            size *= 2
        self._hashes = np.concatenate([self._hashes, np.empty(size - len(self._hashes), np.uint64)])
        self._slots = np.empty(0, np.uint32)  # freed before the larger one is made
        self._slots = np.full(2 * size, _EMPTY, np.uint32)
        _fill(self._hashes, self._slots, 0, self._count)


@kernel
def _find(hashes: NDArray[np.uint64], slots: NDArray[np.uint32], wanted: np.uint64, after: np.int64) -> np.int64:
    """The slot of a document with that hash, or -1: the first one, or the next one after a slot."""
    mask = slots.size - 1
    slot = np.int64(wanted & np.uint64(mask)) if after < 0 else (after + 1) & mask
    while slots[slot] != 0xFFFFFFFF:
        if hashes[slots[slot]] == wanted:
            return slot
        slot = (slot + 1) & mask
    return np.int64(-1)


@kernel
def _mark_held(
    hashes: NDArray[np.uint64], slots: NDArray[np.uint32], wanted: NDArray[np.uint64], held: NDArray[np.bool_]
) -> None:
    mask = slots.size - 1
    for i in range(wanted.size):
        slot = np.int64(wanted[i] & np.uint64(mask))
        while slots[slot] != 0xFFFFFFFF and hashes[slots[slot]] != wanted[i]:
            slot = (slot + 1) & mask
        held[i] = slots[slot] != 0xFFFFFFFF


@kernel
def _fill(hashes: NDArray[np.uint64], slots: NDArray[np.uint32], first: int, end: int) -> None:
    mask = slots.size - 1
    for ordinal in range(first, end):
        slot = np.int64(hashes[ordinal] & np.uint64(mask))
        while slots[slot] != 0xFFFFFFFF:
            slot = (slot + 1) & mask
        slots[slot] = ordinal
