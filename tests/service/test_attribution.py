"""Attribution in tokens, against infini-gram's `attribute` and against the preset `olmotrace`."""

from __future__ import annotations

import random
from pathlib import Path

import numpy as np
import pytest
import small_indexes

from wherefrom import Tracer, attribution, olmotrace
from wherefrom.errors import LimitError
from wherefrom.options import AttributionOptions, Ranking
from wherefrom_indexer import Index, add_documents, build_index, remove_documents
from wherefrom_indexer.errors import UsageError
from wherefrom_indexer.tokenization import Tokenizer

FRONT_END = AttributionOptions(("\n", "."), max_count=1_000_000, ranking=Ranking.UNIGRAM_LOGPROB_SUM)
TEXTS = {
    "fox": "the quick brown fox jumps over the lazy dog",
    "dog": "a lazy dog sleeps in the sun, and the quick brown fox jumps over it",
    "copy": "the quick brown fox jumps over the lazy dog",
    "umlaut": "Zwölf Boxkämpfer jagen Viktor quer über den großen Sylter Deich und zurück",
}
ASKED = "Well. the quick brown fox jumps over the lazy cat, quer über den großen Sylter Teich 🙂"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("attribution") / "small"
    tokenizer = small_indexes.small_tokenizer()
    records = small_indexes.records(TEXTS, source="test")
    build_index(records[:2], folder, id_field="id", tokenizer=tokenizer)
    add_documents(records[2:], folder, id_field="id")
    return folder


@pytest.fixture(scope="module")
def tracer(folder: Path) -> Tracer:
    return Tracer.open(folder)


def texts_of(found: attribution.Attribution) -> list[str]:
    return [span.text for span in found.spans]


@pytest.mark.parametrize("density", [0.05, 1.0])
def test_the_front_ends_options_give_the_spans_of_the_preset(
    demo: Tracer, demo_texts: dict[str, str], density: float
) -> None:
    chance = random.Random(5)
    documents = list(demo_texts.values())
    compared = 0
    for _ in range(12):
        pieces = [
            document[chance.randrange(len(document) - 300) :][: chance.randint(30, 300)]
            for document in chance.choices(documents, k=3)
        ]
        text = " and so on\n".join(pieces)
        options = AttributionOptions(
            ("\n", "."), max_count=1_000_000, ranking=Ranking.UNIGRAM_LOGPROB_SUM, density=density, max_documents=3
        )
        ours = demo.attribute(text, options)
        theirs = demo.trace(text, preset="olmotrace", density=density, max_documents=0)
        assert "".join(ours.tokens) == text
        assert texts_of(ours) == [span.text for span in theirs.spans]
        for span, same in zip(ours.spans, theirs.spans, strict=True):
            assert span.log_probability == pytest.approx(same.log_probability)
            assert len("".join(ours.tokens[: span.left])) == same.start
            assert 1 <= len(span.documents) <= min(3, span.count)
            assert span.count == demo.count_tokens(span.tokens) <= same.count
            compared += 1
    assert compared > 20


def test_the_longest_spans_are_kept_where_length_ranks(tracer: Tracer) -> None:
    everything = tracer.attribute(ASKED, AttributionOptions(density=1.0))
    few = tracer.attribute(ASKED, AttributionOptions(density=0.01))
    longest = sorted((span.right - span.left for span in everything.spans), reverse=True)
    assert len(few.spans) < len(everything.spans)
    assert sorted((span.right - span.left for span in few.spans), reverse=True) == longest[: len(few.spans)]
    assert [span.left for span in few.spans] == sorted(span.left for span in few.spans)


def test_documents_are_windows_of_tokens(tracer: Tracer, folder: Path) -> None:
    options = AttributionOptions(max_count=100, density=1.0, context=6, context_long=100, context_snippet=2)
    found = tracer.attribute(ASKED, options)
    tokenizer = tracer._searched[0].tokenizer
    numbers = {}
    assert max(span.right - span.left for span in found.spans) > 8
    for span in found.spans:
        assert len({TEXTS[document.id] for document in span.documents}) == len(span.documents)
        for document in span.documents:
            numbers[document.id] = document.number
            assert document.metadata == {"source": "test"}
            whole = tokenizer.vocabulary.original[tokenizer.encode(TEXTS[document.id]).ids].tolist()
            assert document.length == len(whole)
            for window, context in ((document.window, 6), (document.long, 6), (document.snippet, 2)):
                needle = window.tokens[window.offset :][: span.right - span.left]
                assert needle == span.tokens
                assert window.offset <= context
                assert len(window.tokens) <= 2 * context + len(needle)
                assert window.text in TEXTS[document.id]
                place = document.window.tokens.index(window.tokens[0])
                assert document.window.tokens[place:][: len(window.tokens)] or place >= 0
            assert document.long == document.window, "what is cut out is not longer than what is read"
    assert numbers == {name: number for number, name in enumerate(TEXTS) if name in numbers}


