"""Parameters that lists share: which traces, which page."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Literal

import orjson
from fastapi import Depends, Query, Response

from wherefrom.api.dependencies import Reader
from wherefrom.traces.listing import TraceFilter
from wherefrom.traces.pages import MAX_LIMIT, Page, PageRequest
from wherefrom.traces.times import read_time

LONGEST_NAME = 2_000
_MOST = (1 << 53) - 1

Project = Annotated[str | None, Query(max_length=LONGEST_NAME, description="Name of a project; none: all of them.")]
Text = Annotated[str, Query(max_length=LONGEST_NAME)]
Time = Annotated[str | None, Query(max_length=64, description="A time as RFC 3339 has it, or a date (UTC).")]
Share = Annotated[
    float | None, Query(ge=0, le=1, allow_inf_nan=False, description="Share of the generations' characters, 0 to 1.")
]
Length = Annotated[int | None, Query(ge=0, le=_MOST, description="Characters.")]
Dollars = Annotated[float | None, Query(ge=0, le=_MOST, allow_inf_nan=False, description="US dollars.")]


def trace_filter(
    caller: Reader,
    project: Project = None,
    session: Annotated[str | None, Query(max_length=LONGEST_NAME, description="Id of a session.")] = None,
    since: Time = None,
    until: Time = None,
    model: Annotated[str | None, Query(max_length=LONGEST_NAME, description="Of any generation or embedding.")] = None,
    status: Annotated[
        Literal["ok", "error", "unset"] | None, Query(description="Error: a root, or a span without one, failed.")
    ] = None,
    min_coverage: Share = None,
    max_coverage: Share = None,
    min_longest_span: Length = None,
    max_longest_span: Length = None,
    min_cost: Dollars = None,
    max_cost: Dollars = None,
    provenance: Annotated[
        Literal["pending", "done", "failed", "nothing"] | None, Query(description="State of the generations together.")
    ] = None,
    document: Annotated[
        str | None, Query(max_length=LONGEST_NAME, description="Id of a document that a generation quotes.")
    ] = None,
    source: Annotated[
        str | None, Query(max_length=LONGEST_NAME, description="What the metadata of such a document call its source.")
    ] = None,
    index: Annotated[str | None, Query(max_length=LONGEST_NAME, description="The index that it is in.")] = None,
    text: Annotated[
        str | None,
        Query(
            max_length=LONGEST_NAME,
            description="Words that all stand in one span, in any language; in double quotes: one after the other.",
        ),
    ] = None,
) -> TraceFilter:
    """Which traces are meant; what is not given does not matter."""
    return TraceFilter(
        project=caller.project_or(project),
        session=session,
        since_ns=None if since is None else read_time(since, "since"),
        until_ns=None if until is None else read_time(until, "until"),
        model=model,
        status=status,
        min_coverage=min_coverage,
        max_coverage=max_coverage,
        min_longest_span=min_longest_span,
        max_longest_span=max_longest_span,
        min_cost=min_cost,
        max_cost=max_cost,
        provenance=provenance,
        document=document,
        source=source,
        index=index,
        text=text,
    )


def page_request(
    limit: Annotated[int, Query(ge=1, le=MAX_LIMIT, description="Items a page.")] = 50,
    cursor: Annotated[
        str | None, Query(max_length=200, description="The last page's `next`; none: the first page.")
    ] = None,
    order: Annotated[Literal["newest", "oldest"], Query(description="What comes first.")] = "newest",
) -> PageRequest:
    """Which page is meant."""
    return PageRequest(limit, cursor, order == "oldest")


Filtered = Annotated[TraceFilter, Depends(trace_filter)]
Paged = Annotated[PageRequest, Depends(page_request)]


def json_answer(value: Mapping[str, Any] | bytes, status: int = 200) -> Response:
    """An answer that is written as it is: models describe it, and do not read it again."""
    body = value if isinstance(value, bytes) else orjson.dumps(value)
    return Response(body, status, media_type="application/json")


def page_answer(page: Page) -> Response:
    """The answer that is a page of a list."""
    return json_answer(page.to_dict())
