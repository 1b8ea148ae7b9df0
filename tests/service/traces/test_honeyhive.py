"""What HoneyHive's attributes and events say; what cannot be used is refused by itself."""

from __future__ import annotations

from typing import Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from wherefrom.errors import MalformedError, RequestError
from wherefrom.traces.ingest.collecting import Request
from wherefrom.traces.ingest.conventions import interpreted
from wherefrom.traces.ingest.honeyhive import read_event, read_events, read_update
from wherefrom.traces.ingest.limits import IngestLimits
from wherefrom.traces.ingest.otel_spans import OtelSpan, Source
from wherefrom.traces.model import Kind, Protocol, Status

LIMITS = IngestLimits()
TRACE, SPAN = "4bf92f3577b34da6a3ce929d0e0e4736", "00f067aa0ba902b7"
SESSION, EVENT = "018f2f9e-7b1c-7cc2-b7f5-4a1d3a0c9e01", "018f2f9e-7b1c-7cc2-b7f5-4a1d3a0c9e02"


def request(value: Any) -> Request:
    body = value if isinstance(value, bytes) else orjson.dumps(value)
    return Request(body, Protocol.HONEYHIVE, LIMITS, "/events")


def test_a_span_of_its_decorators() -> None:
    attributes = {
        "honeyhive.session_id": "s",
        "traceloop.association.properties.session_id": "s",
        "honeyhive.project": "p",
        "honeyhive_event_type": "chain",
        "honeyhive_inputs.question": "Who?",
        "honeyhive_inputs.options": '{"n": 1}',
        "honeyhive_outputs.result.0": "one",
        "honeyhive_outputs.result.1": "two",
        "honeyhive_metadata.event_type": "chain",
        "honeyhive_metadata.mood": "bright",
        "honeyhive_metrics.correct": True,
        "honeyhive_user_properties.user_id": "u",
        "other": 1,
    }
    found = interpreted(OtelSpan(TRACE, SPAN, Source(), start_ns=1, end_ns=2, attributes=attributes), LIMITS)
    assert (found.kind, found.project, found.session_id, found.user_id) == (Kind.CHAIN, "p", "s", "u")
    assert found.input == {"question": "Who?", "options": {"n": 1}}
    assert found.output == ["one", "two"]
    assert found.metadata["mood"] == "bright"
    assert found.metadata["metrics"] == {"correct": True}
    assert "other" in found.attributes
    assert not [name for name in found.attributes if name.startswith(("honeyhive", "traceloop"))]


def test_an_event() -> None:
    collected = read_event(
        request(
            {
                "event": {
                    "event_id": EVENT,
                    "session_id": SESSION,
                    "parent_id": SESSION,
                    "project": "p",
                    "event_type": "model",
                    "event_name": "chat",
                    "start_time": 1_767_225_600_000,
                    "duration": 1500,
                    "config": {"model": "m", "provider": "openai"},
                    "inputs": {"chat_history": [{"role": "user", "content": "Who?"}]},
                    "outputs": {"role": "assistant", "content": "We."},
                    "metadata": {"prompt_tokens": 3, "completion_tokens": 1, "run": 7},
                    "metrics": {"score": 0.5, "good": True, "list": []},
                    "feedback": {"comment": "fine"},
                }
            }
        )
    )
    (span,) = collected.spans
    assert (span.trace_id, span.parent_id, span.kind) == (SESSION.replace("-", ""), "", Kind.LLM)
    assert (span.end_ns or 0) - (span.start_ns or 0) == 1_500_000_000
    assert (span.model, span.provider, span.session_id, span.status) == ("m", "openai", SESSION, Status.OK)
    assert span.usage is not None
    assert (span.usage.input_tokens, span.usage.output_tokens) == (3, 1)
    assert [part.text for part in (span.output_messages or ())[0].parts] == ["We."]
    assert [message.role for message in span.input_messages or ()] == ["user"]
    assert [(score.name, score.value, score.text, score.annotator) for score in collected.scores] == [
        ("score", 0.5, None, "metrics"),
        ("good", 1.0, None, "metrics"),
        ("comment", None, "fine", "feedback"),
    ]


def test_updates_are_of_spans_and_of_events() -> None:
    of_span = read_update(request({"event_id": SPAN, "metrics": {"good": True}, "metadata": {"a": 1}}))
    assert [(score.span_id, score.value) for score in of_span.scores] == [(SPAN, 1.0)]
    assert [(span.trace_id, span.metadata) for span in of_span.spans] == [("", {"a": 1})]
    again = read_update(request({"event_id": SPAN, "metrics": {"good": False}}))
    assert again.scores[0].id == of_span.scores[0].id
    of_session = read_update(request({"event_id": "demo-0123456789ab", "metrics": {"good": True}}))
    assert (of_session.scores, of_session.spans) == ([], [])


@pytest.mark.parametrize("body", [b"", b"{", b"5", b'{"events": 5}', b'{"events"'])
def test_what_is_no_batch_is_refused_whole(body: bytes) -> None:
    with pytest.raises(MalformedError):
        read_events(request(body))


def test_one_that_cannot_be_used_is_refused() -> None:
    for value in ({}, {"event": {}}, {"event": {"event_id": EVENT}}, {"event": 5}):
        with pytest.raises(RequestError):
            read_event(request(value))
    with pytest.raises(RequestError, match="event_id"):
        read_update(request({}))


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**63), 2**63 - 1) | st.floats(allow_nan=False) | st.text(max_size=9),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=6), inner, max_size=3),
    max_leaves=8,
)
FIELDS = st.sampled_from(
    [
        *("event_id", "session_id", "parent_id", "event_type", "event_name", "inputs", "outputs", "config"),
        *("metadata", "metrics", "feedback", "user_properties", "start_time", "end_time", "duration", "error"),
    ]
)
EVENTS = st.dictionaries(FIELDS, VALUES) | VALUES


@given(st.lists(EVENTS, max_size=4))
def test_whatever_is_sent_each_event_is_taken_or_refused(events: list[Any]) -> None:
    collected = read_events(request({"events": events}))
    assert len(collected.spans) + len(collected.refusals) == len(events)


@given(EVENTS)
def test_whatever_an_update_is_it_is_taken_or_refused(value: Any) -> None:
    try:
        read_update(request(value))
    except RequestError:
        return
    assert isinstance(value, dict)
