"""Runs that came twice: LangSmith's clients in hybrid mode also send each run as a span of OpenTelemetry.

The run says more, so it stays, whichever comes first. Without a run, the span is all there is and stays as well.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import NamedTuple

from sqlalchemy import Connection, delete, func, select

from wherefrom.traces.ingest.twin_names import PREFIX
from wherefrom.traces.model import IngestBatch, Protocol, SpanUpdate
from wherefrom.traces.placing import DEFAULT_PROJECT
from wherefrom.traces.provenance import release_parts
from wherefrom.traces.rows import among
from wherefrom.traces.schema import aliases, parts, projects, spans, stored_text, traces
from wherefrom.traces.sessions_of import recount_sessions
from wherefrom.traces.writer import touch

_KNOWN = (
    select(
        aliases.c.alias,
        spans.c.key,
        spans.c.protocol,
        traces.c.key.label("trace_key"),
        traces.c.trace_id,
        projects.c.name.label("project"),
    )
    .join(spans, spans.c.key == aliases.c.span_key)
    .join(traces, traces.c.key == spans.c.trace_key)
    .join(projects, projects.c.key == traces.c.project_key)
)


class _Twin(NamedTuple):
    alias: str
    key: int
    protocol: str
    trace_key: int
    trace_id: str
    project: str


def without_twins(connection: Connection, batch: IngestBatch) -> IngestBatch:
    """Return a request without the spans whose runs are known; spans whose runs it brings are deleted."""
    named = [(span, _name(span)) for span in batch.spans]
    names = {name for _, name in named if name is not None}
    if not names:
        return batch
    found: dict[str, list[_Twin]] = {}
    for row in among(connection, _KNOWN, aliases.c.alias, names):
        found.setdefault(row.alias, []).append(_Twin(*row))
    if not found:
        return batch
    gone: dict[int, _Twin] = {}
    kept: list[SpanUpdate] = []
    for span, name in named:
        twins = [twin for twin in found.get(name or "", ()) if twin.project == _project(batch, span)]
        if span.protocol == Protocol.OTLP and any(twin.protocol == Protocol.LANGSMITH for twin in twins):
            continue
        if span.protocol == Protocol.LANGSMITH:
            gone |= {twin.key: twin for twin in twins if twin.protocol == Protocol.OTLP}
        kept.append(span)
    return replace(batch, spans=(*kept, *_delete(connection, gone.values())))


def _name(span: SpanUpdate) -> str | None:
    return next((alias for alias in span.aliases if alias.startswith(PREFIX)), None)


def _project(batch: IngestBatch, span: SpanUpdate) -> str:
    return stored_text(batch.only_project or span.project or batch.project or DEFAULT_PROJECT)


def _delete(connection: Connection, twins: Iterable[_Twin]) -> list[SpanUpdate]:
    """Delete spans, and traces of which they were all; return a message for each other trace, to tell it anew."""
    found = {twin.key: twin for twin in twins}
    if not found:
        return []
    keys = [row.key for row in among(connection, select(parts.c.key), parts.c.span_key, found)]
    release_parts(connection, keys)
    connection.execute(delete(spans).where(spans.c.key.in_(found)))
    of_trace = {twin.trace_key: twin for twin in found.values()}
    query = select(spans.c.trace_key, func.min(spans.c.span_id)).where(spans.c.trace_key.in_(of_trace))
    left = {row[0]: row[1] for row in connection.execute(query.group_by(spans.c.trace_key))}
    empty = traces.c.key.in_(of_trace.keys() - left.keys())
    sessions = connection.execute(select(traces.c.session_key).where(empty, traces.c.session_key.is_not(None)))
    recounted = set(sessions.scalars())
    connection.execute(delete(traces).where(empty))
    recount_sessions(connection, recounted)
    touch(connection, of_trace)
    return [
        SpanUpdate(of_trace[key].trace_id, span_id, Protocol.OTLP, precedence=0, project=of_trace[key].project)
        for key, span_id in left.items()
    ]
