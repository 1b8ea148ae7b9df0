"""One span from all that was said of it, in whatever order, however often and in whatever pieces it was said.

Every field remembers with what precedence it was said: a value gives way to one of the same or of higher precedence.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from operator import attrgetter
from typing import Any

from wherefrom.traces.costs import cost_of
from wherefrom.traces.model import Json, Kind, SpanUpdate, Status
from wherefrom.traces.payload import SpanPayload

LARGEST = (1 << 63) - 1
"""The largest number that both databases keep."""

_TEXTS = ("parent_id", "name", "status_message", "model", "provider", "session_id", "user_id")
_TIMES = ("start_ns", "end_ns", "first_token_ns")
TOKENS = (
    "input_tokens",
    "output_tokens",
    "total_tokens",
    "cache_read_tokens",
    "cache_write_tokens",
    "reasoning_tokens",
)
COLUMNS = (*_TEXTS, "kind", "status", *_TIMES, *TOKENS, "cost")
"""What is said of a span and stands in columns of its table."""

_LARGE = (
    "input",
    "output",
    "input_messages",
    "output_messages",
    "finish_reasons",
    "log_probabilities",
    "tags",
    "events",
    "links",
)
_MAPS = ("attributes", "metadata")

_texts = attrgetter(*_TEXTS)
_times = attrgetter(*_TIMES)
_tokens = attrgetter(*TOKENS)
_large = attrgetter(*_LARGE)


@dataclass(slots=True)
class MergedSpan:
    """A span and what is known of it.

    Attributes:
        key: of its row; 0: it has none yet.
        values: by column; None where it was not said.
        payload: what stands apart.
        cost: US dollars, said or computed; cost_source: `client`, `prices`, or None.
    """

    trace_key: int
    span_id: str
    precedence: int
    protocol: str
    received_ns: int
    values: dict[str, Any]
    payload: SpanPayload
    key: int = 0
    aliases: set[str] = field(default_factory=set)

    @property
    def kind(self) -> str:
        """What it did."""
        return self.values["kind"] or Kind.OTHER.value

    @property
    def status(self) -> str:
        """How it ended."""
        return self.values["status"] or Status.UNSET.value


def first_said(update: SpanUpdate, trace_key: int, received_ns: int) -> MergedSpan:
    """Return the span of which one message is all that is known."""
    payload = SpanPayload(*_large(update))
    payload.attributes, payload.metadata = dict(update.attributes), dict(update.metadata)
    return MergedSpan(
        trace_key,
        update.span_id,
        update.precedence,
        update.protocol.value,
        received_ns,
        _said(update),
        payload,
        aliases=set(update.aliases),
    )


def merge(span: MergedSpan, update: SpanUpdate) -> None:
    """Add to a span what one more message says of it."""
    lower = span.payload.lower
    if update.precedence > span.precedence:
        for name in _known(span):
            lower.setdefault(name, span.precedence)
        span.precedence = update.precedence
    precedence, highest = update.precedence, span.precedence

    def wins(name: str, current: Any) -> bool:
        if current is not None and precedence < lower.get(name, highest):
            return False
        if precedence < highest:
            lower[name] = precedence
        else:
            lower.pop(name, None)
        return True

    values = span.values
    for name, value in _said(update).items():
        if value is not None and wins(name, values[name]):
            values[name] = value
    for name, value in zip(_LARGE, _large(update), strict=True):
        if value is not None and wins(name, getattr(span.payload, name)):
            setattr(span.payload, name, value)
    for name in _MAPS:
        _merge_map(getattr(span.payload, name), getattr(update, name), name, wins)
    span.protocol = min(span.protocol, update.protocol.value)
    span.aliases.update(update.aliases)


def _merge_map(current: dict[str, Json], said: Mapping[str, Json], name: str, wins: Any) -> None:
    for key, value in said.items():
        if wins(f"{name}/{key}", key if key in current else None):  # a key that says null is said as well
            current[key] = value


def _known(span: MergedSpan) -> list[str]:
    """Return the names of all fields that something is known of."""
    names = [name for name, value in span.values.items() if value is not None]
    names += [name for name in _LARGE if getattr(span.payload, name) is not None]
    for name in _MAPS:
        names += [f"{name}/{key}" for key in getattr(span.payload, name)]
    return names


def _said(update: SpanUpdate) -> dict[str, Any]:
    """Return what a message says, by column; numbers that cannot be are not said."""
    values = dict(zip(_TEXTS, _texts(update), strict=True))
    # What is unset says nothing, so that it never hides what another message says.
    values["kind"] = update.kind.value if update.kind not in (None, Kind.OTHER) else None
    values["status"] = update.status.value if update.status not in (None, Status.UNSET) else None
    for name, value in zip(_TIMES, _times(update), strict=True):
        values[name] = value if value is not None and 0 <= value <= LARGEST else None
    if update.usage is None:
        values.update(dict.fromkeys(TOKENS))
    else:
        for name, value in zip(TOKENS, _tokens(update.usage), strict=True):
            values[name] = value if value is not None and 0 <= value <= LARGEST else None
    cost = update.cost
    values["cost"] = cost if cost is not None and 0 <= cost < float("inf") else None
    return values


def cost_of_span(span: MergedSpan) -> tuple[float | None, str | None]:
    """Return a span's cost in US dollars and where it is from: `client`, `prices`, or None where it is unknown."""
    values = span.values
    if values["cost"] is not None:
        return values["cost"], "client"
    kind = values["kind"]
    if values["model"] is None or kind not in (Kind.LLM, Kind.EMBEDDING):
        return None, None
    cost = cost_of(
        values["model"],
        values["provider"],
        input_tokens=values["input_tokens"],
        output_tokens=values["output_tokens"],
        cache_read_tokens=values["cache_read_tokens"],
        cache_write_tokens=values["cache_write_tokens"],
        needs_output=kind == Kind.LLM,
        time_ns=values["start_ns"] or span.received_ns,
    )
    return cost, None if cost is None else "prices"
