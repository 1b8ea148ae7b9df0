"""Search processes kept alive: started, given work, listened to, ended when they take too long, started again.

One thread does all of it. It holds the pool's lock while it looks at processes and queue, and settles futures without
it, because whoever waits for one may submit the next job at once.
"""

from __future__ import annotations

import os
import selectors
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass

from wherefrom.errors import DeadlineError, InterruptedSearchError, OverloadedError
from wherefrom.pool.messages import Done, Failed, Prepare, Prepared, Work
from wherefrom.pool.registry import IndexRegistry, Opening
from wherefrom.pool.task import Answer, Task, WaitingTasks
from wherefrom.pool.worker import Worker
from wherefrom_indexer.errors import IndexDamagedError, WherefromError

GRACE_S = 1.0
"""Seconds for which a job that nobody wants any more may run on before its process is ended: to start another process
costs more than most jobs."""

PREPARATION_S = 300.0
"""Seconds in which a process must have opened the indexes; on a new machine it compiles kernels first."""

_BUSY_LOOK_S = 0.05
_IDLE_LOOK_S = 0.5
_STEADY_S = 10.0
_FIRST_BACKOFF_S = 0.1
_LONGEST_BACKOFF_S = 10.0

_FROM_OUTSIDE = ("SIGKILL", "SIGTERM")
"""How processes end that somebody else ended, or the system when memory ran out: perhaps not for what they did."""

_STOPPING = "The service is stopping: ask again when it is back."

Settled = tuple[Task, "Answer | WherefromError"]


@dataclass(slots=True, eq=False)
class _Slot:
    """The place of a process; times by `time.monotonic`.

    Attributes:
        since: when its process was started.
        restart_at: when the next one may be started, while there is none.
        failures: processes that ended soon after their start, one after the other.
        opening: what the process was last told to open, by number.
    """

    worker: Worker | None = None
    since: float = 0.0
    restart_at: float = 0.0
    failures: int = 0
    opening: dict[int, Opening] | None = None
    preparing_until: float = 0.0

    def has(self, number: int) -> bool:
        """Whether its process has opened that; it may be the last one that could."""
        worker = self.worker
        if worker is None or worker.preparing or not self.opening:
            return False
        return number in self.opening and number not in worker.lacking


