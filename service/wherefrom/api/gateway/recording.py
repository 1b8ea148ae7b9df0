"""Exchanges on their way to the trace store: beside the way of the answers, within a memory, losses counted."""

from __future__ import annotations

import logging
import threading
import time
from collections import Counter, deque
from collections.abc import Iterator
from concurrent.futures import Future
from dataclasses import replace

from sqlalchemy.exc import SQLAlchemyError

from wherefrom.api.metrics import Measure, Metrics
from wherefrom.traces.ingest.gateway import Exchange, span_update
from wherefrom.traces.ingest.limits import IngestLimits
from wherefrom.traces.ingesting import Ingested, ingest
from wherefrom.traces.model import IngestBatch, Protocol, SpanUpdate
from wherefrom.traces.repeating import Repeating
from wherefrom.traces.store import TraceStore
from wherefrom_indexer.errors import WherefromError

MOST_WAITING = 1_000
"""Exchanges that may wait to be stored."""

MOST_OF_ONE = 16 << 20
"""Bytes of an answer that is recorded; of a longer one the span says that it was not kept."""

_AT_ONCE = 32
_AGAIN_S = 0.5
_AT_END_S = 5.0
_RECENTLY_S = 300.0
_LOG = logging.getLogger("wherefrom.api")
_FAULTS = (WherefromError, TypeError, ValueError, LookupError, AttributeError, ArithmeticError, RecursionError)
"""What a stranger's answer may bring out of a reader; all other answers are still recorded."""


class Recorder(Repeating):
    """Stores exchanges in a thread of its own. Nothing but `close` ever waits for it."""

    def __init__(self, store: TraceStore, limits: IngestLimits, metrics: Metrics, most_bytes: int) -> None:
        """Take where to store. `most_bytes`: of memory, for answers under way and exchanges that wait."""
        super().__init__("gateway-recorder")
        self._store = store
        self._limits = limits
        self._metrics = metrics
        self._most_bytes = most_bytes
        self._bytes = 0
        self._waiting: deque[Exchange] = deque()
        self._lock = threading.Lock()
        self._lost: Counter[str] = Counter()
        self._lost_at: float | None = None
        self._failing: str | None = None
        self._closing_at: float | None = None

    def reserve(self, size: int) -> bool:
        """Whether there is memory for so many bytes more; then they are taken, until `release`."""
        with self._lock:
            if self._bytes + size > self._most_bytes:
                return False
            self._bytes += size
            return True

    def release(self, size: int) -> None:
        """Gives memory back."""
        with self._lock:
            self._bytes -= size

    def offer(self, exchange: Exchange) -> None:
        """Has an exchange stored when there is time; it is lost if too many wait."""
        with self._lock:
            size = exchange.size
            if len(self._waiting) >= MOST_WAITING or self._bytes + size > self._most_bytes:
                self._lose("full")
                return
            self._bytes += size
            self._waiting.append(exchange)
        self.wake()

    def work(self) -> float | None:
        """Store some of what waits."""
        with self._lock:
            some = [self._waiting[place] for place in range(min(len(self._waiting), _AT_ONCE))]
        if not some:
            return None
        try:
            self._keep(some)
        except (WherefromError, TimeoutError) as error:  # the store is away: they wait, as far as there is room
            if self._failing is None:
                _LOG.warning("The gateway's answers cannot be recorded for now: %s", error)
            self._failing = str(error) or "The trace store does not answer."
            self._ended.wait(_AGAIN_S)
            return 0.0
        self._failing = None
        with self._lock:
            for exchange in some:
                self._waiting.popleft()
                self._bytes -= exchange.size
        return 0.0

    def close(self) -> None:
        """Store what waits, if that is soon done; the rest is lost."""
        deadline = time.monotonic() + _AT_END_S
        while self._waiting and self._failing is None and time.monotonic() < deadline and self._thread.is_alive():
            time.sleep(0.01)
        super().close()
        with self._lock:
            if left := len(self._waiting):
                self._lose("closed", left)
                self._waiting.clear()
        if self._lost:
            _LOG.warning("The gateway did not record %d answers.", sum(self._lost.values()))

    def trouble(self) -> str | None:
        """What is wrong with recording, now or a short while ago; None: nothing."""
        if self._thread.ident is not None and not self._thread.is_alive() and not self.ending:
            return "Answers are passed on but not recorded: the recorder ended. Restart the service."
        if self._failing is not None:
            return f"Answers are passed on but cannot be recorded for now: {self._failing}"
        if self._lost_at is not None and time.monotonic() - self._lost_at < _RECENTLY_S:
            return f"{sum(self._lost.values())} answers were passed on but not recorded since the service was started."
        return None

    def measures(self) -> Iterator[Measure]:
        """What can be told at once."""
        yield Measure("gateway_waiting", "Answers of the gateway that wait to be recorded", len(self._waiting))
        yield Measure("gateway_memory_bytes", "Memory of answers that are to be recorded", self._bytes)
        for reason in ("full", "closed", "failed"):
            labels = (("reason", reason),)
            told = "Answers that the gateway passed on but did not record"
            yield Measure("gateway_lost", told, self._lost[reason], grows=True, labels=labels)

    def _keep(self, some: list[Exchange]) -> None:
        projects = dict.fromkeys(exchange.only_project for exchange in some)
        for project in projects:  # a key of one project must not reach into another
            self._keep_of([exchange for exchange in some if exchange.only_project == project], project)

    def _keep_of(self, some: list[Exchange], project: str | None) -> None:
        spans = tuple(span for exchange in some if (span := self._read(exchange)) is not None)
        if not spans:
            return
        batch = IngestBatch(spans=spans, only_project=project)
        try:
            self._write(batch, sum(exchange.size for exchange in some))
            return
        except SQLAlchemyError:
            if len(spans) == 1:
                self._give_up(1)
                return
        for span in batch.spans:  # one that the store refuses must not take others with it
            try:
                self._write(replace(batch, spans=(span,)), 0)
            except SQLAlchemyError:
                self._give_up(1)

    def _read(self, exchange: Exchange) -> SpanUpdate | None:
        try:
            return span_update(exchange, self._limits)
        except _FAULTS:
            _LOG.exception("An answer that the gateway passed on cannot be read.")
            self._give_up(1)
            return None

    def _write(self, batch: IngestBatch, size: int) -> None:
        now_ns = time.time_ns()
        done: Future[Ingested] = self._store.write(lambda connection: ingest(connection, batch, now_ns), size=size)
        while True:
            try:
                done.result(_AGAIN_S)
                break
            except TimeoutError:
                if self.ending:
                    raise
        self._metrics.spans.labels(Protocol.GATEWAY.value).inc(len(batch.spans))

    def _give_up(self, count: int) -> None:
        with self._lock:
            self._lose("failed", count)

    def _lose(self, reason: str, count: int = 1) -> None:
        self._lost[reason] += count
        self._lost_at = time.monotonic()