def test_a_removed_document_is_not_found(tmp_path: Path) -> None:
    folder = tmp_path / "index"
    build_index(small_indexes.records(TEXTS), folder, id_field="id", tokenizer=small_indexes.small_tokenizer())
    before = Tracer.open(folder).attribute(ASKED, AttributionOptions(density=1.0))
    remove_documents(folder, ["umlaut"])
    after = Tracer.open(folder).attribute(ASKED, AttributionOptions(density=1.0))
    assert "umlaut" in {document.id for span in before.spans for document in span.documents}
    assert "umlaut" not in {document.id for span in after.spans for document in span.documents}


def test_delimiters_end_spans_and_partial_words_may_be_had(tracer: Tracer) -> None:
    text = " quick brown fox jumps over"
    [whole] = tracer.attribute(text, AttributionOptions(density=1.0)).spans
    assert whole.text == text
    cut = tracer.attribute(text, AttributionOptions(("x", " none", "\ud800", ""), density=1.0)).spans
    assert [span.text for span in cut] == [" quick brown fox", " jumps over"]
    assert tracer.attribute("xuick browner", AttributionOptions(density=1.0, whole_words=True)).spans == ()
    partial = tracer.attribute("xuick browner", AttributionOptions(density=1.0, whole_words=False, max_count=1000))
    assert any("ick brown" in span.text for span in partial.spans)


def test_what_is_too_short_or_too_frequent_is_left_out(tracer: Tracer) -> None:
    text = " quick brown fox jumps over the lazy dog"
    [span] = tracer.attribute(text, AttributionOptions(density=1.0)).spans
    assert span.text == text
    assert span.count == 2
    assert {document.id for document in span.documents} < {"fox", "copy"}, "of equal texts there is one"
    assert text not in texts_of(tracer.attribute(text, AttributionOptions(density=1.0, max_count=1)))
    assert not tracer.attribute(text, AttributionOptions(density=1.0, min_tokens=len(span.tokens) + 1)).spans


@pytest.mark.parametrize("text", ["", "\ud800", "\x00", "🙂", " ", "\n\n\n"])
def test_the_tokens_are_the_text(tracer: Tracer, text: str) -> None:
    found = tracer.attribute(text, AttributionOptions(density=1.0, whole_words=False))
    assert "".join(found.tokens) == text.replace("\ud800", "\ufffd")


def test_an_answer_that_would_be_too_long_is_refused(tracer: Tracer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(attribution, "MOST_TOKENS", 40)
    with pytest.raises(LimitError, match="more than 40 tokens"):
        tracer.attribute(ASKED, AttributionOptions(density=1.0))


def test_one_index_at_a_time(folder: Path) -> None:
    with pytest.raises(UsageError, match="one index at a time"):
        Tracer([Index.open(folder), Index.open(folder)]).attribute("text", AttributionOptions())


@pytest.mark.parametrize("tokenizer", [small_indexes.small_tokenizer(), small_indexes.lossy_tokenizer()])
def test_rules_are_those_of_spellings(tokenizer: Tokenizer) -> None:
    vocabulary = tokenizer.vocabulary
    spellings = [vocabulary.spelling(token) for token in range(vocabulary.size)]
    rules = olmotrace.token_rules(vocabulary, ("\n", ".", "the"))
    assert rules.word_starts.tolist() == [spelling[:1] in (b" ", b"\n") for spelling in spellings]
    expected = [spelling in (b".", b"the") or (spelling != b"" and not spelling.strip(b"\n")) for spelling in spellings]
    assert rules.delimiters.tolist() == expected
    assert np.array_equal(olmotrace.published_rules(vocabulary).word_starts, rules.word_starts)


def test_a_tokenizer_that_changes_texts_is_served_too(tmp_path: Path) -> None:
    folder = tmp_path / "lossy"
    build_index(small_indexes.records(TEXTS), folder, id_field="id", tokenizer=small_indexes.lossy_tokenizer())
    found = Tracer.open(folder).attribute(TEXTS["fox"], AttributionOptions(density=1.0, whole_words=False))
    assert "".join(found.tokens) == TEXTS["fox"]
    assert found.spans
    assert all(span.documents for span in found.spans)
