"""Ranges of a text, against brute force."""

from __future__ import annotations

import itertools
import math

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from wherefrom.boundaries import Boundaries
from wherefrom.spans import Ranges, cap, covered, cut, maximal, rarest, united, within

LENGTH = 30
PAIRS = st.lists(st.tuples(st.integers(0, LENGTH), st.integers(0, LENGTH)), max_size=12)
PLACES = st.sets(st.integers(0, LENGTH)).map(sorted)


def _ranges(pairs: list[tuple[int, int]]) -> Ranges:
    values = np.array(pairs, np.int64).reshape(-1, 2)
    return Ranges.of(values[:, 0], values[:, 1])


def _pairs(ranges: Ranges) -> list[tuple[int, int]]:
    return list(zip(ranges.starts.tolist(), ranges.ends.tolist(), strict=True))


@given(PAIRS)
def test_ranges_are_sorted_and_not_empty(pairs: list[tuple[int, int]]) -> None:
    ranges = _ranges(pairs)
    assert _pairs(ranges) == sorted(pair for pair in pairs if pair[0] < pair[1])
    assert len(ranges) == len(_pairs(ranges))
    assert ranges.lengths.tolist() == [end - start for start, end in _pairs(ranges)]


@given(PAIRS, PAIRS)
def test_united_holds_all(first: list[tuple[int, int]], second: list[tuple[int, int]]) -> None:
    assert _pairs(united([_ranges(first), _ranges(second)])) == _pairs(_ranges(first + second))


def test_nothing_united_is_nothing() -> None:
    assert _pairs(united([])) == []


@given(PAIRS)
def test_maximal_ranges_are_those_in_no_other(pairs: list[tuple[int, int]]) -> None:
    distinct = set(_pairs(_ranges(pairs)))
    expected = [
        (start, end)
        for start, end in sorted(distinct)
        if not any(left <= start and end <= right for left, right in distinct - {(start, end)})
    ]
    assert _pairs(maximal(_ranges(pairs))) == expected


@given(PAIRS, PLACES, PLACES)
def test_within_gives_the_largest_allowed_part(
    pairs: list[tuple[int, int]], starts: list[int], ends: list[int]
) -> None:
    boundaries = Boundaries(np.array(starts, np.int64), np.array(ends, np.int64))
    expected = []
    for start, end in _pairs(_ranges(pairs)):
        allowed = [(left, right) for left in starts for right in ends if start <= left < right <= end]
        if allowed:
            expected.append(max(allowed, key=lambda part: part[1] - part[0]))
    assert _pairs(within(_ranges(pairs), boundaries)) == sorted(expected)


@given(PAIRS, PLACES)
def test_cut_pieces_join_to_the_range_and_hold_no_place(pairs: list[tuple[int, int]], places: list[int]) -> None:
    expected = []
    for start, end in _pairs(_ranges(pairs)):
        edges = [start, *(place for place in places if start < place < end), end]
        expected += itertools.pairwise(edges)
    assert _pairs(cut(_ranges(pairs), np.array(places, np.int64))) == sorted(expected)


@given(PAIRS)
def test_covered_counts_characters_once(pairs: list[tuple[int, int]]) -> None:
    assert covered(_ranges(pairs)) == len({place for start, end in pairs for place in range(start, end)})


@given(st.lists(st.sampled_from([-9.5, -3.0, -1.25, 0.0]), max_size=12), st.integers(0, 14))
def test_the_rarest_are_the_lowest_and_the_earlier_of_equals(values: list[float], number: int) -> None:
    ordered = sorted(range(len(values)), key=lambda place: (values[place], place))
    assert rarest(np.array(values, np.float64), number).tolist() == sorted(ordered[:number])


@given(st.floats(0.001, 1), st.integers(1, 2000), st.integers(0, 300))
def test_the_cap_is_the_published_one(density: float, tokens: int, spans: int) -> None:
    assert cap(density, tokens, spans) == min(spans, math.ceil(density * tokens))
    assert cap(None, tokens, spans) == spans
