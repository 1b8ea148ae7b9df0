"""Generations for tests: sent to a store, traced by a pool in this thread, and looked at."""

from __future__ import annotations

import json
from collections import deque
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from tempfile import mkdtemp
from typing import Any

import orjson
from direct_pool import DirectPool
from sqlalchemy import select

from wherefrom import Tracer
from wherefrom.traces.attached import find_generation, generation_json
from wherefrom.traces.attaching import AttachOptions, AttachWorker
from wherefrom.traces.ingesting import ingest
from wherefrom.traces.model import IngestBatch, Kind, Message, Part, PartType, Protocol, SpanUpdate
from wherefrom.traces.store import TraceStore
from wherefrom_indexer import build_index

SECOND = 1_000_000_000
TEXTS = {
    "gettysburg": "Four score and seven years ago our fathers brought forth on this continent, a new nation.",
    "preamble": "We the People of the United States, in Order to form a more perfect Union, establish Justice.",
}


@cache
def tracer() -> Tracer:
    """Over two documents."""
    folder = Path(mkdtemp(prefix="wherefrom-attach-"))
    lines = [json.dumps({"id": name, "text": text, "source": f"{name}.txt"}) for name, text in TEXTS.items()]
    (folder / "corpus.jsonl").write_text("\n".join(lines))
    build_index([str(folder / "corpus.jsonl")], folder / "corpus", id_field="id")
    return Tracer.open(folder / "corpus")


@dataclass
class Clock:
    """A time that goes on when it is told to."""

    now: int = 1_700_000_000 * SECOND

    def __call__(self) -> int:
        self.now += 1
        return self.now

    def advance(self, seconds: float) -> None:
        self.now += int(seconds * SECOND)


def said(*texts: str | Part) -> tuple[Message, ...]:
    """A message of the model for each."""
    parts = [Part(PartType.TEXT, text) if isinstance(text, str) else text for text in texts]
    return tuple(Message("assistant", (part,)) for part in parts)


def generation(number: int = 1, output: tuple[Message, ...] | None = None, **changes: Any) -> SpanUpdate:
    update = SpanUpdate(
        trace_id=f"{number:032x}",
        span_id=f"{number:016x}",
        protocol=Protocol.OTLP,
        kind=Kind.LLM,
        name="chat",
        start_ns=SECOND,
        end_ns=2 * SECOND,
        output_messages=output if output is not None else said(f"As was said: {TEXTS['gettysburg']}"),
    )
    return replace(update, **changes)


class World:
    """A store, a pool and any number of workers."""

    def __init__(self, store: TraceStore, **options: Any) -> None:
        self.store = store
        self.clock = Clock()
        self.pool = DirectPool(tracer(), errors=deque())
        self.options = AttachOptions(**options)
        self.worker = self.another()

    def another(self) -> AttachWorker:
        return AttachWorker(self.store, self.pool, self.options, self.clock)

    def send(self, *updates: SpanUpdate, project: str | None = None) -> None:
        batch = IngestBatch(spans=updates, project=project)
        self.store.write(lambda connection: ingest(connection, batch, self.clock())).result()

    def work(self, worker: AttachWorker | None = None) -> None:
        """Step until there is nothing to do."""
        while (worker or self.worker).step():
            pass

    def provenance(self, number: int | str = 1) -> dict[str, Any]:
        name = f"{number:016x}" if isinstance(number, int) else number
        body = self.store.read(lambda connection: generation_json(connection, find_generation(connection, name, None)))
        found: dict[str, Any] = orjson.loads(body)
        return found

    def rows(self, table: Any) -> list[Any]:
        return list(
            self.store.read(lambda connection: connection.execute(select(table).order_by(*table.primary_key)).all())
        )
