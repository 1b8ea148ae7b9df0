"""Opik's traces and the first spans of them that are the same call become one, in whatever order they come."""

from __future__ import annotations

import itertools

import orjson
import pytest
from stored_traces import stored

from wherefrom.traces.ingest.collecting import Request
from wherefrom.traces.ingest.limits import IngestLimits
from wherefrom.traces.ingest.opik import read_scores, read_span, read_spans, read_trace, read_traces
from wherefrom.traces.ingesting import ingest
from wherefrom.traces.model import Protocol

TRACE, ROOT, CHILD = (f"018f2f9e-7b1c-7cc2-b7f5-4a1d3a0c9e{n}" for n in ("01", "02", "03"))
HEX = {name: name.replace("-", "") for name in (TRACE, ROOT, CHILD)}
BEGIN, SOON, END = (f"2026-01-01T00:00:0{s}Z" for s in ("0", "0.0004", "1"))


def request(value):
    return Request(orjson.dumps(value), Protocol.OPIK, IngestLimits(), "/")


def trace(**more):
    return {"id": TRACE, "project_name": "p", "name": "answer", "start_time": BEGIN, "input": {"q": 1}} | more


def span(**more):
    return {"id": ROOT, "trace_id": TRACE, "project_name": "p", "name": "answer", "start_time": SOON} | more


def call(project="p"):
    """What a client sends of a decorated function that asks a model: begun and ended."""
    named = {"project_name": project}
    begun = span(type="general", input={"q": 1}, **named)
    chat = span(id=CHILD, parent_span_id=ROOT, name="chat", type="llm", output="We.", end_time=END, **named)
    ended = trace(end_time=END, thread_id="s", tags=["t"], metadata={"a": 1}, **named)
    return (
        read_traces(request({"traces": [trace(**named)]})),
        read_traces(request({"traces": [ended]})),
        read_spans(request({"spans": [begun]})),
        read_spans(request({"spans": [begun | {"end_time": END, "output": {"a": 2}}]})),
        read_spans(request({"spans": [chat]})),
    )


CALL = call()


def after(store, batches):
    for number, each in enumerate(batches):
        store.write(lambda c, each=each, now=number + 1: ingest(c, each.batch(), now)).result()
    return store.read(stored)


def test_a_decorated_call_is_one_span_in_any_order(store):
    every = list(itertools.permutations(range(len(CALL))))
    orders = {str(number): order for number, order in enumerate(every[::7])}
    found = after(store, [call(project)[place] for project, order in orders.items() for place in order])
    assert len(found["spans"]) == 2 * len(orders)
    for project in orders:
        key = (project, HEX[TRACE], HEX[ROOT])
        root, child = found["spans"][key], found["spans"][project, HEX[TRACE], HEX[CHILD]]
        assert (root["parent_id"], root["kind"], root["session_id"], root["name"]) == ("", "chain", "s", "answer")
        assert (root["start_ns"] % 10**9, root["status"]) == (400_000, "ok")
        assert child["parent_id"] == HEX[ROOT]
        payload = found["payloads"][key]
        assert (payload["input"], payload["output"]) == ({"q": 1}, {"a": 2})
        assert (payload["tags"], payload["metadata"]) == (["t"], {"a": 1})
        of_trace = found["traces"][project, HEX[TRACE]]
        assert (of_trace["name"], of_trace["spans"], of_trace["session"]) == ("answer", 2, (project, "s"))
        assert {alias for of, alias in found["aliases"] if of == key} == {TRACE, ROOT, HEX[TRACE]}


def test_again_changes_nothing(store):
    once = after(store, CALL)
    assert after(store, CALL) == once


@pytest.mark.parametrize("change", [{"name": "other"}, {"start_time": "2026-01-01T00:00:00.5Z"}])
@pytest.mark.parametrize("backwards", [False, True])
def test_another_call_is_below_the_trace(store, change, backwards):
    batches = [read_traces(request({"traces": [trace()]})), read_spans(request({"spans": [span(**change)]}))]
    found = after(store, batches[::-1] if backwards else batches)
    assert found["spans"]["p", HEX[TRACE], HEX[TRACE]]["parent_id"] == ""
    assert found["spans"]["p", HEX[TRACE], HEX[ROOT]]["parent_id"] == HEX[TRACE]


def test_what_is_new_of_the_trace_is_said_of_its_span(store):
    found = after(store, [*CALL, read_trace(request({"project_name": "p", "thread_id": "later"}), TRACE)])
    assert len(found["spans"]) == 2
    assert found["spans"]["p", HEX[TRACE], HEX[ROOT]]["session_id"] == "later"


def test_what_is_new_may_come_first(store):
    orders = list(itertools.permutations(range(4)))
    for number, order in enumerate(orders):
        named = {"project_name": str(number)}
        said = (
            read_trace(request({"thread_id": "s", **named}), TRACE),
            read_trace(request(trace(**named))),
            read_span(request({"trace_id": TRACE, "output": {"a": 2}, "end_time": END, **named}), ROOT),
            read_span(request(span(type="general", **named))),
        )
        found = after(store, [said[place] for place in order])
    assert set(found["spans"]) == {(str(number), HEX[TRACE], HEX[ROOT]) for number in range(len(orders))}
    assert {(root["session_id"], root["status"]) for root in found["spans"].values()} == {("s", "ok")}


def test_scores_of_the_trace_stay(store):
    score = {"id": TRACE, "name": "good", "value": 1, "source": "sdk", "project_name": "p"}
    scored = read_scores(request({"scores": [score]}), "traces")
    for place in (0, 1, 3, 5):
        found = after(store, [*CALL[:place], scored, *CALL[place:]])
        [row] = found["scores"].values()
        assert row["trace"] == ("p", HEX[TRACE])


def test_other_projects_traces_are_left_alone(store):
    foreign = read_traces(request({"traces": [trace(project_name="q")]}))
    found = after(store, [foreign, *CALL])
    assert set(found["traces"]) == {("p", HEX[TRACE]), ("q", HEX[TRACE])}
    assert ("q", HEX[TRACE], HEX[TRACE]) in found["spans"]
