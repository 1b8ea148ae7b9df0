"""The keys of a segment's suffixes."""

from __future__ import annotations

import itertools

import naive
import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from wherefrom_indexer.top_level import TOP_STEP, key_count, leader_count, token_codes, top_level


def _code(codes: np.ndarray, value: int) -> str:
    return format(int(codes[value]) >> 6, f"0{int(codes[value]) & 63}b")


@given(st.dictionaries(st.integers(1, 300), st.integers(1, 2**20), min_size=1), st.integers(1, 2**20))
def test_codes_keep_the_order_and_none_begins_another(occurrences: dict[int, int], documents: int) -> None:
    stored = sorted(occurrences)
    frequencies = np.array([stored, [occurrences[value] for value in stored]], np.uint64)
    positions = documents + sum(occurrences.values())
    codes = token_codes(frequencies, positions, 301)
    assert set(np.flatnonzero(codes).tolist()) == {0, *stored}
    texts = [_code(codes, value) for value in (0, *stored)]
    assert texts == sorted(texts)
    assert not any(later.startswith(earlier) for earlier, later in itertools.pairwise(texts))
    for value, text in zip(stored, texts[1:], strict=True):
        assert len(text) <= np.ceil(np.log2(positions / occurrences[value])) + 2


@given(st.lists(st.lists(st.sampled_from([1, 2, 60_000]), max_size=200), min_size=1, max_size=4))
def test_keys_are_in_the_order_of_the_suffixes_and_hold_their_beginnings(documents: list[list[int]]) -> None:
    tokens = np.concatenate([[*document, 0] for document in documents]).astype(np.uint16)
    suffixes = np.array(naive.suffix_array(tokens), np.uint32)
    present, counts = np.unique(tokens[suffixes], return_counts=True)
    codes = token_codes(np.stack([present, counts]).astype(np.uint64), len(tokens), 60_000)
    top = top_level(tokens, suffixes, codes)
    leaders, keys = top[: leader_count(len(suffixes))], top[leader_count(len(suffixes)) :]
    assert len(keys) == key_count(len(suffixes))
    assert leaders.tolist() == keys[::64].tolist()
    assert keys.tolist() == sorted(keys.tolist())
    for key, position in zip(keys.tolist(), suffixes[::TOP_STEP].tolist(), strict=True):
        end = int(np.flatnonzero(tokens[position:] == 0)[0]) + position + 1
        text = "".join(_code(codes, int(value)) for value in tokens[position:end])
        assert format(key, "064b") == text[:64].ljust(64, "0")
