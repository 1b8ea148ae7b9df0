"""Numbers over time, and what is quoted most: what an overview draws. A trace counts when it started."""

from __future__ import annotations

from enum import StrEnum
from typing import Any

import numpy as np
from sqlalchemy import ColumnElement, Connection, Integer, Select, case, cast, func, select

from wherefrom.errors import RequestError
from wherefrom.traces.listing import TraceFilter, passing
from wherefrom.traces.schema import provenance_documents, spans, trace_models, traces
from wherefrom.traces.times import DAY, SECOND, time_text

MAX_STEPS = 2_000
"""Steps of one answer."""

MAX_RANKED = 500
"""Documents, sources or models of one answer."""

_FETCHED = 50_000
_MONDAY_NS = 4 * DAY  # 1970 began on a Thursday
_QUANTILES = {"median": 50, "p95": 95}
_failed = func.sum(case((traces.c.status == "error", 1), else_=0))
_covered = func.sum(traces.c.coverage * traces.c.characters)
_measured = func.sum(case((traces.c.coverage.is_not(None), traces.c.characters)))
_SUMS = {
    "traces": func.count(),
    "failed": _failed,
    "spans": func.sum(traces.c.spans),
    "generations": func.sum(traces.c.generations),
    "characters": _measured,
    "coverage": _covered / func.nullif(_measured, 0),
    "longest_span": func.max(traces.c.longest_span),
    "longest_span_mean": func.avg(traces.c.longest_span),
    "input_tokens": func.sum(traces.c.input_tokens),
    "output_tokens": func.sum(traces.c.output_tokens),
    "cost": func.sum(traces.c.cost),
    "cost_is_partial": func.max(cast(traces.c.cost_is_partial, Integer)),
}
_REAL = ("coverage", "longest_span_mean", "cost")


class Step(StrEnum):
    """How long the parts are that time is cut into; all in UTC, weeks begin on Monday."""

    MINUTE = "minute"
    HOUR = "hour"
    DAY = "day"
    WEEK = "week"

    @property
    def length_ns(self) -> int:
        """Nanoseconds of one."""
        return {"minute": 60 * SECOND, "hour": 3_600 * SECOND, "day": DAY, "week": 7 * DAY}[self.value]


def over_time(connection: Connection, wanted: TraceFilter, step: Step) -> list[dict[str, Any]]:
    """Return what the traces of each step say together, the earliest first; steps without traces are left out.

    Raises:
        NotFoundError: there is no such project.
        RequestError: there are too many steps.
    """
    conditions = passing(connection, wanted)
    begin = _begin(step).label("begin")
    sums = (value.label(name) for name, value in _SUMS.items())
    asked = select(begin, *sums).select_from(traces).where(*conditions)
    rows = connection.execute(asked.group_by(begin).order_by(begin).limit(MAX_STEPS + 1)).all()
    if len(rows) > MAX_STEPS:
        raise _too_many(step)
    durations = _quantiles(connection, _durations(conditions), step)
    return [
        {
            "start": time_text(row.begin),
            "end": time_text(row.begin + step.length_ns),
            **{name: _number(name, row._mapping[name]) for name in _SUMS},
            **_named("duration_ms", durations.get(row.begin)),
        }
        for row in rows
    ]


def first_token_over_time(connection: Connection, wanted: TraceFilter, step: Step) -> list[dict[str, Any]]:
    """Return how soon the outputs of each step's traces began, where spans say so; steps without any are left out.

    Raises:
        NotFoundError: there is no such project.
        RequestError: there are too many steps.
    """
    waits = (
        select(traces.c.start_ns, (spans.c.first_token_ns - spans.c.start_ns).label("length"))
        .select_from(spans.join(traces, traces.c.key == spans.c.trace_key))
        .where(spans.c.first_token_ns >= spans.c.start_ns, *passing(connection, wanted))
    )
    found = _quantiles(connection, waits, step)
    if len(found) > MAX_STEPS:
        raise _too_many(step)
    return [
        {
            "start": time_text(begin),
            "end": time_text(begin + step.length_ns),
            "generations": lengths["count"],
            **_named("first_token_ms", lengths),
        }
        for begin, lengths in found.items()
    ]


