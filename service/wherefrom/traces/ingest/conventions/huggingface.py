"""What `wherefrom.huggingface` says beside `gen_ai.*`: probabilities of tokens, and when the first one came."""

from __future__ import annotations

from wherefrom.traces.ingest.conventions.reading import Reading
from wherefrom.traces.ingest.json_values import embedded_json
from wherefrom.traces.ingest.limits import IngestLimits
from wherefrom.traces.ingest.log_probabilities import log_probabilities
from wherefrom.traces.ingest.otel_spans import LATEST_NS, OtelSpan
from wherefrom.traces.model import Json, Kind, Protocol

_PROBABILITIES = "huggingface.log_probabilities"
_FIRST = "huggingface.first_token_time_unix_nano"
_METADATA = "huggingface.metadata"


def read(span: OtelSpan, limits: IngestLimits) -> Reading | None:
    """What `huggingface.*` says; None where there is none."""
    if "huggingface" not in span.namespaces:
        return None

    def value(name: str) -> Json:
        said = span.attributes.get(name)
        return embedded_json(said, limits) if isinstance(said, str) else said

    tokens = log_probabilities(value(_PROBABILITIES))
    first, metadata = _time(span.attributes.get(_FIRST)), value(_METADATA)
    used = {_PROBABILITIES: tokens is not None, _FIRST: first is not None, _METADATA: isinstance(metadata, dict)}
    return Reading(
        protocol=Protocol.HUGGINGFACE,
        kind=Kind.LLM,
        first_token_ns=first,
        log_probabilities=tokens,
        metadata=metadata if isinstance(metadata, dict) else {},
        used=frozenset(name for name, is_read in used.items() if is_read),
    )


def _time(value: Json) -> int | None:
    if isinstance(value, str) and value.isascii() and value.isdigit() and len(value) < 20:
        value = int(value)
    return value if type(value) is int and 0 < value <= LATEST_NS else None
