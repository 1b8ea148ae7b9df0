"""Indexes opened for searching: their segments as kernels read them, grouped by tokenizer."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from wherefrom import longest, search
from wherefrom.search import SegmentArrays
from wherefrom.spellings import SpellingArrays, spelling_arrays
from wherefrom_indexer.index import Index
from wherefrom_indexer.segment import Segment
from wherefrom_indexer.tokenization import Tokenizer

_NO_WORDS = np.empty(0, np.uint64)
_NO_COUNTS = np.empty(0, np.uint32)


@dataclass(frozen=True, slots=True, eq=False)
class SearchedSegment:
    """A segment, and what kernels read of it."""

    segment: Segment
    arrays: SegmentArrays


@dataclass(frozen=True, slots=True, eq=False)
class SearchedIndex:
    """An index under the name that results give it, ready to be searched."""

    name: str
    index: Index
    segments: tuple[SearchedSegment, ...]
    spellings: SpellingArrays

    @property
    def tokenizer(self) -> Tokenizer:
        """The tokenizer of the index."""
        return self.index.tokenizer

    @property
    def holds_stored_texts(self) -> bool:
        """Whether some documents are not what their tokens spell, so that counts over tokens may miss occurrences."""
        return any(len(searched.segment.stored_texts) for searched in self.segments)


def searched_index(index: Index, name: str, spellings: SpellingArrays | None = None) -> SearchedIndex:
    """Prepare an opened index; indexes of one tokenizer share its `spellings`."""
    return SearchedIndex(
        name,
        index,
        tuple(SearchedSegment(segment, segment_arrays(segment)) for segment in index.segments),
        spellings or spelling_arrays(index.tokenizer.vocabulary),
    )


def segment_arrays(segment: Segment) -> SegmentArrays:
    """Return what kernels read of a segment: plain read-only views, because Numba compiles anew for each other kind."""
    removal = segment.removal
    arrays = SegmentArrays(
        np.asarray(segment.tokens).view(),
        np.asarray(segment.suffixes).view(),
        segment.first_token.view(),
        _NO_WORDS.view() if removal is None else np.asarray(removal.live).view(),
        _NO_COUNTS.view() if removal is None else np.asarray(removal.counts).view(),
        segment.codes.view(),
        segment.leaders.view(),
        segment.keys.view(),
    )
    for array in arrays:
        array.flags.writeable = False
    return arrays


def token_count(segments: Iterable[SearchedSegment], query: NDArray[np.int64]) -> int:
    """Count the live occurrences of a query of stored values (at least one), token by token, over several segments."""
    count = 0
    for part in segments:
        low, high = search.interval(part.arrays, query)
        count += int(search.live_counts(part.arrays, np.array([low]), np.array([high]))[0])
    return count


@dataclass(frozen=True, slots=True)
class LongestMatches:
    """The longest prefix of a text that occurs, at each of its tokens.

    Attributes:
        starts: int64 (n), the code point in which each token begins.
        length: int64 (n), tokens of the longest match there.
        count: int64 (n), its live occurrences, summed over the segments in which that length is reached.
    """

    starts: NDArray[np.int64]
    length: NDArray[np.int64]
    count: NDArray[np.int64]


Intervals: TypeAlias = tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64]]
"""What `longest.longest_matches` returns of one segment: lengths, low and high ranks."""


def longest_matches(
    segments: Iterable[SearchedSegment], query: NDArray[np.int64]
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return lengths and counts (see `LongestMatches`) of a query of stored values over several segments."""
    return united_matches(((part.arrays, longest.longest_matches(part.arrays, query)) for part in segments), len(query))


def united_matches(
    matches: Iterable[tuple[SegmentArrays, Intervals]], size: int
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return lengths and counts (see `LongestMatches`) of a query of `size` values from what each segment holds."""
    length = np.zeros(size, np.int64)
    count = np.zeros(size, np.int64)
    for arrays, (lengths, lows, highs) in matches:
        counts = search.live_counts(arrays, lows, highs) if len(arrays.live) else highs - lows
        count = np.where(lengths > length, counts, np.where(lengths == length, count + counts, count))
        length = np.maximum(length, lengths)
    return length, count
