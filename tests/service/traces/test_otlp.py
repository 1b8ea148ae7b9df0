"""OTLP requests as batches: both encodings, broken and hostile ones."""

from __future__ import annotations

import base64
import json
import math

import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import (
    ExportTraceServiceRequest,
    ExportTraceServiceResponse,
)
from otlp_requests import SPAN, START, TRACE, in_json, log_json, log_protobuf, protobuf, span

from wherefrom.errors import LimitError, MalformedError, UnsupportedMediaError
from wherefrom.traces.ingest.json_values import clean_value
from wherefrom.traces.ingest.limits import IngestLimits
from wherefrom.traces.ingest.otlp import (
    Encoding,
    encoding_of,
    logs_answer,
    read_logs,
    read_traces,
    status_answer,
    traces_answer,
)
from wherefrom.traces.model import Event, Kind, Link, Protocol, Status

LIMITS = IngestLimits()
LATEST = (1 << 63) - 1


def read(body, encoding=Encoding.PROTOBUF, limits=LIMITS, **named):
    return read_traces(body, encoding.value, limits=limits, **named)


def ids(length):
    return st.binary(min_size=length, max_size=length).filter(any).map(bytes.hex)


TEXT = st.text()
VALUES = st.recursive(
    st.booleans() | st.integers(-(1 << 63), (1 << 63) - 1) | st.floats(allow_nan=False, allow_infinity=False) | TEXT,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXT, inner, max_size=3),
    max_leaves=6,
)
# No convention reads these, so that they come out as they went in.
ATTRIBUTES = st.dictionaries(TEXT.map(lambda name: "app." + name), VALUES, max_size=4)
TIMES = st.integers(1, LATEST)
SPANS = st.builds(
    span,
    ATTRIBUTES,
    trace_id=ids(16),
    span_id=ids(8),
    parent_id=st.just("") | ids(8),
    name=TEXT,
    kind=st.integers(0, 5),
    code=st.integers(0, 2),
    message=TEXT,
    start=TIMES,
    end=TIMES,
    events=st.lists(st.tuples(TEXT.map(lambda name: "app." + name), TIMES, ATTRIBUTES), max_size=2),
    links=st.lists(st.tuples(ids(16), ids(8), ATTRIBUTES), max_size=2),
)


@settings(max_examples=60)
@given(st.lists(SPANS, max_size=3), ATTRIBUTES)
def test_round_trip_in_both_encodings(spans, resource):
    batch = read(protobuf(*spans, resource=resource))
    assert batch.spans == read(in_json(*spans, resource=resource), Encoding.JSON).spans
    assert batch.rejected == 0
    assert len(batch.spans) == len(spans)
    for sent, update in zip(spans, batch.spans, strict=True):
        assert (update.trace_id, update.span_id, update.parent_id) == (
            sent["trace_id"],
            sent["span_id"],
            sent["parent_id"],
        )
        assert (update.name, update.start_ns, update.end_ns) == (sent["name"], sent["start"], sent["end"])
        assert update.status is (Status.ERROR if sent["code"] == 2 else Status.OK)
        assert sent["code"] == 0 or (update.status_message or "") == sent["message"]
        assert sent["attributes"].items() <= update.attributes.items()
        assert update.attributes.get("otel.resource", {}) == resource
        assert (update.events or ()) == tuple(Event(*event) for event in sent["events"])
        assert (update.links or ()) == tuple(Link(*link) for link in sent["links"])
        assert (update.protocol, update.precedence, update.kind) == (Protocol.OTLP, 1, None)


@given(st.binary())
def test_any_bytes_are_a_batch_or_a_typed_error(data):
    for encoding in Encoding:
        for reader in (read_traces, read_logs):
            try:
                reader(data, encoding.value, limits=LIMITS)
            except (MalformedError, LimitError) as error:
                text = str(error)
                text.encode()


