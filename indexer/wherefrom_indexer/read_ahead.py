"""Work in threads: on a stream of items, a few items ahead of who takes the results, or beside other work."""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Callable, Generator, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from typing import TypeVar

MOST_THREADS = 8
"""More would wait for the one thread that reads, and every one holds a batch in memory."""

_Item = TypeVar("_Item")
_Result = TypeVar("_Result")


def in_order(
    function: Callable[[_Item], _Result], items: Iterable[_Item], threads: int
) -> Generator[_Result, None, None]:
    """`function(item)` for each item, in the order of the items.

    Items are drawn by the caller's thread, `threads` of them ahead; the function runs in threads of its own, unless
    there is to be only one. What it raises is raised in the place of its result. However the iteration ends, no
    thread is left when it has ended; it waits for the items that are being worked on.
    """
    if threads == 1:
        yield from map(function, items)
        return
    pool = ThreadPoolExecutor(threads, thread_name_prefix="wherefrom")
    pending: deque[Future[_Result]] = deque()
    try:
        for item in items:
            pending.append(pool.submit(function, item))
            if len(pending) > threads:
                yield pending.popleft().result()
        while pending:
            yield pending.popleft().result()
    finally:
        pool.shutdown(wait=True, cancel_futures=True)


@contextmanager
def beside(function: Callable[[], _Result], threads: int) -> Iterator[Callable[[], _Result]]:
    """Call a function in a thread while the block runs, if there may be two; gives what waits for its result.

    No thread is left when the block has ended; what the function raised is raised where its result is asked for.
    """
    if threads == 1:
        yield function
        return
    with ThreadPoolExecutor(1, thread_name_prefix="wherefrom") as pool:
        yield pool.submit(function).result


def usable_threads(wanted: int | None) -> int:
    """How many threads to use: as many as wanted, or as processors that this process may use."""
    if wanted is not None:
        return min(wanted, MOST_THREADS)
    usable = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return min(usable, MOST_THREADS)
