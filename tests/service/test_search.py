"""Kernels that search a segment token by token, against brute force."""

from __future__ import annotations

import naive
import numpy as np
import pytest
from factories import segment_arrays
from hypothesis import given
from hypothesis import strategies as st

from wherefrom import search

ALPHABETS = (1, 2, 300, 70_000)


@st.composite
def corpora(draw: st.DrawFn) -> tuple[list[list[int]], list[int], set[int], int]:
    """Documents, a query (often pieces of them), removed documents, and the vocabulary size."""
    size = draw(st.sampled_from(ALPHABETS))
    token = st.integers(0, size - 1) if size <= 300 else st.sampled_from([0, 1, 65_534, 65_535, 69_999])
    documents = draw(st.lists(st.lists(token, max_size=12), min_size=1, max_size=6))
    documents += draw(st.lists(st.sampled_from(documents), max_size=2))
    pieces = draw(st.lists(st.one_of(st.lists(token, max_size=6), st.sampled_from(documents)), max_size=3))
    query = [token for piece in pieces for token in piece]
    removed = draw(st.sets(st.integers(0, len(documents) - 1)))
    return documents, query, removed, size


@given(corpora())
def test_longest_matches_and_live_counts_are_those_of_brute_force(
    corpus: tuple[list[list[int]], list[int], set[int], int],
) -> None:
    documents, query, removed, size = corpus
    segment = segment_arrays(documents, size, removed, np.uint16 if size <= 300 else np.uint32)
    lengths, lows, highs = search.longest_matches(segment, np.array(query, np.int64) + 1)
    counts = search.live_counts(segment, lows, highs)
    live = [document for ordinal, document in enumerate(documents) if ordinal not in removed]
    assert list(zip(lengths.tolist(), counts.tolist(), strict=True)) == naive.longest_matches(live, query)


@given(corpora())
def test_an_interval_holds_exactly_the_occurrences(corpus: tuple[list[list[int]], list[int], set[int], int]) -> None:
    documents, query, _, size = corpus
    if not query:
        return
    segment = segment_arrays(documents, size, None, np.uint16 if size <= 300 else np.uint32)
    low, high = search.interval(segment, np.array(query, np.int64) + 1)
    assert high - low == sum(naive.count_of(document, query) for document in documents)


@pytest.mark.parametrize("removed", [{0}, {1}, {0, 1}, {2}])
def test_the_nearest_live_suffix_is_found_across_many_removed_ranks(removed: set[int]) -> None:
    documents = [[1, 2] * 400, [1, 2, 3] * 300, [1, 2, 3, 4] + [0] * 700]
    segment = segment_arrays(documents, 5, removed)
    query = [1, 2, 3, 4, 0, 0, 9 % 5]
    lengths, lows, highs = search.longest_matches(segment, np.array(query, np.int64) + 1)
    live = [document for ordinal, document in enumerate(documents) if ordinal not in removed]
    counts = search.live_counts(segment, lows, highs)
    assert list(zip(lengths.tolist(), counts.tolist(), strict=True)) == naive.longest_matches(live, query)


def test_damaged_positions_are_bounded() -> None:
    segment = segment_arrays([[0, 1, 2, 1, 0], [2, 2, 1]], 3)
    damaged = segment._replace(suffixes=np.full(segment.suffixes.size, 2**32 - 1, np.uint32))
    damaged.suffixes.flags.writeable = False
    lengths, _, _ = search.longest_matches(damaged, np.array([1, 2, 3], np.int64))
    assert lengths.max() <= 3
