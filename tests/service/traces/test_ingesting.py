from __future__ import annotations

from sqlalchemy import select

from wherefrom.traces.ingesting import ingest
from wherefrom.traces.model import IngestBatch, Kind, Protocol, SpanUpdate
from wherefrom.traces.schema import spans, traces
from wherefrom.traces.store import TraceStore


def test_spans_are_there_when_the_future_resolves(store: TraceStore) -> None:
    batch = IngestBatch(
        spans=(
            SpanUpdate("a" * 32, "1" * 16, Protocol.OTLP, parent_id="", name="root", start_ns=5, end_ns=9),
            SpanUpdate("a" * 32, "2" * 16, Protocol.OTLP, parent_id="1" * 16, kind=Kind.LLM, start_ns=6, end_ns=8),
        )
    )
    done = store.write(lambda connection: ingest(connection, batch, 100)).result(timeout=30)
    assert done.spans == 2
    found = store.read(lambda connection: connection.execute(select(traces)).one())
    assert (found.key,) == tuple(done.traces)
    assert (found.name, found.start_ns, found.end_ns, found.spans, found.generations) == ("root", 5, 9, 2, 1)
    assert store.read(lambda connection: connection.execute(select(spans.c.span_id)).scalars().all())
