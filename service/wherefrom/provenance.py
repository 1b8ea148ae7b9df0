"""The result of a trace: spans of a text, the documents they stand in, and how much of the text they cover."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

SCHEMA_VERSION = 1


class Relevance(StrEnum):
    """How much a document has in common with prompt and output, beyond the matched span."""

    HIGH = "high"
    MEDIUM = "medium"
    LOW = "low"


class Withheld(StrEnum):
    """Why a maximal span is not shown.

    What is counted as too short are the short spans that were met: a text has many, and most need not be looked for.
    """

    TOO_FREQUENT = "too_frequent"
    TOO_SHORT = "too_short"
    DENSITY = "density"
    NO_LIVE_DOCUMENT = "no_live_document"


@dataclass(frozen=True, slots=True)
class IndexSummary:
    """One index that was searched: its name, version, and live documents and tokens."""

    name: str
    version: str
    documents: int
    tokens: int


@dataclass(frozen=True, slots=True)
class Span:
    """A maximal passage of the text that stands verbatim in at least one document.

    Attributes:
        start, end: half-open range in code points of the traced text.
        text: the passage itself.
        tokens: tokens of the first index's tokenizer that begin in it.
        view: by which view of the corpus it was found; `exact`.
        count: live occurrences over all indexes; a lower bound if `count_is_lower_bound`.
        counts: the same by index name.
        log_probability: sum of the natural logarithms of its tokens' shares of the corpus; lower is rarer.
        relevance: the best level of its documents; None without documents.
        documents: places in `Provenance.documents`.
    """

    start: int
    end: int
    text: str
    tokens: int
    view: str
    count: int
    count_is_lower_bound: bool
    counts: Mapping[str, int]
    log_probability: float
    relevance: Relevance | None
    documents: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Snippet:
    """A passage of a document around one occurrence of a span.

    Attributes:
        text: what stands in the document from `start` to `end`.
        start, end: half-open range in code points of the document.
        span: place in `Provenance.spans`.
        highlight: half-open range of the match in code points of `text`.
    """

    text: str
    start: int
    end: int
    span: int
    highlight: tuple[int, int]


@dataclass(frozen=True, slots=True)
class Document:
    """A document in which at least one span stands.

    Attributes:
        index: name of the index it belongs to.
        id, metadata: as they were in the source.
        relevance, score: its level, and its BM25 score against prompt and output.
        duplicates: other live documents of that index with equal text.
        snippets: one for each span that stands in it, by place in the text.
    """

    index: str
    id: str
    metadata: Mapping[str, Any]
    relevance: Relevance
    score: float
    duplicates: int
    snippets: tuple[Snippet, ...]


@dataclass(frozen=True, slots=True)
class Timing:
    """Milliseconds by stage."""

    tokenize: float
    search: float
    documents: float
    rank: float
    total: float


@dataclass(frozen=True, slots=True)
class Provenance:
    """Where the words of a text stand in the training data.

    A match is evidence of text, not of influence: it says that a passage stands in a document, not that the model
    learned it there.

    Attributes:
        text: the text that was traced.
        tokens: its length in tokens of the first index's tokenizer.
        coverage: share of its characters in maximal spans of at least `min_characters`, before count and density
            limits.
        shown_coverage: share of its characters in `spans`.
        spans: by place in the text.
        documents: the most relevant first.
        withheld: number of spans that were found and are not shown, by reason.
    """

    text: str
    indexes: tuple[IndexSummary, ...]
    preset: str
    tokens: int
    coverage: float
    shown_coverage: float
    spans: tuple[Span, ...]
    documents: tuple[Document, ...]
    withheld: Mapping[Withheld, int]
    timing_ms: Timing

    def to_dict(self) -> dict[str, Any]:
        """Returns the JSON form, which `docs/provenance.schema.json` describes. The traced text is left out."""
        return {
            "schema_version": SCHEMA_VERSION,
            "indexes": [_fields(index) for index in self.indexes],
            "preset": self.preset,
            "tokens": self.tokens,
            "coverage": self.coverage,
            "shown_coverage": self.shown_coverage,
            "spans": [_span(span) for span in self.spans],
            "documents": [_document(document) for document in self.documents],
            "withheld": {str(reason): number for reason, number in self.withheld.items()},
            "timing_ms": _fields(self.timing_ms),
        }

    def _repr_html_(self) -> str:
        from wherefrom.html import render_fragment  # only notebooks pay for the renderer

        return render_fragment(self)


# Field by field: `dataclasses.asdict` copies what it meets, whatever it is, and took a sixth of a trace.


def _fields(value: IndexSummary | Timing) -> dict[str, Any]:
    return {name: getattr(value, name) for name in value.__slots__}


def _span(span: Span) -> dict[str, Any]:
    return {
        "start": span.start,
        "end": span.end,
        "text": span.text,
        "tokens": span.tokens,
        "view": span.view,
        "count": span.count,
        "count_is_lower_bound": span.count_is_lower_bound,
        "counts": dict(span.counts),
        "log_probability": span.log_probability,
        "relevance": span.relevance and str(span.relevance),
        "documents": list(span.documents),
    }


def _document(document: Document) -> dict[str, Any]:
    return {
        "index": document.index,
        "id": document.id,
        "metadata": dict(document.metadata),
        "relevance": str(document.relevance),
        "score": document.score,
        "duplicates": document.duplicates,
        "snippets": [_snippet(snippet) for snippet in document.snippets],
    }


def _snippet(snippet: Snippet) -> dict[str, Any]:
    return {
        "text": snippet.text,
        "start": snippet.start,
        "end": snippet.end,
        "span": snippet.span,
        "highlight": list(snippet.highlight),
    }
