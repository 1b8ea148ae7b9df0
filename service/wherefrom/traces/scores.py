"""Scores and notes as they are read, and deleted. They are written as everything that comes: by `ingest`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import orjson
from sqlalchemy import Connection, Row, Select, delete, select

from wherefrom.errors import NotFoundError
from wherefrom.traces.listing import project_key
from wherefrom.traces.pages import Page, PageRequest, page_of
from wherefrom.traces.schema import projects, scores, spans, traces
from wherefrom.traces.times import time_text
from wherefrom.traces.trees import find_trace
from wherefrom.traces.writer import touch


@dataclass(frozen=True, slots=True)
class ScoreFilter:
    """Which scores are wanted; None: whatever it is.

    Attributes:
        trace: id of the trace that they are about, or that has the span.
        span_key: of the span that they are about.
        name: as `helpfulness`.
    """

    project: str | None = None
    trace: str | None = None
    span_key: int | None = None
    name: str | None = None


def list_scores(connection: Connection, wanted: ScoreFilter, request: PageRequest) -> Page:
    """Return a page of scores, the newest first.

    Raises:
        NotFoundError: there is no such project or trace.
    """
    asked = _asked()
    if wanted.project is not None:
        asked = asked.where(scores.c.project_key == project_key(connection, wanted.project))
    if wanted.trace is not None:
        asked = asked.where(scores.c.trace_key == find_trace(connection, wanted.trace, wanted.project).key)
    if wanted.span_key is not None:
        asked = asked.where(scores.c.span_key == wanted.span_key)
    if wanted.name is not None:
        asked = asked.where(scores.c.name == wanted.name)
    order = (scores.c.time_ns, scores.c.key)
    asked = asked.where(*request.beyond(*order)).order_by(*request.ordered(*order)).limit(request.fetched)
    rows = connection.execute(asked).all()
    return page_of(rows, request, lambda row: (row.time_ns, row.key), score_json)


def named_scores(connection: Connection, ids: Sequence[str], project: str | None) -> list[dict[str, Any]]:
    """Return the scores of some ids, in their order; where several projects have one, the newest."""
    asked = _asked().where(scores.c.id.in_(list(ids))).order_by(scores.c.key)
    if project is not None:
        asked = asked.where(projects.c.name == project)
    found = {row.id: row for row in connection.execute(asked)}
    return [score_json(found[name]) for name in ids if name in found]


def delete_score(connection: Connection, name: str, project: str) -> None:
    """Delete a score by its id.

    Raises:
        NotFoundError: the project has none.
    """
    in_project = select(projects.c.key).where(projects.c.name == project).scalar_subquery()
    removed = delete(scores).where(scores.c.id == name, scores.c.project_key == in_project)
    gone = connection.execute(removed.returning(scores.c.trace_key)).all()
    if not gone:
        raise NotFoundError(f"The project {project[:200]!r} has no score {name[:200]!r}.")
    touch(connection, {row.trace_key for row in gone if row.trace_key is not None})


def score_json(row: Row[Any]) -> dict[str, Any]:
    """Return a score, ready for JSON."""
    return {
        "id": row.id,
        "project": row.project,
        "trace": row.bound_trace or row.trace_id,
        "span": row.bound_span or row.span_id,
        "bound": row.trace_key is not None,
        "name": row.name,
        "value": row.value,
        "text": row.text,
        "comment": row.comment,
        "annotator": row.annotator,
        "metadata": {} if row.metadata is None else orjson.loads(row.metadata),
        "time": time_text(row.time_ns),
    }


def _asked() -> Select[Any]:
    joined = (
        scores.join(projects, projects.c.key == scores.c.project_key)
        .outerjoin(traces, traces.c.key == scores.c.trace_key)
        .outerjoin(spans, spans.c.key == scores.c.span_key)
    )
    named = (traces.c.trace_id.label("bound_trace"), spans.c.span_id.label("bound_span"))
    return select(*scores.c, projects.c.name.label("project"), *named).select_from(joined)