class Supervisor:
    """Keeps processes alive and busy with what waits."""

    def __init__(
        self,
        registry: IndexRegistry,
        lock: threading.Lock,
        waiting: WaitingTasks,
        keep: Callable[[Task, bytes], None],
        processes: int,
        grace_s: float,
    ) -> None:
        """Start so many processes; `keep` is called with every answer."""
        self._registry = registry
        self._lock = lock
        self._prepared = threading.Condition(lock)
        self._waiting = waiting
        self._keep = keep
        self._grace_s = grace_s
        self._closing = False
        self.restarts = -processes
        self._selector = selectors.DefaultSelector()
        self._woken, self._waker = os.pipe()
        self._selector.register(self._woken, selectors.EVENT_READ)
        self._slots = [_Slot() for _ in range(processes)]
        for slot in self._slots:
            self._start(slot)
        self._thread = threading.Thread(target=self._run, name="trace-pool", daemon=True)
        self._thread.start()

    def give(self, task: Task) -> bool:
        """Hand a task to an idle process; False: there is none. The caller holds the lock."""
        for slot in self._slots:
            if slot.worker is not None and slot.worker.idle and not task.needs(slot.worker.lacking):
                self._send(slot.worker, task)
                return True
        return False

    def busy(self) -> int:
        """Processes that work on a task."""
        return sum(slot.worker is not None and slot.worker.task is not None for slot in self._slots)

    def processes(self) -> tuple[int, ...]:
        """The numbers of the processes that live."""
        with self._lock:
            return tuple(slot.worker.pid for slot in self._slots if slot.worker)

    def ready(self, timeout_s: float) -> bool:
        """Whether all processes have opened the indexes; waits for it so long."""
        with self._prepared:
            return self._prepared.wait_for(
                lambda: all(slot.worker and slot.worker.is_prepared for slot in self._slots), timeout_s
            )

    def close(self) -> None:
        """End the processes; what waits or runs fails with OverloadedError."""
        if self._closing:
            return
        self._closing = True
        self._wake()
        self._thread.join()
        self._selector.close()
        os.close(self._woken)
        os.close(self._waker)

    def _run(self) -> None:
        while not self._closing:
            events = self._selector.select(_BUSY_LOOK_S if self.busy() else _IDLE_LOOK_S)
            settled: list[Settled] = []
            dead: list[tuple[Task | None, str]] = []
            with self._lock:
                for key, ready in events:
                    if key.data is None:
                        os.read(self._woken, 4096)
                    else:
                        self._serve(key.data, ready, settled, dead)
                self._end_late_ones(settled)
                self._keep_up()
            if dead:
                settled += self._explained(dead)
            _settle(settled)
        self._stop()

    def _serve(self, slot: _Slot, ready: int, settled: list[Settled], dead: list[tuple[Task | None, str]]) -> None:
        """Send to and receive from a process."""
        worker = slot.worker
        if worker is None:
            return
        if ready & selectors.EVENT_WRITE:
            worker.flush()
        if not ready & selectors.EVENT_READ:
            return
        try:
            message = worker.receive()
        except EOFError:
            task, how = worker.task, self._end(slot, failed=True)
            if task is not None and how in _FROM_OUTSIDE and not task.tried_again and task.given_up is None:
                task.tried_again = True
                self._waiting.put_back(task)
            else:
                dead.append((task, how))
            return
        if isinstance(message, Prepared):
            self._note(slot, message)
        elif message is not None and worker.task is not None:
            task, worker.task = worker.task, None
            if not self._refresh(slot) and (following := self._waiting.take(worker.lacking)):
                self._send(worker, following)  # first of all, so that it does not idle
            settled.append((task, self._result(task, message)))

    def _result(self, task: Task, message: Done | Failed) -> Answer | WherefromError:
        if isinstance(message, Done):
            self._keep(task, message.body)
            return Answer(message.body, task.versions)
        error = message.error
        if isinstance(error, IndexDamagedError):
            return self._damage(task, error)
        return error

    def _damage(self, task: Task, error: IndexDamagedError) -> IndexDamagedError:
        """The error as clients may read it: with names instead of folders. The registry is told."""
        message = str(error)
        for opening in task.openings:
            if str(opening.path) in message or len(task.openings) == 1:
                message = message.replace(str(opening.path), f"The index {opening.name!r}")
                self._registry.damaged(opening, message.removesuffix("."), serving=True)
        return IndexDamagedError(message)

    def _send(self, worker: Worker, task: Task) -> None:
        worker.task = task
        worker.send(Work(task.job, tuple((opening.number, opening.packed) for opening in task.openings)))
        if worker.sending:
            self._wake()

    def _note(self, slot: _Slot, message: Prepared) -> None:
        """A process has opened the indexes; some perhaps not."""
        worker = slot.worker
        assert worker is not None
        assert slot.opening is not None
        worker.preparing, worker.is_prepared = False, True
        worker.lacking = frozenset(message.failures)
        for number, error in message.failures.items():
            opening = slot.opening[number]
            reason = str(error).replace(str(opening.path), f"The index {opening.name!r}").removesuffix(".")
            self._registry.damaged(opening, reason, serving=any(other.has(number) for other in self._slots))
        self._prepared.notify_all()

    def _refresh(self, slot: _Slot) -> bool:
        """Have an idle process open what changed; whether there was anything. One process at a time, so that the
        others go on, but all at the start."""
        worker = slot.worker
        changes = self._registry.changes
        if worker is None or worker.opened == changes or worker.task or worker.preparing:
            return False
        if worker.is_prepared and any(other.worker and other.worker.preparing for other in self._slots):
            return False
        slot.opening = {opening.number: opening for opening in self._registry.serving()}
        slot.preparing_until = time.monotonic() + PREPARATION_S
        worker.opened, worker.preparing = changes, True
        worker.send(Prepare(tuple((opening.number, opening.packed) for opening in slot.opening.values())))
        return True

    def _end_late_ones(self, settled: list[Settled]) -> None:
        """End tasks whose time is over, and processes that work for nobody."""
        now = time.monotonic()
        for late in [task for task in self._waiting if task.deadline <= now]:
            self._waiting.remove(late)
            settled.append((late, _late(late, "it still waited for a process")))
        for slot in self._slots:
            worker = slot.worker
            if worker is None:
                continue
            task = worker.task
            if task is None:
                if worker.preparing and slot.preparing_until <= now:
                    self._end(slot, failed=True)
            elif task.deadline <= now and task.given_up is None:
                self._end(slot, failed=False)
                settled.append((task, _late(task, "the search was ended")))
            elif task.given_up is not None and task.given_up + self._grace_s <= now:
                self._end(slot, failed=False)

    def _keep_up(self) -> None:
        """Start processes where there is none, prepare them, give idle ones what waits, send what remains."""
        for slot in self._slots:
            worker = slot.worker
            if worker is None:
                if slot.restart_at <= time.monotonic():
                    self._start_again(slot)
                continue
            self._refresh(slot)
            if worker.idle and (following := self._waiting.take(worker.lacking)):
                self._send(worker, following)
            wanted = selectors.EVENT_READ | (selectors.EVENT_WRITE if worker.sending else 0)
            if self._selector.get_key(worker.socket).events != wanted:
                self._selector.modify(worker.socket, wanted, slot)

    def _start_again(self, slot: _Slot) -> None:
        try:
            self._start(slot)
        except OSError:  # no process or file to be had for now: somebody else's affair, and perhaps over soon
            slot.failures += 1
            slot.restart_at = time.monotonic() + _backoff(slot.failures)

    def _start(self, slot: _Slot) -> None:
        slot.worker = Worker()
        slot.since = time.monotonic()
        self.restarts += 1
        self._selector.register(slot.worker.socket, selectors.EVENT_READ, slot)
        self._refresh(slot)

    def _end(self, slot: _Slot, *, failed: bool) -> str:
        """End a slot's process and say how it ended; `failed`: it was not for us to end it."""
        worker = slot.worker
        assert worker is not None
        self._selector.unregister(worker.socket)
        how = worker.end()
        now = time.monotonic()
        slot.worker = None
        slot.failures = slot.failures + 1 if failed and now - slot.since < _STEADY_S else 0
        slot.restart_at = now + _backoff(slot.failures)
        return how

    def _explained(self, dead: list[tuple[Task | None, str]]) -> list[Settled]:
        """The errors of tasks whose processes ended by themselves."""
        self._registry.check()
        states = {state.name: state for state in self._registry.indexes()}
        settled: list[Settled] = []
        for task, how in dead:
            if task is None:
                continue
            broken = [states[each.name] for each in task.openings if not states[each.name].serving]
            error: WherefromError
            if broken:
                error = IndexDamagedError(f"The index {broken[0].name!r} is damaged: {broken[0].reason}.")
            elif how == "SIGBUS" and len(task.openings) == 1:
                reason = "a file was cut off while it was searched"
                self._registry.damaged(task.openings[0], reason, serving=False)
                error = IndexDamagedError(f"The index {task.openings[0].name!r} is damaged: {reason}.")
            else:
                error = InterruptedSearchError(
                    f"The process that searched ended ({how}) before it answered: ask again."
                )
            settled.append((task, error))
        return settled

    def _stop(self) -> None:
        with self._lock:
            settled: list[Settled] = []
            while (task := self._waiting.take()) is not None:
                settled.append((task, OverloadedError(_STOPPING)))
            for slot in self._slots:
                if slot.worker is not None:
                    if slot.worker.task is not None:
                        settled.append((slot.worker.task, OverloadedError(_STOPPING)))
                    self._end(slot, failed=False)
            self._prepared.notify_all()
        _settle(settled)

    def _wake(self) -> None:
        os.write(self._waker, b"\0")


def _backoff(failures: int) -> float:
    """Seconds before a process is started in place of one that failed, after so many in a row."""
    return min(_FIRST_BACKOFF_S * 2 ** min(failures, 10), _LONGEST_BACKOFF_S) if failures else 0.0


def _late(task: Task, what: str) -> DeadlineError:
    return DeadlineError(
        f"The search was not done in {task.deadline_s:g} seconds: {what}; try a shorter text, or later."
    )


def _settle(settled: list[Settled]) -> None:
    for task, result in settled:
        if not task.future.set_running_or_notify_cancel():
            continue
        if isinstance(result, Answer):
            task.future.set_result(result)
        else:
            task.future.set_exception(result)
