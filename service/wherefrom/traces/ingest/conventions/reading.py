"""What a convention finds in a span."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from operator import attrgetter

from wherefrom.traces.ingest.token_usage import joined_usage
from wherefrom.traces.model import Json, Kind, Message, Protocol, TokenLogProbability, Usage


@dataclass(slots=True)  # frozen ones take twice the time to make
class Reading:
    """What one convention says about a span; the fields are those of a `SpanUpdate`, None is "not said".

    Attributes:
        protocol: where it is not plain OTLP.
        used: attributes that need not be kept because another field holds all that they say.
        used_events: names of events of which the same is true.
        is_error: the attributes tell of a failure.
    """

    protocol: Protocol | None = None
    project: str | None = None
    kind: Kind | None = None
    first_token_ns: int | None = None
    model: str | None = None
    provider: str | None = None
    session_id: str | None = None
    user_id: str | None = None
    usage: Usage | None = None
    cost: float | None = None
    input: Json = None
    output: Json = None
    input_messages: tuple[Message, ...] | None = None
    output_messages: tuple[Message, ...] | None = None
    finish_reasons: tuple[str, ...] | None = None
    log_probabilities: tuple[TokenLogProbability, ...] | None = None
    metadata: Mapping[str, Json] = field(default_factory=dict)
    tags: tuple[str, ...] | None = None
    aliases: tuple[str, ...] = ()
    used: frozenset[str] = frozenset()
    used_events: frozenset[str] = frozenset()


_TOGETHER = frozenset({"metadata", "aliases", "used", "used_events", "usage"})
_SINGLE = tuple(item.name for item in fields(Reading) if item.name not in _TOGETHER)
_singles = attrgetter(*_SINGLE)


def together(readings: list[Reading]) -> Reading:
    """What several conventions say of one span: of two that say different things, the first is right."""
    if len(readings) < 2:
        return readings[0] if readings else Reading()
    first = _singles(readings[0])
    for reading in readings[1:]:
        first = tuple(
            [other if value is None else value for value, other in zip(first, _singles(reading), strict=True)]
        )
    return Reading(
        **dict(zip(_SINGLE, first, strict=True)),
        usage=joined_usage(*(reading.usage for reading in readings)),
        metadata={key: value for reading in reversed(readings) for key, value in reading.metadata.items()},
        aliases=tuple(dict.fromkeys(alias for reading in readings for alias in reading.aliases)),
        used=frozenset().union(*(reading.used for reading in readings)),
        used_events=frozenset().union(*(reading.used_events for reading in readings)),
    )
