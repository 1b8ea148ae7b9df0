"""OpenTelemetry spans of the service's own work.

Only the interface of OpenTelemetry is needed: without its SDK (the extra `otel`) spans cost next to nothing and go
nowhere. They never hold text of prompts or outputs.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from urllib.parse import urlsplit

from opentelemetry import propagate, trace
from opentelemetry.trace import Span, SpanKind

from wherefrom.api.settings import is_loopback
from wherefrom_indexer.errors import UsageError

_TRACER = trace.get_tracer("wherefrom")
_ENDPOINTS = ("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", "OTEL_EXPORTER_OTLP_ENDPOINT")


@contextmanager
def span(name: str, **attributes: str | int | float | bool) -> Iterator[Span]:
    """A span around a piece of work, inside the one under way; names with `__` stand for dots."""
    named = {key.replace("__", "."): value for key, value in attributes.items()}
    with _TRACER.start_as_current_span(name, attributes=named) as started:
        yield started


@contextmanager
def request_span(method: str, headers: dict[str, str]) -> Iterator[Span]:
    """The span of a request, a child of the client's if its headers name one."""
    context = propagate.extract(headers) if "traceparent" in headers else None
    with _TRACER.start_as_current_span(
        method, context, SpanKind.SERVER, {"http.request.method": method}, record_exception=False
    ) as started:
        yield started


@contextmanager
def exporting(port: int) -> Iterator[bool]:
    """Sends the spans to where `OTEL_EXPORTER_OTLP_ENDPOINT` says, for a while; yields whether it does.

    Args:
        port: that this service listens on.

    Raises:
        UsageError: the variable is set but the SDK is missing, or it names this service: each span that is sent would
            make another one.
    """
    endpoint = next((os.environ[name] for name in _ENDPOINTS if os.environ.get(name)), None)
    if endpoint is None or os.environ.get("OTEL_SDK_DISABLED", "").lower() == "true":
        yield False
        return
    where = urlsplit(endpoint)
    if where.port == port and is_loopback(where.hostname or ""):
        raise UsageError(
            f"OTEL_EXPORTER_OTLP_ENDPOINT is {endpoint}, this very service; unset it for `wherefrom serve`."
        )
    if find_spec("opentelemetry.sdk") is None or find_spec("opentelemetry.exporter.otlp.proto.http") is None:
        raise UsageError(
            "OTEL_EXPORTER_OTLP_ENDPOINT is set; install wherefrom[otel] to send spans there, or unset it."
        )
    from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
    from opentelemetry.sdk.resources import Resource
    from opentelemetry.sdk.trace import TracerProvider
    from opentelemetry.sdk.trace.export import BatchSpanProcessor

    name = os.environ.get("OTEL_SERVICE_NAME", "wherefrom")
    provider = TracerProvider(resource=Resource.create({"service.name": name}))
    provider.add_span_processor(BatchSpanProcessor(OTLPSpanExporter()))
    trace.set_tracer_provider(provider)
    try:
        yield True
    finally:
        provider.shutdown()
