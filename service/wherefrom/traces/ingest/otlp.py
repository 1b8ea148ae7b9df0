"""OTLP over HTTP: export requests to batches, in protobuf and JSON, and the answers to them.

Which project a span belongs to: the one that the API key is limited to; else the one that the request's header names;
else that of the attribute `wherefrom.project` or `openinference.project.name`, of the span or its resource; else the
`service.name` of the trace's root, where other spans of the trace then go too; else `default`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from enum import StrEnum
from types import ModuleType

import orjson
from opentelemetry.proto.collector.logs.v1.logs_service_pb2 import ExportLogsServiceResponse
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceResponse

from wherefrom.errors import LimitError, UnsupportedMediaError
from wherefrom.traces.ingest import otlp_json, otlp_protobuf
from wherefrom.traces.ingest.conventions import interpreted, interpreted_record
from wherefrom.traces.ingest.conventions.genai_events import DETAILS, NAMES
from wherefrom.traces.ingest.limits import IngestLimits
from wherefrom.traces.ingest.otel_spans import OtelSpan, RefusedSpanError
from wherefrom.traces.model import Event, IngestBatch, Json, Protocol, RawRequest


class Encoding(StrEnum):
    """How a request is written, and so the answer to it."""

    PROTOBUF = "application/x-protobuf"
    JSON = "application/json"


def encoding_of(content_type: str) -> Encoding:
    """The encoding that a Content-Type names.

    Raises:
        UnsupportedMediaError: it names none of OTLP's.
    """
    named = content_type.partition(";")[0].strip().lower()
    if named in ("application/x-protobuf", "application/protobuf"):
        return Encoding.PROTOBUF
    if named == "application/json":
        return Encoding.JSON
    raise UnsupportedMediaError(
        f"The Content-Type is {named[:100]!r}; traces are sent as application/x-protobuf or application/json."
    )


def read_traces(
    body: bytes,
    content_type: str,
    *,
    limits: IngestLimits,
    project: str | None = None,
    only_project: str | None = None,
    path: str = "/v1/traces",
) -> IngestBatch:
    """What an export request for traces says.

    Args:
        body: decompressed.
        project: the one that a header names: of all spans, whatever their attributes name.
        only_project: the one that the API key is limited to.

    Raises:
        MalformedError, UnsupportedMediaError: not an export request in the encoding that `content_type` names.
        LimitError: more spans than are accepted.
    """
    decoder = _decoder(content_type)
    refused = _Refused()
    spans = list(refused.kept(decoder.decoded_spans(body, limits), limits))
    updates = tuple(interpreted(span, limits, project) for span in spans)
    return IngestBatch(
        spans=updates,
        raw=RawRequest(Protocol.OTLP, path, content_type, "", body),
        project=project,
        only_project=only_project,
        rejected=refused.count,
        reason=refused.reason,
    )


def read_logs(
    body: bytes,
    content_type: str,
    *,
    limits: IngestLimits,
    project: str | None = None,
    only_project: str | None = None,
    path: str = "/v1/logs",
) -> IngestBatch:
    """What an export request for logs says about spans: contents of generations; other records are left out.

    The records of one span are read together, so those of a message each should come in one request.

    Raises:
        MalformedError, UnsupportedMediaError: not an export request in the encoding that `content_type` names.
        LimitError: more records than are accepted.
    """
    decoder = _decoder(content_type)
    refused = _Refused()
    records = refused.kept(decoder.decoded_records(body, limits), limits)
    spans = _by_span(record for record in records if _event_name(record) in NAMES)
    return IngestBatch(
        spans=tuple(interpreted_record(span, limits, project) for span in spans),
        raw=RawRequest(Protocol.OTLP, path, content_type, "", body) if spans else None,
        project=project,
        only_project=only_project,
        rejected=refused.count,
        reason=refused.reason,
    )


def traces_answer(encoding: Encoding, rejected: int = 0, reason: str = "") -> bytes:
    """The answer to an export request for traces that was accepted, if only partly."""
    if encoding is Encoding.JSON:
        return _json_answer("rejectedSpans", rejected, reason)
    answer = ExportTraceServiceResponse()
    if rejected or reason:
        answer.partial_success.rejected_spans = rejected
        answer.partial_success.error_message = reason
    return bytes(answer.SerializeToString())


def logs_answer(encoding: Encoding, rejected: int = 0, reason: str = "") -> bytes:
    """The answer to an export request for logs that was accepted, if only partly."""
    if encoding is Encoding.JSON:
        return _json_answer("rejectedLogRecords", rejected, reason)
    answer = ExportLogsServiceResponse()
    if rejected or reason:
        answer.partial_success.rejected_log_records = rejected
        answer.partial_success.error_message = reason
    return bytes(answer.SerializeToString())


def status_answer(code: int, message: str) -> bytes:
    """A `google.rpc.Status` in protobuf, by which the protocol tells of a refusal.

    Written by hand: two fields, whose message type is in no package that is needed otherwise.
    """
    text = message.encode("utf-8", "replace")
    return b"\x08" + _varint(code) + b"\x12" + _varint(len(text)) + text


def _varint(number: int) -> bytes:
    encoded = bytearray()
    while number > 0x7F:
        encoded.append(number & 0x7F | 0x80)
        number >>= 7
    encoded.append(number)
    return bytes(encoded)


def _json_answer(name: str, rejected: int, reason: str) -> bytes:
    if not rejected and not reason:
        return b"{}"
    # The protocol writes 64-bit integers of JSON as strings.
    return orjson.dumps({"partialSuccess": {name: str(rejected), "errorMessage": reason}})


def _decoder(content_type: str) -> ModuleType:
    return otlp_json if encoding_of(content_type) is Encoding.JSON else otlp_protobuf


class _Refused:
    """Counts what cannot be used, and remembers why the first could not."""

    def __init__(self) -> None:
        self.count = 0
        self.reason = ""

    def kept(self, found: Iterable[OtelSpan | RefusedSpanError], limits: IngestLimits) -> Iterator[OtelSpan]:
        for number, item in enumerate(found, 1):
            if number > limits.max_batch_items:
                raise LimitError(
                    f"The request holds more than {limits.max_batch_items} items; send fewer at once"
                    " (max_batch_items sets the limit)."
                )
            if isinstance(item, RefusedSpanError):
                self.count += 1
                self.reason = self.reason or str(item)
            else:
                yield item


def _event_name(record: OtelSpan) -> Json:
    return record.name or record.attributes.get("event.name")


def _by_span(records: Iterable[OtelSpan]) -> list[OtelSpan]:
    """One for each span: its records are its events, and what they say of the call its attributes."""
    found: dict[tuple[str, str], OtelSpan] = {}
    for record in records:
        name = _event_name(record)
        said = dict(record.attributes)
        if name == DETAILS and isinstance(said.get("body"), dict):
            said |= said.pop("body")
        event = Event(name, record.start_ns or 0, said)
        about = {key: value for key, value in said.items() if key.startswith("gen_ai.") and key not in _CONTENT}
        span = found.setdefault((record.trace_id, record.span_id), replace(record, attributes={}, events=()))
        found[record.trace_id, record.span_id] = replace(
            span, attributes={**span.attributes, **about}, events=(*span.events, event)
        )
    return list(found.values())


_CONTENT = frozenset(
    {"gen_ai.input.messages", "gen_ai.output.messages", "gen_ai.system_instructions", "gen_ai.event.content"}
)
