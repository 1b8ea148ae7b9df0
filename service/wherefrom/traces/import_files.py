"""Files that an import reads: what a source of documents reads, and JSON in one piece, and CSV."""

from __future__ import annotations

import csv
import io
import json
import sys
from collections.abc import Iterator
from pathlib import Path

from wherefrom.errors import LimitError, MalformedError
from wherefrom.traces.ingest.json_values import DEEPEST, parse_json
from wherefrom_indexer.errors import SourceError
from wherefrom_indexer.sources import SourceOptions, open_source
from wherefrom_indexer.sources.base import RecordSource, unreadable
from wherefrom_indexer.sources.files import READ_ERRORS, open_bytes
from wherefrom_indexer.sources.text import TextSource

MAX_WHOLE = 1 << 30
"""Bytes of a file that is one JSON value: it is read as a whole."""

_MAX_CELL = 1 << 28
_COMPRESSED = (".gz", ".zst", ".zstd")


def open_records(spec: str, options: SourceOptions) -> RecordSource:
    """Open a file, a folder or a dataset of records.

    Raises:
        SourceError: it cannot be read, or holds no records.
    """
    path = Path(spec)
    suffix = _suffix(path)
    if options.format is None and path.is_file() and suffix in (".json", ".csv"):
        source = _open_csv(path, options) if suffix == ".csv" else _open_json(path, options)
    else:
        source = open_source(spec, options)
    if isinstance(source, TextSource) or not isinstance(source, RecordSource):
        raise SourceError(
            f"{spec} holds no records: give JSON, JSON Lines, CSV, Parquet or Arrow files, or a dataset saved to disk"
        )
    return source


def _suffix(path: Path) -> str:
    return Path(path.stem).suffix.lower() if path.suffix.lower() in _COMPRESSED else path.suffix.lower()


def _open_json(path: Path, options: SourceOptions) -> object:
    """One array, one object over several lines, or JSON Lines by another name."""
    if not _is_whole(path):
        return open_source(str(path), options)
    value = _value(path)
    source = open_source(value if isinstance(value, list) else [value], options)
    source.name = path.name
    return source


def _is_whole(path: Path) -> bool:
    try:
        with open_bytes(path) as (file, _):
            first = file.readline(_MAX_CELL).removeprefix(b"\xef\xbb\xbf").strip()
            while not first and (line := file.readline(_MAX_CELL)):
                first = line.strip()
    except READ_ERRORS as error:
        raise unreadable(path, error) from error
    if first[:1] == b"[":
        return True
    return first == b"{" or (first[:1] == b"{" and not first.endswith(b"}"))


def _value(path: Path) -> object:
    try:
        with open_bytes(path) as (file, _):
            data = file.read(MAX_WHOLE + 1)
    except READ_ERRORS as error:
        raise unreadable(path, error) from error
    if len(data) > MAX_WHOLE:
        raise SourceError(f"{path} is one JSON value of more than {MAX_WHOLE >> 30} GiB: write it as JSON Lines")
    try:
        return parse_json(data, nesting=DEEPEST, what=str(path))
    except MalformedError as error:
        if (value := _with_names_of_numbers(data)) is not None:
            return value
        raise SourceError(str(error)) from error
    except LimitError as error:
        raise SourceError(f"{error} JSON Lines are read line by line.") from error


def _with_names_of_numbers(data: bytes) -> object:
    """The value of JSON as Python writes it, with NaN and infinities, which become None."""
    if b"NaN" not in data and b"Infinity" not in data:
        return None
    try:
        return json.loads(data, parse_constant=lambda _: None)
    except (ValueError, RecursionError):
        return None


def _open_csv(path: Path, options: SourceOptions) -> object:
    source = open_source(_rows(path), options)
    source.name = path.name
    return source


def _rows(path: Path) -> Iterator[dict[str, object]]:
    """Each row by the names in the first; cells without a text are left out."""
    csv.field_size_limit(min(_MAX_CELL, sys.maxsize))
    try:
        with open_bytes(path) as (file, _):
            # open_bytes gives readers of several kinds; the wrapper needs only their read.
            reader = csv.DictReader(io.TextIOWrapper(file, encoding="utf-8-sig", errors="replace", newline=""))
            for row in reader:
                yield {name: cell for name, cell in row.items() if isinstance(name, str) and cell}
    except (csv.Error, *READ_ERRORS) as error:
        raise SourceError(f"{path} cannot be read as CSV: {error}") from error
