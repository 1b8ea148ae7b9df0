"""Lists of traces: filtered, newest first, by pages.

How a filtered page is found depends on how many traces pass each filter, which nobody knows beforehand. What stands in
tables of its own (models, sessions, documents, words) is a *set* of traces. A set is probed: where it is small, its
traces are looked at one by one. Otherwise the list is walked in its order, along an index that holds what the other
filters need; where all sets are large, a stretch of it nearly always fills the page, and where it does not (all of
them are old), the sets are intersected.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, Select, exists, select

from wherefrom.errors import NotFoundError, RequestError
from wherefrom.traces.pages import Page, PageRequest, among, page_of
from wherefrom.traces.schema import projects, provenance_documents, sessions, trace_models, traces
from wherefrom.traces.searching import Words
from wherefrom.traces.times import milliseconds, time_text

SMALL = 10_000
"""Traces of a set that are looked at one by one."""

STRETCH = 20_000
"""Traces of the list that are walked before large sets are intersected."""

MAX_NAME = 300
"""Characters of a name in a list; the rest stands with the span."""

_SHOWN = (
    traces,
    projects.c.name.label("project"),
    sessions.c.id.label("session"),
)


@dataclass(frozen=True, slots=True)
class TraceFilter:
    """Which traces are wanted; None: whatever it is.

    Attributes:
        project, session: name and id.
        since_ns, until_ns: of the start; the first included, the second not.
        model: of any generation or embedding.
        status: ok, error, unset.
        min_coverage, max_coverage: share of its generations' characters; both included, as all bounds.
        min_longest_span, max_longest_span: characters.
        min_cost, max_cost: US dollars.
        provenance: pending, done, failed, nothing.
        document, source, index: a document that a generation quotes, what its metadata call its source, and the index
            that it is in.
        text: words, in any span: all of them must stand in one; in double quotes: one after the other.
    """

    project: str | None = None
    session: str | None = None
    since_ns: int | None = None
    until_ns: int | None = None
    model: str | None = None
    status: str | None = None
    min_coverage: float | None = None
    max_coverage: float | None = None
    min_longest_span: int | None = None
    max_longest_span: int | None = None
    min_cost: float | None = None
    max_cost: float | None = None
    provenance: str | None = None
    document: str | None = None
    source: str | None = None
    index: str | None = None
    text: str | None = None

    def __post_init__(self) -> None:
        if self.index is not None and self.document is None and self.source is None:
            raise RequestError("index names the index of a document or source; give document or source as well.")


def list_traces(connection: Connection, wanted: TraceFilter, request: PageRequest) -> Page:
    """Return a page of traces, the newest first.

    Raises:
        NotFoundError: there is no such project.
        RequestError: `request.cursor` is not of this list, or `wanted.text` has no word.
    """
    keys = _Finder(connection, wanted, request).keys()
    rows = read_rows(connection, keys)
    return page_of(rows, request, lambda row: (row.start_ns, row.key), trace_item)


def find_traces(connection: Connection, wanted: TraceFilter, after_key: int, limit: int) -> list[int]:
    """Return the keys of up to `limit` traces that pass, in the order of their keys, beyond one: for exports."""
    asked = select(traces.c.key).where(traces.c.key > after_key, *passing(connection, wanted))
    return list(connection.execute(asked.order_by(traces.c.key).limit(limit)).scalars())


def passing(connection: Connection, wanted: TraceFilter) -> list[ColumnElement[bool]]:
    """Return the conditions that rows of `traces` fulfil which pass.

    Raises:
        NotFoundError: there is no such project.
        RequestError: `wanted.text` has no word.
    """
    finder = _Finder(connection, wanted, PageRequest())
    return [*finder.conditions(), *finder.memberships()]


def read_rows(connection: Connection, keys: Sequence[int]) -> list[Row[Any]]:
    """Return the rows that `trace_item` reads, in the order of the keys; deleted traces are left out."""
    if not keys:
        return []
    joined = traces.join(projects).outerjoin(sessions, sessions.c.key == traces.c.session_key)
    asked = select(*_SHOWN).select_from(joined).where(among(traces.c.key, keys, connection.dialect.name))
    found = {row.key: row for row in connection.execute(asked)}
    return [found[key] for key in keys if key in found]


def trace_item(row: Row[Any]) -> dict[str, Any]:
    """Return a trace as lists show it."""
    return {
        "id": row.trace_id,
        "project": row.project,
        "session": row.session,
        "user": row.user_id,
        "name": None if row.name is None else row.name[:MAX_NAME],
        "protocol": row.protocol,
        "status": row.status,
        "start": time_text(row.start_ns),
        "end": time_text(row.end_ns),
        "duration_ms": milliseconds(row.start_ns, row.end_ns),
        "received": time_text(row.received_ns),
        "updated": time_text(row.updated_ns),
        "spans": row.spans,
        "errors": row.errors,
        "generations": row.generations,
        "model": row.model,
        "input_tokens": row.input_tokens,
        "output_tokens": row.output_tokens,
        "cost": row.cost,
        "cost_is_partial": row.cost_is_partial,
        "provenance": row.provenance,
        "characters": row.characters,
        "coverage": row.coverage,
        "longest_span": row.longest_span,
    }


def project_key(connection: Connection, name: str) -> int:
    """Return the key of a project.

    Raises:
        NotFoundError: there is none.
    """
    found = connection.execute(select(projects.c.key).where(projects.c.name == name)).scalar()
    if found is None:
        raise NotFoundError(f"There is no project {name[:200]!r}: nothing was sent to it yet, or it was deleted.")
    return int(found)


@dataclass(frozen=True, slots=True)
class _Set:
    """Traces that pass one filter.

    Attributes:
        keys: selects their keys, some of them several times.
        has: from a column of keys, the condition that they are of them.
    """

    keys: Select[Any]
    has: Callable[[ColumnElement[Any]], ColumnElement[bool]]


class _Finder:
    """Finds the keys of one page."""

    def __init__(self, connection: Connection, wanted: TraceFilter, request: PageRequest) -> None:
        self._connection = connection
        self._dialect = connection.dialect.name
        self._wanted = wanted
        self._request = request
        self._project = None if wanted.project is None else project_key(connection, wanted.project)
        self._sets = list(self._all_sets())

    def keys(self) -> list[int]:
        """The keys of the page's traces, in their order."""
        small: set[int] | None = None
        large: list[_Set] = []
        for part in self._sets:
            probed = self._connection.execute(part.keys.limit(SMALL + 1)).scalars().all()
            if len(probed) > SMALL:  # with repetitions: there may be more than were read
                large.append(part)
            else:
                small = set(probed) if small is None else small & set(probed)
        if small is not None:
            return self._of_few(small, large)
        if not large:
            return self._read(self._page().where(*self._in_order()))
        if len(large) == 1 and self._only_model():
            return self._of_model()
        return self._of_many(large)

    def conditions(self) -> list[ColumnElement[bool]]:
        """What rows of `traces` must fulfil, apart from sets."""
        wanted = self._wanted
        found: list[ColumnElement[bool]] = []
        if self._project is not None:
            found.append(traces.c.project_key == self._project)
        if wanted.status is not None:
            found.append(traces.c.status == wanted.status)
        if wanted.provenance is not None:
            found.append(traces.c.provenance == wanted.provenance)
        return found + list(self._bounds())

    def memberships(self) -> list[ColumnElement[bool]]:
        """The conditions of all sets."""
        return [part.has(traces.c.key) for part in self._sets]

    def _bounds(self) -> Iterator[ColumnElement[bool]]:
        wanted = self._wanted
        for column, least, most in (
            (traces.c.coverage, wanted.min_coverage, wanted.max_coverage),
            (traces.c.longest_span, wanted.min_longest_span, wanted.max_longest_span),
            (traces.c.cost, wanted.min_cost, wanted.max_cost),
        ):
            if least is not None:
                yield column >= least
            if most is not None:
                yield column <= most
        yield from self._between(traces.c.start_ns)

    def _between(self, column: ColumnElement[Any]) -> Iterator[ColumnElement[bool]]:
        if self._wanted.since_ns is not None:
            yield column >= self._wanted.since_ns
        if self._wanted.until_ns is not None:
            yield column < self._wanted.until_ns

    def _all_sets(self) -> Iterator[_Set]:
        wanted = self._wanted
        if wanted.session is not None:
            yield self._session_set(wanted.session)
        if wanted.model is not None:
            yield self._model_set(wanted.model)
        if wanted.document is not None or wanted.source is not None:
            yield self._quoting_set()
        if wanted.text is not None:
            words = Words.of(wanted.text)
            yield _Set(words.traces(self._dialect), lambda key: words.in_trace(key, self._dialect))

    def _session_set(self, session: str) -> _Set:
        asked = select(sessions.c.key).where(sessions.c.id == session)
        if self._project is not None:
            asked = asked.where(sessions.c.project_key == self._project)
        keys = list(self._connection.execute(asked).scalars())
        of_session = traces.alias()
        found = select(of_session.c.key).where(of_session.c.session_key.in_(keys))
        return _Set(found, lambda key: exists(found.where(of_session.c.key == key).correlate_except(of_session)))

    def _model_set(self, model: str) -> _Set:
        named = trace_models.c.model == model
        keys = select(trace_models.c.trace_key).where(named)
        if self._project is not None:
            keys = keys.where(trace_models.c.project_key == self._project)
        return _Set(
            keys, lambda key: exists().where(trace_models.c.trace_key == key, named).correlate_except(trace_models)
        )

    def _quoting_set(self) -> _Set:
        wanted = self._wanted
        asked = {"document_id": wanted.document, "source": wanted.source, "index_name": wanted.index}
        cited = [provenance_documents.c[name] == value for name, value in asked.items() if value is not None]
        keys = select(provenance_documents.c.trace_key).where(*cited)
        cited_by = exists().where(*cited)
        return _Set(
            keys,
            lambda key: cited_by.where(provenance_documents.c.trace_key == key).correlate_except(provenance_documents),
        )

    def _of_few(self, small: set[int], large: Sequence[_Set]) -> list[int]:
        if not small:
            return []
        listed = among(traces.c.key, sorted(small), self._dialect)
        return self._read(self._page().where(listed, *self._in_order(), *(part.has(traces.c.key) for part in large)))

    def _only_model(self) -> bool:
        """Whether all that is asked stands in `trace_models`, which has an index in the order of lists."""
        wanted = self._wanted
        rest = replace(wanted, project=None, model=None, since_ns=None, until_ns=None)
        return wanted.model is not None and rest == TraceFilter()

    def _of_model(self) -> list[int]:
        order = (trace_models.c.start_ns, trace_models.c.trace_key)
        asked = select(trace_models.c.trace_key).where(
            trace_models.c.model == self._wanted.model,
            *self._between(trace_models.c.start_ns),
            *self._request.beyond(*order),
        )
        if self._project is not None:
            asked = asked.where(trace_models.c.project_key == self._project)
        return self._read(asked.order_by(*self._request.ordered(*order)).limit(self._request.fetched))

    def _of_many(self, large: Sequence[_Set]) -> list[int]:
        order = self._request.ordered(traces.c.start_ns, traces.c.key)
        if self._bounded():  # an index says what passes the other filters
            passing = self._read(select(traces.c.key).where(*self._in_order()).order_by(*order).limit(SMALL + 1))
            if len(passing) <= SMALL:
                return self._of_few(set(passing), large)
        stretch = select(traces.c.key, traces.c.start_ns).where(*self._in_order()).order_by(*order).limit(STRETCH)
        walked = stretch.subquery()
        near = select(walked.c.key).where(*(part.has(walked.c.key) for part in large))
        near = near.order_by(*self._request.ordered(walked.c.start_ns, walked.c.key)).limit(self._request.fetched)
        found = self._read(near)
        if len(found) == self._request.fetched:
            return found
        within = (traces.c.key.in_(part.keys) for part in large)
        return self._read(self._page().where(*self._in_order(), *within))

    def _bounded(self) -> bool:
        """Whether there are filters by what the index of lists holds."""
        return any(True for _ in self._bounds()) or self._wanted.status is not None

    def _in_order(self) -> list[ColumnElement[bool]]:
        return [*self.conditions(), *self._request.beyond(traces.c.start_ns, traces.c.key)]

    def _page(self) -> Select[Any]:
        order = self._request.ordered(traces.c.start_ns, traces.c.key)
        return select(traces.c.key).order_by(*order).limit(self._request.fetched)

    def _read(self, asked: Select[Any]) -> list[int]:
        return [int(key) for key in self._connection.execute(asked).scalars()]
