"""What must be remembered of every item, on disk: ids seen, scores given apart, documents to list."""

from __future__ import annotations

import json
import math
import sqlite3
from collections.abc import Iterator
from pathlib import Path
from types import TracebackType

from wherefrom.audit.contamination.items import score_of
from wherefrom_indexer.errors import StorageError, UsageError
from wherefrom_indexer.tokenization import clean_text

_TABLES = """
PRAGMA journal_mode = OFF;
PRAGMA synchronous = OFF;
CREATE TABLE seen (id TEXT PRIMARY KEY) WITHOUT ROWID;
CREATE TABLE scores (id TEXT PRIMARY KEY, score REAL) WITHOUT ROWID;
CREATE TABLE documents (name TEXT, id TEXT, items INTEGER, share REAL, PRIMARY KEY (name, id)) WITHOUT ROWID;
"""


class Ledger:
    """Tables in a file of its own, so that memory does not grow with the benchmark. It is thrown away at the end."""

    def __init__(self, path: Path) -> None:
        """Begin an empty one."""
        path.unlink(missing_ok=True)
        self._path = path
        self._store = sqlite3.connect(path, isolation_level=None)
        self._store.executescript(_TABLES)
        self._store.execute("BEGIN")

    def is_new(self, item: str) -> bool:
        """Whether no item of this id was met before; it is from now on."""
        return self._store.execute("INSERT OR IGNORE INTO seen VALUES (?)", (item,)).rowcount == 1

    def read_scores(self, path: str, id_field: str, score_field: str) -> int:
        """Remember the scores of a JSONL file by id, the first of each; return how many lines were none.

        Raises:
            UsageError: the file cannot be read.
        """
        faulty = 0
        try:
            with Path(path).open("rb") as lines:
                for line in lines:
                    if not line.strip():
                        continue
                    try:
                        record = json.loads(line.decode("utf-8-sig"))
                    except (ValueError, RecursionError):  # no UTF-8, no JSON, or a number too long, arrays too deep
                        record = None
                    identifier = record.get(id_field) if isinstance(record, dict) else None
                    score = score_of(record.get(score_field)) if isinstance(record, dict) else None
                    if identifier is None or score is None:
                        faulty += 1
                        continue
                    name = identifier if isinstance(identifier, str) else json.dumps(identifier)
                    name = clean_text(name)
                    # SQLite has no NaN; an infinite score stands for it, which score_of never gives.
                    kept = math.inf if math.isnan(score) else score
                    self._store.execute("INSERT OR IGNORE INTO scores VALUES (?, ?)", (name, kept))
        except OSError as error:
            raise UsageError(f"Cannot read {path}: {error.strerror or error}.") from error
        return faulty

    def score(self, item: str) -> float | None:
        """The score that was given for an id; NaN for one that is no number."""
        row = self._store.execute("SELECT score FROM scores WHERE id = ?", (item,)).fetchone()
        if row is None:
            return None
        return math.nan if math.isinf(row[0]) else float(row[0])

    def note_document(self, index: str, document: str, share: float) -> None:
        """Remember that a document holds one item more."""
        self._store.execute(
            "INSERT INTO documents VALUES (?, ?, 1, ?) "
            "ON CONFLICT DO UPDATE SET items = items + 1, share = max(share, excluded.share)",
            (index, document, share),
        )

    def documents(self, index: str) -> Iterator[tuple[str, int, float]]:
        """Ids of the documents of an index that hold items, how many, and the largest share of one; by id."""
        found = self._store.execute("SELECT id, items, share FROM documents WHERE name = ? ORDER BY id", (index,))
        yield from found

    def __enter__(self) -> Ledger:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._store.close()
        self._path.unlink(missing_ok=True)
        if isinstance(error, sqlite3.Error):
            raise StorageError(f"Cannot write {self._path}: {error}.") from error
