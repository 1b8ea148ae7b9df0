"""Numbers over time, and what is quoted most."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Query, Response
from pydantic import Field

from wherefrom.api.dependencies import Parts, in_thread
from wherefrom.api.filters import Filtered, json_answer
from wherefrom.api.traces import NO_PROJECT, Dollars, Model, Tokens
from wherefrom.traces.statistics import (
    MAX_RANKED,
    Step,
    first_token_over_time,
    most_quoted_documents,
    most_quoted_sources,
    over_time,
    used_models,
)

router = APIRouter(tags=["statistics"])

Ranked = Annotated[int, Query(ge=1, le=MAX_RANKED, description="How many at most.")]


class StepItem(Model):
    """What the traces that started in a step of time say together."""

    start: str = Field(description="`since` of the traces behind it.")
    end: str = Field(description="`until` of these.")
    traces: int
    failed: int
    spans: int
    generations: int
    characters: int | None = Field(description="Of outputs that were traced.")
    coverage: float | None = Field(description="The share of these that stands in the indexes.")
    longest_span: int | None
    longest_span_mean: float | None = Field(description="Mean over traces.")
    input_tokens: Tokens
    output_tokens: Tokens
    cost: Dollars
    cost_is_partial: bool
    duration_ms_median: float | None = Field(description="By nearest rank.")
    duration_ms_p95: float | None


class Steps(Model):
    """Numbers over time; there is only one page."""

    items: list[StepItem]
    next: None


class FirstTokenItem(Model):
    """How soon outputs began in the traces that started in a step of time."""

    start: str = Field(description="`since` of the traces behind it.")
    end: str = Field(description="`until` of these.")
    generations: int = Field(description="Those that say when their first token came.")
    first_token_ms_median: float = Field(description="From the start of a generation; by nearest rank.")
    first_token_ms_p95: float


class FirstTokens(Model):
    """First tokens over time; there is only one page."""

    items: list[FirstTokenItem]
    next: None


class DocumentRank(Model):
    """A document that is quoted."""

    index: str
    document: str
    traces: int = Field(description="How many quote it.")


class DocumentRanks(Model):
    """The documents that the most traces quote."""

    items: list[DocumentRank]
    next: None


class SourceRank(Model):
    """A source of documents that are quoted."""

    index: str
    source: str | None = Field(description="As the documents' metadata call it; null: they do not.")
    traces: int = Field(description="How many quote its documents.")


class SourceRanks(Model):
    """The sources whose documents the most traces quote."""

    items: list[SourceRank]
    next: None


class ModelRank(Model):
    """A model that is used."""

    model: str
    traces: int


class ModelRanks(Model):
    """The models that the most traces use."""

    items: list[ModelRank]
    next: None


def _only_page(items: list[dict[str, Any]]) -> Response:
    return json_answer({"items": items, "next": None})


@router.get("/v1/statistics/time", summary="Show numbers over time", response_model=Steps, responses=NO_PROJECT)
async def time(
    services: Parts,
    wanted: Filtered,
    step: Annotated[Step, Query(description="Of time, in UTC; weeks begin on Monday.")] = Step.DAY,
) -> Response:
    """Generations, coverage, longest span, latency, tokens and cost by time. Steps without traces are left out."""
    return _only_page(await in_thread(services.store.read, lambda connection: over_time(connection, wanted, step)))


@router.get(
    "/v1/statistics/first-token",
    summary="Show how soon outputs began",
    response_model=FirstTokens,
    responses=NO_PROJECT,
)
async def first_token(
    services: Parts,
    wanted: Filtered,
    step: Annotated[Step, Query(description="Of time, in UTC; weeks begin on Monday.")] = Step.DAY,
) -> Response:
    """From the start of generations to their first token, by time. Steps without any that say so are left out."""
    return _only_page(
        await in_thread(services.store.read, lambda connection: first_token_over_time(connection, wanted, step))
    )


@router.get(
    "/v1/statistics/documents",
    summary="List the most quoted documents",
    response_model=DocumentRanks,
    responses=NO_PROJECT,
)
async def documents(services: Parts, wanted: Filtered, limit: Ranked = 20) -> Response:
    """The documents that the most traces quote."""
    return _only_page(
        await in_thread(services.store.read, lambda connection: most_quoted_documents(connection, wanted, limit))
    )


@router.get(
    "/v1/statistics/sources", summary="List the most quoted sources", response_model=SourceRanks, responses=NO_PROJECT
)
async def sources(services: Parts, wanted: Filtered, limit: Ranked = 20) -> Response:
    """The sources whose documents the most traces quote."""
    return _only_page(
        await in_thread(services.store.read, lambda connection: most_quoted_sources(connection, wanted, limit))
    )


@router.get("/v1/statistics/models", summary="List the models", response_model=ModelRanks, responses=NO_PROJECT)
async def models(services: Parts, wanted: Filtered, limit: Ranked = 100) -> Response:
    """The models that the most traces use."""
    return _only_page(await in_thread(services.store.read, lambda connection: used_models(connection, wanted, limit)))
