"""Deleting: one trace, a project, and what has been kept long enough. Of what is deleted nothing stays."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from sqlalchemy import Connection, Select, and_, delete, or_, select, text

from wherefrom.traces.listing import project_key
from wherefrom.traces.provenance import snippet_bytes, take_snippet_bytes
from wherefrom.traces.repeating import Repeating
from wherefrom.traces.rows import among
from wherefrom.traces.schema import projects, raw_request_traces, raw_requests, scores, sessions, traces
from wherefrom.traces.sessions_of import recount_sessions
from wherefrom.traces.store import TraceStore
from wherefrom.traces.times import DAY, SECOND
from wherefrom.traces.trees import find_trace
from wherefrom.traces.writer import touch

_SPANS = 2_000  # deleted in one transaction: whoever wants to write waits for it
_TRACES = 200
_REQUESTS = 200
_LOOKED_AT = 1_000
_EVERY_S = 600.0
_MERGED_PAGES = 200


@dataclass(frozen=True, slots=True)
class RetentionRules:
    """How long things are kept; None: for ever.

    Attributes:
        days: of traces, since they arrived.
        project_days: the same for single projects, by name; what the store says of a project comes before it.
        raw_hours: of requests as they came.
    """

    days: int | None = None
    project_days: Mapping[str, int | None] = field(default_factory=dict)
    raw_hours: int | None = None


def delete_trace(connection: Connection, trace_id: str, project: str | None) -> None:
    """Delete a trace, the newest of that id; a work of `TraceStore.write`.

    Raises:
        NotFoundError: there is none.
    """
    delete_traces(connection, [find_trace(connection, trace_id, project).key])


def delete_traces(connection: Connection, keys: Sequence[int]) -> None:
    """Delete traces with all that is known of them, and the requests that they came in."""
    listed = select(traces.c.key, traces.c.trace_id, traces.c.project_key, traces.c.session_key)
    found = list(among(connection, listed, traces.c.key, keys))
    of_project: dict[int, list[int]] = {}
    for row in found:
        of_project.setdefault(row.project_key, []).append(row.key)
    for project, its_keys in of_project.items():
        take_snippet_bytes(connection, project, -snippet_bytes(connection, its_keys))
    for row in found:
        raw = select(raw_request_traces.c.raw_key).where(raw_request_traces.c.trace_key == row.key)
        connection.execute(delete(raw_requests).where(raw_requests.c.key.in_(raw)))
        of_id = and_(scores.c.project_key == row.project_key, scores.c.trace_id == row.trace_id)
        waiting = and_(of_id, scores.c.trace_key.is_(None))  # for a span of the trace that never came
        connection.execute(delete(scores).where(or_(scores.c.trace_key == row.key, waiting)))
        connection.execute(delete(traces).where(traces.c.key == row.key))  # and all that refers to it
    emptied = {row.session_key for row in found if row.session_key is not None}
    recount_sessions(connection, emptied)
    connection.execute(delete(sessions).where(sessions.c.key.in_(emptied), sessions.c.traces == 0))
    touch(connection, (row.key for row in found))


def delete_project(store: TraceStore, name: str) -> None:
    """Delete a project and all its traces, a few at a time.

    Raises:
        NotFoundError: there is none.
        StoreUnavailableError: a part of it is deleted; try again.
    """
    key = store.read(lambda connection: project_key(connection, name))
    while store.write(lambda connection: _delete_some(connection, key)).result():
        pass
    store.write(lambda connection: connection.execute(delete(projects).where(projects.c.key == key))).result()
    forget_words(store)


def forget_words(store: TraceStore) -> None:
    """Have SQLite's text search forget the words of deleted spans, which it only marks; by a few pages at a time."""
    if store.dialect == "sqlite":
        store.write(lambda connection: _merge_words(connection, -_MERGED_PAGES)).result()  # below zero: everything
        while store.write(lambda connection: _merge_words(connection, _MERGED_PAGES)).result():
            pass


