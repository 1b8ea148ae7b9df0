"""A search process: `python -m wherefrom.pool.process FD`. It answers one message after the other, and ends when the
other end of its socket is closed, or when a file that it reads was cut off (SIGBUS), which is why it is a process.
"""

from __future__ import annotations

import gc
import json
import os
import resource
import signal
import socket
import sys
from functools import cached_property
from typing import TYPE_CHECKING

from wherefrom.pool.messages import Done, Failed, Prepare, Prepared, Unpacker, Work, pack
from wherefrom_indexer.errors import WherefromError

if TYPE_CHECKING:
    from wherefrom.pool.shelf import Shelf

_PIECE = 1 << 18

_NICE = 5
"""Where all cores search, the service itself must still answer at once, above all that it takes no more."""

_REHEARSED = "the quick brown fox jumps over the lazy dog and the lazy dog sleeps on"


def main() -> None:
    """Serve until the service goes."""
    sys.path[:] = json.loads(sys.argv[2])
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))  # the mapped corpus is nothing to dump
    os.nice(_NICE)
    with socket.socket(fileno=int(sys.argv[1])) as connection:
        serve(connection)


def serve(connection: socket.socket) -> None:
    """Answer messages until the other end is closed."""
    searcher = _Searcher()
    unpacker = Unpacker()
    try:
        while data := connection.recv(_PIECE):
            message = unpacker.feed(data)
            if message is not None:
                connection.sendall(pack(searcher.answer(message)))
    except (BrokenPipeError, ConnectionResetError):
        return


class _Searcher:
    """Answers messages; the libraries that search are loaded with the first index."""

    @cached_property
    def _shelf(self) -> Shelf:
        from wherefrom.pool.shelf import Shelf

        return Shelf()

    def answer(self, message: Work | Prepare) -> Done | Failed | Prepared:
        if isinstance(message, Prepare):
            return self._prepare(message)
        try:
            return Done(message.job.run(self._shelf.open(message.openings)))
        except WherefromError as error:
            return Failed(error)

    def _prepare(self, message: Prepare) -> Prepared:
        if not message.openings:
            return Prepared({})
        gc.unfreeze()
        failures: dict[int, WherefromError] = {}
        for opening in message.openings:
            try:
                self._shelf.open((opening,)).tracer.trace(_REHEARSED)
            except WherefromError as error:
                failures[opening[0]] = error
        self._shelf.keep(number for number, _ in message.openings)
        # What is open stays: the collector need not look at it again and again.
        gc.collect()
        gc.freeze()
        return Prepared(failures)


if __name__ == "__main__":
    main()
