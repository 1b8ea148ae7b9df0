"""Parts that wait to be traced: who works on one has a lease, and a lease that ends unfinished lets others have it.

A part is *pending* until its provenance is stored or it has failed for good. `due_ns` is when a worker may have it;
while one does, that is when its lease ends, and by that very number the lease is known: where the output is replaced,
the part retraced, or the lease run out and taken by another, the number has changed, and what comes of the old lease is
dropped.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import ColumnElement, Connection, and_, func, select, update

from wherefrom.traces.schema import parts, projects, traces
from wherefrom.traces.summaries import FAILED, PENDING
from wherefrom.traces.tracing import ProjectTracing, stored_tracing

MAX_REASON = 1000


@dataclass(frozen=True, slots=True)
class Lease:
    """A part that a worker has.

    Attributes:
        until_ns: when the lease ends, and its mark.
        attempts: this one included.
        stored: what the store says of how its project is traced.
    """

    part_key: int
    span_key: int
    trace_key: int
    place: str
    text_hash: str
    until_ns: int
    attempts: int
    project_key: int
    project: str
    stored: ProjectTracing

    def held(self) -> ColumnElement[bool]:
        """Return the condition under which the part is still this lease's."""
        return and_(
            parts.c.key == self.part_key,
            parts.c.state == PENDING,
            parts.c.due_ns == self.until_ns,
            parts.c.text_hash == self.text_hash,
        )


@dataclass(frozen=True, slots=True)
class QueueState:
    """What waits to be traced: parts that are pending, and parts that have failed."""

    pending: int
    failed: int


def is_due(connection: Connection, now_ns: int) -> bool:
    """Tell whether a part may be taken."""
    due = select(parts.c.key).where(parts.c.state == PENDING, parts.c.due_ns <= now_ns).limit(1)
    return connection.execute(due).first() is not None


def take(connection: Connection, now_ns: int, until_ns: int, limit: int) -> list[Lease]:
    """Lease up to `limit` parts that are due.

    Half are those that became due last, so that what arrives now does not wait behind a million that are retraced; the
    others are those that wait longest.
    """
    due = select(parts.c.key).where(parts.c.state == PENDING, parts.c.due_ns <= now_ns)
    newest = connection.execute(due.order_by(parts.c.due_ns.desc()).limit((limit + 1) // 2)).scalars()
    oldest = connection.execute(due.order_by(parts.c.due_ns).limit(limit)).scalars()
    keys = list(dict.fromkeys([*newest, *oldest]))[:limit]
    if not keys:
        return []
    connection.execute(
        update(parts).where(parts.c.key.in_(keys)).values(due_ns=until_ns, attempts=parts.c.attempts + 1)
    )
    joined = parts.join(traces, traces.c.key == parts.c.trace_key).join(
        projects, projects.c.key == traces.c.project_key
    )
    rows = connection.execute(
        select(
            *(parts.c[name] for name in ("key", "span_key", "trace_key", "place", "text_hash", "attempts")),
            traces.c.project_key,
            *(projects.c[name] for name in ("name", "indexes", "preset", "options", "snippet_quota")),
        )
        .select_from(joined)
        .where(parts.c.key.in_(keys))
    )
    leases = {row.key: _lease(row, until_ns) for row in rows}
    return [leases[key] for key in keys if key in leases]


def renew(connection: Connection, leases: Sequence[Lease], until_ns: int) -> list[Lease]:
    """Prolong leases; return those that are still held, with their new mark."""
    return [
        replace(lease, until_ns=until_ns)
        for lease in leases
        if connection.execute(update(parts).where(lease.held()).values(due_ns=until_ns)).rowcount
    ]


def give_back(connection: Connection, leases: Sequence[Lease], due_ns: int) -> None:
    """End leases without an attempt: the parts are due at `due_ns`."""
    for lease in leases:
        connection.execute(update(parts).where(lease.held()).values(due_ns=due_ns, attempts=parts.c.attempts - 1))


def postpone(connection: Connection, lease: Lease, reason: str, due_ns: int) -> bool:
    """Note why an attempt failed, and when the next is due; return False where the lease is not held any more."""
    changed = update(parts).where(lease.held()).values(due_ns=due_ns, reason=reason[:MAX_REASON])
    return bool(connection.execute(changed).rowcount)


def hasten(connection: Connection, now_ns: int, except_for: Collection[int]) -> None:
    """Have the parts whose last attempt failed be due now, but for some keys; a lease of one of them is void then."""
    waiting = and_(parts.c.state == PENDING, parts.c.due_ns > now_ns, parts.c.reason.is_not(None))
    connection.execute(update(parts).where(waiting, parts.c.key.not_in(except_for)).values(due_ns=now_ns))


def fail(connection: Connection, lease: Lease, reason: str) -> tuple[int, int] | None:
    """Note that a part cannot be traced, and why; return as `end_lease`."""
    return end_lease(connection, lease, state=FAILED, reason=reason[:MAX_REASON])


def end_lease(connection: Connection, lease: Lease, **values: Any) -> tuple[int, int] | None:
    """Write what a part has come to; return the keys of its span and trace, None where the lease is not held any more.

    The trace may be another than when the lease began: spans move when their trace becomes known.
    """
    changed = update(parts).where(lease.held()).values(values).returning(parts.c.span_key, parts.c.trace_key)
    row = connection.execute(changed).first()
    return None if row is None else (row.span_key, row.trace_key)


def queue_state(connection: Connection) -> QueueState:
    """Return what waits."""
    counted = select(parts.c.state, func.count()).where(parts.c.state.in_((PENDING, FAILED))).group_by(parts.c.state)
    found = {row[0]: row[1] for row in connection.execute(counted)}
    return QueueState(found.get(PENDING, 0), found.get(FAILED, 0))


def _lease(row: Any, until_ns: int) -> Lease:
    return Lease(
        part_key=row.key,
        span_key=row.span_key,
        trace_key=row.trace_key,
        place=row.place,
        text_hash=row.text_hash,
        until_ns=until_ns,
        attempts=row.attempts,
        project_key=row.project_key,
        project=row.name,
        stored=stored_tracing(row),
    )
