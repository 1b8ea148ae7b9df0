"""Provenances made by hand, for tests of what shows and describes them; no index is needed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from wherefrom.provenance import Document, IndexSummary, Provenance, Relevance, Snippet, Span, Timing, Withheld

TEXT = "The Congress of the United States met in December, and the President sent his annual message to both Houses."
PASSAGES = ("the United States met in December", "in December, and the President", "annual message to both Houses.")


def make_provenance(
    text: str = TEXT,
    passages: Sequence[str] = PASSAGES,
    *,
    before: str = "In the year of our Lord, ",
    after: str = " and so it was that they went home.",
    document_id: str = "sotu:1825",
    metadata: Mapping[str, Any] | None = None,
    withheld: Mapping[Withheld, int] | None = None,
    **changes: Any,
) -> Provenance:
    """Returns a Provenance in which each of `passages` is a span of `text` and stands in a document of its own."""
    starts = sorted((text.index(passage), passage) for passage in passages)
    spans = tuple(_span(number, start, passage) for number, (start, passage) in enumerate(starts))
    documents = tuple(
        Document(
            index="demo.index",
            id=document_id if number == 0 else f"{document_id}/{number}",
            metadata={"year": 1825, "president": "John Quincy Adams"} if metadata is None else metadata,
            relevance=list(Relevance)[min(number, 2)],
            score=12.5 - number,
            duplicates=number,
            snippets=(_snippet(number, span.text, before, after),),
        )
        for number, span in enumerate(spans)
    )
    covered = {place for span in spans for place in range(span.start, span.end)}
    coverage = len(covered) / max(len(text), 1)
    values: dict[str, Any] = {
        "text": text,
        "indexes": (IndexSummary("demo.index", "b2f0c4d1a9e87766", 41, 203_418),),
        "preset": "default",
        "tokens": len(text.split()),
        "coverage": coverage,
        "shown_coverage": coverage,
        "spans": spans,
        "documents": documents,
        "withheld": {Withheld.TOO_SHORT: 3, Withheld.DENSITY: 1} if withheld is None else withheld,
        "timing_ms": Timing(0.4, 1.2, 3.1, 0.9, 5.6),
    }
    return Provenance(**{**values, **changes})


def _span(number: int, start: int, passage: str) -> Span:
    return Span(
        start=start,
        end=start + len(passage),
        text=passage,
        tokens=max(len(passage.split()), 1),
        view="exact",
        count=number + 1,
        count_is_lower_bound=False,
        counts={"demo.index": number + 1},
        log_probability=-21.5,
        relevance=list(Relevance)[min(number, 2)],
        documents=(number,),
    )


def _snippet(number: int, passage: str, before: str, after: str) -> Snippet:
    text = before + passage + after
    return Snippet(text, 1000, 1000 + len(text), number, (len(before), len(before) + len(passage)))
