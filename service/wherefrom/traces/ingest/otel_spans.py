"""A span as OpenTelemetry's protocol has it, whatever its encoding, before any convention is read into it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeVar

from wherefrom.errors import RequestError
from wherefrom.traces.ingest.limits import IngestLimits
from wherefrom.traces.model import Event, Link

_Item = TypeVar("_Item")

LATEST_NS = (1 << 63) - 1
"""The last time that the store can hold, in 2262."""


class RefusedSpanError(RequestError):
    """One span of a request that cannot be used; the others can."""


@dataclass(frozen=True, slots=True)
class Source:
    """What a group of spans has in common.

    Attributes:
        resource: attributes of what made the spans.
        scope_name, scope_version: the library that did.
    """

    resource: Mapping[str, Any] = field(default_factory=dict)
    scope_name: str = ""
    scope_version: str = ""


@dataclass(frozen=True, slots=True)
class OtelSpan:
    """One span, or what a log record says about one.

    Attributes:
        trace_id, span_id, parent_id: hex; an empty parent_id: a root. None where nothing is said.
        span_kind, status_code: the protocol's numbers.
        start_ns, end_ns: None where they are zero.
        attributes: plain values. namespaces: how their names begin, up to the first dot.
    """

    trace_id: str
    span_id: str
    source: Source
    parent_id: str | None = None
    name: str | None = None
    span_kind: int = 0
    status_code: int = 0
    status_message: str = ""
    start_ns: int | None = None
    end_ns: int | None = None
    attributes: Mapping[str, Any] = field(default_factory=dict)
    events: tuple[Event, ...] = ()
    links: tuple[Link, ...] = ()
    trace_state: str = ""
    namespaces: frozenset[str] = field(init=False)

    def __post_init__(self) -> None:
        names = frozenset([name.partition(".")[0] for name in self.attributes])
        object.__setattr__(self, "namespaces", names)

    def text(self, *names: str) -> str | None:
        """The first of these attributes that is a text and not empty."""
        attributes = self.attributes
        for name in names:
            value = attributes.get(name)
            if value and isinstance(value, str):
                return value
        return None

    def first(self, *names: str) -> Any:
        """The first of these attributes that is there."""
        attributes = self.attributes
        for name in names:
            value = attributes.get(name)
            if value is not None:
                return value
        return None


def time_ns(value: int, what: str) -> int | None:
    """A time as the store holds it; None where it is zero, which says nothing.

    Raises:
        RefusedSpanError: it is beyond what can be stored.
    """
    if not 0 <= value <= LATEST_NS:
        raise RefusedSpanError(f"A span's {what} is {value}, which is no time in nanoseconds between 1970 and 2262.")
    return value or None


def too_many(what: str, limits: IngestLimits) -> RefusedSpanError:
    """That a span has more attributes, events or links than it may."""
    return RefusedSpanError(f"A span has more than {limits.max_attributes} {what} (max_attributes).")


def too_long(name: str, limits: IngestLimits) -> RefusedSpanError:
    """That one attribute is longer than it may be."""
    return RefusedSpanError(
        f"The attribute {name[:100]!r} has more than {limits.max_attribute_bytes} bytes (max_attribute_bytes)."
    )


def too_deep(limits: IngestLimits) -> RefusedSpanError:
    """That a value is nested deeper than it may be."""
    return RefusedSpanError(f"An attribute is nested more than {limits.max_nesting} levels deep (max_nesting).")


def is_too_long(text: str, limits: IngestLimits) -> bool:
    """Whether a text has more bytes than an attribute may have."""
    most = limits.max_attribute_bytes
    return len(text) * 4 > most and (len(text) > most or len(text.encode()) > most)


def read_each(
    source: Callable[[], Source],
    items: Iterable[_Item],
    read: Callable[[_Item, Source, IngestLimits], OtelSpan],
    limits: IngestLimits,
) -> Iterator[OtelSpan | RefusedSpanError]:
    """Yield the spans of a group as they are read, or why one is refused; all are, where their source is."""
    try:
        common = source()
    except RefusedSpanError as error:
        yield from (error for _ in items)
        return
    for item in items:
        try:
            yield read(item, common, limits)
        except RefusedSpanError as error:
            yield error
