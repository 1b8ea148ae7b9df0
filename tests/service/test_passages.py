"""Kernels that find where a text occurs, against plain substrings, over arbitrary tokenizations."""

from __future__ import annotations

import naive
import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from worlds import as_bytes, on_letters, worlds

from wherefrom import passages
from wherefrom.occurrences import live_ranks
from wherefrom.search import SegmentArrays
from wherefrom.spellings import SpellingArrays


@given(worlds(), st.binary(min_size=1, max_size=9).map(on_letters))
def test_occurrences_are_those_of_plain_substrings(
    world: tuple[SegmentArrays, SpellingArrays, list[bytes], list[bytes]], text: bytes
) -> None:
    segment, words, texts, _ = world
    edges = np.array([[0, len(text)], [0, 1], [1, len(text)]], np.int64)
    counts, exact, rows = passages.occurrences(segment, words, as_bytes(text), edges, 10_000)
    for number, (start, end) in enumerate(edges.tolist()):
        part = text[start:end]
        expected = sum(naive.count_of(document, part) for document in texts) if part else 0
        assert counts[number] == expected
        assert exact[number] == bool(part)
        places = _places(segment, rows[rows[:, 0] == number])
        assert len(places) == expected == len(set(places))
        for position, shift in places:
            assert _spelled_from(segment, words, position)[shift:].startswith(part)
    assert rows[:, 0].tolist() == sorted(rows[:, 0].tolist())
    none = passages.occurrences(segment, words, as_bytes(text), edges, 0)
    assert none[0].tolist() == counts.tolist()
    assert len(none[2]) == 0


def _places(segment: SegmentArrays, rows: np.ndarray) -> list[tuple[int, int]]:
    """The positions and shifts of live occurrences."""
    single = live_ranks(segment, rows, 10_000)
    positions = segment.suffixes[single[:, 1]].astype(np.int64) - single[:, 3]
    return list(zip(positions.tolist(), single[:, 4].tolist(), strict=True))


def _spelled_from(segment: SegmentArrays, words: SpellingArrays, position: int) -> bytes:
    spelled = b""
    while segment.tokens[position]:
        token = int(segment.tokens[position]) - 1
        spelled += words.spellings[words.offsets[token] : words.offsets[token + 1]].tobytes()
        position += 1
    return spelled
