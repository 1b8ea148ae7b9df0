"""What MLflow's client says of traces beside their spans: their session, user and tags, and assessments of them.

Both are JSON. The first comes when a trace has ended, often before its spans; it names no span, so that whoever stores
it must know the trace's root.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import orjson

from wherefrom.errors import LimitError, MalformedError, RequestError
from wherefrom.traces.ingest.json_values import depth
from wherefrom.traces.ingest.limits import IngestLimits
from wherefrom.traces.ingest.python_json import parse_python_object
from wherefrom.traces.ingest.times import nanoseconds
from wherefrom.traces.model import Json, Protocol, ScoreUpdate, SpanUpdate, Status

SPANS_LOCATION = "mlflow.trace.spansLocation"
"""The tag by which a server says that it has the spans, so that clients need not upload them as a file."""

_SESSION, _USER = "mlflow.trace.session", "mlflow.trace.user"
_OWN = "mlflow."  # how names begin that are MLflow's own
_STATES = {"OK": Status.OK, "ERROR": Status.ERROR}
_TRACE_ID = re.compile(r"(?:tr-)?([0-9a-fA-F]{32})")
_SPAN_ID = re.compile(r"(?:0x)?([0-9a-fA-F]{16})")
_MAX_NAME = 512
_MAX_TEXT = 100_000
_PRECEDENCE = 2  # what is said of a whole trace, after its spans


@dataclass(frozen=True, slots=True)
class TraceInfo:
    """What is said of a trace.

    Attributes:
        trace_id: hex.
        experiment: the id of the experiment that it is sent to.
        said: the fields as they came, for the answer.
    """

    trace_id: str
    experiment: str | None
    session_id: str | None
    user_id: str | None
    status: Status | None
    metadata: Mapping[str, Json]
    aliases: tuple[str, ...]
    said: Mapping[str, Json] = field(default_factory=dict)

    def update(self, root_span_id: str, project: str | None) -> SpanUpdate:
        """The same of the trace's root."""
        return SpanUpdate(
            trace_id=self.trace_id,
            span_id=root_span_id,
            protocol=Protocol.OTLP,
            precedence=_PRECEDENCE,
            project=project,
            session_id=self.session_id,
            user_id=self.user_id,
            status=self.status,
            metadata=self.metadata,
            aliases=self.aliases,
        )


def trace_hex(identity: str) -> str:
    """The trace's id, without what MLflow writes before it.

    Raises:
        RequestError: it is none.
    """
    found = _TRACE_ID.fullmatch(identity)
    if found is None:
        raise RequestError(f"{identity[:100]!r} is no id of a trace; send tr- and 32 hexadecimal digits")
    return found[1].lower()


def read_trace_info(body: bytes, limits: IngestLimits) -> TraceInfo:
    """What `POST /api/3.0/mlflow/traces` says.

    Raises:
        MalformedError: not JSON of this form.
        LimitError: larger than is accepted.
        RequestError: it names no trace.
    """
    said = _object(_object(_json(body, limits).get("trace")).get("trace_info"))
    named = said.get("trace_id")
    if not isinstance(named, str):
        raise MalformedError('the body is no trace; send {"trace": {"trace_info": {"trace_id": "tr-..."}}}')
    trace_id = trace_hex(named)
    metadata, tags = _object(said.get("trace_metadata")), _object(said.get("tags"))
    experiment = _object(_object(said.get("trace_location")).get("mlflow_experiment")).get("experiment_id")
    state = said.get("state")
    client_id = said.get("client_request_id")
    both = {**metadata, **tags}
    return TraceInfo(
        trace_id=trace_id,
        experiment=_name(experiment),
        session_id=_name(metadata.get(_SESSION)),
        user_id=_name(metadata.get(_USER)),
        status=_STATES.get(state) if isinstance(state, str) else None,
        metadata=_within({key: value for key, value in both.items() if not key.startswith(_OWN)}, limits),
        aliases=(f"tr-{trace_id}", *([client_id] if _name(client_id) == client_id and client_id else ())),
        said=said,
    )


def read_tag(body: bytes, trace_id: str, limits: IngestLimits) -> TraceInfo:
    """What `PATCH /api/3.0/mlflow/traces/{trace_id}/tags` says.

    Raises:
        MalformedError: not JSON of this form.
        RequestError: that is no id of a trace.
    """
    said = _json(body, limits)
    key, value = said.get("key"), said.get("value")
    if not isinstance(key, str) or not isinstance(value, str):
        raise MalformedError('the body is no tag; send {"key": "...", "value": "..."}')
    metadata = {} if key.startswith(_OWN) else _within({key: value}, limits)
    return TraceInfo(trace_hex(trace_id), None, None, None, None, metadata, ())


