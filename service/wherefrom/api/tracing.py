"""Texts to provenance: one at a time, or a batch whose results come as they are found."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Callable, Coroutine
from concurrent.futures import Future
from typing import Annotated, Any, Literal

import orjson
from fastapi import APIRouter, Request, Response
from fastapi.responses import StreamingResponse
from pydantic import BaseModel, ConfigDict, Field

from wherefrom.api import problems
from wherefrom.api.answering import respond
from wherefrom.api.dependencies import Parts, Reader
from wherefrom.api.json_bodies import JsonRoute
from wherefrom.api.provenance_models import ProvenanceModel
from wherefrom.api.settings import Settings
from wherefrom.errors import LimitError, OverloadedError
from wherefrom.options import PRESETS, TraceOptions
from wherefrom.pool.jobs import TraceJob
from wherefrom.pool.pool import TracePool
from wherefrom.pool.registry import Opening
from wherefrom.pool.task import Answer
from wherefrom_indexer.errors import WherefromError

router = APIRouter(tags=["tracing"], route_class=JsonRoute)


class NdjsonResponse(StreamingResponse):
    """JSON objects, one a line, as they come."""

    media_type: str = "application/x-ndjson"


SEARCH_PROBLEMS: dict[int | str, dict[str, Any]] = {
    404: {"description": "There is no such index"},
    504: {"description": "The search took too long"},
}
"""What searches may be answered, beside what any request may be."""

_PLAIN = {preset: TraceOptions.of(preset) for preset in PRESETS}
_AGAIN_S = 0.1
_MOST = (1 << 31) - 1

IndexNames = Annotated[
    list[str],
    Field(default_factory=list, max_length=1000, description="Names of indexes; none: all that are served."),
]
Preset = Annotated[Literal["default", "olmotrace"], Field(description="The way in which spans are found.")]


class _TraceRoute(JsonRoute):
    """Refuses what cannot be taken on before it is read: when ten times too much is asked, refusals must be cheap. With
    a cache, the request must be known to tell whether its answer is kept."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """The handler, with a look at the pool before it."""
        handler = super().get_route_handler()

        async def handle(request: Request) -> Response:
            pool: TracePool = request.app.state.services.pool
            if pool.full and not pool.cache.limit:
                raise pool.overloaded()
            return await handler(request)

        return handle


class OptionsModel(BaseModel):
    """What a trace is asked to do; what is not given is as the preset has it."""

    model_config = ConfigDict(extra="forbid", strict=True)

    min_characters: int | None = Field(default=None, ge=1, le=_MOST, description="Shortest span kept, in code points.")
    min_tokens: int | None = Field(
        default=None, ge=1, le=_MOST, description="Shortest span kept, in tokens that begin in it."
    )
    max_count: int | None = Field(
        default=None, ge=1, le=_MOST, description="A span that occurs more often than this is withheld; null: no limit."
    )
    density: float | None = Field(
        default=None,
        gt=0,
        le=1,
        description="At most ceil(density x tokens) spans are shown, the rarest; null: no cap.",
    )
    word_boundaries: bool | None = Field(default=None, description="Spans begin and end at word boundaries.")
    sentence_boundaries: bool | None = Field(default=None, description="No span crosses the end of a sentence.")
    max_documents: int | None = Field(default=None, ge=0, le=1000, description="Documents kept for each span.")
    context_characters: int | None = Field(
        default=None, ge=0, le=100_000, description="Characters shown on each side of a match."
    )
    seed: int | None = Field(default=None, ge=0, lt=1 << 63, description="Of the sampling of documents.")

    def of(self, preset: str) -> TraceOptions:
        """The options of a preset with these changes. Null is a value of its own where there may be no limit."""
        if not self.model_fields_set:
            return _PLAIN[preset]
        given = {
            name: value
            for name in self.model_fields_set
            if (value := getattr(self, name)) is not None or name in ("max_count", "density")
        }
        return TraceOptions.of(preset, **given)


class TraceItem(BaseModel):
    """A text, and what was asked."""

    model_config = ConfigDict(extra="forbid")

    text: str = Field(min_length=1, description="The output of a model, or any text.")
    prompt: str | None = Field(default=None, description="What it answered; documents are ranked by prompt and text.")


class TraceRequest(TraceItem):
    """One text to trace."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "example": {
                "text": "We hold these truths to be self-evident, that all men are created equal.",
                "prompt": "How does the declaration begin?",
                "indexes": [],
                "preset": "default",
                "options": {"min_characters": 20, "max_documents": 5},
            }
        },
    )

    indexes: IndexNames
    preset: Preset = "default"
    options: OptionsModel = Field(default_factory=OptionsModel)


class BatchItem(TraceItem):
    """One text of a batch."""

    id: str | None = Field(default=None, description="Given back with the result.")


