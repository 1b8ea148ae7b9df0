"""Log-probabilities of an output's tokens, as the APIs of the field report them."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import zip_longest
from typing import Any

from wherefrom.traces.model import Json, TokenLogProbability

MAX_TOKENS = 1 << 17
"""Tokens of one output whose log-probabilities are kept, the first ones."""

MAX_TOP = 20
"""Alternatives of a token that are kept."""


def log_probabilities(value: Json) -> tuple[TokenLogProbability, ...] | None:
    """Read OpenAI's `logprobs` of a choice (chat, completions) or of a part (responses); None where there are none."""
    if isinstance(value, dict):
        for key in ("content", "refusal"):
            if isinstance(value.get(key), list) and value[key]:
                return log_probabilities(value[key])
        return _of_completion(value)
    if not isinstance(value, list):
        return None
    return tuple(token for item in value[:MAX_TOKENS] if (token := _token(item)) is not None) or None


def choice_log_probabilities(response: Json) -> tuple[TokenLogProbability, ...] | None:
    """Those of the first choice's text in a response of OpenAI's; None where it has none."""
    if not isinstance(response, dict):
        return None
    choices = response.get("choices")
    if isinstance(choices, list):
        objects = [choice for choice in choices if isinstance(choice, dict)]
        first = next((choice for choice in objects if choice.get("index") in (0, None)), None)
        return log_probabilities(first.get("logprobs")) if first is not None else None
    output = response.get("output")
    if isinstance(output, list):
        contents = (item.get("content") for item in output if isinstance(item, dict))
        parts = (part for content in contents if isinstance(content, list) for part in content)
        found = (log_probabilities(part.get("logprobs")) for part in parts if isinstance(part, dict))
        return next((tokens for tokens in found if tokens), None)
    return None


def _token(item: Json) -> TokenLogProbability | None:
    if not isinstance(item, dict):
        return None
    token, number = item.get("token"), _number(item.get("logprob"))
    if not isinstance(token, str) or number is None:
        return None
    top = item.get("top_logprobs")
    listed = top if isinstance(top, list) else []
    pairs = ((other.get("token"), _number(other.get("logprob"))) for other in listed if isinstance(other, dict))
    return TokenLogProbability(token, number, _top(pairs))


def _of_completion(value: Mapping[str, Any]) -> tuple[TokenLogProbability, ...] | None:
    tokens, numbers, tops = (value.get(key) for key in ("tokens", "token_logprobs", "top_logprobs"))
    if not isinstance(tokens, list) or not isinstance(numbers, list):
        return None
    listed = tops if isinstance(tops, list) else []
    found = []
    for token, number, top in zip_longest(tokens[:MAX_TOKENS], numbers[: len(tokens)], listed[: len(tokens)]):
        if isinstance(token, str) and (known := _number(number)) is not None:
            pairs = ((name, _number(other)) for name, other in top.items()) if isinstance(top, dict) else ()
            found.append(TokenLogProbability(token, known, _top(pairs)))
    return tuple(found) or None


def _top(pairs: Any) -> tuple[tuple[str, float], ...]:
    return tuple((token, number) for token, number in pairs if isinstance(token, str) and number is not None)[:MAX_TOP]


def _number(value: Json) -> float | None:
    return float(value) if isinstance(value, int | float) and not isinstance(value, bool) else None
