"""Kernels that search a segment byte by byte, against brute force, over arbitrary tokenizations."""

from __future__ import annotations

import naive
import numpy as np
from factories import segment_arrays, vocabulary_of
from hypothesis import given
from hypothesis import strategies as st

from wherefrom import passages
from wherefrom.passages import SpellingArrays
from wherefrom.search import SegmentArrays

LETTERS = b"ab "


@st.composite
def worlds(draw: st.DrawFn) -> tuple[SegmentArrays, SpellingArrays, list[bytes], list[bytes]]:
    """A segment whose documents are tokenized at will, its words, its live documents' text, and the vocabulary."""
    longer = draw(st.sets(st.binary(min_size=2, max_size=5).map(_on_letters), max_size=12))
    words = [bytes([letter]) for letter in LETTERS] + sorted(longer)
    vocabulary, arrays = vocabulary_of(words)
    token = st.integers(0, len(words) - 1)
    documents = draw(st.lists(st.lists(token, max_size=14), min_size=1, max_size=6))
    if draw(st.booleans()):  # frequent passages take the way through the vocabulary
        documents += [draw(st.lists(token, min_size=1, max_size=5)) * 30]
    removed = draw(st.sets(st.integers(0, len(documents) - 1), max_size=2))
    segment = segment_arrays(documents, len(words), removed)
    live = [document for ordinal, document in enumerate(documents) if ordinal not in removed]
    return segment, arrays, [vocabulary.spell(np.array(document, np.int64)) for document in live], words


def _on_letters(value: bytes) -> bytes:
    return bytes(LETTERS[byte % len(LETTERS)] for byte in value)


def _bytes(text: bytes) -> np.ndarray:
    return np.frombuffer(text, np.uint8)


@given(worlds(), st.binary(min_size=1, max_size=9).map(_on_letters))
def test_occurrences_are_those_of_plain_substrings(
    world: tuple[SegmentArrays, SpellingArrays, list[bytes], list[bytes]], text: bytes
) -> None:
    segment, words, texts, _ = world
    count, exact, places = passages.occurrences(segment, words, _bytes(text), 10_000)
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


@given(worlds(), st.data())
def test_passages_reach_as_far_as_they_occur_and_no_further(
    world: tuple[SegmentArrays, SpellingArrays, list[bytes], list[bytes]], data: st.DataObject
) -> None:
    segment, words, texts, spelled = world
    tokens = data.draw(st.lists(st.integers(0, len(spelled) - 1), min_size=1, max_size=12))
    vocabulary, _ = vocabulary_of(spelled)
    text = vocabulary.spell(np.array(tokens, np.int64))
    lengths = [len(vocabulary.spelling(token)) for token in tokens]
    starts = np.cumsum([0, *lengths[:-1]])
    query = np.array(tokens, np.int64) + 1
    found = naive.maximal_spans(passages.reaches(segment, words, _bytes(text), query, starts, 1).tolist())
    expected = naive.maximal_spans(naive.reaches(texts, text))
    for start, end in found:
        assert any(text[start:end] in document for document in texts)
        assert any(left <= start and end <= right for left, right in expected)
