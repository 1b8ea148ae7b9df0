"""The provenance of a generation as it is read: its parts, each with its state and what was found."""

from __future__ import annotations

from typing import Any

import orjson
from sqlalchemy import ColumnElement, Connection, Row, Select, select

from wherefrom.errors import NotFoundError, RequestError
from wherefrom.traces.model import Kind
from wherefrom.traces.parts import traced_texts
from wherefrom.traces.payload import to_json, unpack
from wherefrom.traces.provenance import decompressed
from wherefrom.traces.schema import aliases, parts, projects, provenances, span_payloads, spans, stored_text, traces
from wherefrom.traces.summaries import FAILED, NOTHING, PENDING
from wherefrom.traces.times import time_text
from wherefrom.traces.trees import plain_id

_LISTED = 10
_NAMESAKES = 1000  # spans of one name that are looked at: ids may be used again
_GENERATION = (
    *(spans.c[name] for name in ("key", "span_id", "kind", "name", "model")),
    *(spans.c[name] for name in ("provenance", "characters", "coverage", "longest_span")),
    traces.c.trace_id,
    projects.c.name.label("project"),
)
_PART = (
    *(parts.c[name] for name in ("place", "characters", "state", "reason", "attempts")),
    *(provenances.c[name] for name in ("indexes", "preset", "tracer_version", "created_ns", "has_snippets", "body")),
)


def find_generation(connection: Connection, name: str, project: str | None) -> Row[Any]:
    """Return the row (as `generation_json` reads it) of a generation, the newest of that name.

    Args:
        name: its span id, in hex or as a UUID; any alias, as the id of the model's response; or the id of a trace with
            one generation.
        project: None: of any.

    Raises:
        NotFoundError: there is none.
        RequestError: it names a trace with several.
    """
    span = _newest(connection, _spans(project).where(_named(connection, name, project)))
    if span is not None and span.kind == Kind.LLM:
        return span
    trace_id = plain_id(name).removeprefix("tr-").removeprefix("tr")
    of_trace = _spans(project).where(traces.c.trace_id.in_([plain_id(name), trace_id]), spans.c.kind == Kind.LLM)
    found = connection.execute(of_trace.order_by(spans.c.start_ns, spans.c.key).limit(_LISTED + 1)).all()
    if len(found) == 1:
        return found[0]
    if found:
        ids = ", ".join(row.span_id for row in found[:_LISTED]) + (", ..." if len(found) > _LISTED else "")
        raise RequestError(f"The trace {name[:100]!r} has several generations; ask for one of them: {ids}.")
    if span is not None:
        raise NotFoundError(f"{name[:100]!r} is no generation: it is a span of the kind {span.kind}.")
    raise NotFoundError(f"There is no generation {name[:100]!r}; it may have been deleted, or not have arrived yet.")


def _spans(project: str | None) -> Select[Any]:
    joined = spans.join(traces, traces.c.key == spans.c.trace_key).join(
        projects, projects.c.key == traces.c.project_key
    )
    asked = select(*_GENERATION).select_from(joined)
    return asked if project is None else asked.where(projects.c.name == project)


def _named(connection: Connection, name: str, project: str | None) -> ColumnElement[bool]:
    """Return the condition that a span has this name. Asked one after the other: of both in one query, PostgreSQL reads
    all spans. Namesakes in other projects do not count: there may be any number."""
    by_id = select(spans.c.key).where(spans.c.span_id.in_([name, plain_id(name)]))
    by_alias = select(aliases.c.span_key).where(aliases.c.alias.in_([name, name.strip()]))
    if project is not None:
        in_project = projects.c.name == project
        by_id = by_id.join(traces, traces.c.key == spans.c.trace_key).join(projects).where(in_project)
        by_alias = by_alias.join(spans, spans.c.key == aliases.c.span_key)
        by_alias = by_alias.join(traces, traces.c.key == spans.c.trace_key).join(projects).where(in_project)
    keys: set[int] = set()
    for asked in (by_id, by_alias):
        keys.update(connection.execute(asked.limit(_NAMESAKES)).scalars())
    return spans.c.key.in_(keys)


def _newest(connection: Connection, asked: Select[Any]) -> Row[Any] | None:
    """Return the newest row; of one that is a generation and one that is none, the generation."""
    is_other = (spans.c.kind != Kind.LLM).asc()
    return connection.execute(asked.order_by(is_other, spans.c.received_ns.desc(), spans.c.key.desc()).limit(1)).first()


def generation_json(connection: Connection, found: Row[Any], why_pending: str | None = None) -> bytes:
    """Return a generation's provenance as JSON; `why_pending`: the reason where a part waits that has none itself."""
    joined = parts.outerjoin(provenances, provenances.c.part_key == parts.c.key)
    asked = select(*_PART).select_from(joined).where(parts.c.span_key == found.key).order_by(parts.c.key)
    rows = connection.execute(asked).all()
    texts = _texts(connection, found.key)
    order = {place: number for number, place in enumerate(texts)}
    listed = sorted((row for row in rows if row.state != NOTHING), key=lambda row: order.get(row.place, len(order)))
    said = [row.reason for state in (FAILED, PENDING, NOTHING) for row in rows if row.state == state]
    said += [why_pending] if found.provenance == PENDING else []
    return to_json(
        {
            "id": found.span_id,
            "trace": found.trace_id,
            "project": found.project,
            "name": found.name,
            "model": found.model,
            "state": found.provenance,
            "reason": next(filter(None, said), None) if rows else "The generation is not complete yet.",
            "characters": found.characters,
            "coverage": found.coverage,
            "longest_span": found.longest_span,
            "parts": [_part(row, texts.get(row.place)) for row in listed],
        }
    )


def _texts(connection: Connection, span_key: int) -> dict[str, str]:
    body = connection.execute(select(span_payloads.c.body).where(span_payloads.c.span_key == span_key)).scalar()
    if body is None:
        return {}
    return {stored_text(text.place): text.text for text in traced_texts(unpack(body).output_messages)}


def _part(row: Row[Any], text: str | None) -> dict[str, Any]:
    has_result = row.body is not None
    return {
        "place": row.place,
        "text": text,
        "characters": row.characters,
        "state": row.state,
        "reason": row.reason,
        "attempts": row.attempts,
        "indexes": orjson.loads(row.indexes) if has_result else None,
        "preset": row.preset,
        "tracer_version": row.tracer_version,
        "created": time_text(row.created_ns),
        "has_snippets": row.has_snippets,
        "provenance": orjson.Fragment(decompressed(row.body)) if has_result else None,
    }
