"""What was acknowledged is there, whatever happens; what cannot be stored is refused with its reason, until it can."""

from __future__ import annotations

import multiprocessing
import os
import random
import resource
import shutil
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import killed_writer
import pytest
from killed_writer import SPANS, request
from sqlalchemy import Connection, func, select, text

from wherefrom.errors import StoreUnavailableError
from wherefrom.traces.engine import FILE
from wherefrom.traces.ingesting import ingest
from wherefrom.traces.schema import parts, projects, sessions, span_payloads, spans, traces
from wherefrom.traces.store import TraceStore

DATABASES = ("sqlite", "postgresql")
TESTS = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def processes() -> Any:
    """Starts processes from one that has imported everything, so that each is there at once."""
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["wherefrom.traces.store", "wherefrom.traces.ingesting", "psycopg"])
    return context


def killed(processes: Any, location: str, first: int, chance: random.Random) -> list[int]:
    """Ingest in another process, kill it at some moment, and return what it acknowledged."""
    receiver, sender = processes.Pipe(duplex=False)
    process = processes.Process(target=killed_writer.ingest_for_ever, args=(location, first, sender), daemon=True)
    process.start()
    sender.close()
    acknowledged = [receiver.recv() for _ in range(chance.randrange(1, 6))]
    time.sleep(chance.random() * 0.02)
    process.kill()
    while True:
        try:
            acknowledged.append(receiver.recv())
        except EOFError:
            break
    process.join()
    receiver.close()
    return acknowledged


