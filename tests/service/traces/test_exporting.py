"""Exports: what was stored comes back from them, with the provenance of each generation."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import orjson
import pyarrow.parquet as pq
import pytest
from google.protobuf.json_format import ParseDict
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from traced_generations import TEXTS, World, generation, said
from typer.testing import CliRunner

from wherefrom.cli.app import app
from wherefrom.traces.export.attributes import any_value, id_bytes
from wherefrom.traces.export.otlp import otlp_lines
from wherefrom.traces.export.parquet import SCHEMA, parquet_pieces
from wherefrom.traces.export.stored import stored_traces
from wherefrom.traces.ingest.limits import IngestLimits
from wherefrom.traces.ingest.otlp import Encoding, read_traces
from wherefrom.traces.listing import TraceFilter
from wherefrom.traces.model import Event, Kind, Link, Message, Part, PartType, Protocol, SpanUpdate, Status, Usage

TRACE = "0af7651916cd43dd8448eb211c80319c"
ROOT, CHAT, RUN = "b7ad6b7169203331", "00f067aa0ba902b7", "0195d3f0a1b27c3d8e4f5a6b7c8d9e0f"
HOSTILE = "\0\ufdd0 </script>\u202e"


def chain() -> SpanUpdate:
    return SpanUpdate(
        TRACE,
        ROOT,
        Protocol.OTLP,
        name=f"answer{HOSTILE}",
        parent_id="",
        kind=Kind.CHAIN,
        status=Status.ERROR,
        status_message="no",
        start_ns=10,
        end_ns=900,
        input={"question": "who?"},
        output="nobody",
        session_id="s",
        user_id="u",
        attributes={"own": [1, 2.5, True, {"a": None}], "big": 1 << 70, HOSTILE: HOSTILE},
        events=(Event("tick", 20, {"n": 1}),),
        links=(Link("ab" * 16, "cd" * 8, {"why": "so"}),),
        project="p",
    )


def chat(**changes: Any) -> SpanUpdate:
    call = Part(PartType.TOOL_CALL, id="1", name="find", arguments={"text": TEXTS["preamble"]})
    return generation(
        trace_id=TRACE,
        span_id=CHAT,
        parent_id=ROOT,
        output=(*said(f"Well: {TEXTS['gettysburg']}"), Message("assistant", (call,), finish_reason="tool_calls")),
        input_messages=(Message("user", (Part(PartType.TEXT, "Quote!"),)),),
        model="m",
        provider="openai",
        usage=Usage(input_tokens=3, output_tokens=40),
        start_ns=100,
        end_ns=800,
        project="p",
        **changes,
    )


@pytest.fixture
def world(store: Any) -> World:
    made = World(store)
    made.send(chain(), chat())
    made.send(generation(7, span_id=RUN, protocol=Protocol.LANGSMITH, project="q"))
    made.work()
    return made


def exported(world: World, **wanted: Any) -> list[dict[str, Any]]:
    return [orjson.loads(line) for line in otlp_lines(stored_traces(world.store, TraceFilter(**wanted)))]


def spans_of(request: dict[str, Any]) -> dict[str, dict[str, Any]]:
    return {span["spanId"]: span for span in request["resourceSpans"][0]["scopeSpans"][0]["spans"]}


def attributes_of(span: dict[str, Any]) -> dict[str, Any]:
    return {each["key"]: next(iter(each["value"].values()), None) for each in span.get("attributes", ())}


def test_an_export_reads_as_what_was_sent(world: World) -> None:
    (request,) = exported(world, project="p")
    assert set(spans_of(request)) > {ROOT, CHAT}
    batch = read_traces(orjson.dumps(request), Encoding.JSON, limits=IngestLimits())
    assert not batch.rejected, batch.reason
    found = {span.span_id: span for span in batch.spans}
    for sent in (chain(), chat()):
        read = found[sent.span_id]
        for name in ("trace_id", "name", "kind", "start_ns", "end_ns", "model", "provider", "session_id", "user_id"):
            assert getattr(read, name) == getattr(sent, name), name
        assert read.parent_id == sent.parent_id
        assert read.project == "p"
        assert read.output_messages == sent.output_messages
        assert read.usage == sent.usage
    root = found[ROOT]
    assert (root.status, root.status_message) == (Status.ERROR, "no")
    assert (root.input, root.output) == ({"question": "who?"}, "nobody")
    assert root.attributes["own"] == [1, 2.5, True, {"a": None}]
    assert root.attributes["big"] == str(1 << 70)
    assert root.attributes[HOSTILE] == HOSTILE
    assert root.events == chain().events
    assert root.links == chain().links


def test_a_generation_has_one_late_child_that_tells_what_it_quotes(world: World) -> None:
    (request,) = exported(world, project="p")
    children = [span for span in spans_of(request).values() if span.get("parentSpanId") == CHAT]
    (span,) = children
    told = attributes_of(span)
    assert span["name"] == "retrieval corpus"
    assert span["startTimeUnixNano"] == span["endTimeUnixNano"] == "800"
    assert told["openinference.span.kind"] == "RETRIEVER"
    assert told["langfuse.observation.type"] == "retriever"
    assert told["gen_ai.operation.name"] == "retrieval"
    assert {each["id"] for each in orjson.loads(told["gen_ai.retrieval.documents"])} == set(TEXTS)
    shown = orjson.loads(told["output.value"])
    assert [each["id"] for each in shown] == [told[f"retrieval.documents.{n}.document.id"] for n in range(2)]
    for number, document in enumerate(shown):
        assert document["type"] == "Document"
        assert document["metadata"]["source"] == f"{document['id']}.txt"
        assert TEXTS[document["id"]] in document["page_content"]
        assert told[f"retrieval.documents.{number}.document.content"] == document["page_content"]
        assert orjson.loads(told[f"retrieval.documents.{number}.document.metadata"]) == document["metadata"]
    stored = world.provenance(CHAT)
    assert told["provenance.coverage.ratio"] == stored["coverage"]
    assert told["provenance.index.id"] == "corpus"
    assert told["provenance.index.version"] == "v1"
    matches = [attributes_of(event) for event in span["events"] if event["name"] == "provenance.match"]
    expected = [
        (part["place"], str(found["start"]), str(found["end"]))
        for part in stored["parts"]
        for found in part["provenance"]["spans"]
    ]
    assert int(told["provenance.span.count"]) == len(matches) == len(expected)
    assert [
        (each["provenance.match.place"], each.get("provenance.match.start", "0"), each["provenance.match.end"])
        for each in matches
    ] == expected
    assert exported(world, project="p") == [request], "its id is the same every time"


def test_ids_of_other_systems_become_ids_of_opentelemetry(world: World) -> None:
    (request,) = exported(world, project="q")
    message = ExportTraceServiceRequest()
    ParseDict(request, message, ignore_unknown_fields=False)
    spans = spans_of(request)
    run = id_bytes(RUN, 8).hex()
    assert attributes_of(spans[run])["wherefrom.span_id"] == RUN
    assert {len(name) for name in spans} == {16}
    assert [span["parentSpanId"] for span in spans.values() if "parentSpanId" in span] == [run]


def test_parquet_has_a_row_a_span_with_its_provenance(world: World) -> None:
    pieces = list(parquet_pieces(stored_traces(world.store, TraceFilter())))
    table = pq.read_table(io.BytesIO(b"".join(pieces)))
    assert table.schema.equals(SCHEMA)
    rows = {row["span_id"]: row for row in table.to_pylist()}
    assert set(rows) == {ROOT, CHAT, RUN}
    assert rows[ROOT]["name"] == f"answer{HOSTILE}"
    assert orjson.loads(rows[ROOT]["input"]) == {"question": "who?"}
    assert rows[CHAT]["output_tokens"] == 40
    assert rows[CHAT]["start"].value == 100
    stored = world.provenance(CHAT)
    assert [part["place"] for part in rows[CHAT]["provenance"]] == [part["place"] for part in stored["parts"]]
    for part, row in zip(stored["parts"], rows[CHAT]["provenance"], strict=True):
        assert dict(row["index_versions"]) == {"corpus": "v1"}
        assert [span["text"] for span in row["spans"]] == [span["text"] for span in part["provenance"]["spans"]]
        assert [each["id"] for each in row["documents"]] == [each["id"] for each in part["provenance"]["documents"]]


@pytest.mark.parametrize("location", ["sqlite"], indirect=True)
def test_nothing_is_an_export_as_well(store: Any) -> None:
    assert list(otlp_lines(stored_traces(store, TraceFilter()))) == []
    assert pq.read_table(io.BytesIO(b"".join(parquet_pieces(stored_traces(store, TraceFilter()))))).num_rows == 0


@pytest.mark.parametrize("location", ["sqlite"], indirect=True)
def test_the_command_writes_a_file_and_no_file_twice(world: World, tmp_path: Path) -> None:
    store = str(Path(world.store.location).parent)
    out = tmp_path / "traces.jsonl"
    arguments = ["export", str(out), "--store", store, "--project", "p"]
    done = CliRunner().invoke(app, arguments)
    assert done.exit_code == 0, done.output
    assert [orjson.loads(line) for line in out.read_bytes().splitlines()] == exported(world, project="p")
    assert CliRunner().invoke(app, arguments).exit_code != 0
    done = CliRunner().invoke(app, ["export", str(tmp_path / "t.parquet"), "--store", store, "--format", "parquet"])
    assert done.exit_code == 0
    assert pq.read_table(tmp_path / "t.parquet").num_rows == 3


def test_values_of_opentelemetry() -> None:
    assert any_value(None).WhichOneof("value") is None
    assert any_value("a\ud800").string_value == "a\ufffd"
    assert any_value((1 << 64) + 1).string_value == str((1 << 64) + 1)
    assert any_value({"a": [None]}).kvlist_value.values[0].value.array_value.values[0].WhichOneof("value") is None
