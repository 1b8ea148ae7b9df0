"""A process that ingests until it is killed, and tells what was acknowledged."""

from __future__ import annotations

from collections import deque
from concurrent.futures import Future
from multiprocessing.connection import Connection

from wherefrom.traces.ingesting import Ingested, ingest
from wherefrom.traces.model import IngestBatch, Kind, Message, Part, PartType, Protocol, SpanUpdate, Status
from wherefrom.traces.store import TraceStore

SPANS = 5
"""In each request."""


def request(number: int) -> IngestBatch:
    """One trace, told in two requests: numbers 2n and 2n + 1 speak of the same spans."""
    trace_id = f"{number // 2:032x}"
    said = tuple(_text(number // 2, span) for span in range(SPANS))
    return IngestBatch(
        spans=tuple(
            SpanUpdate(
                trace_id,
                f"{number // 2:08x}{span:08x}",
                Protocol.LANGSMITH,
                precedence=number % 2,
                parent_id="" if span == 0 else f"{number // 2:08x}{0:08x}",
                kind=Kind.LLM,
                start_ns=number,
                end_ns=number + 1 if number % 2 else None,
                status=Status.OK if number % 2 else None,
                session_id="s",
                output_messages=(Message("assistant", (Part(PartType.TEXT, text),)),),
            )
            for span, text in enumerate(said)
        )
    )


def _text(trace: int, span: int) -> str:
    """The output of one span."""
    return f"output {span} of trace {trace}"


def ingest_for_ever(location: str, first: int, acknowledged: Connection) -> None:
    """Ingest numbered requests from `first` on, eight at a time; send the number of each that is durable."""
    store = TraceStore.open(location)
    waiting: deque[tuple[int, Future[Ingested]]] = deque()
    number = first
    while True:
        waiting.append((number, store.write(lambda connection, of=number: ingest(connection, request(of), of))))
        number += 1
        if len(waiting) == 8:
            done, future = waiting.popleft()
            future.result(timeout=60)
            acknowledged.send(done)
