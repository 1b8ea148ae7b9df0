"""The outputs of generations in a trace store, as an audit reads them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from wherefrom.audit.outputs import Output
from wherefrom.traces.export.stored import StoredSpan, stored_traces
from wherefrom.traces.listing import TraceFilter
from wherefrom.traces.parts import is_generation, prompt_of, traced_texts
from wherefrom.traces.store import TraceStore
from wherefrom.traces.times import time_text


def stored_outputs(store: TraceStore, wanted: TraceFilter) -> Iterator[Output]:
    """Yield each text of each complete generation in the order in which traces arrived; memory stays bounded.

    An output's fields are project, model, provider, session, user, name, day, trace, span, status, and the span's
    metadata as `metadata`, so that groups can be made of `metadata.FIELD`. A generation without a text is an empty
    output, and counted as one.

    Args:
        store: the trace store.
        wanted: which traces.

    Raises:
        NotFoundError, RequestError: as `stored_traces`.
    """
    number = 0
    for trace in stored_traces(store, wanted):
        for span in trace.spans:
            row = span.row
            if not is_generation(row.kind, row.protocol, row.end_ns, row.status):
                continue
            texts = [(text.place, text.text) for text in traced_texts(span.payload.output_messages)] or [("", "")]
            prompt, fields = prompt_of(span.payload.input_messages), _fields(span)
            for place, text in texts:
                number += 1
                yield Output(number, text, prompt, f"{row.trace_id}/{row.span_id}{place}", fields)


def _fields(span: StoredSpan) -> dict[str, Any]:
    row = span.row
    started = time_text(row.start_ns)
    return {
        "project": row.project,
        "model": row.model,
        "provider": row.provider,
        "session": row.session_id,
        "user": row.user_id,
        "name": row.name,
        "day": started[:10] if started else None,
        "trace": row.trace_id,
        "span": row.span_id,
        "status": row.status,
        "metadata": span.payload.metadata,
    }
