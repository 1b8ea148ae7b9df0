"""HoneyHive's conventions: `honeyhive.session_id`, `honeyhive_event_type`, `honeyhive_inputs.*` and the like."""

from __future__ import annotations

from collections.abc import Mapping

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
_ASSOCIATED = "traceloop.association.properties."
_TWICE = frozenset(_ASSOCIATED + name for name in ("session_id", "project", "source"))
"""What its client says under Traceloop's names as well."""


def read(span: OtelSpan, limits: IngestLimits) -> Reading | None:
    """What HoneyHive's attributes say; None where there are none."""
    if not span.namespaces & _NAMESPACES:
        return None
    attributes = span.attributes
    asked, of_inputs = _object(attributes, "honeyhive_inputs", limits)
    answered, of_outputs = _object(attributes, "honeyhive_outputs", limits)
    metadata: dict[str, Json] = {}
    used = {"honeyhive_event_type", "honeyhive.session_id", "honeyhive.project", "honeyhive_metadata.event_type"}
    for part in ("metadata", "metrics", "feedback", "user_properties"):
        said, of_said = _object(attributes, f"honeyhive_{part}", limits)
        if isinstance(said, dict):
            said.pop("event_type", None)
            metadata |= said if part == "metadata" else {part: said} if said else {}
        used |= of_said
    user = metadata.get("user_properties")
    return Reading(
        project=span.text("honeyhive.project", "honeyhive_project"),
        kind=KINDS.get((span.text("honeyhive_event_type") or "").lower()),
        session_id=span.text("honeyhive.session_id", "honeyhive_session_id"),
        user_id=_text(user.get("user_id")) if isinstance(user, dict) else None,
        input=asked,
        output=answered.get("result") if isinstance(answered, dict) and [*answered] == ["result"] else answered,
        metadata=metadata,
        used=frozenset(name for name in used | of_inputs | of_outputs | _TWICE if name in attributes),
    )


def _object(attributes: Mapping[str, Json], prefix: str, limits: IngestLimits) -> tuple[Json, frozenset[str]]:
    """The object whose fields stand under a prefix, lists in it put together; or the value that stands there whole."""
    whole = attributes.get(prefix)
    if whole is not None:
        return (embedded_json(whole, limits) if isinstance(whole, str) else whole), frozenset({prefix})
    start = prefix + "."
    names = [name for name in attributes if name.startswith(start)]
    found: dict[str, Json] = {}
    for name in names:
        field, _, rest = name[len(start) :].partition(".")
        value = unflattened(attributes, start + field).items if rest[:1].isdigit() else None
        if not value:
            field, value = name[len(start) :], attributes[name]
        found.setdefault(field, embedded_json(value, limits) if isinstance(value, str) else value)
    return found or None, frozenset(names)


def _text(value: Json) -> str | None:
    return value if isinstance(value, str) and value else None
