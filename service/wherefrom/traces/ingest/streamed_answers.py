"""Streams of OpenAI-compatible servers, put together to the answer that would have come at once."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from wherefrom.errors import RequestError
from wherefrom.traces.ingest.event_stream import StreamEvent
from wherefrom.traces.ingest.json_values import parse_json
from wherefrom.traces.model import Json

MOST_PLACES = 1024
"""Choices, calls of tools, items and parts of one answer that are kept apart; a place beyond is not kept."""

_JOINED = ("content", "refusal", "reasoning_content", "reasoning", "thinking", "text")
_TOKEN_LISTS = ("tokens", "token_logprobs", "top_logprobs", "text_offset", "content", "refusal")
_ENDS = frozenset({"response.completed", "response.failed", "response.incomplete"})
_DONE = b"[DONE]"


@dataclass(frozen=True, slots=True)
class StreamedAnswer:
    """What a stream adds up to.

    Attributes:
        value: as the server would have answered at once; None where nothing of it can be read.
        first_token_ns: when the first words, or the first piece of a tool's call, came.
        error: what the server said went wrong; None where it said nothing.
        ended: the server said that this is all.
        broken: events that are no JSON objects.
    """

    value: Json
    first_token_ns: int | None
    error: str | None
    ended: bool
    broken: int


def answer_of(events: Iterable[StreamEvent], nesting: int) -> StreamedAnswer:
    """The answer of a stream of chat completions, completions or responses."""
    stream = _Stream()
    for event in events:
        if event.data.strip() == _DONE:
            stream.ended = True
            continue
        try:
            said = parse_json(event.data, nesting=nesting)
        except RequestError:
            said = None
        if isinstance(said, dict):
            stream.take(said, event.time_ns)
        else:
            stream.broken += 1
    return StreamedAnswer(stream.value(), stream.first_token_ns, stream.error, stream.ended, stream.broken)


def error_text(value: Json) -> str | None:
    """What an answer says of an error, in the forms of the field; None where it says nothing."""
    said = value.get("error") if isinstance(value, dict) else None
    if isinstance(said, dict):
        said = said.get("message") or said.get("code") or said.get("type")
    return said if isinstance(said, str) and said else None


@dataclass(slots=True)
class _Stream:
    head: dict[str, Json] = field(default_factory=dict)
    choices: dict[int, dict[str, Any]] = field(default_factory=dict)
    items: dict[tuple[int, int], dict[str, Any]] = field(default_factory=dict)
    first_token_ns: int | None = None
    error: str | None = None
    ended: bool = False
    broken: int = 0
    is_response: bool = False

    def take(self, said: dict[str, Any], time_ns: int) -> None:
        self.error = self.error or error_text(said)
        kind = said.get("type")
        if isinstance(kind, str) and (kind.startswith("response.") or kind == "error"):
            self.is_response = True
            self._take_of_response(kind, said, time_ns)
            return
        choices = said.get("choices")
        for choice in choices if isinstance(choices, list) else ():
            if isinstance(choice, dict):
                self._take_choice(choice, time_ns)
        self.head |= {key: value for key, value in said.items() if key != "choices" and value is not None}

    def value(self) -> Json:
        if self.is_response:
            return self._response()
        if not self.choices:
            return self.head or None
        kind = {"object": str(self.head.get("object", "")).removesuffix(".chunk")} if self.head.get("object") else {}
        return {**self.head, **kind, "choices": [_closed(self.choices[place]) for place in sorted(self.choices)]}

    def _take_choice(self, choice: dict[str, Any], time_ns: int) -> None:
        place = choice.get("index")
        known = _at(self.choices, place if type(place) is int else 0)
        if known is None:
            return
        known["index"] = place if type(place) is int else 0
        if isinstance(choice.get("finish_reason"), str):
            known["finish_reason"] = choice["finish_reason"]
        _extend(known, choice.get("logprobs"))
        delta = choice.get("delta")
        came = False
        if isinstance(delta, dict):
            came = _merge(known.setdefault("message", {}), delta)
        elif isinstance(choice.get("text"), str):
            known.setdefault("text", []).append(choice["text"])
            came = bool(choice["text"])
        if came and self.first_token_ns is None:
            self.first_token_ns = time_ns

    def _take_of_response(self, kind: str, said: dict[str, Any], time_ns: int) -> None:
        if isinstance(said.get("response"), dict):
            self.head = said["response"]
            self.error = self.error or error_text(self.head)
        if kind == "error":
            self.error = self.error or (said["message"] if isinstance(said.get("message"), str) else "error")
        self.ended = self.ended or kind in _ENDS
        delta = said.get("delta")
        if kind.endswith(".delta") and isinstance(delta, str):
            if delta and self.first_token_ns is None:
                self.first_token_ns = time_ns
            item = self._item(said)
            if item is not None:
                item.setdefault("kind", kind)
                item.setdefault("pieces", []).append(delta)
                if isinstance(said.get("logprobs"), list):
                    item.setdefault("logprobs", []).extend(said["logprobs"])
        elif kind == "response.output_item.added" and isinstance(said.get("item"), dict):
            item = self._item(said)
            if item is not None:
                item["item"] = said["item"]

    def _item(self, said: dict[str, Any]) -> dict[str, Any] | None:
        places = [said.get("output_index"), said.get("content_index", said.get("summary_index"))]
        output, content = (place if type(place) is int else 0 for place in places)
        return _at(self.items, (output, content))

    def _response(self) -> Json:
        """The response as the server ended it, else what its pieces add up to."""
        if isinstance(self.head.get("output"), list) and (self.head["output"] or not self.items):
            return self.head
        output: dict[int, dict[str, Any]] = {}
        for (place, _), item in sorted(self.items.items()):
            text = "".join(item.get("pieces", ()))
            started = item.get("item", {})
            if place not in output:
                output[place] = {**started} or {"type": "message", "role": "assistant"}
            known = output[place]
            if known.get("type") in ("function_call", "custom_tool_call"):
                known["arguments"] = text
            elif text:
                part = {"type": "output_text", "text": text}
                if "reasoning" in item.get("kind", ""):
                    part["type"] = "reasoning_text"
                elif "refusal" in item.get("kind", ""):
                    part = {"type": "refusal", "refusal": text}
                if item.get("logprobs"):
                    part["logprobs"] = item["logprobs"]
                content = known.get("content")
                known["content"] = [*(content if isinstance(content, list) else ()), part]
        return {**self.head, "output": list(output.values())} if output else self.head or None


def _at(places: dict[Any, dict[str, Any]], place: Any) -> dict[str, Any] | None:
    if place not in places and len(places) >= MOST_PLACES:
        return None
    return places.setdefault(place, {})


def _merge(message: dict[str, Any], delta: dict[str, Any]) -> bool:
    """Adds a delta to a message; returns whether it held words or a tool's call."""
    came = False
    for key, value in delta.items():
        if key in _JOINED and isinstance(value, str):
            message.setdefault(key, [])
            if isinstance(message[key], list):
                message[key].append(value)
                came = came or bool(value)
        elif key == "tool_calls":
            for call in value if isinstance(value, list) else ():
                calls = message.setdefault("tool_calls", {})
                came = (isinstance(call, dict) and _merge_call(calls, call)) or came
        elif key == "function_call":
            if isinstance(value, dict):
                came = _merge_call(message.setdefault("function_call", {}), {"function": value}) or came
        elif value is not None and key not in _JOINED:
            message[key] = value
    return came


