"""Which version of an index is served, and what is said of its folder, whatever happens to the folder."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule
from pool_jobs import TEXTS, eventually, small_index

from wherefrom.errors import NotFoundError
from wherefrom.pool.registry import IndexRegistry, IndexStatus
from wherefrom_indexer import Index, remove_documents
from wherefrom_indexer.errors import IndexDamagedError

SUFFIXES = "segments/000001/exact/suffixes.bin"


@pytest.fixture(scope="module")
def versions(tmp_path_factory) -> list[Path]:
    """Two versions of an index, in folders of their own."""
    folder = tmp_path_factory.mktemp("versions")
    small_index(folder / "0")
    small_index(folder / "1", dict(list(TEXTS.items())[:2]))
    return [folder / "0", folder / "1"]


def only(registry: IndexRegistry):
    (state,) = registry.indexes()
    return state


def replace(source: Path, target: Path) -> None:
    """Put a folder in the place of another one."""
    coming, going = target.with_suffix(".coming"), target.with_suffix(".going")
    shutil.copytree(source, coming)
    if target.exists():
        target.rename(going)
    coming.rename(target)
    shutil.rmtree(going, ignore_errors=True)


def truncate(path: Path) -> None:
    os.truncate(path, path.stat().st_size // 2)


class Folder(RuleBasedStateMachine):
    """What a folder goes through, and what is to be served after each step."""

    versions: list[Path]
    root: Path
    runs = 0

    def __init__(self) -> None:
        super().__init__()
        type(self).runs += 1
        self.path = self.root / str(self.runs)
        self.there: int | None = None
        self.cut = False
        self.served: int | None = None
        self.serving = False
        self.registry = IndexRegistry({"it": self.path})

    def looked(self) -> None:
        self.registry.check()
        if self.there is not None and not self.cut:
            self.served, self.serving = self.there, True
        elif self.cut:
            if self.served is None:
                self.served = self.there
            self.serving = False

    @rule(number=st.booleans())
    def publish(self, number: bool) -> None:
        replace(self.versions[number], self.path)
        self.there, self.cut = int(number), False
        self.looked()

    @precondition(lambda self: self.there is not None)
    @rule()
    def unlink(self) -> None:
        shutil.rmtree(self.path)
        self.there, self.cut = None, False
        self.looked()

    @precondition(lambda self: self.there is not None and not self.cut)
    @rule()
    def cut_off(self) -> None:
        truncate(self.path / SUFFIXES)
        self.cut = True
        self.looked()

    @invariant()
    def told(self) -> None:
        state = only(self.registry)
        expected = IndexStatus.MISSING if self.there is None else IndexStatus.DAMAGED if self.cut else IndexStatus.OK
        assert state.status is expected
        assert (state.reason == "") == (expected is IndexStatus.OK)
        assert str(self.root) not in state.reason
        assert state.serving == self.serving
        if self.served is not None:
            assert state.version == Index.open(self.versions[self.served]).version
        if self.serving:
            (opening,) = self.registry.current(("it",))
            assert opening.version == state.version
            assert self.registry.serving() == (opening,)
        elif self.served is None:
            assert self.registry.serving() == ()
        if not self.serving:
            with pytest.raises(IndexDamagedError):
                self.registry.current(("it",))
            with pytest.raises(IndexDamagedError, match="No index"):
                self.registry.current()


def test_folders_come_and_go(versions, tmp_path):
    class Machine(Folder):
        pass

    Machine.versions, Machine.root = versions, tmp_path
    machine = Machine.TestCase
    machine.settings = settings(max_examples=30, stateful_step_count=8, deadline=None)
    machine().runTest()


def test_a_new_version_is_picked_up_by_itself(tmp_path):
    small_index(tmp_path / "index")
    registry = IndexRegistry({"it": tmp_path / "index"}, poll_s=0.01)
    registry.start()
    try:
        (before,) = registry.current()
        changes = registry.changes
        remove_documents(tmp_path / "index", ["dog"])
        eventually(lambda: registry.changes != changes)
        (after,) = registry.current(("it",))
        assert after.version == Index.open(tmp_path / "index").version != before.version
        assert after.number != before.number
    finally:
        registry.close()


def test_files_that_were_restored_are_opened_anew(versions, tmp_path):
    replace(versions[0], tmp_path / "index")
    registry = IndexRegistry({"it": tmp_path / "index"})
    (before,) = registry.current()
    registry.check()
    assert registry.current() == (before,), "nothing changed, so nothing is opened again"
    truncate(tmp_path / "index" / SUFFIXES)
    registry.check()
    assert only(registry).status is IndexStatus.DAMAGED
    assert "suffixes.bin" in only(registry).reason
    replace(versions[0], tmp_path / "index")
    registry.check()
    (after,) = registry.current()
    assert after.version == before.version
    assert after.number != before.number


@pytest.mark.parametrize("content", [b"", b"{}", b"\xff" * 100, b'{"format":"wherefrom-index"}'])
def test_a_damaged_manifest_is_told_and_what_was_opened_serves_on(versions, tmp_path, content):
    replace(versions[0], tmp_path / "index")
    registry = IndexRegistry({"it": tmp_path / "index"})
    (before,) = registry.current()
    (tmp_path / "index" / "manifest.json").write_bytes(content)
    registry.check()
    state = only(registry)
    assert (state.status, state.serving) == (IndexStatus.DAMAGED, True)
    assert str(tmp_path) not in state.reason
    assert registry.current() == (before,)
    assert not IndexRegistry({"it": tmp_path / "index"}).indexes()[0].serving


def test_damage_that_a_search_met_is_told_until_another_version_comes(versions, tmp_path):
    replace(versions[0], tmp_path / "index")
    registry = IndexRegistry({"it": tmp_path / "index"})
    (opening,) = registry.current()
    registry.damaged(opening, "a table names what is not there", serving=True)
    registry.check()
    assert (only(registry).status, only(registry).serving) == (IndexStatus.DAMAGED, True)
    assert registry.current() == (opening,)
    replace(versions[1], tmp_path / "index")
    registry.check()
    assert only(registry).status is IndexStatus.OK
    registry.damaged(opening, "too late", serving=False)
    assert only(registry).serving


def test_indexes_go_by_their_names(versions):
    registry = IndexRegistry({"b": versions[1], "a": versions[0], "gone": versions[0] / "nowhere"})
    assert registry.names() == ("b", "a", "gone")
    assert [opening.name for opening in registry.current()] == ["b", "a"]
    assert [opening.name for opening in registry.current(("a", "b", "a"))] == ["a", "b"]
    with pytest.raises(NotFoundError, match=r"'c'.*'b', 'a', 'gone'"):
        registry.current(("a", "c"))
    with pytest.raises(IndexDamagedError, match="gone"):
        registry.current(("gone",))
