"""The indexes: what is served, their documents, and how often a phrase stands in them."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Path, Query, Request, Response
from pydantic import BaseModel, ConfigDict, Field
from starlette.convertors import Convertor, register_url_convertor
from starlette.routing import Match
from starlette.types import Scope

from wherefrom.api.answering import respond
from wherefrom.api.dependencies import Parts, Reader
from wherefrom.api.json_bodies import JsonRoute
from wherefrom.api.provenance_models import Count
from wherefrom.api.services import Services
from wherefrom.api.tracing import SEARCH_PROBLEMS, IndexNames
from wherefrom.pool.jobs import DocumentJob, DuplicatesJob, PhraseJob
from wherefrom.pool.registry import IndexState, IndexStatus, unknown_index
from wherefrom_indexer.manifest import SegmentEntry

router = APIRouter(tags=["indexes"], route_class=JsonRoute)


class _TextConvertor(Convertor[str]):
    """Any text in a path; Starlette's own kinds end at line breaks, which ids may hold."""

    regex = "(?s:.*)"

    def convert(self, value: str) -> str:
        return value

    def to_string(self, value: str) -> str:
        return value


register_url_convertor("text", _TextConvertor())

LONGEST_PHRASE = 10_000
"""Characters of a phrase that is counted, or marked in a document."""

LONGEST_PAGE = 1_000_000
_FARTHEST = (1 << 40) - 1
_DOCUMENT_PROBLEMS = SEARCH_PROBLEMS | {404: {"description": "There is no such index or document"}}

IndexName = Annotated[str, Path(description="Name of an index.", max_length=200)]
DocumentId = Annotated[
    str, Path(description="Id of a document, percent-encoded; a `/` in it may stand as it is or as `%2F`.")
]


class TokenizerModel(BaseModel):
    """The tokenizer of an index; indexes with equal hashes are searched as one."""

    name: str
    hash: str
    vocabulary: Count


class SegmentModel(BaseModel):
    """A part of an index."""

    name: str
    documents: Count = Field(description="Live ones.")
    removed: Count = Field(description="Documents that were removed and are not compacted yet.")
    tokens: Count = Field(description="Of live documents.")
    bytes: Count = Field(description="Of its files on disk.")


class VerificationModel(BaseModel):
    """What `wherefrom verify` last found."""

    time: str = Field(description="When it had read the index whole, RFC 3339.")
    version: str = Field(description="Of what it read; another one than is served says nothing about what is.")
    findings: Count = Field(description="How many things were wrong; 0: it was whole.")


class IndexModel(BaseModel):
    """An index that is served by its name."""

    name: str
    status: IndexStatus = Field(
        description="`ok`; `damaged`: files are missing, cut off or changed; `missing`: the folder holds no index."
    )
    reason: str = Field(description="Why it is not `ok`; empty where it is.")
    serving: bool = Field(description="Whether it is searched; one whose folder was unlinked may serve on.")
    version: str | None = Field(description="A hash of what is served.")
    documents: Count | None = Field(description="Live ones; null where nothing is served.")
    tokens: Count | None
    bytes: Count | None
    tokenizer: TokenizerModel | None
    verified: VerificationModel | None = Field(description="Null: nobody noted that it was.")
    segments: list[SegmentModel]


class IndexPage(BaseModel):
    """All indexes; there is only one page."""

    items: list[IndexModel]
    next: None = None


class DocumentPage(BaseModel):
    """A part of a document. Offsets count code points of the document; ranges are half-open."""

    index: str
    version: str
    id: str
    metadata: dict[str, Any]
    duplicates: Count = Field(description="Other live documents of the index with equal text.")
    characters: Count = Field(description="Of the whole document.")
    start: Count
    end: Count
    text: str = Field(description="What stands from `start` to `end`.")
    highlights: list[Annotated[list[Count], Field(min_length=2, max_length=2)]] = Field(
        description="Places of the highlighted text that are on this page at least in part; at most 10,000."
    )
    highlight_count: Count = Field(description="Places in the whole document.")
    previous_highlight: int | None = Field(description="Start of the last place before the page.")
    next_highlight: int | None = Field(description="Start of the first place after the page.")
    next: int | None = Field(description="Where the next page begins; null at the end.")


