"""Sessions: conversations of several traces."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, Row, func, select

from wherefrom.errors import NotFoundError
from wherefrom.traces.listing import project_key
from wherefrom.traces.pages import Page, PageRequest, page_of
from wherefrom.traces.schema import projects, sessions, traces
from wherefrom.traces.times import milliseconds, time_text

_covered = func.sum(traces.c.coverage * traces.c.characters)
_measured = func.sum(traces.c.characters).filter(traces.c.coverage.is_not(None))
_TOTALS = (
    func.sum(traces.c.spans).label("spans"),
    func.sum(traces.c.errors).label("errors"),
    func.sum(traces.c.generations).label("generations"),
    func.sum(traces.c.input_tokens).label("input_tokens"),
    func.sum(traces.c.output_tokens).label("output_tokens"),
    func.sum(traces.c.cost).label("cost"),
    func.max(traces.c.longest_span).label("longest_span"),
    (_covered / func.nullif(_measured, 0)).label("coverage"),
)
_SESSION = (*sessions.c, projects.c.name.label("project"))


def list_sessions(
    connection: Connection, project: str | None, request: PageRequest, session: str | None = None
) -> Page:
    """Return a page of sessions, the newest first, each with what its traces say together.

    Args:
        session: those of this id only, of which every project may have one.

    Raises:
        NotFoundError: there is no such project.
    """
    asked = select(*_SESSION).select_from(sessions.join(projects)).where(sessions.c.traces > 0)
    if project is not None:
        asked = asked.where(sessions.c.project_key == project_key(connection, project))
    if session is not None:
        asked = asked.where(sessions.c.id == session)
    order = (sessions.c.start_ns, sessions.c.key)
    asked = asked.where(sessions.c.start_ns.is_not(None), *request.beyond(*order))
    rows = connection.execute(asked.order_by(*request.ordered(*order)).limit(request.fetched)).all()
    totals = _totals(connection, [row.key for row in rows])
    return page_of(
        rows, request, lambda row: (row.start_ns, row.key), lambda row: session_json(row, totals.get(row.key))
    )


def read_session(connection: Connection, name: str, project: str | None) -> dict[str, Any]:
    """Return a session, the newest of that id.

    Raises:
        NotFoundError: there is none.
    """
    asked = select(*_SESSION).select_from(sessions.join(projects)).where(sessions.c.id == name, sessions.c.traces > 0)
    if project is not None:
        asked = asked.where(projects.c.name == project)
    row = connection.execute(asked.order_by(sessions.c.start_ns.desc(), sessions.c.key.desc()).limit(1)).first()
    if row is None:
        raise NotFoundError(f"There is no session {name[:200]!r}; it may have been deleted, or not have arrived yet.")
    return session_json(row, _totals(connection, [row.key]).get(row.key))


def session_json(row: Row[Any], totals: Row[Any] | None) -> dict[str, Any]:
    """Return a session, ready for JSON."""
    return {
        "id": row.id,
        "project": row.project,
        "start": time_text(row.start_ns),
        "end": time_text(row.end_ns),
        "duration_ms": milliseconds(row.start_ns, row.end_ns),
        "traces": row.traces,
        **{column.name: None if totals is None else _number(totals._mapping[column.name]) for column in _TOTALS},
    }


def _number(value: Any) -> Any:
    """Sums of integers are decimals on PostgreSQL."""
    return value if value is None or isinstance(value, float) else int(value)


def _totals(connection: Connection, keys: Sequence[int]) -> dict[int, Row[Any]]:
    asked = select(traces.c.session_key, *_TOTALS).where(traces.c.session_key.in_(keys))
    return {row.session_key: row for row in connection.execute(asked.group_by(traces.c.session_key))}
