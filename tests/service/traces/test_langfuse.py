"""What Langfuse's attributes, scores and events say; what cannot be used is refused by itself."""

from __future__ import annotations

from itertools import permutations
from typing import Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from wherefrom.errors import LimitError, MalformedError, RequestError
from wherefrom.traces.ingest.collecting import Request
from wherefrom.traces.ingest.conventions import interpreted
from wherefrom.traces.ingest.langfuse import read_events, read_scores
from wherefrom.traces.ingest.limits import IngestLimits
from wherefrom.traces.ingest.otel_spans import OtelSpan, Source
from wherefrom.traces.ingest.times import nanoseconds
from wherefrom.traces.merging import MergedSpan, first_said, merge
from wherefrom.traces.model import Kind, Protocol, SpanUpdate, Status

LIMITS = IngestLimits()
TRACE, SPAN = "4bf92f3577b34da6a3ce929d0e0e4736", "00f067aa0ba902b7"
UUID = "018f2f9e-7b1c-7cc2-b7f5-4a1d3a0c9e01"


def request(value: Any, limits: IngestLimits = LIMITS) -> Request:
    return Request(value if isinstance(value, bytes) else orjson.dumps(value), Protocol.LANGFUSE, limits, "/")


def said(**attributes: Any) -> SpanUpdate:
    named = {name.replace("__", "."): value for name, value in attributes.items()}
    span = OtelSpan(TRACE, SPAN, Source(), start_ns=1, end_ns=2, name="n", attributes=named)
    return interpreted(span, LIMITS)


def test_a_generation() -> None:
    found = said(
        langfuse__observation__type="generation",
        langfuse__observation__input='[{"role": "user", "content": "Who?"}]',
        langfuse__observation__output='{"role": "assistant", "content": "We.", "finish_reason": "stop"}',
        langfuse__observation__model__name="m",
        langfuse__observation__usage_details='{"prompt_tokens": 3, "completion_tokens": 2}',
        langfuse__observation__cost_details='{"input": 0.1, "output": 0.2}',
        langfuse__observation__completion_start_time='"2026-01-01T00:00:00.5Z"',
        langfuse__observation__metadata__mood="bright",
        langfuse__trace__tags=["a", 5, "b"],
        langfuse__trace__metadata__run="7",
        langfuse__environment="test",
        session__id="s",
        user__id="u",
    )
    assert found.kind is Kind.LLM
    assert found.model == "m"
    assert found.usage is not None
    assert (found.usage.input_tokens, found.usage.output_tokens) == (3, 2)
    assert found.cost == pytest.approx(0.3)
    assert found.first_token_ns == 1_767_225_600_500_000_000
    assert [message.role for message in found.input_messages or ()] == ["user"]
    (answer,) = found.output_messages or ()
    assert [part.text for part in answer.parts] == ["We."]
    assert (found.session_id, found.user_id, found.tags) == ("s", "u", ("a", "b"))
    assert found.metadata == {"mood": "bright", "run": "7", "environment": "test"}
    assert not [name for name in found.attributes if name.startswith("langfuse.observation")]


def test_counts_under_its_own_names() -> None:
    found = said(langfuse__observation__usage_details='{"input": 5, "output": 2, "total": 7, "output_reasoning": 1}')
    assert found.usage is not None
    assert (found.usage.input_tokens, found.usage.total_tokens, found.usage.reasoning_tokens) == (5, 7, 1)


def test_what_is_not_its_own_is_not_read() -> None:
    assert said(other="x").kind is None


def test_scores() -> None:
    collected = read_scores(
        request(
            [
                {"id": "1", "traceId": TRACE, "name": "n", "value": 0.5, "comment": "why", "metadata": {"a": 1}},
                {"traceId": TRACE, "observationId": SPAN, "name": "kind", "value": "good"},
                {"traceId": UUID, "name": "yes", "value": True},
                {"name": "of a session", "value": 1, "sessionId": "s"},
                {"traceId": TRACE, "value": 1},
                {"traceId": TRACE, "name": "nothing"},
                5,
            ]
        )
    )
    one, two, three = collected.scores
    assert (one.id, one.value, one.comment, one.trace_id, one.span_id) == ("1", 0.5, "why", TRACE, None)
    assert (two.text, two.value, two.span_id) == ("good", None, SPAN)
    assert (three.value, three.trace_id) == (1.0, UUID.replace("-", ""))
    assert sorted(collected.refusals) == [3, 4, 5, 6]
    again = read_scores(request({"traceId": UUID, "name": "yes", "value": True}))
    assert again.scores[0].id == three.id


def events(*items: tuple[str, dict[str, Any]]) -> dict[str, Any]:
    return {"batch": [{"id": str(n), "type": kind, "body": body} for n, (kind, body) in enumerate(items)]}


