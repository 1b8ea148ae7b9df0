"""Projects as LangSmith's clients look them up; they call them sessions, and know them by UUIDs.

The id of a project is made of its name, so that it is the same on every service.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import UTC, datetime
from functools import cache
from typing import Annotated
from uuid import NAMESPACE_URL, UUID, uuid5

from fastapi import APIRouter, Path, Query
from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy import Connection, select

from wherefrom.api.dependencies import Ingester, Parts, in_thread, stored
from wherefrom.api.json_bodies import JsonRoute
from wherefrom.errors import NotFoundError
from wherefrom.traces.placing import project_keys
from wherefrom.traces.schema import projects, stored_text
from wherefrom.traces.store import TraceStore

TENANT = uuid5(NAMESPACE_URL, "wherefrom:tenant")
"""Clients want to know whose the projects are; here all are one's own."""

_MOST = 10_000  # projects that are looked through for an id

router = APIRouter(tags=["langsmith"], route_class=JsonRoute)


class Project(BaseModel):
    """A project."""

    id: UUID
    name: str
    start_time: datetime
    tenant_id: UUID = TENANT
    reference_dataset_id: UUID | None = None


class NewProject(BaseModel):
    """A project to be made."""

    model_config = ConfigDict(json_schema_extra={"example": {"name": "chatbot"}})

    name: Annotated[str, Field(min_length=1, max_length=200)]


def project_id(name: str) -> UUID:
    """What clients know a project by."""
    return uuid5(NAMESPACE_URL, "wherefrom:project:" + stored_text(name))


def project_finder(store: TraceStore) -> Callable[[UUID], str | None]:
    """A function that returns the name of the project of an id, or None. It reads them once: a request names many."""

    @cache
    def names() -> dict[UUID, str]:
        return {project_id(name): name for name, _ in store.read(_all)}

    return lambda wanted: names().get(wanted)


@router.get("/sessions", summary="Look projects up by name")
async def list_projects(
    parts: Parts,
    caller: Ingester,
    name: Annotated[str | None, Query(max_length=200, description="Only the project of this name.")] = None,
    limit: Annotated[int, Query(ge=1, le=100, description="At most so many.")] = 20,
    offset: Annotated[int, Query(ge=0, le=_MOST, description="Leave out so many.")] = 0,
) -> list[Project]:
    """List the projects that the caller may send to, or the one of this name."""
    found = await in_thread(parts.store.read, _all)
    seen = [
        _project(*row)
        for row in found
        if name in (None, row[0]) and caller.project in (None, row[0])  # by the caller's key
    ]
    return seen[offset : offset + limit]


@router.get("/sessions/{session_id}", summary="Look a project up by its id", responses={404: {"description": "None"}})
async def read_project(
    parts: Parts, caller: Ingester, session_id: Annotated[UUID, Path(description="The project's id.")]
) -> Project:
    """Read what is known of a project."""
    for row in await in_thread(parts.store.read, _all):
        if project_id(row[0]) == session_id and caller.project in (None, row[0]):
            return _project(*row)
    raise NotFoundError(f"There is no project with the id {session_id}.")


@router.post("/sessions", summary="Make a project")
async def create_project(parts: Parts, caller: Ingester, wanted: NewProject) -> Project:
    """Make a project; one that is there already is left as it is."""
    name = caller.project_or(wanted.name) or wanted.name
    now_ns = time.time_ns()
    await stored(parts.store, lambda connection: project_keys(connection, [name], now_ns))
    rows = await in_thread(parts.store.read, _all)
    return next(_project(*row) for row in rows if row[0] == stored_text(name))


def _all(connection: Connection) -> list[tuple[str, int]]:
    query = select(projects.c.name, projects.c.created_ns).order_by(projects.c.key).limit(_MOST)
    return [(row[0], row[1]) for row in connection.execute(query)]


def _project(name: str, created_ns: int) -> Project:
    return Project(id=project_id(name), name=name, start_time=datetime.fromtimestamp(created_ns // 10**9, UTC))
