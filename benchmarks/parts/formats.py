"""Spans in the formats of other systems' clients: what the real clients sent in the tests, many times over."""

from __future__ import annotations

import json
import sys
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from inputs import WORK
from load import PLACEHOLDER, load, write_bodies
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from outcome import Cell, Figure, Part, Table
from scales import Scale
from served import running

TESTS = Path(__file__).parents[2] / "tests"


@dataclass(frozen=True, slots=True)
class Shape:
    """What a request has.

    Attributes:
        steps: spans of a trace; beyond those that were recorded they are the outermost again, under it.
    """

    traces: int
    steps: int


SHAPE = Shape(10, 10)
"""As that of the part `ingesting`."""

AS_RECORDED = Shape(33, 3)
BODIES = 10
CONNECTIONS = 4
INGEST_ONLY = {"WHEREFROM_ATTACH": "false"}

_MARK = "@@@@@@"
"""Stands for `PLACEHOLDER` in JSON until it is written."""

_IDS = {"traceId", "spanId", "parentSpanId", "id", "trace_id", "span_id", "parent_id", "parent_span_id"}
_NO_IDS = {"", "undefined", "0"}


@dataclass(frozen=True, slots=True)
class Format:
    """A client's format.

    Attributes:
        system: whose recorded requests are sent.
        path: of the service, which takes spans.
        repeated: a body with the trace of a request many times, and how many spans it has.
    """

    name: str
    system: str
    path: str
    content_type: str
    repeated: Callable[[bytes, Shape], tuple[bytes, int]]


def measure(scale: Scale) -> Part:
    WORK.mkdir(parents=True, exist_ok=True)
    sys.path.append(str(TESTS))
    from clients import recording, systems

    figures: dict[str, Figure] = {}
    rows: list[list[Cell]] = []
    for form in FORMATS:
        kept = recording.load(systems.RECORDED / f"{form.system}.json.gz")
        sent = [recording.decoded(each) for each in kept.requests if each.path.partition("?")[0] == form.path][-1]
        for shape in (SHAPE, AS_RECORDED):
            speed, row = _measured(form, sent, shape, scale.loaded)
            rows.append([form.name, shape.steps, speed, *row])
            figures[f"formats.{form.system}.{'speed' if shape is SHAPE else 'recorded'}"] = speed
    slowest = min((figures[f"formats.{form.system}.speed"] for form in FORMATS), key=lambda figure: figure.median)
    figures["formats.slowest.speed"] = slowest
    return Part([_table(scale, rows)], figures)


def _measured(form: Format, sent: bytes, shape: Shape, seconds: float) -> tuple[Figure, list[Cell]]:
    body, spans = form.repeated(sent, shape)
    bodies = write_bodies(WORK / f"{form.system}.bodies", [body] * BODIES)
    with tempfile.TemporaryDirectory() as folder, running(None, folder, INGEST_ONLY) as service:
        address = f"{service.address}{form.path}"
        load(address, bodies, form.content_type, 2, CONNECTIONS, first=900_000)
        used = service.seconds_used()
        loaded = load(address, bodies, form.content_type, seconds, CONNECTIONS)
        busy = (service.seconds_used() - used) / loaded.seconds
        _check(form, shape, service.get("/v1/traces?limit=1"))
    if loaded.failed or loaded.accepted() != loaded.requests:
        raise SystemExit(f"{form.name}: the service answered {loaded.statuses}, {loaded.failed} connections failed.")
    speed = Figure.of(loaded.speed() * spans, "spans/s")
    return speed, [loaded.requests, spans, Figure.of(len(body), "bytes"), Figure.of(loaded.p50, "ms"),
                   Figure.of(loaded.p99, "ms"), Figure.of(busy)]  # fmt: skip


def _table(scale: Scale, rows: list[list[Cell]]) -> Table:
    return Table(
        "Spans in other clients' formats",
        "What each system's real client sent for the application of docs/examples (three spans: its question and "
        "answer, three documents, a chat about them), as it was, and as a trace of ten spans by seven more steps like "
        f"the first; not compressed, {CONNECTIONS} connections from `wrk` on this machine, {scale.loaded:.0f} s, "
        "SQLite; normalised and synced to disk when acknowledged; attachment is off. Cores: processor time of the "
        "service over wall time.",
        ("format", "spans of a trace", "spans a second", "requests", "spans of a request", "request", "p50", "p99",
         "cores"),
        rows,
    )  # fmt: skip


