"""`POST /v1/traces` and `/v1/logs`: encodings, answers, refusals, projects."""

from __future__ import annotations

import gzip
import json
import zlib
from concurrent.futures import Future

import pytest
import zstandard
from opentelemetry.proto.collector.logs.v1.logs_service_pb2 import ExportLogsServiceResponse
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceResponse
from otlp_requests import SPAN, START, TRACE, in_json, log_json, log_protobuf, protobuf, span
from running_service import in_process
from stored_traces import stored

from wherefrom.errors import StoreUnavailableError
from wherefrom.traces.keys import create_key
from wherefrom.traces.store import TraceStore

JSON = "application/json"
PROTOBUF = "application/x-protobuf"
WRITERS = {JSON: (in_json, log_json), PROTOBUF: (protobuf, log_protobuf)}
COMPRESSIONS = {
    None: lambda data: data,
    "gzip": gzip.compress,
    "deflate": zlib.compress,
    "zstd": zstandard.ZstdCompressor().compress,
}
ANSWERED = {"gen_ai.operation.name": "chat", "gen_ai.completion": "There."}


@pytest.fixture(scope="module")
def client(tmp_path_factory):
    with in_process(tmp_path_factory.mktemp("otlp"), attach=False, max_batch_items=50) as client:
        yield client


def everything(client):
    return client.app.state.services.store.read(stored)


def post(client, body, content_type=PROTOBUF, path="/v1/traces", **headers):
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return client.post(path, content=body, headers={"content-type": content_type} | named)


@pytest.mark.parametrize("content_type", WRITERS)
@pytest.mark.parametrize("compression", COMPRESSIONS)
def test_spans_are_stored_however_they_are_written(client, content_type, compression):
    number = list(COMPRESSIONS).index(compression) * 2 + list(WRITERS).index(content_type) + 1
    trace_id = f"{number:032x}"
    body = WRITERS[content_type][0](span(ANSWERED, trace_id=trace_id))
    headers = {} if compression is None else {"content_encoding": compression}
    answer = post(client, COMPRESSIONS[compression](body), content_type, **headers)
    assert (answer.status_code, answer.headers["content-type"]) == (200, content_type)
    assert answer.content == (b"{}" if content_type == JSON else b"")
    found = everything(client)
    stored_span = found["spans"]["default", trace_id, SPAN]
    assert (stored_span["start_ns"], stored_span["kind"]) == (START, "llm")
    payload = found["payloads"]["default", trace_id, SPAN]
    assert payload["output_messages"][0]["parts"][0]["text"] == "There."
    assert found["parts"][("default", trace_id, SPAN), "/0/parts/0/text"]["state"] == "pending"


def test_partial_refusals_are_counted_in_the_requests_encoding(client):
    spans = [span(trace_id="a1" * 16), span(trace_id="a2" * 16, start=2**63), span(trace_id="00" * 16)]
    answer = post(client, protobuf(*spans))
    told = ExportTraceServiceResponse.FromString(answer.content).partial_success
    assert (answer.status_code, told.rejected_spans) == (200, 2)
    assert "start_time_unix_nano" in told.error_message
    answer = post(client, in_json(*spans), JSON)
    told = answer.json()["partialSuccess"]
    assert (answer.status_code, told["rejectedSpans"]) == (200, "2")
    assert ("default", "a1" * 16, SPAN) in everything(client)["spans"]


def test_a_request_without_spans_is_fine(client):
    before = everything(client)
    assert post(client, b"").status_code == 200
    assert post(client, b"{}", JSON).status_code == 200
    assert everything(client) == before


def test_the_same_again_changes_nothing(client):
    body = protobuf(span(ANSWERED, trace_id="b1" * 16), span(span_id="11" * 8, trace_id="b1" * 16, parent_id=SPAN))
    assert post(client, body).status_code == 200
    once = everything(client)
    assert post(client, body).status_code == 200
    assert everything(client) == once


BAD = {
    "truncated protobuf": (protobuf(span(ANSWERED))[:-3], PROTOBUF, {}, 400),
    "truncated json": (in_json(span(ANSWERED))[:-3], JSON, {}, 400),
    "another shape": (b'{"resourceSpans": 5}', JSON, {}, 400),
    "deep": (b"[" * 100_000 + b"]" * 100_000, JSON, {}, 413),
    "not a number": (b'{"resourceSpans": NaN}', JSON, {}, 400),
    "not gzip": (protobuf(span(ANSWERED)), PROTOBUF, {"content_encoding": "gzip"}, 400),
    "truncated gzip": (gzip.compress(protobuf(span(ANSWERED)))[:-9], PROTOBUF, {"content_encoding": "gzip"}, 400),
    "another encoding": (b"", PROTOBUF, {"content_encoding": "br"}, 415),
    "another type": (b"x", "text/plain", {}, 415),
    "no type": (b"x", "", {}, 415),
    "too many": (protobuf(*[span(ANSWERED)] * 51), PROTOBUF, {}, 413),
    "a nameless project": (protobuf(span(ANSWERED)), PROTOBUF, {"x_wherefrom_project": "a\tb"}, 422),
    "a long project": (protobuf(span(ANSWERED)), PROTOBUF, {"x_wherefrom_project": "a" * 201}, 422),
}


