"""What Datadog's spans and evaluations say, from the intake's JSON and from the agent's MessagePack."""

from __future__ import annotations

import struct
from typing import Any

import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from wherefrom.errors import LimitError, MalformedError, RequestError
from wherefrom.traces.ingest.collecting import Request
from wherefrom.traces.ingest.datadog import read_agent_traces, read_spans
from wherefrom.traces.ingest.datadog_evaluations import read_evaluations
from wherefrom.traces.ingest.limits import IngestLimits
from wherefrom.traces.ingest.msgpack import parse_msgpack
from wherefrom.traces.model import Kind, PartType, Protocol, SpanUpdate, Status

LIMITS = IngestLimits()
TRACE, SPAN, PARENT = "6b03ecc500000000eb2e8d8a45586085", "9005130466995289256", "1514411462421957703"
START = 1_795_419_333_881_532_092


def request(value: Any, limits: IngestLimits = LIMITS) -> Request:
    return Request(value if isinstance(value, bytes) else orjson.dumps(value), Protocol.DATADOG, limits, "/")


def span(meta: dict[str, Any] | None = None, **more: Any) -> dict[str, Any]:
    base = {"trace_id": TRACE, "span_id": SPAN, "parent_id": "undefined", "name": "answer", "start_ns": START}
    return base | {"duration": 1000, "status": "ok", "meta": {"span": {"kind": "llm"}} | (meta or {})} | more


def said(meta: dict[str, Any] | None = None, **more: Any) -> SpanUpdate:
    (found,) = read_spans(request([{"event_type": "span", "spans": [span(meta, **more)]}])).spans
    return found


def packed(value: Any) -> bytes:
    """MessagePack, as far as it is needed here."""
    if value is None or isinstance(value, bool):
        return {None: b"\xc0", False: b"\xc2", True: b"\xc3"}[value]
    if isinstance(value, int):
        return b"\xcf" + value.to_bytes(8, "big") if value >= 0 else b"\xd3" + value.to_bytes(8, "big", signed=True)
    if isinstance(value, float):
        return b"\xcb" + struct.pack(">d", value)
    if isinstance(value, str):
        encoded = value.encode()
        return b"\xdb" + len(encoded).to_bytes(4, "big") + encoded
    if isinstance(value, bytes):
        return b"\xc6" + len(value).to_bytes(4, "big") + value
    if isinstance(value, list):
        return b"\xdd" + len(value).to_bytes(4, "big") + b"".join(map(packed, value))
    pairs = b"".join(packed(key) + packed(item) for key, item in value.items())
    return b"\xdf" + len(value).to_bytes(4, "big") + pairs


def test_a_generation() -> None:
    found = said(
        {
            "model_name": "gpt-4o-mini",
            "model_provider": "openai",
            "input": {"messages": [{"role": "user", "content": "Who?"}], "prompt": {"id": "p"}},
            "output": {"messages": [{"role": "assistant", "content": "We."}]},
            "metadata": {"temperature": 0.5},
        },
        parent_id=PARENT,
        session_id="s",
        tags=["ml_app:p", "env:prod", "user_id:u", "colour:red", "service:"],
        metrics={
            "input_tokens": 3,
            "output_tokens": 2,
            "total_tokens": 5,
            "cache_read_input_tokens": 1,
            "reasoning_output_tokens": 1,
            "time_to_first_token": 0.0000005,
            "total_cost": 0.25,
        },
    )
    assert (found.trace_id, found.span_id, found.parent_id) == (TRACE, f"{int(SPAN):016x}", f"{int(PARENT):016x}")
    assert (found.project, found.session_id, found.user_id, found.tags) == ("p", "s", "u", ("colour:red",))
    assert (found.kind, found.status, found.protocol) == (Kind.LLM, Status.OK, Protocol.DATADOG)
    assert (found.start_ns, found.end_ns, found.first_token_ns) == (START, START + 1000, START + 500)
    assert (found.model, found.provider, found.cost) == ("gpt-4o-mini", "openai", 0.25)
    assert found.usage is not None
    assert (found.usage.input_tokens, found.usage.cache_read_tokens, found.usage.reasoning_tokens) == (3, 1, 1)
    assert [part.text for message in found.output_messages or () for part in message.parts] == ["We."]
    assert found.metadata == {"temperature": 0.5}
    assert found.attributes["datadog.env"] == "prod"
    assert found.attributes["datadog.input.prompt"] == {"id": "p"}
    assert found.aliases == (SPAN,)


def test_calls_of_tools() -> None:
    call = {"name": "look", "arguments": {"x": 1}, "tool_id": "call_1", "type": "function"}
    result = {"name": "look", "result": "seen", "tool_id": "call_1"}
    found = said(
        {
            "input": {"messages": [{"role": "user", "content": "", "tool_results": [result]}]},
            "output": {"messages": [{"role": "assistant", "content": "", "tool_calls": [call]}]},
        }
    )
    [[answered]] = [message.parts for message in found.input_messages or ()]
    assert (answered.type, answered.id, answered.text) == (PartType.TOOL_RESULT, "call_1", "seen")
    [asked] = [part for message in found.output_messages or () for part in message.parts]
    assert (asked.type, asked.id, asked.name, asked.arguments) == (PartType.TOOL_CALL, "call_1", "look", {"x": 1})


