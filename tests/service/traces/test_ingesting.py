from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import Connection, func, select
from stored_traces import stored

from wherefrom.traces import trace_writing
from wherefrom.traces.ingesting import Ingested, ingest
from wherefrom.traces.model import (
    Attachment,
    IngestBatch,
    Kind,
    Message,
    Part,
    PartType,
    Protocol,
    RawRequest,
    ScoreUpdate,
    SpanUpdate,
    Status,
    Usage,
)
from wherefrom.traces.schema import parts, projects, raw_request_traces, raw_requests, spans, traces
from wherefrom.traces.store import TraceStore

TRACE = "a" * 32
ROOT, CHILD, GRANDCHILD = "1" * 16, "2" * 16, "3" * 16


def send(store: TraceStore, *said: SpanUpdate, now_ns: int = 100, **rest: Any) -> Ingested:
    batch = IngestBatch(spans=said, **rest)
    return store.write(lambda connection: ingest(connection, batch, now_ns)).result(timeout=30)


def span(span_id: str = ROOT, trace_id: str = TRACE, **rest: Any) -> SpanUpdate:
    return SpanUpdate(trace_id, span_id, rest.pop("protocol", Protocol.OTLP), **rest)


def said(*texts: str) -> tuple[Message, ...]:
    return tuple(Message("assistant", (Part(PartType.TEXT, text),)) for text in texts)


def the_trace(store: TraceStore) -> Any:
    return store.read(lambda connection: connection.execute(select(traces)).one())


def content(store: TraceStore) -> dict[str, Any]:
    return store.read(stored)


def test_spans_are_there_when_the_future_resolves(store: TraceStore) -> None:
    done = send(
        store,
        span(parent_id="", name="root", start_ns=5, end_ns=9),
        span(CHILD, parent_id=ROOT, kind=Kind.LLM, start_ns=6, end_ns=8),
    )
    assert done.spans == 2
    found = the_trace(store)
    assert (found.key,) == tuple(done.traces)
    assert (found.name, found.start_ns, found.end_ns, found.spans, found.generations) == ("root", 5, 9, 2, 1)


def test_an_orphan_is_the_root_until_its_parent_comes(store: TraceStore) -> None:
    send(store, span(GRANDCHILD, parent_id=CHILD, name="grandchild", status=Status.ERROR, start_ns=3))
    found = the_trace(store)
    assert (found.name, found.root_span_id, found.status, found.start_ns) == ("grandchild", GRANDCHILD, "error", 3)
    send(store, span(CHILD, parent_id=ROOT, name="child", start_ns=2, status=Status.OK))
    found = the_trace(store)
    assert (found.name, found.status, found.errors) == ("child", "ok", 1)
    send(store, span(ROOT, parent_id="", name="root", start_ns=4))  # a clock that is late: the root begins last
    found = the_trace(store)
    assert (found.name, found.root_span_id, found.start_ns, found.status) == ("root", ROOT, 2, "unset")


def test_parents_in_a_circle(store: TraceStore) -> None:
    send(store, span(ROOT, parent_id=CHILD, start_ns=2, name="a"), span(CHILD, parent_id=ROOT, start_ns=1, name="b"))
    found = the_trace(store)
    assert (found.name, found.spans) == ("b", 2)
    send(store, span(GRANDCHILD, parent_id=GRANDCHILD, start_ns=0, name="its own parent"))
    assert the_trace(store).name == "its own parent"


def test_the_same_again_changes_nothing(store: TraceStore) -> None:
    complete = span(
        kind=Kind.LLM,
        parent_id="",
        end_ns=3,
        session_id="s",
        output_messages=said("text"),
        aliases=("chatcmpl-1",),
        usage=Usage(1, 2),
        model="gpt-4o",
        provider="openai",
    )
    send(store, complete)
    before = content(store)
    for _ in range(2):
        send(store, complete)
    assert content(store) == before
    assert before["sessions"]["default", "s"]["traces"] == 1


