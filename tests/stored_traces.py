"""What a store holds, without the keys and times of arrival that depend on the order in which it came."""

from __future__ import annotations

from collections import Counter
from typing import Any

from sqlalchemy import Connection, Table, select

from wherefrom.traces.payload import unpack_json
from wherefrom.traces.schema import (
    aliases,
    attachments,
    parts,
    projects,
    provenances,
    scores,
    sessions,
    span_payloads,
    spans,
    trace_models,
    traces,
)

_KEYS = {"key", "project_key", "session_key", "trace_key", "span_key", "part_key"}
_TIMES = {"created_ns", "received_ns", "updated_ns", "queued_ns", "due_ns"}


def stored(connection: Connection) -> dict[str, Any]:
    """Return everything that was ingested, by names that clients know."""

    def rows(table: Table) -> list[Any]:
        return list(connection.execute(select(table)))

    def told(row: Any) -> dict[str, Any]:
        return {name: value for name, value in row._mapping.items() if name not in _KEYS | _TIMES}

    project = {row.key: row.name for row in rows(projects)}
    session = {row.key: (project[row.project_key], row.id) for row in rows(sessions)}
    trace = {row.key: (project[row.project_key], row.trace_id) for row in rows(traces)}
    span = {row.key: (*trace[row.trace_key], row.span_id) for row in rows(spans)}
    assert max(Counter(span.values()).values(), default=1) == 1
    part = {row.key: (span[row.span_key], row.place) for row in rows(parts)}
    return {
        "sessions": {session[row.key]: told(row) for row in rows(sessions)},
        "traces": {trace[row.key]: told(row) | {"session": session.get(row.session_key)} for row in rows(traces)},
        "models": sorted((trace[row.trace_key], row.model, project[row.project_key]) for row in rows(trace_models)),
        "spans": {span[row.key]: told(row) for row in rows(spans)},
        "payloads": {span[row.span_key]: unpack_json(row.body) for row in rows(span_payloads)},
        "parts": {part[row.key]: told(row) | {"trace": trace[row.trace_key]} for row in rows(parts)},
        "provenances": sorted(part[row.part_key] for row in rows(provenances)),
        "aliases": sorted((span[row.span_key], row.alias) for row in rows(aliases)),
        "attachments": {(span[row.span_key], row.name): row.data for row in rows(attachments)},
        "scores": {
            (project[row.project_key], row.id): told(row)
            | {"trace": trace.get(row.trace_key), "span": span.get(row.span_key)}
            for row in rows(scores)
        },
    }
