"""Runs may be sent in any pieces, order and number: what is stored in the end is the same."""

from __future__ import annotations

import json
from collections.abc import Iterator
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from langsmith_forms import CONTENT_TYPE, PIECES, form, json_part, run_parts
from sqlalchemy import delete
from stored_traces import stored

from wherefrom.traces.ingest.langsmith import Context, read_batch, read_form, read_run
from wherefrom.traces.ingesting import ingest
from wherefrom.traces.schema import projects
from wherefrom.traces.store import TraceStore

ROOT = "018f2f9e-7b1c-7cc2-b7f5-4a1d3a0c9e01"
CHILD = "018f2f9e-7b1c-7cc2-b7f5-4a1d3a0c9e02"
FEEDBACK = "018f2f9e-7b1c-7cc2-b7f5-4a1d3a0c9e03"
START = "2026-01-01T00:00:00.000001+00:00"
STEP = "20260101T000000000001Z"
COMMON = {"session_name": "speeches", "trace_id": ROOT}
MAIN = {"id": ROOT, "dotted_order": STEP + ROOT, **COMMON}
INNER = {"id": CHILD, "dotted_order": f"{STEP}{ROOT}.{STEP}{CHILD}", "parent_run_id": ROOT, **COMMON}
POSTS = (
    {**MAIN, "name": "answer", "run_type": "chain", "start_time": START, "inputs": {"question": "Who?"}},
    {
        **INNER,
        "name": "ChatOpenAI",
        "run_type": "llm",
        "start_time": START,
        "inputs": {"messages": [{"role": "user", "content": "Who?"}]},
        "extra": {"metadata": {"ls_provider": "openai", "ls_model_name": "gpt-4o", "thread_id": "s"}},
        "tags": ["early"],
    },
)
PATCHES = (
    {**MAIN, "end_time": "2026-01-01T00:00:02Z", "outputs": {"output": "We."}, "error": "ValueError('late')"},
    {
        **INNER,
        "run_type": "llm",
        "end_time": "2026-01-01T00:00:01Z",
        "outputs": {
            "id": "chatcmpl-1",
            "model": "gpt-4o-2024-08-06",
            "choices": [{"index": 0, "message": {"role": "assistant", "content": "We."}, "finish_reason": "stop"}],
            "usage_metadata": {"input_tokens": 3, "output_tokens": 2, "total_tokens": 5},
        },
        "events": [{"name": "new_token", "time": "2026-01-01T00:00:00.5Z"}],
        "extra": {"metadata": {"more": 1}},
        "tags": ["late"],
    },
)
SCORE = json_part(f"feedback.{FEEDBACK}", {"id": FEEDBACK, "run_id": CHILD, "key": "good", "score": 1, "created_at": 9})
FILE = (f"attachment.{CHILD}.note", "text/plain", b"hi")
PARTS = [
    *(part for run in POSTS for part in run_parts("post", run)),
    *(part for run in PATCHES for part in run_parts("patch", run)),
    SCORE,
    FILE,
]


def ingested(store: TraceStore, *batches: Any) -> dict[str, Any]:
    for number, batch in enumerate(batches):
        store.write(lambda connection, batch=batch, number=number: ingest(connection, batch, 10 + number)).result()
    found = store.read(stored)
    for key, span in found["payloads"].items():
        span.pop("lower", None)
        if found["spans"][key]["kind"] != "llm":  # pieces that came before the kind was known may hold messages
            span.pop("input_messages", None)
            span.pop("output_messages", None)
    return found


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """What is stored of all parts sent at once."""
    with TraceStore.open(tmp_path_factory.mktemp("whole")) as store:
        return ingested(store, read_form(form(PARTS), CONTENT_TYPE, Context()))


@st.composite
def requests(draw: st.DrawFn) -> list[bytes]:
    """All parts at least once, dealt out to forms."""
    repeated = draw(st.lists(st.sampled_from(PARTS), max_size=4))
    dealt = draw(st.permutations([*PARTS, *repeated]))
    cuts = sorted(draw(st.lists(st.integers(0, len(dealt)), max_size=5)))
    edges = [0, *cuts, len(dealt)]
    return [form(list(dealt[start:end])) for start, end in pairwise(edges)]


def test_what_a_whole_message_says(whole):
    found = whole
    (trace,) = found["traces"].values()
    assert (trace["name"], trace["status"], trace["spans"], trace["generations"]) == ("answer", "error", 2, 1)
    assert (trace["model"], trace["input_tokens"]) == ("gpt-4o-2024-08-06", 3)
    root, child = (found["spans"]["speeches", ROOT.replace("-", ""), name.replace("-", "")] for name in (ROOT, CHILD))
    assert (root["parent_id"], child["parent_id"]) == ("", ROOT.replace("-", ""))
    assert root["status_message"] == "ValueError('late')"
    assert child["first_token_ns"] == 1767225600_500000000
    assert child["session_id"] == "s"
    assert [part["state"] for part in found["parts"].values()] == ["pending"]
    (score,) = found["scores"].values()
    assert (score["value"], score["span"][2]) == (1.0, CHILD.replace("-", ""))
    assert list(found["attachments"].values()) == [b"hi"]


@pytest.fixture(scope="module")
def used_store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TraceStore]:
    with TraceStore.open(tmp_path_factory.mktemp("used")) as store:
        yield store


@settings(max_examples=20)
@given(sent=requests())
def test_parts_may_come_alone_in_any_order_and_twice(sent, whole, used_store):
    used_store.write(lambda connection: connection.execute(delete(projects)).rowcount).result()
    assert ingested(used_store, *(read_form(body, CONTENT_TYPE, Context()) for body in sent)) == whole


def test_forms_batches_and_single_runs_say_the_same(whole, new_location):
    rest = read_form(form([SCORE, FILE]), CONTENT_TYPE, Context())
    batch = read_batch(json.dumps({"post": POSTS, "patch": PATCHES}).encode(), Context())
    single = [
        *(
            read_run(json.dumps({k: v for k, v in run.items() if k != "id"}).encode(), Context(), run["id"])
            for run in PATCHES
        ),
        *(read_run(json.dumps(run).encode(), Context()) for run in reversed(POSTS)),
    ]
    for batches in ((batch, rest), (rest, *single)):
        with TraceStore.open(new_location("sqlite")) as store:
            assert ingested(store, *batches) == whole


def test_pieces_are_all_that_forms_split():
    assert {name.rpartition(".")[2] for name, _, _ in PARTS} & set(PIECES) == set(PIECES) - {"serialized"}
