"""Server-sent events: traces as they come and change."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Annotated

from fastapi import APIRouter, Header, Query, Response
from starlette.responses import StreamingResponse

from wherefrom.api.dependencies import Parts, Reader, in_thread
from wherefrom.api.filters import LONGEST_NAME, Project
from wherefrom.api.services import Services

router = APIRouter(tags=["live"])

_ALIVE_S = 15.0
_LOOK_S = 0.5  # how soon a stream ends when the service stops
_EXAMPLE = 'event: trace\nid: 1795341790123456789\ndata: {"id":"4bf92f3577b34da6a3ce929d0e0e4736", ...}\n\n'


@router.get(
    "/v1/live",
    summary="Hear of traces as they come and change",
    response_class=Response,
    responses={
        200: {
            "description": "A stream without end. `trace`: a trace is new or has changed, as an item of `/v1/traces`. "
            "`deleted` and `reset`: read your lists again.",
            "content": {"text/event-stream": {"schema": {"type": "string"}, "example": _EXAMPLE}},
        }
    },
)
async def live(
    services: Parts,
    caller: Reader,
    project: Project = None,
    trace: Annotated[str | None, Query(max_length=LONGEST_NAME, description="Of this trace only.")] = None,
    last_event_id: Annotated[
        str | None, Header(max_length=100, description="The last event heard: what was missed comes first.")
    ] = None,
) -> StreamingResponse:
    """Server-sent events of what changes, within a second of its being stored."""
    stream = _events(services, caller.project_or(project), trace, last_event_id)
    headers = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}
    return StreamingResponse(stream, media_type="text/event-stream", headers=headers)


async def _events(
    services: Services, project: str | None, trace: str | None, last_event_id: str | None
) -> AsyncIterator[bytes]:
    with services.live.listening(project, trace) as listener:
        yield b": listening\n\n"
        if last_event_id:
            for event in await in_thread(services.live.missed, listener, last_event_id):
                yield event.encode()
        silent = 0.0
        while not services.stopping.is_set():
            try:
                event = await asyncio.wait_for(listener.events.get(), _LOOK_S)
            except TimeoutError:
                silent += _LOOK_S
                if silent >= _ALIVE_S:
                    silent = 0.0
                    yield b": still here\n\n"
                continue
            silent = 0.0
            yield event.encode()