@settings(max_examples=80)
@given(st.data())
def test_a_truncated_or_changed_request_is_read_or_refused(data):
    whole = protobuf(
        span({"gen_ai.system": "x", "list": [1, {"a": "b"}]}, events=[("e", 5, {"k": "v"})]), resource={"r": 1}
    )
    for encoding, body in ((Encoding.PROTOBUF, whole), (Encoding.JSON, in_json(span({"list": [1, {"a": "b"}]})))):
        cut = bytearray(body[: data.draw(st.integers(0, len(body)))])
        for _ in range(data.draw(st.integers(0, 3))):
            if cut:
                cut[data.draw(st.integers(0, len(cut) - 1))] = data.draw(st.integers(0, 255))
        try:
            batch = read(bytes(cut), encoding)
        except (MalformedError, LimitError):
            continue
        orjson.dumps([dict(update.attributes) for update in batch.spans])


NAMES = """resourceSpans scopeSpans spans resource scope attributes key value stringValue intValue doubleValue boolValue
arrayValue kvlistValue values traceId spanId parentSpanId name startTimeUnixNano events links status code kind
bytesValue timeUnixNano"""
FIELDS = st.sampled_from(NAMES.split())
LEAVES = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False)
LEAVES |= st.sampled_from(["", "x", TRACE, SPAN, "0" * 32, "1700000000000000000", "NaN", "-5"])
SHAPES = st.recursive(LEAVES, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(FIELDS, inner, max_size=4))


@settings(max_examples=60)
@given(SHAPES, SHAPES, SHAPES, st.dictionaries(FIELDS, SHAPES))
def test_any_json_shape_is_read_or_refused(whole, attributes, value, fields):
    good = {"traceId": TRACE, "spanId": SPAN, "name": "n", "startTimeUnixNano": "1", "endTimeUnixNano": "2"}
    pairs = [{"key": "a", "value": value}]
    for item in (good | {"attributes": attributes}, good | {"attributes": pairs}, good | fields):
        for request in (whole, {"resourceSpans": [{"scopeSpans": [{"spans": [item]}]}]}):
            try:
                batch = read(json.dumps(request).encode(), Encoding.JSON)
            except (MalformedError, LimitError):
                continue
            assert batch.rejected + len(batch.spans) <= 1
            assert bool(batch.rejected) == bool(batch.reason)


@pytest.mark.parametrize(
    "body",
    [b"[]", b"5", b'{"resourceSpans": 5}', b'{"resourceSpans": [5]}', b'{"resourceSpans": [{"scopeSpans": {}}]}'],
)
def test_json_that_is_no_request_is_malformed(body):
    with pytest.raises(MalformedError, match="not an OTLP export request"):
        read(body, Encoding.JSON)


def test_deep_json_is_a_limit():
    with pytest.raises((LimitError, MalformedError)):
        read(b'{"resourceSpans":' + b"[" * 100_000 + b"]" * 100_000 + b"}", Encoding.JSON)


def deep(levels):
    value = "x"
    for _ in range(levels):
        value = [value]
    return value


def test_nesting_of_attributes_is_counted_in_both_encodings():
    limits = IngestLimits(max_nesting=20)
    for body, encoding in ((protobuf, Encoding.PROTOBUF), (in_json, Encoding.JSON)):
        batch = read(body(span({"a": deep(20)}), span({"a": deep(21)})), encoding, limits)
        assert (len(batch.spans), batch.rejected) == (1, 1)
        assert "more than 20 levels" in batch.reason
    with pytest.raises(MalformedError):  # the protobuf library's own bound
        read(protobuf(span({"a": deep(200)})))


def test_attributes_of_a_megabyte_are_kept_and_longer_ones_refused():
    for body, encoding in ((protobuf, Encoding.PROTOBUF), (in_json, Encoding.JSON)):
        batch = read(body(span({"a": "é" * (1 << 19)})), encoding)
        assert len(batch.spans[0].attributes["a"]) == 1 << 19
        limits = IngestLimits(max_attribute_bytes=1000)
        bodies = [span({"a": "é" * 500}), span({"a": "é" * 501}), span({"a": ["x" * 400] * 3}), span({"b": 1})]
        batch = read(body(*bodies), encoding, limits)
        assert (len(batch.spans), batch.rejected) == (2, 2)
        assert "'a' has more than 1000 bytes" in batch.reason