def check_all_there(connection: Connection, acknowledged: set[int]) -> None:
    """Every acknowledged span once, no request by half, and everything that hangs on a span."""
    found = connection.execute(select(traces.c.trace_id, traces.c.spans)).all()
    told = {int(row.trace_id, 16): row.spans for row in found}
    assert len(told) == len(found)
    assert {number // 2 for number in acknowledged} <= set(told)
    assert set(told.values()) <= {SPANS}
    rows = connection.execute(
        select(spans.c.span_id, spans.c.start_ns, spans.c.status, spans.c.provenance, span_payloads.c.body).outerjoin(
            span_payloads, span_payloads.c.span_key == spans.c.key
        )
    ).all()
    assert len({row.span_id for row in rows}) == len(rows) == SPANS * len(told)
    for row in rows:
        trace = int(row.span_id[:8], 16)
        assert row.body is not None
        if trace * 2 + 1 in acknowledged:
            assert (row.start_ns, row.status, row.provenance) == (trace * 2 + 1, "ok", "pending")
    ended = sum(row.status == "ok" for row in rows)
    assert connection.execute(select(func.count()).select_from(parts)).scalar() == ended
    counted = connection.execute(select(sessions.c.traces)).scalars().all()
    assert sum(counted) == len(told)


def kill_again_and_again(processes: Any, location: str, times: int) -> None:
    chance = random.Random(times)
    acknowledged: set[int] = set()
    first = 0
    for _ in range(times):
        acknowledged |= set(killed(processes, location, first, chance))
        with TraceStore.open(location) as store:
            store.read(partial(check_all_there, acknowledged=acknowledged))
        first = max(acknowledged) // 2 * 2  # some that are there already, and perhaps were not acknowledged
    assert len(acknowledged) >= times


@pytest.mark.parametrize("database", DATABASES)
def test_what_was_acknowledged_survives_a_kill(
    new_location: Callable[[str], str], processes: Any, database: str
) -> None:
    kill_again_and_again(processes, new_location(database), 10)


@pytest.mark.slow
@pytest.mark.parametrize("database", DATABASES)
def test_what_was_acknowledged_survives_a_hundred_kills(
    new_location: Callable[[str], str], processes: Any, database: str
) -> None:
    kill_again_and_again(processes, new_location(database), 100)


def store_request(store: TraceStore, number: int) -> None:
    store.write(lambda connection: ingest(connection, request(number), number)).result(timeout=60)


def count_spans(store: TraceStore) -> int:
    return store.read(lambda connection: connection.execute(select(func.count()).select_from(spans)).scalar_one())


def test_a_full_disk(tmp_path: Path) -> None:
    disk = tmp_path / "disk"
    disk.mkdir()
    if shutil.which("unshare") is None:
        pytest.skip("a small disk needs unshare")
    mounting = ["unshare", "--map-root-user", "--mount", "sh", "-c"]
    if subprocess.run([*mounting, 'mount -t tmpfs none "$0"', str(disk)], capture_output=True).returncode:
        pytest.skip("this machine lets nobody mount a small disk")
    run = 'mount -t tmpfs -o size=4m none "$0" && exec "$1" "$2" "$0"'
    done = subprocess.run(
        [*mounting, run, str(disk), sys.executable, str(TESTS / "full_disk.py")],
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert done.stdout.endswith("is not available: the disk is full. Try again later.\nrecovered\n"), done.stderr


def test_a_file_that_may_not_grow(tmp_path: Path) -> None:
    with TraceStore.open(tmp_path) as store:
        store_request(store, 1)
        before = resource.getrlimit(resource.RLIMIT_FSIZE)
        size = max(file.stat().st_size for file in tmp_path.iterdir())
        resource.setrlimit(resource.RLIMIT_FSIZE, (size + 40_000, before[1]))
        try:
            with pytest.raises(StoreUnavailableError, match="disk"):  # noqa: PT012
                for number in range(3, 10_000, 2):
                    store_request(store, number)
            stored = count_spans(store)
        finally:
            resource.setrlimit(resource.RLIMIT_FSIZE, before)
        assert stored == (number // 2) * SPANS
        store_request(store, number)
        assert count_spans(store) == stored + SPANS


def test_a_locked_database(tmp_path: Path) -> None:
    with TraceStore.open(tmp_path, lock_seconds=0.05) as store:
        store_request(store, 1)
        other = sqlite3.connect(tmp_path / FILE, isolation_level=None)
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(StoreUnavailableError, match="another process holds its lock"):
            store_request(store, 3)
        assert count_spans(store) == SPANS
        other.close()
        store_request(store, 3)
        assert count_spans(store) == 2 * SPANS


def test_a_locked_server(new_location: Callable[[str], str]) -> None:
    location = new_location("postgresql")
    with TraceStore.open(location, lock_seconds=0.05) as store, TraceStore.open(location) as other:
        store_request(store, 1)

        def hold(connection: Connection) -> None:
            with pytest.raises(StoreUnavailableError, match="another process holds its lock"):
                store_request(store, 3)

        other.write(hold).result(timeout=60)
        store_request(store, 3)
        assert count_spans(store) == 2 * SPANS


@pytest.mark.parametrize("mode", ["fast", "immediate"])
def test_a_server_that_stops_and_comes_back(new_location: Callable[[str], str], postgresql: Any, mode: str) -> None:
    with TraceStore.open(new_location("postgresql")) as store:
        store_request(store, 1)
        assert count_spans(store) == SPANS
        postgresql.restart(mode)  # nobody notices: what was not committed is done again
        store_request(store, 3)
        assert count_spans(store) == 2 * SPANS
        postgresql.stop(mode)
        try:
            with pytest.raises(StoreUnavailableError, match="server"):
                store_request(store, 5)
            with pytest.raises(StoreUnavailableError, match="server"):
                count_spans(store)
        finally:
            postgresql.start()
        store_request(store, 5)
        assert count_spans(store) == 3 * SPANS


def test_a_server_that_stops_during_a_work(new_location: Callable[[str], str], postgresql: Any) -> None:
    with TraceStore.open(new_location("postgresql")) as store:
        tries = 0

        def work(connection: Connection) -> None:
            nonlocal tries
            tries += 1
            ingest(connection, request(1), 1)
            if tries == 1:
                postgresql.restart("immediate")
                connection.execute(select(projects)).all()

        store.write(work).result(timeout=60)
        assert (tries, count_spans(store)) == (2, SPANS)


@pytest.mark.parametrize(
    ("state", "reason"), [("53100", "short of disk"), ("57P03", "stopping or starting"), ("58030", "files")]
)
def test_a_server_in_need(new_location: Callable[[str], str], state: str, reason: str) -> None:
    with TraceStore.open(new_location("postgresql")) as store:
        complaint = text(f"DO $$ BEGIN RAISE EXCEPTION 'in need' USING ERRCODE = '{state}'; END $$")
        with pytest.raises(StoreUnavailableError, match=reason):
            store.write(lambda connection: connection.execute(complaint)).result(timeout=60)
        store_request(store, 1)
        assert count_spans(store) == SPANS


def test_a_server_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(StoreUnavailableError, match="server cannot be reached") as error:
        TraceStore.open(f"postgresql://somebody:secret@/traces?host={tmp_path}")
    assert "secret" not in str(error.value)


def test_a_damaged_file(tmp_path: Path) -> None:
    (tmp_path / FILE).write_bytes(os.urandom(8192))
    with pytest.raises(StoreUnavailableError, match="no database"):
        TraceStore.open(tmp_path)
