"""A store of many spans, made with bulk inserts, and how fast it is read.

The shape of the numbers, not of the texts, matters to lists and trees: payloads are left out but for the traces that
are read whole.
"""

from __future__ import annotations

import random
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import islice
from typing import Any

from sqlalchemy import Connection, Engine, Table, create_engine, event

from wherefrom.traces import schema
from wherefrom.traces.engine import store_url

SECOND = 1_000_000_000
START_NS = 1_767_225_600 * SECOND  # 1 January 2026
MODELS = ("gpt-5-mini", "gpt-5", "claude-sonnet-5", "qwen3-8b", "llama-4-scout", "mistral-small")
RARE_MODEL = "ada-002"
COMMON_DOCUMENT, RARE_DOCUMENT = "license", "document-7"
_BATCH = 20_000


@dataclass(frozen=True, slots=True)
class Shape:
    """What a filled store holds.

    Attributes:
        spans: of all traces together, without those of the long one.
        spans_per_trace: one for imported generations, about ten for applications.
        long_trace: spans of one more trace.
    """

    spans: int
    spans_per_trace: int
    projects: int = 3
    sessions: int = 5_000
    long_trace: int = 10_000


def fill_engine(store: str) -> Engine:
    """Connections to a store that is made once: a crash would cost a few minutes, so nothing waits for the disk."""
    engine = create_engine(store_url(store))
    if engine.dialect.name == "sqlite":

        @event.listens_for(engine, "connect")
        def _hurry(connection: Any, _: Any) -> None:
            connection.execute("PRAGMA synchronous = OFF")
            connection.execute("PRAGMA cache_size = -200000")

    return engine


def fill(engine: Engine, shape: Shape, seed: int = 7) -> None:
    """Fill an empty store; its tables must be there."""
    traces = shape.spans // shape.spans_per_trace
    with engine.begin() as connection:
        _write(connection, schema.projects, _projects(shape))
        _write(connection, schema.sessions, _sessions(shape))
        _write(connection, schema.traces, _traces(shape, traces, random.Random(seed)))
        _write(connection, schema.trace_models, _models(shape, traces, random.Random(seed)))
        _write(connection, schema.spans, _spans(shape, traces, random.Random(seed)))
        _write(connection, schema.parts, _parts(shape, traces))
        _write(connection, schema.provenances, _provenances(shape, traces))
        _write(connection, schema.provenance_documents, _documents(shape, traces, random.Random(seed)))
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.exec_driver_sql("ANALYZE" if engine.dialect.name == "sqlite" else "VACUUM ANALYZE")


def _write(connection: Connection, table: Table, rows: Iterable[dict[str, Any]]) -> None:
    remaining = iter(rows)
    while batch := list(islice(remaining, _BATCH)):
        names = ", ".join(f'"{name}"' for name in batch[0])
        values = [tuple(row.values()) for row in batch]
        cursor = connection.connection.cursor()
        if connection.dialect.name == "sqlite":
            cursor.executemany(f"INSERT INTO {table.name} ({names}) VALUES ({', '.join('?' * len(batch[0]))})", values)
        else:
            with cursor.copy(f"COPY {table.name} ({names}) FROM STDIN") as copy:
                for row in values:
                    copy.write_row(row)
        cursor.close()


def _projects(shape: Shape) -> Iterator[dict[str, Any]]:
    for number in range(shape.projects):
        yield {"key": number + 1, "name": f"project-{number}", "created_ns": START_NS}


def _sessions(shape: Shape) -> Iterator[dict[str, Any]]:
    for number in range(shape.sessions):
        yield {
            "key": number + 1,
            "project_key": number % shape.projects + 1,
            "id": f"session-{number}",
            "start_ns": START_NS + number * SECOND,
            "end_ns": START_NS + number * SECOND,
            "traces": 0,
        }


def _start_ns(number: int) -> int:
    return START_NS + number * 37 * SECOND // 10