def test_the_same_id_in_two_traces_is_two_spans(store: TraceStore) -> None:
    send(store, span(name="one"), span(trace_id="b" * 32, name="two"))
    assert {row["name"] for row in content(store)["spans"].values()} == {"one", "two"}


def test_a_trace_moves_when_its_project_is_named(store: TraceStore) -> None:
    run = span(protocol=Protocol.LANGSMITH, session_id="s", kind=Kind.LLM, model="m")
    send(store, run)
    score = ScoreUpdate("1", "good", span_id=ROOT, value=1.0, time_ns=1)
    send(store, scores=(score,))
    send(store, replace(run, precedence=0, project="named"))
    found = content(store)
    assert set(found["traces"]) == {("named", TRACE)}
    assert set(found["sessions"]) == {("named", "s")}
    assert set(found["scores"]) == {("named", "1")}
    assert found["models"] == [(("named", TRACE), "m", "named")]
    send(store, replace(run, project="other"))  # said otherwise: another trace, the first stays
    assert set(content(store)["traces"]) == {("named", TRACE), ("other", TRACE)}


def test_a_message_without_a_trace_finds_its_span(store: TraceStore) -> None:
    run = "4" * 32
    patch = span(run, "", protocol=Protocol.LANGSMITH, name="patched")
    send(store, patch, scores=(ScoreUpdate("1", "good", span_id=run, value=1.0, time_ns=1),))
    assert set(content(store)["traces"]) == {("default", run)}  # a guess
    send(store, span(run, protocol=Protocol.LANGSMITH, project="p", parent_id=ROOT, precedence=0, name="posted"))
    found = content(store)
    assert set(found["traces"]) == {("p", TRACE)}
    assert found["spans"]["p", TRACE, run]["name"] == "patched"
    assert found["scores"]["p", "1"]["span"] == ("p", TRACE, run)
    send(store, replace(patch, user_id="u"))
    assert content(store)["spans"]["p", TRACE, run]["user_id"] == "u"


def test_a_key_of_one_project_reaches_no_other(store: TraceStore) -> None:
    send(store, span(name="theirs", start_ns=1))
    send(store, span("", "", protocol=Protocol.LANGSMITH), span(name="mine"), only_project="mine", project="ignored")
    score = ScoreUpdate("1", "good", span_id=ROOT, value=1.0, time_ns=1, project="default")
    send(store, scores=(score,), only_project="another")
    found = content(store)
    assert found["spans"]["default", TRACE, ROOT]["name"] == "theirs"
    assert found["spans"]["mine", TRACE, ROOT]["name"] == "mine"
    assert found["scores"]["another", "1"]["trace"] is None
    send(store, span(name="theirs"))
    assert content(store)["scores"]["another", "1"]["trace"] is None


def test_scores_find_traces_spans_and_aliases_whichever_comes_first(store: TraceStore) -> None:
    scores = (
        ScoreUpdate("trace", "a", trace_id=TRACE, value=1.0, time_ns=1),
        ScoreUpdate("span", "a", span_id=ROOT, text="\0", time_ns=1),
        ScoreUpdate("alias", "a", trace_id=TRACE, span_id="chatcmpl-1", comment="c", time_ns=1, metadata={"k": 1}),
        ScoreUpdate("elsewhere", "a", trace_id="c" * 32, span_id=ROOT, value=float("nan"), time_ns=1),
    )
    send(store, scores=scores)
    done = send(store, span(aliases=("chatcmpl-1",)))
    assert len(done.traces) == 1
    early = content(store)["scores"]
    send(store, scores=scores)
    assert content(store)["scores"] == early
    told = {name: (row["trace"], row["span"]) for (_, name), row in early.items()}
    trace, root = ("default", TRACE), ("default", TRACE, ROOT)
    assert told == {"trace": (trace, None), "span": (trace, root), "alias": (trace, root), "elsewhere": (None, None)}
    send(store, scores=(replace(scores[0], value=0.5),))
    assert content(store)["scores"]["default", "trace"]["value"] == 0.5


