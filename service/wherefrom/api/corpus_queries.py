"""Questions to the corpus of an index: counts, conjunctions of phrases, next tokens, infinity-gram probabilities."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Request, Response
from pydantic import BaseModel, ConfigDict, Field

from wherefrom.api.answering import respond
from wherefrom.api.dependencies import Parts, Reader
from wherefrom.api.indexes import LONGEST_PHRASE, IndexName, SearchedVersion
from wherefrom.api.json_bodies import JsonRoute
from wherefrom.api.provenance_models import Count
from wherefrom.api.tracing import SEARCH_PROBLEMS
from wherefrom.pool import corpus_jobs

router = APIRouter(tags=["indexes"], route_class=JsonRoute)

LONGEST_WINDOW = 10_000
MOST_CLAUSES = 16

TokenId = Annotated[int, Field(strict=True, ge=0, lt=1 << 32)]
Text = Annotated[str, Field(min_length=1, max_length=LONGEST_PHRASE)]
TokenIds = Annotated[list[TokenId], Field(min_length=1, max_length=LONGEST_PHRASE)]
Phrase = Annotated[Text | TokenIds, Field(description="A text, or token ids as the tokenizer numbers them.")]
Before = Annotated[
    Annotated[str, Field(max_length=LONGEST_PHRASE)] | Annotated[list[TokenId], Field(max_length=LONGEST_PHRASE)],
    Field(description="What stands before, as text or as token ids; it may be empty. It is tokenized by itself."),
]
Probability = Annotated[float, Field(ge=0, le=1)]
Range = Annotated[list[Count], Field(min_length=2, max_length=2)]


class CountRequest(BaseModel):
    """A phrase to count."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"example": {"phrase": "preserving peace"}})

    phrase: Phrase


class CountModel(BaseModel):
    """How often a phrase stands in an index."""

    indexes: list[SearchedVersion]
    count: Count = Field(description="Live occurrences, overlapping ones included; of a text, whatever its tokens.")
    count_is_lower_bound: bool
    counts: dict[str, Count] = Field(description="The same by index name.")


class CnfRequest(BaseModel):
    """Clauses of which all must be met close to each other: an AND of ORs."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "example": {"clauses": [["prepared for war", "armed"], ["peace"]], "window": 20, "limit": 3}
        },
    )

    clauses: list[Annotated[list[Phrase], Field(min_length=1, max_length=MOST_CLAUSES)]] = Field(
        min_length=1, max_length=MOST_CLAUSES, description="For each clause the phrases of which one must stand there."
    )
    window: int = Field(
        100, ge=0, le=LONGEST_WINDOW, description="Most tokens from the beginning of the first phrase to the last's."
    )
    limit: int = Field(10, ge=0, le=1000, description="Documents shown at most; 0: count only.")
    context_characters: int = Field(160, ge=0, le=100_000, description="Characters shown on each side.")


class CnfOccurrenceModel(BaseModel):
    """A place where phrases of all clauses stand: the first in its document. Offsets count its code points."""

    index: str
    document_id: str
    start: Count = Field(description="Of the first phrase.")
    end: Count = Field(description="Of the last phrase.")
    passages: list[Range] = Field(description="A phrase of each clause, in their order.")
    context: str = Field(description="The passage around it.")
    context_start: Count


class CnfModel(BaseModel):
    """Where phrases of all clauses stand close to each other."""

    indexes: list[SearchedVersion]
    count: Count = Field(description="Live occurrences of the counted clause that stand close to all other clauses.")
    count_is_lower_bound: bool
    counts: dict[str, Count] = Field(description="The same by index name.")
    counted_clause: Count = Field(
        description="Number of the clause that is counted, from 0: the one that occurs least."
    )
    clause_counts: list[Count] = Field(description="Live occurrences of each clause.")
    documents: Count = Field(description="How many documents hold them.")
    occurrences: list[CnfOccurrenceModel]


class NextTokensRequest(BaseModel):
    """A prompt of which is asked what follows it in the corpus."""

    model_config = ConfigDict(
        extra="forbid", json_schema_extra={"example": {"prompt": "the most effectual means of preserving", "limit": 5}}
    )

    prompt: Before
    limit: int = Field(10, ge=0, le=10_000, description="Tokens told at most, the most frequent ones.")
    longest_suffix: bool = Field(
        True, description="Look for the longest end of the prompt that occurs; else for the whole prompt."
    )


class NextTokenModel(BaseModel):
    """A token that follows."""

    id: Count
    text: str = Field(description="What it spells; parts of characters are U+FFFD.")
    count: Count
    probability: Probability


class NextTokensModel(BaseModel):
    """What follows a prompt."""

    indexes: list[SearchedVersion]
    prompt_tokens: Count
    suffix_tokens: Count = Field(description="How many of its last tokens were looked for.")
    prompt_count: Count = Field(description="Live occurrences of these; of none, all tokens and ends of documents.")
    end_count: Count = Field(description="How many of them end a document.")
    distinct: Count = Field(description="How many different tokens follow.")
    tokens: list[NextTokenModel]


class InfgramRequest(BaseModel):
    """A phrase whose tokens' infinity-gram probabilities are asked for."""

    model_config = ConfigDict(
        extra="forbid", json_schema_extra={"example": {"phrase": "preserving peace.", "prompt": "effectual means of "}}
    )

    phrase: Phrase
    prompt: Before = ""


