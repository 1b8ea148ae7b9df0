"""The documents of a trace: sampled for each span, read, gathered, and ranked."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from wherefrom.corpus import Occurrences, SearchedIndex
from wherefrom.provenance import Document, Relevance, Snippet
from wherefrom.query import Query
from wherefrom.relevance import Bm25, passage_of
from wherefrom.sampling import Sampled, sample
from wherefrom.snippets import context_of

_LEVELS = (Relevance.HIGH, Relevance.MEDIUM, Relevance.LOW)


@dataclass(frozen=True, slots=True)
class SpanSources:
    """What the documents of one span are chosen from.

    Attributes:
        text: the span.
        found: its occurrences in each searched index.
    """

    text: str
    found: list[Occurrences]


@dataclass(frozen=True, slots=True)
class Cited:
    """A document before it is ranked: where it is, and the snippets of the spans that stand in it."""

    sampled: Sampled
    snippets: tuple[Snippet, ...]
    positions: tuple[int, ...]


def cite(
    searched: Sequence[SearchedIndex], spans: Sequence[SpanSources], size: int, characters: int, seed: int
) -> list[Cited]:
    """Choose up to `size` documents for each span, and gather the snippets of each document.

    Args:
        searched: the indexes.
        spans: by their place in the provenance.
        size: documents for each span.
        characters: context on each side of a match.
        seed: of the sampling.
    """
    gathered: dict[tuple[int, int], Cited] = {}
    for number, span in enumerate(spans):
        for chosen in sample(searched, span.found, size, seed):
            snippet = _snippet(searched[chosen.index], chosen, span.text, number, characters)
            if snippet is None:
                continue
            key = (chosen.index, chosen.digest)
            known = gathered.get(key, Cited(chosen, (), ()))
            gathered[key] = replace(
                known, snippets=(*known.snippets, snippet), positions=(*known.positions, chosen.position)
            )
    return list(gathered.values())


def renumbered(cited: Sequence[Cited], spans: Sequence[int]) -> list[Cited]:
    """The same documents when only some spans are kept, given by their old numbers in the new order."""
    number = {old: new for new, old in enumerate(spans)}
    return [
        replace(part, snippets=tuple(replace(snippet, span=number[snippet.span]) for snippet in part.snippets))
        for part in cited
    ]


def rank(searched: Sequence[SearchedIndex], cited: Sequence[Cited], queries: Sequence[Query]) -> list[Document]:
    """Score documents against prompt and output, and return them with their metadata, the most relevant first.

    `queries` holds, for each index, the prompt and output as its tokenizer sees them.
    """
    scorers = {
        index: Bm25(searched[index].index, queries[index].values - 1)
        for index in {part.sampled.index for part in cited}
    }
    documents = [_document(searched[part.sampled.index], part, scorers[part.sampled.index]) for part in cited]
    return sorted(documents, key=lambda document: (_LEVELS.index(document.relevance), -document.score, document.id))


def _snippet(searched: SearchedIndex, chosen: Sampled, text: str, number: int, characters: int) -> Snippet | None:
    segment = searched.segments[chosen.segment].segment
    context = context_of(segment, searched.tokenizer, chosen.position, chosen.shift, text, characters)
    if context is None:
        return None
    return Snippet(context.text, context.start, context.end, number, (context.match_start, context.match_end))


def _document(searched: SearchedIndex, cited: Cited, scorer: Bm25) -> Document:
    segment = searched.segments[cited.sampled.segment].segment
    ordinal = cited.sampled.ordinal
    record = segment.record(ordinal)
    score = scorer.score(passage_of(segment, ordinal, list(cited.positions)))
    return Document(
        index=searched.name,
        id=record.id,
        metadata=record.metadata,
        relevance=scorer.level(score),
        score=score,
        duplicates=searched.index.duplicates(segment, ordinal),
        snippets=cited.snippets,
    )