def _merge_call(calls: dict[int, dict[str, Any]], call: dict[str, Any]) -> bool:
    place = call.get("index")
    known = _at(calls, place if type(place) is int else len(calls) if call.get("id") else 0)
    if known is None:
        return False
    known |= {key: call[key] for key in ("id", "type") if isinstance(call.get(key), str)}
    function = call.get("function")
    for key in ("name", "arguments"):
        if isinstance(function, dict) and isinstance(function.get(key), str):
            known.setdefault(key, []).append(function[key])
    return True


def _extend(choice: dict[str, Any], logprobs: Json) -> None:
    if not isinstance(logprobs, dict):
        return
    known = choice.setdefault("logprobs", {})
    for key in _TOKEN_LISTS:
        if isinstance(logprobs.get(key), list):
            known.setdefault(key, []).extend(logprobs[key])


def _closed(choice: dict[str, Any]) -> dict[str, Any]:
    """A choice with its pieces joined."""
    closed = {**choice}
    if isinstance(closed.get("text"), list):
        closed["text"] = "".join(closed["text"])
    message = closed.get("message")
    if isinstance(message, dict):
        closed["message"] = said = {"role": "assistant", **message}
        said |= {key: "".join(said[key]) for key in _JOINED if isinstance(said.get(key), list)}
        if isinstance(said.get("tool_calls"), dict):
            said["tool_calls"] = [_call(call) for _, call in sorted(said["tool_calls"].items())]
        if isinstance(said.get("function_call"), dict):
            said["function_call"] = _call(next(iter(said["function_call"].values()), {}))["function"]
    return closed


def _call(call: dict[str, Any]) -> dict[str, Any]:
    function = {key: "".join(call[key]) for key in ("name", "arguments") if key in call}
    return {**{key: call[key] for key in ("id", "type") if key in call}, "function": function}