@dataclass(frozen=True, slots=True)
class Assessment:
    """A score or note, and the fields that it came with and an id, for the answer."""

    score: ScoreUpdate
    said: Mapping[str, Json]


def read_assessment(body: bytes, trace_id: str, limits: IngestLimits) -> Assessment:
    """What `POST /api/3.0/mlflow/traces/{trace_id}/assessments` says.

    Its id is made of what it says, so that what is sent twice is stored once.

    Raises:
        MalformedError: not JSON of this form.
        RequestError: it has no name, or names no trace.
    """
    said = dict(_object(_json(body, limits).get("assessment")))
    name = said.get("assessment_name")
    if not isinstance(name, str) or not name:
        raise MalformedError('the body is no assessment; send {"assessment": {"assessment_name": "..."}}')
    trace = trace_hex(trace_id)
    said["trace_id"] = f"tr-{trace}"
    known = said.get("assessment_id")
    digest = hashlib.blake2b(orjson.dumps(said, option=orjson.OPT_SORT_KEYS), digest_size=16).hexdigest()
    identity = known[:_MAX_NAME] if isinstance(known, str) and known else f"a-{digest}"
    said["assessment_id"] = identity
    value, text = _value(said)
    rationale = said.get("rationale")
    error = _object(_object(said.get("feedback")).get("error")).get("error_message")
    comment = next((each for each in (rationale, error) if isinstance(each, str)), None)
    if value is None and text is None:
        comment = comment or ""
    score = ScoreUpdate(
        id=identity,
        name=name[:_MAX_NAME],
        trace_id=trace,
        span_id=_span_id(said.get("span_id")),
        value=value,
        text=text,
        comment=comment if comment is None else comment[:_MAX_TEXT],
        annotator=_annotator(_object(said.get("source"))),
        metadata=_within(
            {**_object(said.get("metadata")), **({"expectation": True} if "expectation" in said else {})}, limits
        ),
        time_ns=nanoseconds(said.get("last_update_time")) or nanoseconds(said.get("create_time")),
    )
    return Assessment(score, said)


def _value(said: Mapping[str, Json]) -> tuple[float | None, str | None]:
    """The number, or else the words: of feedback, or of what was expected."""
    place = _object(said.get("feedback")) or _object(said.get("expectation"))
    value = place.get("value")
    if value is None:
        value = _object(place.get("serialized_value")).get("value")
    if value is None:
        return None, None
    if isinstance(value, int | float):
        return float(value), None
    return None, (value if isinstance(value, str) else orjson.dumps(value).decode())[:_MAX_TEXT]


def _annotator(source: Mapping[str, Any]) -> str | None:
    """The person's name, or what it was that judged."""
    kind, name = source.get("source_type"), source.get("source_id")
    if kind == "HUMAN" and isinstance(name, str) and name:
        return name[:_MAX_NAME]
    return {"LLM_JUDGE": "llm", "AI_JUDGE": "llm", "CODE": "code", "HUMAN": "human"}.get(str(kind))


def _span_id(value: Json) -> str | None:
    found = _SPAN_ID.fullmatch(value) if isinstance(value, str) else None
    return found[1].lower() if found else None


def _json(body: bytes, limits: IngestLimits) -> Mapping[str, Any]:
    return parse_python_object(body, nesting=limits.max_nesting)


def _within(found: dict[str, Json], limits: IngestLimits) -> dict[str, Json]:
    if len(found) > limits.max_attributes:
        raise LimitError(f"a trace has more than {limits.max_attributes} tags (max_attributes)")
    for key, value in found.items():
        size = len(value.encode("utf-8", "replace")) if isinstance(value, str) else len(orjson.dumps(value))
        if size > limits.max_attribute_bytes or depth(value, limits.max_nesting) > limits.max_nesting:
            raise LimitError(f"{key[:100]!r} of a trace is larger or deeper than is accepted (max_attribute_bytes)")
    return found


def _object(value: Json) -> Mapping[str, Any]:
    return value if isinstance(value, dict) else {}


def _name(value: Json) -> str | None:
    return value[:_MAX_NAME] if isinstance(value, str) and value else None
