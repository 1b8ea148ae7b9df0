"""What clients call messages, as messages."""

from __future__ import annotations

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from wherefrom.traces.ingest.messages import finish_reasons, messages, normal_role
from wherefrom.traces.model import Message, Part, PartType


def text(role, *texts, finish=None, name=None):
    return Message(role, tuple(Part(PartType.TEXT, text=each) for each in texts), name, finish)


def call(name, arguments):
    return Part(PartType.TOOL_CALL, id="c1", name=name, arguments=arguments)


REASONED = Part(PartType.REASONING, text="hm")
WHERE = Part(PartType.TEXT, text="There.")

CASES = {
    "a text": ("Where?", "user", [text("user", "Where?")]),
    "nothing": (None, "user", []),
    "an empty text": ("", "assistant", []),
    "a list of texts": (["a", "b"], "user", [text("user", "a"), text("user", "b")]),
    "a number": (5, "assistant", [Message("assistant", (Part(PartType.DATA, data=5),))]),
    "structured output": (
        {"answer": "There.", "sure": True},
        "assistant",
        [Message("assistant", (Part(PartType.DATA, data={"answer": "There.", "sure": True}),))],
    ),
    "one that is only wrapped": ({"output": "There."}, "assistant", [text("assistant", "There.")]),
    "chat": (
        [
            {"role": "system", "content": "Be brief."},
            {"role": "user", "name": "Ann", "content": [{"type": "text", "text": "Where?"}]},
            {
                "role": "assistant",
                "content": None,
                "tool_calls": [{"id": "c1", "type": "function", "function": {"name": "look", "arguments": '{"q": 1}'}}],
            },
            {"role": "tool", "tool_call_id": "c1", "content": "here"},
            {"role": "function", "name": "look", "content": "here"},
        ],
        "user",
        [
            text("system", "Be brief."),
            text("user", "Where?", name="Ann"),
            Message("assistant", (call("look", {"q": 1}),)),
            Message("tool", (Part(PartType.TOOL_RESULT, text="here", id="c1"),)),
            Message("tool", (Part(PartType.TOOL_RESULT, text="here", name="look"),), "look"),
        ],
    ),
    "chat completion": (
        {
            "id": "chatcmpl-1",
            "choices": [
                {"index": 1, "message": {"role": "assistant", "content": "B"}, "finish_reason": "length"},
                {"index": 0, "message": {"role": "assistant", "content": "A"}, "finish_reason": "stop"},
            ],
            "usage": {"total_tokens": 3},
        },
        "assistant",
        [text("assistant", "A", finish="stop"), text("assistant", "B", finish="length")],
    ),
    "completion": (
        {"choices": [{"index": 0, "text": "A", "finish_reason": "stop"}]},
        "assistant",
        [text("assistant", "A", finish="stop")],
    ),
    "completion request": ({"model": "m", "prompt": ["a", "b"]}, "user", [text("user", "a"), text("user", "b")]),
    "refusal and reasoning": (
        {"role": "assistant", "content": "", "refusal": "No.", "reasoning_content": "hm"},
        "assistant",
        [Message("assistant", (REASONED, Part(PartType.REFUSAL, text="No.")))],
    ),
    "responses": (
        {
            "object": "response",
            "status": "completed",
            "output": [
                {"type": "reasoning", "summary": [{"type": "summary_text", "text": "hm"}]},
                {"type": "message", "role": "assistant", "content": [{"type": "output_text", "text": "There."}]},
                {"type": "function_call", "call_id": "c1", "name": "look", "arguments": "{}"},
            ],
        },
        "assistant",
        [Message("assistant", (REASONED, WHERE, call("look", {})), None, "completed")],
    ),
    "responses request": (
        {"model": "m", "instructions": "Be brief.", "input": [{"role": "user", "content": "Where?"}]},
        "user",
        [text("system", "Be brief."), text("user", "Where?")],
    ),
    "responses history": (
        [
            {"type": "function_call", "call_id": "c1", "name": "look", "arguments": "{}"},
            {"type": "function_call_output", "call_id": "c1", "output": "here"},
        ],
        "user",
        [
            Message("assistant", (call("look", {}),)),
            Message("tool", (Part(PartType.TOOL_RESULT, text="here", id="c1"),)),
        ],
    ),
    "anthropic": (
        {
            "type": "message",
            "role": "assistant",
            "stop_reason": "tool_use",
            "content": [
                {"type": "thinking", "thinking": "hm", "signature": "x"},
                {"type": "text", "text": "There."},
                {"type": "tool_use", "id": "c1", "name": "look", "input": {"q": 1}},
            ],
        },
        "assistant",
        [Message("assistant", (REASONED, WHERE, call("look", {"q": 1})), None, "tool_use")],
    ),
    "anthropic request": (
        {
            "model": "m",
            "system": [{"type": "text", "text": "Be brief."}],
            "messages": [
                {"role": "user", "content": [{"type": "tool_result", "tool_use_id": "c1", "content": "here"}]}
            ],
        },
        "user",
        [text("system", "Be brief."), Message("user", (Part(PartType.TOOL_RESULT, text="here", id="c1"),))],
    ),
    "gemini": (
        {
            "candidates": [
                {
                    "content": {
                        "role": "model",
                        "parts": [
                            {"text": "hm", "thought": True},
                            {"text": "There."},
                            {"functionCall": {"id": "c1", "name": "look", "args": {"q": 1}}},
                        ],
                    },
                    "finishReason": "STOP",
                }
            ]
        },
        "assistant",
        [Message("assistant", (REASONED, WHERE, call("look", {"q": 1})), None, "STOP")],
    ),
    "gemini request": (
        {
            "contents": [{"role": "user", "parts": [{"text": "Where?"}]}],
            "systemInstruction": {"parts": [{"text": "!"}]},
        },
        "user",
        [text("system", "!"), text("user", "Where?")],
    ),
    "ollama": (
        {"model": "m", "message": {"role": "assistant", "content": "There."}, "done": True},
        "assistant",
        [text("assistant", "There.")],
    ),
    "opentelemetry": (
        [
            {
                "role": "assistant",
                "parts": [
                    {"type": "reasoning", "content": "hm"},
                    {"type": "text", "content": "There."},
                    {"type": "tool_call", "id": "c1", "name": "look", "arguments": {"q": 1}},
                ],
                "finish_reason": "stop",
            },
            {"role": "tool", "parts": [{"type": "tool_call_response", "id": "c1", "response": {"found": 1}}]},
        ],
        "assistant",
        [
            Message("assistant", (REASONED, WHERE, call("look", {"q": 1})), None, "stop"),
            Message("tool", (Part(PartType.TOOL_RESULT, id="c1", data={"found": 1}),)),
        ],
    ),
    "langchain": (
        [[{"type": "human", "content": "Where?"}, {"type": "ai", "data": {"content": "There."}}]],
        "user",
        [text("user", "Where?"), text("assistant", "There.")],
    ),
    "langchain pairs": (
        [("system", "Be brief."), ["human", "Where?"]],
        "user",
        [text("system", "Be brief."), text("user", "Where?")],
    ),
    "langchain result": (
        {
            "generations": [
                [
                    {
                        "text": "There.",
                        "generation_info": {"finish_reason": "stop"},
                        "message": {
                            "lc": 1,
                            "type": "constructor",
                            "id": ["langchain", "schema", "messages", "AIMessage"],
                            "kwargs": {
                                "content": "There.",
                                "tool_calls": [{"id": "c1", "name": "look", "args": {"q": 1}, "type": "tool_call"}],
                            },
                        },
                    }
                ]
            ],
            "llm_output": None,
        },
        "assistant",
        [Message("assistant", (WHERE, call("look", {"q": 1})), None, "stop")],
    ),
    "media": (
        [{"type": "text", "text": "See"}, {"type": "image_url", "image_url": {"url": "http://x"}}],
        "user",
        [
            Message(
                "user",
                (
                    Part(PartType.TEXT, text="See"),
                    Part(PartType.MEDIA, data={"type": "image_url", "image_url": {"url": "http://x"}}),
                ),
            )
        ],
    ),
}


