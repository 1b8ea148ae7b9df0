"""The tracer: text in, provenance out."""

from __future__ import annotations

import functools
import time
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from wherefrom import corpus, standing
from wherefrom.corpus import LongestMatches, Occurrences, SearchedIndex, SearchedSegment, searched_index
from wherefrom.documents import SpanSources, cite, rank, renumbered
from wherefrom.finding import Finder, Found
from wherefrom.options import TraceOptions
from wherefrom.provenance import Document, IndexSummary, Provenance, Relevance, Span, Timing, Withheld
from wherefrom.query import Query, query_of
from wherefrom.rarity import Rarity
from wherefrom.sampling import sample
from wherefrom.snippets import context_of
from wherefrom.spans import Ranges, by_rarity, cap, covered
from wherefrom.spellings import SpellingArrays, spelling_arrays
from wherefrom_indexer.errors import TokenizerError, UsageError
from wherefrom_indexer.index import Index
from wherefrom_indexer.tokenization import clean_text

VIEW = "exact"

MOST_OCCURRENCES = 1 << 20
"""Occurrences of one span that are read to choose its documents; of more frequent ones, the first in suffix order."""

_RELEVANCES = (Relevance.HIGH, Relevance.MEDIUM, Relevance.LOW)


@dataclass(frozen=True, slots=True)
class Count:
    """Live occurrences of a text: over all indexes, and by index name; a lower bound if `is_lower_bound`."""

    count: int
    is_lower_bound: bool
    by_index: dict[str, int]


@dataclass(frozen=True, slots=True)
class Occurrence:
    """One occurrence of a text.

    Attributes:
        index, document_id: where it stands.
        start, end: half-open range in code points of the document.
        context: the passage around it.
        highlight: the occurrence in code points of `context`.
    """

    index: str
    document_id: str
    start: int
    end: int
    context: str
    highlight: tuple[int, int]


