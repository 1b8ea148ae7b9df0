"""The numbers of the trace store and of the search processes, for Prometheus."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from wherefrom.api.metrics import Measure
from wherefrom.pool.pool import TracePool
from wherefrom.traces.store import TraceStore


@dataclass(frozen=True, slots=True)
class StoreMeasures:
    """Of the trace store."""

    store: TraceStore

    def measures(self) -> Iterator[Measure]:
        """What can be told at once."""
        yield Measure("store_writes_waiting", "Works that wait to be written to the trace store", self.store.waiting)


@dataclass(frozen=True, slots=True)
class PoolMeasures:
    """Of the search processes, their cache and their indexes."""

    pool: TracePool

    def measures(self) -> Iterator[Measure]:
        """What can be told at once."""
        pool = self.pool
        yield Measure("searches_waiting", "Searches that wait for a process", pool.waiting)
        yield Measure("searches_under_way", "Searches in work", pool.busy)
        yield Measure("search_processes", "Search processes that live", len(pool.processes()))
        yield Measure("search_restarts", "Search processes started in place of others", pool.restarts, grows=True)
        yield Measure("cache_bytes", "Memory of results that may be asked for again", pool.cache.held)
        for index in pool.registry.indexes():
            labels = (("index", index.name), ("status", str(index.status)))
            yield Measure("index_serving", "Whether an index is searched", float(index.serving), labels=labels)
