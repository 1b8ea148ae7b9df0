"""What clients call messages, as messages.

Read are the requests and responses of OpenAI (chat, completions, responses), Anthropic, Gemini and Ollama, LangChain's
messages, results and dumps, OpenTelemetry's GenAI messages, and plain texts; anything else becomes one message of data.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from typing import Any

from wherefrom.traces.ingest.content import parts, tool_call, tool_results
from wherefrom.traces.model import Json, Message, Part, PartType

_MAX_WRAPPERS = 12  # objects around messages that are opened, one in another

_ROLES = {
    "human": "user",
    "ai": "assistant",
    "model": "assistant",
    "function": "tool",
    "humanmessage": "user",
    "aimessage": "assistant",
    "systemmessage": "system",
    "toolmessage": "tool",
    "functionmessage": "tool",
    "humanmessagechunk": "user",
    "aimessagechunk": "assistant",
    "systemmessagechunk": "system",
    "toolmessagechunk": "tool",
}
_LANGCHAIN_TYPES = frozenset({"human", "ai", "system", "tool", "function", "chat", *_ROLES})
# Items of OpenAI's responses, which stand where messages stand.
_ANSWERED_ITEMS = frozenset({"function_call_output", "custom_tool_call_output"})
_ITEM_TYPES = (
    frozenset({"reasoning", "function_call", "custom_tool_call", "web_search_call", "file_search_call"})
    | {"computer_call", "code_interpreter_call", "image_generation_call", "mcp_call"}
    | _ANSWERED_ITEMS
)


def messages(value: Json, role: str = "user") -> tuple[Message, ...]:
    """The messages that a request, a response, a list or a text holds; none where it is None or empty.

    Args:
        value: as `orjson.loads` returns it, without lone surrogates.
        role: of what names none: "user" for an input, "assistant" for an output.
    """
    return _messages(value, role, 0)


def finish_reasons(found: Iterable[Message]) -> tuple[str, ...] | None:
    """Why each of these messages ended, of those that say so; None where none does."""
    return tuple(message.finish_reason for message in found if message.finish_reason is not None) or None


def normal_role(role: str) -> str:
    """The usual word for a role: user, assistant, tool; what is not known stays as it is."""
    return _ROLES.get(role.lower(), role)


def _messages(value: Json, role: str, level: int) -> tuple[Message, ...]:
    if value is None or value == "":
        return ()
    if isinstance(value, dict):
        return _of_object(value, role, level)
    if isinstance(value, list | tuple):
        return _of_list(value, role, level)
    return (Message(role, parts(value)),)


def _of_list(items: list[Any] | tuple[Any, ...], role: str, level: int) -> tuple[Message, ...]:
    if level > _MAX_WRAPPERS:
        return (Message(role, (Part(PartType.DATA, data=list(items)),)),)
    if _is_pair(items):
        return (Message(normal_role(items[0]), parts(items[1])),)
    if items and all(isinstance(item, dict) and _is_content_part(item) for item in items):
        return _with_parts(role, parts(items))
    found: list[Message] = []
    merging = False  # items of one answer follow each other: they are one message
    for item in items:
        is_item = isinstance(item, dict) and _type(item) in _ITEM_TYPES
        for message in _messages(item, role, level + 1):
            if found and message.role == found[-1].role == "assistant" and (is_item or merging):
                found[-1] = replace(found[-1], parts=found[-1].parts + message.parts)
            else:
                found.append(message)
        merging = is_item
    return tuple(found)


def _is_pair(items: list[Any] | tuple[Any, ...]) -> bool:
    """Whether it is a message as LangChain abbreviates it: `["human", "text"]`."""
    return (
        len(items) == 2
        and isinstance(items[0], str)
        and isinstance(items[1], str | list)
        and items[0].lower() in _LANGCHAIN_TYPES | {"user", "assistant", "developer", "placeholder"}
    )


def _is_content_part(item: Mapping[str, Any]) -> bool:
    kind = _type(item)
    return (
        "role" not in item
        and kind != ""
        and "data" not in item
        and kind not in _ITEM_TYPES
        and kind not in _LANGCHAIN_TYPES
        and kind not in {"message", "constructor"}
    )


def _of_object(value: Mapping[str, Any], role: str, level: int) -> tuple[Message, ...]:
    if isinstance(value.get("role"), str):
        return _one(value, role)
    if level <= _MAX_WRAPPERS:
        if value.get("lc") is not None and isinstance(value.get("kwargs"), dict):
            return _constructed(value, role, level)
        for key, open_wrapper in _RESPONSES.items():
            if isinstance(value.get(key), list):
                return open_wrapper(value[key], value, role, level + 1)
    if _is_message(value):
        return _one(value, role)
    if level <= _MAX_WRAPPERS:
        is_request = "input" in value and ("model" in value or "instructions" in value)
        for key in ("input",) if is_request else _CONTAINERS:
            if value.get(key) is not None and (is_request or key not in _ONLY_ALONE or len(value) == 1):
                return _before(value, level) + _messages(value[key], role, level + 1)
    return _with_parts(role, parts(value))


def _type(item: Mapping[str, Any]) -> str:
    kind = item.get("type")
    return kind if isinstance(kind, str) else ""


def _is_message(value: Mapping[str, Any]) -> bool:
    kind = _type(value)
    if kind in _ITEM_TYPES:
        return True
    if kind.lower() in _LANGCHAIN_TYPES:
        return "content" in value or "data" in value
    return value.get("type") is None and ("content" in value or "parts" in value or "tool_calls" in value)


def _one(value: Mapping[str, Any], role: str) -> tuple[Message, ...]:
    kind = _type(value)
    if kind in _ITEM_TYPES:
        said = "tool" if kind in _ANSWERED_ITEMS else "assistant"
        return _with_parts(said, parts(value))
    if kind and isinstance(value.get("data"), dict):  # LangChain's messages_to_dict
        value = {**value["data"], "type": kind}
    named = value.get("role")
    if not isinstance(named, str) or not named:
        named = kind if kind.lower() in _LANGCHAIN_TYPES else role
    finish = value.get("finish_reason") or value.get("finishReason") or value.get("stop_reason")
    if finish is None and isinstance(value.get("response_metadata"), dict):
        metadata = value["response_metadata"]
        finish = metadata.get("finish_reason") or metadata.get("stop_reason")
    name = value.get("name")
    said = normal_role(named)
    return (
        Message(
            role=said,
            parts=_message_parts(value, said),
            name=name if isinstance(name, str) and name else None,
            finish_reason=finish if isinstance(finish, str) else None,
        ),
    )


def _message_parts(value: Mapping[str, Any], role: str) -> tuple[Part, ...]:
    content = value["parts"] if value.get("parts") is not None else value.get("content")
    if isinstance(content, dict) and isinstance(content.get("parts"), list):
        content = content["parts"]
    if role == "tool":
        call = value.get("tool_call_id") or value.get("tool_use_id")
        if call is not None or not any(part.type is PartType.TOOL_RESULT for part in parts(content)):
            return () if content is None else tool_results(content, call, value.get("name"))
    found: list[Part] = []
    extra = value.get("additional_kwargs")
    kwargs: Mapping[str, Any] = extra if isinstance(extra, dict) else {}
    for key in ("reasoning_content", "reasoning", "thinking"):
        thought = value.get(key) or kwargs.get(key)
        if isinstance(thought, str):
            found.append(Part(PartType.REASONING, text=thought))
            break
    found += parts(content)
    refusal = value.get("refusal") or kwargs.get("refusal")
    if isinstance(refusal, str):
        found.append(Part(PartType.REFUSAL, text=refusal))
    return (*found, *_calls(value, kwargs, found))


def _calls(value: Mapping[str, Any], kwargs: Mapping[str, Any], found: list[Part]) -> list[Part]:
    """Calls of tools that stand beside the content, unless the content tells of them already."""
    known = {part.id for part in found if part.type is PartType.TOOL_CALL}
    for source in (value, kwargs):
        listed = source.get("tool_calls")
        if isinstance(listed, list) and listed:
            return [call for call in map(tool_call, listed) if call.id is None or call.id not in known]
        if isinstance(source.get("function_call"), dict) and not known:
            return [tool_call(source["function_call"])]
    return []


def _constructed(value: Mapping[str, Any], role: str, level: int) -> tuple[Message, ...]:
    """An object that LangChain has dumped: its class stands at the end of `id`."""
    path = value.get("id")
    name = str(path[-1]).lower() if isinstance(path, list) and path else ""
    kwargs = value["kwargs"]
    if name in _ROLES:
        return _one({**kwargs, "role": _ROLES[name]}, role)
    return _messages(dict(kwargs), role, level + 1)


def _before(value: Mapping[str, Any], level: int) -> tuple[Message, ...]:
    """The instructions that stand beside a request's messages."""
    for key in ("system", "instructions", "system_instruction", "systemInstruction"):
        said = value.get(key)
        if said:
            return tuple(replace(message, role="system") for message in _messages(said, "system", level + 1))
    return ()


