"""Contexts of occurrences: offsets in code points of the document, cut at whole characters."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import naive
import numpy as np
import pytest
import small_indexes
from hypothesis import given, settings
from hypothesis import strategies as st

from wherefrom import corpus
from wherefrom.corpus import SearchedIndex
from wherefrom.occurrences import occurrences_of
from wherefrom.snippets import Context, Place, contexts_of
from wherefrom_indexer import build_index
from wherefrom_indexer.sources import Document, SourceOptions, TokenizedDocument
from wherefrom_indexer.sources.base import Source

LONG = "".join(f"{number} größer 日本語の {'🙂👩‍👧‍👦'[number % 5 :]} שלום; " for number in range(4000))
TEXTS = {
    "ascii": "The people of the United States, in order to form a more perfect union.",
    "cjk": "日本語のテキスト。日本語の次の文。日本語",
    "emoji": "🙂👩‍👧‍👦🇫🇷👍🏽🙂🙂🙂👩‍👧‍👦",
    "mixed": "e\u0301té — naïveté, שלום עולם; 日本 and 🙂 \x00 end",
    "one": "x",
}


def _searched(folder: Path, texts: dict[str, str]) -> SearchedIndex:
    records = small_indexes.records(texts)
    index = build_index(records, folder, id_field="id", tokenizer=small_indexes.small_tokenizer())
    return corpus.searched_index(index, "index")


@pytest.fixture(scope="module")
def searched(tmp_path_factory: pytest.TempPathFactory) -> SearchedIndex:
    return _searched(tmp_path_factory.mktemp("snippets") / "index", TEXTS)


@pytest.fixture(scope="module")
def long(tmp_path_factory: pytest.TempPathFactory) -> SearchedIndex:
    return _searched(tmp_path_factory.mktemp("snippets") / "index", {"before": "x" * 1000, "long": LONG})


def _contexts(searched: SearchedIndex, match: str, characters: int) -> list[tuple[str, Context]]:
    """The ids of the documents and the contexts of a text's occurrences."""
    contexts = []
    for part, rows in zip(searched.segments, occurrences_of(searched, match.encode()).rows, strict=True):
        segment = part.segment
        places = []
        for _, low, high, back, shift in rows.tolist():
            for position in segment.suffixes[low:high].astype(np.int64) - back:
                places.append(Place(segment.document_of(int(position)), int(position), shift, match))
        for place, context in zip(places, contexts_of(part, searched.spellings, places, characters), strict=True):
            assert context is not None
            contexts.append((segment.record(place.ordinal).id, context))
    return contexts


def _check(text: str, match: str, context: Context, characters: int) -> None:
    start = context.start + context.match_start
    assert text[start : start + len(match)] == match
    assert context.text[context.match_start : context.match_end] == match
    assert context.start == max(0, start - characters)
    assert context.text == text[context.start : start + len(match) + characters]
    assert context.end == context.start + len(context.text)


@settings(max_examples=100)
@given(st.sampled_from(sorted(TEXTS)), st.data())
def test_a_context_is_a_slice_of_the_document(searched: SearchedIndex, name: str, data: st.DataObject) -> None:
    text = TEXTS[name]
    start = data.draw(st.integers(0, len(text) - 1))
    match = text[start : start + data.draw(st.integers(1, 25))]
    characters = data.draw(st.sampled_from([0, 1, 2, 7, 160]))
    contexts = _contexts(searched, match, characters)
    assert contexts
    for document, context in contexts:
        _check(TEXTS[document], match, context, characters)


@pytest.mark.parametrize("name", ["cjk", "emoji", "mixed", "ascii"])
@pytest.mark.parametrize("characters", [0, 1, 3, 1000])
def test_every_occurrence_of_every_character_has_its_context(
    searched: SearchedIndex, name: str, characters: int
) -> None:
    for match in sorted(set(TEXTS[name])):
        found = [context for document, context in _contexts(searched, match, characters) if document == name]
        assert len(found) == naive.count_of(TEXTS[name], match)
        places = sorted(context.start + context.match_start for context in found)
        assert places == [place for place, character in enumerate(TEXTS[name]) if character == match]
        for context in found:
            _check(TEXTS[name], match, context, characters)


@pytest.mark.parametrize("number", [1, 7, 1999, 3999])
def test_far_inside_a_long_document(long: SearchedIndex, number: int) -> None:
    match = f"ום; {number} größ"
    ((document, context),) = _contexts(long, match, 160)
    assert document == "long"
    _check(LONG, match, context, 160)


@pytest.mark.parametrize("characters", [0, 10])
def test_the_edges_of_a_long_document(long: SearchedIndex, characters: int) -> None:
    for match in (LONG[:30], LONG[-30:]):
        ((_, context),) = _contexts(long, match, characters)
        _check(LONG, match, context, characters)


def test_a_whole_document_is_its_own_context(searched: SearchedIndex) -> None:
    ((_, context),) = _contexts(searched, TEXTS["cjk"], 160)
    assert (context.text, context.start, context.match_start) == (TEXTS["cjk"], 0, 0)


def test_stored_text_is_shown_where_tokens_do_not_spell_it(tmp_path: Path) -> None:
    text = "The People of the UNION, in order to form the union: 日本."
    tokenizer = small_indexes.lossy_tokenizer()
    index = build_index(small_indexes.records({"a": text}), tmp_path / "index", id_field="id", tokenizer=tokenizer)
    searched = corpus.searched_index(index, "index")
    (part,) = searched.segments
    assert part.segment.has_stored_text(0)
    places = [Place(0, 2, 0, match) for match in ("UNION", "Union")]
    context, nothing = contexts_of(part, searched.spellings, places, 5)
    assert context is not None
    _check(text, "UNION", context, 5)
    assert nothing is None


class _Tokens(Source):
    def fingerprint(self) -> str:
        return "tokens"

    def _documents(self, skip: int) -> Iterator[Document | TokenizedDocument]:
        tokenizer = small_indexes.small_tokenizer()
        ids = tokenizer.vocabulary.original[tokenizer.encode("日本 and 日本").ids]
        for number, tokens in enumerate((ids, ids[1:], ids[:-1])):
            yield TokenizedDocument(f"t{number}", tokens.astype(np.uint32), {}, str(number))


def test_tokens_that_begin_or_end_inside_a_character(tmp_path: Path) -> None:
    index = build_index(_Tokens("t", SourceOptions()), tmp_path / "index", tokenizer=small_indexes.small_tokenizer())
    searched = corpus.searched_index(index, "index")
    contexts = _contexts(searched, " and ", 20)
    assert len(contexts) == 3
    for document, context in contexts:
        assert " and " in index.document(document).text
        assert context.text[context.match_start : context.match_end] == " and "