class Tracer:
    """Finds the passages of texts that stand verbatim in one or several indexes.

    Reads only; may be used by many threads at once. Keeps the versions of the indexes that it opened.
    """

    def __init__(self, indexes: Sequence[Index]) -> None:
        """Take opened indexes; `Tracer.open` opens them."""
        if not indexes:
            raise UsageError("there is no index to search: give at least one")
        names = _distinct_names([index.name for index in indexes])
        spellings: dict[str, SpellingArrays] = {}
        self._searched: list[SearchedIndex] = []
        for index, name in zip(indexes, names, strict=True):
            tokenizer = index.tokenizer
            if tokenizer.hash not in spellings:
                spellings[tokenizer.hash] = spelling_arrays(tokenizer.vocabulary)
            self._searched.append(searched_index(index, name, spellings[tokenizer.hash]))
        self._finder = Finder(self._searched)

    @classmethod
    def open(cls, *paths: str | Path) -> Tracer:
        """Open the published indexes in some folders.

        Raises:
            IndexNotFoundError, IndexFormatError, IndexDamagedError: as `Index.open`.
        """
        return cls([Index.open(path) for path in paths])

    @functools.cached_property
    def indexes(self) -> tuple[IndexSummary, ...]:
        """What is searched."""
        return tuple(
            IndexSummary(part.name, part.index.version, part.index.documents, part.index.tokens)
            for part in self._searched
        )

    def trace(self, text: str, prompt: str | None = None, preset: str = "default", **options: Any) -> Provenance:
        """Find where the passages of a text stand.

        Args:
            text: the output of a model, or any text; lone surrogates are read as U+FFFD.
            prompt: what it answered; documents are ranked by prompt and text.
            preset: "default" or "olmotrace".
            **options: see `TraceOptions`.

        Raises:
            UsageError: the text is empty, or an option cannot be used.
            IndexDamagedError: damage was met that opening could not see.
        """
        return self.trace_with(TraceOptions.of(preset, **options), text, prompt)

    def trace_with(self, options: TraceOptions, text: str, prompt: str | None = None) -> Provenance:
        """The same with options that were made before."""
        self._require_open()
        if not text:
            raise UsageError("the text is empty: there is nothing to trace")
        clock = _Clock()
        text = clean_text(text)
        queries = self._queries(text)
        clock.lap()
        first = queries[self._searched[0].tokenizer.hash]
        rarity = Rarity(self._sharing_tokenizer(self._searched[0]), first)
        found = self._finder.find(queries, rarity, options)
        shown, counts, withheld = self._shown(found, queries, rarity, options)
        clock.lap()
        sources = [
            SpanSources(text[start:end], self._located(queries, start, end, options.max_documents))
            for start, end in _pairs(shown)
        ]
        cited = cite(self._searched, sources, options.max_documents, options.context_characters, options.seed)
        clock.lap()
        if options.max_documents:
            documented = np.array(sorted({snippet.span for part in cited for snippet in part.snippets}), np.int64)
            withheld[Withheld.NO_LIVE_DOCUMENT] += len(shown) - len(documented)
            shown, counts = shown.chosen(documented), [counts[number] for number in documented]
            cited = renumbered(cited, documented.tolist())
        documents = rank(self._searched, cited, self._relevance_queries(queries, prompt))
        spans = _spans(text, shown, counts, rarity, documents)
        clock.lap()
        return Provenance(
            text=text,
            indexes=self.indexes,
            preset=options.preset,
            tokens=len(first.values),
            coverage=covered(found.covering) / len(text),
            shown_coverage=covered(shown) / len(text),
            spans=tuple(spans),
            documents=tuple(documents),
            withheld={reason: number for reason, number in withheld.items() if number},
            timing_ms=clock.timing(),
        )

    def count(self, text: str) -> Count:
        """Count the live occurrences of a text, overlapping ones included, whatever their tokenization.

        Raises:
            UsageError: the text is empty.
        """
        return _count_of(self._searched, self._occurrences(text, room=0))

    def count_tokens(self, ids: ArrayLike) -> int:
        """Count the live occurrences of a sequence of token ids, as the tokenizer of the indexes numbers them.

        Raises:
            UsageError: there are no ids, or the indexes have several tokenizers.
            TokenizerError: an id is outside of the vocabulary.
        """
        self._require_open()
        if len({part.tokenizer.hash for part in self._searched}) > 1:
            raise UsageError(
                "the indexes have several tokenizers, so ids mean nothing: count in one index, or count text"
            )
        original = np.asarray(ids, np.int64).ravel()
        if not len(original):
            raise UsageError("there are no token ids to count")
        vocabulary = self._searched[0].tokenizer.vocabulary
        renumbered = vocabulary.renumber(original)
        unknown = np.flatnonzero(renumbered >= vocabulary.size)
        if len(unknown):
            raise TokenizerError(f"token id {original[unknown[0]]} is outside of the vocabulary of the index")
        values = renumbered.astype(np.int64) + 1
        return corpus.token_count(self._segments(), values)

    def find(self, text: str, limit: int = 10, context_characters: int = 160, seed: int = 42) -> list[Occurrence]:
        """Find up to `limit` documents in which a text stands, each with its first occurrence.

        Raises:
            UsageError: the text is empty.
        """
        found = self._occurrences(text, room=MOST_OCCURRENCES)
        occurrences = []
        for chosen in sample(self._searched, found, limit, seed):
            searched = self._searched[chosen.index]
            segment = searched.segments[chosen.segment].segment
            context = context_of(
                segment, searched.tokenizer, chosen.position, chosen.shift, clean_text(text), context_characters
            )
            if context is not None:
                start = context.start + context.match_start
                occurrences.append(
                    Occurrence(
                        searched.name,
                        segment.record(chosen.ordinal).id,
                        start,
                        start + context.match_end - context.match_start,
                        context.text,
                        (context.match_start, context.match_end),
                    )
                )
        return occurrences

    def longest_matches(self, text: str) -> LongestMatches:
        """Find the longest match at each token of a text, token by token.

        Raises:
            UsageError: the indexes have several tokenizers.
        """
        self._require_open()
        if len({part.tokenizer.hash for part in self._searched}) > 1:
            raise UsageError(
                "the indexes have several tokenizers, so token positions differ: search one index at a time"
            )
        query = query_of(clean_text(text), self._searched[0].tokenizer)
        length, count = corpus.longest_matches(self._segments(), query.values)
        return LongestMatches(query.token_characters, length, count)

    def close(self) -> None:
        """Let go of the indexes; their files are unmapped when nothing refers to them any more."""
        self._searched = []
        self._finder = Finder([])

    def __enter__(self) -> Tracer:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _require_open(self) -> None:
        if not self._searched:
            raise UsageError("the tracer is closed: open the indexes again")

    def _segments(self) -> list[SearchedSegment]:
        return [segment for part in self._searched for segment in part.segments]

    def _queries(self, text: str) -> dict[str, Query]:
        """The text as each tokenizer sees it."""
        tokenizers = {part.tokenizer.hash: part.tokenizer for part in self._searched}
        return {name: query_of(text, tokenizer) for name, tokenizer in tokenizers.items()}

    def _relevance_queries(self, queries: dict[str, Query], prompt: str | None) -> list[Query]:
        if prompt:
            text = next(iter(queries.values())).text
            queries = self._queries(f"{clean_text(prompt)} {text}")
        return [queries[part.tokenizer.hash] for part in self._searched]

    def _sharing_tokenizer(self, searched: SearchedIndex) -> list[SearchedIndex]:
        return [part for part in self._searched if part.tokenizer.hash == searched.tokenizer.hash]

    def _shown(
        self, found: Found, queries: dict[str, Query], rarity: Rarity, options: TraceOptions
    ) -> tuple[Ranges, list[Count], Counter[Withheld]]:
        """Count the spans found, the rarest first, and withhold the too frequent ones and those beyond the cap.

        What is beyond the cap is not counted: a text that repeats itself can have as many spans as tokens.
        """
        withheld = Counter(found.withheld)
        tokens = len(queries[self._searched[0].tokenizer.hash].values)
        room = len(found.spans) if found.limited else cap(options.density, tokens, len(found.spans))
        limit = None if found.limited else options.max_count
        counted: dict[bytes, Count] = {}
        shown: dict[int, Count] = {}
        for place in by_rarity(rarity.log_probabilities(found.spans)).tolist():
            if len(shown) == room:
                withheld[Withheld.DENSITY] += len(found.spans) - len(shown) - withheld[Withheld.TOO_FREQUENT]
                break
            start, end = int(found.spans.starts[place]), int(found.spans.ends[place])
            text = queries[self._searched[0].tokenizer.hash].bytes_of(start, end)
            if text not in counted:
                counted[text] = _count_of(self._searched, self._occurrences_in(queries, start, end, room=0))
            if limit is not None and counted[text].count > limit:
                withheld[Withheld.TOO_FREQUENT] += 1
            else:
                shown[place] = counted[text]
        places = sorted(shown)
        return found.spans.chosen(np.array(places, np.int64)), [shown[place] for place in places], withheld

    def _located(self, queries: dict[str, Query], start: int, end: int, max_documents: int) -> list[Occurrences]:
        return self._occurrences_in(queries, start, end, room=MOST_OCCURRENCES if max_documents else 0)

    def _occurrences_in(self, queries: dict[str, Query], start: int, end: int, room: int) -> list[Occurrences]:
        located = []
        for part in self._searched:
            query = queries[part.tokenizer.hash]
            located.append(standing.occurrences(part, query.text[start:end], query.bytes_of(start, end), room))
        return located

    def _occurrences(self, text: str, room: int) -> list[Occurrences]:
        self._require_open()
        if not text:
            raise UsageError("the text is empty: it stands everywhere and nowhere")
        text = clean_text(text)
        return [standing.occurrences(part, text, standing.spelled_alone(text, part), room) for part in self._searched]


