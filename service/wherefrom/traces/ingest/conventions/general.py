"""What OpenTelemetry says of any span, and this project's own attributes."""

from __future__ import annotations

from collections.abc import Mapping

from wherefrom.traces.ingest.conventions.reading import Reading
from wherefrom.traces.ingest.limits import IngestLimits
from wherefrom.traces.ingest.otel_spans import OtelSpan
from wherefrom.traces.model import Json

PROJECT_ATTRIBUTES = ("wherefrom.project", "openinference.project.name")


def read(span: OtelSpan, limits: IngestLimits) -> Reading | None:
    """Project, session and user, from the span or else from its resource; None where they are not said."""
    project, session = _project(span), _either(span, "session.id")
    user = _either(span, "user.id", "enduser.id")
    if project is None and session is None and user is None:
        return None
    return Reading(project=project, session_id=session, user_id=user)


def _project(span: OtelSpan) -> str | None:
    named = _either(span, *PROJECT_ATTRIBUTES)
    if named is None and span.parent_id == "":
        named = service_name(span.source.resource)
    return named


def service_name(resource: Mapping[str, Json]) -> str | None:
    """The service that a resource names; None where the SDK has put its placeholder there."""
    name = resource.get("service.name")
    return name if isinstance(name, str) and name and not name.startswith("unknown_service") else None


def _either(span: OtelSpan, *names: str) -> str | None:
    for attributes in (span.attributes, span.source.resource):
        for name in names:
            value = attributes.get(name)
            if value and isinstance(value, str):
                return value
    return None