class TokenProbabilityModel(BaseModel):
    """The infinity-gram probability of a token: given the longest suffix before it that occurs."""

    id: Count
    text: str = Field(description="What it spells; parts of characters are U+FFFD.")
    probability: Probability = Field(description="count / suffix_count.")
    count: Count = Field(description="Live occurrences of the suffix with the token after it.")
    suffix_count: Count = Field(description="Live occurrences of the suffix.")
    suffix_tokens: Count = Field(description="Its length in tokens.")
    effective_length: Count = Field(description="The effective n: tokens of the suffix, and the token.")


class InfgramModel(BaseModel):
    """Infinity-gram probabilities of the tokens of a phrase, in order."""

    indexes: list[SearchedVersion]
    tokens: list[TokenProbabilityModel]


@router.post(
    "/v1/indexes/{name}/count",
    summary="Count a text or token ids",
    response_model=CountModel,
    responses=SEARCH_PROBLEMS,
)
async def count(request: Request, name: IndexName, asked: CountRequest, services: Parts, caller: Reader) -> Response:
    """Count the live occurrences of a phrase in an index."""
    return await respond(request, services, corpus_jobs.CountJob((name,), _phrase(asked.phrase)))


@router.post(
    "/v1/indexes/{name}/cnf",
    summary="Find phrases close to each other",
    response_model=CnfModel,
    responses=SEARCH_PROBLEMS,
)
async def cnf(request: Request, name: IndexName, asked: CnfRequest, services: Parts, caller: Reader) -> Response:
    """Find where a phrase of every clause begins within one stretch of `window` tokens of one document."""
    clauses = tuple(tuple(map(_phrase, clause)) for clause in asked.clauses)
    job = corpus_jobs.CnfJob((name,), clauses, asked.window, asked.limit, asked.context_characters)
    return await respond(request, services, job)


@router.post(
    "/v1/indexes/{name}/next-tokens",
    summary="Count what follows a prompt",
    response_model=NextTokensModel,
    responses=SEARCH_PROBLEMS,
)
async def next_tokens(
    request: Request, name: IndexName, asked: NextTokensRequest, services: Parts, caller: Reader
) -> Response:
    """The distribution of the next token in the corpus: infinity-gram, or n-gram with `longest_suffix` false."""
    job = corpus_jobs.NextTokensJob((name,), _phrase(asked.prompt), asked.limit, asked.longest_suffix)
    return await respond(request, services, job)


@router.post(
    "/v1/indexes/{name}/infgram",
    summary="Infinity-gram probabilities of a text",
    response_model=InfgramModel,
    responses=SEARCH_PROBLEMS,
)
async def infgram(
    request: Request, name: IndexName, asked: InfgramRequest, services: Parts, caller: Reader
) -> Response:
    """The probability of each token of a phrase given the longest suffix before it that occurs, and its length."""
    job = corpus_jobs.InfgramJob((name,), _phrase(asked.phrase), _phrase(asked.prompt))
    return await respond(request, services, job)


def _phrase(phrase: str | list[int]) -> corpus_jobs.Phrase:
    return phrase if isinstance(phrase, str) else tuple(phrase)
