"""The tracer: text in, provenance out."""

from __future__ import annotations

import functools
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import chain, islice
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from wherefrom import corpus, standing
from wherefrom.attribution import Attribution, attribute
from wherefrom.corpus import LongestMatches, SearchedIndex, SearchedSegment, searched_index
from wherefrom.corpus_queries.queries import CorpusQueries
from wherefrom.documents import Cited, cite, contexts_in, rank
from wherefrom.finding import Finder
from wherefrom.holding import Holding, documents_holding
from wherefrom.matches import Matches, spans_of
from wherefrom.occurrences import ROWS, Occurrences
from wherefrom.options import AttributionOptions, TraceOptions
from wherefrom.provenance import Document, IndexSummary, Provenance, Relevance, Span, Timing
from wherefrom.query import Query, query_of
from wherefrom.rarity import Rarity
from wherefrom.sampling import Sampled, sample
from wherefrom.showing import Count, Shown, choose, counts_of, with_documents
from wherefrom.snippets import Context
from wherefrom.spans import covered
from wherefrom.spellings import SpellingArrays, spelling_arrays
from wherefrom.workers import Item, Result, Workers, cores
from wherefrom_indexer.errors import UsageError
from wherefrom_indexer.index import Index
from wherefrom_indexer.tokenization import clean_text

VIEW = "exact"

WORTH_PROCESSES = 128
"""Texts from which on processes are started: to start one takes as long as a hundred traces."""