def test_numbers_of_attributes_events_and_spans_are_bounded():
    limits = IngestLimits(max_attributes=3, max_batch_items=4)
    four = {str(number): number for number in range(4)}
    for body, encoding in ((protobuf, Encoding.PROTOBUF), (in_json, Encoding.JSON)):
        bad = [span(four), span(events=[("e", 1, {})] * 4), span(links=[(TRACE, SPAN, {})] * 4)]
        batch = read(body(*bad, span()), encoding, limits)
        assert (len(batch.spans), batch.rejected) == (1, 3)
        assert read(body(span(), resource=four), encoding, limits).rejected == 1
        with pytest.raises(LimitError, match="more than 4 items"):
            read(body(*[span()] * 5), encoding, limits)


@pytest.mark.parametrize(
    ("sent", "found"),
    [
        (TRACE, TRACE),
        (TRACE.upper(), TRACE),
        (base64.b64encode(bytes.fromhex(TRACE)).decode(), TRACE),
        (base64.urlsafe_b64encode(bytes.fromhex(TRACE)).decode().rstrip("="), TRACE),
        (base64.b64encode(b"\xff" * 16).decode(), "ff" * 16),
        (base64.urlsafe_b64encode(b"\xff" * 16).decode(), "ff" * 16),
        (TRACE[:-2], None),
        (TRACE + "00", None),
        (TRACE[:-1] + "g", None),
        ("0" * 32, None),
        ("", None),
        (None, None),
        (5, None),
        ("\u0661" * 32, None),
        (base64.b64encode(b"short").decode(), None),
    ],
)
def test_trace_ids_in_json(sent, found):
    request = json.loads(in_json(span(), span(trace_id="11" * 16)))
    request["resourceSpans"][0]["scopeSpans"][0]["spans"][0]["traceId"] = sent
    batch = read(json.dumps(request).encode(), Encoding.JSON)
    assert [update.trace_id for update in batch.spans] == ([found] if found else []) + ["11" * 16]
    assert batch.rejected == (not found)
    assert found or "32 hex digits" in batch.reason


@pytest.mark.parametrize(
    ("sent", "found"),
    [
        (SPAN, SPAN),
        (base64.b64encode(bytes.fromhex(SPAN)).decode(), SPAN),
        ("", ""),
        (None, ""),
        ("0" * 16, ""),
        ("abc", None),
        (7, None),
    ],
)
def test_parent_ids_in_json(sent, found):
    request = json.loads(in_json(span()))
    request["resourceSpans"][0]["scopeSpans"][0]["spans"][0]["parentSpanId"] = sent
    batch = read(json.dumps(request).encode(), Encoding.JSON)
    assert [update.parent_id for update in batch.spans] == ([] if found is None else [found])


@settings(max_examples=80)
@given(st.binary(max_size=20), st.binary(max_size=10), st.binary(max_size=10))
def test_ids_of_wrong_lengths_in_protobuf(trace, own, parent):
    request = ExportTraceServiceRequest()
    spans = request.resource_spans.add().scope_spans.add().spans
    spans.add(trace_id=trace, span_id=own, parent_span_id=parent)
    batch = read(request.SerializeToString())
    is_good = len(trace) == 16 and len(own) == 8 and any(trace) and any(own) and len(parent) in (0, 8)
    assert (len(batch.spans), batch.rejected) == ((1, 0) if is_good else (0, 1))


def test_snake_case_enumerations_and_old_names_are_read():
    request = {
        "resource_spans": [
            {
                "resource": {"attributes": [{"key": "service.name", "value": {"string_value": "app"}}]},
                "instrumentation_library_spans": [
                    {
                        "instrumentation_library": {"name": "lib", "version": "1"},
                        "spans": [
                            {
                                "trace_id": TRACE,
                                "span_id": SPAN,
                                "start_time_unix_nano": START,
                                "end_time_unix_nano": str(START + 5),
                                "kind": "SPAN_KIND_SERVER",
                                "status": {"code": "STATUS_CODE_ERROR", "message": "no"},
                                "attributes": [{"key": "n", "value": {"int_value": 5}}],
                            }
                        ],
                    }
                ],
            }
        ]
    }
    (update,) = read(orjson.dumps(request), Encoding.JSON).spans
    assert (update.start_ns, update.end_ns) == (START, START + 5)
    assert (update.status, update.status_message) == (Status.ERROR, "no")
    assert update.attributes == {
        "n": 5,
        "otel.resource": {"service.name": "app"},
        "otel.scope.name": "lib",
        "otel.scope.version": "1",
        "otel.span_kind": "server",
    }


