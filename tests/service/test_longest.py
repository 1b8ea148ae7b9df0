"""Longest matches in segments of many keys, against scans of all tokens."""

from __future__ import annotations

import numpy as np
import pytest
from factories import arrays_of

from wherefrom import longest, search
from wherefrom.search import SegmentArrays
from wherefrom_indexer.suffix_array import suffix_array
from wherefrom_indexer.top_level import TOP_STEP


def _documents(chance: np.random.Generator, size: int, number: int) -> list[np.ndarray]:
    """Documents of skewed tokens, of which many are copies of others, whole or in part, or repeat themselves."""
    weights = 1 / np.arange(1, size + 1)
    documents = [chance.choice(size, chance.integers(0, 120), p=weights / weights.sum()) + 1 for _ in range(number)]
    for place in range(0, number, 3):
        other = documents[chance.integers(number)]
        documents[place] = np.concatenate([documents[place][:5], other[chance.integers(0, len(other) + 1) :]])
    return [*documents, np.full(300, 1), np.tile([1, 2], 200), *[documents[0]] * 20]


def _segment(documents: list[np.ndarray], size: int, removed: list[int], dtype: type) -> SegmentArrays:
    tokens = np.concatenate([[*document, 0] for document in documents]).astype(dtype)
    suffixes = suffix_array(tokens)
    if not removed:
        return arrays_of(tokens, suffixes, size)
    owners = np.repeat(np.arange(len(documents)), [len(document) + 1 for document in documents])
    bits = np.zeros(-(-len(suffixes) // 512) * 512, np.bool_)
    bits[: len(suffixes)] = ~np.isin(owners[suffixes], removed)
    live_before = np.concatenate([[0], np.cumsum(bits.reshape(-1, 512).sum(axis=1))]).astype(np.uint32)
    return arrays_of(tokens, suffixes, size, np.packbits(bits, bitorder="little").view(np.uint64), live_before)


def _scanned(documents: list[np.ndarray], query: np.ndarray) -> list[tuple[int, int]]:
    tokens = np.concatenate([[*document, 0] for document in documents])
    found = []
    for start in range(len(query)):
        places, length, count = np.flatnonzero(tokens), 0, 0
        while start + length < len(query):
            places = places[tokens[places + length] == query[start + length]]
            if not len(places):
                break
            length, count = length + 1, len(places)
        found.append((length, count))
    return found


@pytest.mark.parametrize("dtype", [np.uint16, np.uint32])
@pytest.mark.parametrize("size", [2, 40, 3000])
@pytest.mark.parametrize("seed", range(3))
def test_matches_and_counts_are_those_of_a_scan(dtype: type, size: int, seed: int) -> None:
    chance = np.random.default_rng(seed)
    documents = _documents(chance, size, 120)
    removed = chance.choice(len(documents), len(documents) // 4, replace=False).tolist() if seed else []
    segment = _segment(documents, size, removed, dtype)
    assert len(segment.keys) > len(segment.leaders) > 1
    live = [document for ordinal, document in enumerate(documents) if ordinal not in removed]
    pieces = [documents[chance.integers(len(documents))][:40] for _ in range(6)]
    query = np.concatenate([*pieces, chance.integers(1, size + 1, 10), np.full(60, 1), np.tile([2, 1], 30)])
    lengths, lows, highs = longest.longest_matches(segment, query)
    counts = search.live_counts(segment, lows, highs)
    assert list(zip(lengths.tolist(), counts.tolist(), strict=True)) == _scanned(live, query)


@pytest.mark.parametrize("tokens", [0, 1, TOP_STEP - 1, TOP_STEP, TOP_STEP + 1])
def test_segments_of_few_tokens(tokens: int) -> None:
    documents = [np.ones(tokens, np.int64), np.empty(0, np.int64)]
    segment = _segment(documents, 3, [], np.uint16)
    query = np.array([1, 2, 3, 1, 1])
    lengths, lows, highs = longest.longest_matches(segment, query)
    assert list(zip(lengths.tolist(), (highs - lows).tolist(), strict=True)) == _scanned(documents, query)


def test_an_empty_query_has_no_matches() -> None:
    segment = _segment([np.array([1, 2])], 2, [], np.uint16)
    assert [array.tolist() for array in longest.longest_matches(segment, np.empty(0, np.int64))] == [[], [], []]


def test_damage_ends_in_wrong_answers_only() -> None:
    chance = np.random.default_rng(5)
    documents = _documents(chance, 40, 120)
    segment = _segment(documents, 40, [], np.uint16)
    query = np.concatenate([documents[3], documents[7], np.full(20, 1)])
    for name in ("tokens", "suffixes", "leaders", "keys", "codes"):
        whole = getattr(segment, name)
        for damaged in (
            chance.integers(0, np.iinfo(whole.dtype).max, len(whole), whole.dtype, endpoint=True),
            np.zeros_like(whole),
            np.full_like(whole, np.iinfo(whole.dtype).max),
        ):
            damaged.flags.writeable = False
            lengths, lows, highs = longest.longest_matches(segment._replace(**{name: damaged}), query)
            assert ((lengths >= 0) & (lengths <= len(query) - np.arange(len(query)))).all()
            assert ((lows >= 0) & (lows <= len(segment.suffixes))).all()
            assert ((highs >= 0) & (highs <= len(segment.suffixes))).all()
