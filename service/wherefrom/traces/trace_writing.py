"""The rows of traces: written with what their spans say together, whenever one of these changes."""

from __future__ import annotations

import time
from collections.abc import Collection, Sequence
from operator import itemgetter
from typing import Any

from sqlalchemy import Connection, bindparam, select, update

from wherefrom.traces.placing import PLACED, PlacedTrace, unsummarised
from wherefrom.traces.rows import add, among
from wherefrom.traces.schema import traces
from wherefrom.traces.sessions_of import SessionChanges
from wherefrom.traces.summaries import SpanFacts, TraceSummary, facts_of, summarise, write_models
from wherefrom.traces.writer import before_commit

LARGE = 1_000
"""Spans of a trace from which on it is told anew once a transaction, not once a request: all its spans are read."""

_facts = itemgetter(*SpanFacts._fields)
_PLACE = ("project_key", "project_is_provisional", "trace_id_is_provisional", "updated_ns")
_UPDATE_PLACE = update(traces).where(traces.c.key == bindparam("of")).values({name: bindparam(name) for name in _PLACE})


def add_traces(
    connection: Connection,
    new: Sequence[PlacedTrace],
    rows: Sequence[dict[str, Any]],
    sessions: SessionChanges,
    now_ns: int,
) -> None:
    """Insert traces that began with this request. All their spans are in it: `rows` has these, as they are stored."""
    facts: dict[int, list[SpanFacts]] = {}
    for row in rows:
        facts.setdefault(row["trace_key"], []).append(SpanFacts._make(_facts(row)))
    summaries = [(trace, summarise(facts[trace.key])) for trace in new]
    sessions.find(connection, summaries)
    add(
        connection,
        traces,
        [
            {
                **unsummarised(trace),
                **summary.values,
                "updated_ns": now_ns,
                "session_key": sessions.enter(trace, summary),
            }
            for trace, summary in summaries
        ],
    )
    _write_models(connection, summaries, replace=False)


def update_traces(connection: Connection, old: Sequence[PlacedTrace], sessions: SessionChanges, now_ns: int) -> None:
    """Write anew what is told of traces that were there before; of large ones, before the transaction is committed."""
    if not old:
        return
    large = [trace for trace in old if trace.spans >= LARGE]
    if large:
        connection.execute(_UPDATE_PLACE, [{"of": trace.key, **_place(trace, now_ns)} for trace in large])
        before_commit(connection, _tell_large, [trace.key for trace in large])
    _tell(connection, [trace for trace in old if trace.spans < LARGE], sessions, now_ns)


def _place(trace: PlacedTrace, now_ns: int) -> dict[str, Any]:
    return {
        "project_key": trace.project_key,
        "project_is_provisional": trace.project_is_provisional,
        "trace_id_is_provisional": trace.trace_id_is_provisional,
        "updated_ns": now_ns,
    }


def _tell_large(connection: Connection, trace_keys: Collection[int]) -> None:
    rows = among(connection, select(*(traces.c[name] for name in PLACED)), traces.c.key, trace_keys)
    sessions = SessionChanges()
    _tell(connection, [PlacedTrace(*row) for row in rows], sessions, time.time_ns())
    sessions.write(connection)


def _tell(connection: Connection, old: Sequence[PlacedTrace], sessions: SessionChanges, now_ns: int) -> None:
    facts = facts_of(connection, [trace.key for trace in old])
    summaries = [(trace, summarise(facts[trace.key])) for trace in old if trace.key in facts]
    if not summaries:
        return
    sessions.find(connection, summaries)
    rows = [
        {
            **summary.values,
            **_place(trace, now_ns),
            "of": trace.key,
            "session_key": sessions.enter(trace, summary),
        }
        for trace, summary in summaries
    ]
    names = [name for name in rows[0] if name != "of"]
    statement = update(traces).where(traces.c.key == bindparam("of"))
    connection.execute(statement.values({name: bindparam(name) for name in names}), rows)
    _write_models(connection, summaries, replace=True)


def _write_models(
    connection: Connection, summaries: Sequence[tuple[PlacedTrace, TraceSummary]], *, replace: bool
) -> None:
    changed = [
        (trace.key, trace.project_key, summary.values["start_ns"], summary.models) for trace, summary in summaries
    ]
    write_models(connection, changed, replace=replace)