class DuplicateModel(BaseModel):
    """A document with equal text."""

    id: str
    metadata: dict[str, Any]


class DuplicatePage(BaseModel):
    """Documents of an index with equal text."""

    index: str
    version: str
    count: Count = Field(description="All of them.")
    items: list[DuplicateModel]
    next: str | None = Field(description="The next page's `cursor`; null at the end.")


class PhraseRequest(BaseModel):
    """A text to count in several indexes."""

    model_config = ConfigDict(
        extra="forbid", json_schema_extra={"example": {"text": "fellow citizens", "indexes": [], "limit": 3}}
    )

    text: str = Field(min_length=1, max_length=LONGEST_PHRASE)
    indexes: IndexNames
    limit: int = Field(10, ge=0, le=1000, description="Documents shown at most; 0: count only.")
    context_characters: int = Field(160, ge=0, le=100_000, description="Characters shown on each side.")
    seed: int = Field(42, ge=0, lt=1 << 63, description="Which documents are chosen where there are more.")


class SearchedVersion(BaseModel):
    """An index that was searched."""

    name: str
    version: str


class OccurrenceModel(BaseModel):
    """One occurrence of a phrase: the first in its document."""

    index: str
    document_id: str
    start: Count = Field(description="In code points of the document.")
    end: Count
    context: str = Field(description="The passage around it.")
    highlight: list[Count] = Field(min_length=2, max_length=2, description="The phrase in code points of `context`.")


class PhraseCounts(BaseModel):
    """How often a phrase stands in the indexes, and where."""

    text: str
    indexes: list[SearchedVersion]
    count: Count = Field(description="Live occurrences, overlapping ones included, whatever their tokenization.")
    count_is_lower_bound: bool
    counts: dict[str, Count] = Field(description="The same by index name.")
    occurrences: list[OccurrenceModel] = Field(description="Each in another document.")


@router.get("/v1/indexes", summary="List the indexes", response_model=IndexPage)
async def indexes(services: Parts, caller: Reader) -> IndexPage:
    """All indexes by name, with their state: also those that cannot be searched now, and why."""
    return IndexPage(items=[index_model(state) for state in services.registry.indexes()])


@router.get(
    "/v1/indexes/{name}",
    summary="Show an index",
    response_model=IndexModel,
    responses={404: {"description": "There is no such index"}},
)
async def index(name: IndexName, services: Parts, caller: Reader) -> IndexModel:
    """One index: its version, size, tokenizer and segments."""
    return index_model(_state(services, name))


@router.get(
    "/v1/indexes/{name}/search",
    summary="Count a phrase in one index",
    response_model=PhraseCounts,
    responses=SEARCH_PROBLEMS,
)
async def search(
    request: Request,
    name: IndexName,
    services: Parts,
    caller: Reader,
    text: Annotated[str, Query(min_length=1, max_length=LONGEST_PHRASE, description="The phrase, cut anywhere.")],
    limit: Annotated[int, Query(ge=0, le=1000, description="Documents shown at most; 0: count only.")] = 10,
    context_characters: Annotated[int, Query(ge=0, le=100_000, description="Shown on each side.")] = 160,
    seed: Annotated[int, Query(ge=0, lt=1 << 63, description="Which documents are chosen.")] = 42,
) -> Response:
    """Count the occurrences of a phrase in one index, and show documents in which it stands."""
    return await respond(request, services, PhraseJob(text, (name,), limit, context_characters, seed))


