from __future__ import annotations

import sqlite3
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, inspect, text

from wherefrom.traces.engine import store_url, writing_engine
from wherefrom.traces.migrating import COMPARED, FOLDER, HEAD, alembic_config, store_version
from wherefrom.traces.schema import metadata
from wherefrom.traces.store import TraceStore
from wherefrom_indexer.errors import UsageError


def test_migrations_make_what_the_schema_says(store: TraceStore) -> None:
    def differences(connection: Connection) -> list[object]:
        return compare_metadata(MigrationContext.configure(connection, opts=COMPARED), metadata)

    # Otherwise: `python -m wherefrom.traces.migrations NUMBER "what changes"`
    assert store.write(differences).result(timeout=30) == []


def test_words_are_indexed_on_postgresql(new_location: Callable[[str], str]) -> None:
    with TraceStore.open(new_location("postgresql")) as store:
        indexes = store.read(lambda connection: inspect(connection).get_indexes("span_texts"))
    assert {index["name"] for index in indexes} == {"ix_span_texts_trace_key", "ix_span_texts_terms"}


def test_migrations_make_what_create_all_makes(tmp_path: Path) -> None:
    TraceStore.open(tmp_path / "migrated").close()
    engine = writing_engine(store_url(tmp_path / "created"), lock_seconds=5)
    with engine.begin() as connection:
        metadata.create_all(connection)
    engine.dispose()

    def objects(folder: Path) -> set[tuple[str, str]]:
        with sqlite3.connect(folder / "traces.sqlite") as connection:
            found = connection.execute(
                "SELECT type, name FROM sqlite_master WHERE name NOT LIKE '%alembic%'"
            ).fetchall()
        connection.close()
        return set(found)

    assert objects(tmp_path / "migrated") == objects(tmp_path / "created")


def test_the_newest_migration_is_known(tmp_path: Path) -> None:
    engine = writing_engine(store_url(tmp_path), lock_seconds=5)
    with engine.begin() as connection:
        assert ScriptDirectory.from_config(alembic_config(connection)).get_heads() == [HEAD]
    engine.dispose()
    assert sorted(file.name[:4] for file in (FOLDER / "versions").glob("0*.py"))[-1] == HEAD


def test_opening_again_changes_nothing(location: str) -> None:
    for _ in range(2):
        with TraceStore.open(location) as store:
            assert store.read(store_version) == HEAD


def test_many_may_open_a_new_store_at_once(new_location: Callable[[str], str]) -> None:
    location = new_location("sqlite")
    with ThreadPoolExecutor(4) as threads:
        for store in threads.map(TraceStore.open, [location] * 4):
            assert store.read(lambda connection: inspect(connection).has_table("spans"))
            store.close()


def test_a_store_of_a_newer_version_is_refused(location: str) -> None:
    with TraceStore.open(location) as store:
        change = text("UPDATE alembic_version SET version_num = '9999'")
        store.write(lambda connection: connection.execute(change)).result(timeout=30)
    with pytest.raises(UsageError, match="newer Wherefrom"):
        TraceStore.open(location)