class _Clock:
    """Milliseconds between laps."""

    def __init__(self) -> None:
        self._times = [time.perf_counter()]

    def lap(self) -> None:
        self._times.append(time.perf_counter())

    def timing(self) -> Timing:
        tokenize, searching, documents, ranking = (
            (later - earlier) * 1000 for earlier, later in zip(self._times, self._times[1:], strict=False)
        )
        return Timing(tokenize, searching, documents, ranking, total=(self._times[-1] - self._times[0]) * 1000)


def _distinct_names(names: Sequence[str]) -> list[str]:
    """Number the later ones of equal names: counts and documents are told apart by name."""
    taken: set[str] = set()
    distinct = []
    for name in names:
        candidate, number = name, 1
        while candidate in taken:
            number += 1
            candidate = f"{name} ({number})"
        taken.add(candidate)
        distinct.append(candidate)
    return distinct


def _pairs(ranges: Ranges) -> Iterable[tuple[int, int]]:
    return zip(ranges.starts.tolist(), ranges.ends.tolist(), strict=True)


def _count_of(searched: Sequence[SearchedIndex], found: Sequence[Occurrences]) -> Count:
    by_index = {part.name: occurrences.count for part, occurrences in zip(searched, found, strict=True)}
    return Count(sum(by_index.values()), not all(part.exact for part in found), by_index)


def _spans(
    text: str,
    ranges: Ranges,
    counts: Sequence[Count],
    rarity: Rarity,
    documents: Sequence[Document],
) -> list[Span]:
    tokens = rarity.tokens(ranges).tolist()
    log_probabilities = rarity.log_probabilities(ranges).tolist()
    cited: list[list[int]] = [[] for _ in counts]
    for place, document in enumerate(documents):
        for snippet in document.snippets:
            cited[snippet.span].append(place)
    return [
        Span(
            start=start,
            end=end,
            text=text[start:end],
            tokens=tokens[number],
            view=VIEW,
            count=counts[number].count,
            count_is_lower_bound=counts[number].is_lower_bound,
            counts=counts[number].by_index,
            log_probability=log_probabilities[number],
            relevance=min((documents[place].relevance for place in cited[number]), key=_RELEVANCES.index, default=None),
            documents=tuple(cited[number]),
        )
        for number, (start, end) in enumerate(_pairs(ranges))
    ]
