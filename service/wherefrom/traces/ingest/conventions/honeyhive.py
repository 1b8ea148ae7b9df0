"""HoneyHive's conventions: `honeyhive.session_id`, `honeyhive_event_type`, `honeyhive_inputs.*` and the like."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from wherefrom.traces.ingest.conventions.flat import unflattened
from wherefrom.traces.ingest.conventions.reading import Reading
from wherefrom.traces.ingest.json_values import embedded_json
from wherefrom.traces.ingest.limits import IngestLimits
from wherefrom.traces.ingest.otel_spans import OtelSpan
from wherefrom.traces.model import Json, Kind

KINDS = {"model": Kind.LLM, "tool": Kind.TOOL, "chain": Kind.CHAIN, "session": Kind.CHAIN}
"""Kinds by the type of an event. A retrieval is a tool there."""

_NAMESPACES = frozenset(
    {"honeyhive", "honeyhive_event_type", "honeyhive_inputs", "honeyhive_outputs", "honeyhive_metadata"}
)
_ASIDE = ("metrics", "feedback", "user_properties")
_OBJECTS = frozenset(
    {"honeyhive_inputs", "honeyhive_outputs", "honeyhive_metadata"} | {f"honeyhive_{n}" for n in _ASIDE}
)
_ASSOCIATED = "traceloop.association.properties."
_ALSO_USED = frozenset(
    {"honeyhive_event_type", "honeyhive.session_id", "honeyhive.project"}
    | {_ASSOCIATED + name for name in ("session_id", "project", "source")}
)
"""Its client says some under Traceloop's names as well."""


def read(span: OtelSpan, limits: IngestLimits) -> Reading | None:
    """What HoneyHive's attributes say; None where there are none."""
    if not span.namespaces & _NAMESPACES:
        return None
    attributes = span.attributes
    said = _said(attributes, limits)
    metadata = said.get("honeyhive_metadata")
    kept = dict(metadata) if isinstance(metadata, dict) else {}
    kept.pop("event_type", None)
    kept |= {part: said[f"honeyhive_{part}"] for part in _ASIDE if f"honeyhive_{part}" in said}
    user, answered = kept.get("user_properties"), said.get("honeyhive_outputs")
    return Reading(
        project=span.text("honeyhive.project", "honeyhive_project"),
        kind=KINDS.get((span.text("honeyhive_event_type") or "").lower()),
        session_id=span.text("honeyhive.session_id", "honeyhive_session_id"),
        user_id=_text(user.get("user_id")) if isinstance(user, dict) else None,
        input=said.get("honeyhive_inputs"),
        output=answered["result"] if isinstance(answered, dict) and [*answered] == ["result"] else answered,
        metadata=kept,
        used=frozenset(name for name in attributes if name in _ALSO_USED or name.partition(".")[0] in _OBJECTS),
    )


def _said(attributes: Mapping[str, Json], limits: IngestLimits) -> dict[str, Json]:
    """The objects whose fields stand under a prefix each, lists in them put together; or what stands there whole."""
    found: dict[str, Any] = {}
    for name, value in attributes.items():
        prefix, dot, rest = name.partition(".")
        if prefix not in _OBJECTS:
            continue
        if not dot:
            found[prefix] = _parsed(value, limits)
            continue
        fields = found.setdefault(prefix, {})
        field, _, place = rest.partition(".")
        if not isinstance(fields, dict) or field in fields:
            continue
        items = unflattened(attributes, f"{prefix}.{field}").items if place[:1].isdigit() else None
        if items:
            fields[field] = items
        else:
            fields[rest] = _parsed(value, limits)
    return found


def _parsed(value: Json, limits: IngestLimits) -> Json:
    return embedded_json(value, limits) if isinstance(value, str) else value


def _text(value: Json) -> str | None:
    return value if isinstance(value, str) and value else None