class BatchRequest(BaseModel):
    """Texts to trace, all with the same options and against the same versions of the indexes."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "example": {
                "items": [
                    {"id": "first", "text": "We hold these truths to be self-evident."},
                    {"id": "second", "text": "Four score and seven years ago our fathers brought forth."},
                ]
            }
        },
    )

    items: list[BatchItem] = Field(min_length=1)
    indexes: IndexNames
    preset: Preset = "default"
    options: OptionsModel = Field(default_factory=OptionsModel)


class BatchLine(BaseModel):
    """One line of a batch's answer: a provenance or a problem."""

    number: int = Field(ge=0, description="Place of the item in the batch.")
    id: str | None
    provenance: ProvenanceModel | None = None
    error: problems.Problem | None = None


async def trace(request: Request, asked: TraceRequest, services: Parts, caller: Reader) -> Response:
    """Find the passages of a text that stand verbatim in the indexes, and the documents they stand in.

    The header `Wherefrom-Cache` says whether the answer was kept from an equal request before.
    """
    require_length(services.settings, asked.text, asked.prompt)
    job = TraceJob(asked.text, asked.prompt, tuple(asked.indexes), asked.options.of(asked.preset))
    return await respond(request, services, job)


router.add_api_route(
    "/v1/trace",
    trace,
    methods=["POST"],
    summary="Trace a text",
    response_model=ProvenanceModel,
    responses=SEARCH_PROBLEMS,
    route_class_override=_TraceRoute,
)


@router.post(
    "/v1/trace/batch",
    summary="Trace many texts",
    response_class=NdjsonResponse,
    responses={
        200: {"model": BatchLine, "description": "One such object a line, in the order of the items"},
        **SEARCH_PROBLEMS,
    },
    openapi_extra={"responses": {"200": {"content": {NdjsonResponse.media_type: {"schema": {"type": "object"}}}}}},
)
async def trace_batch(request: Request, asked: BatchRequest, services: Parts, caller: Reader) -> Response:
    """Trace texts with less urgency than single ones; an item that cannot be traced is a line with its problem.

    All items are searched in the same versions of the indexes, whatever is published meanwhile.
    """
    settings = services.settings
    if len(asked.items) > settings.max_batch_items:
        raise LimitError(
            f"The batch has {len(asked.items):,} items; at most {settings.max_batch_items:,} are accepted "
            "(max_batch_items)."
        )
    for item in asked.items:
        require_length(settings, item.text, item.prompt)
    batch = _Batch(services.pool, asked, request.url.path, settings.deadline_s)
    batch.start()  # here, so that an overload is an answer of its own
    return NdjsonResponse(batch.lines())


def require_length(settings: Settings, *texts: str | None) -> None:
    """Refuse a text that is too long.

    Raises:
        LimitError: one is.
    """
    for text in texts:
        if text is not None and len(text) > settings.max_text_characters:
            raise LimitError(
                f"The text has {len(text):,} characters; at most {settings.max_text_characters:,} are accepted "
                "(max_text_characters)."
            )


class _Batch:
    """The texts of one request on their way. Few are given to the pool at a time: a client that reads slowly, or that
    sends many, holds up nobody."""

    def __init__(self, pool: TracePool, asked: BatchRequest, path: str, patience_s: float) -> None:
        self._pool = pool
        self._path = path
        self._patience_s = patience_s
        self._openings: tuple[Opening, ...] = pool.pin(asked.indexes)
        options = asked.options.of(asked.preset)
        self._jobs = deque(
            (item.id, TraceJob(item.text, item.prompt, tuple(asked.indexes), options)) for item in asked.items
        )
        self._under_way: deque[tuple[str | None, Future[Answer]]] = deque()
        self._room = 2 * max(len(pool.processes()), 1)

    def start(self) -> None:
        """Submit the first text.

        Raises:
            OverloadedError: the pool takes no more.
        """
        name, job = self._jobs[0]
        self._under_way.append((name, self._submit(job)))
        self._jobs.popleft()

    async def lines(self) -> AsyncIterator[bytes]:
        """The results, in order."""
        number = 0
        try:
            await self._fill()
            while self._under_way:
                name, future = self._under_way[0]
                line = await self._line(number, name, future)
                self._under_way.popleft()
                await self._fill()
                yield line
                number += 1
        finally:
            for _, future in self._under_way:
                future.cancel()

    async def _line(self, number: int, name: str | None, future: Future[Answer]) -> bytes:
        head = b'{"number":%d,"id":%s,' % (number, orjson.dumps(name))
        try:
            answer = await asyncio.wrap_future(future)
        except WherefromError as error:
            return head + b'"error":%s}\n' % bytes(problems.response(error, self._path).body)
        return head + b'"provenance":%s}\n' % answer.body

    async def _fill(self) -> None:
        """Submit as many as there is room for. Where the pool takes no more, what is under way makes room; with nothing
        under way, try again for a while."""
        waited_s = 0.0
        while self._jobs and len(self._under_way) < self._room:
            name, job = self._jobs[0]
            try:
                future = self._submit(job)
            except OverloadedError as error:
                if self._under_way:
                    return
                if waited_s < self._patience_s:
                    await asyncio.sleep(_AGAIN_S)
                    waited_s += _AGAIN_S
                    continue
                future = Future()
                future.set_exception(error)
            self._jobs.popleft()
            self._under_way.append((name, future))

    def _submit(self, job: TraceJob) -> Future[Answer]:
        return self._pool.submit(job, urgent=False, openings=self._openings)
