"""Compiling the kernels before they are needed, in several processes, into the user's private cache."""

from __future__ import annotations

import multiprocessing
import os
import pickle
import signal
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass
from importlib import import_module
from multiprocessing.connection import Connection, wait
from typing import TYPE_CHECKING, Any

from wherefrom.workers import cores
from wherefrom_indexer.errors import StorageError, WherefromError

if TYPE_CHECKING:
    from wherefrom.rehearsal import Call

_PLAIN_PYTHON = "NUMBA_DISABLE_JIT"
_CONTEXT = multiprocessing.get_context("spawn")  # a copy of a process with threads may hang


@dataclass(frozen=True, slots=True)
class Warmed:
    """What warming did.

    Attributes:
        kernels: how many kernels are ready, each for the types of its arguments.
        compiled: how many of them were compiled now.
    """

    kernels: int
    compiled: int


@dataclass(frozen=True, slots=True)
class _Job:
    kernel: tuple[str, str]
    code: dict[str, int]
    types: bytes  # pickled, for this process does not import Numba


def warm(processes: int | None = None, tokenizer: str = "default", everything: bool = False) -> Warmed:
    """Compile the kernels that indexing and tracing use, and keep them in the cache.

    One process finds out which they are by indexing and tracing a few sentences in plain Python; the others compile
    them as they become known. A script that calls this needs the guard
    `if __name__ == "__main__":`, as for `multiprocessing`.

    Args:
        processes: how many compile; None: as many as cores may be used.
        tokenizer: as for `build_index`: kernels are compiled for its tokens' bytes.
        everything: also what removing, verifying, compacting, counting and auditing use.

    Raises:
        StorageError: there is no folder to keep them in, or a process ended before its work was done.
        TokenizerError, SourceError: the tokenizer cannot be used.
    """
    with tempfile.TemporaryDirectory(prefix="wherefrom-") as folder, ExitStack() as children:
        with _plain_python():
            rehearsal = children.enter_context(closing(_Child(_rehearse, folder, tokenizer, everything)))
        compilers = [children.enter_context(closing(_Child(_compile))) for _ in range(processes or cores())]
        try:
            return _work(rehearsal, compilers)
        except (EOFError, ConnectionError) as error:
            raise StorageError(
                "A process that compiles ended before its work was done, perhaps out of memory"
            ) from error


def is_warm() -> bool:
    """Whether two kernels that take long to compile, one of each half, stand in the cache, and so likely all."""
    from wherefrom.passages import occurrences
    from wherefrom_indexer.byte_pair_kernels import encode
    from wherefrom_indexer.kernels import is_compiled

    return all(map(is_compiled, (encode, occurrences)))


class _Child:
    """A process and the connection to it. It ends at the latest when the connection does."""

    def __init__(self, work: Any, *arguments: Any) -> None:
        self.job: _Job | None = None
        self.compiled: set[str] = set()
        self.connection, theirs = _CONTEXT.Pipe()
        self._process = _CONTEXT.Process(target=work, args=(theirs, *arguments), daemon=True)
        self._process.start()
        theirs.close()

    def close(self) -> None:
        """End the process, whatever it does."""
        self.connection.close()
        self._process.terminate()
        self._process.join()


def _work(rehearsal: _Child, compilers: list[_Child]) -> Warmed:
    waiting: list[_Job] = []
    rehearsing, kernels, compiled = True, 0, 0
    while True:
        for child in compilers:
            if child.job is None and (job := _next(child, waiting, compilers)):
                waiting.remove(job)
                child.job = job
                child.compiled |= job.code.keys()
                child.connection.send((job.kernel, job.types))
        busy = {child.connection: child for child in compilers if child.job}
        if not rehearsing and not busy:
            return Warmed(kernels, compiled)
        for ready in wait([*busy, rehearsal.connection] if rehearsing else list(busy)):
            assert isinstance(ready, Connection)
            message = ready.recv()
            if isinstance(message, WherefromError):
                raise message
            if isinstance(message, _Job):
                waiting.append(message)
            elif message is None:
                rehearsing = False
            else:
                kernels += 1
                compiled += message
                busy[ready].job = None


def _next(child: _Child, waiting: list[_Job], children: list[_Child]) -> _Job | None:
    """The largest job, but what other processes compile as well counts against it: so jobs that share much meet.

    The cache of one kernel has one writer.
    """
    others = [other for other in children if other is not child]
    taken = {other.job.kernel for other in others if other.job}
    elsewhere = set().union(*(other.compiled for other in others))

    def worth(job: _Job) -> int:
        return sum(-size if name in elsewhere else size for name, size in job.code.items())

    return max((job for job in waiting if job.kernel not in taken), key=worth, default=None)


@contextmanager
def _plain_python() -> Iterator[None]:
    """Processes that are started here do not compile; the variable is read when Numba is imported."""
    before = os.environ.get(_PLAIN_PYTHON)
    os.environ[_PLAIN_PYTHON] = "1"
    try:
        yield
    finally:
        if before is None:
            del os.environ[_PLAIN_PYTHON]
        else:
            os.environ[_PLAIN_PYTHON] = before


def _rehearse(connection: Connection, folder: str, tokenizer: str, everything: bool) -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C reaches all processes; the first one ends the others
    from wherefrom.rehearsal import rehearse

    def report(call: Call) -> None:
        connection.send(_Job(call.kernel, call.code, pickle.dumps(call.types)))

    try:
        rehearse(report, folder, tokenizer, everything)
        connection.send(None)
    except WherefromError as error:
        connection.send(error)


def _compile(connection: Connection) -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    from numba import config

    from wherefrom_indexer.kernels import cache_folder

    why = f"{_PLAIN_PYTHON} is set" if config.DISABLE_JIT else "" if cache_folder() else "no folder is private to you"
    while True:
        try:
            (module, name), types = connection.recv()
        except EOFError:
            return
        if why:
            connection.send(StorageError(f"The kernels cannot be compiled ahead: {why}"))
            continue
        kernel: Any = getattr(import_module(module), name)
        misses = sum(kernel.stats.cache_misses.values())
        kernel.compile(pickle.loads(types))
        connection.send(sum(kernel.stats.cache_misses.values()) > misses)
