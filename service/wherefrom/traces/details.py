"""One span whole: what lists and trees leave out."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection, Row, func, or_, select

from wherefrom.errors import NotFoundError
from wherefrom.traces.ingest.twin_names import PREFIX
from wherefrom.traces.payload import unpack_json
from wherefrom.traces.schema import aliases, attachments, projects, span_payloads, spans, traces
from wherefrom.traces.times import milliseconds, time_text
from wherefrom.traces.trees import plain_id

_MESSAGES = ("input", "output", "input_messages", "output_messages", "finish_reasons", "log_probabilities")
_PAYLOAD = (*_MESSAGES, "tags", "events", "links")
_SPAN = (*spans.c, traces.c.trace_id, projects.c.name.label("project"), span_payloads.c.body)
_SOURCE = (
    spans.join(traces, traces.c.key == spans.c.trace_key)
    .join(projects, projects.c.key == traces.c.project_key)
    .outerjoin(span_payloads, span_payloads.c.span_key == spans.c.key)
)


def find_span(connection: Connection, span_id: str, project: str | None, trace_id: str | None = None) -> int:
    """Return the key of a span, the newest of that name.

    Args:
        span_id: in hex or as a UUID; or any alias.
        project, trace_id: where it is; None: wherever.

    Raises:
        NotFoundError: there is none.
    """
    by_alias = select(aliases.c.span_key).where(aliases.c.alias.in_([span_id, span_id.strip()]))
    named = or_(spans.c.span_id.in_([span_id, plain_id(span_id)]), spans.c.key.in_(by_alias))
    asked = select(spans.c.key).select_from(spans.join(traces).join(projects)).where(named)
    if project is not None:
        asked = asked.where(projects.c.name == project)
    if trace_id is not None:
        asked = asked.where(traces.c.trace_id == plain_id(trace_id))
    key = connection.execute(asked.order_by(spans.c.received_ns.desc(), spans.c.key.desc()).limit(1)).scalar()
    if key is None:
        raise NotFoundError(f"There is no span {span_id[:100]!r}; it may have been deleted, or not have arrived yet.")
    return int(key)


def read_span(connection: Connection, key: int) -> dict[str, Any]:
    """Return a span with its payload, ready for JSON."""
    row = connection.execute(select(*_SPAN).select_from(_SOURCE).where(spans.c.key == key)).one()
    is_name = ~aliases.c.alias.startswith(PREFIX)  # not what only finds doubles
    names = select(aliases.c.alias).where(aliases.c.span_key == key, is_name).order_by(aliases.c.alias)
    files = (
        select(attachments.c.name, attachments.c.content_type, func.length(attachments.c.data).label("bytes"))
        .where(attachments.c.span_key == key)
        .order_by(attachments.c.name)
    )
    return {
        **span_json(row),
        "aliases": list(connection.execute(names).scalars()),
        "attachments": [
            {"name": file.name, "content_type": file.content_type, "bytes": file.bytes}
            for file in connection.execute(files)
        ],
    }


def span_rows(connection: Connection, trace_key: int) -> list[Row[Any]]:
    """Return the rows that `span_json` reads of a trace's spans, in the order of siblings."""
    asked = select(*_SPAN).select_from(_SOURCE).where(spans.c.trace_key == trace_key)
    rows: list[Row[Any]] = list(connection.execute(asked).all())
    return sorted(rows, key=lambda row: (row.start_ns is None, row.start_ns or 0, row.key))


def span_json(row: Row[Any]) -> dict[str, Any]:
    """Return a span with its payload, ready for JSON."""
    held = {} if row.body is None else unpack_json(row.body)
    return {
        "id": row.span_id,
        "trace": row.trace_id,
        "project": row.project,
        "parent": row.parent_id or None,
        "name": row.name,
        "kind": row.kind,
        "status": row.status,
        "status_message": row.status_message,
        "protocol": row.protocol,
        "start": time_text(row.start_ns),
        "end": time_text(row.end_ns),
        "first_token": time_text(row.first_token_ns),
        "received": time_text(row.received_ns),
        "duration_ms": milliseconds(row.start_ns, row.end_ns),
        "first_token_ms": milliseconds(row.start_ns, row.first_token_ns),
        "model": row.model,
        "provider": row.provider,
        "session": row.session_id,
        "user": row.user_id,
        "input_tokens": row.input_tokens,
        "output_tokens": row.output_tokens,
        "total_tokens": row.total_tokens,
        "cache_read_tokens": row.cache_read_tokens,
        "cache_write_tokens": row.cache_write_tokens,
        "reasoning_tokens": row.reasoning_tokens,
        "cost": row.cost,
        "cost_source": row.cost_source,
        "provenance": row.provenance,
        "characters": row.characters,
        "coverage": row.coverage,
        "longest_span": row.longest_span,
        **{name: held.get(name) for name in _PAYLOAD},
        "attributes": held.get("attributes") or {},
        "metadata": held.get("metadata") or {},
    }


def read_attachment(connection: Connection, key: int, name: str) -> tuple[str, bytes]:
    """Return the content type, as the client named it, and the bytes of a file that came with a span.

    Raises:
        NotFoundError: there is none of that name.
    """
    asked = select(attachments.c.content_type, attachments.c.data)
    row = connection.execute(asked.where(attachments.c.span_key == key, attachments.c.name == name)).first()
    if row is None:
        raise NotFoundError(f"The span has no attachment {name[:200]!r}.")
    return row.content_type, bytes(row.data)
