"""Generations are traced again where something that decides their provenance has changed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pytest
from traced_generations import SECOND, World, generation

from wherefrom.errors import NotFoundError
from wherefrom.traces.retracing import Retraced, Wanted, Which, retrace
from wherefrom.traces.schema import provenances, traces
from wherefrom.traces.store import TraceStore
from wherefrom.traces.tracing import ProjectTracing, TracingRules, set_tracing
from wherefrom_indexer.errors import IndexDamagedError, UsageError

on_sqlite = pytest.mark.parametrize("location", ["sqlite"], indirect=True)


@pytest.fixture
def world(store: TraceStore) -> World:
    """Three generations of two projects, traced."""
    made = World(store)
    made.send(generation(1), generation(2), project="first")
    made.clock.advance(100)
    made.send(generation(3), project="second")
    made.work()
    return made


def again(world: World, *asked: Any, **fields: Any) -> int:
    found = retrace(world.store, Wanted(*asked, **fields), world.options.rules, world.pool.versions, world.clock())
    assert not found.skipped
    return found.parts


def states(world: World) -> list[str]:
    return [world.provenance(number)["state"] for number in (1, 2, 3)]


@on_sqlite
def test_what_is_current_is_left_alone(world: World) -> None:
    assert again(world) == 0
    assert states(world) == ["done"] * 3


def test_another_version_of_an_index_makes_all_outdated(world: World) -> None:
    before = world.rows(provenances)
    world.pool.version = "v2"
    assert again(world, project="first") == 2
    assert states(world) == ["pending", "pending", "done"]
    assert world.provenance(1)["parts"][0]["indexes"] == {"corpus": "v1"}  # kept until there is another
    assert [row.provenance for row in world.rows(traces)] == ["pending", "pending", "done"]
    assert again(world) == 1
    world.work()
    assert again(world) == 0
    after = [world.provenance(number)["parts"][0] for number in (1, 2, 3)]
    assert [part["indexes"] for part in after] == [{"corpus": "v2"}] * 3
    assert len(world.rows(provenances)) == len(before)
    assert len({row.identity for row in world.rows(provenances)} | {row.identity for row in before}) == 2


def test_other_options_make_a_project_outdated(world: World) -> None:
    changed = ProjectTracing(preset="default", options={"min_characters": 30})
    world.store.write(lambda connection: set_tracing(connection, "second", changed)).result()
    assert again(world) == 1
    assert states(world) == ["done", "done", "pending"]
    world.work()
    assert again(world) == 0


def test_a_result_of_an_older_version_is_not_stored_over_a_newer(world: World) -> None:
    world.pool.holding = True
    again(world, Which.ALL)
    world.work()  # leased, on its way with v1
    world.pool.version = "v2"
    again(world)
    held, world.pool.held = world.pool.held, []
    world.pool.holding = False
    world.work(world.another())
    world.pool.held = held
    world.pool.answer()
    world.work()
    assert again(world) in (0, 3)  # those that were on their way are current, or known to be outdated
    world.work()
    assert again(world) == 0


@on_sqlite
def test_only_what_has_failed(world: World) -> None:
    world.pool.errors.append(UsageError("no"))
    again(world, span_key=1, which=Which.ALL)
    world.work()
    assert states(world) == ["failed", "done", "done"]
    assert again(world, Which.FAILED) == 1
    world.work()
    assert states(world) == ["done"] * 3


def test_only_what_arrived_since(world: World) -> None:
    assert again(world, Which.ALL, since_ns=world.clock.now - 50 * SECOND) == 1
    assert states(world) == ["done", "done", "pending"]


@on_sqlite
def test_a_project_whose_indexes_cannot_be_searched_is_told(world: World) -> None:
    rules = TracingRules(projects={"second": ProjectTracing(("damaged",))})

    def versions(names: Sequence[str]) -> Mapping[str, str]:
        if names:
            raise IndexDamagedError("The index 'damaged' cannot be searched.")
        return {"corpus": "v2"}

    found = retrace(world.store, Wanted(), rules, versions, world.clock())
    assert found == Retraced(2, {"second": "The index 'damaged' cannot be searched."})


@on_sqlite
def test_many_are_made_pending_in_pieces(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("wherefrom.traces.retracing._AT_ONCE", 2)
    assert again(world, Which.ALL) == 3


@on_sqlite
def test_a_project_that_is_not_there(world: World) -> None:
    with pytest.raises(NotFoundError, match="no project 'third'"):
        again(world, project="third")
