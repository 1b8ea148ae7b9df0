"""Work on many texts in processes: each opens the indexes by itself, and shares their mapped files with the others.

Threads help little: half of a trace is Python, which runs in one thread at a time.
"""

from __future__ import annotations

import multiprocessing
import os
import signal
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from itertools import islice
from typing import Any, Generic, TypeVar

from wherefrom_indexer.errors import IndexDamagedError, StorageError, WherefromError

CHUNK = 16
"""Items that a worker gets at once: what it costs to hand them over is a hundredth of tracing them."""

WAITING = 3
"""Chunks for each worker, the one in work included: enough to keep it busy, few enough to bound memory."""

Item = TypeVar("Item")
Result = TypeVar("Result")

_tracer: Any = None


def cores() -> int:
    """Returns the number of processor cores this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


class Workers(Generic[Item, Result]):
    """Processes that apply a function to items, with a tracer of their own.

    The function is called as `function(tracer, item)`; it, the items and the results are pickled.
    """

    def __init__(
        self, paths: Sequence[str], versions: Sequence[str], function: Callable[[Any, Item], Result], number: int
    ) -> None:
        """Start so many processes; `versions` are those of the indexes that they must find in `paths`."""
        self._function = function
        self._number = number
        # Not forked: a copy of a process with threads may hang. Ctrl-C reaches all processes; this one ends the others.
        self._pool = ProcessPoolExecutor(
            number, multiprocessing.get_context("spawn"), initializer=_open, initargs=(tuple(paths), tuple(versions))
        )

    def map(self, items: Iterable[Item]) -> Iterator[Result]:
        """Yield the results in the order of the items; holds a few chunks of them at a time.

        Raises:
            StorageError: a process ended before its work was done, as when memory runs out.
            IndexDamagedError: an index was changed since the tracer opened it.
        """
        waiting: deque[Future[list[Result]]] = deque()
        remaining = iter(items)
        try:
            while True:
                while len(waiting) < WAITING * self._number and (chunk := list(islice(remaining, CHUNK))):
                    waiting.append(self._pool.submit(_apply, self._function, chunk))
                if not waiting:
                    return
                yield from waiting.popleft().result()
        except BrokenProcessPool as error:
            raise StorageError(
                "A process that traces ended before its work was done, perhaps because memory ran out: use fewer"
            ) from error
        finally:
            for future in waiting:
                future.cancel()

    def close(self) -> None:
        """End the processes, whatever they do."""
        for process in list((self._pool._processes or {}).values()):
            process.terminate()
        self._pool.shutdown(wait=True, cancel_futures=True)

    def __enter__(self) -> Workers[Item, Result]:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def _open(paths: tuple[str, ...], versions: tuple[str, ...]) -> None:
    global _tracer
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    from wherefrom.tracer import Tracer

    try:
        tracer = Tracer.open(*paths)
        if tuple(index.version for index in tracer.indexes) != versions:
            raise IndexDamagedError("An index was changed while its texts were traced: trace them again.")
        _tracer = tracer
    except WherefromError as error:
        _tracer = error  # an initializer that raises ends the pool without saying why


def _apply(function: Callable[[Any, Any], Any], chunk: list[Any]) -> list[Any]:
    if isinstance(_tracer, WherefromError):
        raise _tracer
    return [function(_tracer, item) for item in chunk]
