"""Bodies that would decode to far more than they are."""

from __future__ import annotations

import tracemalloc

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from otlp_requests import log_protobuf, protobuf, span

from wherefrom.errors import LimitError
from wherefrom.traces.ingest.json_values import parse_json
from wherefrom.traces.ingest.limits import IngestLimits
from wherefrom.traces.ingest.otlp import Encoding, read_logs, read_traces
from wherefrom.traces.ingest.wire import _exceeds, _schema, check_request

REQUEST = ExportTraceServiceRequest.DESCRIPTOR
PATH = (1, 2, 2)


def field(number, content=b""):
    """A field of bytes, in the wire format."""
    size, encoded = len(content), bytearray([number << 3 | 2])
    while size > 0x7F:
        encoded.append(size & 0x7F | 0x80)
        size >>= 7
    return bytes([*encoded, size]) + content


def nested(*numbers, content):
    for number in reversed(numbers):
        content = field(number, content)
    return content


TIMES = 2_200_000
BOMBS = {
    "groups of resources": field(1) * TIMES,
    "groups of scopes": nested(1, content=field(2) * TIMES),
    "spans": nested(1, 2, content=field(2) * TIMES),
    "attributes": nested(1, 2, 2, content=field(9) * TIMES),
    "events": nested(1, 2, 2, content=field(11) * TIMES),
    "links of a few bytes": nested(1, 2, 2, content=field(13, b"\x08\x01") * TIMES),
    "attributes of the resource": nested(1, 1, content=field(1) * TIMES),
    "items of an array": nested(1, 2, 2, 9, 2, 5, content=field(1) * TIMES),
    "attributes of many spans": nested(1, 2, content=field(2, field(9) * 1000) * (TIMES // 1000)),
}


@pytest.mark.parametrize("bomb", BOMBS)
def test_many_empty_messages_are_refused_before_they_take_memory(bomb):
    tracemalloc.start()
    try:
        with pytest.raises(LimitError, match="send fewer"):
            read_traces(BOMBS[bomb], Encoding.PROTOBUF.value, limits=IngestLimits(max_batch_items=200))
        assert tracemalloc.get_traced_memory()[1] < 16 << 20
    finally:
        tracemalloc.stop()


@pytest.mark.parametrize("value", ["[]", "{}", '{"a":[]}', "0.5"])
def test_json_of_brackets_and_commas_is_refused_before_it_takes_memory(value):
    text = ("[" + ",".join([value] * (24_000_000 // (len(value) + 1))) + "]").encode()
    tracemalloc.start()
    try:
        with pytest.raises(LimitError, match="too many values"):
            parse_json(text, nesting=100)
        assert tracemalloc.get_traced_memory()[1] < 16 << 20
    finally:
        tracemalloc.stop()


def test_large_requests_of_sense_are_read():
    limits = IngestLimits(max_batch_items=1000)
    large = [span({f"a{number}": number for number in range(80)} | {"text": "x" * 5000}) for _ in range(1000)]
    batch = read_traces(protobuf(*large), Encoding.PROTOBUF.value, limits=limits)
    assert (len(batch.spans), batch.rejected) == (1000, 0)


def test_items_of_logs_are_counted_too():
    with pytest.raises(LimitError, match="more than 5 items"):
        read_logs(log_protobuf(*[("e", {}, None)] * 6), Encoding.PROTOBUF.value, limits=IngestLimits(max_batch_items=5))


def messages_in(message):
    """How many messages a message holds, at all levels, as the library tells it."""
    count = 0
    for described, value in message.ListFields():
        if described.message_type:
            inner = [value] if not hasattr(value, "add") else value
            count += sum(1 + messages_in(each) for each in inner)
    return count


VALUES = st.recursive(
    st.integers(0, 9) | st.text(max_size=3),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=2), inner, max_size=3),
)


@settings(max_examples=50)
@given(st.lists(st.dictionaries(st.text(max_size=3), VALUES, max_size=3), max_size=4))
def test_messages_are_counted_as_the_library_does(attributes):
    body = protobuf(*[span(each, events=[("e", 1, each)]) for each in attributes], resource={"r": [1, 2]})
    count = messages_in(ExportTraceServiceRequest.FromString(body))
    assert _exceeds(body, _schema(REQUEST), count - 1)
    assert not _exceeds(body, _schema(REQUEST), count)


@given(st.binary(max_size=200))
def test_any_bytes_are_walked(body):
    check_request(body, PATH, REQUEST, IngestLimits())
    _exceeds(body, _schema(REQUEST), 1000)
