"""What waits: in order, the urgent first, and nobody is forgotten."""

from __future__ import annotations

from concurrent.futures import Future
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st
from pool_jobs import WhoJob

from wherefrom.pool.registry import Opening
from wherefrom.pool.task import BACKGROUND_TURN, Task, WaitingTasks


def task(urgent: bool, *numbers: int) -> Task:
    openings = tuple(Opening("it", Path(), None, "", number, b"") for number in numbers)
    return Task(WhoJob(), openings, Future(), urgent, 0.0, 0.0, None)


@given(st.lists(st.sampled_from(["urgent", "background", "take", "remove"]), max_size=60), st.randoms())
def test_each_kind_is_served_in_order(steps, random):
    waiting = WaitingTasks()
    model: dict[bool, list[Task]] = {True: [], False: []}
    for step in steps:
        if step == "take":
            taken = waiting.take()
            if taken is None:
                assert not model[True]
                assert not model[False]
            else:
                assert taken is model[taken.urgent].pop(0)
        elif step == "remove":
            everything = model[True] + model[False]
            if everything:
                gone = random.choice(everything)
                assert waiting.remove(gone)
                assert not waiting.remove(gone)
                model[gone.urgent].remove(gone)
        else:
            new = task(step == "urgent")
            waiting.add(new)
            model[new.urgent].append(new)
        assert list(waiting) == model[True] + model[False]
        assert (waiting.number(urgent=True), waiting.number(urgent=False)) == (len(model[True]), len(model[False]))
        assert len(waiting) == len(model[True]) + len(model[False])


def test_urgent_tasks_go_first_and_the_others_come_forward():
    waiting = WaitingTasks()
    for _ in range(10 * BACKGROUND_TURN):
        waiting.add(task(urgent=True))
        waiting.add(task(urgent=False))
    kinds = [waiting.take().urgent for _ in range(5 * BACKGROUND_TURN)]
    assert kinds.count(False) == 5
    assert kinds[0], "the first is an urgent one"


def test_a_task_is_for_those_who_have_its_indexes_open():
    waiting = WaitingTasks()
    first, second, third = task(True, 1), task(True, 2, 3), task(False, 4)
    for each in (first, second, third):
        waiting.add(each)
    assert waiting.take(frozenset({1, 4})) is second
    assert waiting.take(frozenset({1, 4})) is None
    assert [waiting.take(frozenset({2})), waiting.take()] == [first, third]
