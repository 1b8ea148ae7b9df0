"""Writers killed, and refused by the system, at every file operation."""

from __future__ import annotations

import errno
import json
import os
import shutil
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from small_indexes import Faults, Killed, contents, files_in, named_files, operations_of, records, small_tokenizer

from wherefrom_indexer import Index, add_documents, build_index, compact_index, remove_documents, verify_index
from wherefrom_indexer.errors import IndexNotFoundError, StorageError
from wherefrom_indexer.files import operation_hook

Command = Callable[[Path], object]

FIRST = {f"d{n}": f"document {n} says the people of the United States {n * n}" for n in range(9)}
SECOND = {"n1": "a new document about establishing justice " * 2, "d4": "d4 replaced by the people of the States"}


def build(folder: Path) -> object:
    sources = corpus(folder, "first", FIRST)
    return build_index(sources, folder, id_field="id", tokenizer=small_tokenizer(), segment_tokens=120)


def add(folder: Path) -> object:
    """Replaces a document of an earlier segment, and fills a tier, so that segments are merged too."""
    return add_documents(corpus(folder, "second", SECOND), folder, id_field="id", on_duplicate_id="replace")


def remove(folder: Path) -> object:
    return remove_documents(folder, ["d0", "d1", "d8"])


def overwrite(folder: Path) -> object:
    sources = corpus(folder, "second", SECOND)
    return build_index(sources, folder, id_field="id", tokenizer=small_tokenizer(), overwrite=True)


def corpus(folder: Path, name: str, texts: dict[str, str]) -> Path:
    """A file: what stands in memory cannot be known again by another process, so no build goes on with it."""
    path = folder.parent / f"{name}.jsonl"
    if not path.exists():
        path.write_text("".join(json.dumps(record) + "\n" for record in records(texts)))
    return path


@pytest.fixture(autouse=True)
def no_sync(monkeypatch: pytest.MonkeyPatch) -> None:
    """The system's own sync takes milliseconds; the operations are counted all the same."""
    monkeypatch.setattr(os, "fsync", lambda descriptor: None)


@pytest.fixture(scope="module")
def in_memory() -> Iterator[Path]:
    """A folder that is not on a disk, where the system has one: thousands of files are written here."""
    shared = Path("/dev/shm")
    with tempfile.TemporaryDirectory(dir=shared if shared.is_dir() else None) as folder:
        yield Path(folder)


@pytest.fixture
def folder(in_memory: Path) -> Path:
    return in_memory / "index"


@pytest.fixture(scope="module")
def before(in_memory: Path) -> dict[str, Path | None]:
    """The folder that each command begins with."""
    folder = in_memory / "before"
    folder.mkdir()
    build(folder / "built")
    shutil.copytree(folder / "built", folder / "removed")
    remove(folder / "removed")
    return {
        "build": None,
        "add": folder / "built",
        "remove": folder / "built",
        "compact": folder / "removed",
        "overwrite": folder / "built",
    }


COMMANDS: dict[str, Command] = {
    "build": build,
    "add": add,
    "remove": remove,
    "compact": compact_index,
    "overwrite": overwrite,
}
LEAST_POINTS = {"build": 150, "add": 150, "remove": 20, "compact": 40, "overwrite": 40}


def fresh(start: Path | None, folder: Path) -> Path:
    shutil.rmtree(folder, ignore_errors=True)
    if start is not None:
        shutil.copytree(start, folder)
    return folder


def held(folder: Path) -> tuple[dict[str, object], str] | None:
    """What an index holds, and its version; None where there is none."""
    try:
        index = Index.open(folder)
        return dict(contents(index)), index.version
    except IndexNotFoundError:
        return None


def documents(state: tuple[dict[str, object], str] | None) -> object:
    """An addition publishes twice: its documents, then the merged segments, which hold the same documents."""
    return state and state[0]


@pytest.mark.parametrize("every", [4, pytest.param(1, marks=pytest.mark.slow)])
@pytest.mark.parametrize("name", COMMANDS)
def test_killed_at_any_operation(name: str, every: int, before: dict[str, Path | None], folder: Path) -> None:
    command = COMMANDS[name]
    old = held(fresh(before[name], folder))
    points = operations_of(lambda: command(folder))
    assert points >= LEAST_POINTS[name]
    new = held(folder)
    seen = set()
    for point in range(0, points, every):
        fresh(before[name], folder)
        with pytest.raises(Killed), operation_hook(Faults(point)):
            command(folder)
        after_kill = held(folder)
        assert documents(after_kill) in (documents(old), documents(new)), point
        seen.add(after_kill == new)
        command(folder)
        assert held(folder) == new, point
        assert files_in(folder) == named_files(Index.open(folder)), point
        assert point % (10 * every) or verify_index(folder) == [], point
    assert seen == {False, True}, "both the old and the new index are seen"


@pytest.mark.parametrize("name", COMMANDS)
def test_a_full_disk_is_reported_and_nothing_is_lost(name: str, before: dict[str, Path | None], folder: Path) -> None:
    command = COMMANDS[name]
    old = held(fresh(before[name], folder))
    points = operations_of(lambda: command(folder))
    new = held(folder)
    for point in range(0, points, 11):
        fresh(before[name], folder)
        full = Faults(point, lambda: OSError(errno.ENOSPC, "No space left on device"))
        with pytest.raises(StorageError, match=str(folder)), operation_hook(full):
            command(folder)
        assert documents(held(folder)) in (documents(old), documents(new))
        command(folder)
        assert held(folder) == new


def test_a_killed_build_goes_on_with_what_is_whole(folder: Path) -> None:
    fresh(None, folder)
    total = operations_of(lambda: build(folder))
    fresh(None, folder)
    with pytest.raises(Killed), operation_hook(Faults(total * 3 // 4)):
        build(folder)
    assert operations_of(lambda: build(folder)) < total * 2 // 3


def test_another_command_drops_unfinished_work(folder: Path) -> None:
    fresh(None, folder)
    build(folder)
    with pytest.raises(Killed), operation_hook(Faults(30)):
        add(folder)
    assert (folder / "unfinished.json").exists()
    remove(folder)
    index = Index.open(folder)
    assert files_in(folder) == named_files(index)
    add(folder)
    assert "n1" in contents(Index.open(folder))
