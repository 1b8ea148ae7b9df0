"""Kernels that find where a text occurs, against plain substrings, over arbitrary tokenizations."""

from __future__ import annotations

import naive
from hypothesis import given
from hypothesis import strategies as st
from worlds import as_bytes, on_letters, worlds

from wherefrom import passages
from wherefrom.search import SegmentArrays
from wherefrom.spellings import SpellingArrays


@given(worlds(), st.binary(min_size=1, max_size=9).map(on_letters))
def test_occurrences_are_those_of_plain_substrings(
    world: tuple[SegmentArrays, SpellingArrays, list[bytes], list[bytes]], text: bytes
) -> None:
    segment, words, texts, _ = world
    count, exact, places = passages.occurrences(segment, words, as_bytes(text), 10_000)
    assert exact
    assert count == sum(naive.count_of(document, text) for document in texts)
    assert len(places) == count == len(set(map(tuple, places.tolist())))
    for position, shift in places.tolist():
        assert _spelled_from(segment, words, position)[shift:].startswith(text)


def _spelled_from(segment: SegmentArrays, words: SpellingArrays, position: int) -> bytes:
    spelled = b""
    while segment.tokens[position]:
        token = int(segment.tokens[position]) - 1
        spelled += words.spellings[words.offsets[token] : words.offsets[token + 1]].tobytes()
        position += 1
    return spelled
