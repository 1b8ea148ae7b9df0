"""Results on disk as they come, so that a run that was interrupted goes on where it stopped."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from wherefrom_indexer.errors import StorageError

EVERY = 200
"""Results after which the file is flushed."""


class Spool:
    """A file of JSON lines: the first one says what run it is of, each other one is a result."""

    def __init__(self, path: Path, run: Mapping[str, Any]) -> None:
        """Take up the file of the same run, less a last line that was cut off, or begin a new one."""
        self.path = path
        self.done = 0
        first = json.dumps(run, sort_keys=True).encode() + b"\n"
        try:
            kept = self._kept(first)
            with path.open("r+b" if kept else "wb") as file:
                if kept:
                    file.truncate(kept)
                else:
                    file.write(first)
        except OSError as error:
            raise StorageError(f"Cannot write {path}: {error.strerror or error}.") from error

    def append(self, results: Iterator[dict[str, Any]]) -> Iterator[dict[str, Any]]:
        """Write results and yield them."""
        try:
            with self.path.open("ab") as file:
                for number, result in enumerate(results):
                    file.write(json.dumps(result).encode() + b"\n")
                    if number % EVERY == 0:
                        file.flush()
                    self.done += 1
                    yield result
        except OSError as error:
            raise StorageError(f"Cannot write {self.path}: {error.strerror or error}.") from error

    def results(self) -> Iterator[dict[str, Any]]:
        """Yield all results from the first on."""
        with self.path.open("rb") as file:
            file.readline()
            for line in file:
                yield json.loads(line)

    def _kept(self, first: bytes) -> int:
        """Bytes of the file that are whole lines of this run; counts its results."""
        if not self.path.exists():
            return 0
        kept = 0
        with self.path.open("rb") as file:
            if file.readline() != first:
                return 0
            kept = len(first)
            for line in file:
                if not line.endswith(b"\n"):
                    break
                kept += len(line)
                self.done += 1
        return kept
