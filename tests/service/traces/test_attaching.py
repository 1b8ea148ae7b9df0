"""Provenance is attached to every generation, whatever happens to who attaches it."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import delete, update
from traced_generations import SECOND, TEXTS, World, generation, said, tracer

from wherefrom.errors import (
    DeadlineError,
    InterruptedSearchError,
    NotFoundError,
    OverloadedError,
    StoreUnavailableError,
)
from wherefrom.traces.attached import find_generation
from wherefrom.traces.ingest.twin_names import twin_name
from wherefrom.traces.model import Kind, Message, Part, PartType, Protocol, Status
from wherefrom.traces.schema import parts, projects, provenance_documents, provenance_spans, provenances, spans, traces
from wherefrom.traces.store import TraceStore
from wherefrom.traces.tracing import ProjectTracing, TracingRules, set_tracing
from wherefrom_indexer.errors import IndexDamagedError, UsageError

GETTYSBURG = TEXTS["gettysburg"]
PREAMBLE = TEXTS["preamble"]


on_sqlite = pytest.mark.parametrize("location", ["sqlite"], indirect=True)
"""Of what no database can make different."""


@pytest.fixture
def world(store: TraceStore) -> World:
    return World(store)


def test_a_generation_has_its_provenance(world: World) -> None:
    text = f"He said: {GETTYSBURG} So he did."
    asked = (Message("user", (Part(PartType.TEXT, "What did he say?"),)),)
    world.send(generation(1, said(text), input_messages=asked))
    assert world.provenance()["state"] == "pending"
    world.work()

    found = world.provenance()
    expected = tracer().trace(text, prompt="What did he say?")
    assert found["state"] == "done"
    assert found["reason"] is None
    assert found["coverage"] == pytest.approx(expected.coverage)
    (part,) = found["parts"]
    assert part["text"] == text
    assert part["indexes"] == {"corpus": "v1"}
    timing, stored = expected.to_dict(), part["provenance"]
    del timing["timing_ms"], stored["timing_ms"]
    assert stored == timing
    assert world.pool.jobs[0].prompt == "What did he say?"

    (span,) = world.rows(spans)
    (trace,) = world.rows(traces)
    for row in (span, trace):
        assert (row.provenance, row.characters) == ("done", len(text))
        assert row.coverage == pytest.approx(expected.coverage)
        assert row.longest_span == max(each.end - each.start for each in expected.spans)
    (document,) = world.rows(provenance_documents)
    assert (document.document_id, document.source) == ("gettysburg", "gettysburg.txt")
    assert document.longest_span == span.longest_span
    assert [(row.start, row.end) for row in world.rows(provenance_spans)] == [
        (each.start, each.end) for each in expected.spans
    ]


def test_every_part_is_traced_by_itself(world: World) -> None:
    output = said(
        GETTYSBURG,
        orjson.dumps({"answer": PREAMBLE, "score": 3}).decode(),
        Part(
            PartType.TOOL_CALL, name="look_up", arguments={"query": PREAMBLE[:40], "depth": {"of": ["nothing known"]}}
        ),
    )
    world.send(generation(1, output))
    world.work()
    found = world.provenance()
    assert {part["place"]: part["text"] for part in found["parts"]} == {
        "/0/parts/0/text": GETTYSBURG,
        "/1/parts/0/text/answer": PREAMBLE,
        "/2/parts/0/arguments/query": PREAMBLE[:40],
        "/2/parts/0/arguments/depth/of/0": "nothing known",
    }
    each = [(part["characters"], part["provenance"]["coverage"]) for part in found["parts"]]
    covered = sum(characters * coverage for characters, coverage in each)
    assert found["coverage"] == pytest.approx(covered / found["characters"])
    assert found["characters"] == sum(characters for characters, _ in each)


@on_sqlite
@pytest.mark.parametrize(
    ("output", "reason"),
    [((), "no output"), (said(Part(PartType.TOOL_CALL, arguments={"k": 1})), "tool call"), (said(" \n"), "no text")],
)
def test_where_there_is_no_text_it_says_why(world: World, output: Any, reason: str) -> None:
    world.send(generation(1, output))
    world.work()
    found = world.provenance()
    assert (found["state"], found["parts"]) == ("nothing", [])
    assert reason in found["reason"]
    assert not world.pool.jobs


@on_sqlite
def test_a_stream_is_traced_when_it_is_complete(world: World) -> None:
    begun = generation(1, said(GETTYSBURG[:30]), protocol=Protocol.LANGSMITH, end_ns=None, precedence=0)
    world.send(begun)
    world.work()
    assert world.provenance()["state"] is None
    assert "not complete" in world.provenance()["reason"]
    ended = generation(1, said(GETTYSBURG), protocol=Protocol.LANGSMITH, status=Status.OK, precedence=1)
    world.send(ended)
    world.work()
    assert [job.text for job in world.pool.jobs] == [GETTYSBURG]
    assert world.provenance()["state"] == "done"


def test_an_output_that_was_replaced_is_traced_anew(world: World) -> None:
    world.send(generation(1, said(GETTYSBURG, PREAMBLE)))
    world.work()
    world.send(generation(1, said(PREAMBLE)))
    assert world.provenance()["state"] == "pending"
    assert world.provenance()["parts"][0]["provenance"] is None
    world.work()
    found = world.provenance()
    assert [part["text"] for part in found["parts"]] == [PREAMBLE]
    assert [row.document_id for row in world.rows(provenance_documents)] == ["preamble"]
    assert len(world.rows(provenances)) == 1


@on_sqlite
def test_a_prompt_that_comes_late_ranks_the_documents_anew(world: World) -> None:
    world.send(generation(1))
    world.work()
    world.send(generation(1, input_messages=(Message("user", (Part(PartType.TEXT, "When?"),)),)))
    world.work()
    assert [job.prompt for job in world.pool.jobs] == [None, "When?"]
    assert world.provenance()["state"] == "done"


def test_a_result_for_an_output_replaced_meanwhile_is_dropped(world: World) -> None:
    world.pool.holding = True
    world.send(generation(1, said(GETTYSBURG)))
    world.work()
    world.send(generation(1, said(PREAMBLE)))
    world.pool.holding = False
    world.pool.answer()
    world.work()
    found = world.provenance()
    assert (found["state"], found["parts"][0]["text"]) == ("done", PREAMBLE)
    assert [row.document_id for row in world.rows(provenance_documents)] == ["preamble"]


@on_sqlite
def test_the_same_again_is_not_traced_again(world: World) -> None:
    world.send(generation(1))
    world.work()
    world.send(generation(1))
    world.work()
    assert len(world.pool.jobs) == 1


def test_a_deleted_trace_takes_its_result_along(world: World) -> None:
    world.pool.holding = True
    world.send(generation(1), generation(2))
    world.work()
    world.store.write(
        lambda connection: connection.execute(delete(traces).where(traces.c.trace_id == f"{1:032x}"))
    ).result()
    world.pool.answer()
    world.work()
    assert world.provenance(2)["state"] == "done"
    assert len(world.rows(provenances)) == 1


def test_a_lease_of_a_worker_that_crashed_runs_out(world: World) -> None:
    world.pool.holding = True
    world.send(generation(1))
    world.work()  # leased, and then the process is no more
    (held,) = world.pool.held
    world.pool.held, world.pool.holding = [], False
    other = world.another()
    world.work(other)
    assert world.provenance()["state"] == "pending"
    world.clock.advance(world.options.lease_s + 1)
    world.work(other)
    assert world.provenance()["state"] == "done"
    before = world.rows(provenances)
    world.pool.held = [held]  # it was only slow
    world.pool.version = "v0"
    world.pool.answer()
    world.work()
    assert world.rows(provenances) == before
    assert world.provenance()["parts"][0]["attempts"] == 2


@on_sqlite
def test_a_part_that_ends_every_worker_fails_in_the_end(world: World) -> None:
    world.pool.holding = True
    world.send(generation(1))
    for _ in range(world.options.max_attempts + 1):
        world.work(world.another())
        world.clock.advance(world.options.lease_s + 1)
    found = world.provenance()
    assert found["state"] == "failed"
    assert "every time" in found["reason"]


@on_sqlite
def test_leases_are_prolonged_while_the_pool_has_more_urgent_work(world: World) -> None:
    world.pool.holding = True
    world.send(generation(1))
    world.work()
    for _ in range(5):
        world.clock.advance(world.options.lease_s * 0.6)
        world.work()
        world.work(world.another())
    assert len(world.pool.jobs) == 1
    world.pool.answer()
    world.work()
    assert world.provenance()["state"] == "done"


def test_a_worker_that_is_closed_gives_back_what_it_has(world: World) -> None:
    world.pool.holding = True
    world.send(generation(1))
    world.work()
    (future,) = [future for _, future in world.pool.held]
    world.worker.close()
    assert future.cancelled()
    world.pool.holding = False
    world.work(world.another())
    assert world.provenance()["state"] == "done"
    assert world.provenance()["parts"][0]["attempts"] == 1


def test_two_workers_share_the_work(world: World) -> None:
    world.send(*(generation(number, said(f"{GETTYSBURG} {number}")) for number in range(1, 31)))
    first, second = world.another(), world.another()
    while first.step() | second.step():
        pass
    assert sorted(job.text for job in world.pool.jobs) == sorted(f"{GETTYSBURG} {number}" for number in range(1, 31))
    assert first.stored + second.stored == 30
    assert first.stored > 0 < second.stored


@on_sqlite
@pytest.mark.parametrize(
    "error",
    [
        IndexDamagedError("The index 'corpus' is damaged."),
        DeadlineError("It took longer than 60 s."),
        InterruptedSearchError("Its process ended."),
    ],
)
def test_what_fails_is_tried_again_with_growing_pauses(world: World, error: Exception) -> None:
    world.pool.errors.extend([error, error])
    world.send(generation(1))
    world.work()
    found = world.provenance()
    assert (found["state"], found["reason"]) == ("pending", str(error))
    world.clock.advance(0.9)
    world.work()
    assert len(world.pool.jobs) == 1
    world.clock.advance(0.2)
    world.work()
    world.clock.advance(3.5)
    world.work()
    assert len(world.pool.jobs) == 2
    world.clock.advance(1)
    world.work()
    found = world.provenance()
    assert (found["state"], found["reason"]) == ("done", None)


def test_what_waits_for_its_next_attempt_is_due_when_an_index_changes(world: World) -> None:
    world.pool.errors.extend([IndexDamagedError("damaged")] * 2)
    world.send(generation(1))
    world.work()
    world.clock.advance(2)
    world.work()  # the next attempt would be in four seconds
    world.pool.registry.changes += 1
    world.work()
    assert world.provenance()["state"] == "done"


def test_what_fails_every_time_has_failed_until_an_index_changes(world: World) -> None:
    error = IndexDamagedError("The index 'corpus' is damaged.")
    world.pool.errors.extend([error] * world.options.max_attempts)
    world.send(generation(1), generation(2, said(" ")))
    for _ in range(10):
        world.work()
        world.clock.advance(1000)
    assert len(world.pool.jobs) == world.options.max_attempts
    assert (world.provenance()["state"], world.provenance()["reason"]) == ("failed", str(error))
    assert (world.rows(traces)[0].provenance, world.worker.failed) == ("failed", 1)
    assert world.worker.queue().failed == 1
    world.pool.registry.changes += 1  # it was restored
    world.work()
    assert world.provenance()["state"] == "done"
    assert world.provenance(2)["state"] == "nothing"


@on_sqlite
@pytest.mark.parametrize("error", [UsageError("unknown option"), NotFoundError("There is no index named 'x'.")])
def test_what_cannot_be_right_next_time_fails_at_once(world: World, error: Exception) -> None:
    world.pool.errors.append(error)
    world.send(generation(1))
    world.work()
    assert (world.provenance()["state"], world.provenance()["reason"]) == ("failed", str(error))


@on_sqlite
def test_an_error_that_is_none_of_ours_is_a_failure_that_is_logged(world: World, caplog: Any) -> None:
    world.pool.errors.append(ZeroDivisionError("no text of this"))
    world.send(generation(1))
    world.work()
    assert world.provenance()["state"] == "failed"
    assert "ZeroDivisionError" in world.provenance()["reason"]
    assert "no text of this" not in world.provenance()["reason"]


@on_sqlite
def test_a_pool_that_is_full_costs_no_attempt(world: World) -> None:
    world.pool.refusals.append(OverloadedError("64 searches wait already"))
    world.pool.errors.append(OverloadedError("The service is stopping"))
    world.send(generation(1))
    for _ in range(3):
        world.work()
        world.clock.advance(1.1)
    part = world.provenance()["parts"][0]
    assert (part["state"], part["attempts"]) == ("done", 1)


@on_sqlite
def test_a_text_that_is_too_long_says_so(store: TraceStore) -> None:
    world = World(store, max_characters=50)
    world.send(generation(1, said(GETTYSBURG, "short")))
    world.work()
    found = world.provenance()
    assert [part["state"] for part in found["parts"]] == ["failed", "done"]
    assert found["state"] == "failed"
    assert "max_text_characters" in found["reason"]


@on_sqlite
def test_results_wait_while_the_store_is_away(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    world.pool.holding = True
    world.send(generation(1))
    world.work()
    world.pool.answer()

    def refuse(*_: Any, **__: Any) -> Any:
        raise StoreUnavailableError("The disk is full.")

    with monkeypatch.context() as patch:
        patch.setattr(world.store, "write", refuse)
        for _ in range(3):
            with pytest.raises(StoreUnavailableError):
                world.worker.step()
    world.work()
    assert world.provenance()["state"] == "done"
    assert len(world.pool.jobs) == 1


@on_sqlite
def test_a_damaged_payload_holds_up_no_other(world: World) -> None:
    from wherefrom.traces.schema import span_payloads

    world.send(generation(1), generation(2))
    damage = update(span_payloads).where(span_payloads.c.span_key == 1).values(body=b"no such thing")
    world.store.write(lambda connection: connection.execute(damage)).result()
    for _ in range(8):
        world.work()
        world.clock.advance(2000)
    assert {row.state for row in world.rows(parts)} == {"failed", "done"}


def test_a_result_that_cannot_be_stored_holds_up_no_other(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    from wherefrom.pool import task

    def broken(body: bytes, versions: Any) -> task.Answer:
        return task.Answer(b"{}" if b"gettysburg" in body else body, versions)

    monkeypatch.setattr("direct_pool.Answer", broken)
    world.send(generation(1, said(GETTYSBURG)), generation(2, said(PREAMBLE)))
    world.work()
    assert [world.provenance(number)["state"] for number in (1, 2)] == ["failed", "done"]
    assert "KeyError" in world.provenance(1)["reason"]


@on_sqlite
def test_without_an_index_generations_wait(world: World) -> None:
    world.pool.registry.served = ()
    world.send(generation(1))
    world.work()
    assert world.provenance()["state"] == "pending"
    world.pool.registry.served = ("corpus",)
    world.work()
    assert world.provenance()["state"] == "done"


@on_sqlite
def test_what_arrives_is_not_behind_what_waits(store: TraceStore) -> None:
    world = World(store, in_flight=2)
    world.pool.holding = True
    for number in range(1, 9):
        world.send(generation(number, said(str(number))))
    world.work()
    assert [job.text for job in world.pool.jobs] == ["8", "1"]


def test_a_project_has_its_own_indexes_and_options(world: World) -> None:
    world.send(generation(1), project="strict")
    said_of_it = ProjectTracing(("corpus",), "default", {"min_characters": 85, "max_documents": 0})
    world.store.write(lambda connection: set_tracing(connection, "strict", said_of_it)).result()
    world.send(generation(2), project="other")
    world.work()
    assert world.provenance(1)["coverage"] == pytest.approx(len(GETTYSBURG) / len(f"As was said: {GETTYSBURG}"))
    jobs = {job.options.min_characters: job.indexes for job in world.pool.jobs}
    assert jobs == {85: ("corpus",), 20: ()}


def test_a_trace_that_moves_to_another_project_is_traced_as_that_says(world: World) -> None:
    world.send(generation(2), project="tuned")
    world.work()
    said_of_it = ProjectTracing(None, "default", {"min_characters": 85})
    world.store.write(lambda connection: set_tracing(connection, "tuned", said_of_it)).result()
    early = generation(1, parent_id="f" * 16)
    world.send(early)  # children of OpenTelemetry's traces come before the root, whose service names the project
    world.work()
    sizes = {row.name: row.snippet_bytes for row in world.rows(projects)}
    assert sizes["default"] > 0
    world.send(replace(early, span_id="f" * 16, kind=Kind.CHAIN, parent_id="", project="tuned", output_messages=None))
    assert {row.name: row.snippet_bytes for row in world.rows(projects)} == {
        "default": 0,
        "tuned": sizes["default"] + sizes["tuned"],
    }
    assert [row.provenance for row in world.rows(traces)] == ["done", "pending"]
    assert world.provenance(1)["coverage"] is not None  # the old one, until there is another
    world.work()
    assert world.pool.jobs[-1].options.min_characters == 85
    assert world.provenance(1)["state"] == "done"
    stored = sum(len(row.body) for row in world.rows(provenances))
    assert {row.name: row.snippet_bytes for row in world.rows(projects)} == {"default": 0, "tuned": stored}


def test_a_result_for_a_trace_that_moved_meanwhile_is_dropped(world: World) -> None:
    world.pool.holding = True
    world.send(generation(1))
    world.work()
    world.send(generation(1, project="named"))
    world.pool.holding = False
    world.pool.answer()
    world.work()
    assert len(world.pool.jobs) == 2
    sizes = {row.name: row.snippet_bytes for row in world.rows(projects)}
    assert sizes == {"default": 0, "named": len(world.rows(provenances)[0].body)}


def test_a_span_that_goes_for_its_run_gives_back_its_quota(world: World) -> None:
    alias = twin_name("chat", SECOND)
    world.send(generation(1, aliases=(alias,)), project="p")
    world.work()
    run = generation(3, protocol=Protocol.LANGSMITH, aliases=(alias,), end_ns=None, output_messages=None)
    world.send(run, project="p")
    assert [row.snippet_bytes for row in world.rows(projects)] == [0]


def test_namesakes_in_other_projects_hide_no_generation(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("wherefrom.traces.attached._NAMESAKES", 2)
    for number in range(1, 5):
        world.send(generation(number, span_id="7" * 16, aliases=("resp-1",)), project="theirs")
    world.send(generation(9, span_id="7" * 16, aliases=("resp-1",)), project="mine")
    for name in ("7" * 16, "resp-1"):
        row = world.store.read(lambda connection, name=name: find_generation(connection, name, "mine"))
        assert row.project == "mine"


@on_sqlite
def test_the_settings_of_the_service_go_before_those_of_the_store(store: TraceStore) -> None:
    rules = TracingRules(projects={"strict": ProjectTracing(options={"min_characters": 60})})
    world = World(store, rules=rules)
    world.send(generation(1), project="strict")
    world.store.write(
        lambda connection: set_tracing(connection, "strict", ProjectTracing(("corpus",), "olmotrace", {"seed": 1}))
    ).result()
    world.work()
    (job,) = world.pool.jobs
    assert (job.options.preset, job.options.min_characters, job.options.seed) == ("olmotrace", 60, 42)
    assert job.indexes == ("corpus",)


@on_sqlite
def test_options_that_cannot_be_used_fail_with_the_reason(store: TraceStore) -> None:
    rules = TracingRules(projects={"default": ProjectTracing(options={"no_such": 60})})
    world = World(store, rules=rules)
    world.send(generation(1))
    world.work()
    assert "no_such" in world.provenance()["reason"]


def test_beyond_the_quota_snippets_are_left_out(store: TraceStore) -> None:
    world = World(store, rules=TracingRules(snippet_quota=800))
    for number in (1, 2, 3):
        world.send(generation(number))
        world.work()
    kept = [world.provenance(number)["parts"][0] for number in (1, 2, 3)]
    assert [part["has_snippets"] for part in kept] == [True, False, False]
    (project,) = world.rows(projects)
    assert project.snippet_bytes == len(world.rows(provenances)[0].body) <= 800
    snippets = [part["provenance"]["documents"][0]["snippets"][0] for part in kept]
    assert snippets[0]["text"]
    assert snippets[1] == {**snippets[0], "text": ""}
    assert len(world.rows(provenance_documents)) == 3


@on_sqlite
def test_who_listens_on_the_store_hears_of_results(world: World) -> None:
    world.send(generation(1))
    heard: list[int] = []
    end = world.store.on_commit(heard.extend)
    world.work()
    end()
    assert heard == [row.key for row in world.rows(traces)]


def test_the_thread_wakes_when_generations_come(store: TraceStore) -> None:
    world = World(store, poll_s=3600.0)
    world.worker.start()
    world.send(*(generation(number) for number in range(1, 20)))
    assert world.worker.drain(timeout_s=60)
    world.worker.close()
    assert world.worker.stored == 19
    assert {row.state for row in world.rows(parts)} == {"done"}


events = st.one_of(
    st.tuples(st.just("send"), st.integers(1, 3), st.sampled_from([GETTYSBURG, PREAMBLE, "short", " "])),
    st.tuples(st.just("step"), st.integers(0, 1), st.just("")),
    st.tuples(st.sampled_from(["answer", "hold", "crash", "late", "damage", "restore", "version", "retrace"])).map(
        lambda name: (name[0], 0, "")
    ),
    st.tuples(st.just("wait"), st.sampled_from([1, 5, 61, 200]), st.just("")),
)


@settings(max_examples=15)
@given(st.lists(events, max_size=30))
def test_whatever_happens_every_generation_has_its_provenance_in_the_end(
    tmp_path_factory: pytest.TempPathFactory, happening: list[tuple[str, int, str]]
) -> None:
    from wherefrom.traces.retracing import Wanted, Which, retrace

    with TraceStore.open(tmp_path_factory.mktemp("store")) as store:
        world = World(store)
        workers = [world.another(), world.another()]
        outputs: dict[int, str] = {}
        crashed: list[Any] = []
        for name, number, text in happening:
            if name == "send":
                outputs[number] = text
                world.send(generation(number, said(text, f"second: {text}")))
            elif name == "step":
                workers[number].step()
            elif name == "answer":
                world.pool.answer()
            elif name == "hold":
                world.pool.holding = not world.pool.holding
            elif name == "crash":  # what it has asked for is answered to nobody, or late
                crashed += world.pool.held
                world.pool.held = []
                workers = [world.another(), workers[1]]
            elif name == "late":
                world.pool.held += crashed
                crashed = []
            elif name == "damage":
                world.pool.errors.append(IndexDamagedError("damaged"))
            elif name == "restore":
                world.pool.errors.clear()
                world.pool.registry.changes += 1
            elif name == "version":
                world.pool.version += "'"
                world.pool.registry.changes += 1
            elif name == "retrace":
                retrace(store, Wanted(Which.OUTDATED), TracingRules(), world.pool.versions, world.clock())
            else:
                world.clock.advance(number)
        world.pool.errors.clear()
        world.pool.registry.changes += 1
        world.pool.holding = False
        for _ in range(4):
            world.pool.answer()
            for worker in workers:
                world.work(worker)
            world.clock.advance(world.options.lease_s + 300)
        for number, text in outputs.items():
            found = world.provenance(number)
            expected = {part for part in (text, f"second: {text}") if part.strip()}
            assert found["state"] == "done"
            assert {part["text"] for part in found["parts"]} == expected
            for part in found["parts"]:
                traced = tracer().trace(part["text"])
                assert part["provenance"]["coverage"] == traced.coverage
                assert len(part["provenance"]["spans"]) == len(traced.spans)
        for project in world.rows(projects):
            assert project.snippet_bytes == sum(len(row.body) for row in world.rows(provenances))