def most_quoted_documents(connection: Connection, wanted: TraceFilter, limit: int) -> list[dict[str, Any]]:
    """Return the documents that the most traces quote."""
    cited = provenance_documents.c
    return _ranked(connection, wanted, {"index": cited.index_name, "document": cited.document_id}, limit)


def most_quoted_sources(connection: Connection, wanted: TraceFilter, limit: int) -> list[dict[str, Any]]:
    """Return the sources, as documents' metadata call them, that the most traces quote; null: they do not say."""
    cited = provenance_documents.c
    return _ranked(connection, wanted, {"index": cited.index_name, "source": cited.source}, limit)


def used_models(connection: Connection, wanted: TraceFilter, limit: int) -> list[dict[str, Any]]:
    """Return the models that the most traces use."""
    count = func.count().label("traces")
    asked = select(trace_models.c.model, count)
    if wanted != TraceFilter():
        asked = asked.join(traces, traces.c.key == trace_models.c.trace_key).where(*passing(connection, wanted))
    asked = asked.group_by(trace_models.c.model).order_by(count.desc(), trace_models.c.model).limit(limit)
    return [{"model": row.model, "traces": row.traces} for row in connection.execute(asked)]


def _ranked(
    connection: Connection, wanted: TraceFilter, columns: dict[str, ColumnElement[Any]], limit: int
) -> list[dict[str, Any]]:
    count = func.count(provenance_documents.c.trace_key.distinct()).label("traces")
    asked = select(*(column.label(name) for name, column in columns.items()), count)
    if wanted != TraceFilter():
        joined = provenance_documents.join(traces, traces.c.key == provenance_documents.c.trace_key)
        asked = asked.select_from(joined).where(*passing(connection, wanted))
    asked = asked.group_by(*columns.values()).order_by(count.desc(), *columns.values()).limit(limit)
    return [dict(zip((*columns, "traces"), row, strict=True)) for row in connection.execute(asked)]


def _begin(step: Step) -> ColumnElement[Any]:
    """The start of a time's step; databases round the rest of a division towards zero."""
    length = step.length_ns
    rest = ((traces.c.start_ns - _origin(step)) % length + length) % length
    return traces.c.start_ns - rest


def _too_many(step: Step) -> RequestError:
    return RequestError(f"There are traces in more than {MAX_STEPS} {step}s; take a longer step, or less time.")


def _durations(conditions: list[ColumnElement[bool]]) -> Select[Any]:
    length = (traces.c.end_ns - traces.c.start_ns).label("length")
    return select(traces.c.start_ns, length).where(traces.c.end_ns.is_not(None), *conditions)


def _quantiles(connection: Connection, asked: Select[Any], step: Step) -> dict[int, dict[str, float]]:
    """Return the quantiles of each step by nearest rank: the least that so many percent do not exceed; and the count.

    Databases sort for them by window functions, which takes ten times as long as to sort here.

    Args:
        asked: starts of traces, and lengths.
    """
    found = connection.execute(asked, execution_options={"yield_per": _FETCHED})
    pieces = [np.array([tuple(row) for row in rows], dtype=np.int64) for rows in found.partitions()]
    if not pieces:
        return {}
    starts, lengths = np.concatenate(pieces).T
    begins = starts - (starts - _origin(step)) % step.length_ns
    order = np.lexsort((lengths, begins))
    begins, lengths = begins[order], lengths[order]
    steps, first, counts = np.unique(begins, return_index=True, return_counts=True)
    ranks = {name: first + (counts * percent + 99) // 100 - 1 for name, percent in _QUANTILES.items()}
    return {
        int(begin): {
            "count": int(counts[number]),
            **{name: float(lengths[places[number]]) / 1_000_000 for name, places in ranks.items()},
        }
        for number, begin in enumerate(steps)
    }


def _named(prefix: str, lengths: dict[str, float] | None) -> dict[str, float | None]:
    return {f"{prefix}_{name}": lengths[name] if lengths else None for name in _QUANTILES}


def _origin(step: Step) -> int:
    return _MONDAY_NS if step == Step.WEEK else 0


def _number(name: str, value: Any) -> Any:
    """Sums of integers are decimals on PostgreSQL."""
    if value is None:
        return None
    if name == "cost_is_partial":
        return bool(value)
    return float(value) if name in _REAL else int(value)
