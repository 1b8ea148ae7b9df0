"""What LangSmith's client says in the spans that it exports itself, in its OpenTelemetry and hybrid modes."""

from __future__ import annotations

from typing import Any

from wherefrom.traces.ingest.conventions.reading import Reading
from wherefrom.traces.ingest.json_values import embedded_json
from wherefrom.traces.ingest.limits import IngestLimits
from wherefrom.traces.ingest.log_probabilities import choice_log_probabilities
from wherefrom.traces.ingest.otel_spans import OtelSpan
from wherefrom.traces.ingest.runs import cost_of_run, generation_of, kind_of, model_of, session_of, usage_of_run
from wherefrom.traces.ingest.twin_names import twin_name
from wherefrom.traces.model import Json, Kind

PROJECT = "langsmith.trace.session_name"
"""The attribute that names the project."""

_METADATA = "langsmith.metadata."
_KIND = "langsmith.span.kind"
_TAGS = "langsmith.span.tags"
_INPUT = "gen_ai.prompt"
_OUTPUT = "gen_ai.completion"
_GENERATED = (Kind.LLM, Kind.EMBEDDING)


def read(span: OtelSpan, limits: IngestLimits) -> Reading | None:
    """What `langsmith.*` says, and the run's inputs and outputs beside it; None where nothing is said."""
    if "langsmith" not in span.namespaces:
        return None
    kind = kind_of(span.text(_KIND))
    metadata = {
        name.removeprefix(_METADATA): value for name, value in span.attributes.items() if name.startswith(_METADATA)
    }
    used = {_METADATA + name for name in metadata}
    inputs, outputs = _value(span, _INPUT, limits, used), _value(span, _OUTPUT, limits, used)
    found = generation_of(inputs, outputs) if kind is Kind.LLM else None
    tags = span.text(_TAGS)
    used |= {_KIND, _TAGS} & span.attributes.keys()
    return Reading(
        project=span.text(PROJECT),
        kind=kind,
        model=model_of(inputs, outputs, {"metadata": metadata}) if kind in _GENERATED else None,
        provider=_text(metadata.get("ls_provider")),
        session_id=session_of(metadata),
        user_id=_text(metadata.get("user_id")) or _text(metadata.get("ls_user_id")),
        usage=usage_of_run({}, outputs, metadata) if kind in _GENERATED else None,
        cost=cost_of_run(outputs, metadata) if kind in _GENERATED else None,
        input=inputs,
        output=outputs,
        input_messages=found.input if found else None,
        output_messages=found.output if found else None,
        log_probabilities=choice_log_probabilities(outputs) if found else None,
        metadata=metadata,
        tags=tuple(tags.split(", ")) if tags else None,
        aliases=(twin_name(span.name, span.start_ns),) if kind and span.name and span.start_ns else (),
        used=frozenset(used),
    )


def _value(span: OtelSpan, name: str, limits: IngestLimits, used: set[str]) -> Json:
    value: Any = span.attributes.get(name)
    if not isinstance(value, str):
        return None
    used.add(name)
    return embedded_json(value, limits)


def _text(value: Json) -> str | None:
    return value if isinstance(value, str) and value else None