@pytest.mark.parametrize("case", CASES)
def test_forms(case):
    value, role, expected = CASES[case]
    assert messages(value, role) == tuple(expected)


def test_finish_reasons_are_of_those_that_say_so():
    found = messages({"choices": [{"text": "a"}, {"text": "b", "finish_reason": "stop"}]}, "assistant")
    assert finish_reasons(found) == ("stop",)
    assert finish_reasons(found[:1]) is None


@pytest.mark.parametrize(
    ("role", "word"), [("AI", "assistant"), ("human", "user"), ("model", "assistant"), ("critic", "critic")]
)
def test_roles_have_one_word(role, word):
    assert normal_role(role) == word


NAMES = """role content parts type text messages message choices generations candidates output input kwargs lc id data
tool_calls function arguments name finish_reason delta prompt thinking functionCall tool_call_id response
additional_kwargs response_metadata index summary kind"""
KEYS = st.sampled_from(NAMES.split())
LEAVES = (
    st.none()
    | st.booleans()
    | st.integers(-3, 3)
    | st.sampled_from(
        [
            "",
            "x",
            "user",
            "human",
            "assistant",
            "tool",
            "text",
            "reasoning",
            "function_call",
            "tool_call",
            "message",
            "constructor",
        ]
    )
)
SHAPES = st.recursive(
    LEAVES, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=5), max_leaves=25
)


@given(SHAPES, st.sampled_from(["user", "assistant"]))
def test_any_shape_becomes_messages(value, role):
    found = messages(value, role)
    for message in found:
        assert message.role
        for part in message.parts:
            assert part.text is None or isinstance(part.text, str)
            assert part.name is None or isinstance(part.name, str)
            assert part.id is None or isinstance(part.id, str)
    orjson.dumps([part.data for message in found for part in message.parts])


@given(st.lists(st.text(min_size=1), min_size=1))
def test_no_text_of_a_conversation_is_lost(texts):
    chat = [{"role": "user" if n % 2 else "assistant", "content": each} for n, each in enumerate(texts)]
    assert [part.text for message in messages(chat) for part in message.parts] == texts
    assert messages({"messages": chat, "model": "m"}) == messages(chat)


def test_wrappers_are_opened_a_few_times_only():
    value = "There."
    for _ in range(60):
        value = {"messages": [value]}
    (message,) = messages(value)
    assert message.parts[0].type is PartType.DATA
