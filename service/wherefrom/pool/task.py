"""Jobs on their way: what waits, for whom, until when."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Mapping
from concurrent.futures import Future
from dataclasses import dataclass

from wherefrom.pool.cache import Key
from wherefrom.pool.jobs import Job
from wherefrom.pool.registry import Opening

BACKGROUND_TURN = 8
"""Of so many jobs started while both kinds wait, one is of the background, so that it comes forward."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What a job came to.

    Attributes:
        body: JSON, UTF-8.
        versions: of the indexes that were searched, by name.
    """

    body: bytes
    versions: Mapping[str, str]
    from_cache: bool = False


@dataclass(slots=True, eq=False)
class Task:
    """A job on its way to an answer; times by `time.monotonic`.

    Attributes:
        given_up: when its caller left while it was in work.
        tried_again: whether its process was killed once, by nobody here.
    """

    job: Job
    openings: tuple[Opening, ...]
    future: Future[Answer]
    urgent: bool
    deadline: float
    deadline_s: float
    key: Key | None
    given_up: float | None = None
    tried_again: bool = False

    @property
    def versions(self) -> dict[str, str]:
        """The versions that it searches, by name."""
        return {opening.name: opening.version for opening in self.openings}

    def needs(self, numbers: frozenset[int]) -> bool:
        """Whether it searches any of the openings with these numbers."""
        return bool(numbers) and any(opening.number in numbers for opening in self.openings)


class WaitingTasks:
    """Two queues: urgent tasks go first, and background tasks are not forgotten."""

    def __init__(self) -> None:
        """Nothing waits."""
        self._urgent: deque[Task] = deque()
        self._background: deque[Task] = deque()
        self._turn = 0

    def __len__(self) -> int:
        return len(self._urgent) + len(self._background)

    def __iter__(self) -> Iterator[Task]:
        yield from self._urgent
        yield from self._background

    def number(self, *, urgent: bool) -> int:
        """How many of a kind wait."""
        return len(self._queue(urgent))

    def add(self, task: Task) -> None:
        """Append a task to its queue."""
        self._queue(task.urgent).append(task)

    def put_back(self, task: Task) -> None:
        """Let a task be the next of its kind."""
        self._queue(task.urgent).appendleft(task)

    def take(self, lacking: frozenset[int] = frozenset()) -> Task | None:
        """The next task, or None; `lacking`: not one that searches any of these openings."""
        queues = [self._urgent, self._background]
        if self._urgent and self._background:
            self._turn = (self._turn + 1) % BACKGROUND_TURN
            if not self._turn:
                queues.reverse()
        for queue in queues:
            task = next((task for task in queue if not task.needs(lacking)), None)
            if task is not None:
                queue.remove(task)
                return task
        return None

    def remove(self, task: Task) -> bool:
        """Take a task out; whether it was there."""
        try:
            self._queue(task.urgent).remove(task)
        except ValueError:
            return False
        return True

    def _queue(self, urgent: bool) -> deque[Task]:
        return self._urgent if urgent else self._background
