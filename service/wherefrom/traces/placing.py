"""Which trace, in which project, each message belongs to: known, new, or a guess until a later message tells."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Connection, delete, select
from sqlalchemy import update as update_rows

from wherefrom.traces.model import IngestBatch, Protocol, SpanUpdate, Status
from wherefrom.traces.provenance import change_project
from wherefrom.traces.rows import add, add_missing, among, new_keys
from wherefrom.traces.schema import (
    parts,
    projects,
    provenance_documents,
    provenances,
    raw_request_traces,
    scores,
    span_texts,
    spans,
    stored_text,
    traces,
)

DEFAULT_PROJECT = "default"

_OF_TRACES = (parts, provenances, provenance_documents, span_texts, scores)  # they name the trace of their span
PLACED = (
    "key",
    "project_key",
    "trace_id",
    "project_is_provisional",
    "trace_id_is_provisional",
    "session_key",
    "start_ns",
    "end_ns",
    "received_ns",
    "spans",
)
"""Columns of `PlacedTrace`, in its order."""


@dataclass(slots=True)
class PlacedTrace:
    """A trace that messages belong to; the names are those of its columns.

    Attributes:
        spans: how many it had before.
        is_new: it has no row yet, and while messages are placed no key.
        has_moved: its row is in another project.
        left_sessions: keys of the sessions that traces which became part of it belonged to.
    """

    key: int
    project_key: int
    trace_id: str
    project_is_provisional: bool
    trace_id_is_provisional: bool
    session_key: int | None
    start_ns: int | None
    end_ns: int | None
    received_ns: int
    spans: int = 0
    is_new: bool = False
    has_moved: bool = False
    left_sessions: set[int] = field(default_factory=set)


def project_keys(connection: Connection, names: Iterable[str], now_ns: int) -> dict[str, int]:
    """Return the keys of projects by name; those that are not there yet are made."""
    wanted = {name: stored_text(name) for name in names}
    query = select(projects.c.name, projects.c.key)
    found: dict[str, int] = {row[0]: row[1] for row in among(connection, query, projects.c.name, set(wanted.values()))}
    missing = sorted(set(wanted.values()) - set(found))
    if missing:
        rows = [
            {"key": key, "name": name, "created_ns": now_ns}
            for key, name in zip(new_keys(connection, projects, len(missing)), missing, strict=True)
        ]
        add(connection, projects, rows)
        found |= {str(row["name"]): int(str(row["key"])) for row in rows}
    return {name: found[stored] for name, stored in wanted.items()}


def place(
    connection: Connection, batch: IngestBatch, updates: Iterable[SpanUpdate], now_ns: int
) -> list[tuple[SpanUpdate, PlacedTrace]]:
    """Return each message with its trace; a message that names no trace gets that of its span, else a guess."""
    said = tuple(updates)
    return _Placing(connection, batch, said, now_ns).placed if said else []


class _Placing:
    def __init__(
        self, connection: Connection, batch: IngestBatch, updates: tuple[SpanUpdate, ...], now_ns: int
    ) -> None:
        self._connection = connection
        self._only = batch.only_project
        self._named = batch.project
        self._now_ns = now_ns
        names = {name for update in updates if (name := self._name(update)) is not None}
        self._projects = project_keys(connection, names, now_ns)
        self._traces = self._known_traces(updates)
        self._of_spans = {update.span_id: update.trace_id for update in updates if update.trace_id}
        self._spans = self._known_spans(updates)
        # First what names its trace: the rest may speak of the same spans.
        placed: dict[int, PlacedTrace] = {}
        for number, update in sorted(enumerate(updates), key=lambda each: not each[1].trace_id):
            placed[number] = self._place(update)
        self._number([trace for trace in placed.values() if trace.is_new])
        self.placed = [(update, placed[number]) for number, update in enumerate(updates)]

    def _name(self, update: SpanUpdate) -> str | None:
        return self._only or update.project or self._named

    def _known_traces(self, updates: tuple[SpanUpdate, ...]) -> dict[str, list[PlacedTrace]]:
        """Return traces by id, also those whose id is a guess from a span that is spoken of here."""
        ids = {update.trace_id or update.span_id for update in updates}
        ids |= {update.span_id for update in updates if update.protocol == Protocol.LANGSMITH}
        query = select(*(traces.c[name] for name in PLACED)).order_by(traces.c.key)
        if self._only is not None:
            query = query.where(traces.c.project_key == self._projects[self._only])
        found: dict[str, list[PlacedTrace]] = {}
        for row in among(self._connection, query, traces.c.trace_id, ids):
            found.setdefault(row.trace_id, []).append(PlacedTrace(*row))
        return found

    def _known_spans(self, updates: tuple[SpanUpdate, ...]) -> dict[str, list[PlacedTrace]]:
        """Return the traces of the spans for which messages name no trace."""
        ids = {update.span_id for update in updates if not update.trace_id}
        if not ids:
            return {}
        query = select(spans.c.span_id, *(traces.c[name] for name in PLACED)).join(
            traces, traces.c.key == spans.c.trace_key
        )
        if self._only is not None:
            query = query.where(traces.c.project_key == self._projects[self._only])
        found: dict[str, list[PlacedTrace]] = {}
        for row in among(self._connection, query.order_by(traces.c.key), spans.c.span_id, ids):
            found.setdefault(row.span_id, []).append(self._same(PlacedTrace(*row[1:])))
        return found

    def _same(self, trace: PlacedTrace) -> PlacedTrace:
        """Return the one object that stands for a trace here."""
        known = self._traces.setdefault(trace.trace_id, [])
        for other in known:
            if other.key == trace.key:
                return other
        known.append(trace)
        return trace

    def _place(self, update: SpanUpdate) -> PlacedTrace:
        name = self._name(update)
        if update.trace_id:
            guessed = self._guessed(update)
            trace = self._find(update.trace_id, name if name or guessed is None else self._settled(guessed))
            trace.trace_id_is_provisional = trace.trace_id_is_provisional and update.trace_id != update.span_id
            if guessed is not None and guessed is not trace:
                self._move(update.span_id, guessed, trace)
            return trace
        trace_id = self._of_spans.get(update.span_id)
        if trace_id is None:
            known = self._spans.get(update.span_id)
            if known:
                return self._find(known[0].trace_id, name)
        is_guess = trace_id is None and not self._traces.get(update.span_id)
        trace = self._find(trace_id or update.span_id, name)
        trace.trace_id_is_provisional = trace.trace_id_is_provisional or (is_guess and trace.is_new)
        return trace

    def _guessed(self, update: SpanUpdate) -> PlacedTrace | None:
        """Return the trace that was made up for a span before its own trace was known."""
        if update.trace_id == update.span_id:
            return None
        guesses = [trace for trace in self._traces.get(update.span_id, ()) if trace.trace_id_is_provisional]
        return guesses[0] if guesses else None

    def _settled(self, guessed: PlacedTrace) -> str | int | None:
        return None if guessed.project_is_provisional else guessed.project_key

    def _find(self, trace_id: str, project: str | int | None) -> PlacedTrace:
        """Return the trace of an id in a project; None: in whichever it is."""
        known = self._traces.setdefault(trace_id, [])
        if project is None:
            if known:
                return min(known, key=lambda trace: (trace.project_is_provisional, trace.is_new, trace.key))
            return self._make(trace_id, self._default(), is_provisional=True)
        project_key = self._projects[project] if isinstance(project, str) else project
        for trace in known:
            if trace.project_key == project_key:
                trace.project_is_provisional = False
                return trace
        for trace in known:
            if trace.project_is_provisional:  # now its project is known
                if not trace.is_new:
                    change_project(self._connection, trace.key, trace.project_key, project_key, self._now_ns)
                trace.project_key, trace.project_is_provisional = project_key, False
                trace.has_moved = not trace.is_new
                return trace
        return self._make(trace_id, project_key, is_provisional=False)

    def _default(self) -> int:
        if DEFAULT_PROJECT not in self._projects:
            self._projects |= project_keys(self._connection, [DEFAULT_PROJECT], self._now_ns)
        return self._projects[DEFAULT_PROJECT]

    def _make(self, trace_id: str, project_key: int, *, is_provisional: bool) -> PlacedTrace:
        trace = PlacedTrace(
            0, project_key, trace_id, is_provisional, False, None, None, None, self._now_ns, is_new=True
        )
        self._traces[trace_id].append(trace)
        return trace

    def _number(self, new: list[PlacedTrace]) -> None:
        """Give new traces their keys."""
        unnumbered = list({id(trace): trace for trace in new if not trace.key}.values())
        for trace, key in zip(unnumbered, new_keys(self._connection, traces, len(unnumbered)), strict=True):
            trace.key = key

    def _move(self, span_id: str, guessed: PlacedTrace, trace: PlacedTrace) -> None:
        """Put a span under the trace that it belongs to; the one that was made up for it goes."""
        self._traces[guessed.trace_id].remove(guessed)
        if guessed.is_new:  # made up by this very request: it holds nothing yet
            return
        if trace.is_new:
            self._number([trace])
            add(self._connection, traces, [unsummarised(trace)])
            trace.is_new = False
        change_project(self._connection, guessed.key, guessed.project_key, trace.project_key, self._now_ns)
        for table in (spans, *_OF_TRACES):
            self._connection.execute(
                update_rows(table).where(table.c.trace_key == guessed.key).values(trace_key=trace.key)
            )
        query = select(raw_request_traces.c.raw_key).where(raw_request_traces.c.trace_key == guessed.key)
        raw = [{"raw_key": key, "trace_key": trace.key} for key in self._connection.execute(query).scalars()]
        add_missing(self._connection, raw_request_traces, raw)  # one request may have spoken of both
        self._connection.execute(delete(traces).where(traces.c.key == guessed.key))
        trace.has_moved = True  # scores of the guessed trace may stand in another project
        if guessed.session_key is not None:
            trace.left_sessions.add(guessed.session_key)


def unsummarised(trace: PlacedTrace) -> dict[str, Any]:
    """Return the row of a trace whose spans have not been looked at."""
    return {
        "key": trace.key,
        "project_key": trace.project_key,
        "trace_id": trace.trace_id,
        "project_is_provisional": trace.project_is_provisional,
        "trace_id_is_provisional": trace.trace_id_is_provisional,
        "protocol": Protocol.LANGSMITH.value,
        "status": Status.UNSET.value,
        "start_ns": trace.received_ns,
        "received_ns": trace.received_ns,
        "updated_ns": trace.received_ns,
        "spans": 0,
        "errors": 0,
        "generations": 0,
    }
