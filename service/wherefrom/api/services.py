"""The parts that requests are answered with: opened when the service starts, closed when it stops."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass, field

from wherefrom.api.attachment import attaching
from wherefrom.api.audit_reports import check_folder
from wherefrom.api.gateway.upstreams import Gateway, gateway
from wherefrom.api.metrics import Metrics
from wherefrom.api.part_measures import PoolMeasures, StoreMeasures
from wherefrom.api.samples import Sample, read_samples
from wherefrom.api.settings import Settings
from wherefrom.api.upkeep import upkeep
from wherefrom.errors import AccessError
from wherefrom.pool.pool import TracePool
from wherefrom.pool.registry import IndexRegistry
from wherefrom.traces.ingest.limits import IngestLimits
from wherefrom.traces.keys import list_keys
from wherefrom.traces.live import LiveViews
from wherefrom.traces.store import TraceStore


@dataclass(frozen=True, slots=True)
class Services:
    """Everything a router may use.

    Attributes:
        limits: of what one request may say.
        gateway: None where no upstream is named.
        samples: texts to try.
        stopping: set when the service was asked to stop; streams that would go on for ever end then.
    """

    settings: Settings
    store: TraceStore
    registry: IndexRegistry
    pool: TracePool
    limits: IngestLimits
    metrics: Metrics
    live: LiveViews
    samples: tuple[Sample, ...] = ()
    gateway: Gateway | None = None
    stopping: threading.Event = field(default_factory=threading.Event)


@contextmanager
def opened(settings: Settings, metrics: Metrics | None = None) -> Iterator[Services]:
    """Opens the parts, and closes them in the opposite order.

    Args:
        metrics: where requests are counted; None: anew.

    Raises:
        AccessError: the address needs API keys and there are none.
        UsageError, StoreUnavailableError: the trace store, the file of samples or the folder of audits cannot be used.
    """
    samples = read_samples(settings.samples, settings.max_text_characters)
    check_folder(settings.audits)
    with ExitStack() as stack:
        store = stack.enter_context(TraceStore.open(settings.store))
        if settings.needs_keys and not store.read(lambda connection: list_keys(connection, revoked=False)):
            raise AccessError(
                f"{settings.host} can be reached by others, so API keys are needed and there are none in "
                f"{store.location}; make one with `wherefrom keys create --role admin` and the same --store."
            )
        registry = stack.enter_context(closing(IndexRegistry(settings.indexes)))
        pool = stack.enter_context(
            TracePool(registry, settings.processes, settings.waiting, settings.deadline_s, settings.cache_bytes)
        )
        registry.start()
        limits = IngestLimits(
            max_batch_items=settings.max_batch_items,
            max_nesting=settings.max_nesting,
            max_attributes=settings.max_attributes,
            max_attribute_bytes=settings.max_attribute_bytes,
        )
        live = stack.enter_context(upkeep(settings, store))
        counted = metrics or Metrics()
        passing = stack.enter_context(gateway(settings, store, limits, counted))
        services = Services(settings, store, registry, pool, limits, counted, live, samples, passing)
        watched: list[object] = [StoreMeasures(store), PoolMeasures(pool)]
        if passing is not None:
            watched.append(passing.recorder)
        if settings.attach:
            watched.append(stack.enter_context(attaching(settings, store, pool)))
        with services.metrics.watching(watched):
            yield services