def _traces(shape: Shape, traces: int, chance: random.Random) -> Iterator[dict[str, Any]]:
    for number in range(traces + 1):
        spans = shape.spans_per_trace if number < traces else shape.long_trace
        # One in a hundred thousand is remarkable: what a filter must look for longest.
        remarkable = number % 100_000 == 17
        failed = chance.random() < 0.02
        generations = max(1, spans // 5)
        start_ns = _start_ns(number)
        yield {
            "key": number + 1,
            "project_key": number % shape.projects + 1,
            "trace_id": f"{number:032x}",
            "session_key": number % shape.sessions + 1,
            "protocol": "otlp",
            "name": "answer a question",
            "root_span_id": f"{number:08x}00000000",
            "status": "error" if failed else "ok",
            "start_ns": start_ns,
            "end_ns": start_ns + chance.randrange(1, 30) * SECOND // 10,
            "received_ns": start_ns,
            "updated_ns": start_ns,
            "spans": spans,
            "errors": int(failed),
            "generations": generations,
            "model": _model(number),
            "input_tokens": generations * 800,
            "output_tokens": generations * 400,
            "cost": generations * 0.002,
            "provenance": "done",
            "characters": generations * 2_000,
            "coverage": 0.97 if remarkable else chance.random() * 0.6,
            "longest_span": 4_000 if remarkable else chance.randrange(20, 400),
        }


def _model(number: int) -> str:
    return RARE_MODEL if number % 20_000 == 3 else MODELS[number % len(MODELS)]


def _models(shape: Shape, traces: int, chance: random.Random) -> Iterator[dict[str, Any]]:
    for number in range(traces + 1):
        names = {_model(number)} if shape.spans_per_trace == 1 else {_model(number), chance.choice(MODELS)}
        for name in sorted(names):
            yield {
                "trace_key": number + 1,
                "model": name,
                "project_key": number % shape.projects + 1,
                "start_ns": _start_ns(number),
            }


def _spans(shape: Shape, traces: int, chance: random.Random) -> Iterator[dict[str, Any]]:
    key = 0
    for number in range(traces + 1):
        start_ns = _start_ns(number)
        spans = shape.spans_per_trace if number < traces else shape.long_trace
        for place in range(spans):
            key += 1
            generation = spans == 1 or place % 5 == 1
            parent = None if place == 0 else chance.randrange(max(0, place - 20), place)
            yield {
                "key": key,
                "trace_key": number + 1,
                "span_id": f"{number:08x}{place:08x}",
                "parent_id": "" if parent is None else f"{number:08x}{parent:08x}",
                "precedence": 1,
                "protocol": "otlp",
                "name": "chat" if generation else f"step {place % 7}",
                "kind": "llm" if generation else "chain",
                "status": "ok",
                "start_ns": start_ns + place * 1_000_000,
                "end_ns": start_ns + place * 1_000_000 + 900_000,
                "received_ns": start_ns,
                "model": _model(number) if generation else None,
                "input_tokens": 800 if generation else None,
                "output_tokens": 400 if generation else None,
                "cost": 0.002 if generation else None,
                "provenance": "done" if generation else None,
                "coverage": 0.2 if generation else None,
                "longest_span": 120 if generation else None,
            }


def _generation_keys(shape: Shape, traces: int) -> Iterator[tuple[int, int]]:
    """One generation of each trace: keys of trace and span."""
    for number in range(traces):
        yield number + 1, number * shape.spans_per_trace + (1 if shape.spans_per_trace == 1 else 2)


def _parts(shape: Shape, traces: int) -> Iterator[dict[str, Any]]:
    for trace_key, span_key in _generation_keys(shape, traces):
        yield {
            "key": trace_key,
            "span_key": span_key,
            "trace_key": trace_key,
            "place": "/0/parts/0/text",
            "text_hash": f"{span_key:032x}",
            "characters": 2_000,
            "state": "done",
            "due_ns": 0,
            "queued_ns": 0,
        }


def _provenances(shape: Shape, traces: int) -> Iterator[dict[str, Any]]:
    for trace_key, span_key in _generation_keys(shape, traces):
        yield {
            "key": trace_key,
            "part_key": trace_key,
            "span_key": span_key,
            "trace_key": trace_key,
            "identity": f"{span_key:032x}",
            "indexes": '{"demo":"v1"}',
            "preset": "default",
            "tracer_version": "1",
            "created_ns": START_NS,
            "duration_ms": 8.0,
            "tokens": 458,
            "coverage": 0.2,
            "shown_coverage": 0.2,
            "longest_span": 120,
            "longest_span_tokens": 25,
            "has_snippets": True,
            "body": b"",
        }


def _documents(shape: Shape, traces: int, chance: random.Random) -> Iterator[dict[str, Any]]:
    for trace_key, _ in _generation_keys(shape, traces):
        for place in range(4):
            common = place == 0 and trace_key % 3 == 0
            yield {
                "provenance_key": trace_key,
                "number": place,
                "trace_key": trace_key,
                "index_name": "demo",
                "document_id": COMMON_DOCUMENT if common else f"document-{chance.randrange(200_000)}",
                "source": f"source-{place}",
                "relevance": "high",
                "score": 3.5,
                "duplicates": 0,
                "longest_span": 120,
            }