def test_events_of_older_clients_make_a_tree() -> None:
    found = read_events(
        request(
            events(
                (
                    "trace-create",
                    {"id": "any name", "name": "answer", "sessionId": "s", "timestamp": "2026-01-01T00:00:00Z"},
                ),
                (
                    "generation-create",
                    {
                        "id": UUID,
                        "traceId": "any name",
                        "startTime": "2026-01-01T00:00:01Z",
                        "model": "m",
                        "input": [{"role": "user", "content": "Who?"}],
                    },
                ),
                (
                    "generation-update",
                    {
                        "id": UUID,
                        "endTime": "2026-01-01T00:00:02Z",
                        "output": "We.",
                        "usage": {"input": 3, "output": 1},
                        "level": "ERROR",
                        "statusMessage": "cut",
                    },
                ),
                ("score-create", {"traceId": "any name", "name": "n", "value": 1}),
                ("sdk-log", {}),
                ("unheard-of", {}),
            )
        )
    )
    root, start, end = found.collected.spans
    assert (root.parent_id, root.kind, root.session_id, root.aliases) == ("", Kind.CHAIN, "s", ("any name",))
    assert root.trace_id == root.span_id == start.trace_id == start.parent_id
    assert (start.precedence, end.precedence) == (0, 1)
    assert (end.trace_id, end.parent_id, end.span_id) == ("", None, start.span_id)
    assert (end.status, end.status_message) == (Status.ERROR, "cut")
    assert end.usage is not None
    assert end.usage.input_tokens == 3
    assert len(found.collected.scores) == 1
    assert [event.refusal is None for event in found.events] == [True] * 5 + [False]


@pytest.mark.parametrize("body", [b"", b"{", b'{"batch": 5}', b"5", b'"x"', b'{"batch"'])
def test_what_is_no_batch_is_refused_whole(body: bytes) -> None:
    with pytest.raises(MalformedError):
        read_events(request(body))


def test_too_many_are_refused_whole() -> None:
    few = IngestLimits(max_batch_items=2)
    with pytest.raises(LimitError, match="max_batch_items"):
        read_scores(request([{"traceId": TRACE, "name": "n", "value": 1}] * 3, few))


VALUES = st.recursive(
    st.one_of(
        st.none(), st.booleans(), st.integers(-(2**63), 2**63 - 1), st.floats(allow_nan=False), st.text(max_size=9)
    ),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=6), inner, max_size=3),
    max_leaves=8,
)
FIELDS = st.sampled_from(
    [
        *("id", "traceId", "observationId", "parentObservationId", "name", "value", "type"),
        *("startTime", "endTime", "input", "output", "usage", "usageDetails", "costDetails"),
        *("metadata", "tags", "level", "timestamp", "comment", "model"),
    ]
)
KINDS = st.sampled_from(["trace-create", "span-create", "generation-update", "score-create", "event-create", "other"])


@given(
    st.lists(
        st.fixed_dictionaries({"id": VALUES, "type": KINDS, "body": st.dictionaries(FIELDS, VALUES) | VALUES}),
        max_size=5,
    )
)
def test_whatever_is_sent_each_event_is_taken_or_refused(items: list[dict[str, Any]]) -> None:
    found = read_events(request({"batch": items}))
    assert len(found.events) == len(items)
    assert found.collected.batch().rejected == sum(event.refusal is not None for event in found.events)


@given(VALUES)
def test_whatever_a_score_is_it_is_taken_or_refused(value: Any) -> None:
    try:
        collected = read_scores(request(value))
    except RequestError:
        return
    assert collected.batch().rejected == len(collected.refusals)


def merged(*items: tuple[str, dict[str, Any]]) -> MergedSpan:
    """What the store makes of events of one span, in their order."""
    first, *others = read_events(request(events(*items))).collected.spans
    span = first_said(first, 1, 0)
    for update in others:
        merge(span, update)
    return span


NAMED = {"id": UUID, "name": "answer", "timestamp": "2026-01-01T00:00:00Z"}
DATED = {"id": UUID, "timestamp": "2026-01-01T00:00:05Z", "output": "We."}
DECORATED = {"id": UUID, "start_time": "2026-01-01T00:00:01Z", "end_time": "2026-01-01T00:00:09Z"}


@pytest.mark.parametrize("order", list(permutations([NAMED, DATED, {"id": UUID, "sessionId": "s"}])))
def test_a_trace_begins_when_it_was_named(order: tuple[dict[str, Any], ...]) -> None:
    span = merged(*(("trace-create", body) for body in order))
    assert span.values["start_ns"] == nanoseconds("2026-01-01T00:00:00Z")
    assert (span.values["name"], span.values["session_id"], span.payload.output) == ("answer", "s", "We.")


def test_a_trace_that_nobody_names_begins_when_something_is_said_of_it() -> None:
    span = merged(("trace-create", DATED))
    assert (span.values["start_ns"], span.values["end_ns"]) == (nanoseconds("2026-01-01T00:00:05Z"), None)


def test_what_decorators_say_of_a_trace() -> None:
    span = merged(("trace-create", NAMED | DECORATED))
    assert span.values["start_ns"] == nanoseconds("2026-01-01T00:00:01Z")
    assert span.values["end_ns"] == nanoseconds("2026-01-01T00:00:09Z")
    assert span.values["status"] == "ok"
