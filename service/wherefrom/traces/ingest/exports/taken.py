"""What was taken of one record of an export."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from wherefrom.errors import RequestError
from wherefrom.traces.ingest.dollars import dollars
from wherefrom.traces.ingest.json_values import clean_value, depth, embedded_json
from wherefrom.traces.ingest.limits import IngestLimits
from wherefrom.traces.model import Json, Protocol, ScoreUpdate, SpanUpdate
from wherefrom_indexer.sources.values import json_value

LIMITS = IngestLimits()
"""How much one record may say."""

Fields = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Taken:
    """Spans and scores of a record.

    Attributes:
        roots: what is said of traces whose spans came apart from that, written as root spans of their own; where a
            trace has a root already, it is said of that one.
    """

    spans: tuple[SpanUpdate, ...] = ()
    scores: tuple[ScoreUpdate, ...] = ()
    roots: tuple[SpanUpdate, ...] = ()

    def of_project(self, project: str | None) -> Taken:
        """The same as an import: in one project, whatever it names, if that is given."""
        if project is None:
            return Taken(_imported(self.spans), self.scores, _imported(self.roots))
        return Taken(
            tuple(replace(span, protocol=Protocol.IMPORT, project=project) for span in self.spans),
            tuple(replace(score, project=project) for score in self.scores),
            tuple(replace(span, protocol=Protocol.IMPORT, project=project) for span in self.roots),
        )


def joined(found: Iterable[Taken]) -> Taken:
    """What several records say."""
    listed = list(found)
    return Taken(
        tuple(span for taken in listed for span in taken.spans),
        tuple(score for taken in listed for score in taken.scores),
        tuple(span for taken in listed for span in taken.roots),
    )


def cleaned(record: Mapping[str, object]) -> dict[str, Any]:
    """A record as it can be stored: times as texts, nothing that JSON lacks.

    Raises:
        RequestError: it is nested too deeply.
    """
    try:
        fields: dict[str, Any] = clean_value(json_value(record))
    except RecursionError:
        raise RequestError("its fields are nested too deeply") from None
    if depth(fields, LIMITS.max_nesting) > LIMITS.max_nesting:
        raise RequestError(f"its fields are nested more than {LIMITS.max_nesting} levels deep")
    return fields


def embedded(value: Json) -> Json:
    """What a text holds as JSON, or the value itself: tables keep objects as texts."""
    return embedded_json(value, LIMITS) if isinstance(value, str) else value


def object_in(value: Json) -> dict[str, Any]:
    """The object that a field holds, as such or as JSON; an empty one where it holds none."""
    found = embedded(value)
    return found if isinstance(found, dict) else {}


def list_in(value: Json) -> list[Any]:
    """The list that a field holds, as such or as JSON; an empty one where it holds none."""
    found = embedded(value)
    return found if isinstance(found, list) else []


def without_gaps(value: Json) -> Json:
    """The same without the fields that are None: columns give every record the fields of all others."""
    if isinstance(value, dict):
        return {key: without_gaps(item) for key, item in value.items() if item is not None}
    if isinstance(value, list):
        return [without_gaps(item) for item in value]
    return value


def amount(value: Json) -> float | None:
    """An amount that is not negative, as a number or as a decimal in a text."""
    if isinstance(value, str):
        try:
            value = float(value)
        except ValueError:
            return None
    return dollars(value)


def _imported(spans: tuple[SpanUpdate, ...]) -> tuple[SpanUpdate, ...]:
    return tuple(replace(span, protocol=Protocol.IMPORT) for span in spans)
