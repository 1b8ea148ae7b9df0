"""Generations that are traced again: when an index has changed, when options have, when the tracer has."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from sqlalchemy import Connection, Select, and_, not_, or_, select, update

from wherefrom.errors import NotFoundError
from wherefrom.traces.provenance import with_settings
from wherefrom.traces.schema import parts, projects, provenances, traces
from wherefrom.traces.store import TraceStore
from wherefrom.traces.summaries import DONE, FAILED, PENDING, summarise_parts, summarise_provenance
from wherefrom.traces.tracing import ProjectTracing, TracingRules, settings_digest, stored_tracing
from wherefrom.traces.writer import touch
from wherefrom_indexer.errors import WherefromError

_AT_ONCE = 500  # parts of one transaction: what arrives is stored in between


class Which(StrEnum):
    """Which generations are traced again.

    `OUTDATED`: those whose provenance is not of the current indexes, options and tracer, and those that have failed.
    """

    OUTDATED = "outdated"
    FAILED = "failed"
    ALL = "all"


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is traced again; None: whatever it is.

    Attributes:
        project: by name.
        since_ns: what arrived at this time or later.
        span_key: one generation.
    """

    which: Which = Which.OUTDATED
    project: str | None = None
    since_ns: int | None = None
    span_key: int | None = None


@dataclass(frozen=True, slots=True)
class Retraced:
    """What is going to be traced again.

    Attributes:
        parts: texts that are pending now because of it.
        skipped: projects whose outdated generations cannot be told, with the reason.
    """

    parts: int
    skipped: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class _Project:
    key: int
    name: str
    stored: ProjectTracing


def retrace(
    store: TraceStore,
    wanted: Wanted,
    rules: TracingRules,
    versions: Callable[[Sequence[str]], Mapping[str, str]],
    now_ns: int,
) -> Retraced:
    """Make parts pending again. They keep the provenance that they have until there is another.

    Args:
        versions: the current versions of some indexes by name (of all, without names), as `TracePool.versions`.
        now_ns: the time.

    Raises:
        NotFoundError: there is no such project.
    """
    found = store.read(_projects)
    chosen = [project for project in found if wanted.project in (None, project.name)]
    if wanted.project is not None and not chosen:
        raise NotFoundError(f"There is no project {wanted.project[:100]!r}; nothing was sent to it yet.")
    if wanted.which is not Which.OUTDATED:
        key = chosen[0].key if wanted.project is not None else None
        return Retraced(_make_pending(store, _asked(wanted, key), now_ns), {})
    count, skipped = 0, {}
    for project in chosen:
        try:
            tracing = rules.of(project.name, project.stored)
            digest = settings_digest(versions(tracing.indexes), tracing.options)
        except WherefromError as error:
            skipped[project.name] = str(error)
            continue
        count += _make_pending(store, _outdated(_asked(wanted, project.key), digest), now_ns)
    return Retraced(count, skipped)


def _projects(connection: Connection) -> list[_Project]:
    rows = connection.execute(select(projects).order_by(projects.c.key))
    return [_Project(row.key, row.name, stored_tracing(row)) for row in rows]


def _asked(wanted: Wanted, project_key: int | None) -> Select[Any]:
    """Select the keys of the parts that are wanted; tables that are not needed are left out, for they can be large."""
    states = (FAILED,) if wanted.which is Which.FAILED else (DONE, FAILED)
    asked = select(parts.c.key).where(parts.c.state.in_(states))
    if wanted.span_key is not None:
        asked = asked.where(parts.c.span_key == wanted.span_key)
    if project_key is not None or wanted.since_ns is not None:
        asked = asked.join(traces, traces.c.key == parts.c.trace_key)
    if project_key is not None:
        asked = asked.where(traces.c.project_key == project_key)
    if wanted.since_ns is not None:
        asked = asked.where(traces.c.received_ns >= wanted.since_ns)
    return asked


def _outdated(asked: Select[Any], digest: str) -> Select[Any]:
    """Of these parts, select those that have failed or whose provenance has other settings than a digest names."""
    other = or_(parts.c.state == FAILED, not_(with_settings(digest)))
    return asked.outerjoin(provenances, provenances.c.part_key == parts.c.key).where(other)


def _make_pending(store: TraceStore, asked: Select[Any], now_ns: int) -> int:
    listed = asked.order_by(parts.c.key).limit(_AT_ONCE)
    count, last = 0, -1
    while True:
        after = last
        keys = store.read(lambda connection: list(connection.execute(listed.where(parts.c.key > after)).scalars()))  # noqa: B023
        if not keys:
            return count
        count += store.write(lambda connection: _pend(connection, keys, now_ns)).result()  # noqa: B023
        last = keys[-1]


def _pend(connection: Connection, keys: Sequence[int], now_ns: int) -> int:
    ended = and_(parts.c.key.in_(keys), parts.c.state.in_((DONE, FAILED)))
    rows = connection.execute(select(parts.c.span_key, parts.c.trace_key).where(ended)).all()
    changed = {"state": PENDING, "due_ns": now_ns, "queued_ns": now_ns, "attempts": 0, "reason": None}
    connection.execute(update(parts).where(ended).values(changed))
    trace_keys = {row.trace_key for row in rows}
    summarise_parts(connection, {row.span_key for row in rows})
    summarise_provenance(connection, trace_keys, now_ns)
    touch(connection, trace_keys)
    return len(rows)
