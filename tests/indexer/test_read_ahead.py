"""Work in threads, in order: results, errors, and what is left when it ends."""

from __future__ import annotations

import threading
from collections.abc import Iterator

import pytest

from wherefrom_indexer.read_ahead import MOST_THREADS, in_order, usable_threads


def workers() -> list[str]:
    return [thread.name for thread in threading.enumerate() if thread.name.startswith("wherefrom")]


@pytest.mark.parametrize("threads", [1, 2, 5])
@pytest.mark.parametrize("count", [0, 1, 40])
def test_results_come_in_order(threads: int, count: int) -> None:
    assert list(in_order(lambda number: number * number, range(count), threads)) == [n * n for n in range(count)]
    assert workers() == []


@pytest.mark.parametrize("threads", [1, 3])
def test_items_are_drawn_by_the_caller_a_few_ahead(threads: int) -> None:
    drawn: list[int] = []

    def items() -> Iterator[int]:
        for number in range(100):
            assert threading.current_thread() is threading.main_thread()
            drawn.append(number)
            yield number

    results = in_order(str, items(), threads)
    assert next(results) == "0"
    assert len(drawn) <= threads + 1
    results.close()
    assert workers() == []


@pytest.mark.parametrize("threads", [1, 3])
def test_an_error_is_raised_in_the_place_of_its_result(threads: int) -> None:
    results = in_order(lambda number: 1 // (number - 3), range(10), threads)
    assert [next(results) for _ in range(3)] == [-1, -1, -1]
    with pytest.raises(ZeroDivisionError):
        next(results)
    assert workers() == []


@pytest.mark.parametrize("threads", [1, 3])
def test_an_interrupted_reader_leaves_no_thread(threads: int) -> None:
    def items() -> Iterator[int]:
        yield from range(5)
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        list(in_order(str, items(), threads))
    assert workers() == []


def test_usable_threads() -> None:
    assert usable_threads(3) == 3
    assert 1 <= usable_threads(None) <= usable_threads(1_000) == MOST_THREADS