def _check(form: Format, shape: Shape, found: Any) -> None:
    """Sees that what was sent is there as traces of the application, whole, and that ids were new ones."""
    [trace] = found["items"]
    if trace["generations"] != 1 or not 0 <= trace["spans"] - shape.steps <= 1:
        raise SystemExit(f"{form.name}: what arrived is no trace of the application: {trace}")


def _protobuf(sent: bytes, shape: Shape) -> tuple[bytes, int]:
    """OTLP, with the number of the request in each id."""
    request = ExportTraceServiceRequest.FromString(sent)
    [scope] = [scope for resource in request.resource_spans for scope in resource.scope_spans if len(scope.spans) > 1]
    recorded = list(scope.spans)
    [root] = [span for span in recorded if not span.parent_span_id]
    places = {span.span_id: place for place, span in enumerate(recorded)}
    del scope.spans[:]
    for copy in range(shape.traces):
        for place, span in enumerate(recorded + [root] * (shape.steps - len(recorded))):
            one = scope.spans.add()
            one.CopyFrom(span)
            one.trace_id = b"%010d" % copy + PLACEHOLDER
            one.span_id = bytes([copy, place]) + PLACEHOLDER
            if span.parent_span_id or place >= len(recorded):
                one.parent_span_id = bytes([copy, places[span.parent_span_id or root.span_id]]) + PLACEHOLDER
    return request.SerializeToString(), len(scope.spans)


def _otlp_json(sent: bytes, shape: Shape) -> tuple[bytes, int]:
    request = json.loads(sent)
    scopes = [scope for resource in request["resourceSpans"] for scope in resource["scopeSpans"]]
    spans = _copies([span for scope in scopes for span in scope["spans"]], shape, "spanId", "parentSpanId")
    resource = request["resourceSpans"][0]
    whole = {"resourceSpans": [resource | {"scopeSpans": [scopes[0] | {"spans": spans}]}]}
    return _written(whole), len(spans)


def _opik(sent: bytes, shape: Shape) -> tuple[bytes, int]:
    spans = _copies(json.loads(sent)["spans"], shape, "id", "parent_span_id")
    return _written({"spans": spans}), len(spans)


def _datadog(sent: bytes, shape: Shape) -> tuple[bytes, int]:
    """Its spans come one to a group."""
    groups = json.loads(sent)
    copies = _copies([span for group in groups for span in group["spans"]], shape, "span_id", "parent_id")
    return _written([groups[0] | {"spans": [span]} for span in copies]), len(copies)


def _copies(recorded: list[Any], shape: Shape, own: str, parent: str) -> list[Any]:
    [root] = [span for span in recorded if (span.get(parent) or "") in _NO_IDS]
    return [_renamed(span, copy, 0) for copy in range(shape.traces) for span in recorded] + [
        _renamed(root, copy, 0) | {own: _id(root[own], copy, step), parent: _id(root[own], copy, 0)}
        for copy in range(shape.traces)
        for step in range(1, shape.steps - len(recorded) + 1)
    ]


def _renamed(value: Any, copy: int, step: int) -> Any:
    """A value with other ids, equal where they were equal."""
    if isinstance(value, list):
        return [_renamed(item, copy, step) for item in value]
    if not isinstance(value, dict):
        return value
    return {
        name: _id(item, copy, step) if name in _IDS and isinstance(item, str) else _renamed(item, copy, step)
        for name, item in value.items()
    }


def _id(said: str, copy: int, step: int) -> str:
    """Hexadecimal, a UUID or decimal: behind its first digits stand a step, a copy and the number of the request."""
    digits = said.replace("-", "")
    if said in _NO_IDS or not all(digit in "0123456789abcdef" for digit in digits) or len(digits) < 14:
        return said
    tail = f"{step:02d}{copy:02d}{_MARK}"
    return said[: -len(tail)] + tail


def _written(value: Any) -> bytes:
    return json.dumps(value).encode().replace(_MARK.encode(), PLACEHOLDER)


FORMATS = (
    Format("Langfuse, OTLP", "langfuse", "/api/public/otel/v1/traces", "application/x-protobuf", _protobuf),
    Format("HoneyHive, OTLP in JSON", "honeyhive", "/opentelemetry/v1/traces", "application/json", _otlp_json),
    Format("Opik, JSON", "opik", "/api/v1/private/spans/batch", "application/json", _opik),
    Format("Datadog, JSON", "ddtrace", "/api/v2/llmobs", "application/json", _datadog),
)
