"""The pool: jobs go to search processes, answers come back, and no slow search and no dead process holds up others."""

from __future__ import annotations

import threading
import time
from collections.abc import Sequence
from concurrent.futures import Future

from wherefrom.errors import OverloadedError
from wherefrom.pool.cache import Key, ResultCache
from wherefrom.pool.jobs import Job
from wherefrom.pool.registry import IndexRegistry, Opening
from wherefrom.pool.supervisor import GRACE_S, Supervisor
from wherefrom.pool.task import Answer, Task, WaitingTasks
from wherefrom.workers import cores
from wherefrom_indexer.errors import WherefromError


class TracePool:
    """Search processes that do jobs. May be used by many threads at once."""

    def __init__(
        self,
        registry: IndexRegistry,
        processes: int | None = None,
        waiting: int = 32,
        deadline_s: float = 10.0,
        cache_bytes: int = 0,
        grace_s: float = GRACE_S,
    ) -> None:
        """Start the processes; `ready` says when they can work.

        Args:
            registry: the indexes.
            processes: how many; None: as many as cores may be used.
            waiting: jobs of each kind (urgent and background) that may wait; more are refused.
            deadline_s: seconds after which a job is ended, its time in the queue included.
            cache_bytes: memory for answers.
            grace_s: seconds for which a job that nobody wants any more may run on.
        """
        self.registry = registry
        self.cache = ResultCache(cache_bytes)
        self._most_waiting = waiting
        self._deadline_s = deadline_s
        self._lock = threading.Lock()
        self._waiting = WaitingTasks()
        self._closed = False
        self._supervisor = Supervisor(registry, self._lock, self._waiting, self._keep, processes or cores(), grace_s)

    def submit(
        self,
        job: Job,
        urgent: bool = True,
        deadline_s: float | None = None,
        openings: Sequence[Opening] | None = None,
    ) -> Future[Answer]:
        """Have a job done.

        `cancel` of the future takes the job out of the queue; one that is in work is left alone for a short time, then
        its process is ended. The future's errors are those of the job, and NotFoundError, IndexDamagedError,
        DeadlineError and InterruptedSearchError.

        Args:
            job: what to do.
            urgent: somebody waits for it; others are done when nothing urgent waits, and now and then in between.
            deadline_s: instead of the pool's.
            openings: the versions to search, as `pin` returned them; None: the current ones.

        Raises:
            OverloadedError: too many wait already.
        """
        future: Future[Answer] = Future()
        try:
            pinned = tuple(openings) if openings is not None else self.registry.current(job.indexes)
        except WherefromError as error:
            future.set_exception(error)
            return future
        key = self._key(job, pinned)
        if key is not None and (body := self.cache.get(key)) is not None:
            future.set_result(Answer(body, dict(key[1]), from_cache=True))
            return future
        limit_s = self._deadline_s if deadline_s is None else deadline_s
        task = Task(job, pinned, future, urgent, time.monotonic() + limit_s, limit_s, key)
        with self._lock:
            if self._closed:
                raise OverloadedError("The service is stopping: ask again when it is back.")
            if not self._supervisor.give(task):
                if self._waiting.number(urgent=urgent) >= self._most_waiting:
                    raise self.overloaded()
                self._waiting.add(task)
        future.add_done_callback(lambda done: self._left(task) if done.cancelled() else None)
        return future

    def pin(self, names: Sequence[str] = ()) -> tuple[Opening, ...]:
        """The current versions of some indexes (of all that are served, without names), for several jobs alike.

        Raises:
            NotFoundError, IndexDamagedError: as `IndexRegistry.current`.
        """
        return self.registry.current(names)

    def versions(self, names: Sequence[str] = ()) -> dict[str, str]:
        """The versions that a job submitted now would search, by name; errors as `pin`."""
        return {opening.name: opening.version for opening in self.registry.current(names)}

    @property
    def full(self) -> bool:
        """Whether one more urgent job would be refused."""
        return self._waiting.number(urgent=True) >= self._most_waiting

    def overloaded(self) -> OverloadedError:
        """The error of whoever asks for more than may wait."""
        return OverloadedError(f"{self._most_waiting:,} searches wait already: ask again in a moment, or less often.")

    @property
    def waiting(self) -> int:
        """Jobs that wait for a process."""
        return len(self._waiting)

    @property
    def busy(self) -> int:
        """Jobs in work."""
        return self._supervisor.busy()

    @property
    def restarts(self) -> int:
        """Processes that were started in place of others."""
        return self._supervisor.restarts

    def processes(self) -> tuple[int, ...]:
        """The numbers of the processes that live."""
        return self._supervisor.processes()

    def ready(self, timeout_s: float = 0.0) -> bool:
        """Whether all processes have opened the indexes; waits for it so long."""
        return self._supervisor.ready(timeout_s)

    def close(self) -> None:
        """End the processes; jobs that wait or run fail with OverloadedError."""
        with self._lock:
            self._closed = True
        self._supervisor.close()

    def __enter__(self) -> TracePool:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _key(self, job: Job, openings: Sequence[Opening]) -> Key | None:
        if not self.cache.limit:
            return None
        key = job.cache_key
        return None if key is None else (key, tuple((opening.name, opening.version) for opening in openings))

    def _keep(self, task: Task, body: bytes) -> None:
        if task.key is not None:
            self.cache.put(task.key, body)

    def _left(self, task: Task) -> None:
        """The caller of a task cancelled it."""
        with self._lock:
            if not self._waiting.remove(task):
                task.given_up = time.monotonic()
