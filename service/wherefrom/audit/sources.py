"""The documents and sources that matched text comes from, told apart by any field of their metadata."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Any

from wherefrom.audit.outputs import value_of

MOST_SHOWN = 50
"""Values of a field that a report lists."""

_TABLES = """
PRAGMA journal_mode = OFF;
PRAGMA synchronous = OFF;
CREATE TABLE seen (id TEXT PRIMARY KEY) WITHOUT ROWID;
CREATE TABLE documents (name TEXT, id TEXT, PRIMARY KEY (name, id)) WITHOUT ROWID;
CREATE TABLE sources (field INTEGER, value TEXT, documents INTEGER, characters INTEGER, PRIMARY KEY (field, value))
    WITHOUT ROWID;
"""


def values_of(metadata: Mapping[str, Any], fields: Sequence[str]) -> list[str]:
    """The values of some fields of a document's metadata as text, `outputs.MISSING` for what is not there."""
    return [value_of(metadata, field) for field in fields]


class Ledger:
    """What must be remembered of all outputs, in a file of its own, so that memory does not grow with their number."""

    def __init__(self, path: Path) -> None:
        """Begin an empty one; it is thrown away at the end."""
        path.unlink(missing_ok=True)
        self._path = path
        self._store = sqlite3.connect(path, isolation_level=None)
        self._store.executescript(_TABLES)
        self._store.execute("BEGIN")

    def is_new(self, name: str | None) -> bool:
        """Whether no output of this id was met before; it is from now on. Outputs without an id are all new."""
        return name is None or self._insert("INSERT OR IGNORE INTO seen VALUES (?)", (name,))

    def note(self, spans: Iterable[Mapping[str, Any]]) -> None:
        """Remember the documents of all passages of one output, and how many characters each source has of it."""
        ranges: dict[tuple[int, str], list[tuple[int, int]]] = {}
        new: dict[tuple[int, str], int] = {}
        for span in spans:
            touched: set[tuple[int, str]] = set()
            for document in span["documents"]:
                values = list(enumerate(document["sources"]))
                touched.update(values)
                if self._insert("INSERT OR IGNORE INTO documents VALUES (?, ?)", (document["index"], document["id"])):
                    for value in values:
                        new[value] = new.get(value, 0) + 1
            for value in touched:
                ranges.setdefault(value, []).append((span["start"], span["end"]))
        for (field, name), held in ranges.items():
            self._store.execute(
                "INSERT INTO sources VALUES (?, ?, ?, ?) ON CONFLICT DO UPDATE SET "
                "documents = documents + excluded.documents, characters = characters + excluded.characters",
                (field, name, new.get((field, name), 0), _united(held)),
            )

    def documents(self) -> int:
        """How many distinct documents were noted."""
        return int(self._store.execute("SELECT count(*) FROM documents").fetchone()[0])

    def sources(self, field: int) -> Iterator[dict[str, Any]]:
        """The sources with most characters by the field of that place."""
        found = self._store.execute(
            "SELECT value, documents, characters FROM sources WHERE field = ? "
            "ORDER BY characters DESC, documents DESC, value LIMIT ?",
            (field, MOST_SHOWN),
        )
        for value, documents, characters in found:
            yield {"value": value, "documents": documents, "characters": characters}

    def __enter__(self) -> Ledger:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._store.close()
        self._path.unlink(missing_ok=True)

    def _insert(self, statement: str, values: tuple[str, ...]) -> bool:
        return self._store.execute(statement, values).rowcount == 1


def _united(ranges: list[tuple[int, int]]) -> int:
    """Characters in at least one range; the ranges come by their starts."""
    characters = reached = 0
    for start, end in sorted(ranges):
        characters += max(0, end - max(start, reached))
        reached = max(reached, end)
    return characters
