"""What is told of a trace as a whole, from its spans; of a generation, from its parts; of a session, by its traces."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from math import fsum  # whose result does not depend on the order
from typing import Any, NamedTuple

from sqlalchemy import Connection, bindparam, delete, select, update

from wherefrom.traces.model import Kind, Status
from wherefrom.traces.rows import add, among
from wherefrom.traces.schema import parts, provenances, spans, stored_text, trace_models, traces

PENDING, DONE, FAILED, NOTHING = "pending", "done", "failed", "nothing"
_STATES = (PENDING, FAILED, DONE, NOTHING)  # the first that any part or span has is that of all together
_PRICED = (Kind.LLM.value, Kind.EMBEDDING.value)
_CARRIERS = 8  # spans between two views of one call, at most: parents may form a circle


class SpanFacts(NamedTuple):
    """What a trace's summary needs of a span; the names are those of the columns."""

    span_id: str
    parent_id: str | None
    name: str | None
    kind: str
    status: str
    start_ns: int | None
    end_ns: int | None
    received_ns: int
    model: str | None
    session_id: str | None
    user_id: str | None
    protocol: str
    input_tokens: int | None
    output_tokens: int | None
    cost: float | None
    provenance: str | None
    characters: int | None
    coverage: float | None
    longest_span: int | None

    @property
    def order(self) -> tuple[int, str]:
        """The earliest first, the same on every database."""
        return (self.received_ns if self.start_ns is None else self.start_ns, self.span_id)


FACTS = tuple(spans.c[name] for name in SpanFacts._fields)
"""Columns of `SpanFacts`, to select."""


@dataclass(frozen=True, slots=True)
class TraceSummary:
    """What all spans of a trace say together.

    Attributes:
        values: by column of `traces`.
        session_id: the session that it belongs to.
        models: of its generations and embeddings.
    """

    values: dict[str, Any]
    session_id: str | None
    models: frozenset[str]


def summarise(found: Sequence[SpanFacts]) -> TraceSummary:
    """Return what the spans of a trace (at least one) say together, whatever their order."""
    by_id = {span.span_id: span for span in found}
    roots = sorted((span for span in found if span.parent_id not in by_id), key=_root_order)
    first = roots[0] if roots else min(found, key=_order)  # parents in a circle: there is no root
    judged = roots or found
    generations = [span for span in found if span.kind == Kind.LLM]
    models = {span.model for span in found if span.model and span.kind in _PRICED}
    with_model = [span for span in generations if span.model]
    ends = [span.end_ns for span in found if span.end_ns is not None]
    values = {
        "protocol": min(span.protocol for span in found),
        "user_id": _told(found, first, "user_id"),
        "name": first.name,
        "root_span_id": first.span_id,
        "status": _status(judged),
        "start_ns": _start(found),
        "end_ns": max(ends) if ends else None,
        "spans": len(found),
        "errors": sum(span.status == Status.ERROR for span in found),
        "generations": len(generations),
        "model": min(with_model, key=_order).model if with_model else None,
        **_usage(found, by_id),
        **_provenance((span.provenance, span.characters, span.coverage, span.longest_span) for span in found),
    }
    return TraceSummary(values, _told(found, first, "session_id"), frozenset(models))


def _order(span: SpanFacts) -> tuple[int, str]:
    return span.order


def _root_order(span: SpanFacts) -> tuple[bool, int, str]:
    """Those that say they are roots come before those whose parent has not come."""
    return (bool(span.parent_id), *span.order)


def _start(found: Sequence[SpanFacts]) -> int:
    said = [span.start_ns for span in found if span.start_ns is not None]
    return min(said) if said else min(span.received_ns for span in found)


def _status(judged: Sequence[SpanFacts]) -> str:
    if any(span.status == Status.ERROR for span in judged):
        return Status.ERROR.value
    if all(span.status == Status.OK for span in judged):
        return Status.OK.value
    return Status.UNSET.value


def _told(found: Sequence[SpanFacts], first: SpanFacts, name: str) -> str | None:
    """Return what the root says, else the earliest span that says anything."""
    said: str | None = getattr(first, name)
    if said:
        return said
    telling = [span for span in found if getattr(span, name)]
    return getattr(min(telling, key=_order), name) if telling else None


def _usage(found: Sequence[SpanFacts], by_id: dict[str, SpanFacts]) -> dict[str, Any]:
    """Add up model calls. A call made for another one (two libraries that see the same) is not counted twice."""
    calls = [span for span in found if span.kind in _PRICED and not _is_within_call(span, by_id)]
    inputs = [span.input_tokens for span in calls if span.input_tokens is not None]
    outputs = [span.output_tokens for span in calls if span.output_tokens is not None]
    costs = [span.cost for span in calls if span.cost is not None]
    return {
        "input_tokens": min(sum(inputs), (1 << 63) - 1) if inputs else None,
        "output_tokens": min(sum(outputs), (1 << 63) - 1) if outputs else None,
        "cost": fsum(costs) if costs else None,
        "cost_is_partial": 0 < len(costs) < len(calls),
    }


