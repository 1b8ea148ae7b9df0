"""Text search: words of any language, the same on both databases."""

from __future__ import annotations

import time
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import func, select, text
from traced_generations import generation, said

from wherefrom.errors import RequestError
from wherefrom.traces.indexing import TermIndexer, queue_length
from wherefrom.traces.ingesting import ingest
from wherefrom.traces.listing import TraceFilter, list_traces
from wherefrom.traces.model import IngestBatch, Message, Part, PartType, SpanUpdate
from wherefrom.traces.pages import PageRequest
from wherefrom.traces.retention import delete_trace, forget_words
from wherefrom.traces.schema import span_texts, spans
from wherefrom.traces.searching import MAX_TERM, MAX_TERMS, Words, indexed_terms, stored_terms, terms_of
from wherefrom.traces.store import TraceStore

SAID = (
    "Straße",
    "STRASSE",
    "北京",
    "北",
    "京",
    "naïve",
    "naïve",
    "don't",
    "x_y",
    "İstanbul",
    "ไทย",
    "👩‍👩‍👧",
    "a\0b",
    "١٢",
)


@pytest.mark.parametrize(
    ("given_text", "terms"),
    [
        ("The CAT, sat.", ["the", "cat", "sat"]),
        ("don't x_y", ["don", "t", "x", "y"]),
        ("Straße ＦＵＬＬ ﬁne", ["strasse", "full", "fine"]),
        ("我在北京abc", ["我", "在", "北", "京", "abc"]),
        ("東京タワー", ["東", "京", "タ", "ワ", "ー"]),
        ("नमस्ते дом", ["नमस्ते", "дом"]),
        ("'; DROP TABLE \" * NEAR(", ["drop", "table", "near"]),
        ("👩‍👩‍👧 \0 \ufdd0", []),
    ],
)
def test_terms(given_text: str, terms: list[str]) -> None:
    assert list(terms_of(given_text)) == terms


def test_terms_are_bounded() -> None:
    assert list(terms_of("a" * 1000)) == ["a" * MAX_TERM]
    assert len(indexed_terms(["word " * 20_000])) == MAX_TERMS
    assert len(stored_terms(indexed_terms([" ".join(f"字{n}{'é' * 60}" for n in range(20_000))]), "sqlite")) < 1_000_000


def test_what_has_no_word_is_no_question() -> None:
    for nothing in ("", " ", '""', "?!", "👩‍👩‍👧"):
        with pytest.raises(RequestError, match="no word"):
            Words.of(nothing)
    with pytest.raises(RequestError, match="more than 64"):
        Words.of("a " * 65)


def found(store: TraceStore, words: str) -> list[str]:
    page = store.read(lambda connection: list_traces(connection, TraceFilter(text=words), PageRequest(limit=500)))
    return sorted(item["id"] for item in page.items)


def send(store: TraceStore, *updates: SpanUpdate) -> None:
    batch = IngestBatch(spans=updates)
    store.write(lambda connection: ingest(connection, batch, time.time_ns())).result()


def index(store: TraceStore) -> None:
    indexer = TermIndexer(store)
    try:
        while indexer.index_some():
            pass
    finally:
        indexer.close()


texts_said = st.lists(st.sampled_from(SAID), min_size=1, max_size=4).map(" ".join) | st.text(max_size=12)


@settings(
    max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)
@given(
    outputs=st.lists(texts_said, min_size=1, max_size=5),
    asked=st.lists(texts_said | texts_said.map(lambda words: f'"{words}"'), min_size=1, max_size=4),
)
def test_spans_are_found_by_their_words(store: TraceStore, outputs: list[str], asked: list[str]) -> None:
    store.write(lambda connection: connection.execute(text("DELETE FROM traces"))).result()
    updates = [generation(number, said(output), name=None) for number, output in enumerate(outputs, 1)]
    send(store, *updates)
    index(store)
    for words in asked:
        if any(True for _ in terms_of(words)):
            expected = [
                update.trace_id
                for update, output in zip(updates, outputs, strict=True)
                if Words.of(words).match([output])
            ]
            assert found(store, words) == expected, words


def test_everything_of_a_span_is_searched_and_what_changes_is_searched_anew(store: TraceStore) -> None:
    call = Part(PartType.TOOL_CALL, id="1", name="lookup", arguments={"city": ["Lisbon"]})
    send(
        store,
        generation(
            1, said("first answer", call), name="Plan", input_messages=(Message("user", said("question")[0].parts),)
        ),
        replace(
            generation(2, input="plainly", tags=("blue",)), output_messages=None, output={"deep": [{"reply": "second"}]}
        ),
        generation(3, said("third"), status_message="went wrong", metadata={"customer": "Ada"}),
    )
    assert store.read(queue_length) == 3
    assert found(store, "answer") == []
    index(store)
    one, two, three = (f"{number:032x}" for number in (1, 2, 3))
    for words, expected in {
        "answer first": [one],
        "lisbon": [one],
        "lookup": [one],
        "plan": [one],
        "question": [one],
        "second": [two],
        "plainly blue": [two],
        "wrong ada": [three],
        "first third": [],
        "text": [],
    }.items():
        assert found(store, words) == expected, words
    send(store, generation(1, said("quite another"), name="Plan"))
    index(store)
    assert found(store, "first") == []
    assert found(store, "another") == [one]


def test_what_is_deleted_leaves_no_words(store: TraceStore) -> None:
    send(store, generation(1, said("remember Quillfeather")), generation(2, said("stay")))
    index(store)
    store.write(lambda connection: delete_trace(connection, f"{1:032x}", None)).result()
    assert found(store, "quillfeather") == []
    assert found(store, "stay") == [f"{2:032x}"]
    forget_words(store)
    assert store.read(lambda connection: connection.execute(select(func.count()).select_from(span_texts)).scalar()) == 1
    if store.dialect == "sqlite":

        def check(connection: Any) -> None:
            connection.execute(text("INSERT INTO span_terms(span_terms) VALUES ('integrity-check')"))

        store.write(check).result()
        blocks = store.read(
            lambda connection: connection.execute(text("SELECT block FROM span_terms_data")).scalars().all()
        )
        assert not any(b"quillfeather" in bytes(block) for block in blocks)


def test_the_indexer_hears_of_commits_and_ends(store: TraceStore) -> None:
    indexer = TermIndexer(store)
    indexer.start()
    try:
        send(store, generation(1, said("heard")))
        for _ in range(200):
            if found(store, "heard"):
                break
            time.sleep(0.02)
        assert found(store, "heard")
    finally:
        indexer.close()
    assert store.read(lambda connection: connection.execute(select(func.count()).select_from(spans)).scalar()) == 1
