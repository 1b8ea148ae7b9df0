"""Projects: what traces are kept apart by."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection, Row, func, select, update

from wherefrom.traces.listing import project_key
from wherefrom.traces.pages import Page, PageRequest, page_of
from wherefrom.traces.schema import projects, traces
from wherefrom.traces.times import time_text


def list_projects(connection: Connection, only: str | None, request: PageRequest) -> Page:
    """Return a page of projects, the newest first. `only`: this one at most."""
    order = (projects.c.created_ns, projects.c.key)
    asked = select(projects).where(*request.beyond(*order)).order_by(*request.ordered(*order)).limit(request.fetched)
    if only is not None:
        asked = asked.where(projects.c.name == only)
    rows = list(connection.execute(asked).all())
    return page_of(
        rows, request, lambda row: (row.created_ns, row.key), lambda row: project_json(row, _last(connection, row.key))
    )


def read_project(connection: Connection, name: str) -> dict[str, Any]:
    """Return a project.

    Raises:
        NotFoundError: there is none.
    """
    key = project_key(connection, name)
    row = connection.execute(select(projects).where(projects.c.key == key)).one()
    return project_json(row, _last(connection, key))


def keep_for(connection: Connection, name: str, days: int | None) -> None:
    """Set how many days after their arrival a project's traces are deleted; None: as the service's settings say.

    Raises:
        NotFoundError: there is no such project.
    """
    key = project_key(connection, name)
    connection.execute(update(projects).where(projects.c.key == key).values(retention_days=days))


def project_json(row: Row[Any], last_start_ns: int | None) -> dict[str, Any]:
    """Return a project, ready for JSON."""
    return {
        "name": row.name,
        "created": time_text(row.created_ns),
        "last_start": time_text(last_start_ns),
        "retention_days": row.retention_days,
        "snippet_bytes": row.snippet_bytes,
    }


def _last(connection: Connection, key: int) -> int | None:
    """The start of the newest trace: one look into an index, where counting would look at all."""
    last: int | None = connection.execute(
        select(func.max(traces.c.start_ns)).where(traces.c.project_key == key)
    ).scalar()
    return last
