"""What of a text is found in real indexes and read around it, against brute force over the documents."""

from __future__ import annotations

from pathlib import Path

import naive_matches
import pytest
import small_indexes
from hypothesis import given, settings
from hypothesis import strategies as st

from wherefrom import Tracer
from wherefrom.audit.contamination.evidence import ANCHOR, evidence_of, examine, longest_of
from wherefrom.audit.contamination.holders import holders
from wherefrom_indexer import build_index

ONE = {
    "fox": "the quick brown fox jumps over the lazy dog, again and again, until evening",
    "copy": "the quick brown fox jumps over the lazy dog, again and again, until evening",
    "sea": "a ship sails over the lazy sea, 日本語 and back, until the evening comes",
}
OTHER = {"moon": "The moon shines over the lazy dog and over the sea, where a ship sails"}
DOCUMENTS = {("one", name): text for name, text in ONE.items()} | {("two", name): text for name, text in OTHER.items()}


@pytest.fixture(scope="module")
def tracer(tmp_path_factory: pytest.TempPathFactory) -> Tracer:
    folder = tmp_path_factory.mktemp("evidence")
    build_index(
        small_indexes.records(ONE),
        folder / "one",
        id_field="id",
        tokenizer=small_indexes.small_tokenizer(),
        segment_tokens=30,
    )
    build_index(small_indexes.records(OTHER), folder / "two", id_field="id", threads=1)
    return Tracer.open(folder / "one", folder / "two")


PIECES = st.tuples(st.sampled_from(list(DOCUMENTS.values())), st.integers(0, 60), st.integers(1, 40)).map(
    lambda piece: piece[0][piece[1] : piece[1] + piece[2]]
)
TEXTS = st.lists(st.one_of(PIECES, st.sampled_from(["x", " ", "\n", "é"])), min_size=1, max_size=4).map("".join)


@settings(max_examples=40)
@given(text=TEXTS.filter(bool))
def test_what_is_found_and_read_stands_in_documents(tracer: Tracer, text: str) -> None:
    found, matches = examine(tracer, text, 5, 2, 3)
    assert list(found.passages) == naive_matches.passages(text, list(DOCUMENTS.values()), 5)
    assert found.token_starts == tracer.token_starts(text)
    ends = dict(found.passages)
    for part in found.surroundings:
        assert ends[part.passage] - part.passage >= ANCHOR
        assert part.text in DOCUMENTS[part.index, part.document_id]
        first = min((start for start in found.token_starts if start >= part.passage), default=part.passage)
        assert part.text[part.start :].startswith(text[first : ends[part.passage]])
        assert part.token_starts[:1] == ((part.start,) if part.start < len(part.text) else ())
    if found.passages == ((0, len(text)),):
        assert not found.surroundings
    evidence = evidence_of(tracer, matches, [(0, len(text))], 3, 2)
    assert [(each.start, each.end) for each in evidence] == sorted(longest_of(found.passages, 3))
    for each in evidence:
        assert each.count == sum(naive_count(document, each.text) for document in DOCUMENTS.values())
        for place in each.places:
            document = DOCUMENTS[place.index, place.document_id]
            assert document[place.start : place.end] == each.text == text[each.start : each.end]


def test_personal_data_in_evidence_are_masked(tmp_path: Path) -> None:
    text = "Letters for the quick brown fox are sent to reynard@foxes.example without a stamp on them."
    document = f"{text} Or else to reineke@foxes.example, who reads them."
    build_index([{"id": "d", "text": document}], tmp_path / "index", id_field="id", threads=1)
    with Tracer.open(tmp_path / "index") as tracer:
        _, matches = examine(tracer, text, 5, 2, 3)
        (passage,) = evidence_of(tracer, matches, [(0, len(text))], 3, 2)
    address = "reynard@foxes.example"
    assert passage.text == text.replace(address, "•" * len(address))
    (place,) = passage.places
    assert document[place.start : place.end] == text
    assert "•" in place.after
    assert "reineke" not in place.after


def naive_count(document: str, part: str) -> int:
    return sum(document.startswith(part, place) for place in range(len(document)))


def test_holders_are_copies_other_indexes_and_reflowed_text(tracer: Tracer) -> None:
    text = ONE["fox"]
    held, left_out = holders(tracer, examine(tracer, text, 8, 0, 1)[0], 0.8, 100)
    assert [(each.index, each.id, each.share) for each in held] == [("one", "copy", 1.0), ("one", "fox", 1.0)]
    assert left_out == 0
    reflowed = ONE["sea"].replace(" ", "  ", 3).upper().replace("OVER THE LAZY SEA", "over the lazy sea")
    assert not holders(tracer, examine(tracer, reflowed, 8, 0, 1)[0], 0.8, 100)[0]
    (holder,) = holders(tracer, examine(tracer, reflowed, 8, 3, 5)[0], 0.8, 100)[0]
    assert (holder.id, holder.share) == ("sea", 1.0)
    assert holders(tracer, examine(tracer, text, 8, 0, 1)[0], 0.8, 1) == ([], 2)


def test_a_window_too_frequent_in_one_index_tells_nothing_in_another(tmp_path: Path) -> None:
    text = "This notice stands below every page of the whole site: read it."
    build_index(small_indexes.records({"a": text, "b": text, "c": text}), tmp_path / "often", id_field="id", threads=1)
    build_index(small_indexes.records({"d": text}), tmp_path / "once", id_field="id", threads=1)
    with Tracer.open(tmp_path / "often", tmp_path / "once") as both:
        found = examine(both, text, 8, 0, 1)[0]
        assert holders(both, found, 0.8, 2) == ([], 2)
        assert sorted(each.id for each in holders(both, found, 0.8, 3)[0]) == ["a", "b", "c", "d"]
