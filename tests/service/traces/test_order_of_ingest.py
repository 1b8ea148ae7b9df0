"""In whatever order, however often and in whatever pieces something is said, the same is stored in the end."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import fields, replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import Connection
from stored_traces import stored

from wherefrom.traces.ingesting import ingest
from wherefrom.traces.model import (
    Attachment,
    Event,
    IngestBatch,
    Kind,
    Link,
    Message,
    Part,
    PartType,
    Protocol,
    ScoreUpdate,
    SpanUpdate,
    Status,
    TokenLogProbability,
    Usage,
)
from wherefrom.traces.store import TraceStore

TRACES = ("a" * 32, "b" * 32)
texts = st.sampled_from(["", "x", "\\N", "tab\t\\line\n", "lone \ud800", "nul \0 inside", "\ufdd0", "ünï", "long " * 5])
numbers = st.integers(0, 2**63 - 1) | st.integers(0, 50)
json_values = st.recursive(
    st.none() | st.booleans() | st.integers(-5, 5) | texts,
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(texts, inner, max_size=2),
    max_leaves=4,
)
values = st.recursive(texts, lambda inner: st.lists(inner, min_size=1, max_size=2), max_leaves=2)
messages = st.builds(
    Message,
    st.sampled_from(["assistant", "user"]),
    st.lists(st.builds(Part, st.just(PartType.TEXT), texts), max_size=2).map(tuple),
)
FIELDS: dict[str, st.SearchStrategy[Any]] = {
    "name": texts,
    "kind": st.sampled_from(Kind),
    "status": st.sampled_from(Status),
    "status_message": texts,
    "start_ns": numbers,
    "end_ns": numbers,
    "first_token_ns": numbers,
    "model": st.sampled_from(["gpt-4o", "m\0", "unknown"]),
    "provider": st.sampled_from(["openai", "nobody"]),
    "session_id": st.sampled_from(["s1", "s2"]),
    "user_id": texts,
    "cost": st.floats(0, 10),
    "input": values,
    "output": values,
    "input_messages": st.lists(messages, max_size=1).map(tuple),
    "output_messages": st.lists(messages, max_size=2).map(tuple),
    "finish_reasons": st.just(("stop",)),
    "log_probabilities": st.just((TokenLogProbability("x", -0.5, (("y", -1.0),)),)),
    "tags": st.just(("t",)),
    "events": st.just((Event("e", 3, {"k": 1}),)),
    "links": st.just((Link("a" * 32, "1" * 16),)),
    "attributes": st.dictionaries(st.sampled_from(["k", "l", "m\0"]), json_values, max_size=2),
    "metadata": st.dictionaries(st.sampled_from(["k", "l"]), json_values, max_size=2),
}
USAGE = tuple(field.name for field in fields(Usage))


@st.composite
def pieces_of_a_span(draw: st.DrawFn, number: int, ids: tuple[str, ...]) -> list[SpanUpdate]:
    """All that is said of one span, field by field; the first piece says which trace it belongs to."""
    protocol = draw(st.sampled_from([Protocol.OTLP, Protocol.LANGSMITH]))
    span_id = ids[number]
    trace_id = span_id if span_id in TRACES else TRACES[draw(st.integers(0, 1))]
    parent = draw(st.sampled_from(["", *ids, "f" * 32]))
    pieces = [SpanUpdate(trace_id, span_id, protocol, 1, parent_id=parent, aliases=(f"alias-{number}",))]
    for precedence in (0, 1, 2):
        said: dict[str, Any] = {
            name: draw(FIELDS[name])
            for name in draw(st.lists(st.sampled_from(sorted(FIELDS)), unique=True, max_size=5))
        }
        tokens = draw(st.dictionaries(st.sampled_from(USAGE), st.integers(0, 99), max_size=3))
        usages = [{"usage": Usage(**{name: count})} for name, count in tokens.items()]
        for one in [*({name: value} for name, value in said.items()), *usages]:
            knows_trace = draw(st.booleans()) or protocol == Protocol.OTLP
            pieces.append(SpanUpdate(trace_id if knows_trace else "", span_id, protocol, precedence, **one))
    if draw(st.booleans()):
        chosen = draw(st.integers(0, len(pieces) - 1))
        pieces[chosen] = replace(pieces[chosen], project="named" + trace_id[0])
    return pieces


@st.composite
def said(draw: st.DrawFn) -> list[object]:
    """All that is said of some spans, with files and scores, in pieces."""
    ids = (TRACES[0], *(f"{number}" * 32 for number in range(1, draw(st.integers(1, 4)))))
    pieces: list[object] = []
    for number in range(len(ids)):
        of_span = draw(pieces_of_a_span(number, ids))
        pieces += of_span
        if of_span[0].protocol == Protocol.LANGSMITH and draw(st.booleans()):  # the others have no files
            pieces.append(Attachment(None, ids[number], "file", "text/plain", b"\0"))
        if draw(st.booleans()):
            name = draw(st.sampled_from([ids[number], f"alias-{number}"]))
            pieces.append(ScoreUpdate(f"score-{number}", "quality", span_id=name, value=1.0, time_ns=7))
    return pieces


def batches(pieces: list[object]) -> Iterator[IngestBatch]:
    for piece in pieces:
        if isinstance(piece, SpanUpdate):
            yield IngestBatch(spans=(piece,))
        elif isinstance(piece, ScoreUpdate):
            yield IngestBatch(scores=(piece,))
        else:
            assert isinstance(piece, Attachment)
            yield IngestBatch(attachments=(piece,))


def together(some: list[IngestBatch]) -> IngestBatch:
    return IngestBatch(
        spans=tuple(span for batch in some for span in batch.spans),
        scores=tuple(score for batch in some for score in batch.scores),
        attachments=tuple(file for batch in some for file in batch.attachments),
    )


def different(one: object, other: object, where: tuple[object, ...] = ()) -> list[object]:
    """Return only what differs, so that a failure can be read."""
    if isinstance(one, dict) and isinstance(other, dict):
        keys = [*one, *(key for key in other if key not in one)]
        return [found for key in keys for found in different(one.get(key), other.get(key), (*where, key))]
    return [] if one == other else [(*where, one, other)]


def outcome(connection: Connection, requests: list[IngestBatch]) -> dict[str, Any]:
    """Return what is stored after some requests; the store is as it was afterwards."""
    savepoint = connection.begin_nested()
    for request in requests:
        ingest(connection, request, 1000)
    found = stored(connection)
    savepoint.rollback()
    return found


@pytest.mark.parametrize(("database", "examples"), [("sqlite", 60), ("postgresql", 12)])
def test_order_repetition_and_pieces_do_not_matter(
    new_location: Callable[[str], str], database: str, examples: int
) -> None:
    with TraceStore.open(new_location(database)) as store:

        @settings(max_examples=examples)
        @given(said(), st.data())
        def check(pieces: list[object], data: st.DataObject) -> None:
            in_order = [together(list(batches(pieces)))]
            again = data.draw(st.lists(st.sampled_from(pieces), max_size=4))
            shuffled = list(batches(data.draw(st.permutations(pieces + again))))
            cuts = sorted(data.draw(st.lists(st.integers(0, len(shuffled)), max_size=6)))
            grouped = [
                together(shuffled[start:end]) for start, end in zip([0, *cuts], [*cuts, len(shuffled)], strict=True)
            ]

            def compare(connection: Connection) -> None:
                expected, found = outcome(connection, in_order), outcome(connection, grouped)
                assert different(expected, found) == []

            store.write(compare).result(timeout=60)

        check()
