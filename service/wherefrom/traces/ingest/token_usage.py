"""Counts of tokens, as the APIs of the field report them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields
from typing import Any

from wherefrom.traces.model import Json, Usage

_COUNTS = tuple(field.name for field in fields(Usage))
_MOST = 1 << 53  # what no honest count exceeds, and every reader of JSON holds exactly

_INPUT = ("input_tokens", "prompt_tokens", "promptTokenCount", "prompt_eval_count", "inputTokens")
_OUTPUT = ("output_tokens", "completion_tokens", "candidatesTokenCount", "eval_count", "outputTokens")
_TOTAL = ("total_tokens", "totalTokenCount", "totalTokens")
_INPUT_DETAILS = ("prompt_tokens_details", "input_tokens_details", "input_token_details", "prompt_token_details")
_OUTPUT_DETAILS = (
    "completion_tokens_details",
    "output_tokens_details",
    "output_token_details",
    "completion_token_details",
)
_CACHE_READ = ("cache_read_input_tokens", "cachedContentTokenCount", "cacheReadInputTokens", "cache_read_tokens")
_CACHE_WRITE = ("cache_creation_input_tokens", "cacheWriteInputTokens", "cache_write_tokens")
_WRITTEN = ("cache_write_tokens", "cache_creation")
_REASONING = ("reasoning_tokens", "thoughtsTokenCount")


def token_usage(value: Json) -> Usage | None:
    """Read a usage object of OpenAI, Anthropic, Gemini, Bedrock, LangChain; None where it counts nothing."""
    if not isinstance(value, dict):
        return None
    inputs = _object(value, _INPUT_DETAILS)
    outputs = _object(value, _OUTPUT_DETAILS)
    return usage_of(
        input_tokens=_first(value, _INPUT),
        output_tokens=_first(value, _OUTPUT),
        total_tokens=_first(value, _TOTAL),
        cache_read_tokens=_either(_first(value, _CACHE_READ), _first(inputs, ("cached_tokens", "cache_read"))),
        cache_write_tokens=_either(
            _first(value, _CACHE_WRITE), _first(inputs, ("cache_write_tokens", "cache_creation"))
        ),
        reasoning_tokens=_either(_first(value, _REASONING), _first(outputs, ("reasoning_tokens", "reasoning"))),
    )


def usage_of(**counts: Json) -> Usage | None:
    """A `Usage` of whatever was sent under its fields' names: what is no count is unknown; None if all is."""
    known = {
        name: tokens for name, value in counts.items() if value is not None and (tokens := count(value)) is not None
    }
    return Usage(**known) if known else None


def joined_usage(*found: Usage | None) -> Usage | None:
    """Each count from the first of them that has it."""
    usages = [usage for usage in found if usage is not None]
    if len(usages) < 2:
        return usages[0] if usages else None
    return Usage(
        **{name: next((n for usage in usages if (n := getattr(usage, name)) is not None), None) for name in _COUNTS}
    )


def count(value: Json) -> int | None:
    """A number of tokens, or None where it is none: negative, broken, beyond 2**53, not a number."""
    if type(value) is int:
        return value if 0 <= value <= _MOST else None
    if isinstance(value, bool):
        return None
    if isinstance(value, str):
        if not (value.isascii() and value.isdigit() and len(value) < 17):
            return None
        value = int(value)
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    return value if isinstance(value, int) and 0 <= value <= _MOST else None


def _first(value: Mapping[str, Any], names: tuple[str, ...]) -> Json:
    return next((value[name] for name in names if value.get(name) is not None), None)


def _object(value: Mapping[str, Any], names: tuple[str, ...]) -> Mapping[str, Any]:
    found = _first(value, names)
    return found if isinstance(found, dict) else {}


def _either(first: Json, second: Json) -> Json:
    return second if first is None else first
