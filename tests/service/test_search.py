"""Kernels that search a segment token by token, against brute force."""

from __future__ import annotations

import itertools
import random
from dataclasses import dataclass

import naive
import numpy as np
import pytest
from factories import segment_arrays
from hypothesis import given, settings
from hypothesis import strategies as st

from wherefrom import longest, search
from wherefrom.corpus import SearchedSegment, longest_matches

ALPHABETS = (1, 2, 300, 70_000)


@dataclass(frozen=True, slots=True)
class Corpus:
    """Documents, the places at which they are cut into segments, removed documents, a query, the vocabulary's size."""

    documents: list[list[int]]
    cuts: list[int]
    removed: set[int]
    query: list[int]
    size: int

    @property
    def live(self) -> list[list[int]]:
        return [document for ordinal, document in enumerate(self.documents) if ordinal not in self.removed]

    def segments(self) -> list[SearchedSegment]:
        """One segment between two cuts, and so 1 to 16; `longest_matches` reads nothing of them but their arrays."""
        dtype = np.uint16 if self.size <= 300 else np.uint32
        segments = []
        for start, end in itertools.pairwise([0, *self.cuts, len(self.documents)]):
            removed = {ordinal - start for ordinal in self.removed if start <= ordinal < end}
            arrays = segment_arrays(self.documents[start:end], self.size, removed, dtype)
            segments.append(SearchedSegment(None, arrays))  # type: ignore[arg-type]
        return segments


def _fibonacci(first: list[int], second: list[int], length: int) -> list[int]:
    while len(second) < length:
        first, second = second, second + first
    return second[:length]


@st.composite
def corpora(draw: st.DrawFn) -> Corpus:
    """Random and adversarial documents; queries are often pieces of them."""
    size = draw(st.sampled_from(ALPHABETS))
    token = st.integers(0, size - 1) if size <= 300 else st.sampled_from([0, 1, 65_534, 65_535, 69_999])
    length = st.integers(1, 20)
    document = st.one_of(
        st.lists(token, max_size=12),
        st.builds(lambda token, length: [token] * length, token, length),
        st.builds(lambda period, length: (period * length)[:length], st.lists(token, min_size=1, max_size=3), length),
        st.builds(_fibonacci, st.lists(token, min_size=1, max_size=1), st.lists(token, min_size=1, max_size=1), length),
    )
    documents = draw(st.lists(document, min_size=1, max_size=6))
    documents += draw(st.lists(st.sampled_from(documents), max_size=2))
    pieces = draw(st.lists(st.one_of(st.lists(token, max_size=6), st.sampled_from(documents)), max_size=3))
    query = [token for piece in pieces for token in piece][:24]
    removed = draw(st.sets(st.integers(0, len(documents) - 1)))
    cuts = sorted(draw(st.lists(st.integers(0, len(documents)), max_size=15)))
    return Corpus(documents, cuts, removed, query, size)


def _check_longest_matches(corpus: Corpus, segments: list[SearchedSegment]) -> None:
    query = np.array(corpus.query, np.int64) + 1
    lengths, counts = longest_matches(segments, query)
    expected = naive.longest_matches(corpus.live, corpus.query)
    assert list(zip(lengths.tolist(), counts.tolist(), strict=True)) == expected


def _check_intervals(corpus: Corpus, segments: list[SearchedSegment]) -> None:
    if not corpus.query:
        return
    count = 0
    for part in segments:
        low, high = search.interval(part.arrays, np.array(corpus.query, np.int64) + 1)
        count += int(search.live_counts(part.arrays, np.array([low]), np.array([high]))[0])
    assert count == sum(naive.count_of(document, corpus.query) for document in corpus.live)


@given(corpora())
def test_longest_matches_and_live_counts_are_those_of_brute_force(corpus: Corpus) -> None:
    _check_longest_matches(corpus, corpus.segments())


@given(corpora())
def test_an_interval_holds_exactly_the_occurrences(corpus: Corpus) -> None:
    _check_intervals(corpus, corpus.segments())


@settings(max_examples=800)
@given(st.integers(0, 2**64 - 1))
def test_many_random_corpora(seed: int) -> None:
    """Most of the cases: made from a seed, because drawing every token through Hypothesis takes ten times as long."""
    corpus = _random_corpus(random.Random(seed))
    segments = corpus.segments()
    _check_longest_matches(corpus, segments)
    _check_intervals(corpus, segments)


def _random_corpus(chance: random.Random) -> Corpus:
    size = chance.choice(ALPHABETS)
    tokens = range(size) if size <= 300 else [0, 1, 65_534, 65_535, 69_999]
    few = chance.choices(tokens, k=chance.choice([1, 2, 5]))

    def document() -> list[int]:
        kind, length = chance.randrange(5), chance.randint(1, 20)
        if kind == 0:
            return chance.choices(tokens, k=chance.randint(0, 12))
        if kind == 1:
            return [chance.choice(few)] * length
        if kind == 2:
            return (chance.choices(few, k=chance.randint(1, 3)) * length)[:length]
        if kind == 3:
            return _fibonacci([chance.choice(few)], [chance.choice(few)], length)
        return chance.choices(few, k=length)

    documents = [document() for _ in range(chance.randint(1, 8))]
    documents += chance.choices(documents, k=chance.randint(0, 2))
    pieces = [chance.choice([document(), chance.choice(documents)]) for _ in range(chance.randint(0, 3))]
    query = [token for piece in pieces for token in piece][:24]
    removed = {ordinal for ordinal in range(len(documents)) if chance.random() < 0.25}
    cuts = sorted(chance.choices(range(len(documents) + 1), k=chance.choice([0, 0, 1, 3, 15])))
    return Corpus(documents, cuts, removed, query, size)


@pytest.mark.parametrize("removed", [{0}, {1}, {0, 1}, {2}])
def test_the_nearest_live_suffix_is_found_across_many_removed_ranks(removed: set[int]) -> None:
    documents = [[1, 2] * 400, [1, 2, 3] * 300, [1, 2, 3, 4] + [0] * 700]
    segment = segment_arrays(documents, 5, removed)
    query = [1, 2, 3, 4, 0, 0, 9 % 5]
    lengths, lows, highs = longest.longest_matches(segment, np.array(query, np.int64) + 1)
    live = [document for ordinal, document in enumerate(documents) if ordinal not in removed]
    counts = search.live_counts(segment, lows, highs)
    assert list(zip(lengths.tolist(), counts.tolist(), strict=True)) == naive.longest_matches(live, query)


def test_damaged_positions_are_bounded() -> None:
    segment = segment_arrays([[0, 1, 2, 1, 0], [2, 2, 1]], 3)
    damaged = segment._replace(suffixes=np.full(segment.suffixes.size, 2**32 - 1, np.uint32))
    damaged.suffixes.flags.writeable = False
    lengths, _, _ = longest.longest_matches(damaged, np.array([1, 2, 3], np.int64))
    assert lengths.max() <= 3
