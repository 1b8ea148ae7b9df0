"""Binary files that the system refuses to open."""

from __future__ import annotations

import errno
import os
from pathlib import Path

import numpy as np
import pytest

from wherefrom_indexer.array_file import open_array, read_array, write_array
from wherefrom_indexer.errors import IndexDamagedError, StorageError


@pytest.mark.parametrize(
    ("number", "error", "message"),
    [(errno.EMFILE, StorageError, "ulimit -n"), (errno.EACCES, IndexDamagedError, "Permission denied")],
)
def test_a_process_that_may_open_no_more_files_is_told_so(
    number: int, error: type[Exception], message: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "numbers.bin"
    info = write_array(path, np.arange(5), "u4")

    def refuse(*_: object) -> int:
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr(os, "open", refuse)
    for read in (open_array, read_array):
        with pytest.raises(error, match=message):
            read(path, "u4", info)


@pytest.mark.parametrize("items", [0, 3])
def test_arrays_come_back(items: int, tmp_path: Path) -> None:
    path = tmp_path / "numbers.bin"
    info = write_array(path, np.arange(items), "u4")
    for read in (open_array, read_array):
        assert read(path, "u4", info).tolist() == list(range(items))
        assert not items or not read(path, "u4", info).flags.writeable
