"""What of a text stands in the corpus, before any rule of display, against brute force over the documents."""

from __future__ import annotations

import math

import naive
import pytest
import small_indexes

from wherefrom import Tracer
from wherefrom.matches import Matches
from wherefrom_indexer import Index, build_index, remove_documents
from wherefrom_indexer.errors import UsageError

TEXTS = {
    "fox": "the quick brown fox jumps over the lazy dog",
    "copy": "the quick brown fox jumps over the lazy dog",
    "sea": "a ship sails over the lazy sea, 日本語 and back",
    "gone": "what was removed stands nowhere at all",
}
TEXT = "Then the quick brown fox jumps over the lazy sea, 日本語 and what was removed stands there."


@pytest.fixture(scope="module")
def index(tmp_path_factory: pytest.TempPathFactory) -> Index:
    folder = tmp_path_factory.mktemp("matches") / "index"
    records = small_indexes.records(TEXTS, licence="open")
    build_index(records, folder, id_field="id", tokenizer=small_indexes.small_tokenizer(), segment_tokens=20)
    return remove_documents(folder, ["gone"]).index


@pytest.fixture(scope="module")
def matches(index: Index) -> Matches:
    return Tracer([index]).matches(TEXT, least_characters=6, cite_characters=20)


LIVE = [text for name, text in TEXTS.items() if name != "gone"]


def test_passages_are_maximal_and_stand_in_live_documents(matches: Matches) -> None:
    ends = []
    for start in range(len(TEXT)):
        end = next(end for end in range(len(TEXT), start - 1, -1) if any(TEXT[start:end] in text for text in LIVE))
        ends.append(end)
    expected = [(start, end) for start, end in naive.maximal_spans(ends) if end - start >= 6]
    assert matches.passages.pairs() == expected
    assert "removed" not in "|".join(TEXT[start:end] for start, end in matches.passages.pairs())


def test_long_passages_are_counted_and_have_documents(matches: Matches) -> None:
    assert [(span.start, span.end) for span in matches.spans] == [
        (start, end) for start, end in matches.passages.pairs() if end - start >= 20
    ]
    for span in matches.spans:
        text = TEXT[span.start : span.end]
        assert span.count == sum(naive.count_of(document, text) for document in LIVE) == sum(span.counts.values())
        assert not span.count_is_lower_bound
        assert span.documents
        for document in span.documents:
            assert text in TEXTS[document.id]
            assert document.metadata == {"licence": "open"}


def test_tokens_are_those_of_longest_matches(index: Index, matches: Matches) -> None:
    alone = Tracer([index]).longest_matches(TEXT)
    assert matches.tokens.length.tolist() == alone.length.tolist()
    assert matches.tokens.count.tolist() == alone.count.tolist()
    assert len(matches.log_probabilities) == len(alone.starts)
    for span in matches.spans:
        inside = (matches.tokens.starts >= span.start) & (matches.tokens.starts < span.end)
        assert math.isclose(span.log_probability, matches.log_probabilities[inside].sum())


def test_what_cannot_be_asked(index: Index) -> None:
    tracer = Tracer([index])
    with pytest.raises(UsageError):
        tracer.matches("")
    with pytest.raises(UsageError):
        tracer.matches("text", least_characters=0)
