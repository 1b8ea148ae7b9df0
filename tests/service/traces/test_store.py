from __future__ import annotations

import stat
import threading
from collections.abc import Callable, Collection
from concurrent.futures import Future
from functools import partial
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import Connection, func, insert, select
from sqlalchemy.exc import IntegrityError

from wherefrom.errors import OverloadedError, StoreUnavailableError
from wherefrom.traces.engine import FILE
from wherefrom.traces.schema import projects, stored_text
from wherefrom.traces.store import TraceStore
from wherefrom.traces.writer import before_commit, touch
from wherefrom_indexer.errors import StorageError, UsageError


def make(connection: Connection, name: str) -> None:
    connection.execute(insert(projects).values(name=name, created_ns=1))


def names(store: TraceStore) -> list[str]:
    return store.read(
        lambda connection: list(connection.execute(select(projects.c.name).order_by(projects.c.key)).scalars())
    )


def test_a_work_that_fails_takes_nothing_else_with_it(store: TraceStore) -> None:
    begin = threading.Event()
    first = store.write(lambda connection: begin.wait(30))
    works = [store.write(lambda connection, name=name: make(connection, name)) for name in ("a", "b", "a", "c")]

    def fail(connection: Connection) -> None:
        make(connection, "d")
        raise KeyError("d")

    works.append(store.write(fail))
    begin.set()
    first.result(timeout=30)
    assert [type(work.exception(timeout=30)) for work in works] == [
        type(None),
        type(None),
        IntegrityError,
        type(None),
        KeyError,
    ]
    assert names(store) == ["a", "b", "c"]


def test_a_cancelled_work_is_not_done(store: TraceStore) -> None:
    begin = threading.Event()
    first = store.write(lambda connection: begin.wait(30))
    while not first.running():
        pass
    unwanted = store.write(lambda connection: make(connection, "unwanted"))
    assert unwanted.cancel()
    begin.set()
    store.write(lambda connection: make(connection, "wanted")).result(timeout=30)
    assert names(store) == ["wanted"]


def test_more_than_may_wait_is_refused(location: str) -> None:
    with TraceStore.open(location, waiting=3, waiting_bytes=1000) as store:
        begin = threading.Event()
        first = store.write(lambda connection: begin.wait(30))
        while not first.running():
            pass
        works: list[Future[None]] = [store.write(lambda connection: make(connection, "a"), size=900)]
        with pytest.raises(OverloadedError, match="Try again later") as error:
            store.write(lambda connection: make(connection, "b"), size=101)
        assert error.value.retry_after > 0
        works += [store.write(lambda connection, name=name: make(connection, name)) for name in ("c", "d")]
        assert store.waiting == 3
        with pytest.raises(OverloadedError):
            store.write(lambda connection: make(connection, "e"))
        begin.set()
        for work in works:
            work.result(timeout=30)
        assert names(store) == ["a", "c", "d"]


def test_what_waits_is_written_before_a_store_closes(location: str) -> None:
    store = TraceStore.open(location)
    works = [store.write(lambda connection, name=str(name): make(connection, name)) for name in range(200)]
    store.close()
    assert all(work.done() for work in works)
    with pytest.raises(StoreUnavailableError, match="closed"):
        store.write(lambda connection: None)
    with TraceStore.open(location) as again:
        assert len(names(again)) == 200


def test_readers_change_nothing(store: TraceStore) -> None:
    with pytest.raises(StoreUnavailableError):
        store.read(lambda connection: make(connection, "a"))
    assert names(store) == []


def test_a_reader_sees_one_state(store: TraceStore) -> None:
    def count(connection: Connection) -> int:
        return connection.execute(select(func.count()).select_from(projects)).scalar_one()

    def read(connection: Connection) -> tuple[int, int]:
        before = count(connection)
        store.write(lambda writing: make(writing, "a")).result(timeout=30)
        return before, count(connection)

    assert store.read(read) == (0, 0)
    assert store.read(count) == 1


