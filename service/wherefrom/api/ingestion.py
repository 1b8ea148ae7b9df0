"""What routers of all protocols do with a batch: keep it, wait until that is durable, count it."""

from __future__ import annotations

import time
from dataclasses import replace

from fastapi import Request

from wherefrom.api.access import Caller
from wherefrom.api.dependencies import stored
from wherefrom.api.services import Services
from wherefrom.errors import RequestError
from wherefrom.traces.ingest import collecting
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


def sent(request: Request, parts: Services, caller: Caller, data: bytes, protocol: Protocol) -> collecting.Request:
    """A request of JSON items, as the readers of `ingest` take it: what names no project is of the caller's."""
    return collecting.Request(data, protocol, parts.limits, request.url.path, caller.project, caller.project)


def usable(batch: IngestBatch) -> IngestBatch:
    """The batch, if any of it can be used.

    Raises:
        RequestError: items were refused, and none was taken.
    """
    if batch.rejected and not (batch.spans or batch.scores):
        raise RequestError(f"Nothing of the request can be used: {batch.reason}.")
    return batch
