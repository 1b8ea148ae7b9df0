"""Scores and notes on traces and spans: written, listed, deleted."""

from __future__ import annotations

import time
import uuid
from typing import Annotated, Any

from fastapi import APIRouter, Body, Path, Query, Request, Response
from pydantic import BaseModel, ConfigDict, Field, model_validator
from pydantic.config import JsonDict
from sqlalchemy import Connection

from wherefrom.api.dependencies import Admin, Ingester, Parts, Reader, in_thread, stored
from wherefrom.api.filters import LONGEST_NAME, Paged, Project, json_answer, page_answer
from wherefrom.api.json_bodies import JsonRoute
from wherefrom.api.traces import NO_PROJECT, Model
from wherefrom.traces.details import find_span
from wherefrom.traces.ingesting import ingest
from wherefrom.traces.model import IngestBatch, ScoreUpdate
from wherefrom.traces.pages import Page
from wherefrom.traces.scores import ScoreFilter, delete_score, list_scores, named_scores
from wherefrom.traces.times import read_time
from wherefrom.traces.trees import plain_id
from wherefrom_indexer.tokenization import clean_text

router = APIRouter(tags=["scores"], route_class=JsonRoute)

MAX_SCORES = 1_000
_LARGEST = 1e300

Name = Annotated[str, Field(min_length=1, max_length=LONGEST_NAME)]
LongText = Annotated[str, Field(max_length=100_000)]


_ONE: JsonDict = {
    "id": "rating-1",
    "trace": "4bf92f3577b34da6a3ce929d0e0e4736",
    "name": "helpfulness",
    "value": 0.8,
    "comment": "Answers the question, cites nothing.",
    "annotator": "ada",
}
_NOTE = {"trace": "4bf92f3577b34da6a3ce929d0e0e4736", "span": "53995c3f42cd8ad8", "name": "note", "text": "quotes"}


class ScoreInput(BaseModel):
    """A score or note: a number, a category, free words, or several of these."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={"example": _ONE},
    )

    id: Name | None = Field(default=None, description="Sent again it replaces the score; none: a new one.")
    name: Name
    project: Name | None = Field(default=None, description="That of the trace, where that is known.")
    trace: Name | None = Field(default=None, description="Id of the trace that it is about, or in which the span is.")
    span: Name | None = Field(default=None, description="Id of the span that it is about; any name of it.")
    value: Annotated[float, Field(ge=-_LARGEST, le=_LARGEST, allow_inf_nan=False)] | None = None
    text: LongText | None = Field(default=None, description="A category.")
    comment: LongText | None = Field(default=None, description="Free words.")
    annotator: Name | None = Field(default=None, description="Who says so: a person, `code`, `llm`, ...")
    metadata: dict[str, Any] = {}
    time: Annotated[str, Field(max_length=64)] | None = Field(default=None, description="RFC 3339; none: now.")

    @model_validator(mode="after")
    def _says_something(self) -> ScoreInput:
        if self.trace is None and self.span is None:
            raise ValueError("a score is about a trace or a span: give trace, span or both")
        if self.value is None and self.text is None and self.comment is None:
            raise ValueError("a score says something: give value, text or comment")
        return self

    def update(self) -> ScoreUpdate:
        """What it says, as the store takes it."""
        return ScoreUpdate(
            id=clean_text(self.id) if self.id else str(uuid.uuid4()),
            name=clean_text(self.name),
            trace_id=None if self.trace is None else clean_text(plain_id(self.trace)),
            span_id=None if self.span is None else clean_text(self.span.strip()),
            project=None if self.project is None else clean_text(self.project),
            value=self.value,
            text=None if self.text is None else clean_text(self.text),
            comment=None if self.comment is None else clean_text(self.comment),
            annotator=None if self.annotator is None else clean_text(self.annotator),
            metadata=self.metadata,
            time_ns=None if self.time is None else read_time(self.time, "time"),
        )


class ScoreItem(Model):
    """A score or note."""

    id: str
    project: str
    trace: str | None
    span: str | None = Field(description="Null: it is about the trace.")
    bound: bool = Field(description="What it is about is there; otherwise it waits for it.")
    name: str
    value: float | None
    text: str | None
    comment: str | None
    annotator: str | None
    metadata: dict[str, Any]
    time: str


class ScorePage(Model):
    """Some of the scores."""

    items: list[ScoreItem]
    next: str | None = Field(description="The next page's `cursor`; null at the end.")


@router.get("/v1/scores", summary="List scores", response_model=ScorePage, responses=NO_PROJECT)
async def scores(
    services: Parts,
    caller: Reader,
    page: Paged,
    project: Project = None,
    trace: Annotated[str | None, Query(max_length=LONGEST_NAME, description="Of this trace and of its spans.")] = None,
    span: Annotated[str | None, Query(max_length=LONGEST_NAME, description="Of this span; any name of it.")] = None,
    name: Annotated[str | None, Query(max_length=LONGEST_NAME, description="Of this name.")] = None,
) -> Response:
    """Scores by their time."""
    only = caller.project_or(project)

    def read(connection: Connection) -> Page:
        key = None if span is None else find_span(connection, span, only, trace)
        return list_scores(connection, ScoreFilter(only, trace, key, name), page)

    return page_answer(await in_thread(services.store.read, read))


@router.post("/v1/scores", summary="Write scores", response_model=ScorePage)
async def write(
    request: Request,
    services: Parts,
    caller: Ingester,
    given: Annotated[
        Annotated[list[ScoreInput], Field(min_length=1, max_length=MAX_SCORES)] | ScoreInput,
        Body(openapi_examples={"one": {"value": _ONE}, "several": {"value": [_ONE, _NOTE]}}),
    ],
) -> Response:
    """Write a score, or several. One that comes before what it is about waits for that."""
    listed = given if isinstance(given, list) else [given]
    updates = tuple(score.update() for score in listed)
    for update in updates:
        caller.project_or(update.project)
    batch = IngestBatch(scores=updates, project=caller.project, only_project=caller.project)

    def work(connection: Connection) -> list[dict[str, Any]]:
        ingest(connection, batch, time.time_ns())
        return named_scores(connection, list(dict.fromkeys(update.id for update in updates)), caller.project)

    written = await stored(services.store, work, len(await request.body()))
    return json_answer({"items": written, "next": None})


@router.delete(
    "/v1/scores/{score_id:path}",
    summary="Delete a score",
    status_code=204,
    responses={404: {"description": "There is no such score"}},
)
async def delete(
    services: Parts,
    caller: Admin,
    score_id: Annotated[str, Path(max_length=LONGEST_NAME, description="As it was sent, or as the answer had it.")],
    project: Annotated[str, Query(max_length=LONGEST_NAME, description="Name of its project.")] = "default",
) -> Response:
    """Delete a score by its id, which is distinct within its project."""
    only = caller.project_or(project) or project
    await stored(services.store, lambda connection: delete_score(connection, score_id, only))
    return Response(status_code=204)