def _choices(items: list[Any], value: Mapping[str, Any], role: str, level: int) -> tuple[Message, ...]:
    """Answers of OpenAI's chat and completions, of Gemini, and what their streams add up to."""
    found: list[Message] = []
    for choice in sorted(items, key=_index) if all(isinstance(item, dict) for item in items) else items:
        if not isinstance(choice, dict):
            found += _messages(choice, "assistant", level)
            continue
        said = next(
            (choice[key] for key in ("message", "delta", "content", "text") if choice.get(key) is not None), None
        )
        finish = choice.get("finish_reason") or choice.get("finishReason")
        answers = _messages(said, "assistant", level) or (Message("assistant", ()),)
        found += [replace(answer, finish_reason=finish) if isinstance(finish, str) else answer for answer in answers]
    return tuple(found)


def _index(choice: Mapping[str, Any]) -> int:
    index = choice.get("index")
    return index if isinstance(index, int) else 0


def _generations(items: list[Any], value: Mapping[str, Any], role: str, level: int) -> tuple[Message, ...]:
    """LangChain's results: a list of choices for each prompt, or of choices."""
    found: list[Message] = []
    for item in items:
        if isinstance(item, list):
            found += _generations(item, value, role, level)
            continue
        if not isinstance(item, dict):
            found += _messages(item, "assistant", level)
            continue
        said = item["message"] if item.get("message") is not None else item.get("text")
        information = item.get("generation_info")
        finish = information.get("finish_reason") if isinstance(information, dict) else None
        for answer in _messages(said, "assistant", level):
            ended = answer.finish_reason is None and isinstance(finish, str)
            found.append(replace(answer, finish_reason=finish) if ended else answer)
    return tuple(found)


