"""Jobs that search processes are given in tests, and indexes for them; processes import it, so it stands by itself."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import small_indexes

from wherefrom.pool.jobs import Opened
from wherefrom_indexer import Index, build_index

TEXTS = {
    "fox": "the quick brown fox jumps over the lazy dog",
    "dog": "a lazy dog sleeps in the sun, and the quick brown fox jumps over it",
    "copy/of fox": "the quick brown fox jumps over the lazy dog",
    "umlaut é\u202e": "Zwölf Boxkämpfer jagen Viktor quer über den großen Sylter Deich \0 und zurück",
}


def small_index(folder: Path, texts: dict[str, str] | None = None) -> Index:
    """An index of a few sentences."""
    records = small_indexes.records(TEXTS if texts is None else texts, source="test")
    return build_index(records, folder, id_field="id", tokenizer=small_indexes.small_tokenizer())


def eventually(condition: Callable[[], object], seconds: float = 30.0) -> None:
    """Wait until something is so; it must become so."""
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "it did not come about"
        time.sleep(0.005)


@dataclass(frozen=True, slots=True)
class WhoJob:
    """Says which process does it, and what versions it sees."""

    indexes: tuple[str, ...] = ()
    cache_key: bytes | None = None

    def run(self, opened: Opened) -> bytes:
        versions = ",".join(index.version for index in opened.indexes.values())
        return f"{os.getpid()} {versions}".encode()


@dataclass(frozen=True, slots=True)
class SleepJob:
    """Does nothing for a time."""

    seconds: float
    indexes: tuple[str, ...] = ()
    cache_key: bytes | None = None

    def run(self, opened: Opened) -> bytes:
        time.sleep(self.seconds)
        return b"slept"


@dataclass(frozen=True, slots=True)
class DieJob:
    """Ends its process."""

    signal: int = signal.SIGKILL
    indexes: tuple[str, ...] = ()
    cache_key: bytes | None = None

    def run(self, opened: Opened) -> bytes:
        os.kill(os.getpid(), self.signal)
        time.sleep(60)
        return b""


@dataclass(frozen=True, slots=True)
class EchoJob:
    """Gives back what it carries."""

    data: bytes
    indexes: tuple[str, ...] = ()
    cache_key: bytes | None = None

    def run(self, opened: Opened) -> bytes:
        return self.data
