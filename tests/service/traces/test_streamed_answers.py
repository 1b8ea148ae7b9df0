"""Streams put together: wherever they are cut, whatever is broken in them."""

from __future__ import annotations

import json
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from wherefrom.traces.ingest.event_stream import stream_events
from wherefrom.traces.ingest.gateway import OPERATIONS, Exchange, Labels, operation_of, span_update
from wherefrom.traces.ingest.limits import IngestLimits
from wherefrom.traces.ingest.streamed_answers import MOST_PLACES, StreamedAnswer, answer_of
from wherefrom.traces.model import Status


def sent(*events: Any) -> bytes:
    return b"".join(b"data: " + json.dumps(event).encode() + b"\n\n" for event in events) + b"data: [DONE]\n\n"


def read(stream: bytes, nesting: int = 100) -> StreamedAnswer:
    return answer_of(stream_events([(1, stream)]), nesting)


def delta(index: int = 0, **said: Any) -> dict[str, Any]:
    return {"choices": [{"index": index, "delta": said}]}


@given(st.data())
def test_it_does_not_matter_where_a_stream_is_cut(data):
    ends = data.draw(st.sampled_from([b"\n", b"\r\n", b"\r"]))
    lines = [b"event: x", b"data: one", b"data:two", b"", b": comment", b"data", b"data: \xc3\xa9", b"", b"data: cut"]
    stream = ends.join(lines)
    places = sorted(data.draw(st.lists(st.integers(0, len(stream)))))
    pieces = [stream[begin:end] for begin, end in zip([0, *places], [*places, len(stream)], strict=True)]
    found = [event.data for event in stream_events(enumerate(pieces))]
    assert found == [b"one\ntwo", "é".encode()]


def test_an_event_has_the_time_of_its_end():
    pieces = [(1, b"data: a"), (2, b"\n"), (3, b"\ndata: b\n\n")]
    assert [(event.data, event.time_ns) for event in stream_events(pieces)] == [(b"a", 3), (b"b", 3)]


def test_choices_that_take_turns():
    stream = sent(
        {"id": "c", "object": "chat.completion.chunk", "choices": [{"index": 1, "delta": {"role": "assistant"}}]},
        delta(1, content="b"), delta(0, content="a", reasoning_content="so"), delta(1, content="B"),
        {"choices": [{"index": 0, "delta": {}, "finish_reason": "stop"}]},
        {"choices": [], "usage": {"prompt_tokens": 1}},
    )  # fmt: skip
    answer = read(stream)
    first, second = answer.value["choices"]
    assert first["message"] == {"role": "assistant", "content": "a", "reasoning_content": "so"}
    assert (first["finish_reason"], second["message"]["content"]) == ("stop", "bB")
    assert (answer.value["object"], answer.value["usage"]) == ("chat.completion", {"prompt_tokens": 1})
    assert (answer.ended, answer.broken, answer.first_token_ns) == (True, 0, 1)


def test_calls_of_tools_in_pieces():
    stream = sent(
        delta(tool_calls=[{"index": 0, "id": "a", "type": "function", "function": {"name": "f", "arguments": ""}}]),
        delta(tool_calls=[{"index": 1, "id": "b", "type": "function", "function": {"name": "g", "arguments": "{}"}}]),
        delta(tool_calls=[{"index": 0, "function": {"arguments": '{"x"'}}]),
        delta(tool_calls=[{"index": 0, "function": {"arguments": ": 1}"}}]),
    )
    calls = read(stream).value["choices"][0]["message"]["tool_calls"]
    assert [call["function"] for call in calls] == [
        {"name": "f", "arguments": '{"x": 1}'},
        {"name": "g", "arguments": "{}"},
    ]


def test_a_response_that_broke_off_is_what_its_pieces_add_up_to():
    def piece(kind: str, place: int, text: str) -> dict[str, Any]:
        return {"type": f"response.{kind}.delta", "output_index": place, "content_index": 0, "delta": text}

    stream = sent(
        {"type": "response.created", "response": {"id": "r", "model": "m", "output": []}},
        piece("reasoning_text", 0, "Hm."), piece("output_text", 1, "We "), piece("output_text", 1, "the"),
        {"type": "response.output_item.added", "output_index": 2, "item": {"type": "function_call", "name": "f"}},
        piece("function_call_arguments", 2, '{"a":1}'), {"type": "error", "message": "It broke."},
    )  # fmt: skip
    answer = read(stream)
    reasoning, text, call = answer.value["output"]
    assert reasoning["content"] == [{"type": "reasoning_text", "text": "Hm."}]
    assert text["content"] == [{"type": "output_text", "text": "We the"}]
    assert (call["name"], call["arguments"]) == ("f", '{"a":1}')
    assert (answer.error, answer.value["model"]) == ("It broke.", "m")


def test_places_are_bounded():
    stream = sent(*(delta(place, content="x") for place in range(MOST_PLACES + 5)))
    assert len(read(stream).value["choices"]) == MOST_PLACES


KEYS = st.sampled_from(
    [
        "choices",
        "delta",
        "index",
        "content",
        "text",
        "tool_calls",
        "function",
        "arguments",
        "logprobs",
        "message",
        "type",
        "response",
        "output",
        "output_index",
        "error",
        "usage",
        "id",
        "model",
        "messages",
        "data",
        "metadata",
        "role",
        "finish_reason",
        "tokens",
        "item",
        "function_call",
    ]
)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(10**30), 10**30) | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(KEYS, inner, max_size=5),
    max_leaves=30,
)
TYPES = st.sampled_from(["response.output_text.delta", "response.created", "response.completed", "error", "x"])


@settings(max_examples=50)
@given(st.lists(st.dictionaries(KEYS, JSON, max_size=6) | JSON, max_size=6), st.lists(TYPES, max_size=3), JSON)
def test_whatever_an_upstream_says_is_a_span(events, types, asked):
    typed = [{"type": kind, "delta": "x", "response": event} for kind, event in zip(types, events, strict=False)]
    stream = sent(*events, *typed)
    body = json.dumps(asked).encode("utf-8", "surrogatepass")
    for endpoint in OPERATIONS:
        for content_type, said in (("text/event-stream", stream), ("application/json", stream[6:])):
            exchange = Exchange(
                "ab" * 16, "cd" * 8, "up", endpoint, Labels(), body, 1, 5, 200, content_type, pieces=((2, said),)
            )
            update = span_update(exchange, IngestLimits())
            assert update.status in (Status.OK, Status.ERROR)


@given(st.binary(max_size=200), st.sampled_from(["", "gzip", "deflate", "zstd", "br", "x"]), st.binary(max_size=50))
def test_whatever_bytes_come_are_a_span(said, encoding, asked):
    exchange = Exchange(
        "ab" * 16, "cd" * 8, "up", "responses", Labels(), asked, 1, 5, 200, "text/event-stream", encoding, ((2, said),)
    )
    assert span_update(exchange, IngestLimits()).end_ns == 5


def test_which_paths_are_recorded():
    assert operation_of("chat/completions") == "chat/completions"
    assert operation_of("deployments/x/chat/completions") == "chat/completions"
    assert operation_of("completions") == "completions"
    assert [operation_of(path) for path in ("models", "xcompletions", "chat/completions/id", "")] == [None] * 4
