"""The spans of small random texts, against brute force over the characters of the live documents."""

from __future__ import annotations

import random
from dataclasses import dataclass
from pathlib import Path
from unittest import mock

import naive
import pytest
import small_indexes

from wherefrom import Tracer
from wherefrom_indexer import build_index, remove_documents

WORDS = ["the", "people", "of", "united", "states", "order", "to", "form", "perfect", "union", "establish", "justice"]
WORDS += ["1829", "1830", "Größe", "日本語", "return", "argument", "argument", "🙂", "3.14", "def", "main"]


@dataclass(frozen=True, slots=True)
class World:
    """The live documents of an index, its tracer, and texts made of pieces of the documents."""

    documents: list[str]
    tracer: Tracer
    texts: list[str]


def _piece(chance: random.Random) -> str:
    kind = chance.random()
    if kind < 0.5:
        return chance.choice(WORDS)
    if kind < 0.7:
        return chance.choice(WORDS)[chance.randint(0, 2) :]
    return "".join(chance.choices("ab eéth日\n", k=chance.randint(1, 6)))


def _document(chance: random.Random) -> str:
    return chance.choice([" ", "", "  ", "\n"]).join(_piece(chance) for _ in range(chance.randint(1, 25)))


def _cut(chance: random.Random, document: str) -> str:
    start = chance.randrange(max(1, len(document)))
    return document[start : start + chance.randint(1, 40)]


def _world(folder: Path, seed: int) -> World:
    chance = random.Random(seed)
    documents = {f"d{number}": _document(chance) or "x" for number in range(chance.randint(2, 6))}
    if seed % 3 == 0:  # frequent passages are searched another way
        documents["repeated"] = _document(chance) * 80
    with mock.patch("os.fsync"):
        index = build_index(
            small_indexes.records(documents),
            folder,
            id_field="id",
            tokenizer=small_indexes.small_tokenizer(),
            segment_tokens=chance.choice([10, 1000]),
        )
        if seed % 2:
            index = remove_documents(folder, ["d0"]).index
            del documents["d0"]
    live = list(documents.values())
    texts = ["".join(_cut(chance, chance.choice(live)) for _ in range(chance.randint(1, 4))) for _ in range(5)]
    return World(live, Tracer([index]), [text for text in texts if text])


@pytest.fixture(scope="module")
def worlds(tmp_path_factory: pytest.TempPathFactory) -> list[World]:
    folder = tmp_path_factory.mktemp("finding")
    return [_world(folder / str(seed), seed) for seed in range(40)]


def _expected(documents: list[str], text: str, least: int) -> list[tuple[int, int]]:
    ends = []
    end = 0
    for start in range(len(text)):
        end = max(end, start)
        while end < len(text) and any(text[start : end + 1] in document for document in documents):
            end += 1
        ends.append(end)
    return [(start, end) for start, end in naive.maximal_spans(ends) if end - start >= least]


def test_spans_stand_in_the_corpus_and_are_counted_exactly(worlds: list[World]) -> None:
    for world in worlds:
        for text in world.texts:
            provenance = world.tracer.trace(
                text, min_characters=1, density=None, max_count=None, word_boundaries=False, max_documents=0
            )
            maximal = _expected(world.documents, text, 1)
            for span in provenance.spans:
                assert span.count == sum(naive.count_of(document, span.text) for document in world.documents) > 0
                assert not span.count_is_lower_bound
                assert any(start <= span.start and span.end <= end for start, end in maximal)


def test_the_spans_are_the_longest_there_are(worlds: list[World]) -> None:
    """Passages shorter than a token may be missed, and the first character of a frequent one; not more."""
    expected = found = 0
    for world in worlds:
        for text in world.texts:
            provenance = world.tracer.trace(
                text, min_characters=8, density=None, max_count=None, word_boundaries=False, max_documents=0
            )
            spans = [(span.start, span.end) for span in provenance.spans]
            for start, end in _expected(world.documents, text, 10):
                expected += 1
                found += (start, end) in spans
                assert any(left <= start + 2 and right == end for left, right in spans), text[start:end]
    assert expected > 200
    assert found >= 0.99 * expected
