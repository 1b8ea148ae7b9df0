"""What a local model wrote, token by token."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

_UNFINISHED = "\ufffd"
"""What decoders write for a character of which bytes are missing."""


@dataclass(frozen=True, slots=True)
class GeneratedToken:
    """A token of an output.

    The probabilities are the model's own, before temperature and other rules of sampling.

    Attributes:
        text: what it adds to the output: nothing where it begins a character that a later token ends.
        log_probability: natural logarithm of its probability.
        entropy: of the distribution that it was drawn from, in nats.
        top: the likeliest tokens at its place and the logarithms of their probabilities.
    """

    id: int
    text: str
    log_probability: float
    entropy: float
    top: tuple[tuple[str, float], ...] = ()


@dataclass(frozen=True, slots=True)
class Generation:
    """What a model wrote, and the trace that tells of it.

    Attributes:
        tokens: of `text`; special ones are left out.
        input_tokens, output_tokens: special ones included.
        finish_reason: `stop` or `length`.
        start_ns, first_token_ns, end_ns: nanoseconds since 1970.
        problem: why the trace was not stored; None: it was.
    """

    text: str
    tokens: tuple[GeneratedToken, ...]
    input_tokens: int
    output_tokens: int
    finish_reason: str
    trace_id: str
    span_id: str
    start_ns: int
    first_token_ns: int | None
    end_ns: int
    problem: str | None = None


def pieces(ids: Sequence[int], decode: Callable[[Sequence[int]], str]) -> list[str]:
    """What each token adds to the text of all; together they are the text.

    Decoders look at neighbours (a space before a word, bytes of one character), so each is decoded behind the last
    tokens that ended whole.
    """
    found: list[str] = []
    first = ended = 0  # tokens from `first` on are decoded, of which those before `ended` are known
    for place in range(len(ids)):
        before = decode(ids[first:ended])
        text = decode(ids[first : place + 1])
        is_last = place == len(ids) - 1
        if text.endswith(_UNFINISHED) and not is_last:
            found.append("")
            continue
        found.append(text[len(before) :])
        first, ended = ended, place + 1
    return found
