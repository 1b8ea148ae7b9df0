"""Records of generations and conversations, whatever their fields are called."""

from __future__ import annotations

import datetime
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from wherefrom.traces.ingest.conversations import MAX_CONTEXT, generations
from wherefrom.traces.ingest.jsonl import OUTPUTS, Origin, generation
from wherefrom.traces.model import Kind, Message, SpanUpdate, Status
from wherefrom.traces.parts import is_generation, traced_texts
from wherefrom_indexer.errors import SourceError

ORIGIN = Origin("file.jsonl", 3)


def texts(said: tuple[Message, ...] | None) -> list[tuple[str, str | None]]:
    return [(message.role, part.text) for message in said or () for part in message.parts]


def outputs(span: SpanUpdate) -> list[str]:
    return [text.text for text in traced_texts(span.output_messages)]


@pytest.mark.parametrize("name", OUTPUTS)
def test_outputs_by_any_name(name: str) -> None:
    span = generation({"id": "g1", name: "four score", "prompt": "when?", "decoding": "greedy"}, ORIGIN)
    assert outputs(span) == ["four score"]
    assert texts(span.input_messages) == [("user", "when?")]
    assert span.metadata == {"decoding": "greedy"}
    assert span.aliases == ("g1",)
    assert is_generation(span.kind or Kind.OTHER, span.protocol, span.end_ns, span.status or Status.UNSET)


@pytest.mark.parametrize(
    ("record", "asked"),
    [
        ({"instruction": "Sum up.", "input": "Long.", "output": "x"}, [("user", "Sum up.\n\nLong.")]),
        (
            {"system_prompt": "Be brief.", "question": "Why?", "answer": "x"},
            [("system", "Be brief."), ("user", "Why?")],
        ),
        ({"prompt": [{"role": "user", "content": "Hi"}], "completion": "x"}, [("user", "Hi")]),
        ({"messages": [{"role": "user", "content": "Hi"}], "response": "x"}, [("user", "Hi")]),
        ({"text": "x"}, []),
    ],
)
def test_what_was_asked(record: dict[str, Any], asked: list[tuple[str, str]]) -> None:
    (span,) = generations(record, ORIGIN)
    assert texts(span.input_messages) == asked
    assert outputs(span) == ["x"]


def test_a_line_of_a_batch_file() -> None:
    body = {
        "id": "chatcmpl-7",
        "model": "small",
        "choices": [
            {"index": 0, "message": {"role": "assistant", "content": "one"}, "finish_reason": "stop"},
            {"index": 1, "message": {"role": "assistant", "content": "two"}, "finish_reason": "length"},
        ],
        "usage": {"prompt_tokens": 3, "completion_tokens": 2, "total_tokens": 5},
    }
    span = generation({"custom_id": "r-1", "response": {"status_code": 200, "body": body}}, ORIGIN)
    assert outputs(span) == ["one", "two"]
    assert span.aliases == ("r-1", "chatcmpl-7")
    assert (span.model, span.finish_reasons) == ("small", ("stop", "length"))
    assert span.usage is not None
    assert (span.usage.input_tokens, span.usage.output_tokens) == (3, 2)


def test_several_texts_are_several_choices() -> None:
    span = generation({"outputs": ["one", "two"]}, ORIGIN)
    assert [text.place for text in traced_texts(span.output_messages)] == ["/0/parts/0/text", "/1/parts/0/text"]


NS = 1_700_000_000_123_000_000


@pytest.mark.parametrize(
    "time",
    [
        *(1_700_000_000.123, 1_700_000_000_123, 1_700_000_000_123_000, NS),
        *("2023-11-14T22:13:20.123Z", "2023-11-14T23:13:20.123+01:00", "1700000000123"),
        datetime.datetime(2023, 11, 14, 22, 13, 20, 123000),
        np.datetime64("2023-11-14T22:13:20.123"),
    ],
)
def test_times_in_any_unit(time: object) -> None:
    span = generation({"text": "x", "timestamp": time, "latency_ms": 1500}, ORIGIN)
    assert span.start_ns == pytest.approx(NS, abs=1000)
    assert span.end_ns == pytest.approx(NS + 1_500_000_000, abs=1000)


