"""The texts of a generation that are traced: each part of its output by itself, with its place.

A place is a JSON pointer (RFC 6901) into the output messages, the first of which is `/0`: `/0/parts/1/text`,
`/0/parts/2/arguments/query`. Where a text is itself a JSON object or array, as structured outputs are, the pointer goes
on into what it spells: `/0/parts/0/text/answer`.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass

import orjson

from wherefrom.traces.model import Json, Kind, Message, Part, PartType, Protocol, Status
from wherefrom_indexer.tokenization import clean_text

MAX_TEXTS = 128
"""Texts of one generation that are traced, the first ones: a tool call may hold any number of strings."""

MAX_PLACE = 512
"""Bytes of a place: it is a key of the store, and names of hostile JSON have any length."""

MAX_PROMPT = 8000
"""Characters of a prompt that are used, the last ones: it only ranks documents."""

_NOT_GENERATED = frozenset({"user", "human", "system", "developer", "tool", "function"})
_WORDS = frozenset({PartType.TEXT, PartType.REASONING, PartType.REFUSAL})


@dataclass(frozen=True, slots=True)
class TracedText:
    """A text of an output.

    Attributes:
        place: JSON pointer into the output messages; see the module.
        text: without lone surrogates, never blank.
    """

    place: str
    text: str


def is_generation(kind: Kind | str, protocol: Protocol | str, end_ns: int | None, status: Status | str) -> bool:
    """Tell whether a span is a generation that is complete, so that its output may be traced.

    OpenTelemetry sends spans when they have ended; the others say so by an end or a status.
    """
    return kind == Kind.LLM and (end_ns is not None or status != Status.UNSET or protocol == Protocol.OTLP)


def traced_texts(messages: tuple[Message, ...] | None) -> tuple[TracedText, ...]:
    """Return the texts of output messages that are traced, by place; none where there is nothing to trace.

    Texts, reasoning and refusals are traced as they are, or by each string of the JSON that they spell; of a tool call,
    each string of its arguments. What others said (a tool's result, a user's message) is not the model's.
    """
    found: dict[str, str] = {}
    for place, text in _texts(messages or ()):
        clean = clean_text(text)
        if clean.strip() and len(place.encode("utf-8")) <= MAX_PLACE:
            found[place] = clean  # names that differ in surrogates only are stored as one, the last
            if len(found) == MAX_TEXTS:
                break
    return tuple(TracedText(place, text) for place, text in found.items())


def why_nothing(messages: tuple[Message, ...] | None) -> str:
    """Return the sentence that says why output messages hold no text to trace; empty where they hold one."""
    if traced_texts(messages):
        return ""
    generated = [message for message in messages or () if _is_generated(message)]
    parts = [part for message in generated for part in message.parts]
    if not messages:
        return "The generation has no output."
    if not generated:
        return "The output holds no message of the model."
    if not parts:
        return "The output is empty."
    if any(part.type == PartType.TOOL_CALL for part in parts):
        return "The output is a tool call without text in its arguments."
    if any(part.type == PartType.MEDIA for part in parts):
        return "The output is media without text."
    return "The output holds no text."


def part_hash(text: str, prompt: str | None) -> str:
    """Return the name of what is traced, SHA-256 in hex: of a text, and of the prompt by which documents are ranked."""
    digest = hashlib.sha256(clean_text(text).encode("utf-8"))
    if prompt:
        digest = hashlib.sha256(digest.digest() + clean_text(prompt).encode("utf-8"))
    return digest.hexdigest()


def prompt_of(messages: tuple[Message, ...] | None) -> str | None:
    """Return what a generation was asked: the text of the last message of a user, else of the last message at all."""
    said = [message for message in messages or () if any(part.text for part in message.parts)]
    asked = [message for message in said if message.role.lower() in ("user", "human")] or said
    if not asked:
        return None
    text = "\n".join(part.text for part in asked[-1].parts if part.text)
    return clean_text(text[-MAX_PROMPT:])


def _texts(messages: tuple[Message, ...]) -> Iterator[tuple[str, str]]:
    for number, message in enumerate(messages):
        if _is_generated(message):
            for place, part in enumerate(message.parts):
                yield from _texts_of_part(part, f"/{number}/parts/{place}")


def _is_generated(message: Message) -> bool:
    return message.role.lower() not in _NOT_GENERATED


def _texts_of_part(part: Part, place: str) -> Iterator[tuple[str, str]]:
    if part.type in _WORDS and part.text:
        yield from _strings(_structured(part.text), f"{place}/text")
    elif part.type == PartType.TOOL_CALL:
        arguments = part.arguments
        yield from _strings(
            _structured(arguments) if isinstance(arguments, str) else arguments,
            f"{place}/arguments",
        )
    elif part.type == PartType.DATA:
        if part.text:
            yield from _strings(_structured(part.text), f"{place}/text")
        yield from _strings(part.data, f"{place}/data")


def _structured(text: str) -> Json:
    """Return the JSON object or array that a text spells; the text itself where it spells none with a string in it."""
    stripped = text.strip()
    if stripped[:1] + stripped[-1:] not in ("{}", "[]"):
        return text
    try:
        value = orjson.loads(stripped)
    except ValueError:  # not JSON, deeper than is read, or with lone surrogates
        return text
    return value if next(_strings(value, ""), None) else text


def _strings(value: Json, place: str) -> Iterator[tuple[str, str]]:
    """Yield the strings of a JSON value in their order, with their places. Depth is the sender's: no recursion."""
    waiting = [(place, value)]
    while waiting:
        place, value = waiting.pop()
        if isinstance(value, str):
            if not (value.startswith("data:") and ";base64," in value[:200]):  # a file written as a URL
                yield place, value
        elif len(place) > MAX_PLACE:  # not traced: a long name copied into many places would fill memory
            continue
        elif isinstance(value, dict):
            waiting.extend((f"{place}/{_escaped(key)}", inner) for key, inner in reversed(value.items()))
        elif isinstance(value, list | tuple):
            numbered = range(len(value) - 1, -1, -1)
            waiting.extend((f"{place}/{number}", value[number]) for number in numbered)


def _escaped(key: object) -> str:
    return clean_text(str(key)).replace("~", "~0").replace("/", "~1")
