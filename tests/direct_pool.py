"""A pool that traces in the caller's thread, and fails where a test wants it to."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from dataclasses import dataclass, field

from wherefrom import Tracer
from wherefrom.pool.encoding import provenance_json
from wherefrom.pool.jobs import TraceJob
from wherefrom.pool.task import Answer


@dataclass
class DirectRegistry:
    changes: int = 1
    served: tuple[str, ...] = ("corpus",)

    def names(self) -> tuple[str, ...]:
        return self.served


@dataclass
class DirectPool:
    """Answers at once, or when `answer` is called.

    Attributes:
        errors: raised instead of the next answers, one each; None stands for an answer.
        held: jobs that wait for `answer`; filled where `holding`.
        jobs: all that were asked.
    """

    tracer: Tracer
    version: str = "v1"
    registry: DirectRegistry = field(default_factory=DirectRegistry)
    errors: deque[BaseException | None] = field(default_factory=deque)
    refusals: deque[BaseException] = field(default_factory=deque)
    holding: bool = False
    held: list[tuple[TraceJob, Future[Answer]]] = field(default_factory=list)
    jobs: list[TraceJob] = field(default_factory=list)
    before: Callable[[TraceJob], None] = lambda job: None

    def submit(self, job: TraceJob, urgent: bool = True, deadline_s: float | None = None) -> Future[Answer]:
        if self.refusals:
            raise self.refusals.popleft()
        assert not urgent
        assert deadline_s
        self.jobs.append(job)
        future: Future[Answer] = Future()
        self.held.append((job, future))
        if not self.holding:
            self.answer()
        return future

    def answer(self) -> None:
        """Answer what is held."""
        held, self.held = self.held, []
        for job, future in held:
            if not future.set_running_or_notify_cancel():
                continue
            self.before(job)
            error = self.errors.popleft() if self.errors else None
            if error is not None:
                future.set_exception(error)
                continue
            body = provenance_json(self.tracer.trace_with(job.options, job.text, job.prompt))
            future.set_result(Answer(body, self.versions()))

    def versions(self, names: Sequence[str] = ()) -> dict[str, str]:
        return dict.fromkeys(self.registry.served, self.version)
