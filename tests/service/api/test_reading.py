"""Reading over HTTP: what is answered is what is described, and no more than the caller may see."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from typing import Any

import httpx
import orjson
import pytest
from running_service import in_process, on_a_port
from starlette.testclient import TestClient
from traced_generations import TEXTS, generation, said, tracer

from wherefrom.api.access import Role
from wherefrom.api.projects import ProjectItem, ProjectPage
from wherefrom.api.scores import ScorePage
from wherefrom.api.sessions import SessionItem, SessionPage
from wherefrom.api.spans import QuotingPage, SpanDetail
from wherefrom.api.statistics import DocumentRanks, FirstTokens, ModelRanks, SourceRanks, Steps
from wherefrom.api.traces import TracePage, TraceTree
from wherefrom.traces.ingesting import ingest
from wherefrom.traces.keys import create_key
from wherefrom.traces.model import (
    Attachment,
    Event,
    IngestBatch,
    Kind,
    Link,
    Message,
    Part,
    PartType,
    Protocol,
    SpanUpdate,
    Status,
    TokenLogProbability,
    Usage,
)
from wherefrom.traces.store import TraceStore

TRACE, ROOT, CHAT = "0af7651916cd43dd8448eb211c80319c", "b7ad6b7169203331", "00f067aa0ba902b7"
SCRIPT = "<script>alert(1)</script>.html"


def batch(project: str = "shop") -> IngestBatch:
    root = SpanUpdate(
        TRACE,
        ROOT,
        Protocol.OTLP,
        name="answer",
        parent_id="",
        kind=Kind.CHAIN,
        status=Status.OK,
        start_ns=10**18,
        end_ns=10**18 + 5 * 10**9,
        session_id="conversation/1",
    )
    chat = generation(
        trace_id=TRACE,
        span_id=CHAT,
        parent_id=ROOT,
        start_ns=10**18 + 10**9,
        end_ns=10**18 + 4 * 10**9,
        first_token_ns=10**18 + 2 * 10**9,
        output=(*said(f"As was said: {TEXTS['gettysburg']}"), Message("assistant", (Part(PartType.DATA, data=[1]),))),
        input_messages=(Message("user", (Part(PartType.TEXT, "Quote!"),)),),
        model="gpt",
        provider="openai",
        usage=Usage(3, 4, 7),
        log_probabilities=(TokenLogProbability("As", -0.5, (("As", -0.5), ("It", float("-inf")))),),
        finish_reasons=("stop",),
        tags=("x",),
        events=(Event("token", 5, {"n": 1}),),
        links=(Link("ab" * 16, "cd" * 8),),
        metadata={"tenant": "t"},
        attributes={"a": {"b": [None, True]}},
        aliases=("chatcmpl-1",),
    )
    file = Attachment(TRACE, CHAT, SCRIPT, "text/html", b"<script>")
    return IngestBatch(spans=(root, chat), attachments=(file,), project=project)


def store_of(client: TestClient) -> TraceStore:
    store: TraceStore = client.app.state.services.store  # type: ignore[attr-defined]
    return store


def eventually(found: Callable[[], Any]) -> Any:
    for _ in range(400):
        if value := found():
            return value
        time.sleep(0.03)
    raise AssertionError("it did not come to pass")


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TestClient]:
    folder = tracer()._searched[0].index.path
    with in_process(tmp_path_factory.mktemp("service"), indexes={"corpus": folder}) as made:
        store_of(made).write(lambda connection: ingest(connection, batch(), time.time_ns())).result()
        scored = {
            "span": "chatcmpl-1",
            "project": "shop",
            "name": "good",
            "value": 1,
            "metadata": {"by": "hand"},
            "annotator": "ada",
        }
        assert made.post("/v1/scores", json=scored).status_code == 200
        eventually(lambda: made.get("/v1/traces?provenance=done&text=score").json()["items"])
        yield made


@pytest.mark.parametrize(
    ("path", "model", "count"),
    [
        ("/v1/projects", ProjectPage, 1),
        ("/v1/traces", TracePage, 1),
        ("/v1/traces?project=shop&session=conversation/1&model=gpt&status=ok&provenance=done", TracePage, 1),
        ("/v1/traces?document=gettysburg&index=corpus&text=%22four%20score%22&min_coverage=0.1", TracePage, 1),
        ("/v1/traces?since=2001-09-09&until=2001-09-10T00:00:00%2B01:00&min_longest_span=20", TracePage, 1),
        ("/v1/traces?document=preamble", TracePage, 0),
        ("/v1/traces?max_coverage=0.1", TracePage, 0),
        ("/v1/traces?text=nowhere", TracePage, 0),
        ("/v1/sessions", SessionPage, 1),
        ("/v1/sessions?session=conversation/1&project=shop", SessionPage, 1),
        ("/v1/sessions?session=..", SessionPage, 0),
        ("/v1/scores", ScorePage, 1),
        (f"/v1/scores?trace={TRACE}&span=chatcmpl-1&name=good", ScorePage, 1),
        ("/v1/generations?document=gettysburg", QuotingPage, 1),
        ("/v1/statistics/time?step=hour", Steps, 1),
        ("/v1/statistics/first-token?step=week", FirstTokens, 1),
        ("/v1/statistics/documents", DocumentRanks, 1),
        ("/v1/statistics/sources?project=shop", SourceRanks, 1),
        ("/v1/statistics/models", ModelRanks, 1),
    ],
)
def test_lists_are_as_described(client: TestClient, path: str, model: Any, count: int) -> None:
    answer = client.get(path)
    assert answer.status_code == 200, answer.text
    assert len(model.model_validate(answer.json()).items) == count


@pytest.mark.parametrize("name", [TRACE, TRACE.upper(), "0af76519-16cd-43dd-8448-eb211c80319c"])
def test_a_trace_is_a_tree(client: TestClient, name: str) -> None:
    tree = TraceTree.model_validate(client.get(f"/v1/traces/{name}").json())
    assert [(span.id, span.parent, span.depth, span.descendants) for span in tree.spans] == [
        (ROOT, None, 0, 1),
        (CHAT, 0, 1, 0),
    ]
    chat = tree.spans[1]
    assert (chat.offset_ms, chat.duration_ms, chat.first_token_ms) == (1000, 3000, 1000)
    assert (chat.input_tokens, chat.output_tokens, chat.provenance) == (3, 4, "done")
    assert tree.trace.coverage == chat.coverage
    assert tree.trace.session == "conversation/1"


@pytest.mark.parametrize("name", [CHAT, "chatcmpl-1"])
def test_a_span_has_everything_that_was_sent(client: TestClient, name: str) -> None:
    span = SpanDetail.model_validate(client.get(f"/v1/spans/{name}").json())
    assert (span.id, span.trace, span.parent, span.model) == (CHAT, TRACE, ROOT, "gpt")
    assert span.output_messages is not None
    assert span.output_messages[0].parts[0].text == f"As was said: {TEXTS['gettysburg']}"
    assert span.log_probabilities is not None
    assert span.log_probabilities[0].top == [("As", -0.5), ("It", None)]
    assert span.attributes == {"a": {"b": [None, True]}}
    assert span.start == "2001-09-09T01:46:41.000000000Z"
    assert [file.name for file in span.attachments] == [SCRIPT]


def test_files_of_strangers_are_saved_and_not_shown(client: TestClient) -> None:
    answer = client.get(f"/v1/spans/{CHAT}/attachments/{SCRIPT}")
    assert answer.content == b"<script>"
    assert answer.headers["content-type"] == "application/octet-stream"
    assert answer.headers["content-disposition"].startswith("attachment; ")
    assert "<" not in answer.headers["content-disposition"]
    assert answer.headers["x-content-type-options"] == "nosniff"


def test_sessions_and_projects(client: TestClient) -> None:
    session = SessionItem.model_validate(client.get("/v1/sessions/conversation/1").json())
    assert (session.traces, session.generations, session.output_tokens) == (1, 1, 4)
    changed = client.patch("/v1/projects/shop", json={"retention_days": 7})
    assert ProjectItem.model_validate(changed.json()).retention_days == 7
    assert client.get("/v1/projects/shop").json() == changed.json()
    assert client.patch("/v1/projects/shop", json={"retention_days": 0}).status_code == 422


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/v1/traces/none", 404),
        ("/v1/spans/none", 404),
        (f"/v1/spans/{CHAT}?trace=none", 404),
        (f"/v1/spans/{CHAT}/attachments/none", 404),
        ("/v1/sessions/none", 404),
        ("/v1/projects/none", 404),
        ("/v1/traces?project=none", 404),
        ("/v1/export?project=none", 404),
        ("/v1/scores?trace=none", 404),
        ("/v1/traces?cursor=none", 422),
        ("/v1/traces?limit=501", 422),
        ("/v1/traces?since=yesterday", 422),
        ("/v1/traces?since=2001-02-30", 422),
        ("/v1/traces?min_coverage=nan", 422),
        ("/v1/traces?text=%22%22", 422),
        ("/v1/traces?index=corpus", 422),
        ("/v1/export?format=csv", 422),
        ("/v1/generations", 422),
    ],
)
def test_what_cannot_be_read_is_a_problem(client: TestClient, path: str, status: int) -> None:
    answer = client.get(path)
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/problem+json"


def test_hostile_text_in_parameters_is_only_text(client: TestClient) -> None:
    for hostile in ("%00", "%EF%B7%90", "'; DROP TABLE traces; --", "%f0%9f%91%a9", "\\", "%2e%2e%2f" * 20, "a" * 2000):
        for path in (
            f"/v1/traces?session={hostile}",
            f"/v1/traces?model={hostile}",
            f"/v1/generations?document={hostile}",
        ):
            assert client.get(path).json()["items"] == [], path
        assert client.get(f"/v1/spans/{hostile}").status_code == 404
    assert len(client.get("/v1/traces").json()["items"]) == 1


def test_scores_are_written_replaced_and_deleted(client: TestClient) -> None:
    first = {"id": "s/1", "trace": TRACE, "project": "shop", "name": "note", "comment": "so", "time": "2026-01-02"}
    late = {"id": "late", "span": "unknown", "project": "shop", "name": "note", "text": "x"}
    written = ScorePage.model_validate(client.post("/v1/scores", json=[first, late]).json())
    assert [(score.id, score.bound) for score in written.items] == [("s/1", True), ("late", False)]
    client.post("/v1/scores", json=first | {"comment": "otherwise"})
    listed = client.get("/v1/scores?name=note&project=shop").json()["items"]
    assert sorted(score["comment"] or "" for score in listed) == ["", "otherwise"]
    for name in ("s%2F1", "late"):
        assert client.delete(f"/v1/scores/{name}?project=shop").status_code == 204
        assert client.delete(f"/v1/scores/{name}?project=shop").status_code == 404
    for nothing in ({"name": "n", "value": 1}, {"name": "n", "trace": TRACE}, {"trace": TRACE, "value": 1}, [], "x"):
        assert client.post("/v1/scores", json=nothing).status_code == 422


def test_who_waits_to_write_keeps_nobody_from_reading(tmp_path: Path) -> None:
    go_on = threading.Event()
    with in_process(tmp_path, attach=False) as client, ThreadPoolExecutor(60) as threads:
        store = client.app.state.services.store  # type: ignore[attr-defined]
        held = store.write(lambda connection: go_on.wait(60))  # as a lock of another process would
        try:
            writes = [threads.submit(client.delete, f"/v1/traces/{number}") for number in range(30)]
            score = {"trace": TRACE, "name": "note", "value": 1}
            writes += [threads.submit(client.post, "/v1/scores", json=score) for _ in range(30)]
            while store.waiting < len(writes):
                time.sleep(0.01)
            assert client.get("/v1/traces").status_code == 200
        finally:
            go_on.set()
        assert held.result()
        assert {write.result().status_code for write in writes} == {404, 200}


def test_exports_are_files(client: TestClient) -> None:
    answer = client.get("/v1/export?project=shop")
    assert answer.headers["content-disposition"] == 'attachment; filename="traces.otlp.jsonl"'
    (line,) = answer.content.splitlines()
    assert "resourceSpans" in orjson.loads(line)
    assert client.get("/v1/export?format=parquet").content[:4] == b"PAR1"


def test_keys_see_their_project_only(tmp_path: Path) -> None:
    with in_process(tmp_path, require_keys=False) as made:
        store = store_of(made)
        keys = {
            role: store.write(partial(create_key, role=role, project="mine", label="", now_ns=1)).result()[0]
            for role in Role
        }
        for project in ("mine", "theirs"):
            store.write(lambda connection, name=project: ingest(connection, batch(name), time.time_ns())).result()

        def ask(role: Role, path: str, method: str = "GET", **rest: Any) -> Any:
            return made.request(method, path, headers={"x-api-key": keys[role]}, **rest)

        assert [item["name"] for item in ask(Role.READ, "/v1/projects").json()["items"]] == ["mine"]
        for path in ("/v1/traces", "/v1/sessions"):
            assert {item["project"] for item in ask(Role.READ, path).json()["items"]} == {"mine"}
        for path in (f"/v1/traces/{TRACE}", f"/v1/spans/{CHAT}"):
            found = ask(Role.READ, path).json()
            assert found.get("trace", found)["project"] if "spans" in found else found["project"] == "mine"
        for path in ("/v1/traces", f"/v1/traces/{TRACE}", "/v1/export", "/v1/statistics/time", "/v1/live"):
            assert ask(Role.READ, f"{path}?project=theirs").status_code == 403, path
        assert ask(Role.READ, "/v1/projects/theirs").status_code == 403
        assert ask(Role.INGEST, "/v1/traces").status_code == 403
        score = {"trace": TRACE, "name": "n", "value": 1}
        assert ask(Role.READ, "/v1/scores", "POST", json=score).status_code == 403
        assert ask(Role.INGEST, "/v1/scores", "POST", json=score).json()["items"][0]["project"] == "mine"
        assert ask(Role.INGEST, "/v1/scores", "POST", json=score | {"project": "theirs"}).status_code == 403
        assert ask(Role.READ, f"/v1/traces/{TRACE}", "DELETE").status_code == 403
        assert ask(Role.ADMIN, f"/v1/traces/{TRACE}", "DELETE").status_code == 204
        assert ask(Role.ADMIN, f"/v1/traces/{TRACE}", "DELETE").status_code == 404
        assert [item["project"] for item in made.get("/v1/traces").json()["items"]] == ["theirs"]


def events(stream: httpx.Response) -> Iterator[tuple[str, dict[str, Any], str]]:
    """Name, data and id of each event."""
    fields: dict[str, str] = {}
    for line in stream.iter_lines():
        name, _, value = line.partition(": ")
        if line and name:
            fields[name] = value
        elif "event" in fields:
            yield fields["event"], orjson.loads(fields["data"]), fields.get("id", "")
            fields = {}


def test_live_views_hear_of_what_comes_changes_and_goes(tmp_path: Path) -> None:
    with on_a_port(tmp_path, attach=False) as (address, parts), httpx.Client(base_url=address, timeout=20) as client:
        with client.stream("GET", "/v1/live?project=shop") as stream:
            assert stream.headers["content-type"].startswith("text/event-stream")
            heard = events(stream)
            parts.store.write(lambda connection: ingest(connection, batch("other"), time.time_ns())).result()
            parts.store.write(lambda connection: ingest(connection, batch(), time.time_ns())).result()
            name, item, last = next(heard)
            assert (name, item["id"], item["project"], item["spans"]) == ("trace", TRACE, "shop", 2)
            TracePage.model_validate({"items": [item], "next": None})
            more = IngestBatch(spans=(generation(trace_id=TRACE, span_id="12" * 8),), project="shop")
            parts.store.write(lambda connection: ingest(connection, more, time.time_ns())).result()
            name, item, _ = next(heard)
            assert (name, item["spans"]) == ("trace", 3)
            client.delete(f"/v1/traces/{TRACE}?project=other")
            assert next(heard)[0] == "deleted"
        with client.stream("GET", "/v1/live?project=shop", headers={"Last-Event-ID": last}) as stream:
            assert next(events(stream))[1]["spans"] == 3
        with client.stream("GET", "/v1/live", headers={"Last-Event-ID": "x"}) as stream:
            assert next(events(stream))[0] == "reset"
        with client.stream("GET", f"/v1/live?trace={TRACE}") as stream:
            parts.stopping.set()
            assert list(events(stream))[1:] == [], "a stream ends when the service stops"
