"""Spans with what they hold, their files, and generations by what they quote."""

from __future__ import annotations

from typing import Annotated, Any, Literal
from urllib.parse import quote

from fastapi import APIRouter, Path, Query, Response
from pydantic import Field

from wherefrom.api.dependencies import Parts, Reader, in_thread
from wherefrom.api.filters import LONGEST_NAME, Paged, Project, json_answer, page_answer
from wherefrom.api.traces import NO_PROJECT, Dollars, Model, Responses, State, Tokens
from wherefrom.traces.details import find_span, read_attachment, read_span
from wherefrom.traces.model import Kind, PartType, Protocol, Status
from wherefrom.traces.payload import to_json
from wherefrom.traces.quoting import quoting_generations

router = APIRouter()

SpanId = Annotated[
    str, Path(max_length=LONGEST_NAME, description="In hex, as a UUID, or another name, as a response's id.")
]
InTrace = Annotated[str | None, Query(max_length=LONGEST_NAME, description="Id of the trace that it is in.")]
NO_SPAN: Responses = {404: {"description": "There is no such span"}}


class PartOfMessage(Model):
    """A part of a message."""

    type: PartType
    text: str | None = Field(description="Of a text, reasoning or refusal; of a tool's result where it is text.")
    id: str | None = Field(description="Of a tool call.")
    name: str | None = Field(description="Of a tool.")
    arguments: Any = Field(description="Of a tool call: JSON, or the text that was sent.")
    data: Any = Field(description="Anything else, as it was sent.")


class MessageOfSpan(Model):
    """A message; several choices of one generation are several messages."""

    role: str
    parts: list[PartOfMessage]
    name: str | None
    finish_reason: str | None


class TokenOfOutput(Model):
    """A token of the output and how probable it was."""

    token: str
    log_probability: float | None = Field(description="Natural logarithm; null: zero probability.")
    top: list[tuple[str, float | None]] = Field(description="The likeliest tokens at its place.")


class EventOfSpan(Model):
    """Something that happened during a span."""

    name: str
    time_ns: int
    attributes: dict[str, Any]


class LinkOfSpan(Model):
    """A span that another one refers to."""

    trace_id: str
    span_id: str
    attributes: dict[str, Any]


class AttachmentItem(Model):
    """A file that came with a span."""

    name: str
    content_type: str = Field(description="As the client called it.")
    bytes: int


class SpanDetail(Model):
    """A span with everything that it holds."""

    id: str
    trace: str
    project: str
    parent: str | None = Field(description="Id of its parent, as the client said.")
    name: str | None
    kind: Kind
    status: Status
    status_message: str | None
    protocol: Protocol
    start: str | None
    end: str | None
    first_token: str | None
    received: str
    duration_ms: float | None
    first_token_ms: float | None
    model: str | None
    provider: str | None
    session: str | None
    user: str | None
    input_tokens: Tokens
    output_tokens: Tokens
    total_tokens: Tokens
    cache_read_tokens: Tokens
    cache_write_tokens: Tokens
    reasoning_tokens: Tokens
    cost: Dollars
    cost_source: Literal["client", "prices"] | None = Field(description="Who computed it.")
    provenance: State | None
    characters: int | None
    coverage: float | None
    longest_span: int | None
    input: Any = Field(description="As it was sent.")
    output: Any = Field(description="As it was sent.")
    input_messages: list[MessageOfSpan] | None
    output_messages: list[MessageOfSpan] | None
    finish_reasons: list[str] | None
    log_probabilities: list[TokenOfOutput] | None
    tags: list[str] | None
    events: list[EventOfSpan] | None
    links: list[LinkOfSpan] | None
    attributes: dict[str, Any]
    metadata: dict[str, Any]
    aliases: list[str] = Field(description="Other names that it is found by.")
    attachments: list[AttachmentItem]


class QuotedDocument(Model):
    """How a generation quotes a document."""

    index: str
    id: str
    relevance: Literal["high", "medium", "low"]
    score: float
    longest_span: int = Field(description="Characters of the longest passage that stands in the document.")


class QuotingGeneration(Model):
    """A part of a generation's output that quotes a document."""

    id: str = Field(description="The generation's span.")
    trace: str
    project: str
    name: str | None
    model: str | None
    start: str | None
    received: str
    coverage: float | None
    longest_span: int | None
    place: str = Field(description="JSON pointer into the output messages.")
    document: QuotedDocument


class QuotingPage(Model):
    """Some of the generations."""

    items: list[QuotingGeneration]
    next: str | None = Field(description="The next page's `cursor`; null at the end.")


@router.get(
    "/v1/generations",
    tags=["provenance"],
    summary="List the generations that quote a document",
    response_model=QuotingPage,
    responses=NO_PROJECT,
)
async def generations(
    services: Parts,
    caller: Reader,
    page: Paged,
    document: Annotated[str, Query(max_length=LONGEST_NAME, description="Id of the document.")],
    index: Annotated[str | None, Query(max_length=LONGEST_NAME, description="The index that it is in.")] = None,
    project: Project = None,
) -> Response:
    """Generations that quote a document, the last to have arrived first."""
    only = caller.project_or(project)
    return page_answer(
        await in_thread(
            services.store.read, lambda connection: quoting_generations(connection, document, index, only, page)
        )
    )


@router.get("/v1/spans/{span_id}", tags=["traces"], summary="Show a span", response_model=SpanDetail, responses=NO_SPAN)
async def span(
    services: Parts, caller: Reader, span_id: SpanId, trace: InTrace = None, project: Project = None
) -> Response:
    """A span with its inputs, outputs, messages and attributes."""
    only = caller.project_or(project)
    return await in_thread(
        lambda: json_answer(
            to_json(
                services.store.read(
                    lambda connection: read_span(connection, find_span(connection, span_id, only, trace))
                )
            )
        )
    )


@router.get(
    "/v1/spans/{span_id}/attachments/{name:path}",
    tags=["traces"],
    summary="Fetch a file that came with a span",
    response_class=Response,
    responses=NO_SPAN | {200: {"content": {"application/octet-stream": {}}, "description": "The file"}},
)
async def attachment(
    services: Parts,
    caller: Reader,
    span_id: SpanId,
    name: Annotated[str, Path(max_length=LONGEST_NAME, description="Name of the file, as the span has it.")],
    trace: InTrace = None,
    project: Project = None,
) -> Response:
    """A file, to be saved: browsers are told not to show it, whatever it is."""
    only = caller.project_or(project)
    _, data = await in_thread(
        services.store.read,
        lambda connection: read_attachment(connection, find_span(connection, span_id, only, trace), name),
    )
    headers = {
        "Content-Disposition": f"attachment; filename*=UTF-8''{quote(name, safe='', errors='replace')}",
        "X-Content-Type-Options": "nosniff",
        "Content-Security-Policy": "default-src 'none'; sandbox",
    }
    return Response(data, media_type="application/octet-stream", headers=headers)
