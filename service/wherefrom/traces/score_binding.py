"""Scores find what they are about, by any name of it; those that come first wait for it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from sqlalchemy import Connection, bindparam, delete, or_, select, update

from wherefrom.traces.merging import MergedSpan
from wherefrom.traces.model import IngestBatch, ScoreUpdate
from wherefrom.traces.payload import to_json
from wherefrom.traces.placing import DEFAULT_PROJECT, PlacedTrace, project_keys
from wherefrom.traces.rows import among, put
from wherefrom.traces.schema import aliases, scores, spans, stored_text, traces

_BIND = (
    update(scores)
    .where(scores.c.key == bindparam("of"))
    .values(
        project_is_provisional=False,
        **{name: bindparam(name) for name in ("project_key", "trace_key", "span_key")},
    )
)
_DELETE = delete(scores).where(scores.c.key == bindparam("of"))


def put_scores(connection: Connection, batch: IngestBatch, now_ns: int) -> set[int]:
    """Store scores, each bound to its trace and span where they are known; return the keys of the traces."""
    if not batch.scores:
        return set()
    only = None
    if batch.only_project is not None:
        only = project_keys(connection, [batch.only_project], now_ns)[batch.only_project]
    names = [batch.only_project or score.project or batch.project for score in batch.scores]
    projects = project_keys(connection, {name or DEFAULT_PROJECT for name in names}, now_ns)
    targets = _Targets(connection, batch.scores, only)
    rows: dict[tuple[int, str], dict[str, Any]] = {}
    for score, name in zip(batch.scores, names, strict=True):
        row = _row(score, now_ns) | targets.of(score, projects[name or DEFAULT_PROJECT])
        row["project_is_provisional"] = name is None and row["trace_key"] is None
        rows[row["project_key"], score.id] = row
    put(connection, scores, list(rows.values()), key=["project_key", "id"])
    return {row["trace_key"] for row in rows.values() if row["trace_key"] is not None}


def bind_scores(connection: Connection, found: Sequence[MergedSpan], listed: Sequence[PlacedTrace]) -> set[int]:
    """Bind the scores that waited for these spans and traces; return the keys of the traces that got some."""
    of_trace = {trace.key: trace for trace in listed}
    by_name: dict[str, list[tuple[PlacedTrace, MergedSpan | None]]] = {}
    for each in found:
        for name in {each.span_id, *each.aliases}:
            by_name.setdefault(stored_text(name), []).append((of_trace[each.trace_key], each))
    by_trace: dict[str, list[tuple[PlacedTrace, MergedSpan | None]]] = {}
    for trace in listed:
        by_trace.setdefault(stored_text(trace.trace_id), []).append((trace, None))
    columns = (scores.c.key, scores.c.id, scores.c.project_key, scores.c.trace_id, scores.c.span_id)
    query = select(*columns, scores.c.project_is_provisional).where(scores.c.trace_key.is_(None))
    waiting = {row.key: row for row in among(connection, query, scores.c.span_id, by_name)}
    only_trace = query.where(or_(scores.c.span_id.is_(None), scores.c.span_id == ""))
    waiting |= {row.key: row for row in among(connection, only_trace, scores.c.trace_id, by_trace)}
    bound: list[dict[str, Any]] = []
    for key, row in waiting.items():
        for trace, span in by_name[row.span_id] if row.span_id else by_trace[row.trace_id]:
            if row.project_key != trace.project_key and not row.project_is_provisional:
                continue  # whoever sent it spoke of another project, or may speak of that one only
            if row.trace_id and row.trace_id != stored_text(trace.trace_id):
                continue
            bound.append(
                {
                    "of": key,
                    "id": row.id,
                    "project_key": trace.project_key,
                    "trace_key": trace.key,
                    "span_key": None if span is None else span.key,
                }
            )
            break
    if bound:
        _bind(connection, bound)
    return {row["trace_key"] for row in bound}


def move_scores(connection: Connection, moved: Iterable[PlacedTrace]) -> None:
    """Put the scores of traces into the projects that the traces have moved to."""
    for trace in moved:
        there = select(scores.c.id).where(scores.c.project_key == trace.project_key)
        of_trace = (scores.c.trace_key == trace.key) & (scores.c.project_key != trace.project_key)
        connection.execute(delete(scores).where(of_trace, scores.c.id.in_(there)))
        connection.execute(update(scores).where(of_trace).values(project_key=trace.project_key))


def _bind(connection: Connection, bound: list[dict[str, Any]]) -> None:
    """Bind scores; one that was sent again meanwhile, and found its trace, stays as it was sent last."""
    query = select(scores.c.project_key, scores.c.id, scores.c.key)
    taken = {
        (row.project_key, row.id): row.key
        for row in among(connection, query, scores.c.id, {row["id"] for row in bound})
    }
    outdated = [row for row in bound if taken.get((row["project_key"], row["id"]), row["of"]) != row["of"]]
    if outdated:
        connection.execute(_DELETE, [{"of": row["of"]} for row in outdated])
    gone = {row["of"] for row in outdated}
    current = [{name: row[name] for name in row if name != "id"} for row in bound if row["of"] not in gone]
    if current:
        connection.execute(_BIND, current)


def _row(score: ScoreUpdate, now_ns: int) -> dict[str, Any]:
    value = score.value
    return {
        "id": score.id,
        "trace_id": score.trace_id,
        "span_id": score.span_id,
        "name": score.name,
        "value": value if value is not None and abs(value) < float("inf") else None,
        "text": score.text,
        "comment": score.comment,
        "annotator": score.annotator,
        "metadata": to_json(score.metadata).decode() if score.metadata else None,
        "time_ns": now_ns if score.time_ns is None else min(max(score.time_ns, 0), (1 << 63) - 1),
    }


class _Targets:
    """The traces and spans that scores may be about, by name."""

    def __init__(self, connection: Connection, said: Iterable[ScoreUpdate], only: int | None) -> None:
        said = tuple(said)
        span_names = {score.span_id for score in said if score.span_id}
        trace_ids = {score.trace_id for score in said if score.trace_id}
        columns = (spans.c.key.label("span_key"), traces.c.key, traces.c.trace_id, traces.c.project_key)
        by_id = select(spans.c.span_id.label("name"), *columns).join(traces, traces.c.key == spans.c.trace_key)
        by_alias = (
            select(aliases.c.alias.label("name"), *columns)
            .join(spans, spans.c.key == aliases.c.span_key)
            .join(traces, traces.c.key == spans.c.trace_key)
        )
        by_trace = select(traces.c.key, traces.c.trace_id, traces.c.project_key)
        if only is not None:
            by_id, by_alias, by_trace = (
                query.where(traces.c.project_key == only) for query in (by_id, by_alias, by_trace)
            )
        self._spans: dict[str, list[Any]] = {}
        for query, column in ((by_id, spans.c.span_id), (by_alias, aliases.c.alias)):
            for row in among(connection, query, column, span_names):
                self._spans.setdefault(row.name, []).append(row)
        self._traces: dict[str, list[Any]] = {}
        for row in among(connection, by_trace, traces.c.trace_id, trace_ids):
            self._traces.setdefault(row.trace_id, []).append(row)

    def of(self, score: ScoreUpdate, project_key: int) -> dict[str, Any]:
        """Return the columns that tell what a score is about; of several, what is in the project that it names."""
        if score.span_id:
            found = [
                row
                for row in self._spans.get(stored_text(score.span_id), ())
                if not score.trace_id or row.trace_id == stored_text(score.trace_id)
            ]
        else:
            found = self._traces.get(stored_text(score.trace_id or ""), [])
        if not found:
            return {"project_key": project_key, "trace_key": None, "span_key": None}
        row = min(found, key=lambda each: (each.project_key != project_key, each.key))
        return {
            "project_key": row.project_key,
            "trace_key": row.key,
            "span_key": row.span_key if score.span_id else None,
        }