def _merge_words(connection: Connection, pages: int) -> bool:
    before = connection.execute(text("SELECT total_changes()")).scalar_one()
    connection.execute(text("INSERT INTO span_terms(span_terms, rank) VALUES ('merge', :pages)"), {"pages": pages})
    return bool(connection.execute(text("SELECT total_changes()")).scalar_one() - before >= 2)


def _delete_some(connection: Connection, project: int) -> bool:
    """Delete a few traces of a project and tell whether there were any."""
    asked = select(traces.c.key, traces.c.spans).where(traces.c.project_key == project).order_by(traces.c.key)
    found = [(row.key, row.spans) for row in connection.execute(asked.limit(_TRACES))]
    delete_traces(connection, next(iter(_portions(found)), []))
    return bool(found)


def _portions(found: Sequence[tuple[int, int]]) -> list[list[int]]:
    """Returns keys of traces, of which the numbers of spans are given, in portions for one transaction each."""
    portions: list[list[int]] = []
    spans = 0
    for key, count in found:
        if not portions or spans + count > _SPANS or len(portions[-1]) == _TRACES:
            portions.append([])
            spans = 0
        portions[-1].append(key)
        spans += count
    return portions


class Retention(Repeating):
    """Deletes what has been kept long enough, every ten minutes."""

    def __init__(self, store: TraceStore, rules: RetentionRules) -> None:
        """Take the store and what to keep."""
        super().__init__("retention")
        self._store = store
        self._rules = rules

    def work(self) -> float:
        """Delete what is due."""
        self.sweep(time.time_ns())
        return _EVERY_S

    def sweep(self, now_ns: int) -> int:
        """Delete what is due at a time, and return how many traces that were."""
        if self._rules.raw_hours is not None:
            before = now_ns - self._rules.raw_hours * 3_600 * SECOND
            while not self.ending and self._store.write(lambda connection: _delete_raw(connection, before)).result():
                pass
        due = self._due(now_ns)
        for portion in _portions(due):
            if self.ending:
                return 0
            self._store.write(partial(delete_traces, keys=portion)).result()
        if due:
            forget_words(self._store)
        return len(due)

    def _due(self, now_ns: int) -> list[tuple[int, int]]:
        """Returns keys of traces with their numbers of spans. Keys grow as traces arrive."""
        limits = self._store.read(lambda connection: self._limits(connection, now_ns))
        if not limits:
            return []
        latest, last, due = max(limits.values()), 0, []
        columns = (traces.c.key, traces.c.project_key, traces.c.received_ns, traces.c.spans)
        while not self.ending:
            asked = select(*columns).where(traces.c.key > last).order_by(traces.c.key).limit(_LOOKED_AT)
            rows: Any = self._store.read(partial(_fetched, asked=asked))
            due += [(row.key, row.spans) for row in rows if row.received_ns < limits.get(row.project_key, 0)]
            if not rows or rows[-1].received_ns >= latest:
                break
            last = rows[-1].key
        return due

    def _limits(self, connection: Connection, now_ns: int) -> dict[int, int]:
        """Returns before when a trace must have arrived to be deleted, by project; not those that keep for ever."""
        found = {}
        for row in connection.execute(select(projects.c.key, projects.c.name, projects.c.retention_days)):
            days = row.retention_days
            if days is None:
                days = self._rules.project_days.get(row.name)
            if days is None:
                days = self._rules.days
            if days is not None:
                found[row.key] = now_ns - days * DAY
        return found


def _fetched(connection: Connection, asked: Select[Any]) -> Any:
    return connection.execute(asked).all()


def _delete_raw(connection: Connection, before_ns: int) -> bool:
    due = select(raw_requests.c.key).where(raw_requests.c.received_ns < before_ns).limit(_REQUESTS)
    return connection.execute(delete(raw_requests).where(raw_requests.c.key.in_(due))).rowcount > 0
