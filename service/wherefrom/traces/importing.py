"""Files and datasets of generations, stored as if applications had sent them."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from wherefrom.errors import MalformedError, OverloadedError
from wherefrom.traces.ingest.conversations import generations
from wherefrom.traces.ingest.json_values import DEEPEST, parse_json
from wherefrom.traces.ingest.jsonl import Origin
from wherefrom.traces.ingesting import Ingested, ingest
from wherefrom.traces.model import IngestBatch, SpanUpdate
from wherefrom.traces.store import TraceStore
from wherefrom_indexer.errors import SourceError
from wherefrom_indexer.progress import Progress, Report, silent
from wherefrom_indexer.sources import Skipped, SkipReport, SourceOptions, open_source
from wherefrom_indexer.sources.base import RecordSource, unreadable
from wherefrom_indexer.sources.text import TextSource

MAX_ARRAY = 1 << 30
"""Bytes of a file that is one JSON array: it is read as a whole."""

_AT_ONCE = 200  # generations of one transaction
_CHARACTERS_AT_ONCE = 4 << 20
_WAITING = 3  # batches on their way to the store
_AGAIN_S = 0.2


@dataclass(slots=True)
class Imported:
    """What an import came to: records read, generations stored (also those that were there before), records skipped."""

    records: int = 0
    generations: int = 0
    skipped: int = 0


def import_records(
    store: TraceStore,
    spec: str,
    *,
    project: str | None = None,
    options: SourceOptions | None = None,
    on_skip: SkipReport | None = None,
    report: Report = silent,
) -> Imported:
    """Store the generations of a file, a folder or a dataset; what is imported again changes nothing.

    Args:
        spec: JSON Lines (plain or compressed), one JSON array, Parquet or Arrow files, a dataset saved to disk, or the
            name of one on a hub.
        project: that they belong to; None: what their field `project` says, else the default.
        options: how to read it; with `on_error="skip"`, records without an output are passed over.
        on_skip: is told of each record that is passed over.

    Raises:
        SourceError: it cannot be read, or a record cannot be used; what came before stays stored.
        StoreUnavailableError: the store cannot be written.
    """
    chosen = options or SourceOptions()
    source = _opened(spec, chosen)
    done = Imported()
    waiting: deque[Future[Ingested]] = deque()
    for batch in _batches(_generations(source, project, chosen, on_skip, done)):
        waiting.append(_write(store, IngestBatch(spans=tuple(batch), project=project)))
        while len(waiting) >= _WAITING:
            waiting.popleft().result()
        done.generations += len(batch)
        report(Progress("import", source.bytes_read, source.total_bytes, "bytes"))
    for future in waiting:
        future.result()
    done.skipped += source.skipped_count
    if not done.generations:
        raise SourceError(
            f"{spec} holds no generations" + (f"; {done.skipped:,} records were skipped" * (done.skipped > 0))
        )
    return done


def _generations(
    source: RecordSource,
    project: str | None,
    options: SourceOptions,
    on_skip: SkipReport | None,
    done: Imported,
) -> Iterator[SpanUpdate]:
    for record in source.records(on_skip):
        done.records += 1
        try:
            yield from generations(record.fields, Origin(source.name, record.ordinal, project))
        except SourceError as error:
            if options.on_error == "error":
                raise SourceError(f"{record.location}: {error}") from error
            done.skipped += 1
            if on_skip is not None:
                on_skip(Skipped(record.location, str(error)))


def _batches(found: Iterable[SpanUpdate]) -> Iterator[list[SpanUpdate]]:
    """Yield generations in groups of a bounded number and size."""
    batch: list[SpanUpdate] = []
    characters = 0
    for span in found:
        batch.append(span)
        characters += _characters(span)
        if len(batch) >= _AT_ONCE or characters >= _CHARACTERS_AT_ONCE:
            yield batch
            batch, characters = [], 0
    if batch:
        yield batch


def _characters(span: SpanUpdate) -> int:
    said = (*(span.input_messages or ()), *(span.output_messages or ()))
    return sum(len(part.text or "") for message in said for part in message.parts)


def _write(store: TraceStore, batch: IngestBatch) -> Future[Ingested]:
    work: Callable[..., Ingested] = partial(_ingest, batch)
    while True:
        try:
            return store.write(work)
        except OverloadedError:
            time.sleep(_AGAIN_S)


def _ingest(batch: IngestBatch, connection: object) -> Ingested:
    return ingest(connection, batch, time.time_ns())  # type: ignore[arg-type]


def _opened(spec: str, options: SourceOptions) -> RecordSource:
    path = Path(spec)
    if path.suffix.lower() == ".json" and path.is_file() and options.format is None and _is_array(path):
        source = open_source(_array(path), options)
        source.name = path.name
    else:
        source = open_source(spec, options)
    if isinstance(source, TextSource) or not isinstance(source, RecordSource):
        raise SourceError(
            f"{spec} holds no records: give JSON Lines, Parquet or Arrow files, or a dataset saved to disk"
        )
    return source


def _is_array(path: Path) -> bool:
    try:
        with path.open("rb") as file:
            return file.read(4096).removeprefix(b"\xef\xbb\xbf").lstrip()[:1] == b"["
    except OSError as error:
        raise unreadable(path, error) from error


def _array(path: Path) -> list[object]:
    try:
        if path.stat().st_size > MAX_ARRAY:
            raise SourceError(f"{path} is one JSON array of more than {MAX_ARRAY >> 30} GiB: write it as JSON Lines")
        value = parse_json(path.read_bytes(), nesting=DEEPEST, what=str(path))
    except OSError as error:
        raise unreadable(path, error) from error
    except MalformedError as error:
        raise SourceError(str(error)) from error
    assert isinstance(value, list)
    return value
