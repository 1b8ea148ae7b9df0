"""Kernels that find how far passages reach, against plain substrings, over arbitrary tokenizations."""

from __future__ import annotations

import naive
import numpy as np
from factories import segment_arrays, vocabulary_of
from hypothesis import given
from hypothesis import strategies as st
from worlds import as_bytes, worlds

from wherefrom import reach
from wherefrom.joints import joints_of
from wherefrom.longest import longest_matches
from wherefrom.search import SegmentArrays
from wherefrom.spellings import SpellingArrays


def _reaches(
    segment: SegmentArrays, words: SpellingArrays, text: np.ndarray, query: np.ndarray, starts: np.ndarray
) -> np.ndarray:
    everywhere = np.ones(len(text) + 1, np.bool_)
    joints = joints_of(text, starts, known=False)
    matches = longest_matches(segment, query)
    return reach.reaches(segment, words, text, query, starts, matches, joints, 1, everywhere, everywhere)


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
    found = naive.maximal_spans(_reaches(segment, words, as_bytes(text), query, starts).tolist())
    expected = naive.maximal_spans(naive.reaches(texts, text))
    for start, end in found:
        assert any(text[start:end] in document for document in texts)
        assert any(left <= start and end <= right for left, right in expected)


def _maximal_in(documents: list[list[int]], query: list[int]) -> list[tuple[int, int]]:
    """The maximal passages found where every token is one letter, so that tokens are bytes."""
    letters = [bytes([letter]) for letter in b"abc"]
    _, words = vocabulary_of(letters)
    segment = segment_arrays(documents, len(letters))
    text = as_bytes(b"".join(letters[token] for token in query))
    values = np.array(query, np.int64) + 1
    return naive.maximal_spans(_reaches(segment, words, text, values, np.arange(len(query))).tolist())


def test_matches_that_end_later_are_found_inside_a_long_match() -> None:
    first = [0, 1] * 100 + [2]
    second = [*first[150:], 0, 0, 2]
    query = [*first, 0, 0, 2]
    assert _maximal_in([first, second], query) == [(0, 201), (150, 204)]


def test_a_repetitive_text_longer_than_its_documents_is_covered() -> None:
    spans = _maximal_in([[0] * 300, [0, 1] * 200], [0] * 1000)
    assert spans[0] == (0, 300)
    assert spans[-1] == (700, 1000)
    assert all(end - start == 300 for start, end in spans)
