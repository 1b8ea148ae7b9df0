"""The documents that hold passages, against brute force over their strings."""

from __future__ import annotations

from pathlib import Path

import pytest
import small_indexes
from hypothesis import given, settings
from hypothesis import strategies as st

from wherefrom import Tracer
from wherefrom.holding import Holding
from wherefrom_indexer import build_index, remove_documents
from wherefrom_indexer.errors import UsageError

TEXTS = {
    "fox": "the quick brown fox jumps over the lazy dog",
    "copy": "the quick brown fox jumps over the lazy dog",
    "sea": "a ship sails over the lazy sea, 日本語 and back",
    "gone": "the quick brown fox was removed",
    "repeats": "lazy lazy lazy lazy lazy lazy",
}
OTHER = {"fox": "another index has the quick brown fox too"}
TEXT = "Then the quick brown fox jumps over the lazy sea, 日本語"


@pytest.fixture(scope="module")
def tracer(tmp_path_factory: pytest.TempPathFactory) -> Tracer:
    folder = tmp_path_factory.mktemp("holding")
    tokenizer = small_indexes.small_tokenizer()
    build_index(small_indexes.records(TEXTS), folder / "one", id_field="id", tokenizer=tokenizer, segment_tokens=20)
    build_index(small_indexes.records(OTHER), folder / "two", id_field="id", tokenizer=small_indexes.lossy_tokenizer())
    remove_documents(folder / "one", ["gone"])
    return Tracer.open(folder / "one", folder / "two")


@settings(max_examples=30)
@given(st.lists(st.tuples(st.integers(0, len(TEXT) - 4), st.integers(4, 30)), max_size=5))
def test_every_document_is_found_copies_included(tracer: Tracer, pieces: list[tuple[int, int]]) -> None:
    ranges = [(start, min(len(TEXT), start + length)) for start, length in pieces]
    held, left_out = tracer.documents_holding(TEXT, ranges)
    live = [("one", name, text) for name, text in TEXTS.items() if name != "gone"]
    expected = {}
    for index, name, text in [*live, *(("two", name, text) for name, text in OTHER.items())]:
        if numbers := tuple(number for number, (start, end) in enumerate(ranges) if TEXT[start:end] in text):
            expected[index, name] = numbers
    assert {(each.index, each.document_id): each.passages for each in held if each.index == "one"} == {
        key: numbers for key, numbers in expected.items() if key[0] == "one"
    }
    # Where tokens do not spell the text, a passage may be missed, and none is made up.
    for each in held:
        assert set(each.passages) <= set(expected[each.index, each.document_id])
    assert not left_out


def test_passages_that_occur_too_often_are_told_and_not_looked_up(tracer: Tracer) -> None:
    start = TEXT.index("lazy")
    held, left_out = tracer.documents_holding(TEXT, [(start, start + 4), (5, 20)], most=5)
    assert left_out == [0]
    assert Holding("one", "fox", (1,)) in held


def test_ranges_outside_of_the_text_are_refused(tracer: Tracer) -> None:
    assert tracer.documents_holding(TEXT, []) == ([], [])
    for wrong in ((3, 3), (-1, 4), (0, len(TEXT) + 1)):
        with pytest.raises(UsageError, match="outside"):
            tracer.documents_holding(TEXT, [wrong])


def test_tokens_begin_where_their_text_does(tracer: Tracer) -> None:
    starts = tracer.token_starts(TEXT)
    assert starts == tuple(tracer.matches(TEXT).tokens.starts.tolist())
    assert tracer.token_starts("") == ()


def test_a_closed_tracer_says_so(tmp_path: Path) -> None:
    build_index(small_indexes.records({"a": "some text"}), tmp_path / "i", id_field="id", threads=1)
    tracer = Tracer.open(tmp_path / "i")
    tracer.close()
    with pytest.raises(UsageError, match="closed"):
        tracer.documents_holding("some", [(0, 4)])
