"""MLflow's traces: `Trace.to_json`, the JSON of its command line, and the rows of `search_traces`."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import orjson

from wherefrom.errors import RequestError
from wherefrom.traces.ingest.conventions import interpreted
from wherefrom.traces.ingest.exports.taken import LIMITS, Fields, Taken, list_in, object_in, without_gaps
from wherefrom.traces.ingest.mlflow import TraceInfo, read_assessment, read_trace_info, trace_hex
from wherefrom.traces.ingest.otel_spans import LATEST_NS, OtelSpan, Source
from wherefrom.traces.model import Event, ScoreUpdate

_CODES = {"OK": 1, "ERROR": 2}
_OF_THE_INFO = ("trace_id", "request_id", "state", "status", "trace_metadata", "request_metadata", "tags")
_LOCATION = ("trace_location", "experiment_id", "client_request_id", "assessments")
_MAX_NAME = 512


def recognises(record: Fields) -> bool:
    """Whether a record is a trace of MLflow: one of its own JSON, or a row of its table."""
    if "info" in record and "data" in record:
        info = object_in(record["info"])
        return "trace_id" in info or "request_id" in info
    if not ({"trace_id", "request_id"} & record.keys()):
        return False
    return "spans" in record and bool({"execution_duration", "execution_time_ms", "trace_metadata"} & record.keys())


def read(record: Fields) -> Taken:
    """What a trace says: its spans, their session, user and tags, its assessments.

    Raises:
        RequestError: it is no trace, or has no spans.
    """
    if not recognises(record):
        raise RequestError("it is no trace of MLflow (with info and data, or a row of search_traces)")
    whole = object_in(record.get("trace"))
    if "info" in whole and "data" in whole:
        record = whole
    if "info" in record:
        info, spans = object_in(record["info"]), list_in(object_in(record["data"]).get("spans"))
    else:
        info, spans = {name: record[name] for name in (*_OF_THE_INFO, *_LOCATION) if name in record}, record["spans"]
        spans = list_in(spans)
    if not spans:
        raise RequestError("the trace has no spans; export it with them (include_spans=True)")
    return _taken(without_gaps(info), [without_gaps(object_in(span)) for span in spans])


def _taken(said: dict[str, Any], spans: list[dict[str, Any]]) -> Taken:
    trace_id = _trace_id(said)
    info = _info(said, trace_id)
    project = _project(said)
    updates = [replace(interpreted(span, LIMITS), project=project) for span in _spans(spans, trace_id)]
    root = next((span for span in updates if span.parent_id == ""), updates[0])
    about = replace(info.update(root.span_id, project), precedence=root.precedence + 1)
    scores = _scores(list_in(said.get("assessments")), trace_id)
    return Taken((*updates, about), tuple(replace(score, project=project) for score in scores))


def _trace_id(info: Fields) -> str:
    named = info.get("trace_id") or info.get("request_id")
    if not isinstance(named, str):
        raise RequestError("the trace has no trace_id")
    return trace_hex(named.rpartition("/")[2])


def _info(said: Fields, trace_id: str) -> TraceInfo:
    """The same fields, whatever version wrote them and whether objects are texts."""
    fields = {
        "trace_id": f"tr-{trace_id}",
        "state": said.get("state", said.get("status")),
        "trace_metadata": object_in(said.get("trace_metadata", said.get("request_metadata"))),
        "tags": object_in(said.get("tags")),
        "client_request_id": said.get("client_request_id"),
    }
    return read_trace_info(orjson.dumps({"trace": {"trace_info": fields}}), LIMITS)


def _project(said: Fields) -> str | None:
    place = object_in(object_in(said.get("trace_location")).get("mlflow_experiment"))
    experiment = place.get("experiment_id", said.get("experiment_id"))
    return f"mlflow-{experiment}"[:_MAX_NAME] if isinstance(experiment, str | int) and experiment != "" else None


def _spans(spans: list[dict[str, Any]], trace_id: str) -> Iterator[OtelSpan]:
    for fields in spans:
        context = object_in(fields.get("context"))
        named = fields.get("span_id", context.get("span_id"))
        parent = fields.get("parent_span_id", fields.get("parent_id"))
        status = fields.get("status")
        code = object_in(status).get("code") if isinstance(status, dict) else fields.get("status_code", status)
        message = object_in(status).get("message") if isinstance(status, dict) else fields.get("status_message")
        name = fields.get("name")
        yield OtelSpan(
            trace_id=trace_id,
            span_id=_span_id(named),
            source=Source(),
            parent_id=_span_id(parent) if parent else "",
            name=name[:_MAX_NAME] if isinstance(name, str) else None,
            status_code=_CODES.get(str(code).rpartition("STATUS_CODE_")[2].upper(), 0),
            status_message=message if isinstance(message, str) else "",
            start_ns=_time_ns(fields.get("start_time_unix_nano", fields.get("start_time"))),
            end_ns=_time_ns(fields.get("end_time_unix_nano", fields.get("end_time"))),
            attributes=object_in(fields.get("attributes")),
            events=tuple(_events(list_in(fields.get("events")))),
        )


def _events(events: list[Any]) -> Iterator[Event]:
    for fields in map(object_in, events):
        time_ns = _time_ns(fields.get("time_unix_nano", fields.get("timestamp")))
        if isinstance(fields.get("name"), str) and time_ns is not None:
            yield Event(fields["name"], time_ns, object_in(fields.get("attributes")))


def _span_id(value: Any) -> str:
    """The id of a span in hex: it is written so, or in base64, or in hex behind `0x`.

    Raises:
        RequestError: it is none of these.
    """
    text = value.removeprefix("0x").lower() if isinstance(value, str) else ""
    if len(text) == 16 and set(text) <= set("0123456789abcdef"):
        return str(text)
    try:
        decoded = base64.b64decode(value, validate=True) if isinstance(value, str) else b""
    except (binascii.Error, ValueError):
        decoded = b""
    if len(decoded) != 8:
        raise RequestError(f"a span's id is {str(value)[:100]!r}, which is none of MLflow's")
    return decoded.hex()


def _time_ns(value: Any) -> int | None:
    if isinstance(value, str) and value.isascii() and value.isdigit() and len(value) < 20:
        value = int(value)
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    return value if isinstance(value, int) and 0 < value <= LATEST_NS else None


def _scores(assessments: list[Any], trace_id: str) -> Iterator[ScoreUpdate]:
    for fields in assessments:
        said = {key: value for key, value in object_in(fields).items() if value is not None}
        if said.get("valid") is not False and said.get("assessment_name"):
            yield read_assessment(orjson.dumps({"assessment": said}), f"tr-{trace_id}", LIMITS).score