@router.post(
    "/v1/search", summary="Count a phrase in several indexes", response_model=PhraseCounts, responses=SEARCH_PROBLEMS
)
async def search_several(request: Request, asked: PhraseRequest, services: Parts, caller: Reader) -> Response:
    """Count the occurrences of a phrase in several indexes, by index, and show documents in which it stands."""
    job = PhraseJob(asked.text, tuple(asked.indexes), asked.limit, asked.context_characters, asked.seed)
    return await respond(request, services, job)


async def duplicates(
    request: Request,
    name: IndexName,
    document_id: DocumentId,
    services: Parts,
    caller: Reader,
    cursor: Annotated[
        str | None, Query(pattern=r"^[0-9]{1,12}$", description="The last page's `next`; none: the first page.")
    ] = None,
    limit: Annotated[int, Query(ge=1, le=1000, description="How many at most.")] = 100,
) -> Response:
    """The other live documents of the index whose text is equal to a document's."""
    return await respond(request, services, DuplicatesJob(name, document_id, int(cursor or 0), limit))


class _DuplicatesRoute(JsonRoute):
    """The id of a document may itself end in `/duplicates`: then that slash comes as `%2F`, and this is not meant."""

    def matches(self, scope: Scope) -> tuple[Match, Scope]:
        """As any route, but by the path as it was sent."""
        if not scope.get("raw_path", b"").partition(b"?")[0].endswith(b"/duplicates"):
            return Match.NONE, {}
        return super().matches(scope)


router.add_api_route(
    "/v1/indexes/{name}/documents/{document_id:text}/duplicates",
    duplicates,
    summary="List the duplicates of a document",
    response_model=DuplicatePage,
    responses=_DOCUMENT_PROBLEMS,
    route_class_override=_DuplicatesRoute,
)


@router.get(
    "/v1/indexes/{name}/documents/{document_id:text}",
    summary="Read a document",
    response_model=DocumentPage,
    responses=_DOCUMENT_PROBLEMS,
)
async def document(
    request: Request,
    name: IndexName,
    document_id: DocumentId,
    services: Parts,
    caller: Reader,
    start: Annotated[int, Query(ge=0, le=_FARTHEST, description="First character of the page.")] = 0,
    characters: Annotated[int, Query(ge=1, le=LONGEST_PAGE, description="Characters of the page at most.")] = 20_000,
    highlight: Annotated[
        str | None, Query(max_length=LONGEST_PHRASE, description="A text whose places are told.")
    ] = None,
) -> Response:
    """A page of a document: metadata, text, and the places of a highlighted text."""
    return await respond(request, services, DocumentJob(name, document_id, start, characters, highlight))


def index_model(state: IndexState) -> IndexModel:
    """An index as clients see it."""
    manifest = state.manifest
    segments = [] if manifest is None else [_segment(entry) for entry in manifest.segments]
    return IndexModel(
        name=state.name,
        status=state.status,
        reason=state.reason,
        serving=state.serving,
        version=state.version,
        documents=sum(segment.documents for segment in segments) if manifest else None,
        tokens=sum(segment.tokens for segment in segments) if manifest else None,
        bytes=sum(segment.bytes for segment in segments) + manifest.tokenizer.info.bytes if manifest else None,
        tokenizer=TokenizerModel(
            name=manifest.tokenizer.name, hash=manifest.tokenizer.hash, vocabulary=manifest.tokenizer.vocabulary
        )
        if manifest
        else None,
        verified=VerificationModel(
            time=state.verified.time, version=state.verified.version, findings=state.verified.findings
        )
        if state.verified
        else None,
        segments=segments,
    )


def _segment(entry: SegmentEntry) -> SegmentModel:
    return SegmentModel(
        name=entry.name,
        documents=entry.live_documents,
        removed=entry.documents - entry.live_documents,
        tokens=entry.live_tokens,
        bytes=entry.bytes,
    )


def _state(services: Services, name: str) -> IndexState:
    for state in services.registry.indexes():
        if state.name == name:
            return state
    raise unknown_index(name, services.registry.names())