def test_odd_values():
    sent = {"nan": math.nan, "inf": math.inf, "none": None, "nul": "a\0b", "big": 2**63 - 1, "bytes": b"\xff\0"}
    (update,) = read(protobuf(span(sent))).spans
    assert update.attributes["nul"] == "a\0b"
    assert update.attributes["big"] == 2**63 - 1
    assert update.attributes["bytes"] == "/wA="
    assert not {"nan", "inf", "none"} & update.attributes.keys()
    values = {
        "nan": {"doubleValue": "NaN"},
        "double": {"doubleValue": "1.5"},
        "int": {"intValue": 7},
        "empty": {},
        "null": None,
        "surrogate": {"stringValue": "\ud800"},
    }
    request = json.loads(in_json(span()))
    target = request["resourceSpans"][0]["scopeSpans"][0]["spans"][0]
    target["attributes"] = [{"key": key, "value": value} for key, value in values.items()]
    (update,) = read(json.dumps(request).encode(), Encoding.JSON).spans
    assert {key: update.attributes[key] for key in values if key in update.attributes} == {
        "double": 1.5,
        "int": 7,
        "surrogate": "\ufffd",
    }


@pytest.mark.parametrize(
    ("start", "end", "kept"),
    [(START, START - 5, True), (1, LATEST, True), (0, 5, True), (5, 0, True), (2**63, 5, False), (5, 2**64 - 1, False)],
)
def test_times_are_kept_as_they_are(start, end, kept):
    for body, encoding in ((protobuf, Encoding.PROTOBUF), (in_json, Encoding.JSON)):
        batch = read(body(span(start=start, end=end)), encoding)
        assert len(batch.spans) == kept
        if kept:
            (update,) = batch.spans
            assert (update.start_ns or 0, update.end_ns or 0) == (start, end)
            assert update.precedence == (1 if end else 0)
            assert update.status is (Status.OK if end else Status.UNSET)


@pytest.mark.parametrize("time", ["x", "1.5", [], True, "1" * 30, -1])
def test_times_that_are_none(time):
    request = json.loads(in_json(span()))
    request["resourceSpans"][0]["scopeSpans"][0]["spans"][0]["endTimeUnixNano"] = time
    batch = read(json.dumps(request).encode(), Encoding.JSON)
    assert (len(batch.spans), batch.rejected) == (0, 1)


def test_cycles_and_repeated_ids_are_told_as_they_are():
    batch = read(protobuf(span(parent_id=SPAN), span(name="again"), span(name="again")))
    assert [update.parent_id for update in batch.spans] == [SPAN, "", ""]


def test_the_project_is_the_headers_then_the_attributes_then_the_roots_service():
    service = {"service.name": "app"}
    child = span(parent_id="11" * 8)

    def projects(*spans, resource=service, **named):
        return [update.project for update in read(protobuf(*spans, resource=resource), **named).spans]

    assert projects(span(), child) == ["app", None]
    assert projects(span(), child, project="p") == ["p", "p"]
    assert projects(span(), child, resource=service | {"openinference.project.name": "o"}) == ["o", "o"]
    assert projects(
        span({"wherefrom.project": "w"}), child, resource=service | {"openinference.project.name": "o"}
    ) == ["w", "o"]
    assert projects(span(), resource={"service.name": "unknown_service:python"}) == [None]
    batch = read(protobuf(span()), project="p", only_project="k")
    assert (batch.project, batch.only_project) == ("p", "k")


def test_the_request_is_kept_as_it_came():
    body = protobuf(span())
    raw = read(body).raw
    assert (raw.body, raw.path, raw.content_type) == (body, "/v1/traces", Encoding.PROTOBUF.value)


