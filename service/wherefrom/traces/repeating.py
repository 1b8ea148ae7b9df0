"""A thread that does a piece of work again and again, outlives the store's bad times, and ends when told to."""

from __future__ import annotations

import logging
import threading

from wherefrom_indexer.errors import WherefromError

_LOG = logging.getLogger("wherefrom.traces")
_AFTER_FAILURE_S = 5.0


class Repeating:
    """Work in a thread of its own; a class that inherits says which."""

    def __init__(self, name: str) -> None:
        """Take the thread's name; `start` starts it."""
        self._woken = threading.Event()
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._run, name=name, daemon=True)

    def work(self) -> float | None:
        """Do a piece and return after how many seconds to go on; None: when woken."""
        raise NotImplementedError

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    def wake(self) -> None:
        """Have the next piece done now; any thread may say so."""
        self._woken.set()

    @property
    def ending(self) -> bool:
        """Whether a long piece should be cut short."""
        return self._ended.is_set()

    def close(self) -> None:
        """End after the piece under way."""
        self._ended.set()
        self._woken.set()
        if self._thread.is_alive():
            self._thread.join()

    def _run(self) -> None:
        while not self._ended.is_set():
            self._woken.clear()
            try:
                pause = self.work()
            except WherefromError as error:  # full, locked, away: it will be better later
                _LOG.warning("%s: %s", self._thread.name, error)
                pause = _AFTER_FAILURE_S
                self._ended.wait(pause)
                continue
            self._woken.wait(pause)
