"""The attach worker as the settings want it, in the service or apart from it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing, contextmanager

from wherefrom.api.metrics import Measure
from wherefrom.api.settings import Settings
from wherefrom.pool.pool import TracePool
from wherefrom.traces.attaching import AttachOptions, AttachWorker
from wherefrom.traces.store import TraceStore
from wherefrom.traces.tracing import ProjectTracing, TracingRules
from wherefrom.workers import cores
from wherefrom_indexer.errors import WherefromError

_FOR_EACH_PROCESS = 3  # parts in work: one is traced, one waits, one is being stored


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