_RELEVANCES = (Relevance.HIGH, Relevance.MEDIUM, Relevance.LOW)


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

    @property
    def queries(self) -> CorpusQueries:
        """Counts, conjunctions of phrases, next tokens and infinity-gram probabilities over the indexes."""
        self._require_open()
        return CorpusQueries(self._searched)

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
        shown = choose(self._searched, found, queries, rarity, options)
        clock.lap()
        cited = self._cited(shown, text, options)
        clock.lap()
        if options.max_documents:
            shown, cited = with_documents(shown, cited)
        documents = rank(self._searched, cited, self._relevance_queries(queries, prompt))
        spans = _spans(text, shown, rarity, documents)
        clock.lap()
        return Provenance(
            text=text,
            indexes=self.indexes,
            preset=options.preset,
            tokens=len(first.values),
            coverage=covered(found.covering) / len(text),
            shown_coverage=covered(shown.ranges) / len(text),
            spans=tuple(spans),
            documents=tuple(documents),
            withheld={reason: number for reason, number in shown.withheld.items() if number},
            timing_ms=clock.timing(),
        )

    def attribute(self, text: str, options: AttributionOptions) -> Attribution:
        """Find the spans of a text in tokens, with windows of documents, as OLMoTrace's own interface has them.

        Raises:
            UsageError: there are several indexes.
            LimitError: the answer would be too long.
        """
        self._require_open()
        if len(self._searched) > 1:
            raise UsageError("tokens and counts of several indexes differ: attribute a text to one index at a time")
        return attribute(self._searched[0], text, options)

    def trace_many(
        self,
        texts: Iterable[str],
        preset: str = "default",
        processes: int | None = None,
        **options: Any,
    ) -> Iterator[Provenance]:
        """Trace many texts, in several processes where that is worth it; yields the provenances in their order.

        A script that calls this needs the guard `if __name__ == "__main__":`, as for `multiprocessing`.

        Args:
            texts: any number of texts; a few hundred are held at a time.
            preset: as for `trace`.
            processes: how many; None: as many as cores may be used.
            **options: as for `trace`.

        Raises:
            UsageError: as `trace`, at the text that it is about.
            StorageError: a process ended before its work was done.
        """
        return self.map(_Trace(TraceOptions.of(preset, **options)), texts, processes or cores())

    def map(self, function: Callable[[Any, Item], Result], items: Iterable[Item], processes: int) -> Iterator[Result]:
        """Yield `function(tracer, item)` of many items in their order, in processes where they are worth starting.

        Each process has a tracer of its own; function, items and results are pickled.
        """
        self._require_open()
        remaining = iter(items)
        first = list(islice(remaining, WORTH_PROCESSES))
        if processes == 1 or len(first) < WORTH_PROCESSES:
            for item in chain(first, remaining):
                yield function(self, item)
            return
        paths = [str(part.index.path.resolve()) for part in self._searched]
        versions = [part.index.version for part in self._searched]
        with Workers(paths, versions, function, processes) as workers:
            yield from workers.map(chain(first, remaining))

    def count(self, text: str) -> Count:
        """Count the live occurrences of a text, overlapping ones included, whatever their tokenization.

        Raises:
            UsageError: the text is empty.
        """
        (count,) = counts_of(self._searched, self._occurrences(text, room=0))
        return count

    def count_tokens(self, ids: ArrayLike) -> int:
        """Count the live occurrences of a sequence of token ids, as the tokenizer of the indexes numbers them.

        Raises:
            UsageError: there are no ids, or the indexes have several tokenizers.
            TokenizerError: an id is outside of the vocabulary.
        """
        return self.queries.count(np.asarray(ids).ravel()).count

    def find(self, text: str, limit: int = 10, context_characters: int = 160, seed: int = 42) -> list[Occurrence]:
        """Find up to `limit` documents in which a text stands, each with its first occurrence.

        Raises:
            UsageError: the text is empty.
        """
        (chosen,) = sample(self._searched, self._occurrences(text, room=ROWS), limit, seed)
        contexts = contexts_in(self._searched, [(sampled, clean_text(text)) for sampled in chosen], context_characters)
        return [
            self._occurrence(sampled, context)
            for sampled, context in zip(chosen, contexts, strict=True)
            if context is not None
        ]

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

    def matches(
        self,
        text: str,
        least_characters: int = 8,
        cite_characters: int = 50,
        max_documents: int = 10,
        seed: int = 42,
    ) -> Matches:
        """Find what of a text stands in the indexes, before any rule of display: what audits measure.

        Args:
            text: the text; lone surrogates are read as U+FFFD.
            least_characters: the shortest passage that is looked for.
            cite_characters: the shortest passage that is counted, and looked up in documents.
            max_documents: documents kept for each such passage.
            seed: of the choice of documents.

        Raises:
            UsageError: the text is empty, or a length is below 1.
        """
        self._require_open()
        if not text:
            raise UsageError("the text is empty: nothing of it stands anywhere")
        if least_characters < 1 or cite_characters < 1 or max_documents < 0:
            raise UsageError("lengths of passages must be at least 1, and the number of documents at least 0")
        queries = self._queries(clean_text(text))
        first = queries[self._searched[0].tokenizer.hash]
        rarity = Rarity(self._sharing_tokenizer(self._searched[0]), first)
        passages, tokens = self._finder.all_passages(queries, least_characters)
        cited = passages.chosen(passages.lengths >= cite_characters)
        spans = spans_of(self._searched, queries, cited, rarity, max_documents, seed)
        return Matches(first.text, least_characters, passages, tokens, rarity.each, spans)

    def documents_holding(
        self, text: str, ranges: Sequence[tuple[int, int]], most: int = 10_000
    ) -> tuple[list[Holding], list[int]]:
        """Find all documents that hold at least one of some passages of a text, copies of documents included.

        Args:
            text: the text; lone surrogates are read as U+FFFD.
            ranges: half-open ranges of code points of the text: the passages.
            most: a passage that occurs more often in an index is looked up in none of its documents.

        Returns:
            The documents with the numbers of their passages, and the numbers of the passages that occur too often.

        Raises:
            UsageError: a passage is empty or lies outside of the text.
        """
        self._require_open()
        if any(not 0 <= start < end <= len(text) for start, end in ranges):
            raise UsageError("a passage is empty or lies outside of the text")
        return documents_holding(self._searched, self._queries(clean_text(text)), ranges, most) if ranges else ([], [])

    def document_text(self, index: str, identifier: str, most_tokens: int) -> str | None:
        """Return the text of a live document of the index of that name; None for a longer one, or if there is none."""
        self._require_open()
        for part in self._searched:
            if part.name == index and (found := part.index.find(identifier)) is not None:
                segment, ordinal = found
                start, end = segment.span_of(ordinal)
                return segment.text(ordinal) if end - start <= most_tokens else None
        return None

    def token_starts(self, text: str) -> tuple[int, ...]:
        """Return the code point in which each token of a text begins, in the tokenizer of the first index."""
        self._require_open()
        starts = query_of(clean_text(text), self._searched[0].tokenizer).token_characters
        return tuple(starts.tolist()) if text else ()

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

    def _cited(self, shown: Shown, text: str, options: TraceOptions) -> list[Cited]:
        if not options.max_documents or not len(shown.ranges):
            return []
        sampled = sample(self._searched, shown.found, options.max_documents, options.seed)
        texts = [text[start:end] for start, end in shown.ranges.pairs()]
        chosen = [sampled[passage] for passage in shown.passages]
        return cite(self._searched, texts, chosen, options.context_characters)

    def _occurrence(self, sampled: Sampled, context: Context) -> Occurrence:
        searched = self._searched[sampled.index]
        record = searched.segments[sampled.segment].segment.record(sampled.ordinal)
        start, end = context.start + context.match_start, context.start + context.match_end
        highlight = (context.match_start, context.match_end)
        return Occurrence(searched.name, record.id, start, end, context.text, highlight)

    def _occurrences(self, text: str, room: int) -> list[Occurrences]:
        self._require_open()
        if not text:
            raise UsageError("the text is empty: it stands everywhere and nowhere")
        text = clean_text(text)
        found = []
        for part in self._searched:
            spelled = np.frombuffer(standing.spelled_alone(text, part), np.uint8)
            found.append(standing.occurrences(part, [text], spelled, np.array([[0, len(spelled)]], np.int64), room))
        return found


@dataclass(frozen=True, slots=True)
class _Trace:
    """Traces a text with options made before; processes are handed it."""

    options: TraceOptions

    def __call__(self, tracer: Tracer, text: str) -> Provenance:
        return tracer.trace_with(self.options, text)


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


def _spans(
    text: str,
    shown: Shown,
    rarity: Rarity,
    documents: Sequence[Document],
) -> list[Span]:
    tokens = rarity.tokens(shown.ranges).tolist()
    log_probabilities = rarity.log_probabilities(shown.ranges).tolist()
    counts = shown.counts
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
        for number, (start, end) in enumerate(shown.ranges.pairs())
    ]
