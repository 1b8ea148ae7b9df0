"""Lists of traces and their statistics, against an oracle in Python, on both databases."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from listed_traces import DOCUMENTS, ListedTrace, clear, filters, passes, traces_listed, write

from wherefrom.errors import NotFoundError, RequestError
from wherefrom.traces import listing
from wherefrom.traces.listing import TraceFilter, find_traces, list_traces
from wherefrom.traces.pages import Page, PageRequest
from wherefrom.traces.quoting import quoting_generations
from wherefrom.traces.statistics import (
    Step,
    first_token_over_time,
    most_quoted_documents,
    most_quoted_sources,
    over_time,
    used_models,
)
from wherefrom.traces.store import TraceStore
from wherefrom.traces.times import read_time

on_one_store = settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)


@pytest.fixture(params=[(0, 0), (2, 3), (10_000, 20_000)], ids=["walked", "mixed", "probed"])
def limits(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Every way to a page is gone by some of these."""
    small, stretch = request.param
    monkeypatch.setattr(listing, "SMALL", small)
    monkeypatch.setattr(listing, "STRETCH", stretch)


@pytest.fixture
def kept(store: TraceStore) -> Iterator[TraceStore]:
    yield store
    store.write(clear).result()


def pages(read: Callable[[PageRequest], Page], limit: int, *, oldest_first: bool = False) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    cursor = None
    while True:
        page = read(PageRequest(limit, cursor, oldest_first))
        assert len(page.items) == limit or page.next is None
        found += page.items
        if page.next is None:
            return found
        cursor = page.next


@pytest.mark.usefixtures("limits")
@on_one_store
@given(listed=traces_listed(), wanted=filters(), limit=st.integers(1, 4), oldest_first=st.booleans())
def test_lists_hold_what_passes_in_their_order(
    kept: TraceStore, listed: list[ListedTrace], wanted: TraceFilter, limit: int, oldest_first: bool
) -> None:
    kept.write(lambda connection: write(connection, listed)).result()
    expected = [(trace.start_ns, number) for number, trace in enumerate(listed, 1) if passes(trace, wanted)]
    found = kept.read(
        lambda connection: pages(
            lambda request: list_traces(connection, wanted, request), limit, oldest_first=oldest_first
        )
    )
    assert [int(item["id"], 16) for item in found] == [
        number for _, number in sorted(expected, reverse=not oldest_first)
    ]
    for item in found:
        trace = listed[int(item["id"], 16) - 1]
        assert (item["project"], item["session"], item["coverage"]) == (trace.project, trace.session, trace.coverage)
        assert read_time(item["start"], "start") == trace.start_ns
    exported = kept.read(lambda connection: find_traces(connection, wanted, 0, 100))
    assert exported == sorted(number for _, number in expected)


@on_one_store
@given(listed=traces_listed(), wanted=filters(), step=st.sampled_from(Step))
def test_statistics_are_those_of_the_oracle(
    kept: TraceStore, listed: list[ListedTrace], wanted: TraceFilter, step: Step
) -> None:
    kept.write(lambda connection: write(connection, listed)).result()
    passing = [trace for trace in listed if passes(trace, wanted)]
    found = kept.read(lambda connection: over_time(connection, wanted, step))
    origin = read_time("1970-01-05", "Monday") if step == Step.WEEK else 0
    by_step: dict[int, list[ListedTrace]] = {}
    for trace in passing:
        by_step.setdefault(trace.start_ns - (trace.start_ns - origin) % step.length_ns, []).append(trace)
    assert [read_time(item["start"], "start") for item in found] == sorted(by_step)
    for item in found:
        check_step(item, by_step[read_time(item["start"], "start")])
    waited = kept.read(lambda connection: first_token_over_time(connection, wanted, step))
    assert waited == list(first_tokens(found, by_step))

    quoted = Counter(document for trace in passing for document in set(trace.documents))
    ranks = kept.read(lambda connection: most_quoted_documents(connection, wanted, 10))
    assert {(item["index"], item["document"]): item["traces"] for item in ranks} == quoted
    assert [item["traces"] for item in ranks] == sorted(quoted.values(), reverse=True)
    sources = kept.read(lambda connection: most_quoted_sources(connection, wanted, 10))
    assert {item["source"]: item["traces"] for item in sources} == Counter(
        index.upper() for trace in passing for index in {index for index, _ in trace.documents}
    )
    models = kept.read(lambda connection: used_models(connection, wanted, 10))
    assert {item["model"]: item["traces"] for item in models} == Counter(
        model for trace in passing for model in trace.models
    )


