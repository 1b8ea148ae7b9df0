"""Small indexes for tests of storage, and writers that are killed or refused at the k-th file operation."""

from __future__ import annotations

import functools
import os
from collections.abc import Callable
from pathlib import Path

import tokenizer_files

from wherefrom_indexer import Index
from wherefrom_indexer.files import Operation, operation_hook
from wherefrom_indexer.manifest import MANIFEST, REMOVAL_FILES, SEGMENT_FILES
from wherefrom_indexer.tokenization import Tokenizer


@functools.cache
def small_tokenizer() -> Tokenizer:
    return Tokenizer.from_definition(tokenizer_files.definition(tokenizer_files.byte_level(320)), name="small")


@functools.cache
def lossy_tokenizer() -> Tokenizer:
    """A tokenizer whose tokens do not spell the text."""
    return Tokenizer.from_definition(tokenizer_files.definition(tokenizer_files.word_piece()), name="lossy")


def records(texts: dict[str, str], **metadata: object) -> list[dict[str, object]]:
    return [{"id": identifier, "text": text, **metadata} for identifier, text in texts.items()]


def contents(index: Index) -> dict[str, tuple[str, dict[str, object]]]:
    """Ids, texts and metadata of all live documents."""
    found = {}
    for segment in index.segments:
        for ordinal in range(segment.n_documents):
            if segment.is_live(ordinal):
                record = segment.record(ordinal)
                assert record.id not in found
                found[record.id] = (segment.text(ordinal), dict(record.metadata))
    return found


def named_files(index: Index) -> set[str]:
    """What a folder may hold: the files that the manifest names, and the lock."""
    names = {MANIFEST, "lock", index.manifest.tokenizer.file}
    for entry in index.manifest.segments:
        names |= {f"segments/{entry.name}/{file}" for file in SEGMENT_FILES}
        if entry.removal:
            names |= {f"segments/{entry.name}/{entry.removal.name}/{file}" for file in REMOVAL_FILES}
    return names


def files_in(folder: Path) -> set[str]:
    return {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}


class Killed(BaseException):
    """Stands for the end of the process: nothing in the project may catch it."""


class Faults:
    """A hook that ends everything at operation `at` (from 0): no later operation happens either.

    What was written and not synced is torn when the end comes, as it may be when a machine fails.
    """

    def __init__(self, at: int, make_error: Callable[[], BaseException] = Killed) -> None:
        self.count = 0
        self._at = at
        self._make_error = make_error
        self._unsynced: set[Path] = set()

    def __call__(self, operation: Operation, path: Path) -> None:
        if self.count >= self._at:
            if self.count == self._at and self._make_error is Killed:
                self._tear()
            self.count += 1
            raise self._make_error()
        self.count += 1
        if operation in ("create", "write"):
            self._unsynced.add(path)
        else:
            self._unsynced.discard(path)

    def _tear(self) -> None:
        for path in self._unsynced:
            if path.is_file() and path.name != "lock":
                os.truncate(path, path.stat().st_size // 2)


def operations_of(command: Callable[[], object]) -> int:
    """Run a command; how many file operations it takes."""
    counter = Faults(at=1 << 30)
    with operation_hook(counter):
        command()
    return counter.count