@pytest.mark.parametrize("case", BAD)
def test_what_cannot_be_used_is_refused_whole(client, case):
    body, content_type, headers, status = BAD[case]
    before = everything(client)
    answer = post(client, body, content_type, **headers)
    assert answer.status_code == status
    assert everything(client) == before
    if content_type != PROTOBUF:
        assert answer.headers["content-type"] == "application/problem+json"
        assert answer.json()["status"] == status
    elif case != "a long project":
        assert answer.headers["content-type"] == PROTOBUF
        assert answer.content[:3] == b"\x08" + bytes([status & 0x7F | 0x80, status >> 7])  # google.rpc.Status.code


def test_hostile_texts_are_kept_and_harm_nothing(client):
    name = "'; DROP TABLE spans; --\0\u202e\u2028"
    request = json.loads(in_json(span(ANSWERED | {"x": "y" * (1 << 20)}, trace_id="c1" * 16, name=name)))
    request["resourceSpans"][0]["scopeSpans"][0]["spans"][0]["status"]["message"] = "\ud800"
    assert post(client, json.dumps(request).encode(), JSON).status_code == 200
    found = everything(client)
    assert found["spans"]["default", "c1" * 16, SPAN]["name"] == name
    assert len(found["payloads"]["default", "c1" * 16, SPAN]["attributes"]["x"]) == 1 << 20


def test_a_header_names_the_project(client):
    assert post(client, protobuf(span(trace_id="d1" * 16)), x_wherefrom_project="mine").status_code == 200
    assert post(client, protobuf(span(trace_id="d2" * 16)), x_wherefrom_project="größe".encode()).status_code == 200
    found = everything(client)["traces"]
    assert {("mine", "d1" * 16), ("größe", "d2" * 16)} <= found.keys()


def test_a_trace_goes_where_its_roots_service_is(client):
    resource = {"service.name": "app"}
    child = span(trace_id="e1" * 16, span_id="22" * 8, parent_id=SPAN)
    assert post(client, protobuf(child, resource=resource)).status_code == 200
    assert ("default", "e1" * 16) in everything(client)["traces"]
    assert post(client, protobuf(span(trace_id="e1" * 16), resource=resource)).status_code == 200
    found = everything(client)["traces"]
    assert ("default", "e1" * 16) not in found
    assert found["app", "e1" * 16]["spans"] == 2


@pytest.mark.parametrize("content_type", WRITERS)
def test_log_events_bring_the_content(client, content_type):
    write_spans, write_logs = WRITERS[content_type]
    trace_id = {JSON: "f1", PROTOBUF: "f2"}[content_type] * 16
    said = [{"role": "assistant", "parts": [{"type": "text", "content": "There."}], "finish_reason": "stop"}]
    logs = write_logs(("gen_ai.client.inference.operation.details", {"gen_ai.output.messages": said}, None))
    logs = logs.replace(TRACE.encode(), trace_id.encode()).replace(bytes.fromhex(TRACE), bytes.fromhex(trace_id))
    spans = write_spans(span({"gen_ai.operation.name": "chat"}, trace_id=trace_id))
    for path, body in (("/v1/logs", logs), ("/v1/traces", spans)):
        answer = post(client, body, content_type, path)
        assert (answer.status_code, answer.headers["content-type"]) == (200, content_type)
    found = everything(client)
    assert found["payloads"]["default", trace_id, SPAN]["output_messages"][0]["parts"][0]["text"] == "There."
    assert found["spans"]["default", trace_id, SPAN]["name"] == "chat"
    if content_type == PROTOBUF:
        assert ExportLogsServiceResponse.FromString(answer.content) == ExportLogsServiceResponse()


def test_an_unavailable_store_asks_for_a_retry(client, monkeypatch):
    def full(self, work, *, size=0):
        future = Future()
        future.set_exception(StoreUnavailableError("The disk is full."))
        return future

    monkeypatch.setattr(TraceStore, "write", full)
    answer = post(client, protobuf(span(ANSWERED)))
    assert (answer.status_code, answer.headers["content-type"]) == (503, PROTOBUF)
    assert int(answer.headers["retry-after"]) >= 1
    assert b"The disk is full." in answer.content
    assert post(client, in_json(span(ANSWERED)), JSON).json()["status"] == 503


def test_keys_decide_the_project(tmp_path):
    with in_process(tmp_path, attach=False) as client:
        store = client.app.state.services.store

        def key(role, project):
            return store.write(lambda connection: create_key(connection, role, project, "", START)).result()[0]

        bound, reader = key("ingest", "theirs"), key("read", None)
        assert post(client, protobuf(span(), resource={"service.name": "app"}), x_api_key=bound).status_code == 200
        assert post(client, protobuf(span()), x_api_key=bound, x_wherefrom_project="theirs").status_code == 200
        assert list(everything(client)["traces"]) == [("theirs", TRACE)]
        refused = post(client, protobuf(span()), x_api_key=bound, x_wherefrom_project="another")
        assert (refused.status_code, refused.headers["content-type"]) == (403, PROTOBUF)
        assert post(client, in_json(span()), JSON, x_api_key=reader).status_code == 403
        assert list(everything(client)["traces"]) == [("theirs", TRACE)]