@pytest.mark.parametrize(
    ("kind", "meant"),
    [("workflow", Kind.CHAIN), ("retrieval", Kind.RETRIEVER), ("agent", Kind.AGENT), ("new", Kind.OTHER), (None, None)],
)
def test_kinds(kind: str | None, meant: Kind | None) -> None:
    assert said({"span": {"kind": kind}}).kind is meant
    assert said({"span": {}, "span.kind": kind}).kind is meant


def test_documents_and_values() -> None:
    found = said({"span": {"kind": "retrieval"}, "input": {"value": "Who?"}, "output": {"documents": [{"text": "We"}]}})
    assert (found.input, found.output) == ("Who?", [{"text": "We"}])
    assert said({"input": {"value": '{"a": 1}'}}).input == {"a": 1}


def test_a_failure() -> None:
    found = said({"error": {"type": "ValueError", "message": "no", "stack": "Traceback"}}, status="error")
    assert (found.status, found.status_message) == (Status.ERROR, "ValueError: no")
    assert found.events is not None
    assert found.events[0].attributes["exception.stacktrace"] == "Traceback"
    assert said({"error.message": "no"}, status="error").status_message == "no"


@pytest.mark.parametrize(
    ("sent", "kept"),
    [
        (TRACE, TRACE),
        ("018f2f9e-7b1c-7cc2-b7f5-4a1d3a0c9e01", "018f2f9e7b1c7cc2b7f54a1d3a0c9e01"),
        ("255", f"{255:032x}"),
        (255, f"{255:032x}"),
    ],
)
def test_ids_of_traces(sent: Any, kept: str) -> None:
    assert said(trace_id=sent).trace_id == kept


@pytest.mark.parametrize("wrong", ["", "0", "-1", "x", None, 1.5, True, str(1 << 64), "9" * 60])
def test_what_is_no_id_is_refused(wrong: Any) -> None:
    collected = read_spans(request([{"spans": [span(span_id=wrong), span()]}, 5]))
    assert (len(collected.spans), sorted(collected.refusals)) == (1, [0, 2])


def agent_span(held: Any, **more: Any) -> dict[str, Any]:
    base = {"trace_id": 7, "span_id": int(SPAN), "start": START, "duration": 1000, "error": 0, "name": "openai.request"}
    return base | {"meta": {"a": "b"}, "meta_struct": {"_llmobs": packed(held)}} | more


def test_spans_that_ride_on_the_agents() -> None:
    meta = {"span": {"kind": "llm"}, "output": {"messages": [{"role": "assistant", "content": "We."}]}}
    held = {"trace_id": TRACE, "parent_id": PARENT, "ml_app": "p", "session_id": "s", "tags": {"a": "b"}, "meta": meta}
    other = agent_span(held)
    del other["meta_struct"]
    batch = read_agent_traces(request(packed([[agent_span(held), other], [agent_span(held, error=1, span_id=5)]])))
    one, two = batch.spans
    assert (one.trace_id, one.span_id, one.parent_id) == (TRACE, f"{int(SPAN):016x}", f"{int(PARENT):016x}")
    assert (one.project, one.session_id, one.name, one.tags) == ("p", "s", "openai.request", ("a:b",))
    assert (one.start_ns, one.end_ns, one.kind) == (START, START + 1000, Kind.LLM)
    assert one.output_messages is not None
    assert (two.status, two.span_id) == (Status.ERROR, f"{5:016x}")
    assert batch.raw is not None
    assert batch.raw.content_type == "application/msgpack"
    assert read_agent_traces(request(packed([[other]]))).raw is None
    refused = read_agent_traces(request(packed([[agent_span(held), other | {"meta_struct": {"_llmobs": b"\xc1"}}]])))
    assert (len(refused.spans), refused.rejected) == (1, 1)


def metric(**more: Any) -> dict[str, Any]:
    joined = {"span": {"span_id": SPAN, "trace_id": TRACE}}
    return {"join_on": joined, "label": "good", "metric_type": "score", "score_value": 0.7, "ml_app": "p"} | more


def evaluations(*metrics: Any) -> Any:
    return read_evaluations(request({"data": {"type": "evaluation_metric", "attributes": {"metrics": metrics}}}))