@pytest.mark.parametrize("time", ["yesterday", -5, float("nan"), 1e300, True, [1], "", 10**30])
def test_what_is_no_time_is_unknown(time: object) -> None:
    assert generation({"text": "x", "created": time}, ORIGIN).start_ns is None


def test_an_empty_output_is_one_and_a_missing_output_is_none() -> None:
    assert outputs(generation({"text": "", "prompt": "Hi"}, ORIGIN)) == []
    with pytest.raises(SourceError, match=r"no output in it.*its fields are id, prompt"):
        generation({"id": 5, "prompt": "Hi"}, ORIGIN)


def test_conversations_are_generations_of_a_session() -> None:
    said = [
        {"from": "system", "value": "Be brief."},
        {"from": "human", "value": "One?"},
        {"from": "gpt", "value": "First."},
        {"from": "human", "value": "Two?"},
        {"from": "gpt", "value": "Second."},
    ]
    first, second = generations({"id": "c1", "conversations": said, "source": "s"}, ORIGIN)
    assert (outputs(first), outputs(second)) == (["First."], ["Second."])
    assert texts(first.input_messages) == [("system", "Be brief."), ("user", "One?")]
    assert texts(second.input_messages)[2:] == [("assistant", "First."), ("user", "Two?")]
    assert first.session_id == second.session_id == "file.jsonl:c1"
    assert (first.aliases, second.aliases) == (("c1:2",), ("c1:4",))
    assert first.trace_id != second.trace_id
    assert first.metadata == {"source": "s"}


def test_a_conversation_of_one_answer_has_its_name_and_no_session() -> None:
    said = [
        {"role": "user", "content": "Look it up.", "tool_calls": None},
        {
            "role": "assistant",
            "content": None,
            "tool_calls": [{"function": {"name": "f", "arguments": '{"q": "cats"}'}}],
        },
    ]
    (span,) = generations({"prompt_id": "p", "messages": said}, ORIGIN)
    assert (span.session_id, span.aliases) == (None, ("p",))
    assert outputs(span) == ["cats"]


def test_long_conversations_keep_what_was_said_last() -> None:
    said = [{"role": "user" if number % 2 == 0 else "assistant", "content": str(number)} for number in range(200)]
    last = generations({"messages": said}, ORIGIN)[-1]
    assert [text for _, text in texts(last.input_messages)] == [str(number) for number in range(199 - MAX_CONTEXT, 199)]


def test_ids_follow_from_what_is_imported() -> None:
    record = {"id": 1, "text": "x"}
    same = generation(dict(record), Origin("file.jsonl", 99))
    assert generation(record, ORIGIN).span_id == same.span_id
    others = [
        generation({**record, "text": "y"}, ORIGIN),
        generation(record, Origin("other.jsonl", 3)),
        generation(record, Origin("file.jsonl", 3, "project")),
        generation({"text": "x"}, ORIGIN),
        generation({"text": "x"}, Origin("file.jsonl", 4)),
    ]
    assert len({span.span_id for span in [same, *others]}) == 6


hostile = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(st.characters(), max_size=9)
    | st.binary(max_size=3),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3),
    max_leaves=8,
)
fields = st.sampled_from(
    [
        *OUTPUTS,
        "id",
        "model",
        "messages",
        "conversations",
        "prompt",
        "input",
        "usage",
        "timestamp",
        "tags",
        "logprobs",
        "x",
    ]
)
turns = st.lists(
    st.fixed_dictionaries({"role": st.sampled_from(["user", "assistant", "tool", ""]), "content": hostile}), max_size=4
)


@settings(max_examples=80)
@given(st.dictionaries(fields, hostile | turns, max_size=6))
def test_any_record_is_generations_or_an_error(record: dict[str, Any]) -> None:
    from wherefrom.traces.payload import to_json

    try:
        found = generations(record, ORIGIN)
    except SourceError:
        assert not any(name in record for name in OUTPUTS)
        return
    assert found == generations(record, ORIGIN)
    assert len({span.span_id for span in found}) == len(found) > 0
    for span in found:
        assert to_json(span)
        assert span.kind == Kind.LLM


def test_a_record_nested_without_end_is_refused() -> None:
    deep: Any = "x"
    for _ in range(100_000):
        deep = [deep]
    with pytest.raises(SourceError, match="nested too deeply"):
        generation({"text": "x", "deep": deep}, ORIGIN)
