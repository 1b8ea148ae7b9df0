"""Runs that come twice, as runs and as spans of OpenTelemetry, are stored once: as runs."""

from __future__ import annotations

import itertools

import pytest
from stored_traces import stored

from wherefrom.traces.ingest.twin_names import PREFIX, twin_name
from wherefrom.traces.ingesting import ingest
from wherefrom.traces.model import IngestBatch, Protocol, SpanUpdate
from wherefrom.traces.store import TraceStore

START_NS = 1767225600_000001000
RUN, RUN_CHILD = "a" * 32, "b" * 32
SPAN_TRACE, SPAN, SPAN_CHILD, OTHER = "c" * 32, "d" * 16, "e" * 16, "f" * 16


def said(protocol, trace_id, span_id, parent_id, name, start_ns=START_NS, project="p", **more):
    aliases = (twin_name(name, start_ns),) if name else ()
    return SpanUpdate(
        trace_id, span_id, protocol, 1, project, parent_id, name, start_ns=start_ns, aliases=aliases, **more
    )


RUNS = (
    said(Protocol.LANGSMITH, RUN, RUN, "", "answer"),
    said(Protocol.LANGSMITH, RUN, RUN_CHILD, RUN, "chat", session_id="s"),
)
SPANS = (
    said(Protocol.OTLP, SPAN_TRACE, SPAN, "", "answer", START_NS - 256),
    said(Protocol.OTLP, SPAN_TRACE, SPAN_CHILD, SPAN, "chat", START_NS + 300, session_id="s"),
)
FOREIGN = SpanUpdate(SPAN_TRACE, OTHER, Protocol.OTLP, project="p", parent_id=SPAN, name="http", start_ns=START_NS)


def after(store, *batches):
    for number, spans in enumerate(batches):
        batch = IngestBatch(spans=tuple(spans))
        store.write(lambda connection, batch=batch, number=number: ingest(connection, batch, number)).result()
    return store.read(stored)


def test_whatever_comes_first_the_runs_stay(new_location, store):
    batches = [*((run,) for run in RUNS), *((span,) for span in SPANS), SPANS]
    for order in (batches, batches[::-1], [RUNS, SPANS], [SPANS, RUNS], [SPANS, RUNS, SPANS]):
        location = new_location(store.dialect)
        with TraceStore.open(location) as empty:
            found = after(empty, *order)
        assert set(found["spans"]) == {("p", RUN, RUN), ("p", RUN, RUN_CHILD)}, order
        assert set(found["traces"]) == {("p", RUN)}
        assert {key: row["traces"] for key, row in found["sessions"].items()} == {("p", "s"): 1}


def test_spans_alone_stay(store):
    assert set(after(store, SPANS)["spans"]) == {("p", SPAN_TRACE, SPAN), ("p", SPAN_TRACE, SPAN_CHILD)}


def test_spans_of_others_in_the_same_trace_stay_and_the_trace_is_told_anew(store):
    found = after(store, (*SPANS, FOREIGN), RUNS)
    assert set(found["spans"]) == {("p", RUN, RUN), ("p", RUN, RUN_CHILD), ("p", SPAN_TRACE, OTHER)}
    trace = found["traces"]["p", SPAN_TRACE]
    assert (trace["spans"], trace["name"]) == (1, "http")
    assert {key: row["traces"] for key, row in found["sessions"].items()} == {("p", "s"): 1}


@pytest.mark.parametrize("change", [{"project": "q"}, {"name": "another"}, {"start_ns": START_NS + 2000}])
def test_what_is_not_the_same_run_stays(store, change):
    other = said(
        **{"protocol": Protocol.OTLP, "trace_id": SPAN_TRACE, "span_id": SPAN, "parent_id": "", "name": "answer"}
        | change
    )
    assert len(after(store, RUNS[:1], [other])["spans"]) == 2


def test_names_are_equal_within_half_a_microsecond():
    names = {twin_name("answer", START_NS + off) for off in range(-500, 500, 50)}
    assert len(names) == 1
    assert next(iter(names)).startswith(PREFIX)
    other = itertools.product(("answer", "answe"), (START_NS, START_NS + 1000))
    assert len({twin_name(*pair) for pair in other}) == 4