def test_two_processes_may_share_a_store(location: str) -> None:
    with TraceStore.open(location) as one, TraceStore.open(location) as other:
        works = [
            store.write(lambda connection, name=f"{number}": make(connection, name))
            for number in range(100)
            for store in (one if number % 2 else other,)
        ]
        for work in works:
            work.result(timeout=30)
        assert len(names(one)) == len(names(other)) == 100


def test_listeners_hear_of_what_was_committed(store: TraceStore) -> None:
    heard: list[frozenset[int]] = []
    end = store.on_commit(heard.append)
    store.write(lambda connection: touch(connection, [1, 2])).result(timeout=30)

    def fail(connection: Connection) -> None:
        touch(connection, [3])
        raise KeyError

    assert store.write(fail).exception(timeout=30) is not None
    store.write(lambda connection: None).result(timeout=30)
    end()
    store.write(lambda connection: touch(connection, [4])).result(timeout=30)
    store.close()
    assert heard == [frozenset({1, 2})]


def test_a_listener_that_fails_ends_nothing(store: TraceStore, caplog: pytest.LogCaptureFixture) -> None:
    def fail(trace_keys: frozenset[int]) -> None:
        raise KeyError("listener")

    heard: list[frozenset[int]] = []
    store.on_commit(fail)
    store.on_commit(heard.append)
    for _ in range(2):
        store.write(lambda connection: touch(connection, [1])).result(timeout=30)
    store.close()
    assert len(heard) == 2
    assert "listener" in caplog.text


def test_works_share_what_is_done_before_the_commit(store: TraceStore) -> None:
    done: list[set[int]] = []

    def finish(connection: Connection, trace_keys: Collection[int]) -> None:
        done.append(set(trace_keys))
        make(connection, "finished")

    def ask(connection: Connection, key: int) -> None:
        before_commit(connection, finish, [key])
        if key == 3:
            raise KeyError(key)

    begin = threading.Event()
    first = store.write(lambda connection: begin.wait(30))
    while not first.running():
        pass
    works = [store.write(partial(ask, key=key)) for key in (1, 2, 3)]
    begin.set()
    assert [work.exception(timeout=30) is None for work in works] == [True, True, False]
    assert done == [{1, 2}]
    assert names(store) == ["finished"]
    assert isinstance(store.write(partial(ask, key=4)).exception(timeout=30), IntegrityError)
    store.write(lambda connection: make(connection, "goes on")).result(timeout=30)


@pytest.mark.parametrize("database", ["sqlite", "postgresql"])
def test_all_text_survives(new_location: Callable[[str], str], database: str) -> None:
    with TraceStore.open(new_location(database)) as store:

        @settings(max_examples=40)
        @given(st.text(st.characters() | st.sampled_from("\0\ufdd0\ud8000…"), max_size=1200))
        def check(text: str) -> None:
            def keep(connection: Connection) -> list[str]:
                savepoint = connection.begin_nested()
                make(connection, text)
                found = select(projects.c.name).where(projects.c.name == text)
                kept = list(connection.execute(found).scalars())
                savepoint.rollback()
                return kept

            assert store.write(keep).result(timeout=30) == [stored_text(text)]

        check()


def test_a_folder_is_for_its_owner_only(tmp_path: Path) -> None:
    folder = tmp_path / "new" / "store"
    with TraceStore.open(folder) as store:
        store.write(lambda connection: make(connection, "a")).result(timeout=30)
        assert store.location == str(folder / FILE)
        assert stat.S_IMODE(folder.stat().st_mode) == 0o700
        assert {stat.S_IMODE(file.stat().st_mode) for file in folder.iterdir()} == {0o600}


def test_a_password_is_not_told(new_location: Callable[[str], str]) -> None:
    location = new_location("postgresql").replace("postgres:@", "postgres:secret@")
    with TraceStore.open(location) as store:
        assert "secret" not in store.location


@pytest.mark.parametrize("location", ["mysql://somewhere/traces", "sqlite://", "nothing://x", "postgresql://h:x/y"])
def test_other_databases_are_refused(location: str) -> None:
    with pytest.raises(UsageError):
        TraceStore.open(location)


def test_a_folder_that_cannot_be_made(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(StorageError, match="cannot hold traces"):
        TraceStore.open(tmp_path / "file")
