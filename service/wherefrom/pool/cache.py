"""Answers kept for those who ask the same again, up to a number of bytes; the ones not asked for longest go first."""

from __future__ import annotations

import threading
from collections import OrderedDict

_OVERHEAD = 400
"""Bytes that an entry takes beside its answer, roughly."""

Key = tuple[bytes, tuple[tuple[str, str], ...]]
"""A job's key, and name and version of every index, in the order searched."""


class ResultCache:
    """Answers by what was asked of which versions. May be used by many threads at once.

    Attributes:
        limit: bytes that it holds at most.
    """

    def __init__(self, limit: int) -> None:
        """Hold so many bytes; 0: nothing."""
        self.limit = limit
        self._bytes = 0
        self._lock = threading.Lock()
        self._answers: OrderedDict[Key, bytes] = OrderedDict()

    @property
    def held(self) -> int:
        """Bytes held."""
        return self._bytes

    def get(self, key: Key) -> bytes | None:
        """The answer, if it is held."""
        with self._lock:
            answer = self._answers.get(key)
            if answer is not None:
                self._answers.move_to_end(key)
            return answer

    def put(self, key: Key, answer: bytes) -> None:
        """Hold an answer, unless it would take more than a sixteenth of the room."""
        size = len(answer) + _OVERHEAD
        with self._lock:
            old = self._answers.pop(key, None)
            if old is not None:
                self._bytes -= len(old) + _OVERHEAD
            if size * 16 > self.limit:
                return
            self._answers[key] = answer
            self._bytes += size
            while self._bytes > self.limit:
                _, dropped = self._answers.popitem(last=False)
                self._bytes -= len(dropped) + _OVERHEAD
