"""Many rows at once, in the same way on both databases."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any, TypeVar

from sqlalchemy import ColumnElement, Connection, Select, Table, func, select, text
from sqlalchemy.dialects.postgresql import insert as postgresql_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert

T = TypeVar("T")

_MOST = 5_000  # values of one IN: PostgreSQL ends at 65,535 parameters, older SQLite at 32,766


def among(
    connection: Connection, query: Select[Any], column: ColumnElement[Any], values: Iterable[Any]
) -> Iterator[Any]:
    """Yield the rows of a query whose column has one of the values."""
    wanted = list(values)
    for start in range(0, len(wanted), _MOST):
        yield from connection.execute(query.where(column.in_(wanted[start : start + _MOST])))


def add(connection: Connection, table: Table, rows: Sequence[dict[str, Any]]) -> None:
    """Insert rows, all with the same columns."""
    if rows:
        connection.execute(table.insert(), rows)


def add_missing(connection: Connection, table: Table, rows: Sequence[dict[str, Any]]) -> None:
    """Insert the rows whose keys are not there yet."""
    if rows:
        connection.execute(_insert(connection, table).on_conflict_do_nothing(), rows)


def put(connection: Connection, table: Table, rows: Sequence[dict[str, Any]], key: Sequence[str]) -> None:
    """Insert rows, or replace those that have the same key."""
    if rows:
        statement = _insert(connection, table)
        changed = {name: statement.excluded[name] for name in rows[0] if name not in key}
        connection.execute(statement.on_conflict_do_update(index_elements=list(key), set_=changed), rows)


def new_keys(connection: Connection, table: Table, count: int) -> range:
    """Return keys for rows to be inserted, so that rows which refer to them can be made before.

    The writer's lock keeps others from taking the same ones. Keys of deleted rows are not given out again as long as
    this connection lives.
    """
    if count == 0:
        return range(0)
    if connection.dialect.name == "sqlite":
        noted = f"wherefrom_{table.name}"
        last = max(connection.execute(select(func.max(table.c.key))).scalar() or 0, connection.info.get(noted, 0))
        connection.info[noted] = last + count
        return range(last + 1, last + count + 1)
    sequence = f"{table.name}_key_seq"
    taken = text("SELECT setval(:sequence, nextval(:sequence) + :more)")
    last = connection.execute(taken, {"sequence": sequence, "more": count - 1}).scalar_one()
    return range(last - count + 1, last + 1)


def _insert(connection: Connection, table: Table) -> Any:
    return sqlite_insert(table) if connection.dialect.name == "sqlite" else postgresql_insert(table)
