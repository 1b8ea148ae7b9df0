"""The one seam through which every file operation of the writers goes.

Tests set a hook that is called before each operation, so that a writer can be killed, or refused, at operation k. An
operating system's refusal becomes a `StorageError` that names the path.
"""

from __future__ import annotations

import errno
import hashlib
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from wherefrom_indexer.errors import StorageError

Operation = Literal["create", "write", "sync", "rename", "unlink", "mkdir", "rmdir"]
Hook = Callable[[Operation, Path], None]

CHECKSUM_BYTES = 16
_BUFFER_BYTES = 1 << 20

_hook: Hook | None = None


@contextmanager
def operation_hook(hook: Hook) -> Iterator[None]:
    """Call `hook(operation, path)` before every file operation inside the block."""
    global _hook
    previous, _hook = _hook, hook
    try:
        yield
    finally:
        _hook = previous


@contextmanager
def guarded(operation: Operation, path: Path) -> Iterator[None]:
    """Announce one operation to the hook, and turn what the system refuses into a StorageError."""
    try:
        if _hook is not None:
            _hook(operation, path)
        yield
    except OSError as error:
        if error.errno in (errno.ENOSPC, errno.EDQUOT):
            raise StorageError(
                f"No space left to {operation} {path}: free some, then run the command again."
            ) from error
        raise StorageError(f"Could not {operation} {path}: {error.strerror or error}.") from error


@dataclass(frozen=True, slots=True)
class FileInfo:
    """A written file: its size in bytes and its blake2b-128 checksum in hex."""

    bytes: int
    checksum: str


def checksum_of(data: bytes | memoryview) -> str:
    """The blake2b-128 checksum of `data`, in hex."""
    return hashlib.blake2b(data, digest_size=CHECKSUM_BYTES).hexdigest()


def checksum_of_file(path: Path) -> FileInfo:
    """Read a whole file for its size and checksum; OSError passes through."""
    digest = hashlib.blake2b(digest_size=CHECKSUM_BYTES)
    size = 0
    with path.open("rb", buffering=0) as file:
        while chunk := file.read(_BUFFER_BYTES):
            digest.update(chunk)
            size += len(chunk)
    return FileInfo(size, digest.hexdigest())


class FileWriter:
    """Appends to a new file, counting bytes and taking the checksum on the way.

    `finish` syncs. Leaving the `with` block by an exception closes the file and deletes nothing: what a killed process
    leaves behind is removed by the next writer, and this way both leave the same.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._buffer = bytearray()
        self._digest = hashlib.blake2b(digest_size=CHECKSUM_BYTES)
        self._size = 0
        with guarded("create", path):
            self._descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, 0o644)

    def __enter__(self) -> FileWriter:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.close()

    @property
    def size(self) -> int:
        """Bytes appended so far."""
        return self._size

    def write(self, data: bytes | bytearray | memoryview | NDArray[Any]) -> None:
        """Append; an array appends its bytes in C order."""
        view = _bytes_of(data) if isinstance(data, np.ndarray) else memoryview(data)
        self._size += len(view)
        if len(view) >= _BUFFER_BYTES:
            self.flush()
            self._put(view)
            return
        self._buffer += view
        if len(self._buffer) >= _BUFFER_BYTES:
            self.flush()

    def flush(self) -> None:
        """Hand what is buffered to the operating system."""
        if self._buffer:
            self._put(memoryview(bytes(self._buffer)))
            self._buffer.clear()

    def _put(self, view: memoryview) -> None:
        self._digest.update(view)
        with guarded("write", self.path):
            while view:
                view = view[os.write(self._descriptor, view) :]

    def finish(self) -> FileInfo:
        """Write out, sync and close."""
        self.flush()
        with guarded("sync", self.path):
            os.fsync(self._descriptor)
        self.close()
        return FileInfo(self._size, self._digest.hexdigest())

    def close(self) -> None:
        """Close without writing out what is buffered."""
        if self._descriptor >= 0:
            os.close(self._descriptor)
            self._descriptor = -1


def _bytes_of(array: NDArray[Any]) -> memoryview:
    return np.ascontiguousarray(array).reshape(-1).view(np.uint8).data


def write_file(path: Path, data: bytes) -> FileInfo:
    """Write and sync a new file."""
    with FileWriter(path) as writer:
        writer.write(data)
        return writer.finish()


def publish_file(path: Path, data: bytes) -> FileInfo:
    """Replace a file in one step: readers see the old or the new content, also after a crash."""
    temporary = path.with_name(path.name + ".tmp")
    info = write_file(temporary, data)
    rename(temporary, path)
    sync_folder(path.parent)
    return info


def rename(source: Path, target: Path) -> None:
    """Rename, replacing `target`."""
    with guarded("rename", target):
        source.replace(target)


def make_folder(path: Path) -> None:
    """Make a folder and its parents; nothing happens where it exists."""
    if not path.is_dir():
        with guarded("mkdir", path):
            path.mkdir(parents=True, exist_ok=True)


def sync_folder(path: Path) -> None:
    """Make the names in a folder durable."""
    with guarded("sync", path):
        descriptor = os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


def unlink(path: Path) -> None:
    """Delete a file; nothing happens where there is none."""
    with guarded("unlink", path):
        path.unlink(missing_ok=True)


def remove_tree(path: Path) -> None:
    """Delete a folder with all it holds; symbolic links are deleted, never followed."""
    if path.is_symlink() or path.is_file():
        unlink(path)
        return
    if not path.is_dir():
        return
    for child in sorted(path.iterdir()):
        remove_tree(child)
    with guarded("rmdir", path):
        path.rmdir()
