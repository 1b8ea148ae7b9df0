"""Many rows at once, in the same way on both databases."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import lru_cache
from operator import itemgetter
from typing import Any

from sqlalchemy import ColumnElement, Connection, Dialect, Select, Table, func, select, text
from sqlalchemy.dialects.postgresql import insert as postgresql_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert
from sqlalchemy.exc import DBAPIError

_MOST = 5_000  # values of one IN: PostgreSQL ends at 65,535 parameters, older SQLite at 32,766


def among(
    connection: Connection, query: Select[Any], column: ColumnElement[Any], values: Iterable[Any]
) -> Iterator[Any]:
    """Yield the rows of a query whose column has one of the values."""
    wanted = list(values)
    for start in range(0, len(wanted), _MOST):
        yield from connection.execute(query.where(column.in_(wanted[start : start + _MOST])))


def add(connection: Connection, table: Table, rows: Sequence[dict[str, Any]]) -> None:
    """Insert rows, all with the same columns, in the order of those of the first.

    This is most of what a store does, so it goes past SQLAlchemy's statements, whose parameters cost more than storing
    them: to the driver on SQLite, by COPY on PostgreSQL.
    """
    if not rows:
        return
    names = tuple(rows[0])
    values = itemgetter(*names) if len(names) > 1 else lambda row: (row[names[0]],)
    converted = _converters(table, names, connection.dialect)

    def told() -> Iterator[list[Any]]:
        for row in rows:
            line = list(values(row))
            for place, convert in converted:
                if line[place] is not None:
                    line[place] = convert(line[place])
            yield line

    columns = ", ".join(connection.dialect.identifier_preparer.quote(name) for name in names)
    if connection.dialect.name == "sqlite":
        marks = ", ".join("?" * len(names))
        statement = f"INSERT INTO {table.name} ({columns}) VALUES ({marks})"
        connection.exec_driver_sql(statement, [tuple(line) for line in told()])
    else:
        _copy(connection, f"COPY {table.name} ({columns}) FROM STDIN", told())


@lru_cache(maxsize=256)
def _converters(table: Table, names: tuple[str, ...], dialect: Dialect) -> tuple[tuple[int, Callable[[Any], Any]], ...]:
    """Return what the database must be told instead of values, by place, for the columns where that differs."""
    found = (
        (place, table.c[name].type.dialect_impl(dialect).bind_processor(dialect)) for place, name in enumerate(names)
    )
    return tuple((place, convert) for place, convert in found if convert is not None)


def _copy(connection: Connection, statement: str, lines: Iterable[Sequence[Any]]) -> None:
    import psycopg

    driver: Any = connection.connection.driver_connection
    try:
        with driver.cursor() as cursor, cursor.copy(statement) as copy:
            for line in lines:
                copy.write_row(line)
    except psycopg.Error as error:
        if driver.broken:
            connection.invalidate(error)
        raise DBAPIError.instance(
            statement,
            None,
            error,
            psycopg.Error,
            connection_invalidated=driver.broken,
            dialect=connection.dialect,
        ) from error


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
