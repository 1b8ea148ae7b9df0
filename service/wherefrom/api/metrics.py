"""What Prometheus reads: requests, and whatever the service's parts measure of themselves."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Protocol, runtime_checkable

from prometheus_client import (
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    disable_created_metrics,
    generate_latest,
)
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"
_SECONDS = (0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.15, 0.25, 0.5, 1, 2.5, 5, 10, 30)


@dataclass(frozen=True, slots=True)
class Measure:
    """A number that a part knows of itself.

    Attributes:
        name: with its unit, without the prefix `wherefrom_`; the name of a counter does not say `_total`.
        grows: a counter; otherwise a gauge.
        labels: told apart by these.
    """

    name: str
    help: str
    value: float
    grows: bool = False
    labels: tuple[tuple[str, str], ...] = field(default=())


@runtime_checkable
class Measured(Protocol):
    """A part of the service that tells numbers of itself; it answers at once."""

    def measures(self) -> Iterable[Measure]:
        """What can be told now."""
        ...


class Metrics:
    """The numbers of one service."""

    def __init__(self) -> None:
        disable_created_metrics()  # type: ignore[no-untyped-call]  # a time for each number, which nobody reads
        self.registry = CollectorRegistry()
        self.requests = Counter(
            "wherefrom_requests", "Requests answered", ["method", "route", "status"], registry=self.registry
        )
        self.seconds = Histogram(
            "wherefrom_request_seconds",
            "Time from a request's headers to the end of its answer",
            ["method", "route"],
            buckets=_SECONDS,
            registry=self.registry,
        )
        self.under_way = Gauge("wherefrom_requests_under_way", "Requests not answered yet", registry=self.registry)
        self.bytes_in = Counter(
            "wherefrom_request_bytes", "Bytes of bodies received, as sent", ["route"], registry=self.registry
        )

        self.spans = Counter(
            "wherefrom_ingested_spans", "Spans received and stored", ["protocol"], registry=self.registry
        )
        self.rejected = Counter(
            "wherefrom_rejected_items", "Spans, runs and scores refused", ["protocol"], registry=self.registry
        )

    @contextmanager
    def watching(self, parts: Iterable[object]) -> Iterator[None]:
        """Has the numbers of those parts that tell any read whenever Prometheus asks, for a while."""
        collector = _Parts([part for part in parts if isinstance(part, Measured)])
        self.registry.register(collector)
        try:
            yield
        finally:
            self.registry.unregister(collector)

    def text(self) -> bytes:
        """Everything, as Prometheus reads it."""
        return generate_latest(self.registry)


class _Parts(Collector):
    def __init__(self, parts: list[Measured]) -> None:
        self._parts = parts

    def describe(self) -> Iterable[Metric]:
        """Nothing ahead: what parts tell may differ from time to time."""
        return ()

    def collect(self) -> Iterator[Metric]:
        families: dict[str, Metric] = {}
        for part in self._parts:
            for measure in part.measures():
                name = f"wherefrom_{measure.name}"
                if name not in families:
                    kind = CounterMetricFamily if measure.grows else GaugeMetricFamily
                    families[name] = kind(name, measure.help)
                families[name].add_sample(
                    name + ("_total" if measure.grows else ""), dict(measure.labels), measure.value
                )
        yield from families.values()
