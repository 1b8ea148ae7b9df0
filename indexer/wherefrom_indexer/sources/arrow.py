"""Columns: Parquet, Arrow IPC files and streams (Feather too), and datasets that `datasets` saved to disk."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from wherefrom_indexer.errors import SourceError
from wherefrom_indexer.sources.base import RecordError, Row, SourceOptions, unreadable
from wherefrom_indexer.sources.files import FileSource
from wherefrom_indexer.sources.values import shorten

_ROWS_AT_ONCE = 64
_PARQUET_BUFFER = 1 << 20
_ARROW_FILE = b"ARROW1"
_FEATHER_1 = b"FEA1"


class ColumnSource(FileSource):
    """Files of columns, read a few rows at a time.

    `constants` are fields that all records of a file have besides its columns (the split of a dataset).
    """

    def __init__(
        self,
        name: str,
        options: SourceOptions,
        paths: Sequence[Path],
        constants: Mapping[Path, Mapping[str, object]] | None = None,
    ) -> None:
        super().__init__(name, options, paths)
        self._constants = constants or {}

    def _rows_of(self, path: Path, skip: int) -> Iterator[Row]:
        constants = self._constants.get(path, {})
        number = 0
        for batch in self._batches(path, skip):
            if number + batch.num_rows <= skip:
                yield from (Row("", None) for _ in range(batch.num_rows))
                number += batch.num_rows
                continue
            for record in _records(_without_nanoseconds(batch)):
                number += 1
                content = record if isinstance(record, RecordError) else {**constants, **record}
                yield Row(f"{path}:row {number}", content)

    def _fields(self, content: object) -> Mapping[str, object]:
        if isinstance(content, RecordError):
            raise content
        return super()._fields(content)

    def _batches(self, path: Path, skip: int) -> Iterator[pa.RecordBatch]:
        with open(path, "rb") as file:
            head = file.read(len(_ARROW_FILE))
        if head.startswith(b"PAR1"):
            return self._parquet_batches(path)
        if head.startswith(_FEATHER_1):
            raise SourceError(f"{path} is in version 1 of Feather: write it again as Feather 2 or Parquet")
        return self._arrow_batches(path, is_file=head == _ARROW_FILE)

    def _parquet_batches(self, path: Path) -> Iterator[pa.RecordBatch]:
        # Buffered and on this thread, so that pages, not whole column chunks, are in memory.
        with pq.ParquetFile(path, buffer_size=_PARQUET_BUFFER, pre_buffer=False) as file:
            self._position, count = _share(path, file.metadata.num_rows)
            for batch in file.iter_batches(batch_size=_ROWS_AT_ONCE, use_threads=False):
                yield batch
                count(batch.num_rows)

    def _arrow_batches(self, path: Path, is_file: bool) -> Iterator[pa.RecordBatch]:
        with pa.memory_map(str(path)) as mapped:
            self._position = lambda: 0 if mapped.closed else mapped.tell()
            if is_file:
                reader = pa.ipc.open_file(mapped)
                self._position, count = _share(path, reader.num_record_batches)
                batches = (reader.get_batch(place) for place in range(reader.num_record_batches))
            else:
                batches, count = iter(pa.ipc.open_stream(mapped)), _count_nothing
            for batch in batches:
                for start in range(0, batch.num_rows, _ROWS_AT_ONCE):
                    yield batch.slice(start, _ROWS_AT_ONCE)
                count(1)


def saved_dataset(folder: Path, options: SourceOptions, name: str) -> ColumnSource:
    """Return the source of a dataset that `save_to_disk` wrote: one split, or all splits one after another.

    Raises:
        SourceError: its description cannot be read, or it has no such split.
    """
    if not (folder / "dataset_dict.json").exists():
        return ColumnSource(name, options, _data_files(folder))
    splits = [str(split) for split in _description(folder / "dataset_dict.json").get("splits", [])]
    if options.split is not None:
        if options.split not in splits:
            raise SourceError(f"{folder} has no split {options.split!r}; its splits are: {', '.join(splits)}")
        return ColumnSource(name, options, _data_files(folder / options.split))
    constants = {path: {"split": split} for split in splits for path in _data_files(folder / split)}
    return ColumnSource(name, options, list(constants), constants)


def _data_files(folder: Path) -> list[Path]:
    state = _description(folder / "state.json")
    if state.get("_indices_data_files"):
        raise SourceError(f"{folder} was saved with an indices mapping: call flatten_indices() before saving it")
    try:
        return [folder / str(file["filename"]) for file in state["_data_files"]]
    except (KeyError, TypeError) as error:
        raise SourceError(f"{folder / 'state.json'} does not name the data files of a dataset") from error


def _description(path: Path) -> dict[str, list[dict[str, object]]]:
    try:
        description = json.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise unreadable(path, error) from error
    except ValueError as error:
        raise SourceError(f"{path} is not JSON: {shorten(str(error))}") from error
    if not isinstance(description, dict):
        raise SourceError(f"{path} does not describe a dataset")
    return description


def _records(batch: pa.RecordBatch) -> Iterator[dict[str, object] | RecordError]:
    """Yield the rows of a batch; in place of one that Python cannot hold (text that is not UTF-8), the error."""
    try:
        records = batch.to_pylist()
    except ValueError:
        records = None
    if records is not None:
        yield from records
        return
    for place in range(batch.num_rows):
        try:
            yield batch.slice(place, 1).to_pylist()[0]
        except ValueError as error:
            yield RecordError(f"it has a value that cannot be read: {shorten(str(error))}")


def _share(path: Path, parts: int) -> tuple[Callable[[], int], Callable[[int], None]]:
    """Return a place in a file that is told by counting equal parts, and what counts them."""
    size, done = path.stat().st_size, 0

    def count(more: int) -> None:
        nonlocal done
        done += more

    return lambda: size * done // max(parts, 1), count


def _count_nothing(_: int) -> None:
    """Count for files whose place is told otherwise."""


def _without_nanoseconds(batch: pa.RecordBatch) -> pa.RecordBatch:
    """Write times in nanoseconds as strings: Python's own types do not hold them."""
    for place, column in enumerate(batch.schema):
        kind = column.type
        if (pa.types.is_timestamp(kind) or pa.types.is_duration(kind) or pa.types.is_time(kind)) and kind.unit == "ns":
            values = batch.column(place)
            strings = values.cast(pa.int64() if pa.types.is_duration(kind) else pa.string())
            batch = batch.set_column(place, column.name, strings)
    return batch
