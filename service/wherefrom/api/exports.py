"""Traces with their provenance, for other systems."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from typing import Annotated

from fastapi import APIRouter, Query, Response
from starlette.concurrency import iterate_in_threadpool
from starlette.responses import StreamingResponse

from wherefrom.api.dependencies import Parts, in_thread
from wherefrom.api.filters import Filtered
from wherefrom.api.traces import NO_PROJECT
from wherefrom.traces.export.formats import FORMATS, Format
from wherefrom.traces.export.stored import stored_traces

router = APIRouter(tags=["export"])

_BINARY = {"schema": {"type": "string", "format": "binary"}}


@router.get(
    "/v1/export",
    summary="Export traces",
    response_class=Response,
    responses=NO_PROJECT
    | {
        200: {
            "description": "OTLP JSON: a line for each trace, an ExportTraceServiceRequest, with a child span of "
            "provenance for each generation. Parquet: a row for each span.",
            "content": {FORMATS[each].media_type: _BINARY for each in Format},
        }
    },
)
async def export(
    services: Parts,
    wanted: Filtered,
    form: Annotated[Format, Query(alias="format", description="Of the file.")] = Format.OTLP,
) -> StreamingResponse:
    """Traces that pass all the filters, in the order in which they arrived, with everything that they hold."""
    chosen = FORMATS[form]
    pieces = chosen.pieces()(stored_traces(services.store, wanted))
    first = await in_thread(next, pieces, b"")  # what is wrong with the request shows before the answer begins
    headers = {"Content-Disposition": f'attachment; filename="traces.{chosen.suffix}"'}
    return StreamingResponse(_all(first, pieces), media_type=chosen.media_type, headers=headers)


async def _all(first: bytes, pieces: Iterator[bytes]) -> AsyncIterator[bytes]:
    yield first
    async for piece in iterate_in_threadpool(pieces):
        yield piece