def test_evaluations() -> None:
    collected = evaluations(
        metric(reasoning="why", assessment="pass", timestamp_ms=1_795_419_334_137),
        metric(score_value=None, boolean_value=True, eval_scope="trace"),
        metric(score_value=None, categorical_value="fine"),
        metric(score_value=None, json_value={"a": 1}, join_on={}, span_id=SPAN, submitter={"id": "ada"}),
        metric(join_on={"tag": {"key": "a", "value": "b"}}),
        metric(label=""),
        metric(score_value=None),
    )
    one, two, three, four = collected.scores
    assert (one.trace_id, one.span_id, one.value, one.comment) == (TRACE, f"{int(SPAN):016x}", 0.7, "why")
    assert (one.project, one.metadata, one.time_ns) == ("p", {"assessment": "pass"}, 1_795_419_334_137_000_000)
    assert (two.value, two.span_id, two.trace_id) == (1.0, None, TRACE)
    assert three.text == "fine"
    assert three.id == one.id != four.id
    assert (four.text, four.trace_id, four.annotator) == ('{"a":1}', None, "ada")
    assert sorted(collected.refusals) == [4, 5, 6]


def test_nan_is_nothing() -> None:
    body = orjson.dumps([{"spans": [span(metrics={"total_cost": 1})]}]).replace(b'"total_cost":1', b'"total_cost":NaN')
    assert read_spans(request(body)).spans[0].cost is None


@pytest.mark.parametrize("body", [b"", b"{", b"5", b'"x"', b"[NaN", b"\xff"])
def test_what_cannot_be_decoded_is_refused_whole(body: bytes) -> None:
    with pytest.raises(MalformedError):
        read_spans(request(body))
    with pytest.raises(MalformedError):
        read_evaluations(request(body))


@pytest.mark.parametrize(
    "body", [b"", b"\xc1", b"\x93\x01", b"\x01", b"\x91\x01", b"\x90\x90", b"\xdd\xff\xff\xff\xff", b"\xa5a"]
)
def test_what_is_no_traces_is_refused_whole(body: bytes) -> None:
    with pytest.raises(MalformedError):
        read_agent_traces(request(body))


def test_more_than_is_accepted() -> None:
    few = IngestLimits(max_batch_items=2, max_attributes=20, max_attribute_bytes=500, max_nesting=9)
    with pytest.raises(LimitError, match="max_batch_items"):
        read_spans(request([{"spans": [span()] * 3}], few))
    with pytest.raises(LimitError, match="max_nesting"):
        read_agent_traces(request(b"\x91" * 20 + b"\xc0", few))
    with pytest.raises(LimitError, match="too many"):
        parse_msgpack(b"\xdd" + (1 << 22).to_bytes(4, "big") + b"\xc0" * (1 << 22), nesting=9)
    collected = read_spans(
        request([{"spans": [span({"x": "y" * 600}), span(tags=[f"t{n}:" for n in range(30)])]}], few)
    )
    assert "max_attribute_bytes" in collected.refusals[0]
    assert "max_attributes" in collected.refusals[1]


JSON = st.recursive(
    st.one_of(
        st.none(), st.booleans(), st.integers(-(2**63), 2**64 - 1), st.floats(allow_nan=False), st.text(max_size=9)
    )
    | st.sampled_from([TRACE, SPAN, "llm", "undefined"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=6), inner, max_size=3),
    max_leaves=8,
)
NAMES = ("trace_id", "span_id", "parent_id", "name", "start_ns", "duration", "status", "session_id", "tags", "metrics")
IN_META = ("span", "span.kind", "input", "output", "metadata", "error", "model_name", "messages", "value", "documents")
METAS = st.dictionaries(st.sampled_from(IN_META), JSON | st.dictionaries(st.sampled_from(IN_META), JSON, max_size=3))
SPANS = st.builds(
    lambda fields, meta: span() | fields | {"meta": meta},
    st.dictionaries(st.sampled_from(NAMES), JSON, max_size=4),
    METAS | JSON,
)
METRICS = st.dictionaries(
    st.sampled_from(
        ["join_on", "label", "score_value", "json_value", "text_value", "span_id", "trace_id", "submitter"]
    ),
    JSON,
)


@settings(max_examples=60)
@given(st.lists(SPANS | JSON, max_size=3), st.lists(METRICS | JSON, max_size=3))
def test_whatever_is_sent_each_item_is_taken_or_refused(items: list[Any], metrics: list[Any]) -> None:
    collected = read_spans(request([{"spans": items}]))
    assert len(collected.spans) + len(collected.refusals) == len(items)
    scored = evaluations(*metrics)
    assert len(scored.scores) + len(scored.refusals) == len(metrics)
    traces = [[{**agent_span(item), "span_id": 5} for item in items]]
    batch = read_agent_traces(request(packed(traces)))
    assert len(batch.spans) + batch.rejected == len(items)


@settings(max_examples=100)
@given(JSON)
def test_msgpack_comes_back(value: Any) -> None:
    assert parse_msgpack(packed(value), nesting=50) == value


@given(st.binary(max_size=60))
def test_whatever_bytes_come(body: bytes) -> None:
    for read in (read_agent_traces, read_spans, read_evaluations):
        try:
            read(request(body))
        except RequestError:
            continue
