"""Calls that came twice: Opik's decorator sends the outermost call as a trace, and as the first span of that trace.

What is said of the trace is then said of the span, whichever comes first. A trace whose first span is another call, or
that has no span, is a span of its own.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import Any, NamedTuple

from sqlalchemy import Connection, Row, Select, and_, delete, or_, select

from wherefrom.traces.merging import COLUMNS, TOKENS
from wherefrom.traces.model import IngestBatch, Protocol, SpanUpdate, Status
from wherefrom.traces.payload import unpack
from wherefrom.traces.placing import DEFAULT_PROJECT
from wherefrom.traces.rows import among
from wherefrom.traces.schema import aliases, projects, span_payloads, spans, stored_text, traces

_TOGETHER_NS = 50_000_000
"""The client makes the trace first and the span at once after it, each with the time of its own."""

_OF_ROOT = 4
"""The precedence of what only both together tell: that the span has no parent, the trace least of all."""

_SPANS = (
    select(
        spans.c.key,
        spans.c.span_id,
        spans.c.name,
        spans.c.start_ns,
        traces.c.trace_id,
        projects.c.name.label("project"),
    )
    .join(traces, traces.c.key == spans.c.trace_key)
    .join(projects, projects.c.key == traces.c.project_key)
    .where(spans.c.protocol == Protocol.OPIK.value)
)
_OUTERMOST = _SPANS.where(or_(spans.c.span_id == traces.c.trace_id, spans.c.parent_id == traces.c.trace_id)).order_by(
    spans.c.start_ns, spans.c.key
)
_STANDING_IN = _SPANS.join(
    aliases, and_(aliases.c.span_key == spans.c.key, aliases.c.alias == traces.c.trace_id)
).where(spans.c.span_id != traces.c.trace_id)
_WHOLE = select(spans, span_payloads.c.body).outerjoin(span_payloads, span_payloads.c.span_key == spans.c.key)


class _Known(NamedTuple):
    """What is stored of a trace, as the span that it is, or of one of its outermost spans."""

    key: int
    span_id: str
    name: str | None
    start_ns: int | None
    trace_id: str
    project: str

    @property
    def is_trace(self) -> bool:
        return self.span_id == self.trace_id

    @property
    def place(self) -> tuple[str, str]:
        """The trace, in its project."""
        return self.trace_id, self.project


def without_doubles(connection: Connection, batch: IngestBatch) -> IngestBatch:
    """Return a request in which what is said of a trace is said of the span that is the same call.

    A trace that is stored as a span of its own is deleted, and said of that span, when it turns out to be one.
    """
    said = [span for span in batch.spans if span.protocol is Protocol.OPIK and span.trace_id]
    if not said:
        return batch
    folding = _Folding(connection, batch, {span.trace_id for span in said})
    return replace(batch, spans=tuple(folding.spans()))


class _Folding:
    """What is known of the traces that a request speaks of, and what it becomes."""

    def __init__(self, connection: Connection, batch: IngestBatch, trace_ids: set[str]) -> None:
        self._connection = connection
        self._batch = batch
        self._stand_ins = {known.place: known.span_id for known in self._seen(_STANDING_IN, trace_ids)}
        self._traces: dict[tuple[str, str], _Known] = {}
        self._outermost: dict[tuple[str, str, str], _Known] = {}
        self._first: dict[tuple[str, str, str | None], _Known] = {}  # of the outermost spans of a name
        for known in self._seen(_OUTERMOST, trace_ids):
            if known.is_trace:
                self._traces[known.place] = known
            else:
                self._outermost[*known.place, known.span_id] = known
                self._first.setdefault((*known.place, known.name), known)
        places = (*self._stand_ins, *self._traces, *(known.place for known in self._outermost.values()))
        self._projects = dict(reversed(places))
        self._folded: dict[int, tuple[_Known, str]] = {}
        self._roots: list[SpanUpdate] = []

    def spans(self) -> Iterable[SpanUpdate]:
        """Return the messages of the request, and those by which traces become spans."""
        found = [self._placed(span) for span in self._batch.spans]
        return (*self._moved(), *found, *self._roots)

    def _seen(self, query: Select[Any], trace_ids: set[str]) -> list[_Known]:
        only = self._batch.only_project
        found = (_Known(*row) for row in among(self._connection, query, traces.c.trace_id, trace_ids))
        return [known for known in found if only is None or known.project == stored_text(only)]

    def _placed(self, span: SpanUpdate) -> SpanUpdate:
        if span.protocol is not Protocol.OPIK or not span.trace_id:
            return span
        named = self._batch.only_project or span.project or self._batch.project
        project = self._projects.get(span.trace_id) if named is None else stored_text(named)
        if project is None:
            return span
        place = (span.trace_id, project)
        if span.span_id != span.trace_id:
            self._fold_into(span, place)
            return span
        if place in self._stand_ins:
            return _of_span(span, self._stand_ins[place])
        trace = self._traces.get(place)
        name = span.name or (trace.name if trace else None)
        start_ns = span.start_ns or (trace.start_ns if trace else None)
        first = self._first.get((*place, name))
        if first is not None and _is_same(name, start_ns, first.name, first.start_ns):
            self._fold(trace, place, first.span_id, span)
            return _of_span(span, first.span_id)
        return span

    def _fold_into(self, span: SpanUpdate, place: tuple[str, str]) -> None:
        """Fold a trace that is stored into an outermost span, if they are the same call."""
        trace, known = self._traces.get(place), self._outermost.get((*place, span.span_id))
        if trace is None or trace.key in self._folded or (known is None and span.parent_id != span.trace_id):
            return
        name = span.name or (known.name if known else None)
        start_ns = span.start_ns or (known.start_ns if known else None)
        if _is_same(trace.name, trace.start_ns, name, start_ns):
            self._fold(trace, place, span.span_id, span)

    def _fold(self, trace: _Known | None, place: tuple[str, str], span_id: str, said: SpanUpdate) -> None:
        self._stand_ins[place] = span_id
        if trace is not None:
            self._folded[trace.key] = (trace, span_id)
        self._roots.append(
            SpanUpdate(said.trace_id, span_id, Protocol.OPIK, _OF_ROOT, project=said.project, parent_id="")
        )

    def _moved(self) -> list[SpanUpdate]:
        """Delete the spans of traces that are folded into others; return what was said of them, of those."""
        if not self._folded:
            return []
        rows = among(self._connection, _WHOLE, spans.c.key, set(self._folded))
        moved = [_said(row, *self._folded[row.key]) for row in rows]
        self._connection.execute(delete(spans).where(spans.c.key.in_(self._folded)))
        return moved


def _is_same(trace: str | None, trace_ns: int | None, span: str | None, span_ns: int | None) -> bool:
    if trace is None or trace != span or trace_ns is None or span_ns is None:
        return False
    return abs(span_ns - trace_ns) <= _TOGETHER_NS


def _of_span(span: SpanUpdate, span_id: str) -> SpanUpdate:
    """Return a message about a trace as one about a span, which is known by the trace's id too."""
    names = (*span.aliases, span.trace_id)
    return replace(span, span_id=span_id, parent_id=None, kind=None, aliases=tuple(dict.fromkeys(names)))


def _said(row: Row[Any], trace: _Known, span_id: str) -> SpanUpdate:
    """Return what is stored of a trace as a message about a span."""
    payload = unpack(row.body)
    values = {name: row._mapping[name] for name in COLUMNS if name not in (*TOKENS, "parent_id", "kind", "cost")}
    values["status"] = Status(values["status"])
    said = SpanUpdate(
        trace.trace_id,
        trace.span_id,
        Protocol.OPIK,
        row.precedence,
        trace.project if trace.project != DEFAULT_PROJECT else None,
        **values,
        input=payload.input,
        output=payload.output,
        attributes=payload.attributes,
        metadata=payload.metadata,
        tags=payload.tags,
        events=payload.events,
        aliases=(_dashed(trace.trace_id),),
    )
    return _of_span(said, span_id)


def _dashed(name: str) -> str:
    return "-".join((name[:8], name[8:12], name[12:16], name[16:20], name[20:]))