def first_tokens(
    steps: list[dict[str, Any]], by_step: dict[int, list[ListedTrace]]
) -> Iterator[dict[str, str | float | None]]:
    """The oracle: a generation whose first token came before it began says nothing."""
    for item in steps:
        traces = by_step[read_time(item["start"], "start")]
        said = [(trace.first_token_ms, len(trace.texts)) for trace in traces if trace.first_token_ms is not None]
        waits = sorted(float(wait) for wait, spans in said if wait >= 0 for _ in range(spans))
        if waits:
            median, p95 = (nearest_rank(waits, share) for share in (0.5, 0.95))
            yield {
                **{name: item[name] for name in ("start", "end")},
                **{"generations": len(waits), "first_token_ms_median": median, "first_token_ms_p95": p95},
            }


def nearest_rank(values: list[float], share: float) -> float | None:
    return values[max(0, math.ceil(share * len(values)) - 1)] if values else None


def check_step(item: dict[str, Any], traces: list[ListedTrace]) -> None:
    measured = [trace for trace in traces if trace.coverage is not None and trace.characters is not None]
    characters = sum(trace.characters or 0 for trace in measured)
    covered = sum((trace.coverage or 0) * (trace.characters or 0) for trace in measured)
    assert item["traces"] == len(traces)
    assert item["failed"] == sum(trace.status == "error" for trace in traces)
    assert item["coverage"] == (pytest.approx(covered / characters) if characters else None)
    assert item["cost"] == total(trace.cost for trace in traces)
    assert item["input_tokens"] == total(trace.tokens for trace in traces)
    assert item["longest_span"] == max((t.longest_span for t in traces if t.longest_span is not None), default=None)
    durations = sorted((trace.end_ns - trace.start_ns) / 1e6 for trace in traces if trace.end_ns is not None)
    for name, share in (("duration_ms_median", 0.5), ("duration_ms_p95", 0.95)):
        assert item[name] == nearest_rank(durations, share)


def total(values: Iterator[Any]) -> Any:
    known = [value for value in values if value is not None]
    return sum(known) if known else None


@on_one_store
@given(
    listed=traces_listed(),
    document=st.sampled_from(DOCUMENTS),
    index=st.none() | st.sampled_from("ab"),
    project=st.none() | st.sampled_from(("default", "other")),
    limit=st.integers(1, 3),
)
def test_generations_that_quote_a_document(
    kept: TraceStore,
    listed: list[ListedTrace],
    document: tuple[str, str],
    index: str | None,
    project: str | None,
    limit: int,
) -> None:
    kept.write(lambda connection: write(connection, listed)).result()
    found = kept.read(
        lambda connection: pages(
            lambda request: quoting_generations(connection, document[1], index, project, request), limit
        )
    )
    expected = [
        (number, trace.project, at, place)
        for number, trace in enumerate(listed, 1)
        for place, (at, name) in enumerate(trace.documents)
        if name == document[1] and index in (None, at) and project in (None, trace.project)
    ]
    assert [
        (int(item["trace"], 16), item["project"], item["document"]["index"], item["document"]["longest_span"])
        for item in found
    ] == sorted(expected, key=lambda each: (each[0], each[3]), reverse=True)


@pytest.mark.parametrize("location", ["sqlite"], indirect=True)
def test_what_cannot_be_listed_is_said(store: TraceStore) -> None:
    def listed(request: PageRequest | None = None, **wanted: Any) -> Page:
        return store.read(lambda connection: list_traces(connection, TraceFilter(**wanted), request or PageRequest()))

    assert listed() == Page([], None)
    with pytest.raises(NotFoundError, match="no project 'nowhere'"):
        listed(project="nowhere")
    with pytest.raises(RequestError, match="no word"):
        listed(text="?!")
    with pytest.raises(RequestError, match="give document or source as well"):
        listed(index="demo")
    for cursor in ("", "x", "é", "AAAA", "A" * 100):
        with pytest.raises(RequestError, match="cursor is not"):
            listed(PageRequest(cursor=cursor))
    with pytest.raises(RequestError, match="limit"):
        PageRequest(limit=0)