@pytest.mark.parametrize("named", ["text/plain", "", "application/grpc", "x" * 500])
def test_other_content_types_are_unsupported(named):
    with pytest.raises(UnsupportedMediaError, match="traces are sent as"):
        encoding_of(named)


def test_content_types_are_read_with_parameters():
    assert encoding_of("Application/JSON; charset=utf-8") is Encoding.JSON
    assert encoding_of("application/protobuf") is Encoding.PROTOBUF


def test_answers():
    answer = ExportTraceServiceResponse()
    assert traces_answer(Encoding.PROTOBUF) == b""
    answer.ParseFromString(traces_answer(Encoding.PROTOBUF, 3, "why"))
    assert (answer.partial_success.rejected_spans, answer.partial_success.error_message) == (3, "why")
    assert traces_answer(Encoding.JSON) == b"{}"
    assert orjson.loads(traces_answer(Encoding.JSON, 3, "why")) == {
        "partialSuccess": {"rejectedSpans": "3", "errorMessage": "why"}
    }
    assert b"rejectedLogRecords" in logs_answer(Encoding.JSON, 3, "why")
    assert logs_answer(Encoding.PROTOBUF) == b""
    # google.rpc.Status: field 1 is the code, field 2 the message, which here has the shape of a link's trace state.
    assert status_answer(503, "x" * 300)[:6] == b"\x08\xf7\x03\x12\xac\x02"


CHAT = [{"role": "user", "parts": [{"type": "text", "content": "Where?"}]}]
ANSWER = [{"role": "assistant", "parts": [{"type": "text", "content": "There."}], "finish_reason": "stop"}]
DETAILS = "gen_ai.client.inference.operation.details"


@pytest.mark.parametrize(
    "records",
    [
        [
            (
                DETAILS,
                {"gen_ai.input.messages": CHAT, "gen_ai.output.messages": ANSWER, "gen_ai.request.model": "m"},
                None,
            )
        ],
        [(DETAILS, {"gen_ai.request.model": "m"}, {"gen_ai.input.messages": CHAT, "gen_ai.output.messages": ANSWER})],
        [
            (
                "",
                {
                    "event.name": DETAILS,
                    "gen_ai.input.messages": json.dumps(CHAT),
                    "gen_ai.output.messages": json.dumps(ANSWER),
                    "gen_ai.request.model": "m",
                },
                None,
            )
        ],
        [
            ("gen_ai.user.message", {"gen_ai.system": "openai", "gen_ai.request.model": "m"}, {"content": "Where?"}),
            (
                "gen_ai.choice",
                {"gen_ai.system": "openai"},
                {"index": 0, "finish_reason": "stop", "message": {"content": "There."}},
            ),
            ("exception", {"gen_ai.system": "no"}, "boom"),
        ],
    ],
)
def test_log_events_tell_the_content_of_a_span(records):
    for body, encoding in ((log_protobuf(*records), Encoding.PROTOBUF), (log_json(*records), Encoding.JSON)):
        batch = read_logs(body, encoding.value, limits=LIMITS)
        (update,) = batch.spans
        assert (update.trace_id, update.span_id, update.precedence) == (TRACE, SPAN, 0)
        assert (update.kind, update.model) == (Kind.LLM, "m")
        assert [message.parts[0].text for message in update.input_messages] == ["Where?"]
        assert [message.parts[0].text for message in update.output_messages] == ["There."]
        assert update.output_messages[0].finish_reason == "stop"
        said = (update.name, update.parent_id, update.start_ns, update.end_ns, update.status, update.project)
        assert said == (None,) * 6


def test_other_log_records_are_left_out():
    batch = read_logs(log_protobuf(("app.event", {"a": 1}, "text")), Encoding.PROTOBUF.value, limits=LIMITS)
    assert (batch.spans, batch.raw, batch.rejected) == ((), None, 0)


@settings(max_examples=30)
@given(st.text(st.characters(), max_size=30))
def test_texts_of_json_are_clean(text):
    update = read_span_json(text)
    assert update.name == clean_value(text)
    assert update.attributes["a"] == clean_value(text)


def read_span_json(text):
    (update,) = read(in_json(span({"a": text}, name=text)), Encoding.JSON).spans
    return update
