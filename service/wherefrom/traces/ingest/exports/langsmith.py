"""LangSmith's runs and feedback: lists of the SDK as JSON, and bulk exports, which keep objects as texts."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from wherefrom.errors import RequestError
from wherefrom.traces.ingest.exports.taken import Fields, Taken, amount, embedded, joined, list_in, object_in
from wherefrom.traces.ingest.feedback import score_update
from wherefrom.traces.ingest.runs import RunMessage, hex_id, span_update
from wherefrom.traces.ingest.times import nanoseconds
from wherefrom.traces.model import ScoreUpdate

_PLACES = frozenset({"trace_id", "dotted_order", "parent_run_id", "session_id"})
_OBJECTS = ("inputs", "outputs", "extra", "serialized", "feedback_stats")
_DETAILS = ("prompt_token_details", "completion_token_details", "prompt_cost_details", "completion_cost_details")
# Said elsewhere, or of LangSmith's own storage.
_DROPPED = frozenset({"child_runs", "child_run_ids", "direct_child_run_ids", "parent_run_ids", "feedback_stats"}) | {
    *("first_token_time", "is_root", "tenant_id", "attachments", "share_token", "last_queued_at"),
    *("inputs_s3_urls", "outputs_s3_urls", "s3_urls", "manifest_s3_id"),
}


def recognises(record: Fields) -> bool:
    """Whether a record is a run or feedback."""
    return _is_run(record) or _is_feedback(record)


def read(record: Fields) -> Taken:
    """What a run says, with the runs below it; or a feedback.

    Raises:
        RequestError: it is neither, or names no run.
    """
    if _is_run(record):
        return joined(map(_run, _with_children(record)))
    if _is_feedback(record):
        return Taken(scores=(score_update({**record, "session_id": None}, lambda _: None),))
    raise RequestError("it is no run (with id, run_type and trace_id) and no feedback (with run_id and key)")


def _is_run(record: Fields) -> bool:
    return "run_type" in record and "id" in record and not _PLACES.isdisjoint(record)


def _is_feedback(record: Fields) -> bool:
    return {"id", "key"} <= record.keys() and bool({"run_id", "trace_id"} & record.keys()) and "score" in record


def _with_children(record: Fields) -> Iterator[Fields]:
    waiting = [record]
    while waiting:
        run = waiting.pop()
        yield run
        waiting += [child for child in list_in(run.get("child_runs")) if isinstance(child, dict)]


def _run(record: Fields) -> Taken:
    fields: dict[str, Any] = {name: value for name, value in record.items() if name not in _DROPPED}
    fields |= {name: object_in(fields[name]) or None for name in (*_OBJECTS, *_DETAILS) if name in fields}
    fields |= {name: list_in(fields[name]) for name in ("tags", "events") if name in fields}
    extra, outputs = fields.get("extra") or {}, fields.get("outputs")
    if isinstance(extra, dict):
        fields["extra"] = {**extra, "metadata": object_in(extra.get("metadata"))}
    if outputs is None and record.get("outputs") is not None:
        fields["outputs"] = embedded(record["outputs"])
    fields.setdefault("parent_run_id", None)
    run_id = hex_id(fields.get("id"), "the run's id")
    span = span_update(RunMessage(run_id, False, fields), lambda _: None)
    if span.parent_id is None and fields["parent_run_id"] is None:
        span = replace(span, parent_id="", trace_id=span.trace_id or run_id)
    first_token_ns = nanoseconds(record.get("first_token_time"))
    cost = amount(fields.get("total_cost"))
    return Taken(
        (
            replace(
                span,
                first_token_ns=span.first_token_ns if first_token_ns is None else first_token_ns,
                cost=span.cost if cost is None else cost,
            ),
        ),
        tuple(_statistics(run_id, span.trace_id, object_in(record.get("feedback_stats")))),
    )


def _statistics(run_id: str, trace_id: str, stats: Fields) -> Iterator[ScoreUpdate]:
    """A score for each key of which feedback was given: its mean, with how many there were."""
    for key, found in stats.items():
        mean = found.get("avg") if isinstance(found, dict) else None
        if isinstance(mean, int | float) and not isinstance(mean, bool):
            yield ScoreUpdate(
                id=f"{run_id}:{key}"[:512],
                name=key[:512],
                trace_id=trace_id or None,
                span_id=run_id,
                value=float(mean),
                metadata={"count": found.get("n")} if found.get("n") is not None else {},
            )
