"""Conversations as datasets keep them: each answer of the assistant is a generation, with what was said before it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from wherefrom.traces.ingest.jsonl import Fields, Origin, generation, span_update
from wherefrom.traces.ingest.messages import messages
from wherefrom.traces.model import Json, SpanUpdate

FIELDS = ("messages", "conversations", "conversation", "dialog", "dialogue", "chat", "turns", "chosen")
"""Fields that hold a conversation; the first that is there counts."""

MAX_CONTEXT = 50
"""Messages before an answer that are kept with it: long conversations would grow with the square of their length."""

_SPEAKERS = ("role", "from", "speaker", "author")
_WORDS = ("content", "value", "text", "message", "utterance", "parts", "tool_calls")
_ASSISTANTS = frozenset({"assistant", "gpt", "chatgpt", "bard", "bing", "claude", "model", "ai", "bot", "chatbot"})
_OTHERS = {"human": "user", "prompter": "user", "observation": "tool", "function_response": "tool"}


def generations(record: Mapping[str, object], origin: Origin) -> list[SpanUpdate]:
    """Return the generations that a record tells of: the answers of a conversation, or the one that the record is.

    Raises:
        SourceError: it holds neither.
    """
    turns = _turns(record)
    if turns is None:
        return [generation(record, origin)]
    answers = [number for number, turn in enumerate(turns) if turn["role"] == "assistant"]
    if not answers or (answers[-1] < len(turns) - 1 and _has_answer(record)):
        return [generation({**record, **dict.fromkeys(FIELDS[:1], turns)}, origin)]
    return list(_answers(record, origin, turns, answers))


def _answers(
    record: Mapping[str, object], origin: Origin, turns: list[dict[str, Any]], answers: list[int]
) -> Iterator[SpanUpdate]:
    for number in answers:
        fields = Fields(record)
        fields.get(*FIELDS)
        answer = turns[number]
        yield span_update(
            fields,
            origin,
            input_messages=messages(turns[max(0, number - MAX_CONTEXT) : number]),
            output=answer["content"] if answer["content"] is not None else answer,
            output_messages=messages([answer], "assistant"),
            turn=number,
            is_only=len(answers) == 1,
        )


def _has_answer(record: Mapping[str, object]) -> bool:
    return any(record.get(name) for name in ("output", "response", "completion", "answer", "generated_text", "choices"))


def _turns(record: Mapping[str, object]) -> list[dict[str, Any]] | None:
    """Return a record's conversation, each message with role and content; None where it holds none."""
    for name in FIELDS:
        listed = record.get(name)
        if isinstance(listed, str):
            continue
        if isinstance(listed, list) and listed and all(_is_turn(turn) for turn in listed):
            return [_turn(turn) for turn in listed]
    return None


def _is_turn(turn: object) -> bool:
    return isinstance(turn, Mapping) and any(isinstance(turn.get(name), str) for name in _SPEAKERS)


def _turn(turn: Mapping[str, Any]) -> dict[str, Any]:
    speaker = next(str(turn[name]) for name in _SPEAKERS if isinstance(turn.get(name), str))
    low = speaker.strip().lower()
    role = "assistant" if low in _ASSISTANTS else _OTHERS.get(low, low)
    content: Json = next((turn[name] for name in _WORDS[:-1] if turn.get(name) is not None), None)
    kept = {name: value for name, value in turn.items() if value is not None and name not in (*_SPEAKERS, *_WORDS[:-1])}
    return {**kept, "role": role, "content": content}
