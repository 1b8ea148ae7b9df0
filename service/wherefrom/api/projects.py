"""Projects: listed, kept for a time, deleted."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Path, Response
from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy import Connection

from wherefrom.api.access import Caller
from wherefrom.api.dependencies import Admin, Parts, Reader, in_thread, stored
from wherefrom.api.filters import LONGEST_NAME, Paged, json_answer, page_answer
from wherefrom.api.json_bodies import JsonRoute
from wherefrom.api.traces import NO_PROJECT, Model
from wherefrom.traces.projects import keep_for, list_projects, read_project
from wherefrom.traces.retention import delete_project

router = APIRouter(tags=["projects"], route_class=JsonRoute)

ProjectName = Annotated[str, Path(min_length=1, max_length=LONGEST_NAME, description="Name of the project.")]


class ProjectItem(Model):
    """A project; `/v1/projects/{name}/tracing` says how its generations are traced."""

    name: str
    created: str
    last_start: str | None = Field(description="When its newest trace started; null: it has none.")
    retention_days: int | None = Field(description="Traces are deleted so long after they arrived; null: see settings.")
    snippet_bytes: int = Field(description="What its snippets take of the project's quota.")


class ProjectPage(Model):
    """Some of the projects."""

    items: list[ProjectItem]
    next: str | None = Field(description="The next page's `cursor`; null at the end.")


class ProjectChange(BaseModel):
    """What is to be changed of a project."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"example": {"retention_days": 30}})

    retention_days: Annotated[int, Field(ge=1, le=100_000)] | None = Field(
        description="Days after their arrival at which its traces are deleted; null: as the service's settings say."
    )


@router.get("/v1/projects", summary="List projects", response_model=ProjectPage)
async def projects(services: Parts, caller: Reader, page: Paged) -> Response:
    """Projects by when something was first sent to them."""
    return page_answer(
        await in_thread(services.store.read, lambda connection: list_projects(connection, caller.project, page))
    )


@router.get("/v1/projects/{name}", summary="Show a project", response_model=ProjectItem, responses=NO_PROJECT)
async def project(services: Parts, caller: Reader, name: ProjectName) -> Response:
    """A project."""
    return json_answer(await in_thread(services.store.read, _reading(caller, name)))


@router.patch("/v1/projects/{name}", summary="Change a project", response_model=ProjectItem, responses=NO_PROJECT)
async def change(services: Parts, caller: Admin, name: ProjectName, changed: ProjectChange) -> Response:
    """Set how long a project's traces are kept."""
    read = _reading(caller, name)

    def work(connection: Connection) -> dict[str, Any]:
        keep_for(connection, name, changed.retention_days)
        changed_project: dict[str, Any] = read(connection)
        return changed_project

    return json_answer(await stored(services.store, work))


@router.delete("/v1/projects/{name}", summary="Delete a project", status_code=204, responses=NO_PROJECT)
async def delete(services: Parts, caller: Admin, name: ProjectName) -> Response:
    """Delete a project and everything in it, which takes a while; asked again after a failure, it goes on."""
    caller.project_or(name)
    await in_thread(delete_project, services.store, name)
    return Response(status_code=204)


def _reading(caller: Caller, name: str) -> Any:
    caller.project_or(name)
    return lambda connection: read_project(connection, name)
