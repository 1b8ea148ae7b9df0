"""Exports of other tracing systems, record by record: one module a system, each `recognises` and `read`.

A record is a trace, a span or a score, as the system's own tools write it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from enum import StrEnum
from types import ModuleType
from typing import Any

from wherefrom.traces.ingest.exports import langfuse, langsmith, mlflow, phoenix
from wherefrom.traces.ingest.exports.taken import Fields, Taken, object_in


class System(StrEnum):
    """Where an export comes from."""

    LANGFUSE = "langfuse"
    PHOENIX = "phoenix"
    MLFLOW = "mlflow"
    LANGSMITH = "langsmith"


_READERS: Mapping[System, ModuleType] = {
    System.PHOENIX: phoenix,
    System.MLFLOW: mlflow,
    System.LANGSMITH: langsmith,
    System.LANGFUSE: langfuse,
}
# What the pages of these systems' interfaces, and files of several things, keep their records in.
_WRAPPERS = ("data", "traces", "runs", "spans", "observations", "scores", "annotations")


def recognised(record: Fields) -> System | None:
    """The system whose record this is; None where it is of none of them."""
    return next((system for system, reader in _READERS.items() if reader.recognises(record)), None)


def read(system: System, record: Fields) -> Taken:
    """What a record of a system says.

    Raises:
        RequestError: it is none of that system, or cannot be used.
    """
    taken: Taken = _READERS[system].read(record)
    return taken


def unwrapped(record: Fields) -> Iterator[Fields] | None:
    """The records that a page or a table holds; None where it is a record itself, or nothing that is known."""
    rows = _rows(record)
    if rows and recognised(rows[0]) is not None:
        return iter(rows)
    if recognised(record) is not None:
        return None
    for name in _WRAPPERS:
        inner = record.get(name)
        if isinstance(inner, list) and inner and isinstance(inner[0], dict) and recognised(inner[0]) is not None:
            return iter([item for item in inner if isinstance(item, dict)])
    return None


def _rows(record: Fields) -> list[dict[str, Any]]:
    """The rows of a table that was written by its columns, each an object of values by the name of the row."""
    columns = list(record.values())
    if len(columns) < 2 or not all(isinstance(column, dict) for column in columns):
        return []
    names = list(object_in(columns[0]))
    if not names or not all(column.keys() == columns[0].keys() for column in columns):
        return []
    return [{name: column[row] for name, column in record.items()} for row in names]
