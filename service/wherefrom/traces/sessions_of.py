"""Sessions that traces enter, leave or stretch: found or made, and brought up to date."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from sqlalchemy import Connection, bindparam, case, delete, func, or_, select, update

from wherefrom.traces.placing import PlacedTrace
from wherefrom.traces.rows import add, among, new_keys
from wherefrom.traces.schema import sessions, stored_text, traces
from wherefrom.traces.summaries import TraceSummary


@dataclass(slots=True)
class _Change:
    """What traces add to a session."""

    traces: int = 0
    start_ns: int | None = None
    end_ns: int | None = None

    def add(self, count: int, start_ns: int | None, end_ns: int | None) -> None:
        """Count a trace and stretch the session over it."""
        self.traces += count
        if start_ns is not None:
            self.start_ns = start_ns if self.start_ns is None else min(self.start_ns, start_ns)
        if end_ns is not None:
            self.end_ns = end_ns if self.end_ns is None else max(self.end_ns, end_ns)


def _stretched(name: str, *, earlier: bool) -> object:
    column, given = sessions.c[name], bindparam(name, type_=sessions.c[name].type)
    beyond = given < column if earlier else given > column
    return case((given.is_(None), column), (or_(column.is_(None), beyond), given), else_=column)


_STRETCH = (
    update(sessions)
    .where(sessions.c.key == bindparam("of"))
    .values(
        traces=sessions.c.traces + bindparam("more"),
        start_ns=_stretched("start_ns", earlier=True),
        end_ns=_stretched("end_ns", earlier=False),
    )
)
_REPLACE = (
    update(sessions)
    .where(sessions.c.key == bindparam("of"))
    .values({name: bindparam(name) for name in ("traces", "start_ns", "end_ns")})
)


_DELETE = delete(sessions).where(sessions.c.key == bindparam("of"))


class SessionChanges:
    """What one request changes in sessions. Most only grow, which needs no look at their other traces."""

    def __init__(self) -> None:
        """Begin with nothing."""
        self._keys: dict[tuple[int, str], int] = {}
        self._grown: dict[int, _Change] = {}
        self._redone: set[int] = set()

    def find(self, connection: Connection, summaries: Iterable[tuple[PlacedTrace, TraceSummary]]) -> None:
        """Look up the sessions that traces say they belong to; those that are not there yet are made."""
        wanted = {_name(trace, summary) for trace, summary in summaries if summary.session_id} - set(self._keys)
        if not wanted:
            return
        query = select(sessions.c.project_key, sessions.c.id, sessions.c.key)
        for project_key, name, key in among(connection, query, sessions.c.id, {name for _, name in wanted}):
            self._keys[project_key, name] = key
        missing = sorted(wanted - set(self._keys))
        made = dict(zip(missing, new_keys(connection, sessions, len(missing)), strict=True))
        rows = [
            {"key": key, "project_key": project_key, "id": name, "traces": 0}
            for (project_key, name), key in made.items()
        ]
        add(connection, sessions, rows)
        self._keys |= made

    def enter(self, trace: PlacedTrace, summary: TraceSummary) -> int | None:
        """Return the key of a trace's session, and note what the trace changes there."""
        key = self._keys[_name(trace, summary)] if summary.session_id else None
        start_ns, end_ns = summary.values["start_ns"], summary.values["end_ns"]
        before = trace.session_key
        self._redone |= trace.left_sessions
        if before is not None and before != key:
            self._redone.add(before)
        if key is not None:
            shrinks = before == key and (_exceeds(start_ns, trace.start_ns) or _exceeds(trace.end_ns, end_ns))
            if shrinks:
                self._redone.add(key)
            self._grown.setdefault(key, _Change()).add(int(before != key), start_ns, end_ns)
        return key

    def write(self, connection: Connection) -> None:
        """Write what was noted; the traces must have been written before."""
        grown = [
            {"of": key, "more": change.traces, "start_ns": change.start_ns, "end_ns": change.end_ns}
            for key, change in self._grown.items()
            if key not in self._redone
        ]
        if grown:
            connection.execute(_STRETCH, grown)
        if self._redone:
            recount_sessions(connection, self._redone)


def recount_sessions(connection: Connection, session_keys: Iterable[int]) -> None:
    """Write what the traces of sessions say together, all of them looked at; those without traces are deleted."""
    totals: dict[int, tuple[int, int | None, int | None]] = dict.fromkeys(session_keys, (0, None, None))
    query = select(traces.c.session_key, func.count(), func.min(traces.c.start_ns), func.max(traces.c.end_ns)).group_by(
        traces.c.session_key
    )
    for key, count, start, end in among(connection, query, traces.c.session_key, totals):
        totals[key] = (count, start, end)
    rows = [
        {"of": key, "traces": count, "start_ns": start, "end_ns": end}
        for key, (count, start, end) in totals.items()
        if count
    ]
    if rows:
        connection.execute(_REPLACE, rows)
    empty = [{"of": key} for key, (count, _, _) in totals.items() if not count]
    if empty:
        connection.execute(_DELETE, empty)


def _name(trace: PlacedTrace, summary: TraceSummary) -> tuple[int, str]:
    return trace.project_key, stored_text(summary.session_id or "")


def _exceeds(one: int | None, other: int | None) -> bool:
    """Tell whether one time, if it is known, is later than another, or the other is not known."""
    return one is not None and (other is None or one > other)
