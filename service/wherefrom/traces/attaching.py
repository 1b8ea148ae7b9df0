"""The worker that gives every generation its provenance.

It leases parts that are due, has the pool trace their texts, and stores what comes of it. Whatever ends it in between
(a crash, a power cut, the store away) leaves leases that run out, and the parts are taken again: by it or by another,
for any number of workers may share a store.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import CancelledError, Future
from dataclasses import dataclass, field
from queue import Empty, SimpleQueue
from typing import Any, Protocol

import zstandard
from sqlalchemy import Connection, select

from wherefrom.errors import OverloadedError, StoreUnavailableError
from wherefrom.options import TraceOptions
from wherefrom.pool.jobs import TraceJob
from wherefrom.pool.task import Answer
from wherefrom.traces import leases
from wherefrom.traces.leases import Lease, QueueState
from wherefrom.traces.parts import part_hash, prompt_of, traced_texts
from wherefrom.traces.payload import SpanPayload, unpack
from wherefrom.traces.provenance import Result, refresh, store_results
from wherefrom.traces.retracing import Wanted, Which, retrace
from wherefrom.traces.schema import span_payloads, stored_text
from wherefrom.traces.store import TraceStore
from wherefrom.traces.tracing import TracingRules
from wherefrom_indexer.errors import UsageError, WherefromError

_LOG = logging.getLogger("wherefrom.attach")
_SECOND = 1_000_000_000
_AGAIN_S = 1.0  # where the pool or the store takes nothing on for now


class Registry(Protocol):
    """What the worker asks about indexes."""

    @property
    def changes(self) -> int:
        """A number that grows whenever another version is served."""

    def names(self) -> tuple[str, ...]:
        """Of all indexes."""


class Pool(Protocol):
    """What the worker asks of `TracePool`."""

    @property
    def registry(self) -> Registry:
        """The indexes."""

    def submit(self, job: TraceJob, urgent: bool = True, deadline_s: float | None = None) -> Future[Answer]:
        """Have a text traced."""


@dataclass(frozen=True, slots=True)
class AttachOptions:
    """How the worker works.

    Attributes:
        rules: how projects are traced.
        in_flight: parts in work at once; a few for each search process.
        lease_s: after so long others may take a part of a worker that says nothing any more.
        poll_s: how often it looks for what other processes stored; its own process's commits wake it.
        deadline_s: for one text, its time in the pool's queue included.
        max_attempts: after so many a part has failed.
        first_backoff_s: until the second attempt; each further one waits four times as long.
        max_characters: of a text; longer ones fail.
    """

    rules: TracingRules = field(default_factory=TracingRules)
    in_flight: int = 8
    lease_s: float = 120.0
    poll_s: float = 0.5
    deadline_s: float = 60.0
    max_attempts: int = 5
    first_backoff_s: float = 1.0
    max_characters: int = 200_000


@dataclass(frozen=True, slots=True)
class _Asked:
    """A text that the pool was asked to trace."""

    options: TraceOptions
    snippet_quota: int


@dataclass(slots=True)
class _Settled:
    """What came of parts, to be written in one piece."""

    results: list[Result] = field(default_factory=list)
    postponed: list[tuple[Lease, str]] = field(default_factory=list)
    failed: list[tuple[Lease, str]] = field(default_factory=list)
    given_back: list[Lease] = field(default_factory=list)

    def __len__(self) -> int:
        return len(self.results) + len(self.postponed) + len(self.failed) + len(self.given_back)


class AttachWorker:
    """Traces what is due, in a thread of its own; `step` does the same bit by bit."""

    def __init__(
        self,
        store: TraceStore,
        pool: Pool,
        options: AttachOptions | None = None,
        now_ns: Callable[[], int] = time.time_ns,
    ) -> None:
        """Take the parts; `start` starts the thread."""
        self._store = store
        self._pool = pool
        self._options = options or AttachOptions()
        self._now_ns = now_ns
        self._wake = threading.Event()
        self._stopping = threading.Event()
        self._running: dict[Future[Answer], tuple[Lease, _Asked]] = {}
        self._finished: SimpleQueue[Future[Answer]] = SimpleQueue()
        self._settled = _Settled()
        self._changes: int | None = None
        self._stored = self._failed = 0
        self._thread: threading.Thread | None = None
        self._end_listening: Callable[[], None] | None = None

    @property
    def stored(self) -> int:
        """Results stored so far."""
        return self._stored

    @property
    def failed(self) -> int:
        """Parts that have failed for good so far."""
        return self._failed

    @property
    def in_work(self) -> int:
        """Parts in work now."""
        return len(self._running) + len(self._settled)

    def queue(self) -> QueueState:
        """What waits in the store."""
        return self._store.read(leases.queue_state)

    def start(self) -> None:
        """Begin to work."""
        self._end_listening = self._store.on_commit(lambda _: self._wake.set())
        self._thread = threading.Thread(target=self._serve, name="attach-worker", daemon=True)
        self._thread.start()

    def close(self) -> None:
        """Stop, and give back what is in work, so that another worker can have it at once."""
        self._stopping.set()
        self._wake.set()
        if self._thread is not None:
            self._thread.join()
        if self._end_listening is not None:
            self._end_listening()
        for future in self._running:
            future.cancel()
        abandoned = [lease for lease, _ in self._running.values()] + self._settled.given_back
        self._running.clear()
        if abandoned:
            now_ns = self._now_ns()
            try:
                self._store.write(lambda connection: leases.give_back(connection, abandoned, now_ns)).result()
            except (StoreUnavailableError, OverloadedError) as error:
                _LOG.warning("Parts in work are traced again when their leases have run out: %s", error)

    def drain(self, timeout_s: float | None = None) -> bool:
        """Wait until nothing is pending any more; False: time was up before. Attempts to come are waited for."""
        until = None if timeout_s is None else time.monotonic() + timeout_s
        while self.queue().pending:
            if self._stopping.wait(0.05) or (until is not None and time.monotonic() > until):
                return False
        return True

    def step(self) -> bool:
        """Write what has come, and lease what is due; return whether anything was done.

        Raises:
            StoreUnavailableError, OverloadedError: nothing was lost; try again later.
        """
        self._heed_indexes()
        written = self._write_settled()
        return self._take() or written

    def _serve(self) -> None:
        while not self._stopping.is_set():
            self._wake.clear()
            try:
                while self.step() and not self._stopping.is_set():
                    pass
                pause_s = self._options.poll_s
            except (StoreUnavailableError, OverloadedError) as error:
                _LOG.warning("Provenance waits: %s", error)
                pause_s = _AGAIN_S
                self._wake.clear()
            self._wake.wait(pause_s)

    def _heed_indexes(self) -> None:
        """Try again what has failed when another version of an index is served, as when a damaged one was restored."""
        changes = self._pool.registry.changes
        if changes != self._changes:
            now_ns = self._now_ns()
            retrace(self._store, Wanted(Which.FAILED), self._options.rules, lambda _: {}, now_ns)
            mine = [lease.part_key for lease, _ in self._running.values()]
            self._store.write(lambda connection: leases.hasten(connection, now_ns, mine)).result()
            self._changes = changes

    def _write_settled(self) -> bool:
        self._gather()
        settled = self._settled
        self._renew()
        if not len(settled):
            return False
        try:
            self._write(settled)
        except (StoreUnavailableError, OverloadedError):
            raise
        except Exception as error:  # noqa: BLE001 (one result that cannot be stored must not hold up all others)
            _LOG.error("Results could not be stored together.", exc_info=error)
            self._write_one_by_one(settled.results)
            settled.results = []
            self._write(settled)
        self._settled = _Settled()
        return True

    def _write(self, settled: _Settled) -> None:
        stored, failed = self._store.write(lambda connection: self._settle(connection, settled)).result()
        self._stored += stored
        self._failed += failed

    def _write_one_by_one(self, results: Sequence[Result]) -> None:
        for result in results:
            try:
                self._write(_Settled(results=[result]))
            except (StoreUnavailableError, OverloadedError):
                raise
            except Exception as error:  # noqa: BLE001 (as above)
                _LOG.error("A result could not be stored.", exc_info=error)
                reason = f"The result could not be stored ({type(error).__name__}); the log tells more."
                self._write(_Settled(failed=[(result.lease, reason)]))

    def _gather(self) -> None:
        """Sort what the pool has answered."""
        while True:
            try:
                future = self._finished.get_nowait()
            except Empty:
                return
            lease, asked = self._running.pop(future)
            error: BaseException | None = CancelledError() if future.cancelled() else future.exception()
            if error is not None:
                self._refused(lease, error)
                continue
            answer = future.result()
            self._settled.results.append(
                Result(lease, answer.body, answer.versions, asked.options, asked.snippet_quota)
            )

    def _refused(self, lease: Lease, error: BaseException) -> None:
        if isinstance(error, OverloadedError | CancelledError):
            self._settled.given_back.append(lease)
        elif isinstance(error, WherefromError) and not isinstance(error, UsageError):
            self._unsuccessful(lease, str(error))
        elif isinstance(error, UsageError):
            self._settled.failed.append((lease, str(error)))
        else:
            _LOG.error("A part could not be traced.", exc_info=error)
            self._settled.failed.append((lease, f"Tracing failed ({type(error).__name__}); the log tells more."))

    def _unsuccessful(self, lease: Lease, reason: str) -> None:
        """Have a part tried again later, unless it was tried often enough."""
        if lease.attempts >= self._options.max_attempts:
            _LOG.warning("A part has failed after %d attempts: %s", lease.attempts, reason)
            self._settled.failed.append((lease, reason))
        else:
            self._settled.postponed.append((lease, reason))

    def _settle(self, connection: Connection, settled: _Settled) -> tuple[int, int]:
        now_ns = self._now_ns()
        stored = store_results(connection, settled.results, now_ns)
        for lease, reason in settled.postponed:
            leases.postpone(connection, lease, reason, now_ns + self._backoff_ns(lease.attempts))
        failed = [place for lease, reason in settled.failed if (place := leases.fail(connection, lease, reason))]
        refresh(connection, failed, now_ns)
        leases.give_back(connection, settled.given_back, now_ns + int(_AGAIN_S * _SECOND))
        return stored, len(failed)

    def _backoff_ns(self, attempts: int) -> int:
        return int(self._options.first_backoff_s * 4 ** min(attempts - 1, 10) * _SECOND)

    def _renew(self) -> None:
        """Prolong leases of which half has passed: the pool may have more urgent work."""
        now_ns = self._now_ns()
        half_ns = int(self._options.lease_s * _SECOND / 2)
        ageing = {lease: future for future, (lease, _) in self._running.items() if lease.until_ns - now_ns < half_ns}
        if not ageing:
            return
        until_ns = now_ns + 2 * half_ns
        renewed = self._store.write(lambda connection: leases.renew(connection, list(ageing), until_ns)).result()
        by_part = {lease.part_key: lease for lease in renewed}
        for lease, future in ageing.items():
            if lease.part_key in by_part:
                self._running[future] = (by_part[lease.part_key], self._running[future][1])
            else:
                future.cancel()  # the output was replaced, or the trace deleted

    def _take(self) -> bool:
        room = self._options.in_flight - len(self._running)
        now_ns = self._now_ns()
        if room <= 0 or not self._pool.registry.names():
            return False
        if not self._store.read(lambda connection: leases.is_due(connection, now_ns)):
            return False
        until_ns = now_ns + int(self._options.lease_s * _SECOND)
        taken = self._store.write(lambda connection: leases.take(connection, now_ns, until_ns, room)).result()
        payloads = self._store.read(lambda connection: _payloads(connection, taken))
        for lease in taken:
            self._begin(lease, payloads.get(lease.span_key))
        return bool(taken)

    def _begin(self, lease: Lease, payload: SpanPayload | None) -> None:
        texts = (
            {}
            if payload is None
            else {stored_text(text.place): text.text for text in traced_texts(payload.output_messages)}
        )
        text = texts.get(lease.place)
        prompt = None if payload is None else prompt_of(payload.input_messages)
        if text is None or part_hash(text, prompt) != lease.text_hash:
            # Replaced since, so that the lease is void already; or a store that is not as it should be.
            self._unsuccessful(lease, "The text of this part is not in the stored output any more.")
        elif lease.attempts > self._options.max_attempts:
            self._settled.failed.append((lease, "Whoever traced this part ended before it was done, every time."))
        elif len(text) > self._options.max_characters:
            most = f"{self._options.max_characters:,}"
            reason = f"The text has {len(text):,} characters; more than {most} are not traced (max_text_characters)."
            self._settled.failed.append((lease, reason))
        else:
            self._ask(lease, text, prompt)

    def _ask(self, lease: Lease, text: str, prompt: str | None) -> None:
        try:
            tracing = self._options.rules.of(lease.project, lease.stored)
            job = TraceJob(text, prompt, tracing.indexes, tracing.options)
            future = self._pool.submit(job, urgent=False, deadline_s=self._options.deadline_s)
        except WherefromError as error:
            self._refused(lease, error)
            return
        self._running[future] = (lease, _Asked(tracing.options, tracing.snippet_quota))
        future.add_done_callback(self._answered)

    def _answered(self, future: Future[Any]) -> None:
        self._finished.put(future)
        self._wake.set()


def _payloads(connection: Connection, taken: Sequence[Lease]) -> dict[int, SpanPayload]:
    keys = {lease.span_key for lease in taken}
    rows = connection.execute(select(span_payloads).where(span_payloads.c.span_key.in_(keys)))
    found = {}
    for row in rows:
        try:
            found[row.span_key] = unpack(row.body)
        except (zstandard.ZstdError, ValueError, KeyError, TypeError) as error:  # damaged: one must not hold up all
            _LOG.error("The payload of span %d cannot be read.", row.span_key, exc_info=error)
    return found
