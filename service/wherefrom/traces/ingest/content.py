"""Contents of messages, as the APIs of the field write them, as parts."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from wherefrom.traces.ingest.json_values import embedded_json
from wherefrom.traces.ingest.limits import IngestLimits
from wherefrom.traces.model import Json, Part, PartType

_LIMITS = IngestLimits()

_MEDIA = frozenset(
    {"image", "image_url", "input_image", "output_image", "image_generation_call", "video", "media", "blob"}
) | {"audio", "input_audio", "output_audio", "file", "input_file", "document", "uri"}
_OF_A_TEXT = frozenset({"text", "thought", "thoughtSignature", "thought_signature", "index", "annotations"})


def parts(content: Json) -> tuple[Part, ...]:
    """The parts of a message's content: a text, a part, or a list of these; an empty text is none."""
    if content is None or content == "":
        return ()
    if isinstance(content, list | tuple):
        return tuple(part for item in content for part in parts(item))
    if isinstance(content, str):
        return (Part(PartType.TEXT, text=content),)
    if isinstance(content, dict):
        return _typed(content)
    return (Part(PartType.DATA, data=content),)


def tool_call(call: Json) -> Part:
    """A call of a tool: OpenAI's (chat, responses, the older function call), Anthropic's, LangChain's, GenAI's."""
    if not isinstance(call, dict):
        return Part(PartType.TOOL_CALL, data=call)
    function = call.get("function")
    inner = function if isinstance(function, dict) else call
    arguments = next((inner[key] for key in ("arguments", "args", "input", "parameters") if key in inner), None)
    return Part(
        PartType.TOOL_CALL,
        id=_text(call.get("call_id") or call.get("id")),
        name=_text(inner.get("name")) or _text(function),
        arguments=embedded_json(arguments, _LIMITS) if isinstance(arguments, str) else arguments,
    )


def tool_results(content: Json, call_id: Json = None, name: Json = None) -> tuple[Part, ...]:
    """What a tool answered: a part for each text of it, what is no text as data."""
    identity = {"id": _text(call_id), "name": _text(name)}
    found = parts(content)
    if found and all(part.type is PartType.TEXT for part in found):
        return tuple(Part(PartType.TOOL_RESULT, text=part.text, **identity) for part in found)
    return (Part(PartType.TOOL_RESULT, data=content, **identity),)


def _typed(item: Mapping[str, Any]) -> tuple[Part, ...]:
    kind = item.get("type")
    reader = _READERS.get(kind) if isinstance(kind, str) else None
    if reader is not None:
        return reader(item)
    if isinstance(kind, str) and kind in _MEDIA:
        return (Part(PartType.MEDIA, data=dict(item)),)
    if isinstance(kind, str) and kind.endswith("_call") and "name" in item:
        return (tool_call(item),)
    return _untyped(item)


def _untyped(item: Mapping[str, Any]) -> tuple[Part, ...]:
    """Gemini's parts say by their one key what they are, and so do Bedrock's."""
    if isinstance(item.get("text"), str) and item.keys() <= _OF_A_TEXT:
        kind = PartType.REASONING if item.get("thought") is True else PartType.TEXT
        return (Part(kind, text=item["text"]),) if item["text"] else ()
    for key in ("functionCall", "function_call", "toolUse"):
        if isinstance(item.get(key), dict):
            return (tool_call(item[key]),)
    for key in ("functionResponse", "function_response", "toolResult"):
        answer = item.get(key)
        if isinstance(answer, dict):
            found = answer.get("response", answer.get("content"))
            return tool_results(found, answer.get("id") or answer.get("toolUseId"), answer.get("name"))
    if any(key in item for key in ("inlineData", "inline_data", "fileData", "file_data", "image_url")):
        return (Part(PartType.MEDIA, data=dict(item)),)
    return (Part(PartType.DATA, data=dict(item)),)


def _said(kind: PartType, *keys: str) -> Callable[[Mapping[str, Any]], tuple[Part, ...]]:
    def read(item: Mapping[str, Any]) -> tuple[Part, ...]:
        for key in keys:
            found = item.get(key)
            if isinstance(found, dict) and isinstance(found.get("value"), str):
                found = found["value"]
            if isinstance(found, str):
                return (Part(kind, text=found),) if found else ()
            if isinstance(found, list) and found:
                texts = (piece.get("text") if isinstance(piece, dict) else piece for piece in found)
                return tuple(Part(kind, text=text) for text in texts if isinstance(text, str) and text)
        return (Part(kind, data=dict(item)),) if len(item) > 1 else ()

    return read


def _called(item: Mapping[str, Any]) -> tuple[Part, ...]:
    return (tool_call(item),)


def _answered(item: Mapping[str, Any]) -> tuple[Part, ...]:
    content = next((item[key] for key in ("response", "result", "output", "content") if key in item), None)
    identity = item.get("tool_use_id") or item.get("call_id") or item.get("tool_call_id") or item.get("id")
    return tool_results(content, identity, item.get("name"))


_text_part = _said(PartType.TEXT, "text", "content")
_reasoning_part = _said(PartType.REASONING, "reasoning", "thinking", "content", "summary", "text")

_READERS: Mapping[str, Callable[[Mapping[str, Any]], tuple[Part, ...]]] = {
    "text": _text_part,
    "input_text": _text_part,
    "output_text": _text_part,
    "summary_text": _reasoning_part,
    "reasoning": _reasoning_part,
    "thinking": _reasoning_part,
    "redacted_thinking": _reasoning_part,
    "refusal": _said(PartType.REFUSAL, "refusal", "content", "text"),
    "tool_call": _called,
    "function": _called,
    "function_call": _called,
    "custom_tool_call": _called,
    "tool_use": _called,
    "server_tool_use": _called,
    "tool_call_response": _answered,
    "tool_result": _answered,
    "function_call_output": _answered,
    "custom_tool_call_output": _answered,
    "web_search_tool_result": _answered,
}


def _text(value: Json) -> str | None:
    return value if isinstance(value, str) and value else None
