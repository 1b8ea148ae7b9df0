"""The attach worker as the settings want it, in the service or apart from it."""

from __future__ import annotations

import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager

from wherefrom.api.logging import logging_to
from wherefrom.api.metrics import Measure
from wherefrom.api.settings import Settings
from wherefrom.pool.pool import TracePool
from wherefrom.pool.registry import IndexRegistry
from wherefrom.traces.attaching import AttachOptions, AttachWorker
from wherefrom.traces.store import TraceStore
from wherefrom.traces.tracing import ProjectTracing, TracingRules
from wherefrom.workers import cores
from wherefrom_indexer.errors import WherefromError

_FOR_EACH_PROCESS = 3  # parts in work: one is traced, one waits, one is being stored
_LOOK_S = 0.2


class MeasuredWorker(AttachWorker):
    """The worker, which tells its numbers as the service's other parts do."""

    def measures(self) -> Iterator[Measure]:
        """What Prometheus reads of it."""
        yield Measure("attach_stored", "Texts whose provenance was stored", self.stored, grows=True)
        yield Measure("attach_failed", "Texts that could not be traced", self.failed, grows=True)
        yield Measure("attach_in_work", "Texts in work", self.in_work)
        try:
            waiting = self.queue()
        except WherefromError:
            return  # the store is away; its own numbers say so
        yield Measure("attach_pending", "Texts whose provenance is not stored yet", waiting.pending)
        yield Measure("attach_given_up", "Texts that could not be traced, in the store", waiting.failed)


def tracing_rules(settings: Settings) -> TracingRules:
    """Returns what the settings say of how projects are traced."""
    return TracingRules(
        settings.snippet_quota_bytes,
        {
            name: ProjectTracing(said.indexes, said.preset, said.options, said.snippet_quota_bytes)
            for name, said in settings.projects.items()
        },
    )


@contextmanager
def attaching(settings: Settings, store: TraceStore, pool: TracePool) -> Iterator[MeasuredWorker]:
    """Traces what is pending in the store, until the end of the block."""
    in_flight = min(settings.waiting, _FOR_EACH_PROCESS * (settings.processes or cores()) + 1)
    options = AttachOptions(
        rules=tracing_rules(settings), in_flight=in_flight, max_characters=settings.max_text_characters
    )
    with closing(MeasuredWorker(store, pool, options)) as worker:
        worker.start()
        yield worker


def work(settings: Settings, ready: Callable[[MeasuredWorker], None], *, drain: bool) -> MeasuredWorker:
    """Traces what is pending in a store, in a process of its own, until it is asked to stop (SIGTERM, Ctrl-C).

    Args:
        ready: called once when work begins.
        drain: stop when nothing is pending any more.

    Raises:
        UsageError, StoreUnavailableError: the trace store cannot be used.
    """
    with (
        logging_to(level=settings.log_level, form=settings.log_format, texts=settings.log_texts),
        TraceStore.open(settings.store) as store,
        closing(IndexRegistry(settings.indexes)) as registry,
        TracePool(registry, settings.processes, settings.waiting, settings.deadline_s) as pool,
        attaching(settings, store, pool) as worker,
        _stopping() as stopped,
    ):
        registry.start()
        ready(worker)
        if drain:
            while not worker.drain(timeout_s=_LOOK_S) and not stopped.is_set():
                pass
        else:
            while not stopped.wait(_LOOK_S):
                pass
    return worker


@contextmanager
def _stopping() -> Iterator[threading.Event]:
    """Yields what is set when the process is asked to stop."""
    stopped = threading.Event()
    numbers = (signal.SIGINT, signal.SIGTERM)
    before = {number: signal.signal(number, lambda *_: stopped.set()) for number in numbers}
    try:
        yield stopped
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
