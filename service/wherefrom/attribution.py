"""Attribution as OLMoTrace's own interface has it: spans in tokens, each with documents as windows of tokens.

The spans are those of the preset `olmotrace` (see `olmotrace`), numbered by the tokens of one index's tokenizer, with
counts of their tokens. For each of them documents with different texts are chosen, whose first occurrence is shown in
three windows: what is read, and two that are cut out of it.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from wherefrom import search
from wherefrom.corpus import SearchedIndex
from wherefrom.errors import LimitError
from wherefrom.occurrences import Occurrences
from wherefrom.olmotrace import attributed_spans, token_rules
from wherefrom.options import AttributionOptions, Ranking
from wherefrom.query import Query, query_of
from wherefrom.rarity import Rarity
from wherefrom.sampling import Sampled, sample
from wherefrom.spans import cap
from wherefrom_indexer.tokenization import clean_text

MOST_TOKENS = 1 << 22
"""Tokens of documents that one answer may hold, each window counted."""

_SEED = 42


@dataclass(frozen=True, slots=True)
class Window:
    """A part of a document: its tokens (original ids), where the span begins among them, and what they spell."""

    tokens: list[int]
    offset: int
    text: str


@dataclass(frozen=True, slots=True)
class AttributedDocument:
    """A document in which a span stands.

    Attributes:
        number: its place in the index, removed documents counted.
        id, metadata: as they were in the source.
        length: its tokens.
    """

    number: int
    id: str
    metadata: Mapping[str, Any]
    length: int
    window: Window
    long: Window
    snippet: Window


@dataclass(frozen=True, slots=True)
class AttributedSpan:
    """A span of the text.

    Attributes:
        left, right: half-open range of tokens.
        count: live occurrences of its tokens.
        log_probability: sum of the natural logarithms of its tokens' shares of the corpus.
        text: the part of the text that it is.
        tokens: original ids.
    """

    left: int
    right: int
    count: int
    log_probability: float
    text: str
    tokens: list[int]
    documents: tuple[AttributedDocument, ...]


@dataclass(frozen=True, slots=True)
class Attribution:
    """The spans of a text, and the text cut into tokens, which together are the text."""

    index: str
    tokens: list[str]
    spans: tuple[AttributedSpan, ...]


def attribute(searched: SearchedIndex, text: str, options: AttributionOptions) -> Attribution:
    """Find the spans of a text in one index, and documents in which they stand.

    Raises:
        LimitError: the documents' windows together would be too long to answer.
    """
    query = query_of(clean_text(text), searched.tokenizer)
    pieces = _pieces(query)
    if not pieces:
        return Attribution(searched.name, [], ())
    rarity = Rarity([searched], query)
    spans = _spans(searched, query, rarity, options)
    found = _occurrences(searched, query, spans)
    chosen = sample([searched], [found], options.max_documents, _SEED) if spans else []
    windows = _Windows(searched, options)
    return Attribution(
        searched.name,
        pieces,
        tuple(
            AttributedSpan(
                left,
                right,
                count,
                math.fsum(rarity.each[left:right]),
                "".join(pieces[left:right]),
                _original(searched, query.values[left:right]),
                tuple(windows.document(place, right - left) for place in documents),
            )
            for (left, right), count, documents in zip(spans, found.counts.tolist(), chosen, strict=True)
        ),
    )


def _pieces(query: Query) -> list[str]:
    """The text cut where its tokens begin; the later tokens of one character have it, the first none of it."""
    if not len(query.values):
        return []
    edges = [0, *query.token_characters.tolist()[1:], len(query.text)]
    return [query.text[start:end] for start, end in itertools.pairwise(edges)]


def _spans(searched: SearchedIndex, query: Query, rarity: Rarity, options: AttributionOptions) -> list[tuple[int, int]]:
    """The ranges of tokens that are shown, by their place."""
    found = attributed_spans(
        searched.segments,
        query.values,
        token_rules(searched.tokenizer.vocabulary, options.delimiters),
        least=options.min_tokens,
        most_frequent=options.max_count,
        whole_words=options.whole_words,
        cut_at_delimiters=bool(options.delimiters),
    )
    spans = list(zip(found.starts.tolist(), found.ends.tolist(), strict=True))

    def rank(span: tuple[int, int]) -> float:
        left, right = span
        return left - right if options.ranking is Ranking.LENGTH else math.fsum(rarity.each[left:right])

    return sorted(sorted(spans, key=rank)[: cap(options.density, len(query.values), len(spans))])


def _occurrences(searched: SearchedIndex, query: Query, spans: Sequence[tuple[int, int]]) -> Occurrences:
    """Where the tokens of spans stand; they stand somewhere."""
    counts = np.zeros(len(spans), np.int64)
    rows = []
    for part in searched.segments:
        intervals = [search.interval(part.arrays, query.values[left:right]) for left, right in spans]
        lows, highs = (np.array([interval[end] for interval in intervals], np.int64) for end in (0, 1))
        counts += search.live_counts(part.arrays, lows, highs)
        found = [(number, low, high, 0, 0) for number, (low, high) in enumerate(intervals) if low < high]
        rows.append(np.array(found, np.int64).reshape(-1, 5))
    return Occurrences(counts, np.ones(len(spans), np.bool_), tuple(rows))


def _original(searched: SearchedIndex, values: NDArray[np.integer]) -> list[int]:
    """The ids that the tokenizer's file has for stored values; a separator, which only damage puts there, has none."""
    vocabulary = searched.tokenizer.vocabulary
    known = values[(values > 0) & (values <= vocabulary.size)].astype(np.int64)
    ids: list[int] = vocabulary.original[known - 1].tolist()
    return ids


class _Windows:
    """Reads windows of documents, as many as one answer may hold."""

    def __init__(self, searched: SearchedIndex, options: AttributionOptions) -> None:
        self._searched = searched
        self._options = options
        self._left = MOST_TOKENS
        sizes = [part.segment.n_documents for part in searched.segments]
        self._first_numbers = [sum(sizes[:place]) for place in range(len(sizes))]

    def document(self, place: Sampled, length: int) -> AttributedDocument:
        """The document of an occurrence of so many tokens."""
        segment = self._searched.segments[place.segment].segment
        start, end = segment.span_of(place.ordinal)
        record = segment.record(place.ordinal)
        tokens = segment.tokens[start:end]
        before = place.position - start

        def window(context: int) -> Window:
            return self._window(tokens, before, length, min(context, self._options.context))

        return AttributedDocument(
            self._first_numbers[place.segment] + place.ordinal,
            record.id,
            record.metadata,
            end - start,
            window(self._options.context),
            window(self._options.context_long),
            window(self._options.context_snippet),
        )

    def _window(self, tokens: NDArray[np.integer], before: int, length: int, context: int) -> Window:
        first = max(0, before - context)
        values = np.asarray(tokens[first : before + length + context])
        self._left -= len(values)
        if self._left < 0:
            raise LimitError(
                f"The answer would hold more than {MOST_TOKENS:,} tokens of documents; ask for fewer documents, fewer"
                " spans, or shorter contexts."
            )
        # A window may begin or end inside a character, of which nothing is shown.
        text = self._searched.tokenizer.vocabulary.spell_stored(values).decode("utf-8", errors="ignore")
        return Window(_original(self._searched, values), before - first, text)
