"""The one binary container of the format: a 64-byte header, then items of one type, little-endian.

The header is wholly determined by the kind of the file, so that `open` compares it byte by byte; the number of items
follows from the file's size, which the manifest holds.
"""

from __future__ import annotations

import errno
import mmap
import os
import struct
import sys
from pathlib import Path
from types import TracebackType
from typing import Any

import numpy as np
from numpy.typing import DTypeLike, NDArray

from wherefrom_indexer.errors import IndexDamagedError, StorageError, WherefromError
from wherefrom_indexer.files import FileInfo, FileWriter, checksum_of

MAGIC = b"wherefrm"
FORMAT_VERSION = 2
HEADER_BYTES = 64

Array = NDArray[Any]


def header(kind: str, item_bytes: int) -> bytes:
    """The header of a file of that kind: magic, format version, bytes an item, kind, zeros."""
    return struct.pack("<8sII32s16x", MAGIC, FORMAT_VERSION, item_bytes, kind.encode("ascii"))


class ArrayWriter:
    """Streams items of one type into a new file."""

    def __init__(self, path: Path, dtype: DTypeLike) -> None:
        self.path = path
        self.dtype: np.dtype[Any] = np.dtype(dtype).newbyteorder("<")
        self._file = FileWriter(path)
        self._file.write(header(path.stem, self.dtype.itemsize))

    def __enter__(self) -> ArrayWriter:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.close()

    @property
    def count(self) -> int:
        """Items appended so far."""
        return (self._file.size - HEADER_BYTES) // self.dtype.itemsize

    def append(self, items: Array | bytes) -> None:
        """Append items, or the raw bytes of items."""
        self._file.write(items if isinstance(items, bytes) else np.asarray(items, dtype=self.dtype))

    def flush(self) -> None:
        """Make what was appended readable by others."""
        self._file.flush()

    def finish(self) -> FileInfo:
        """Write out, sync and close."""
        return self._file.finish()

    def close(self) -> None:
        """Close without writing out what is buffered."""
        self._file.close()


def write_array(path: Path, items: Array, dtype: DTypeLike) -> FileInfo:
    """Write and sync a whole array; pieces are converted one at a time, so memory does not double."""
    flat = items.reshape(-1)
    piece = 1 << 20
    with ArrayWriter(path, dtype) as writer:
        for start in range(0, flat.size, piece):
            writer.append(flat[start : start + piece])
        return writer.finish()


def open_array(path: Path, dtype: DTypeLike, info: FileInfo | None = None, *, random: bool = False) -> Array:
    """Map a file read-only; `random` advises the system not to read ahead.

    `info` is what the manifest says: the size is compared (a truncated or grown file is found here), the checksum is
    not. FileNotFoundError passes through, since the caller may have to read the manifest again; every other defect is
    an IndexDamagedError; a StorageError says that the process may open or map no more files.
    """
    kind, item = path.stem, np.dtype(dtype).newbyteorder("<")
    descriptor = _open(path)
    try:
        size = os.fstat(descriptor).st_size
        _check_size(path, size, item, info)
        # A map needs no open file beside it; from 3.13 on, Python need not keep one.
        untracked: dict[str, Any] = {"trackfd": False} if sys.version_info >= (3, 13) else {}
        mapped = mmap.mmap(descriptor, size, access=mmap.ACCESS_READ, **untracked)
    except OSError as error:
        raise _refused("map", path, error) from error
    finally:
        os.close(descriptor)
    if mapped[:HEADER_BYTES] != header(kind, item.itemsize):
        raise IndexDamagedError(f"{path} does not begin as a {kind} file of this format: restore the file.")
    if random and hasattr(mmap, "MADV_RANDOM"):
        mapped.madvise(mmap.MADV_RANDOM)
    return _items(mapped, item)


def read_array(path: Path, dtype: DTypeLike, info: FileInfo) -> Array:
    """Read a small table whole into memory and check its checksum; errors as `open_array`."""
    item = np.dtype(dtype).newbyteorder("<")
    descriptor = _open(path)
    try:
        _check_size(path, os.fstat(descriptor).st_size, item, info)
        with open(descriptor, "rb", closefd=False) as file:
            data = file.read()
    except OSError as error:
        raise _refused("read", path, error) from error
    finally:
        os.close(descriptor)
    if checksum_of(data) != info.checksum or data[:HEADER_BYTES] != header(path.stem, item.itemsize):
        raise IndexDamagedError(f"{path} does not have its checksum: restore the file.")
    return _items(data, item)


def _items(data: bytes | mmap.mmap, item: np.dtype[Any]) -> Array:
    # np.frombuffer refuses an empty rest.
    return np.frombuffer(data, item, offset=HEADER_BYTES) if len(data) > HEADER_BYTES else np.empty(0, item)


def _open(path: Path) -> int:
    try:
        return os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    except FileNotFoundError:
        raise
    except OSError as error:
        raise _refused("open", path, error) from error


def _check_size(path: Path, size: int, item: np.dtype[Any], info: FileInfo | None) -> None:
    if info is not None and size != info.bytes:
        raise IndexDamagedError(f"{path} has {size:,} bytes where the manifest says {info.bytes:,}: restore the file.")
    if size < HEADER_BYTES or (size - HEADER_BYTES) % item.itemsize:
        raise IndexDamagedError(f"{path} has {size:,} bytes, which no file of this kind has: restore the file.")


def _refused(action: str, path: Path, error: OSError) -> WherefromError:
    """What is raised where the system refuses: it is the system's limit, or something is wrong with the file."""
    if error.errno in (errno.EMFILE, errno.ENFILE, errno.ENOMEM):
        return StorageError(
            f"Could not {action} {path}: {error.strerror}. Raise the limit (ulimit -n), close other indexes, or "
            "compact this one, so that it has fewer files."
        )
    return IndexDamagedError(f"Could not {action} {path}: {error.strerror}.")
