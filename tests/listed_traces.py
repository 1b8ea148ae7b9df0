"""Traces of all kinds, written as rows, and which of them pass a filter."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from hypothesis import strategies as st
from sqlalchemy import Connection

from wherefrom.traces.listing import TraceFilter
from wherefrom.traces.schema import (
    parts,
    projects,
    provenance_documents,
    provenances,
    sessions,
    span_texts,
    spans,
    trace_models,
    traces,
)
from wherefrom.traces.searching import Words, indexed_terms, stored_terms

PROJECTS = ("default", "other")
SESSIONS = ("one", "two")
MODELS = ("m1", "m2", "")
WORDS = ("rain", "Straße", "北京", "the rain falls", "café")
DOCUMENTS = (("a", "1"), ("a", "2"), ("b", "1"))


@dataclass(frozen=True)
class ListedTrace:
    project: str
    start_ns: int
    end_ns: int | None
    session: str | None = None
    models: tuple[str, ...] = ()
    status: str = "ok"
    coverage: float | None = None
    characters: int | None = None
    longest_span: int | None = None
    cost: float | None = None
    provenance: str | None = None
    documents: tuple[tuple[str, str], ...] = ()
    texts: tuple[str, ...] = field(default=("nothing",))
    tokens: int | None = None
    first_token_ms: int | None = None


def traces_listed() -> st.SearchStrategy[list[ListedTrace]]:
    few = st.integers(0, 4)
    one = st.builds(
        ListedTrace,
        project=st.sampled_from(PROJECTS),
        start_ns=st.integers(-3, 12).map(lambda number: number * 13 * 3_600_000_000_000),
        end_ns=st.none() | st.integers(-3, 300).map(lambda number: number * 3_600_000_000_000),
        session=st.sampled_from((None, *SESSIONS)),
        models=st.lists(st.sampled_from(MODELS), unique=True, max_size=2).map(tuple),
        status=st.sampled_from(("ok", "error", "unset")),
        coverage=st.none() | few.map(lambda number: number / 4),
        characters=st.none() | few,
        longest_span=st.none() | few,
        cost=st.none() | few.map(float),
        provenance=st.sampled_from((None, "pending", "done")),
        documents=st.lists(st.sampled_from(DOCUMENTS), max_size=3).map(tuple),
        texts=st.lists(st.sampled_from(WORDS), min_size=1, max_size=2).map(tuple),
        tokens=st.none() | few,
        first_token_ms=st.none() | st.integers(-1, 9),
    )
    return st.lists(one, max_size=14)


def filters() -> st.SearchStrategy[TraceFilter]:
    def maybe(*values: Any) -> st.SearchStrategy[Any]:
        return st.none() | st.none() | st.none() | st.sampled_from(values)

    bound = maybe(0, 1, 2, 3)
    document = st.none() | st.none() | st.sampled_from((*DOCUMENTS, ("", "1"), ("", "9")))
    return st.builds(
        lambda document, **rest: TraceFilter(
            document=None if document is None else document[1],
            index=None if document is None else document[0] or None,
            **rest,
        ),
        document=document,
        project=maybe(*PROJECTS),
        session=maybe(*SESSIONS),
        since_ns=maybe(0, 13 * 3_600_000_000_000),
        until_ns=maybe(0, 60 * 3_600_000_000_000),
        model=maybe(*MODELS, "m9"),
        status=maybe("ok", "error"),
        min_coverage=maybe(0.25, 0.5),
        max_coverage=maybe(0.5, 0.75),
        min_longest_span=bound,
        max_longest_span=bound,
        min_cost=bound,
        max_cost=bound,
        provenance=maybe("pending", "done"),
        source=maybe("A", "B", "C"),
        text=maybe("RAIN", "strasse", '"京 北"', "北京", '"rain falls"', "falls rain", '"falls rain"', "cafe", "CAFÉ"),
    )


def passes(trace: ListedTrace, wanted: TraceFilter) -> bool:
    """The oracle."""
    equal = (
        (wanted.project, trace.project),
        (wanted.session, trace.session),
        (wanted.status, trace.status),
        (wanted.provenance, trace.provenance),
    )
    bounds = (
        (trace.coverage, wanted.min_coverage, wanted.max_coverage),
        (trace.longest_span, wanted.min_longest_span, wanted.max_longest_span),
        (trace.cost, wanted.min_cost, wanted.max_cost),
    )
    return (
        all(asked is None or asked == given for asked, given in equal)
        and all(
            (least is None or (given is not None and given >= least))
            and (most is None or (given is not None and given <= most))
            for given, least, most in bounds
        )
        and (wanted.since_ns is None or trace.start_ns >= wanted.since_ns)
        and (wanted.until_ns is None or trace.start_ns < wanted.until_ns)
        and (wanted.model is None or wanted.model in trace.models)
        and (
            (wanted.document is None and wanted.source is None)
            or any(
                wanted.document in (None, name)
                and wanted.source in (None, index.upper())
                and wanted.index in (None, index)
                for index, name in trace.documents
            )
        )
        and (wanted.text is None or any(Words.of(wanted.text).match([text]) for text in trace.texts))
    )


def clear(connection: Connection) -> None:
    for table in (traces, sessions, projects):
        connection.execute(table.delete())


def write(connection: Connection, listed: list[ListedTrace]) -> None:
    """Write traces as rows; the key of the first is 1, of the others one more each."""
    clear(connection)
    keys = {name: number for number, name in enumerate(PROJECTS, 1)}
    connection.execute(projects.insert(), [{"key": key, "name": name, "created_ns": key} for name, key in keys.items()])
    of_session = {}
    for number, (project, session) in enumerate(((p, s) for p in PROJECTS for s in SESSIONS), 1):
        of_session[project, session] = number
        row = {"key": number, "project_key": keys[project], "id": session, "traces": 0}
        connection.execute(sessions.insert(), row)
    for number, trace in enumerate(listed, 1):
        _write_trace(
            connection, number, trace, keys[trace.project], of_session.get((trace.project, trace.session or ""))
        )


def _write_trace(connection: Connection, key: int, trace: ListedTrace, project: int, session: int | None) -> None:
    connection.execute(
        traces.insert(),
        {
            "key": key,
            "project_key": project,
            "trace_id": f"{key:032x}",
            "session_key": session,
            "protocol": "otlp",
            "name": f"trace {key}",
            "received_ns": key,
            "updated_ns": key,
            "spans": len(trace.texts),
            "errors": 0,
            "generations": len(trace.models),
            "model": trace.models[0] if trace.models else None,
            "input_tokens": trace.tokens,
            "cost_is_partial": trace.cost is None,
            **{name: getattr(trace, name) for name in ("status", "start_ns", "end_ns", "coverage", "characters")},
            **{name: getattr(trace, name) for name in ("longest_span", "cost", "provenance")},
        },
    )
    for model in trace.models:
        row = {"trace_key": key, "model": model, "project_key": project, "start_ns": trace.start_ns}
        connection.execute(trace_models.insert(), row)
    first = None if trace.first_token_ms is None else trace.start_ns + trace.first_token_ms * 1_000_000
    for number, text in enumerate(trace.texts):
        span = key * 100 + number
        row = {"key": span, "trace_key": key, "span_id": f"{span:016x}", "precedence": 1, "protocol": "otlp"}
        row |= {"kind": "llm", "status": "ok", "received_ns": key, "start_ns": trace.start_ns, "first_token_ns": first}
        connection.execute(spans.insert(), row)
        terms = stored_terms(indexed_terms([text]), connection.dialect.name)
        connection.execute(span_texts.insert(), {"span_key": span, "trace_key": key, "terms": terms})
    _write_provenance(connection, key, trace)


def _write_provenance(connection: Connection, key: int, trace: ListedTrace) -> None:
    if not trace.documents:
        return
    of = {"key": key, "span_key": key * 100, "trace_key": key}
    connection.execute(
        parts.insert(),
        of | {"place": "/0", "text_hash": "", "characters": 1, "state": "done", "due_ns": 0, "queued_ns": 0},
    )
    connection.execute(
        provenances.insert(),
        of
        | {"part_key": key, "identity": "", "indexes": "{}", "preset": "default", "tracer_version": "1"}
        | {"created_ns": 0, "duration_ms": 1.0, "tokens": 1, "coverage": 0.0, "shown_coverage": 0.0}
        | {"longest_span": 1, "longest_span_tokens": 1, "has_snippets": True, "body": b""},
    )
    for number, (index, document) in enumerate(trace.documents):
        connection.execute(
            provenance_documents.insert(),
            {"provenance_key": key, "number": number, "trace_key": key, "index_name": index, "document_id": document}
            | {"source": index.upper(), "relevance": "high", "score": 1.0, "duplicates": 0, "longest_span": number},
        )
