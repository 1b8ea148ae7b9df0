"""The vocabulary: how every token is spelled, in the byte order of the spellings.

Tokens are renumbered by their spelling, so that the order of suffixes follows the text and all tokens that begin with a
given string are one range of ids. Ids as the tokenizer's file has them are called original, the renumbered ones new. A
tokenizer may leave holes between its original ids; new ids have none.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from wherefrom_indexer.kernels import kernel

NO_TOKEN = int(np.iinfo(np.uint32).max)
"""What `renumbered` holds for an original id that no token has."""


@dataclass(frozen=True, slots=True, eq=False)
class SpelledTokens:
    """Tokens in any order.

    Attributes:
        original: int64 (n), their original ids.
        text: uint8, their bytes one after another.
        lengths: int64 (n), how many bytes each has.
    """

    original: NDArray[np.int64]
    text: NDArray[np.uint8]
    lengths: NDArray[np.int64]

    @classmethod
    def of(cls, spelling_of: Mapping[int, bytes]) -> SpelledTokens:
        """Return tokens given as original id -> spelling."""
        size = len(spelling_of)
        return cls(
            np.fromiter(spelling_of, np.int64, size),
            np.frombuffer(b"".join(spelling_of.values()), np.uint8),
            np.fromiter(map(len, spelling_of.values()), np.int64, size),
        )

    def replaced(self, spelling_of: Mapping[int, bytes]) -> SpelledTokens:
        """Return these tokens with others, given as original id -> spelling, added or in their place."""
        others = SpelledTokens.of(spelling_of)
        kept = ~np.isin(self.original, others.original)
        return SpelledTokens(
            np.concatenate([self.original[kept], others.original]),
            np.concatenate([self.text[np.repeat(kept, self.lengths)], others.text]),
            np.concatenate([self.lengths[kept], others.lengths]),
        )


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
        return cls.ordered(SpelledTokens.of(spelling_of))

    @classmethod
    def ordered(cls, tokens: SpelledTokens) -> Vocabulary:
        """Order the tokens of a tokenizer by spelling; of equal spellings by original id."""
        order = _byte_order(tokens.text, tokens.lengths, tokens.original)
        original = tokens.original[order].astype(np.uint32)
        renumbered = np.full(int(original.max(initial=0)) + 1 if len(original) else 0, NO_TOKEN, dtype=np.uint32)
        renumbered[original] = np.arange(len(original), dtype=np.uint32)
        lengths = tokens.lengths[order]
        offsets = np.concatenate([[0], np.cumsum(lengths)])
        moved = (np.cumsum(tokens.lengths) - tokens.lengths)[order] - offsets[:-1]
        spelled = tokens.text[np.arange(offsets[-1]) + np.repeat(moved, lengths)]
        by_ending = _byte_order(_reversed(spelled, offsets), lengths, np.arange(len(order))).astype(np.uint32)
        return cls(spelled, offsets, original, renumbered, by_ending, _inverse(by_ending))

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


def _byte_order(text: NDArray[np.uint8], lengths: NDArray[np.int64], places: NDArray[np.integer]) -> NDArray[np.int64]:
    """Return the order of strings by their bytes, of equal ones by `places`.

    Sorts by the first eight bytes, then those that agree in them by the next eight, and so on.
    """
    starts = np.cumsum(lengths) - lengths
    padded = np.concatenate([text, np.zeros(8, np.uint8)])
    words = np.ndarray(len(text) + 1, ">u8", padded, strides=(1,))

    def words_at(strings: NDArray[np.int64], depth: int) -> NDArray[np.uint64]:
        # Missing bytes count as zeros: of strings that are equal up to zeros, the shorter one is smaller.
        found: NDArray[np.uint64] = words[np.minimum(starts[strings] + depth, len(text))].astype(np.uint64)
        return found & _LEADING_BYTES[np.clip(lengths[strings] - depth, 0, 8)]

    found = words_at(np.arange(len(lengths)), 0)
    order = np.argsort(found)
    found = found[order]
    group = np.cumsum(np.concatenate([[0], found[1:] != found[:-1]])) if len(found) else order
    undecided = np.flatnonzero(np.bincount(group)[group] > 1)
    group = group[undecided]
    order[undecided] = order[undecided][np.lexsort((places[order[undecided]], lengths[order[undecided]], group))]
    depth = 8
    while len(undecided):
        strings = order[undecided]
        found = words_at(strings, depth)
        within = np.lexsort((found, group))
        order[undecided] = strings[within]
        found, group = found[within], group[within]
        depth += 8
        group = np.cumsum(np.concatenate([[0], (found[1:] != found[:-1]) | (group[1:] != group[:-1])]))
        # A group of strings that end here is in order already.
        open_ = np.bincount(group, lengths[order[undecided]] > depth)[group] > 0
        open_ &= np.bincount(group)[group] > 1
        undecided, group = undecided[open_], group[open_]
    return order


_LEADING_BYTES = np.array([((1 << 8 * count) - 1) << 8 * (8 - count) for count in range(9)], np.uint64)


def _reversed(text: NDArray[np.uint8], offsets: NDArray[np.int64]) -> NDArray[np.uint8]:
    """Return strings, given by where each begins, and the end, each with its bytes in reverse order."""
    mirrored = offsets[:-1] + offsets[1:] - 1
    return text[np.repeat(mirrored, np.diff(offsets)) - np.arange(len(text))]


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
