from __future__ import annotations

import os
import stat
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from wherefrom_indexer import kernels
from wherefrom_indexer.kernels import kernel, prefetch_read, prefetch_write

SORT = """
import numpy as np
from wherefrom_indexer import kernels
from wherefrom_indexer.suffix_array import suffix_array
assert suffix_array(np.array([2, 1, 0], np.uint16)).tolist() == [1, 0]
print(kernels.cache_folder())
"""


@pytest.fixture
def fresh_lookup() -> None:
    """Let `cache_folder` look anew, now and after the test."""
    kernels.cache_folder.cache_clear()
    yield
    kernels.cache_folder.cache_clear()


@kernel
def total_with_prefetch(values: NDArray[np.int64]) -> int:
    total = 0
    for i in range(values.size):
        prefetch_read(values, i + 1_000_000_000)  # far beyond the end: never a fault
        prefetch_write(values, -i)
        total += values[i]
    return total


def test_prefetch_changes_nothing() -> None:
    values = np.arange(1000)
    assert total_with_prefetch(values) == values.sum()


def run(code: str, **environment: str) -> str:
    """Run code in a new process; return what it prints. Warnings are errors there too."""
    inherited = {name: value for name, value in os.environ.items() if name not in ("NUMBA_CACHE_DIR", "XDG_CACHE_HOME")}
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", code], env=inherited | environment, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def test_no_writable_folder_means_no_cache(tmp_path: Path) -> None:
    # Folders under a regular file cannot be made, not even by root, who ignores permissions.
    file = tmp_path / "file"
    file.touch()
    nowhere = str(file / "folder")
    # Python falls back to other temporary folders unless told where to find one.
    code = f"import tempfile; tempfile.tempdir = {nowhere!r}\n{SORT}"
    assert run(code, HOME=nowhere, XDG_CACHE_HOME=nowhere, NUMBA_CACHE_DIR=nowhere) == "None"


def test_unwritable_configured_folder_falls_back_to_home(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    home = tmp_path / "home"
    folder = Path(
        run(
            "from wherefrom_indexer import kernels; print(kernels.cache_folder())",
            HOME=str(home),
            NUMBA_CACHE_DIR=str(tmp_path / "file" / "folder"),
        )
    )
    assert folder.is_relative_to(home)
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700


def test_cache_fills_the_configured_folder_and_survives_damage(tmp_path: Path) -> None:
    code = """
import numpy as np
from wherefrom_indexer.suffix_array import collect_lms
suffixes = np.array([-4, 0, -3], np.int32)
collect_lms(suffixes)
assert suffixes[:2].tolist() == [3, 2]
"""
    for _ in range(2):
        run(code, NUMBA_CACHE_DIR=str(tmp_path))
        cached = list((tmp_path / "wherefrom").rglob("*.nb?"))
        assert len(cached) == 2  # the index and the code of the one kernel compiled
        for path in cached:
            path.write_bytes(path.read_bytes()[:-9])


@pytest.mark.usefixtures("fresh_lookup")
def test_open_folder_is_closed_to_others(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = tmp_path / "wherefrom" / "numba"
    folder.mkdir(parents=True)
    folder.chmod(0o777)
    monkeypatch.setattr(kernels, "_candidates", lambda: [folder])
    assert kernels.cache_folder() == folder
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700


@pytest.mark.usefixtures("fresh_lookup")
def test_links_and_foreign_folders_are_not_used(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "target").mkdir(mode=0o700)
    (tmp_path / "link").symlink_to(tmp_path / "target")
    monkeypatch.setattr(kernels, "_candidates", lambda: [tmp_path / "link"])
    assert kernels.cache_folder() is None
    kernels.cache_folder.cache_clear()
    monkeypatch.setattr(kernels, "_candidates", lambda: [tmp_path / "target"])
    monkeypatch.setattr(os, "getuid", lambda: 12_345)
    assert kernels.cache_folder() is None


def test_full_disk_means_no_cache(monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    @kernel
    def double(value: int) -> int:
        return 2 * value

    monkeypatch.setattr("numba.core.caching.IndexDataCacheFile.save", full)
    monkeypatch.setattr("numba.core.caching.IndexDataCacheFile.load", full)
    assert double(21) == 42


def test_kernels_run_as_plain_python() -> None:
    """Coverage of the kernels is measured this way."""
    assert run(SORT, NUMBA_DISABLE_JIT="1") != ""


def test_the_cache_depends_on_the_files_of_callees() -> None:
    from wherefrom import reach, search, spellings
    from wherefrom_indexer.kernels import _source_files

    files = _source_files(reach._refine.py_func)
    assert {reach.__file__, search.__file__, spellings.__file__} <= files
