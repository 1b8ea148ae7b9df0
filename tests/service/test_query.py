"""A text as tokenizers see it, and the way back to its characters."""

from __future__ import annotations

import functools

import numpy as np
import pytest
import tokenizer_files
from hypothesis import given, settings
from hypothesis import strategies as st

from wherefrom.query import Query, query_of
from wherefrom_indexer.tokenization import Tokenizer

FAITHFUL = ["byte_level", "sentence_piece"]
UNFAITHFUL = ["unigram", "word_piece", "word_level"]

TEXTS = st.text(
    st.one_of(st.sampled_from("the people of UNION, 3.14é日本🙂\n"), st.characters(exclude_categories=["Cs"])),
    max_size=30,
)


@functools.cache
def _tokenizer(family: str) -> Tokenizer:
    definition = tokenizer_files.definition(tokenizer_files.FAMILIES[family]())
    return Tokenizer.from_definition(definition, name=family)


def _pairs(query: Query, reach: dict[int, int]) -> list[tuple[int, int]]:
    ends = np.zeros(len(query.spelled), np.int64)
    for start, end in reach.items():
        ends[start] = end
    ranges = query.ranges(ends)
    return list(zip(ranges.starts.tolist(), ranges.ends.tolist(), strict=True))


@pytest.mark.parametrize("family", FAITHFUL)
@settings(max_examples=60)
@given(text=TEXTS, data=st.data())
def test_every_range_of_characters_has_its_bytes_and_comes_back(family: str, text: str, data: st.DataObject) -> None:
    query = query_of(text, _tokenizer(family))
    if query.spelled.tobytes() != text.encode():  # what a tokenizer does not know at all
        return
    start = data.draw(st.integers(0, len(text)))
    end = data.draw(st.integers(start, len(text)))
    assert query.bytes_of(start, end) == text[start:end].encode()
    first, last = len(text[:start].encode()), len(text[:end].encode())
    if start < end:
        assert _pairs(query, {first: last}) == [(start, end)]


@settings(max_examples=100)
@given(text=TEXTS, data=st.data())
def test_passages_of_bytes_are_cut_to_whole_characters(text: str, data: st.DataObject) -> None:
    query = query_of(text, _tokenizer("byte_level"))
    raw = text.encode()
    first = data.draw(st.integers(0, len(raw)))
    last = data.draw(st.integers(first, len(raw)))
    whole = raw[first:last].decode(errors="ignore")
    if first == last:
        return
    pairs = _pairs(query, {first: last})
    assert [text[start:end] for start, end in pairs] == ([whole] if whole else [])


@pytest.mark.parametrize("family", FAITHFUL + UNFAITHFUL)
@settings(max_examples=60)
@given(text=TEXTS)
def test_tokens_stand_for_the_characters_the_tokenizer_says(family: str, text: str) -> None:
    tokenizer = _tokenizer(family)
    encoding = tokenizer.encode(text)
    query = query_of(text, tokenizer)
    raw = text.encode()
    assert query.values.tolist() == (encoding.ids.astype(np.int64) + 1).tolist()
    assert query.spelled.tobytes() == tokenizer.vocabulary.spell(encoding.ids)
    assert query.starts.tolist() == sorted(query.starts.tolist())
    for token in range(len(query.values)):
        source, end = int(encoding.starts[token]), int(encoding.ends[token])
        assert query.token_characters[token] == len(raw[:source].decode(errors="ignore"))
        byte = int(query.starts[token])
        byte_end = int(query.starts[token + 1]) if token + 1 < len(query.values) else len(query.spelled)
        if byte < byte_end:
            piece = raw[source:end].decode(errors="ignore")
            pairs = _pairs(query, {byte: byte_end})
            assert [text[start:stop] for start, stop in pairs] == ([piece] if piece else [])


@pytest.mark.parametrize("family", UNFAITHFUL)
@settings(max_examples=60)
@given(text=TEXTS, data=st.data())
def test_ranges_of_changed_texts_are_inside_of_the_text(family: str, text: str, data: st.DataObject) -> None:
    query = query_of(text, _tokenizer(family))
    for places in (query.first_character, query.last_character):
        assert len(places) == len(query.spelled) + 1
        assert places.tolist() == sorted(places.tolist())
        assert all(0 <= place <= len(text) for place in places.tolist())
    if not len(query.spelled):
        return
    first = data.draw(st.integers(0, len(query.spelled) - 1))
    last = data.draw(st.integers(first + 1, len(query.spelled)))
    for start, end in _pairs(query, {first: last}):
        assert 0 <= start < end <= len(text)
        # What the range spells holds no more than what was found.
        assert query.bytes_of(start, end) in query.spelled[first:last].tobytes()


def test_word_piece_lowers_case_and_keeps_places() -> None:
    text = "The PEOPLE,  of Größe 日本"
    query = query_of(text, _tokenizer("word_piece"))
    assert query.spelled.tobytes().startswith(b" the people ,")
    assert _pairs(query, {0: len(b" the people")}) == [(0, 10)]
    assert query.bytes_of(0, 10) == b" the people"


@pytest.mark.parametrize("family", FAITHFUL + UNFAITHFUL)
@pytest.mark.parametrize("text", ["x", " ", "\n", "🙂", "\ufffd", "\x00", "ß"])
def test_one_character(family: str, text: str) -> None:
    query = query_of(text, _tokenizer(family))
    assert query.text == text
    assert query.first_character[-1] == 1 or not len(query.spelled)
    assert query.bytes_of(0, 1) == query.spelled.tobytes()
