"""A Parquet file that grows by groups of rows, in bounded memory."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from types import TracebackType
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

_ROWS = 2_500
"""Rows of a row group."""


class Table:
    """A Parquet file that is written in groups of rows."""

    def __init__(self, path: Path, schema: pa.Schema) -> None:
        """Begin it."""
        self._schema = schema
        self._rows: list[dict[str, Any]] = []
        self._writer = pq.ParquetWriter(path, schema, compression="zstd")

    def add(self, rows: Iterator[dict[str, Any]]) -> None:
        """Append rows."""
        self._rows += rows
        if len(self._rows) >= _ROWS:
            self._flush()

    def __enter__(self) -> Table:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        if kind is None:
            self._flush()
        self._writer.close()

    def _flush(self) -> None:
        if self._rows:
            self._writer.write_table(pa.Table.from_pylist(self._rows, schema=self._schema))
            self._rows = []
