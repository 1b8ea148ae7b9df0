"""What Helicone's helpers log."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from wherefrom.errors import LimitError, MalformedError, RequestError
from wherefrom.traces.ingest.collecting import Request
from wherefrom.traces.ingest.gateway import Labels
from wherefrom.traces.ingest.helicone import read_log, read_scores
from wherefrom.traces.ingest.limits import IngestLimits
from wherefrom.traces.model import Kind, Protocol, SpanUpdate, Status

NOW = 1_800_000_000_000_000_000
TIMING = {
    "startTime": {"seconds": 1_700_000_000, "milliseconds": 250},
    "endTime": {"seconds": 1_700_000_002, "milliseconds": 0},
    "timeToFirstToken": 100.5,
}
ASKED = {"model": "gpt-4o-mini", "messages": [{"role": "user", "content": "Who?"}]}
ANSWERED = {
    "id": "chatcmpl-1", "model": "gpt-4o-mini-2024", "usage": {"prompt_tokens": 2, "completion_tokens": 3},
    "choices": [{"message": {"role": "assistant", "content": "We the people."}, "finish_reason": "stop"}],
    "_type": "unknown", "toolName": "unknown",
}  # fmt: skip


def request(value: Any) -> Request:
    body = value if isinstance(value, bytes) else json.dumps(value).encode()
    return Request(body, Protocol.HELICONE, IngestLimits(), "/helicone/oai/v1/log")


def logged(asked: Any, response: Any, labels: Labels | None = None, timing: Any = TIMING) -> SpanUpdate:
    body = {"providerRequest": {"url": "x", "json": asked, "meta": {}}, "providerResponse": response, "timing": timing}
    [span] = read_log(request(body), "oai", labels or Labels(), NOW).spans
    return span


def said(span: SpanUpdate) -> list[str | None]:
    return [part.text for message in span.output_messages or () for part in message.parts]


def test_a_generation():
    span = logged(ASKED, {"headers": {"a": "secret"}, "status": 200, "json": ANSWERED})
    assert (span.kind, span.status, span.provider, span.model) == (Kind.LLM, Status.OK, "openai", "gpt-4o-mini-2024")
    assert (span.start_ns, span.end_ns) == (1_700_000_000_250_000_000, 1_700_000_002_000_000_000)
    assert span.first_token_ns == 1_700_000_000_350_500_000
    assert said(span) == ["We the people."]
    assert (span.finish_reasons, span.aliases) == (("stop",), ("chatcmpl-1",))
    assert span.usage is not None
    assert (span.usage.input_tokens, span.usage.output_tokens) == (2, 3)
    assert not {"_type", "toolName"} & set(span.output)
    assert "secret" not in repr(span)


def test_tools_and_databases():
    tool = logged({"_type": "tool", "toolName": "weather", "input": {"at": "x"}}, {"status": 200, "json": {"c": 18}})
    assert (tool.kind, tool.name, tool.output, tool.output_messages) == (Kind.TOOL, "weather", {"c": 18}, None)
    found = logged({"_type": "vector_db", "operation": "search", "text": "q"}, {"status": 500, "json": {}})
    assert (found.kind, found.name, found.status) == (Kind.RETRIEVER, "search", Status.ERROR)


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ("Just words.", "Just words."),
        (json.dumps(ANSWERED), "We the people."),
        ("\n".join(json.dumps({"choices": [{"index": 0, "delta": {"content": w}}]}) for w in ("We ", "the")), "We the"),
        ('data: {"choices":[{"index":0,"delta":{"content":"We"}}]}\n\ndata: [DONE]\n\n', "We"),
        ("Traceback: it broke\n\n{not json", "Traceback: it broke\n\n{not json"),
    ],
)
def test_answers_that_are_texts(body, words):
    assert said(logged(ASKED, {"status": 200, "json": {}, "textBody": body})) == [words]


def test_the_same_again_has_the_same_ids_and_a_request_id_is_one():
    response = {"status": 200, "json": ANSWERED}
    assert logged(ASKED, response).span_id == logged(ASKED, response).span_id
    assert logged(ASKED, response).span_id != logged({**ASKED, "n": 2}, response).span_id
    known_as = "018f2f9e-7b1c-7cc2-b7f5-4a1d3a0c9e01"
    span = logged(ASKED, response, Labels(request_id=known_as, session_id="s", metadata={"a": "b"}))
    assert (span.trace_id, span.session_id, span.metadata) == (known_as.replace("-", ""), "s", {"a": "b"})
    assert known_as in span.aliases


@pytest.mark.parametrize("timing", [None, {}, [], {"startTime": {"seconds": "x"}}, {"endTime": {"seconds": 1e300}}])
def test_times_that_are_none(timing):
    span = logged(ASKED, {"status": 200, "json": {}}, timing=timing)
    assert (span.start_ns, span.end_ns, span.first_token_ns) == (NOW, NOW, None)


def test_scores():
    scores = read_scores(request({"scores": {"correct": True, "stars": 4, "words": "good", "none": None}}), "r-1")
    assert [(score.name, score.value, score.span_id) for score in scores.scores] == [
        ("correct", 1.0, "r-1"),
        ("stars", 4.0, "r-1"),
    ]
    assert len(scores.refusals) == 2
    again = read_scores(request({"scores": {"correct": False}}), "r-1")
    assert again.scores[0].id == scores.scores[0].id


@pytest.mark.parametrize(
    "body", [b"", b"{", b"[1]", b"{}", b'{"providerRequest": 1}', b'{"providerRequest": {"json": []}}']
)
def test_what_is_no_log(body):
    with pytest.raises(RequestError):
        read_log(request(body), "custom", Labels(), NOW)
    with pytest.raises(RequestError):
        read_scores(request(body), "r")


def test_what_is_too_deep():
    deep = b'{"providerRequest": {"json": {"a": ' + b"[" * 200 + b"]" * 200 + b"}}}"
    with pytest.raises(LimitError):
        read_log(request(deep), "custom", Labels(), NOW)
    with pytest.raises(MalformedError):
        read_log(request(deep[:-9]), "custom", Labels(), NOW)


KEYS = st.sampled_from(
    [
        "json",
        "status",
        "textBody",
        "choices",
        "data",
        "model",
        "usage",
        "_type",
        "toolName",
        "seconds",
        "meta",
        "milliseconds",
        "startTime",
        "endTime",
        "timeToFirstToken",
        "messages",
        "error",
        "embedding",
        "x",
    ]
)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.just("\ud800"),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=4),
    max_leaves=20,
)


@settings(max_examples=50)
@given(st.dictionaries(KEYS, JSON, max_size=5), JSON, JSON)
def test_whatever_is_logged_is_a_span_or_refused(asked, response, timing):
    try:
        span = logged(asked, response, timing=timing)
    except MalformedError:
        assert any(word in json.dumps([asked, response, timing]) for word in ("NaN", "Infinity"))
        return
    assert (span.start_ns or 0) <= (span.end_ns or 0)
