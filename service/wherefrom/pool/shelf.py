"""The indexes that one search process has opened: current versions, and for a while those that requests still use."""

from __future__ import annotations

import pickle
import time
from collections.abc import Iterable, Sequence
from pathlib import Path

from wherefrom.pool.jobs import Opened
from wherefrom.tracer import Tracer
from wherefrom_indexer.errors import IndexDamagedError
from wherefrom_indexer.index import Index
from wherefrom_indexer.manifest import Manifest

KEPT_S = 60.0
"""Seconds for which a version that nobody asked for stays open."""

Packed = tuple[int, bytes]
"""An opening as jobs carry it: its number, and the rest pickled."""


class Shelf:
    """Opened versions by the numbers of their openings, and what searches several of them together."""

    def __init__(self) -> None:
        """Nothing is open yet."""
        self._current: frozenset[int] = frozenset()
        self._indexes: dict[int, Index] = {}
        self._opened: dict[tuple[int, ...], Opened] = {}
        self._used: dict[tuple[int, ...], float] = {}
        self._tidied = time.monotonic()

    def open(self, openings: Sequence[Packed]) -> Opened:
        """The indexes of a job, opened now where they are not.

        Raises:
            IndexFormatError, IndexDamagedError: as `Index.open`; also where files of that version are gone.
        """
        numbers = tuple(number for number, _ in openings)
        now = time.monotonic()
        if now - self._tidied > KEPT_S:
            self._tidy(now)
        opened = self._opened.get(numbers)
        if opened is None:
            indexes = [self._index(number, packed) for number, packed in openings]
            opened = Opened(Tracer(indexes), {index.name: index for index in indexes})
            self._opened[numbers] = opened
        self._used[numbers] = now
        return opened

    def keep(self, current: Iterable[int]) -> None:
        """From now on these are the versions that stay, whether somebody asks for them or not."""
        self._current = frozenset(current)

    def _tidy(self, now: float) -> None:
        """Let go of what was not asked for in a while."""
        self._tidied = now
        for numbers, used in list(self._used.items()):
            if now - used > KEPT_S and not self._current.issuperset(numbers):
                del self._used[numbers], self._opened[numbers]
        needed = self._current.union(*self._opened)
        self._indexes = {number: index for number, index in self._indexes.items() if number in needed}

    def _index(self, number: int, packed: bytes) -> Index:
        if number not in self._indexes:
            name, path, manifest = pickle.loads(packed)
            self._indexes[number] = _opened(name, path, manifest)
        return self._indexes[number]


def _opened(name: str, path: Path, manifest: Manifest) -> Index:
    try:
        index = Index(path, manifest)
    except FileNotFoundError as error:
        raise IndexDamagedError(f"Files of the index {name!r} are gone: it was replaced or removed.") from error
    index.name = name  # what clients call it
    return index
