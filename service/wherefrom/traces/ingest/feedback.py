"""Feedback, as LangSmith calls a score."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any
from uuid import UUID

import orjson

from wherefrom.errors import RequestError
from wherefrom.traces.ingest.runs import hex_id
from wherefrom.traces.ingest.times import nanoseconds
from wherefrom.traces.model import Json, ScoreUpdate

_MAX_NAME = 512
_MAX_TEXT = 100_000


def score_update(
    fields: Mapping[str, Json], project_of: Callable[[UUID], str | None], feedback_id: str = ""
) -> ScoreUpdate:
    """What a feedback says.

    Args:
        project_of: the name of the project of an id.
        feedback_id: what it is known by where it does not say so itself.

    Raises:
        RequestError: it has no id, no key, or says nothing of what it is about.
    """
    named = fields.get("id") or feedback_id
    identity = str(UUID(hex_id(named, "the feedback's id")))
    key = fields.get("key")
    if not isinstance(key, str) or not key:
        raise RequestError(f"the feedback {identity} has no key; name what it says in `key`")
    run_id, trace_id, session_id = (fields.get(name) for name in ("run_id", "trace_id", "session_id"))
    if run_id is None and trace_id is None and session_id is None:
        raise RequestError(f"the feedback {identity} says nothing of what it is about; give run_id or trace_id")
    value, text = _value(fields)
    source = _object(fields.get("feedback_source"))
    comment = fields.get("comment")
    project = project_of(UUID(hex_id(session_id, "session_id"))) if session_id is not None else None
    return ScoreUpdate(
        id=identity,
        name=key[:_MAX_NAME],
        trace_id=hex_id(trace_id, "trace_id") if trace_id is not None else None,
        span_id=hex_id(run_id, "run_id") if run_id is not None else None,
        project=project,
        value=value,
        text=text,
        comment=comment[:_MAX_TEXT] if isinstance(comment, str) else ("" if value is None and text is None else None),
        annotator=_annotator(source),
        metadata=_metadata(fields, source),
        time_ns=nanoseconds(fields.get("modified_at")) or nanoseconds(fields.get("created_at")),
    )


def _value(fields: Mapping[str, Json]) -> tuple[float | None, str | None]:
    """The number, and the words where there are some: a category, a corrected text."""
    score, said = fields.get("score"), fields.get("value")
    number = _number(score)
    if number is None:
        number = _number(said)
    if said is None or _number(said) is not None:
        return number, None
    return number, (said if isinstance(said, str) else orjson.dumps(said).decode())[:_MAX_TEXT]


def _number(value: Json) -> float | None:
    return float(value) if isinstance(value, int | float) else None


def _annotator(source: Mapping[str, Any]) -> str | None:
    for name in ("user_name", "user_id", "type"):
        said = source.get(name)
        if isinstance(said, str) and said:
            return said[:_MAX_NAME]
    return None


def _metadata(fields: Mapping[str, Json], source: Mapping[str, Any]) -> dict[str, Json]:
    found = dict(_object(source.get("metadata")))
    for name in ("correction", "extra", "feedback_config", "feedback_group_id", "comparative_experiment_id", "error"):
        if fields.get(name) is not None:
            found[name] = fields[name]
    return found


def _object(value: Json) -> Mapping[str, Any]:
    return value if isinstance(value, dict) else {}