@pytest.mark.parametrize("comes_first", [True, False])
def test_scores_find_names_that_are_cut_and_of_namesakes_the_one_in_their_project(
    store: TraceStore, comes_first: bool
) -> None:
    alias = "ü" * 1500  # more bytes than an index holds
    spoken = [span(name="x", project=project, aliases=(alias,)) for project in ("p", "q")]
    rated = [ScoreUpdate("1", "good", span_id=alias, value=1.0, time_ns=1, project=project) for project in ("p", "q")]
    said_in_turn = [{"scores": tuple(rated)}, {"spans": tuple(spoken)}]
    for each in said_in_turn if comes_first else said_in_turn[::-1]:
        send(store, *each.get("spans", ()), scores=each.get("scores", ()))
    scores = content(store)["scores"]
    assert {key: row["span"] for key, row in scores.items()} == {
        (project, "1"): (project, TRACE, ROOT) for project in ("p", "q")
    }


def test_files_come_with_their_span_or_before(store: TraceStore) -> None:
    file = Attachment(None, ROOT, "name\0", "text/plain", b"\0\1")
    send(store, attachments=(file, file))
    send(store, span(protocol=Protocol.LANGSMITH), attachments=(replace(file, data=b"2"),))
    assert content(store)["attachments"] == {(("default", TRACE, ROOT), "name\0"): b"2"}


def test_generations_are_queued_when_they_are_complete(store: TraceStore) -> None:
    run = span(protocol=Protocol.LANGSMITH, kind=Kind.LLM, output_messages=said("one", "two"))
    send(store, run)
    assert content(store)["parts"] == {}
    assert the_trace(store).provenance is None
    send(store, replace(run, end_ns=5, output_messages=None))
    found = content(store)["parts"]
    assert {place: row["state"] for (_, place), row in found.items()} == {
        "/0/parts/0/text": "pending",
        "/1/parts/0/text": "pending",
    }
    assert the_trace(store).provenance == "pending"
    send(store, replace(run, output_messages=said("one")))
    assert [place for _, place in content(store)["parts"]] == ["/0/parts/0/text"]
    send(store, replace(run, output_messages=()))
    ((_, nothing),) = content(store)["parts"].items()
    assert (nothing["state"], the_trace(store).provenance) == ("nothing", "nothing")
    assert nothing["reason"]
    send(store, replace(run, kind=Kind.TOOL))
    assert content(store)["parts"] == {}
    assert the_trace(store).provenance is None


def test_a_text_that_has_not_changed_keeps_its_state(store: TraceStore) -> None:
    run = span(kind=Kind.LLM, output_messages=said("one", "two"))
    send(store, run)
    store.write(lambda connection: connection.execute(parts.update().values(state="done"))).result(timeout=30)
    send(store, run)
    send(store, replace(run, output_messages=said("one", "other")))
    states = {place: row["state"] for (_, place), row in content(store)["parts"].items()}
    assert states == {"/0/parts/0/text": "done", "/1/parts/0/text": "pending"}


def test_requests_are_kept_with_the_traces_that_they_speak_of(store: TraceStore) -> None:
    raw = RawRequest(Protocol.OTLP, "/v1/traces", "application/x-protobuf", "", b"x" * 1000)
    send(store, span(), span(trace_id="b" * 32), raw=raw, now_ns=7)
    kept = store.read(lambda connection: connection.execute(select(raw_requests)).one())
    assert (kept.received_ns, kept.content_encoding, kept.path) == (7, "zstd", "/v1/traces")
    assert len(kept.body) < 100
    of = select(func.count()).select_from(raw_request_traces)
    assert store.read(lambda connection: connection.execute(of).scalar()) == 2
    send(store, span(), raw=replace(raw, content_encoding="gzip", body=b"y"))
    bodies = select(raw_requests.c.body).where(raw_requests.c.content_encoding == "gzip")
    assert store.read(lambda connection: connection.execute(bodies).scalar()) == b"y"


