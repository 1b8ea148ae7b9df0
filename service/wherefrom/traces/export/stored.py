"""Traces whole, as exports need them: all spans with what they hold, and the provenance of each generation."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from typing import Any

import orjson
from sqlalchemy import Connection, Row, select

from wherefrom.traces.details import span_rows
from wherefrom.traces.listing import TraceFilter, find_traces, read_rows, trace_item
from wherefrom.traces.payload import SpanPayload, unpack
from wherefrom.traces.provenance import decompressed
from wherefrom.traces.schema import parts, provenances
from wherefrom.traces.store import TraceStore

_AT_ONCE = 50
_COLUMNS = (
    *(provenances.c[name] for name in ("span_key", "indexes", "preset", "tracer_version", "duration_ms", "body")),
    *(provenances.c[name] for name in ("coverage", "longest_span", "longest_span_tokens")),
    *(parts.c[name] for name in ("place", "characters")),
)


@dataclass(frozen=True, slots=True)
class StoredPart:
    """The provenance of one text of an output.

    Attributes:
        place: JSON pointer into the output messages.
        versions: of the indexes, by name.
        found: JSON form of Provenance.
    """

    place: str
    characters: int
    versions: dict[str, str]
    preset: str
    tracer_version: str
    duration_ms: float
    longest_span_tokens: int
    found: dict[str, Any]


@dataclass(frozen=True, slots=True)
class StoredSpan:
    """A span with what it holds.

    Attributes:
        row: its columns, with `trace_id` and `project`.
        parts: of a generation whose provenance is stored.
    """

    row: Row[Any]
    payload: SpanPayload
    parts: tuple[StoredPart, ...]


@dataclass(frozen=True, slots=True)
class StoredTrace:
    """A trace with its spans.

    Attributes:
        item: as lists show it.
    """

    item: dict[str, Any]
    spans: tuple[StoredSpan, ...]


def stored_traces(store: TraceStore, wanted: TraceFilter) -> Iterator[StoredTrace]:
    """Yield the traces that pass, in the order in which they arrived; each as it is when its turn comes.

    Raises:
        NotFoundError, RequestError: as `find_traces`, when the first is asked for.
    """
    last = 0
    while keys := store.read(partial(find_traces, wanted=wanted, after_key=last, limit=_AT_ONCE)):
        for key in keys:
            found = store.read(partial(read_stored, trace_key=key))
            if found is not None:
                yield found
        last = keys[-1]


def read_stored(connection: Connection, trace_key: int) -> StoredTrace | None:
    """Return a trace with its spans; None where it was deleted meanwhile."""
    rows = read_rows(connection, [trace_key])
    if not rows:
        return None
    found: dict[int, list[StoredPart]] = {}
    asked = select(*_COLUMNS).join(parts, parts.c.key == provenances.c.part_key)
    results: Any = connection.execute(asked.where(provenances.c.trace_key == trace_key).order_by(parts.c.key)).all()
    for row in results:
        found.setdefault(row.span_key, []).append(_part(row))
    spans = (
        StoredSpan(row, SpanPayload() if row.body is None else unpack(row.body), tuple(found.get(row.key, ())))
        for row in span_rows(connection, trace_key)
    )
    return StoredTrace(trace_item(rows[0]), tuple(spans))


def _part(row: Any) -> StoredPart:
    return StoredPart(
        row.place,
        row.characters,
        orjson.loads(row.indexes),
        row.preset,
        row.tracer_version,
        row.duration_ms,
        row.longest_span_tokens,
        orjson.loads(decompressed(row.body)),
    )
