"""Indexes whose tokens do not spell the text: nothing is claimed that does not stand there."""

from __future__ import annotations

import itertools

import naive
import pytest
import small_indexes
import tokenizer_files
from hypothesis import given, settings
from hypothesis import strategies as st

from wherefrom import Tracer
from wherefrom_indexer import build_index
from wherefrom_indexer.tokenization import Tokenizer

TEXTS = {
    "lower": "the people of the united states",
    "mixed": "The quick xylophone of the people! The People of the United States.",
    "unknown": "P Q R S ♠♣ zz  end",
    "twice": "of the, of the; OF THE",
}
FAMILIES = ["word_piece", "unigram", "word_level"]


@pytest.fixture(scope="module")
def tracers(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Tracer]:
    tracers = {}
    for family in FAMILIES:
        definition = tokenizer_files.definition(tokenizer_files.FAMILIES[family]())
        tokenizer = Tokenizer.from_definition(definition, name=family)
        folder = tmp_path_factory.mktemp(family) / "index"
        tracers[family] = Tracer(
            [build_index(small_indexes.records(TEXTS), folder, id_field="id", tokenizer=tokenizer)]
        )
    return tracers


def _occurrences(part: str) -> int:
    return sum(naive.count_of(text, part) for text in TEXTS.values())


@pytest.mark.parametrize("preset", ["default", "olmotrace"])
@pytest.mark.parametrize("family", FAMILIES)
@pytest.mark.parametrize("text", ["The PEOPLE of", "P Q Z S ♥♥", "the QUICK glockenspiel", "OF the people", " \n\n"])
def test_what_differs_from_the_corpus_is_not_shown(
    tracers: dict[str, Tracer], family: str, preset: str, text: str
) -> None:
    for documents in (0, 10):
        provenance = tracers[family].trace(text, preset=preset, min_characters=1, density=None, max_documents=documents)
        covered = set()
        for span in provenance.spans:
            assert 0 < span.count <= _occurrences(span.text.strip())
            assert span.count_is_lower_bound
            assert bool(span.documents) == bool(documents)
            covered |= set(range(span.start, span.end))
        assert provenance.coverage == pytest.approx(len(covered) / len(text))
        assert provenance.withheld.get("no_live_document", 0) == 0  # type: ignore[call-overload]


@pytest.mark.parametrize("family", FAMILIES)
def test_a_passage_of_other_case_leaves_the_parts_that_stand(tracers: dict[str, Tracer], family: str) -> None:
    provenance = tracers[family].trace("the People of the United STATES", min_characters=5, density=None)
    assert "People of the United" in [span.text for span in provenance.spans]


PIECES = [piece for text in TEXTS.values() for word in text.split() for piece in (word, word.upper(), word[1:])]


@settings(max_examples=60)
@given(st.sampled_from(FAMILIES), st.lists(st.sampled_from(PIECES), min_size=1, max_size=6).map(" ".join))
def test_counts_and_spans_are_never_more_than_there_is(tracers: dict[str, Tracer], family: str, text: str) -> None:
    if not text:
        return
    tracer = tracers[family]
    for part in (text, text[:3], text[1:] or text):
        count = tracer.count(part)
        assert count.count <= _occurrences(part)
        assert count.is_lower_bound
        for found in tracer.find(part, context_characters=3):
            assert TEXTS[found.document_id][found.start : found.end] == part
    provenance = tracer.trace(text, min_characters=2, density=None, word_boundaries=False)
    for span in provenance.spans:
        assert 0 < span.count <= _occurrences(span.text)
    for one, other in itertools.combinations(provenance.spans, 2):
        assert not (one.start >= other.start and one.end <= other.end)