def _responses(items: list[Any], value: Mapping[str, Any], role: str, level: int) -> tuple[Message, ...]:
    """The output of OpenAI's responses: items of one answer."""
    found = _messages(items, "assistant", level)
    status = value.get("status")
    if len(found) > 1 and value.get("object") == "response" and all(message.role == "assistant" for message in found):
        found = (replace(found[0], parts=tuple(part for message in found for part in message.parts)),)
    if found and value.get("object") == "response" and isinstance(status, str):
        found = (*found[:-1], replace(found[-1], finish_reason=status))
    return found


_RESPONSES: Mapping[str, Callable[[list[Any], Mapping[str, Any], str, int], tuple[Message, ...]]] = {
    "choices": _choices,
    "candidates": _choices,
    "generations": _generations,
    "output": _responses,
}
# Names that much else has too: an object that holds more than these is data.
_ONLY_ALONE = frozenset({"input", "output", "text", "inputs", "outputs", "result", "answer", "question", "query"})
_CONTAINERS = (
    *("messages", "message", "input_messages", "output_messages", "contents", "prompts", "prompt"),
    *("response", "generated_text", "completion", "output_text", "generation"),
    *sorted(_ONLY_ALONE),
)


def _with_parts(role: str, found: tuple[Part, ...]) -> tuple[Message, ...]:
    return (Message(role, found),) if found else ()
