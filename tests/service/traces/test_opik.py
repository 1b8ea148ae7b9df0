"""What Opik's traces, spans and scores say; what cannot be used is refused by itself."""

from __future__ import annotations

from typing import Any

import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from wherefrom.errors import LimitError, MalformedError, RequestError
from wherefrom.traces.ingest.collecting import Request
from wherefrom.traces.ingest.limits import IngestLimits
from wherefrom.traces.ingest.opik import read_scores, read_span, read_spans, read_trace, read_traces
from wherefrom.traces.model import Kind, Protocol, Status

LIMITS = IngestLimits()
TRACE, SPAN, PARENT = (f"018f2f9e-7b1c-7cc2-b7f5-4a1d3a0c9e0{n}" for n in "123")
HEX = {name: name.replace("-", "") for name in (TRACE, SPAN, PARENT)}
START, END = "2026-01-01T00:00:00.000001Z", "2026-01-01T00:00:01.5Z"
START_NS = 1_767_225_600_000_001_000


def request(value: Any, limits: IngestLimits = LIMITS) -> Request:
    return Request(value if isinstance(value, bytes) else orjson.dumps(value), Protocol.OPIK, limits, "/")


def span(**more: Any) -> dict[str, Any]:
    return {"id": SPAN, "trace_id": TRACE, "start_time": START, "name": "chat", "type": "llm"} | more


def test_a_generation() -> None:
    (found,) = read_spans(
        request(
            {
                "spans": [
                    span(
                        end_time=END,
                        project_name="p",
                        parent_span_id=PARENT,
                        model="gpt-4o-mini",
                        provider="openai",
                        ttft=250.5,
                        total_estimated_cost=0.25,
                        tags=["a", 5, "b"],
                        environment="test",
                        metadata={"id": "chatcmpl-1", "mood": "bright"},
                        usage={
                            "prompt_tokens": 3,
                            "completion_tokens": 2,
                            "total_tokens": 5,
                            "original_usage.prompt_tokens": 3,
                            "original_usage.prompt_tokens_details.cached_tokens": 1,
                            "original_usage.completion_tokens_details.reasoning_tokens": 2,
                        },
                        input={"messages": [{"role": "user", "content": "Who?"}]},
                        output={
                            "choices": [
                                {
                                    "message": {"role": "assistant", "content": "We."},
                                    "finish_reason": "stop",
                                    "logprobs": {"content": [{"token": "We.", "logprob": -0.5}]},
                                }
                            ]
                        },
                        source="sdk",
                    )
                ]
            }
        )
    ).spans
    assert (found.trace_id, found.span_id, found.parent_id) == (HEX[TRACE], HEX[SPAN], HEX[PARENT])
    assert (found.project, found.name, found.kind, found.protocol) == ("p", "chat", Kind.LLM, Protocol.OPIK)
    assert (found.start_ns, found.end_ns) == (START_NS, START_NS + 1_499_999_000)
    assert found.first_token_ns == START_NS + 250_500_000
    assert (found.model, found.provider, found.cost, found.status) == ("gpt-4o-mini", "openai", 0.25, Status.OK)
    assert found.usage is not None
    assert (found.usage.input_tokens, found.usage.output_tokens, found.usage.total_tokens) == (3, 2, 5)
    assert (found.usage.cache_read_tokens, found.usage.reasoning_tokens) == (1, 2)
    assert [message.role for message in found.input_messages or ()] == ["user"]
    assert [part.text for message in found.output_messages or () for part in message.parts] == ["We."]
    assert found.finish_reasons == ("stop",)
    assert [token.token for token in found.log_probabilities or ()] == ["We."]
    assert found.tags == ("a", "b")
    assert found.metadata == {"id": "chatcmpl-1", "mood": "bright", "environment": "test"}
    assert found.attributes == {"opik.source": "sdk"}
    assert found.aliases == (SPAN, "chatcmpl-1")


@pytest.mark.parametrize(
    ("said", "kind"),
    [("general", Kind.CHAIN), ("tool", Kind.TOOL), ("guardrail", Kind.GUARDRAIL), ("new", Kind.OTHER), (None, None)],
)
def test_kinds(said: str | None, kind: Kind | None) -> None:
    assert read_spans(request({"spans": [span(type=said)]})).spans[0].kind is kind


@pytest.mark.parametrize(
    ("named", "provider"), [("127.0.0.1", "openai"), ("proxy.example", "openai"), ("groq", "groq"), (None, None)]
)
def test_a_host_is_no_provider(named: str | None, provider: str | None) -> None:
    found = read_spans(request({"spans": [span(provider=named, metadata={"created_from": "openai"})]})).spans[0]
    assert found.provider == provider


def test_a_trace_is_its_root() -> None:
    (found,) = read_traces(request({"traces": [{"id": TRACE, "start_time": START, "thread_id": "s"}]})).spans
    assert (found.trace_id, found.span_id, found.parent_id) == (HEX[TRACE], HEX[TRACE], "")
    assert (found.precedence, found.session_id, found.kind, found.status) == (0, "s", Kind.CHAIN, None)


def test_a_failure() -> None:
    told = {"exception_type": "ValueError", "message": "no", "traceback": "Traceback"}
    (found,) = read_spans(request({"spans": [span(end_time=END, error_info=told)]})).spans
    assert (found.status, found.status_message) == (Status.ERROR, "ValueError: no")
    assert found.events is not None
    assert found.events[0].attributes["exception.stacktrace"] == "Traceback"


