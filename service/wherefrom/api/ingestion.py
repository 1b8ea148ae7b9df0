"""What routers of all protocols do with a batch: keep it, wait until that is durable, count it."""

from __future__ import annotations

import time
from dataclasses import replace

from wherefrom.api.dependencies import stored
from wherefrom.api.services import Services
from wherefrom.traces.ingesting import ingest
from wherefrom.traces.model import IngestBatch, Protocol


async def ingested(parts: Services, batch: IngestBatch, protocol: Protocol, size: int) -> None:
    """Stores what a request says; returns when that is durable, so that the request may be acknowledged.

    Args:
        size: of the request, in bytes.

    Raises:
        OverloadedError, StoreUnavailableError: nothing is stored; the client should send it again.
    """
    kept = batch if parts.settings.raw_retention_hours else replace(batch, raw=None)
    if kept.spans or kept.scores or kept.attachments:
        await stored(parts.store, lambda connection: ingest(connection, kept, time.time_ns()), size)
    parts.metrics.spans.labels(protocol.value).inc(len(batch.spans))
    parts.metrics.rejected.labels(protocol.value).inc(batch.rejected)
