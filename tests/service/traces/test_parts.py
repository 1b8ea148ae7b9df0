"""The texts of an output and their places."""

from __future__ import annotations

from typing import Any

import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from wherefrom.traces.model import Kind, Message, Part, PartType, Protocol, Status
from wherefrom.traces.parts import (
    MAX_PLACE,
    MAX_TEXTS,
    TracedText,
    is_generation,
    part_hash,
    prompt_of,
    traced_texts,
    why_nothing,
)

leaves = st.none() | st.booleans() | st.integers(-5, 5) | st.text(max_size=8)
values = st.recursive(
    leaves,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=8,
)
texts = st.text(st.characters(), max_size=12) | values.map(lambda value: orjson.dumps(value).decode())
parts = st.builds(
    Part,
    type=st.sampled_from(PartType),
    text=st.none() | texts,
    name=st.just("look_up"),
    arguments=st.none() | values | texts,
    data=values,
)
messages = st.lists(
    st.builds(
        Message,
        role=st.sampled_from(["assistant", "ai", "user", "tool", ""]),
        parts=st.lists(parts, max_size=3).map(tuple),
    ),
    max_size=3,
).map(tuple)


def at(said: tuple[Message, ...], place: str) -> str:
    """What stands at a place, read step by step."""
    number, kind, part, field, *rest = place.split("/")[1:]
    assert kind == "parts"
    value: Any = getattr(said[int(number)].parts[int(part)], field)
    for step in rest:
        if isinstance(value, str):
            value = orjson.loads(value)
        value = value[int(step)] if isinstance(value, list) else value[step.replace("~1", "/").replace("~0", "~")]
    assert isinstance(value, str)
    return value


@settings(max_examples=80)
@given(messages)
def test_every_text_stands_at_its_place(said: tuple[Message, ...]) -> None:
    found = traced_texts(said)
    assert len({text.place for text in found}) == len(found)
    for text in found:
        assert text.text == at(said, text.place)
        assert text.text.strip()
        assert said[int(text.place.split("/")[1])].role not in ("user", "tool")


@settings(max_examples=80)
@given(messages)
def test_a_reason_is_given_where_there_is_nothing(said: tuple[Message, ...]) -> None:
    assert bool(why_nothing(said)) == (not traced_texts(said))


def assistant(*given: Part) -> Message:
    return Message("assistant", given)


def test_choices_reasoning_tool_calls_and_structured_outputs_are_traced_apart() -> None:
    said = (
        assistant(Part(PartType.REASONING, "Let me think."), Part(PartType.TEXT, "We the People")),
        assistant(
            Part(PartType.TEXT, ' {"answer": "Four score", "sources": [{"a/b": "and seven"}, 3]}\n'),
            Part(PartType.TOOL_CALL, name="f", arguments={"query": "years ago", "k": 3}),
            Part(PartType.TOOL_CALL, name="g", arguments='{"text": "our fathers"}'),
            Part(PartType.TOOL_CALL, name="h", arguments="brought {forth"),
            Part(PartType.TOOL_RESULT, "not said by the model"),
        ),
        Message("user", (Part(PartType.TEXT, "nor this"),)),
    )
    assert [(found.place, found.text) for found in traced_texts(said)] == [
        ("/0/parts/0/text", "Let me think."),
        ("/0/parts/1/text", "We the People"),
        ("/1/parts/0/text/answer", "Four score"),
        ("/1/parts/0/text/sources/0/a~1b", "and seven"),
        ("/1/parts/1/arguments/query", "years ago"),
        ("/1/parts/2/arguments/text", "our fathers"),
        ("/1/parts/3/arguments", "brought {forth"),
    ]


@pytest.mark.parametrize("text", ["{not json}", "[1, 2]", "{}", "[" * 5000 + "]" * 5000, '{"a": "\ud800"}', "data: x"])
def test_a_text_that_is_no_json_with_strings_is_traced_whole(text: str) -> None:
    (found,) = traced_texts((assistant(Part(PartType.TEXT, text)),))
    assert found == TracedText("/0/parts/0/text", text.replace("\ud800", "\ufffd"))


def test_hostile_names_and_many_strings_are_bounded() -> None:
    wide = {"k" * 1_000_000: ["x"] * 100_000, "a": ["y"] * 1000}
    found = traced_texts((assistant(Part(PartType.TOOL_CALL, arguments=wide)),))
    assert len(found) == MAX_TEXTS
    assert {text.text for text in found} == {"y"}
    assert max(len(text.place) for text in found) <= MAX_PLACE
    deep: Any = "z"
    for _ in range(50_000):
        deep = [deep]
    assert traced_texts((assistant(Part(PartType.TOOL_CALL, arguments=deep)),)) == ()


@pytest.mark.parametrize(
    ("said", "word"),
    [
        (None, "no output"),
        ((), "no output"),
        ((Message("tool", (Part(PartType.TEXT, "x"),)),), "no message of the model"),
        ((assistant(),), "empty"),
        ((assistant(Part(PartType.TOOL_CALL, arguments={"k": 3})),), "tool call"),
        ((assistant(Part(PartType.MEDIA, data={"url": "x"})),), "media"),
        ((assistant(Part(PartType.TEXT, " \n")),), "no text"),
    ],
)
def test_reasons(said: tuple[Message, ...] | None, word: str) -> None:
    assert word in why_nothing(said)


@pytest.mark.parametrize(
    ("kind", "protocol", "end_ns", "status", "expected"),
    [
        (Kind.LLM, Protocol.LANGSMITH, None, Status.UNSET, False),
        (Kind.LLM, Protocol.LANGSMITH, 5, Status.UNSET, True),
        (Kind.LLM, Protocol.LANGSMITH, None, Status.ERROR, True),
        (Kind.LLM, Protocol.OTLP, None, Status.UNSET, True),
        ("llm", "otlp", None, "unset", True),
        (Kind.CHAIN, Protocol.OTLP, 5, Status.OK, False),
    ],
)
def test_generations_are_complete_spans_of_models(
    kind: Kind, protocol: Protocol, end_ns: int | None, status: Status, expected: bool
) -> None:
    assert is_generation(kind, protocol, end_ns, status) == expected


def test_the_prompt_is_what_the_user_said_last() -> None:
    said = (
        Message("system", (Part(PartType.TEXT, "Be brief."),)),
        Message("user", (Part(PartType.TEXT, "first"),)),
        Message("user", (Part(PartType.TEXT, "second"), Part(PartType.MEDIA), Part(PartType.TEXT, "third\ud800"))),
        Message("assistant", (Part(PartType.TEXT, "reply"),)),
    )
    assert prompt_of(said) == "second\nthird\ufffd"
    assert prompt_of(said[:1]) == "Be brief."
    assert prompt_of(None) is None


def test_hashes_name_texts() -> None:
    assert part_hash("a\ud800", None) == part_hash("a\ufffd", "") != part_hash("a", None)
    assert part_hash("a", "b") == part_hash("a", "b") != part_hash("a", "c")
    assert part_hash("ab", None) != part_hash("a", "b")
