"""The texts of generations that wait to be traced: queued when a generation is complete, and again when it changes."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from sqlalchemy import Connection, bindparam, delete, select, update

from wherefrom.traces.merging import MergedSpan
from wherefrom.traces.parts import is_generation, part_hash, prompt_of, traced_texts, why_nothing
from wherefrom.traces.provenance import release_parts
from wherefrom.traces.rows import add, among
from wherefrom.traces.schema import parts, provenances
from wherefrom.traces.summaries import NOTHING, PENDING, summarise_parts

_NO_TEXT = ""  # the place of the row that says why nothing is traced

_RENEWED = ("text_hash", "characters", "state", "reason", "attempts", "due_ns", "queued_ns")
_RENEW = update(parts).where(parts.c.key == bindparam("of")).values({name: bindparam(name) for name in _RENEWED})
_DELETE = delete(parts).where(parts.c.key == bindparam("of"))
_DELETE_PROVENANCE = delete(provenances).where(provenances.c.part_key == bindparam("of"))


def wanted_parts(span: MergedSpan, now_ns: int) -> list[dict[str, Any]]:
    """Return the rows of what is to be traced of a span: none while it is under way, or if it is no generation."""
    if not is_generation(span.kind, span.protocol, span.values["end_ns"], span.status):
        return []
    messages, prompt = span.payload.output_messages, prompt_of(span.payload.input_messages)
    found = [
        _row(span, text.place, part_hash(text.text, prompt), len(text.text), PENDING, None, now_ns)
        for text in traced_texts(messages)
    ]
    return found or [_row(span, _NO_TEXT, "", 0, NOTHING, why_nothing(messages), now_ns)]


def _row(
    span: MergedSpan, place: str, content: str, characters: int, state: str, reason: str | None, now_ns: int
) -> dict[str, Any]:
    return {
        "span_key": span.key,
        "trace_key": span.trace_key,
        "place": place,
        "text_hash": content,
        "characters": characters,
        "state": state,
        "reason": reason,
        "attempts": 0,
        "due_ns": now_ns,
        "queued_ns": now_ns,
    }


def queue_changed(connection: Connection, changed: Iterable[MergedSpan], now_ns: int) -> None:
    """Queue the texts of spans that were there before: those that are new or other than they were.

    What was traced of a text that has not changed stays.
    """
    by_key = {span.key: span for span in changed}
    query = select(parts.c.span_key, parts.c.place, parts.c.key, parts.c.text_hash, parts.c.reason)
    there = {(row.span_key, row.place): row for row in among(connection, query, parts.c.span_key, by_key)}
    wanted = [part for span in by_key.values() for part in wanted_parts(span, now_ns)]
    new = [part for part in wanted if (part["span_key"], part["place"]) not in there]
    renewed = [
        {"of": row.key, **{name: part[name] for name in _RENEWED}}
        for part in wanted
        if (row := there.pop((part["span_key"], part["place"]), None)) is not None
        and (row.text_hash != part["text_hash"] or (part["state"] == NOTHING and row.reason != part["reason"]))
    ]
    add(connection, parts, new)
    release_parts(connection, [*(part["of"] for part in renewed), *(row.key for row in there.values())])
    if renewed:
        connection.execute(_RENEW, renewed)
        connection.execute(_DELETE_PROVENANCE, [{"of": part["of"]} for part in renewed])
    if there:  # no text stands at these places any more
        connection.execute(_DELETE, [{"of": row.key} for row in there.values()])
    if new or renewed or there:
        summarise_parts(connection, list(by_key))
