"""OLMoTrace's own interface: `POST /olmotrace/{index}/attribution`, with its names for everything.

A program that was written for it is given `.../olmotrace` as the address of its server. The spans are those of the
preset `olmotrace`.
"""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from typing import Annotated, Any

from fastapi import APIRouter, Request, Response
from fastapi.exceptions import RequestValidationError
from pydantic import BaseModel, ConfigDict, Field
from pydantic.alias_generators import to_camel

from wherefrom.api.answering import respond
from wherefrom.api.dependencies import Parts, Reader
from wherefrom.api.indexes import IndexName
from wherefrom.api.json_bodies import JsonRoute
from wherefrom.api.problems import problem
from wherefrom.api.provenance_models import Count
from wherefrom.api.tracing import SEARCH_PROBLEMS, require_length
from wherefrom.options import AttributionOptions, Ranking
from wherefrom.pool.attribution_job import AttributionJob

HEALTH = "/olmotrace/health/"

_LARGEST = (1 << 53) - 1
_FAULTS = 20


class _Route(JsonRoute):
    """Says what is wrong with a body in the words that this interface's clients read."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """The handler, with faults as `loc`, `msg` and `type`."""
        handler = super().get_route_handler()

        async def handle(request: Request) -> Response:
            try:
                return await handler(request)
            except RequestValidationError as error:
                faults = [
                    {"loc": [str(part)[:200] for part in fault["loc"]], "msg": fault["msg"], "type": fault["type"]}
                    for fault in error.errors()[:_FAULTS]
                ]
                first = faults[0]
                detail = f"{'.'.join(first['loc'])}: {first['msg']}."
                path = request.scope["path"]
                return problem(422, "unusable-value", "A value cannot be used", detail, path, errors=faults)

        return handle


router = APIRouter(tags=["olmotrace"], route_class=_Route)


class AttributionModel(BaseModel):
    """Names as this interface has them."""

    model_config = ConfigDict(alias_generator=to_camel, populate_by_name=True)


_Tokens = Annotated[int, Field(gt=0, le=100_000)]


class AttributionRequest(AttributionModel):
    """A text, and what is looked for. Fields of earlier versions are not read."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "response": "To be prepared for war is one of the most effectual means of preserving peace.",
                "delimiters": ["\n", "."],
                "allowSpansWithPartialWords": False,
                "minimumSpanLength": 1,
                "maximumFrequency": 1_000_000,
                "maximumSpanDensity": 0.05,
                "spanRankingMethod": "unigram_logprob_sum",
                "maximumDocumentsPerSpan": 2,
            }
        }
    )

    response: str = Field(description="The output of a model.")
    delimiters: list[Annotated[str, Field(max_length=100)]] = Field(
        default_factory=list, max_length=1000, description="Texts of tokens behind which no span goes on."
    )
    allow_spans_with_partial_words: bool = Field(False, description="Spans may begin and end inside words.")
    minimum_span_length: int = Field(1, gt=0, le=_LARGEST, description="Shortest span kept, in tokens.")
    maximum_frequency: int = Field(
        10, gt=0, le=_LARGEST, description="A span whose tokens occur more often is left out."
    )
    maximum_span_density: float = Field(
        0.05, gt=0, allow_inf_nan=False, description="At most ceil(this x tokens) spans are shown."
    )
    span_ranking_method: Ranking = Field(Ranking.LENGTH, description="By what those are chosen.")
    maximum_documents_per_span: int = Field(10, gt=0, le=1000, description="Documents for each span.")
    maximum_context_length: _Tokens = Field(250, description="Tokens on each side of the span that are read.")
    maximum_context_length_long: _Tokens = Field(100, description="Tokens on each side in the long text.")
    maximum_context_length_snippet: _Tokens = Field(40, description="Tokens on each side in the snippet.")

    def options(self) -> AttributionOptions:
        """The same for the tracer."""
        return AttributionOptions(
            delimiters=tuple(self.delimiters),
            whole_words=not self.allow_spans_with_partial_words,
            min_tokens=self.minimum_span_length,
            max_count=self.maximum_frequency,
            density=min(self.maximum_span_density, 1.0),
            ranking=self.span_ranking_method,
            max_documents=self.maximum_documents_per_span,
            context=self.maximum_context_length,
            context_long=self.maximum_context_length_long,
            context_snippet=self.maximum_context_length_snippet,
        )


class AttributionDocument(AttributionModel):
    """A document in which a span stands. Documents of a span have different texts."""

    document_index: Count = Field(description="Its place in the index.")
    document_id: str = Field(description="Its id in the source.")
    document_length: Count = Field(description="Its tokens.")
    display_length: Count = Field(description="Tokens shown.")
    needle_offset: Count = Field(description="Tokens shown before the span.")
    metadata: dict[str, Any]
    token_ids: list[Count] = Field(description="The tokens shown.")
    text: str = Field(description="What they spell.")
    blocked: bool = Field(False, description="Never: what is blocked is not shown.")
    display_length_long: Count
    needle_offset_long: Count
    text_long: str
    display_offset_snippet: Count = Field(description="The same as displayLengthSnippet.")
    display_length_snippet: Count
    needle_offset_snippet: Count
    text_snippet: str


class AttributionSpan(AttributionModel):
    """A passage of the response that stands in the index."""

    left: Count = Field(description="Its first token.")
    right: Count = Field(description="The token behind it.")
    length: Count = Field(description="Its tokens.")
    count: Count = Field(description="Live occurrences of its tokens.")
    unigram_logprob_sum: float = Field(description="Sum of the logarithms of its tokens' shares of the index.")
    text: str
    token_ids: list[Count] = Field(description="As the index's tokenizer numbers them.")
    documents: list[AttributionDocument]


class AttributionResponse(AttributionModel):
    """The spans of a response."""

    index: str
    spans: list[AttributionSpan]
    input_tokens: list[str] = Field(description="The response cut into tokens.")


@router.post(
    "/olmotrace/{index}/attribution",
    summary="Trace a text as OLMoTrace does",
    response_model=AttributionResponse,
    responses=SEARCH_PROBLEMS,
)
async def attribution(
    request: Request, index: IndexName, asked: AttributionRequest, services: Parts, caller: Reader
) -> Response:
    """Find the spans of a response in one index, in its tokens, and documents in which they stand."""
    require_length(services.settings, asked.response)
    job = AttributionJob(index, asked.response, asked.options())
    return await respond(request, services, job)


@router.get("/olmotrace/indexes", summary="List what can be searched")
async def indexes(services: Parts, caller: Reader) -> list[str]:
    """Names of the indexes that are served."""
    return [opening.name for opening in services.pool.registry.serving()]


@router.get(HEALTH, status_code=204, summary="Whether the service answers")
async def health() -> None:
    """Nothing is said; that it comes is the answer."""
