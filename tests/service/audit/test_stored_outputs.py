"""Outputs of a trace store: each text the model wrote, with what groups are made of."""

from __future__ import annotations

from pathlib import Path

import pytest
from traced_generations import SECOND, TEXTS, World, generation, said

from wherefrom.audit.outputs import MISSING, Output
from wherefrom.audit.stored_outputs import stored_outputs
from wherefrom.traces.listing import TraceFilter
from wherefrom.traces.model import Kind, Message, Part, PartType
from wherefrom.traces.store import TraceStore

DAY = 86_400 * SECOND


@pytest.fixture
def world(tmp_path: Path):
    with TraceStore.open(str(tmp_path / "traces")) as store:
        yield World(store)


def outputs(world: World, **wanted: object) -> list[Output]:
    return list(stored_outputs(world.store, TraceFilter(**wanted)))  # type: ignore[arg-type]


def test_texts_of_generations_with_their_fields(world):
    asked = (Message("user", (Part(PartType.TEXT, "Quote!"),)),)
    world.send(generation(1, model="m", input_messages=asked, start_ns=2 * DAY, metadata={"team": "red"}), project="p")
    (output,) = outputs(world)
    assert output.text == f"As was said: {TEXTS['gettysburg']}"
    assert output.prompt == "Quote!"
    assert output.id == f"{1:032x}/{1:016x}/0/parts/0/text"
    assert [output.value(name) for name in ("project", "model", "day", "metadata.team", "user")] == [
        "p", "m", "1970-01-03", "red", MISSING,
    ]  # fmt: skip
    assert output.fault is None


def test_each_text_of_an_output_is_one(world):
    world.send(generation(1, said("One text.", "Another text.")))
    found = outputs(world)
    assert [output.text for output in found] == ["One text.", "Another text."]
    assert [output.line for output in found] == [1, 2]
    assert len({output.id for output in found}) == 2


def test_what_is_no_generation_is_left_out_and_one_without_text_is_empty(world):
    world.send(generation(1, kind=Kind.CHAIN), generation(2, ()))
    assert [output.text for output in outputs(world)] == [""]


def test_only_traces_that_are_wanted(world):
    world.send(generation(1, said("p")), project="p")
    world.send(generation(2, said("q"), start_ns=DAY, end_ns=2 * DAY), project="q")
    assert [output.text for output in outputs(world, project="p")] == ["p"]
    assert [output.text for output in outputs(world, since_ns=DAY)] == ["q"]
    assert [output.text for output in outputs(world, until_ns=DAY)] == ["p"]


def test_many_traces_come_in_pages(world):
    world.send(*(generation(number, said(f"Text {number}.")) for number in range(1, 131)))
    assert [output.text for output in outputs(world)] == [f"Text {number}." for number in range(1, 131)]
