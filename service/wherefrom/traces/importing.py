"""Files and datasets of generations, and exports of other tracing systems, stored as if applications had sent them."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future
from dataclasses import dataclass, replace
from functools import partial

from sqlalchemy import Connection, select

from wherefrom.errors import OverloadedError, RequestError
from wherefrom.traces.import_files import open_records
from wherefrom.traces.ingest import exports
from wherefrom.traces.ingest.conversations import generations
from wherefrom.traces.ingest.exports import System
from wherefrom.traces.ingest.exports.taken import Fields, Taken, cleaned
from wherefrom.traces.ingest.jsonl import Origin
from wherefrom.traces.ingesting import Ingested, ingest
from wherefrom.traces.model import IngestBatch, Kind, ScoreUpdate, SpanUpdate
from wherefrom.traces.rows import among
from wherefrom.traces.schema import projects, traces
from wherefrom.traces.store import TraceStore
from wherefrom_indexer.errors import SourceError
from wherefrom_indexer.progress import Progress, Report, silent
from wherefrom_indexer.sources import Skipped, SkipReport, SourceOptions
from wherefrom_indexer.sources.base import Record, RecordSource

RECORDS = "records"
"""What `system` may be besides a `System`: generations and conversations of any fields."""

_AT_ONCE = 200  # generations of one transaction
_CHARACTERS_AT_ONCE = 4 << 20
_WAITING = 3  # batches on their way to the store
_AGAIN_S = 0.2


@dataclass(slots=True)
class Imported:
    """What an import came to, with what was there before.

    Attributes:
        records: read. skipped: of these, passed over.
        generations: stored. other_spans: spans that are none. scores: of both.
    """

    records: int = 0
    generations: int = 0
    skipped: int = 0
    other_spans: int = 0
    scores: int = 0


def import_records(
    store: TraceStore,
    spec: str,
    *,
    project: str | None = None,
    system: str | None = None,
    options: SourceOptions | None = None,
    on_skip: SkipReport | None = None,
    report: Report = silent,
) -> Imported:
    """Store the generations of a file, a folder or a dataset; what is imported again changes nothing.

    Args:
        spec: JSON Lines, JSON in one piece or CSV (plain or compressed), Parquet or Arrow files, a dataset saved to
            disk, or the name of one on a hub.
        project: that they belong to; None: what they name themselves, else the default.
        system: a `System` whose export it is, or `RECORDS`; None: the records tell.
        options: how to read it; with `on_error="skip"`, records that cannot be used are passed over.
        on_skip: is told of each record that is passed over.

    Raises:
        SourceError: it cannot be read, or a record cannot be used; what came before stays stored.
        StoreUnavailableError: the store cannot be written.
    """
    chosen = options or SourceOptions()
    source = open_records(spec, chosen)
    done = Imported()
    waiting: deque[Future[Ingested]] = deque()
    for batch in _batches(_Records(source, project, system, chosen, on_skip, done)):
        waiting.append(_write(store, IngestBatch(spans=batch.spans, scores=batch.scores, project=project), batch.roots))
        while len(waiting) >= _WAITING:
            waiting.popleft().result()
        _count(done, batch)
        report(Progress("import", source.bytes_read, source.total_bytes, "bytes"))
    for future in waiting:
        future.result()
    done.skipped += source.skipped_count
    if not (done.generations or done.other_spans or done.scores):
        raise SourceError(
            f"{spec} holds no generations" + (f"; {done.skipped:,} records were skipped" * (done.skipped > 0))
        )
    return done


def _count(done: Imported, batch: Taken) -> None:
    are_generations = sum(span.kind is Kind.LLM for span in batch.spans)
    told_twice = len(batch.spans) - len({(span.trace_id, span.span_id) for span in batch.spans})
    done.generations += are_generations
    done.other_spans += len(batch.spans) + len(batch.roots) - are_generations - told_twice
    done.scores += len(batch.scores)


@dataclass(slots=True)
class _Records:
    """What each record of a source says."""

    source: RecordSource
    project: str | None
    system: str | None
    options: SourceOptions
    on_skip: SkipReport | None
    done: Imported

    def __iter__(self) -> Iterator[Taken]:
        for record in self.source.records(self.on_skip):
            self.done.records += 1
            try:
                yield from self._taken(record)
            except (RequestError, SourceError) as error:
                self._refuse(record.location, error)

    def _taken(self, record: Record) -> Iterator[Taken]:
        if self.system == RECORDS:
            yield Taken(tuple(generations(record.fields, self._origin(record))))
            return
        fields = dict(record.fields)
        inner = exports.unwrapped(fields)
        if inner is None:
            yield self._read(record, fields)
            return
        self.done.records -= 1
        for place, item in enumerate(inner):
            self.done.records += 1
            try:
                yield self._read(record, item)
            except (RequestError, SourceError) as error:
                self._refuse(f"{record.location}, item {place}", error)

    def _read(self, record: Record, fields: Fields) -> Taken:
        system = System(self.system) if self.system is not None else exports.recognised(fields)
        if system is None:
            return Taken(tuple(generations(record.fields, self._origin(record))))
        return exports.read(system, cleaned(fields)).of_project(self.project)

    def _origin(self, record: Record) -> Origin:
        return Origin(self.source.name, record.ordinal, self.project)

    def _refuse(self, location: str, error: Exception) -> None:
        if self.options.on_error == "error":
            raise SourceError(f"{location}: {error}") from error
        self.done.skipped += 1
        if self.on_skip is not None:
            self.on_skip(Skipped(location, str(error)))


def _batches(found: Iterable[Taken]) -> Iterator[Taken]:
    """Yield what records say in groups of a bounded number and size."""
    spans: list[SpanUpdate] = []
    scores: list[ScoreUpdate] = []
    roots: list[SpanUpdate] = []
    characters = 0
    for taken in found:
        spans += taken.spans
        scores += taken.scores
        roots += taken.roots
        characters += sum(map(_characters, taken.spans))
        if len(spans) + len(scores) + len(roots) >= _AT_ONCE or characters >= _CHARACTERS_AT_ONCE:
            yield Taken(tuple(spans), tuple(scores), tuple(roots))
            spans, scores, roots, characters = [], [], [], 0
    if spans or scores or roots:
        yield Taken(tuple(spans), tuple(scores), tuple(roots))


def _characters(span: SpanUpdate) -> int:
    said = (*(span.input_messages or ()), *(span.output_messages or ()))
    return sum(len(part.text or "") for message in said for part in message.parts)


def _write(store: TraceStore, batch: IngestBatch, roots: tuple[SpanUpdate, ...]) -> Future[Ingested]:
    work: Callable[..., Ingested] = partial(_ingest, batch, roots)
    while True:
        try:
            return store.write(work)
        except OverloadedError:
            time.sleep(_AGAIN_S)


def _ingest(batch: IngestBatch, roots: tuple[SpanUpdate, ...], connection: Connection) -> Ingested:
    placed = tuple(_with_its_root(connection, span) for span in roots)
    spans = (*_below_their_traces(connection, batch.spans), *placed)
    return ingest(connection, replace(batch, spans=spans), time.time_ns())


def _below_their_traces(connection: Connection, spans: tuple[SpanUpdate, ...]) -> tuple[SpanUpdate, ...]:
    """Spans, of which roots stand below what was said of their trace before, if that is a span of its own."""
    wanted = {span.trace_id for span in spans if span.parent_id == "" and span.span_id != span.trace_id}
    if not wanted:
        return spans
    query = select(traces.c.trace_id, projects.c.name).join(projects, projects.c.key == traces.c.project_key)
    query = query.where(traces.c.root_span_id == traces.c.trace_id)
    known = {(row.trace_id, row.name) for row in among(connection, query, traces.c.trace_id, wanted)}
    named = {trace_id for trace_id, _ in known}
    return tuple(
        replace(span, parent_id=span.trace_id)
        if span.parent_id == ""
        and span.span_id != span.trace_id
        and ((span.trace_id, span.project) in known if span.project is not None else span.trace_id in named)
        else span
        for span in spans
    )


def _with_its_root(connection: Connection, said: SpanUpdate) -> SpanUpdate:
    """What is said of a trace, of the root that it has already, if it has another."""
    query = select(traces.c.root_span_id).where(traces.c.trace_id == said.trace_id, traces.c.root_span_id.is_not(None))
    if said.project is not None:
        query = query.join(projects, projects.c.key == traces.c.project_key).where(projects.c.name == said.project)
    root: str | None = connection.execute(query.order_by(traces.c.key.desc())).scalar()
    if root is None or root == said.span_id:
        return said
    nothing = {"name": None, "kind": None, "parent_id": None, "start_ns": None, "end_ns": None, "status": None}
    return replace(said, span_id=root, precedence=0, **nothing)  # type: ignore[arg-type]
