"""The choice of documents for a span, when it stands in more than are shown."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from wherefrom.corpus import Occurrences, SearchedIndex

_MULTIPLIER = np.uint64(0x9E3779B97F4A7C15)


@dataclass(frozen=True, slots=True)
class Sampled:
    """A document that was chosen for a span, with the first occurrence of the span in it.

    Attributes:
        index: place of its index among those that are searched.
        segment, ordinal: where in the index it is.
        digest: the hash of its content, as a number.
        position, shift: the token in which the occurrence begins, and the byte of it.
    """

    index: int
    segment: int
    ordinal: int
    digest: int
    position: int
    shift: int


def sample(searched: Sequence[SearchedIndex], found: Sequence[Occurrences], size: int, seed: int) -> list[Sampled]:
    """Choose up to `size` documents among those that hold the occurrences found in each index.

    Documents with equal text in one index count as one, the first of them. The choice is uniform without replacement:
    the documents whose content hash, mixed with the seed, is smallest. So it does not depend on how the corpus is cut
    into segments, and spans prefer the same documents.
    """
    candidates = [
        candidate
        for place, (index, occurrences) in enumerate(zip(searched, found, strict=True))
        for candidate in _distinct(index, place, occurrences)
    ]
    priorities = _mixed(np.array([candidate.digest & 0xFFFFFFFFFFFFFFFF for candidate in candidates], np.uint64), seed)
    order = sorted(range(len(candidates)), key=lambda number: (int(priorities[number]), candidates[number].index))
    return [candidates[number] for number in order[:size]]


def _distinct(searched: SearchedIndex, place: int, found: Occurrences) -> list[Sampled]:
    """One candidate for each content among the documents of one index."""
    by_digest: dict[int, Sampled] = {}
    for part in found.places:
        segment = searched.segments[part.number].segment
        owners = np.searchsorted(segment.starts, part.positions.astype(np.uint64), side="right") - 1
        order = np.lexsort((part.shifts, part.positions, owners))
        _, firsts = np.unique(owners[order], return_index=True)
        for occurrence in order[firsts].tolist():
            position = int(part.positions[occurrence])
            ordinal = segment.document_of(position)  # checks what the table says
            digest = int(segment.hashes[ordinal, 0]) | int(segment.hashes[ordinal, 1]) << 64
            candidate = Sampled(place, part.number, ordinal, digest, position, int(part.shifts[occurrence]))
            by_digest.setdefault(digest, candidate)
    return list(by_digest.values())


def _mixed(digests: NDArray[np.uint64], seed: int) -> NDArray[np.uint64]:
    """The finaliser of SplitMix64 (Steele et al. 2014): a bijection that leaves no trace of the order of its input."""
    with np.errstate(over="ignore"):
        value = digests + np.uint64((seed * int(_MULTIPLIER)) & 0xFFFFFFFFFFFFFFFF)
        value = (value ^ (value >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
        value = (value ^ (value >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return value ^ (value >> np.uint64(31))
