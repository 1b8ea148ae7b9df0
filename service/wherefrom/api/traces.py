"""Traces: listed, shown as trees, deleted."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from fastapi import APIRouter, Path, Response
from pydantic import BaseModel, ConfigDict, Field

from wherefrom.api.dependencies import Admin, Parts, Reader, in_thread, stored
from wherefrom.api.filters import LONGEST_NAME, Filtered, Paged, Project, json_answer, page_answer
from wherefrom.traces.listing import list_traces
from wherefrom.traces.model import Kind, Protocol, Status
from wherefrom.traces.retention import delete_trace
from wherefrom.traces.trees import read_tree

router = APIRouter(tags=["traces"])

TraceId = Annotated[str, Path(max_length=LONGEST_NAME, description="In hex, or as a UUID.")]
Tokens = Annotated[int | None, Field(description="As the client counted them; null: unknown.")]
Dollars = Annotated[float | None, Field(description="US dollars; null: unknown.")]
State = Literal["pending", "done", "failed", "nothing"]

Responses = dict[int | str, dict[str, Any]]
NO_TRACE: Responses = {404: {"description": "There is no such trace"}}
NO_PROJECT: Responses = {404: {"description": "There is no such project"}}


class Model(BaseModel):
    """What is answered holds nothing beside what is described."""

    model_config = ConfigDict(extra="forbid")


class TraceItem(Model):
    """A trace, with what its spans say together."""

    id: str
    project: str
    session: str | None
    user: str | None
    name: str | None = Field(description="Of its first root; cut where it is very long.")
    protocol: Protocol
    status: Status
    start: str = Field(description="Of the earliest span, to the nanosecond.")
    end: str | None = Field(description="Of the latest span.")
    duration_ms: float | None = Field(description="Negative where clocks differ.")
    received: str
    updated: str
    spans: int
    errors: int = Field(description="Spans that failed.")
    generations: int
    model: str | None = Field(description="Of the first generation.")
    input_tokens: Tokens
    output_tokens: Tokens
    cost: Dollars
    cost_is_partial: bool = Field(description="There are generations whose cost is unknown.")
    provenance: State | None = Field(
        description="Of its generations together: the first that any is in, of pending, failed, done, nothing."
    )
    characters: int | None = Field(description="Of outputs that were traced.")
    coverage: float | None = Field(description="The share of these that stands in the indexes.")
    longest_span: int | None = Field(description="Characters of the longest passage that stands in the indexes.")


class TracePage(Model):
    """Some of the traces."""

    items: list[TraceItem]
    next: str | None = Field(description="The next page's `cursor`; null at the end.")


class SkeletonSpan(Model):
    """A span in a tree, without what it holds."""

    id: str
    parent: int | None = Field(description="Place of its parent in the list; null: it is shown as a root.")
    orphan: bool = Field(description="It names a parent that is not there, or that is below it.")
    depth: int
    descendants: int = Field(description="How many of the next spans are below it.")
    name: str | None = Field(description="Cut where it is very long.")
    kind: Kind
    status: Status
    offset_ms: float | None = Field(description="From the trace's start to its own; null: it has no start.")
    duration_ms: float | None = Field(description="Null: it has not ended.")
    first_token_ms: float | None = Field(description="From its start to its output's first token.")
    model: str | None
    input_tokens: Tokens
    output_tokens: Tokens
    total_tokens: Tokens
    cost: Dollars
    provenance: State | None = Field(description="Of a generation's parts together; null: it is none, or not complete.")
    characters: int | None
    coverage: float | None
    longest_span: int | None


class TraceTree(Model):
    """A trace and its spans: parents before children, siblings by start."""

    trace: TraceItem
    spans: list[SkeletonSpan]


@router.get("/v1/traces", summary="List traces", response_model=TracePage, responses=NO_PROJECT)
async def traces(services: Parts, wanted: Filtered, page: Paged) -> Response:
    """Traces that pass all the filters, by their start."""
    return page_answer(await in_thread(services.store.read, lambda connection: list_traces(connection, wanted, page)))


@router.get("/v1/traces/{trace_id}", summary="Show a trace as a tree", response_model=TraceTree, responses=NO_TRACE)
async def trace(services: Parts, caller: Reader, trace_id: TraceId, project: Project = None) -> Response:
    """A trace and the skeleton of its spans, of which `/v1/spans/{id}` shows the rest.

    Trace ids are distinct within a project; without one the newest trace of the id is shown.
    """
    only = caller.project_or(project)
    return await in_thread(
        lambda: json_answer(services.store.read(lambda connection: read_tree(connection, trace_id, only)))
    )


@router.delete("/v1/traces/{trace_id}", summary="Delete a trace", status_code=204, responses=NO_TRACE)
async def delete(services: Parts, caller: Admin, trace_id: TraceId, project: Project = None) -> Response:
    """Delete a trace and everything that is known of it: spans, files, scores, provenance, and the requests it came in.

    Requests that spoke of other traces as well go with it; those traces stay.
    """
    only = caller.project_or(project)
    await stored(services.store, lambda connection: delete_trace(connection, trace_id, only))
    return Response(status_code=204)
