"""What is deleted is gone from every table; what is old is deleted."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import func, select, update
from traced_generations import World, generation

from wherefrom.errors import NotFoundError
from wherefrom.traces.ingesting import ingest
from wherefrom.traces.model import Attachment, IngestBatch, Protocol, RawRequest, ScoreUpdate
from wherefrom.traces.retention import Retention, RetentionRules, delete_project, delete_trace
from wherefrom.traces.schema import metadata, projects, raw_requests, sessions, traces
from wherefrom.traces.store import TraceStore
from wherefrom.traces.times import DAY, SECOND

START = 1_700_000_000 * SECOND
KEPT = {"alembic_version", "api_keys", "projects"}


@pytest.fixture
def world(store: TraceStore) -> World:
    return World(store)


def send(store: TraceStore, number: int, now_ns: int = START, project: str = "p", session: str = "s") -> None:
    spans = tuple(
        generation(
            number, span_id=f"{number * 100 + place:016x}", session_id=session, aliases=(f"chatcmpl-{number}-{place}",)
        )
        for place in range(3)
    )
    batch = IngestBatch(
        spans=spans,
        scores=(
            ScoreUpdate(f"score-{number}", "good", trace_id=spans[0].trace_id, value=1.0),
            ScoreUpdate(f"late-{number}", "good", trace_id=spans[0].trace_id, span_id="never came", value=1.0),
        ),
        attachments=(Attachment(spans[0].trace_id, spans[0].span_id, "image", "image/png", b"x"),),
        raw=RawRequest(Protocol.OTLP, "/v1/traces", "application/json", "", f"request {number}".encode()),
        project=project,
    )
    store.write(lambda connection: ingest(connection, batch, now_ns)).result()


def counts(store: TraceStore) -> dict[str, int]:
    """Rows by table, without empty ones."""

    def read(connection: Any) -> dict[str, int]:
        found = {
            table.name: connection.execute(select(func.count()).select_from(table)).scalar()
            for table in metadata.sorted_tables
        }
        return {name: count for name, count in found.items() if count and name not in KEPT}

    return store.read(read)


def ids(store: TraceStore) -> list[int]:
    return sorted(int(name, 16) for name in store.read(lambda c: c.execute(select(traces.c.trace_id)).scalars().all()))


def test_of_a_deleted_trace_nothing_stays(world: World) -> None:
    store = world.store
    send(store, 1)
    world.work()
    alone = counts(store)
    assert len(alone) > 12, "a test of deleting is worth what it fills"
    send(store, 2)
    world.work()
    store.write(lambda connection: delete_trace(connection, f"{2:032x}", "p")).result()
    assert counts(store) == alone
    (project,) = world.rows(projects)
    (session,) = world.rows(sessions)
    assert session.traces == 1
    assert project.snippet_bytes > 0
    store.write(lambda connection: delete_trace(connection, f"{1:032x}", None)).result()
    assert counts(store) == {}
    assert world.rows(projects)[0].snippet_bytes == 0
    with pytest.raises(NotFoundError, match="no trace"):
        store.write(lambda connection: delete_trace(connection, f"{1:032x}", None)).result()


def test_requests_that_spoke_of_a_deleted_trace_go_whole_and_other_traces_stay(store: TraceStore) -> None:
    raw = RawRequest(Protocol.OTLP, "/v1/traces", "application/json", "", b"both")
    both = IngestBatch(spans=(generation(1), generation(2)), raw=raw)
    store.write(lambda connection: ingest(connection, both, START)).result()
    store.write(lambda connection: delete_trace(connection, f"{1:032x}", None)).result()
    assert ids(store) == [2]
    assert "raw_requests" not in counts(store)


def test_a_project_is_deleted_with_everything_in_it(world: World) -> None:
    for number in range(1, 4):
        send(world.store, number, project="gone")
    send(world.store, 9, project="kept")
    world.work()
    delete_project(world.store, "gone")
    assert ids(world.store) == [9]
    assert [row.name for row in world.rows(projects)] == ["kept"]
    with pytest.raises(NotFoundError, match="no project 'gone'"):
        delete_project(world.store, "gone")


def test_traces_are_kept_as_long_as_their_project_says(store: TraceStore) -> None:
    for number, (project, age) in enumerate([("a", 9), ("b", 9), ("c", 9), ("a", 1), ("b", 4), ("c", 4)], 1):
        send(store, number, START - age * DAY, project, session=f"s{number}")
    store.write(
        lambda connection: connection.execute(update(projects).where(projects.c.name == "c").values(retention_days=20))
    ).result()
    retention = Retention(store, RetentionRules(days=5, project_days={"b": 3, "c": 1, "unknown": 1}))
    assert retention.sweep(START) == 3
    assert ids(store) == [3, 4, 6]
    assert retention.sweep(START) == 0
    assert Retention(store, RetentionRules()).sweep(START + 10 * DAY) == 0  # of the project that says so, not yet
    assert Retention(store, RetentionRules()).sweep(START + 17 * DAY) == 2
    assert ids(store) == [4]


def test_requests_as_they_came_are_kept_for_hours(store: TraceStore) -> None:
    for number, hours in ((1, 30), (2, 20)):
        send(store, number, START - hours * 3_600 * SECOND)
    Retention(store, RetentionRules(raw_hours=24)).sweep(START)
    assert store.read(lambda c: c.execute(select(func.count()).select_from(raw_requests)).scalar()) == 1
    assert ids(store) == [1, 2]
