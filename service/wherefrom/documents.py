"""The documents of a trace: those chosen for its spans, read, gathered, and ranked."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from wherefrom.copies import live_copies
from wherefrom.corpus import SearchedIndex
from wherefrom.provenance import Document, Relevance, Snippet
from wherefrom.query import Query
from wherefrom.relevance import Bm25, passage_around
from wherefrom.sampling import Sampled
from wherefrom.snippets import Context, Place, contexts_of

_LEVELS = (Relevance.HIGH, Relevance.MEDIUM, Relevance.LOW)
_WORD = (1 << 64) - 1


@dataclass(slots=True)
class Cited:
    """A document before it is ranked: where it is, the contexts of the spans that stand in it, with the spans' numbers,
    and the tokens of the document at which these begin."""

    sampled: Sampled
    contexts: list[tuple[int, Context]] = field(default_factory=list)
    places: list[int] = field(default_factory=list)


def cite(
    searched: Sequence[SearchedIndex], texts: Sequence[str], chosen: Sequence[Sequence[Sampled]], characters: int
) -> list[Cited]:
    """Read the contexts of spans in the documents chosen for them, and gather those of each document.

    Args:
        searched: the indexes.
        texts: the spans, by their place in the provenance.
        chosen: the documents of each.
        characters: context on each side of a match.
    """
    wanted = [(number, sampled) for number, documents in enumerate(chosen) for sampled in documents]
    contexts = contexts_in(searched, [(sampled, texts[number]) for number, sampled in wanted], characters)
    gathered: dict[tuple[int, int], Cited] = {}
    for (number, sampled), context in zip(wanted, contexts, strict=True):
        if context is None:
            continue
        cited = gathered.setdefault((sampled.index, sampled.digest), Cited(sampled))
        cited.contexts.append((number, context))
        segment = searched[sampled.index].segments[sampled.segment].segment
        cited.places.append(sampled.position - int(segment.starts[sampled.ordinal]))
    return list(gathered.values())


def contexts_in(
    searched: Sequence[SearchedIndex], wanted: Sequence[tuple[Sampled, str]], characters: int
) -> list[Context | None]:
    """The contexts of texts, each where it was found; None where the document's own text does not hold it."""
    by_segment: dict[tuple[int, int], list[int]] = {}
    for number, (sampled, _) in enumerate(wanted):
        by_segment.setdefault((sampled.index, sampled.segment), []).append(number)
    contexts: list[Context | None] = [None] * len(wanted)
    for (index, segment), numbers in by_segment.items():
        places = [Place(wanted[n][0].ordinal, wanted[n][0].position, wanted[n][0].shift, wanted[n][1]) for n in numbers]
        found = contexts_of(searched[index].segments[segment], searched[index].spellings, places, characters)
        for number, context in zip(numbers, found, strict=True):
            contexts[number] = context
    return contexts


def rank(searched: Sequence[SearchedIndex], cited: Sequence[Cited], queries: Sequence[Query]) -> list[Document]:
    """Score documents against prompt and output, and return them with their metadata, the most relevant first.

    `queries` holds, for each index, the prompt and output as its tokenizer sees them.
    """
    documents: list[Document] = []
    for place, index in enumerate(searched):
        own = [part for part in cited if part.sampled.index == place]
        if own:
            documents += _of_index(index, own, queries[place])
    return sorted(documents, key=lambda document: (_LEVELS.index(document.relevance), -document.score, document.id))


def _of_index(searched: SearchedIndex, cited: Sequence[Cited], query: Query) -> list[Document]:
    scorer = Bm25(searched.index, query.values - 1)
    digests = [(part.sampled.digest & _WORD, part.sampled.digest >> 64) for part in cited]
    copies = live_copies((part.segment for part in searched.segments), np.array(digests, np.uint64)).tolist()
    documents = []
    for part, score, equal in zip(cited, _scores(searched, scorer, cited), copies, strict=True):
        record = searched.segments[part.sampled.segment].segment.record(part.sampled.ordinal)
        documents.append(
            Document(
                index=searched.name,
                id=record.id,
                metadata=record.metadata,
                relevance=scorer.level(score),
                score=score,
                duplicates=equal - 1,
                snippets=tuple(_snippet(number, context) for number, context in part.contexts),
            )
        )
    return documents


def _scores(searched: SearchedIndex, scorer: Bm25, cited: Sequence[Cited]) -> list[float]:
    scores = [0.0] * len(cited)
    for number, part in enumerate(searched.segments):
        own = [place for place, document in enumerate(cited) if document.sampled.segment == number]
        passages = []
        for place in own:
            start, end = part.segment.span_of(cited[place].sampled.ordinal)
            passages.append(passage_around(start, end, [start + token for token in cited[place].places]))
        if own:
            for place, score in zip(own, scorer.scores(part.arrays.tokens, passages), strict=True):
                scores[place] = score
    return scores


def _snippet(span: int, context: Context) -> Snippet:
    return Snippet(context.text, context.start, context.end, span, (context.match_start, context.match_end))