def _is_within_call(span: SpanFacts, by_id: dict[str, SpanFacts]) -> bool:
    """Whether the nearest span above is the same call, seen once more; what only carries it (HTTP) does not count."""
    parent, steps = _parent(span, by_id), 0
    while parent is not None and parent is not span and parent.kind == Kind.OTHER and steps < _CARRIERS:
        parent, steps = _parent(parent, by_id), steps + 1
    if parent is None or parent is span or parent.kind != span.kind:
        return False
    return parent.input_tokens is not None or parent.output_tokens is not None


def _parent(span: SpanFacts, by_id: dict[str, SpanFacts]) -> SpanFacts | None:
    return by_id.get(span.parent_id) if span.parent_id else None


def _provenance(found: Iterable[tuple[str | None, int | None, float | None, int | None]]) -> dict[str, Any]:
    """Put together the provenance of parts, or of spans: state, characters, coverage of these, longest span."""
    states: set[str] = set()
    covered: list[float] = []
    total, longest = 0, 0
    for state, characters, coverage, longest_span in found:
        if state is None:
            continue
        states.add(state)
        if coverage is not None and characters is not None:
            total += characters
            covered.append(coverage * characters)
            longest = max(longest, longest_span or 0)
    known = total > 0
    return {
        "provenance": next((state for state in _STATES if state in states), None),
        "characters": total if known else None,
        "coverage": min(1.0, fsum(covered) / total) if known else None,
        "longest_span": longest if known else None,
    }


_UPDATE_SPAN = (
    update(spans)
    .where(spans.c.key == bindparam("of"))
    .values({name: bindparam(name) for name in ("provenance", "characters", "coverage", "longest_span")})
)
_UPDATE_TRACE_PROVENANCE = (
    update(traces)
    .where(traces.c.key == bindparam("of"))
    .values({name: bindparam(name) for name in ("provenance", "characters", "coverage", "longest_span", "updated_ns")})
)


def summarise_parts(connection: Connection, span_keys: Collection[int]) -> None:
    """Write what the parts of generations say together into their spans; the traces need theirs afterwards."""
    query = select(
        parts.c.span_key, parts.c.state, parts.c.characters, provenances.c.coverage, provenances.c.longest_span
    ).outerjoin(provenances, provenances.c.part_key == parts.c.key)
    found: dict[int, list[Any]] = {key: [] for key in span_keys}
    for row in among(connection, query, parts.c.span_key, span_keys):
        found[row.span_key].append(row[1:])
    if found:
        connection.execute(_UPDATE_SPAN, [{"of": key, **_provenance(each)} for key, each in found.items()])


def summarise_provenance(connection: Connection, trace_keys: Collection[int], now_ns: int) -> None:
    """Write what the generations' provenance says together into their traces."""
    query = select(
        spans.c.trace_key, spans.c.provenance, spans.c.characters, spans.c.coverage, spans.c.longest_span
    ).where(spans.c.provenance.is_not(None))
    found: dict[int, list[Any]] = {key: [] for key in trace_keys}
    for row in among(connection, query, spans.c.trace_key, trace_keys):
        found[row.trace_key].append(row[1:])
    if found:
        rows = [{"of": key, "updated_ns": now_ns, **_provenance(each)} for key, each in found.items()]
        connection.execute(_UPDATE_TRACE_PROVENANCE, rows)


def facts_of(connection: Connection, trace_keys: Collection[int]) -> dict[int, list[SpanFacts]]:
    """Return the spans of traces; a trace without any is left out."""
    found: dict[int, list[SpanFacts]] = {}
    for row in among(connection, select(spans.c.trace_key, *FACTS), spans.c.trace_key, trace_keys):
        found.setdefault(row[0], []).append(SpanFacts._make(row[1:]))
    return found


def write_models(
    connection: Connection, changed: Sequence[tuple[int, int, int, frozenset[str]]], *, replace: bool
) -> None:
    """Write which models traces used.

    Args:
        changed: key, project, start and models of each trace.
        replace: they may have had others before.
    """
    if replace and changed:
        for start in range(0, len(changed), 5_000):
            keys = [key for key, *_ in changed[start : start + 5_000]]
            connection.execute(delete(trace_models).where(trace_models.c.trace_key.in_(keys)))
    rows = [
        {"trace_key": key, "project_key": project, "start_ns": start, "model": model}
        for key, project, start, models in changed
        for model in _distinct(models)
    ]
    add(connection, trace_models, rows)


def _distinct(models: frozenset[str]) -> list[str]:
    """Return models that stay distinct when they are cut to what an index holds."""
    return sorted({stored_text(model) for model in models})
