"""The writer's lock: of all processes and threads, one writes an index at a time. Readers take no lock."""

from __future__ import annotations

import fcntl
import json
import os
import socket
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from wherefrom_indexer.errors import IndexBusyError, StorageError
from wherefrom_indexer.files import guarded

LOCK = "lock"


@contextmanager
def writer_lock(folder: Path, command: str) -> Iterator[None]:
    """Hold the lock of an index folder; IndexBusyError, saying who holds it, where another writer does.

    The system releases the lock when the process ends, however it ends. On network file systems `flock` may exclude
    only writers of the same machine.
    """
    path = folder / LOCK
    descriptor = _lock(path)
    try:
        # Only a help for people: what stands in the file has no meaning for the lock.
        note = json.dumps({"pid": os.getpid(), "host": socket.gethostname(), "command": command}).encode()
        with suppress(OSError):  # a full disk
            os.ftruncate(descriptor, 0)
            os.pwrite(descriptor, note, 0)
        yield
    finally:
        os.close(descriptor)


def _lock(path: Path) -> int:
    while True:
        with guarded("create", path):
            descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            os.close(descriptor)
            raise IndexBusyError(
                f"{path.parent} is being written by {_holder(path)}: wait until it is done."
            ) from error
        except OSError as error:
            os.close(descriptor)
            raise StorageError(f"Could not lock {path}: {error.strerror or error}.") from error
        # A failed build deletes its lock with its folder: then this is the lock of a file that nobody else can find.
        try:
            if os.path.samestat(os.fstat(descriptor), path.stat()):
                return descriptor
        except FileNotFoundError:
            pass
        os.close(descriptor)


def _holder(path: Path) -> str:
    try:
        note = json.loads(path.read_bytes()[:4096])
        return f"process {note['pid']} on {note['host']} ({note['command']})"
    except (OSError, ValueError, KeyError, TypeError):
        return "another process"
