"""The vocabulary: how every token is spelled, in the byte order of the spellings.

Tokens are renumbered by their spelling, so that the order of suffixes follows the text and all tokens that begin with a
given string are one range of ids. Ids as the tokenizer's file has them are called original, the renumbered ones new. A
tokenizer may leave holes between its original ids; new ids have none.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import accumulate

import numpy as np
from numpy.typing import NDArray

from wherefrom_indexer.kernels import kernel

NO_TOKEN = int(np.iinfo(np.uint32).max)
"""What `renumbered` holds for an original id that no token has."""


@dataclass(frozen=True, slots=True, eq=False)
class Vocabulary:
    """All tokens of a tokenizer; every array is in the order of new ids unless it says otherwise.

    Attributes:
        spellings: uint8, the bytes of all tokens one after another.
        offsets: int64 (size + 1), where each token's bytes begin in `spellings`.
        original: uint32 (size), new id -> original id.
        renumbered: uint32 (largest original id + 1), original id -> new id, `NO_TOKEN` where there is a hole.
        by_ending: uint32 (size), new ids in the order of their reversed spellings.
        ending_rank: uint32 (size), new id -> its place in `by_ending`.
    """

    spellings: NDArray[np.uint8]
    offsets: NDArray[np.int64]
    original: NDArray[np.uint32]
    renumbered: NDArray[np.uint32]
    by_ending: NDArray[np.uint32]
    ending_rank: NDArray[np.uint32]

    @classmethod
    def from_spellings(cls, spelling_of: Mapping[int, bytes]) -> Vocabulary:
        """Order the tokens of a tokenizer, given as original id -> spelling; of equal spellings by original id."""
        ordered = sorted(zip(spelling_of.values(), spelling_of.keys(), strict=True))
        spelled = [spelling for spelling, _ in ordered]
        original = np.array([token for _, token in ordered], dtype=np.uint32)
        renumbered = np.full(max(spelling_of, default=-1) + 1, NO_TOKEN, dtype=np.uint32)
        renumbered[original] = np.arange(len(ordered), dtype=np.uint32)
        endings = sorted((spelling[::-1], new_id) for new_id, spelling in enumerate(spelled))
        by_ending = np.array([new_id for _, new_id in endings], dtype=np.uint32)
        return cls(
            spellings=np.frombuffer(bytearray(b"".join(spelled)), dtype=np.uint8),
            offsets=np.array([0, *accumulate(map(len, spelled))], dtype=np.int64),
            original=original,
            renumbered=renumbered,
            by_ending=by_ending,
            ending_rank=_inverse(by_ending),
        )

    @property
    def size(self) -> int:
        """Number of tokens; new ids are 0 to size - 1."""
        return len(self.original)

    def spelling(self, new_id: int) -> bytes:
        """Return the bytes of one token."""
        if not 0 <= new_id < self.size:
            raise IndexError(f"token {new_id} is outside of a vocabulary of {self.size} tokens")
        return self.spellings[self.offsets[new_id] : self.offsets[new_id + 1]].tobytes()

    def spell(self, new_ids: NDArray[np.integer]) -> bytes:
        """Return the bytes of a sequence of new ids. An id outside of the vocabulary is spelled as nothing."""
        return self._spelled(new_ids, first=0)

    def spell_stored(self, values: NDArray[np.integer]) -> bytes:
        """Return the bytes of stored token values (new id + 1); separators (0) are spelled as nothing."""
        return self._spelled(values, first=1)

    def lengths(self, new_ids: NDArray[np.integer]) -> NDArray[np.int64]:
        """Return the number of bytes of each of a sequence of new ids, 0 for an id outside of the vocabulary."""
        ids = np.asarray(new_ids).astype(np.int64)
        inside = (ids >= 0) & (ids < self.size)
        ids[~inside] = 0
        if self.size == 0:
            return ids
        return np.where(inside, self.offsets[ids + 1] - self.offsets[ids], 0)

    def renumber(self, original_ids: NDArray[np.integer]) -> NDArray[np.uint32]:
        """Return the new ids of original ids, `NO_TOKEN` for those that no token has."""
        ids = np.asarray(original_ids)
        known = (ids >= 0) & (ids < len(self.renumbered))
        if known.all():
            return self.renumbered[ids]
        return np.where(known, self.renumbered[np.where(known, ids, 0)], np.uint32(NO_TOKEN)).astype(np.uint32)

    def starting_with(self, prefix: bytes) -> range:
        """Return the new ids of all tokens whose spelling begins with `prefix`."""

        def head(new_id: int) -> bytes:
            return self.spelling(new_id)[: len(prefix)]

        new_ids = range(self.size)
        first = bisect_left(new_ids, prefix, key=head)
        return range(first, bisect_right(new_ids, prefix, lo=first, key=head))

    def ending_with(self, suffix: bytes) -> range:
        """Return the places in `by_ending` of all tokens whose spelling ends with `suffix`."""
        tail = suffix[::-1]

        def reversed_tail(place: int) -> bytes:
            return self.spelling(int(self.by_ending[place]))[::-1][: len(tail)]

        places = range(self.size)
        first = bisect_left(places, tail, key=reversed_tail)
        return range(first, bisect_right(places, tail, lo=first, key=reversed_tail))

    def _spelled(self, values: NDArray[np.integer], first: int) -> bytes:
        # One copy as int64 serves every width and mapped, read-only input with a single compiled kernel.
        text: NDArray[np.uint8] = _gather(np.array(values, dtype=np.int64), first, self.spellings, self.offsets)
        return text.tobytes()


def _inverse(permutation: NDArray[np.uint32]) -> NDArray[np.uint32]:
    inverse = np.empty_like(permutation)
    inverse[permutation] = np.arange(len(permutation), dtype=np.uint32)
    return inverse


@kernel
def _gather(
    values: NDArray[np.int64], first: int, spellings: NDArray[np.uint8], offsets: NDArray[np.int64]
) -> NDArray[np.uint8]:
    size = offsets.size - 1
    total = 0
    for i in range(values.size):
        token = values[i] - first
        if 0 <= token < size:
            total += offsets[token + 1] - offsets[token]
    text = np.empty(total, dtype=np.uint8)
    filled = 0
    for i in range(values.size):
        token = values[i] - first
        if 0 <= token < size:
            for source in range(offsets[token], offsets[token + 1]):
                text[filled] = spellings[source]
                filled += 1
    return text
