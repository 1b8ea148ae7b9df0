"""Which generations quote a document."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection, Row, select

from wherefrom.traces.listing import MAX_NAME, project_key
from wherefrom.traces.pages import Page, PageRequest, page_of
from wherefrom.traces.schema import parts, projects, provenance_documents, provenances, spans, traces
from wherefrom.traces.times import time_text

_cited = provenance_documents.c


def quoting_generations(
    connection: Connection, document: str, index: str | None, project: str | None, request: PageRequest
) -> Page:
    """Return a page of the places where generations quote a document, the last to have arrived first.

    A generation stands there once for each part of its output that quotes it.

    Args:
        document, index: id, and name of the index; None: of any.
        project: None: of any.

    Raises:
        NotFoundError: there is no such project.
    """
    joined = (
        provenance_documents.join(provenances, provenances.c.key == _cited.provenance_key)
        .join(parts, parts.c.key == provenances.c.part_key)
        .join(spans, spans.c.key == provenances.c.span_key)
        .join(traces, traces.c.key == _cited.trace_key)
        .join(projects, projects.c.key == traces.c.project_key)
    )
    asked = select(
        *(_cited[name] for name in ("trace_key", "provenance_key", "number", "index_name", "document_id")),
        *(_cited[name] for name in ("relevance", "score", "longest_span")),
        *(spans.c[name] for name in ("span_id", "name", "model", "start_ns", "received_ns", "coverage")),
        spans.c.longest_span.label("longest_of_all"),
        traces.c.trace_id,
        parts.c.place,
        projects.c.name.label("project"),
    )
    asked = asked.select_from(joined).where(_cited.document_id == document)
    if index is not None:
        asked = asked.where(_cited.index_name == index)
    if project is not None:
        asked = asked.where(traces.c.project_key == project_key(connection, project))
    order = (_cited.trace_key, _cited.provenance_key, _cited.number)
    asked = asked.where(*request.beyond(*order)).order_by(*request.ordered(*order)).limit(request.fetched)
    rows: Any = connection.execute(asked).all()
    return page_of(rows, request, lambda row: (row.trace_key, row.provenance_key, row.number), _quoting)


def _quoting(row: Row[Any]) -> dict[str, Any]:
    return {
        "id": row.span_id,
        "trace": row.trace_id,
        "project": row.project,
        "name": None if row.name is None else row.name[:MAX_NAME],
        "model": row.model,
        "start": time_text(row.start_ns),
        "received": time_text(row.received_ns),
        "coverage": row.coverage,
        "longest_span": row.longest_of_all,
        "place": row.place,
        "document": {
            "index": row.index_name,
            "id": row.document_id,
            "relevance": row.relevance,
            "score": row.score,
            "longest_span": row.longest_span,
        },
    }
