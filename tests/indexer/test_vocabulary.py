from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from wherefrom_indexer.vocabulary import NO_TOKEN, Vocabulary

spelling = st.one_of(
    st.text(alphabet="ab", max_size=4).map(str.encode),
    st.binary(max_size=3),
    st.integers(0, 40).map(lambda length: b"a" * length),
    st.lists(st.sampled_from([b"\0" * 7, b"\0", b"ab\0", b"abababab"]), max_size=5).map(b"".join),
)
vocabularies = st.dictionaries(st.integers(0, 300), spelling, min_size=1, max_size=40)


@given(vocabularies)
def test_new_ids_follow_the_spellings_and_ties_the_original_ids(spelling_of: dict[int, bytes]) -> None:
    vocabulary = Vocabulary.from_spellings(spelling_of)
    expected = sorted(spelling_of, key=lambda original: (spelling_of[original], original))
    assert vocabulary.original.tolist() == expected
    assert [vocabulary.spelling(new) for new in range(vocabulary.size)] == [spelling_of[one] for one in expected]
    for original in range(max(spelling_of) + 1):
        new = int(vocabulary.renumbered[original])
        assert new == (expected.index(original) if original in spelling_of else NO_TOKEN)


@given(vocabularies, spelling)
def test_tokens_that_start_with_a_string_are_one_range(spelling_of: dict[int, bytes], prefix: bytes) -> None:
    vocabulary = Vocabulary.from_spellings(spelling_of)
    found = vocabulary.starting_with(prefix)
    assert list(found) == [new for new in range(vocabulary.size) if vocabulary.spelling(new).startswith(prefix)]


@given(vocabularies, spelling)
def test_tokens_that_end_with_a_string_are_one_range_of_endings(spelling_of: dict[int, bytes], suffix: bytes) -> None:
    vocabulary = Vocabulary.from_spellings(spelling_of)
    found = {int(vocabulary.by_ending[place]) for place in vocabulary.ending_with(suffix)}
    assert found == {new for new in range(vocabulary.size) if vocabulary.spelling(new).endswith(suffix)}
    assert (vocabulary.by_ending[vocabulary.ending_rank] == np.arange(vocabulary.size)).all()
    endings = [vocabulary.spelling(int(new))[::-1] for new in vocabulary.by_ending]
    assert endings == sorted(endings)


@given(vocabularies, st.lists(st.integers(-3, 60), max_size=50))
def test_spelling_ignores_ids_outside_of_the_vocabulary(spelling_of: dict[int, bytes], ids: list[int]) -> None:
    vocabulary = Vocabulary.from_spellings(spelling_of)
    pieces = [vocabulary.spelling(new) if 0 <= new < vocabulary.size else b"" for new in ids]
    array = np.array(ids, dtype=np.int64)
    assert vocabulary.spell(array) == b"".join(pieces)
    assert vocabulary.spell_stored(array + 1) == b"".join(pieces)
    assert vocabulary.lengths(array).tolist() == [len(piece) for piece in pieces]


@pytest.mark.parametrize("dtype", [np.uint16, np.uint32])
def test_stored_values_of_both_widths_are_spelled(dtype: type) -> None:
    vocabulary = Vocabulary.from_spellings({5: b"b", 9: b"a"})
    stored = np.array([1, 2, 0, 1, np.iinfo(dtype).max], dtype=dtype)
    stored.flags.writeable = False
    assert vocabulary.spell_stored(stored) == b"aba"


def test_renumbering_tells_unknown_ids() -> None:
    vocabulary = Vocabulary.from_spellings({0: b"b", 2: b"a"})
    assert vocabulary.renumber(np.array([2, 0], dtype=np.uint16)).tolist() == [0, 1]
    unknown = vocabulary.renumber(np.array([2, 1, 3, -1, NO_TOKEN], dtype=np.int64))
    assert unknown.tolist() == [0, NO_TOKEN, NO_TOKEN, NO_TOKEN, NO_TOKEN]
    assert unknown.dtype == np.uint32


def test_a_spelling_outside_of_the_vocabulary_is_refused() -> None:
    vocabulary = Vocabulary.from_spellings({0: b"b"})
    for new_id in (-1, 1):
        with pytest.raises(IndexError, match="outside of a vocabulary of 1 tokens"):
            vocabulary.spelling(new_id)


def test_an_empty_vocabulary_spells_nothing() -> None:
    vocabulary = Vocabulary.from_spellings({})
    assert vocabulary.size == 0
    assert vocabulary.spell(np.array([0, 1])) == b""
    assert vocabulary.lengths(np.array([0, 1])).tolist() == [0, 0]
    assert len(vocabulary.starting_with(b"")) == len(vocabulary.ending_with(b"")) == 0


def test_more_tokens_than_two_bytes_can_number() -> None:
    spelling_of = {2 * token: f"{token:x}".encode() for token in range(70_000)}
    vocabulary = Vocabulary.from_spellings(spelling_of)
    new_ids = vocabulary.renumber(np.array([2 * 69_999, 0]))
    assert vocabulary.spell(new_ids) == f"{69_999:x}0".encode()
    assert len(vocabulary.starting_with(b"1111")) == sum(one.startswith(b"1111") for one in spelling_of.values())
