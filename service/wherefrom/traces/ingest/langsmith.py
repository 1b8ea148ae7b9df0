"""LangSmith's interface for runs: forms, batches, single runs, feedback.

What cannot be decoded is refused whole. Of what can, single runs or fields that cannot be used are left out and
counted: a client sends a batch once, and one run must not take ninety-nine others with it.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any
from uuid import UUID

import orjson

from wherefrom.errors import LimitError, MalformedError, RequestError
from wherefrom.traces.ingest.feedback import score_update
from wherefrom.traces.ingest.json_values import DEEPEST, clean_value, depth, parse_json
from wherefrom.traces.ingest.limits import IngestLimits
from wherefrom.traces.ingest.multipart import FormPart, form_parts
from wherefrom.traces.ingest.runs import FIRST_TOKEN, PIECES, RunMessage, hex_id, span_update
from wherefrom.traces.model import Attachment, IngestBatch, Json, Protocol, RawRequest, ScoreUpdate, SpanUpdate
from wherefrom_indexer.tokenization import clean_text

_PARTS_OF_RUN = 2 + len(PIECES)
_MAX_NAME = 512
_ESCAPES = re.compile(rb'\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4})?')
_OPERATIONS = {"post": True, "patch": False}


def _no_project(project_id: UUID) -> str | None:
    return None


@dataclass(frozen=True, slots=True)
class Context:
    """What is known of a request beside its body.

    Attributes:
        project: of what names none.
        only_project: the one that the API key is limited to.
        project_of: the name of the project of an id, for clients that name the id only; it may block.
        path, content_encoding, sent: of the request as it came; None: it is not kept.
    """

    limits: IngestLimits = field(default_factory=IngestLimits)
    project: str | None = None
    only_project: str | None = None
    project_of: Callable[[UUID], str | None] = _no_project
    path: str = ""
    content_encoding: str = ""
    sent: bytes | None = None


def read_form(body: bytes, content_type: str, context: Context) -> IngestBatch:
    """What `POST /runs/multipart` says.

    Its parts are `post.<id>`, `patch.<id>`, `<those>.<piece>`, `feedback.<id>` and `attachment.<id>.<name>`, in any
    order, each of them alone or with others.

    Args:
        body: decompressed.

    Raises:
        MalformedError: not a whole form, or a part that is not JSON.
        LimitError: more runs than are accepted.
        RequestError: nothing of it can be used.
    """
    limits = context.limits
    reading = _Reading(context)
    for part in form_parts(body, content_type, max_parts=limits.max_batch_items * _PARTS_OF_RUN):
        reading.take(part)
    return reading.batch(content_type)


def read_batch(body: bytes, context: Context) -> IngestBatch:
    """What `POST /runs/batch` says: `{"post": [...], "patch": [...]}`.

    Raises:
        MalformedError: not JSON of this form.
        LimitError: more runs than are accepted.
        RequestError: nothing of it can be used.
    """
    value = _json(body, "the body")
    if not isinstance(value, dict) or not all(isinstance(value.get(key), list | None) for key in _OPERATIONS):
        raise MalformedError('the body is no batch of runs; send {"post": [...], "patch": [...]}')
    reading = _Reading(context)
    for key in _OPERATIONS:
        for run in value.get(key) or ():
            reading.run(key, run)
    return reading.batch("application/json")


def read_run(body: bytes, context: Context, run_id: str | None = None) -> IngestBatch:
    """What `POST /runs` says, or `PATCH /runs/{id}` where an id is given.

    Raises:
        MalformedError: not a JSON object.
        RequestError: it has no id.
    """
    value = _single(body, "run")
    reading = _Reading(context)
    reading.run("post" if run_id is None else "patch", value if run_id is None else {**value, "id": run_id})
    return reading.batch("application/json")


def read_feedback(body: bytes, context: Context) -> IngestBatch:
    """What `POST /feedback` says.

    Raises:
        MalformedError: not a JSON object.
        RequestError: it cannot be used.
    """
    value = _single(body, "feedback")
    reading = _Reading(context)
    reading.feedback(value)
    return reading.batch("application/json")


class _Reading:
    """Collects what the parts of one request say."""

    def __init__(self, context: Context) -> None:
        self._context = context
        self._runs: dict[tuple[str, bool], dict[str, Json]] = {}
        self._scores: list[ScoreUpdate] = []
        self._files: dict[tuple[str, str], FormPart] = {}
        self._rejected = 0
        self._reason = ""

    def take(self, part: FormPart) -> None:
        """Take one part of a form."""
        operation, _, rest = part.name.partition(".")
        name, _, piece = rest.partition(".")
        try:
            if operation in _OPERATIONS and piece in ("", *PIECES):
                run_id = hex_id(name, f"the id of the part {part.name[:100]!r}")
                value = _json(part.data, f"the part {part.name[:100]!r}")
                self._add(run_id, _OPERATIONS[operation], {piece: value} if piece else value)
            elif operation == "feedback" and not piece:
                self.feedback(_json(part.data, f"the part {part.name[:100]!r}"), name)
            elif operation == "attachment" and piece:
                run_id = hex_id(name, f"the id of the part {part.name[:100]!r}")
                self._files[run_id, clean_text(piece)[:_MAX_NAME]] = part
            else:
                self._reject(f"the form has a part {part.name[:100]!r}, which is not known here")
        except (LimitError, MalformedError):
            raise
        except RequestError as error:
            self._reject(str(error))

    def run(self, operation: str, run: Json) -> None:
        """Take one run of a batch."""
        try:
            if not isinstance(run, dict):
                raise RequestError(f"an item of {operation!r} is no object")
            self._add(hex_id(run.get("id"), "the id of a run"), _OPERATIONS[operation], run)
        except LimitError:
            raise
        except RequestError as error:
            self._reject(str(error))

    def feedback(self, value: Json, feedback_id: str = "") -> None:
        """Take one feedback."""
        try:
            if not isinstance(value, dict):
                raise RequestError("a feedback is no object")
            fields = self._bounded(value)
            self._scores.append(score_update(fields, self._context.project_of, feedback_id))
        except RequestError as error:
            self._reject(str(error))

    def batch(self, content_type: str) -> IngestBatch:
        """All that was taken.

        Raises:
            RequestError: something was, but nothing of it can be used.
        """
        spans = tuple(self._spans())
        if self._rejected and not (spans or self._scores or self._files):
            raise RequestError(f"nothing of the request can be used: {self._reason}")
        context = self._context
        raw = None
        if context.sent is not None:
            raw = RawRequest(Protocol.LANGSMITH, context.path, content_type, context.content_encoding, context.sent)
        return IngestBatch(
            spans=spans,
            scores=tuple(self._scores),
            attachments=tuple(self._attachments(spans)),
            raw=raw,
            project=context.project,
            only_project=context.only_project,
            rejected=self._rejected,
            reason=self._reason,
        )

    def _add(self, run_id: str, is_start: bool, said: Json) -> None:
        if not isinstance(said, dict):
            raise RequestError("a run is no object")
        known = self._runs.setdefault((run_id, is_start), {})
        if len(self._runs) > self._context.limits.max_batch_items:
            raise LimitError(
                f"the request holds more than {self._context.limits.max_batch_items} runs; send fewer at once"
                " (max_batch_items sets the limit)"
            )
        known.update(self._bounded(said))

    def _bounded(self, said: Mapping[str, Json]) -> dict[str, Json]:
        """The fields of a run that are within the limits; of one without a value nothing is said."""
        found = {}
        for name, value in said.items():
            fault = None if value is None else _fault(name, value, self._context.limits)
            if fault is not None:
                self._reject(fault)
            elif value is not None:
                found[name] = value
        return found

    def _reject(self, reason: str) -> None:
        self._rejected += 1
        self._reason = self._reason or reason

    def _spans(self) -> Iterator[SpanUpdate]:
        for (run_id, is_start), fields in self._runs.items():
            try:
                yield span_update(RunMessage(run_id, is_start, fields), self._context.project_of)
            except RequestError as error:
                self._reject(f"the run {run_id} cannot be used: {error}")

    def _attachments(self, spans: Iterable[SpanUpdate]) -> Iterator[Attachment]:
        traces: dict[str, SpanUpdate] = {}
        for span in spans:
            known = traces.get(span.span_id)
            if known is None or not known.trace_id:
                traces[span.span_id] = span
            elif known.project is None:
                traces[span.span_id] = replace(known, project=span.project)
        for (run_id, name), part in self._files.items():
            owner = traces.get(run_id)
            yield Attachment(
                trace_id=owner.trace_id or None if owner else None,
                span_id=run_id,
                name=name,
                content_type=clean_text(part.content_type)[:_MAX_NAME] or "application/octet-stream",
                data=part.data,
                project=owner.project if owner else None,
            )


def _fault(name: str, value: Json, limits: IngestLimits) -> str | None:
    """Why a field of a run cannot be kept; None where it can."""
    shown = name[:100]
    if isinstance(value, dict | list):
        if depth(value, limits.max_nesting) > limits.max_nesting:
            return f"{shown!r} of a run is nested more than {limits.max_nesting} levels deep (max_nesting)"
        size = len(orjson.dumps(value))
        widest = _widest(name, value)
        if widest > limits.max_attributes:
            return f"{shown!r} of a run has more than {limits.max_attributes} entries (max_attributes)"
    else:
        size = len(value) if isinstance(value, str) else 0
        if size * 4 > limits.max_attribute_bytes:
            size = len(value.encode("utf-8", "replace"))
    if size > limits.max_attribute_bytes:
        return f"{shown!r} of a run has more than {limits.max_attribute_bytes} bytes (max_attribute_bytes)"
    return None


def _widest(name: str, value: Any) -> int:
    """Entries of what becomes attributes and events of the span; other fields are single values."""
    if name == "events" and isinstance(value, list):
        return sum(not isinstance(item, dict) or item.get("name") != FIRST_TOKEN for item in value)
    if name == "extra" and isinstance(value, dict):
        return max((len(inner) for inner in (value, value.get("metadata")) if isinstance(inner, dict)), default=0)
    return 0


def _single(body: bytes, what: str) -> dict[str, Json]:
    value = _json(body, "the body")
    if not isinstance(value, dict):
        raise MalformedError(f"the body is no {what}; send a JSON object")
    return value


def _json(data: bytes, what: str) -> Json:
    """The value of JSON text, as Python's clients write it.

    NaN and infinities become None. Where a text spells `\\ud800`, LangSmith's client cuts that out as if it were an
    escape and leaves half of one, which is read as the backslash that it is.

    Raises:
        MalformedError: it is none.
    """
    try:
        return parse_json(data, nesting=DEEPEST, what=what)
    except MalformedError as error:
        mended = _ESCAPES.sub(_mended, data)
        has_constants = b"NaN" in data or b"Infinity" in data
        if mended == data and not has_constants:
            raise
        fault = str(error)
    try:
        return clean_value(json.loads(mended)) if has_constants else parse_json(mended, nesting=DEEPEST, what=what)
    except (ValueError, RecursionError, MalformedError):
        raise MalformedError(fault) from None


def _mended(escape: re.Match[bytes]) -> bytes:
    return escape[0] if len(escape[0]) > 1 else b"\\\\"
