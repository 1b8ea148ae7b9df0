"""Sessions: conversations of several traces."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Path, Query, Response
from pydantic import Field

from wherefrom.api.dependencies import Parts, Reader, in_thread
from wherefrom.api.filters import LONGEST_NAME, Paged, Project, json_answer, page_answer
from wherefrom.api.traces import NO_PROJECT, Dollars, Model, Tokens
from wherefrom.traces.sessions import list_sessions, read_session

router = APIRouter(tags=["sessions"])


class SessionItem(Model):
    """A session, with what its traces say together; `/v1/traces?session=` lists them."""

    id: str
    project: str
    start: str | None
    end: str | None
    duration_ms: float | None
    traces: int
    spans: int | None
    errors: int | None
    generations: int | None
    input_tokens: Tokens
    output_tokens: Tokens
    cost: Dollars
    longest_span: int | None
    coverage: float | None = Field(description="Share of all its traced characters.")


class SessionPage(Model):
    """Some of the sessions."""

    items: list[SessionItem]
    next: str | None = Field(description="The next page's `cursor`; null at the end.")


@router.get("/v1/sessions", summary="List sessions", response_model=SessionPage, responses=NO_PROJECT)
async def sessions(
    services: Parts,
    caller: Reader,
    page: Paged,
    project: Project = None,
    session: Annotated[
        str | None, Query(max_length=LONGEST_NAME, description="Of this id only, which no path needs to carry.")
    ] = None,
) -> Response:
    """Sessions by their start."""
    only = caller.project_or(project)
    return page_answer(
        await in_thread(services.store.read, lambda connection: list_sessions(connection, only, page, session))
    )


@router.get(
    "/v1/sessions/{session_id:path}",
    summary="Show a session",
    response_model=SessionItem,
    responses={404: {"description": "There is no such session"}},
)
async def session(
    services: Parts,
    caller: Reader,
    session_id: Annotated[str, Path(max_length=LONGEST_NAME, description="As the application sent it.")],
    project: Project = None,
) -> Response:
    """A session, the newest of that id where projects share it."""
    only = caller.project_or(project)
    return json_answer(
        await in_thread(services.store.read, lambda connection: read_session(connection, session_id, only))
    )