def test_what_is_new_of_one() -> None:
    (found,) = read_span(
        request({"trace_id": TRACE, "output": {"output": "We."}, "usage": {"total_tokens": 3}}), SPAN
    ).spans
    assert (found.span_id, found.parent_id, found.kind) == (HEX[SPAN], None, None)
    assert found.output_messages is not None
    assert found.precedence > read_spans(request({"spans": [span()]})).spans[0].precedence
    (of_trace,) = read_trace(request({"end_time": END}), TRACE).spans
    assert (of_trace.span_id, of_trace.status) == (HEX[TRACE], Status.OK)
    assert read_span(request(span())).spans[0].parent_id == HEX[TRACE]


def test_scores() -> None:
    item = {"id": TRACE, "name": "good", "value": 0.5, "reason": "why", "source": "sdk", "project_name": "p"}
    collected = read_scores(
        request({"scores": [item, item | {"value": 1}, {"id": TRACE}, {"name": "n", "value": 1}, 5]}), "traces"
    )
    one, two = collected.scores
    assert (one.trace_id, one.span_id, one.value, one.comment) == (HEX[TRACE], None, 0.5, "why")
    assert (one.annotator, one.project) == ("sdk", "p")
    assert one.id == two.id
    assert sorted(collected.refusals) == [2, 3, 4]
    (of_span,) = read_scores(request({"name": "kind", "category_name": "fine", "value": 2}), "spans", SPAN).scores
    assert (of_span.span_id, of_span.trace_id, of_span.text, of_span.value) == (HEX[SPAN], None, "fine", 2.0)


def test_nan_is_nothing() -> None:
    body = b'{"spans": [{"id": "%s", "trace_id": "%s", "ttft": NaN, "input": {"x": [-Infinity]}}]}'
    (found,) = read_spans(request(body % (SPAN.encode(), TRACE.encode()))).spans
    assert (found.first_token_ns, found.input) == (None, {"x": [None]})


def test_lone_surrogates_and_unknown_fields() -> None:
    body = b'{"spans": [{"id": "%s", "trace_id": "%s", "name": "\\ud800", "new": 1}]}'
    (found,) = read_spans(request(body % (SPAN.encode(), TRACE.encode()))).spans
    assert (found.name, found.attributes) == ("�", {"opik.new": 1})


@pytest.mark.parametrize(
    "body", [b"", b"{", b"[]", b'{"spans": 5}', b"5", b'{"spans": [NaN', b"\xff", b'{"traces": []}']
)
def test_what_is_no_batch_is_refused_whole(body: bytes) -> None:
    with pytest.raises(MalformedError):
        read_spans(request(body))


def test_more_than_is_accepted() -> None:
    few = IngestLimits(max_batch_items=2, max_attributes=20, max_attribute_bytes=500, max_nesting=9)
    with pytest.raises(LimitError, match="max_batch_items"):
        read_spans(request({"spans": [span()] * 3}, few))
    with pytest.raises(LimitError, match="max_nesting"):
        read_spans(request(b'{"spans": [' + b"[" * 20 + b"]" * 20 + b"]}", few))
    with pytest.raises(LimitError, match="max_nesting"):
        read_spans(request(b'{"spans": [NaN, ' + b"[" * 20 + b"]" * 20 + b"]}", few))
    large = span(input="x" * 600)
    wide = span(metadata={str(n): n for n in range(30)})
    collected = read_spans(request({"spans": [large, wide]}, few))
    assert ["max_attribute_bytes" in collected.refusals[0], "max_attributes" in collected.refusals[1]] == [True, True]


VALUES = st.recursive(
    st.one_of(
        st.none(), st.booleans(), st.integers(-(2**63), 2**64 - 1), st.floats(allow_nan=False), st.text(max_size=9)
    )
    | st.sampled_from([TRACE, SPAN, START, END, "llm", "127.0.0.1"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=6), inner, max_size=3),
    max_leaves=8,
)
FIELDS = st.sampled_from(
    [
        *("id", "trace_id", "parent_span_id", "project_name", "name", "type", "start_time", "end_time", "input"),
        *("output", "metadata", "tags", "usage", "model", "provider", "error_info", "total_estimated_cost", "ttft"),
        *("thread_id", "value", "reason", "category_name", "author", "source", "created_at"),
    ]
)
ITEMS = st.lists(st.dictionaries(FIELDS, VALUES, max_size=12) | VALUES, max_size=4)


@settings(max_examples=60)
@given(ITEMS)
def test_whatever_is_sent_each_item_is_taken_or_refused(items: list[Any]) -> None:
    for collected in (read_traces(request({"traces": items})), read_spans(request({"spans": items}))):
        assert len(collected.spans) + len(collected.refusals) == len(items)
    scored = read_scores(request({"scores": items}), "spans")
    assert len(scored.scores) + len(scored.refusals) == len(items)


@given(st.binary(max_size=60), st.sampled_from([b"", b'{"spans": [', b'{"traces": [{"id": ']))
def test_whatever_bytes_come(body: bytes, before: bytes) -> None:
    for read in (read_spans, read_traces, read_trace, read_span):
        try:
            read(request(before + body))
        except RequestError:
            continue