def test_a_request_may_speak_of_a_trace_and_of_a_span_that_later_turns_out_to_be_in_it(store: TraceStore) -> None:
    raw = RawRequest(Protocol.LANGSMITH, "/runs/batch", "application/json", "", b"{}")
    runs = [number * 32 for number in "456"]
    patches = [span(run, "", protocol=Protocol.LANGSMITH, name="patched") for run in runs]
    send(store, span(protocol=Protocol.LANGSMITH, project="p"), *patches, raw=raw)
    send(store, *(span(run, protocol=Protocol.LANGSMITH, project="p", parent_id=ROOT) for run in runs), raw=raw)
    found = content(store)
    assert set(found["traces"]) == {("p", TRACE)}
    assert {key[2] for key in found["spans"]} == {ROOT, *runs}
    of = select(func.count()).select_from(raw_request_traces)
    assert store.read(lambda connection: connection.execute(of).scalar()) == 2


def test_large_traces_are_told_alike(store: TraceStore, monkeypatch: pytest.MonkeyPatch) -> None:
    requests = [
        (
            span(
                f"{number:016x}", parent_id=ROOT, start_ns=number, session_id="s", kind=Kind.LLM, model=f"m{number % 3}"
            ),
        )
        for number in range(1, 8)
    ] + [(span(parent_id="", name="root", session_id="t", project="p"),)]
    for each in requests:
        send(store, *each)
    small = content(store)
    store.write(lambda connection: connection.execute(projects.delete())).result(timeout=30)
    monkeypatch.setattr(trace_writing, "LARGE", 2)
    for future in [
        store.write(lambda connection, each=each: ingest(connection, IngestBatch(spans=each), 100)) for each in requests
    ]:
        future.result(timeout=30)
    assert content(store) == small


def test_hostile_values_are_stored(store: TraceStore) -> None:
    deep: Any = "end"
    for _ in range(150):
        deep = [deep]
    hostile = span(
        name="n\0\ud800" * 10,
        model="m" * 10_000,
        session_id="s\0" * 5_000,
        user_id="\ud800",
        start_ns=2**64,
        end_ns=-1,
        usage=Usage(-1, 2**70),
        cost=float("inf"),
        input={"deep": deep, "large": 2**80, "lone": "\ud800", "\ud800": float("nan")},
        attributes={"bytes": b"\xff", "k\0": "v\0"},
        aliases=("a" * 9_000, "a" * 9_001),
        kind=Kind.LLM,
    )
    other = replace(hostile, session_id="s\0" * 5_001, model="m" * 10_001)
    send(store, hostile, replace(other, trace_id="b" * 32), project="p" * 9_000)
    send(store, hostile, project="p" * 9_000)
    found = content(store)
    assert len(found["traces"]) == len(found["sessions"]) == len(found["models"]) == 2
    assert len(found["aliases"]) == 4
    row = found["spans"][next(iter(found["spans"]))]
    assert (row["start_ns"], row["end_ns"], row["input_tokens"], row["cost"]) == (None, None, None, None)
    assert row["name"] == "n\0\ufffd" * 10
    payload = found["payloads"][next(iter(found["payloads"]))]
    assert payload["attributes"]["k\0"] == "v\0"
    assert payload["input"]["lone"] == "\ufffd"


def test_many_spans_in_one_request(new_location: Callable[[str], str]) -> None:
    many = IngestBatch(spans=tuple(span(f"{number:016x}", f"{number % 5_050:032x}") for number in range(5_100)))
    with TraceStore.open(new_location("postgresql")) as store:

        def count(connection: Connection) -> int:
            ingest(connection, many, 5)
            return connection.execute(select(func.count()).select_from(spans)).scalar_one()

        assert store.write(count).result(timeout=60) == 5_100
