"""Versions that a search process has opened: shared, kept for a while, let go in the end."""

from __future__ import annotations

import shutil

import pytest
from pool_jobs import small_index

from wherefrom.pool import shelf
from wherefrom.pool.registry import Opening
from wherefrom.pool.shelf import Shelf
from wherefrom_indexer import Index, remove_documents
from wherefrom_indexer.errors import IndexDamagedError


def opening(name, index):
    made = Opening.of(name, index.path, index.manifest)
    return (made.number, made.packed)


def test_indexes_are_opened_once_and_go_by_the_service_s_names(tmp_path):
    index = small_index(tmp_path / "index")
    held, first, second = Shelf(), opening("a", index), opening("b", index)
    both = held.open((first, second))
    assert list(both.indexes) == ["a", "b"]
    assert list(both.tracer.count("lazy dog").by_index) == ["a", "b"]
    assert held.open((first, second)) is both
    assert held.open((first,)).indexes["a"] is both.indexes["a"]


def test_versions_that_nobody_asks_for_are_let_go(tmp_path, monkeypatch):
    now = 1000.0
    monkeypatch.setattr(shelf.time, "monotonic", lambda: now)
    old = small_index(tmp_path / "index")
    held, before = Shelf(), opening("it", old)
    remove_documents(tmp_path / "index", ["dog"])
    after = opening("it", Index.open(tmp_path / "index"))
    held.keep([after[0]])
    first, current = held.open((before,)), held.open((after,))
    assert [each.tracer.count("lazy dog").count for each in (first, current)] == [3, 2]
    now += shelf.KEPT_S / 2
    assert held.open((before,)) is first
    now += shelf.KEPT_S + 1
    assert held.open((after,)) is current, "what is current stays"
    assert held.open((before,)) is not first


def test_a_version_whose_files_are_gone_is_damaged(tmp_path):
    index = small_index(tmp_path / "index")
    gone = opening("it", index)
    shutil.rmtree(tmp_path / "index" / "segments")
    with pytest.raises(IndexDamagedError, match="'it'"):
        Shelf().open((gone,))
