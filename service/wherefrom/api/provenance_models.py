"""Provenance as the API describes it. `docs/provenance.schema.json` says the same, and a test compares them."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from wherefrom.provenance import Relevance, Withheld

Count = Annotated[int, Field(ge=0)]
Share = Annotated[float, Field(ge=0, le=1)]
Milliseconds = Annotated[float, Field(ge=0)]


class _Model(BaseModel):
    model_config = ConfigDict(extra="forbid")


class SearchedIndexModel(_Model):
    """One index that was searched."""

    name: str
    version: str = Field(description="A hash of what the index holds.")
    documents: Count = Field(description="Live documents.")
    tokens: Count = Field(description="Tokens of live documents.")


class SpanModel(_Model):
    """A maximal passage of the text that stands verbatim in at least one document."""

    start: Count = Field(description="First character, in code points of the text.")
    end: int = Field(ge=1, description="The character after its last one.")
    text: str = Field(min_length=1)
    tokens: Count = Field(description="Tokens of the first index's tokenizer that begin in it.")
    view: Literal["exact"] = Field(description="By which view of the corpus it was found.")
    count: Count = Field(description="Live occurrences over all indexes.")
    count_is_lower_bound: bool
    counts: dict[str, Count] = Field(description="The same by index name.")
    log_probability: float = Field(
        le=0, description="Sum of the natural logarithms of its tokens' shares of the corpus; lower is rarer."
    )
    relevance: Relevance | None = Field(description="The best level of its documents; null without documents.")
    documents: list[Count] = Field(description="Places in the provenance's `documents`.")


class SnippetModel(_Model):
    """A passage of a document around one occurrence of a span."""

    text: str = Field(description="What stands in the document from `start` to `end`.")
    start: Count = Field(description="In code points of the document.")
    end: Count
    span: Count = Field(description="Place in the provenance's `spans`.")
    highlight: list[Count] = Field(
        min_length=2, max_length=2, description="Where the match stands, in code points of the snippet's text."
    )


class DocumentModel(_Model):
    """A document in which at least one span stands."""

    index: str = Field(description="Name of the index it belongs to.")
    id: str
    metadata: dict[str, Any] = Field(description="All other fields of the source's record.")
    relevance: Relevance
    score: float = Field(description="BM25 against prompt and output.")
    duplicates: Count = Field(description="Other live documents of that index with equal text.")
    snippets: list[SnippetModel] = Field(
        min_length=1, description="One for each span that stands in it, by place in the text."
    )


class TimingModel(_Model):
    """Milliseconds by stage."""

    tokenize: Milliseconds
    search: Milliseconds
    documents: Milliseconds
    rank: Milliseconds
    total: Milliseconds


class ProvenanceModel(_Model):
    """Where the words of one text stand in the training data. Offsets count Unicode code points; ranges are half-open.

    A match is evidence of text, not of influence.
    """

    schema_version: Literal[1]
    indexes: list[SearchedIndexModel] = Field(min_length=1, description="The indexes that were searched.")
    preset: Literal["default", "olmotrace"]
    tokens: Count = Field(description="Length of the text in tokens of the first index's tokenizer.")
    coverage: Share = Field(
        description="Share of the text's characters in maximal spans of at least min_characters, before count and "
        "density limits."
    )
    shown_coverage: Share = Field(description="Share of the text's characters in `spans`.")
    spans: list[SpanModel] = Field(description="By place in the text.")
    documents: list[DocumentModel] = Field(description="The most relevant first.")
    withheld: dict[Withheld, Count] = Field(description="Number of spans that were found and are not shown, by reason.")
    timing_ms: TimingModel
