"""The spans of a text: matched in every segment, refined to characters, and put under the rules of the preset."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from wherefrom import olmotrace
from wherefrom.boundaries import Boundaries, sentence_ends, word_boundaries
from wherefrom.corpus import Intervals, LongestMatches, SearchedIndex, SearchedSegment, united_matches
from wherefrom.joints import joints_of
from wherefrom.longest import longest_matches
from wherefrom.olmotrace import TokenRules
from wherefrom.options import TraceOptions
from wherefrom.provenance import Withheld
from wherefrom.query import Query
from wherefrom.rarity import Rarity
from wherefrom.reach import reaches
from wherefrom.search import SegmentArrays
from wherefrom.spans import Ranges, cap, cut, maximal, rarest, united, within
from wherefrom.spellings import SpellingArrays
from wherefrom.standing import standing, standing_parts


@dataclass(frozen=True, slots=True)
class Found:
    """Maximal spans of a text.

    Attributes:
        spans: those that may be shown.
        covering: those that count as covered.
        withheld: how many were left out already, by reason.
        limited: whether the limit on the count and the cap were applied already.
    """

    spans: Ranges
    covering: Ranges
    withheld: Mapping[Withheld, int]
    limited: bool = False


@dataclass(frozen=True, slots=True, eq=False)
class _Group:
    """The segments of all indexes with one tokenizer: they are searched as one corpus."""

    spellings: SpellingArrays
    segments: tuple[SearchedSegment, ...]
    searched: SearchedIndex


class Finder:
    """Finds the spans of texts in some indexes."""

    def __init__(self, searched: Sequence[SearchedIndex]) -> None:
        """Group the indexes by tokenizer."""
        self._searched = searched
        self._has_changed_texts = any(part.holds_stored_texts for part in searched)
        self._groups: dict[str, _Group] = {}
        for part in searched:
            known = self._groups.get(part.tokenizer.hash)
            segments = (*(known.segments if known else ()), *part.segments)
            self._groups[part.tokenizer.hash] = _Group(part.spellings, segments, part)
        self._rules: dict[str, TokenRules] = {}

    def find(self, queries: Mapping[str, Query], rarity: Rarity, options: TraceOptions) -> Found:
        """Find the spans of a text, given as each tokenizer (by hash) sees it."""
        if options.preset == "olmotrace":
            return self._published(queries, rarity, options)
        text = next(iter(queries.values())).text
        boundaries = word_boundaries(text) if options.word_boundaries else None
        everywhere = None if self._has_changed_texts else boundaries
        ranges = united(
            [self._passages(name, query, options.min_characters, everywhere)[0] for name, query in queries.items()]
        )
        if self._has_changed_texts:
            ranges = standing_parts(self._searched, queries, maximal(ranges))
        if boundaries is not None:
            ranges = within(ranges, boundaries)
        if options.sentence_boundaries:
            ranges = cut(ranges, sentence_ends(text))
            if boundaries is not None:
                ranges = within(ranges, boundaries)
        ranges = maximal(ranges)
        long_enough = (ranges.lengths >= options.min_characters) & (rarity.tokens(ranges) >= options.min_tokens)
        spans = ranges.chosen(long_enough)
        return Found(spans, spans, {Withheld.TOO_SHORT: int((~long_enough).sum())})

    def all_passages(self, queries: Mapping[str, Query], least: int) -> tuple[Ranges, LongestMatches]:
        """All maximal passages of a text of at least so many characters, and the matches of the first one's tokens."""
        found = [self._passages(name, query, least, None) for name, query in queries.items()]
        ranges = united([passages for passages, _ in found])
        if self._has_changed_texts:
            ranges = standing_parts(self._searched, queries, maximal(ranges))
        ranges = maximal(ranges)
        return ranges.chosen(ranges.lengths >= least), found[0][1]

    def _passages(
        self, name: str, query: Query, least: int, boundaries: Boundaries | None
    ) -> tuple[Ranges, LongestMatches]:
        """The maximal passages of the text that occur in any segment of one tokenizer's indexes, and their matches.

        With `boundaries`, only as far as they are of interest for what lies between these.
        """
        group = self._groups[name]
        allowed_starts, allowed_ends = query.allowed(boundaries)
        reach = np.zeros(len(query.spelled), np.int64)
        matched: list[tuple[SegmentArrays, Intervals]] = []
        for part in group.segments:
            matches = longest_matches(part.arrays, query.values)
            matched.append((part.arrays, matches))
            known = group.searched.tokenizer.has_joints and part.segment.entry.from_text
            joints = joints_of(query.spelled, query.starts, known=known)
            found = reaches(
                part.arrays,
                group.spellings,
                query.spelled,
                query.values,
                query.starts,
                matches,
                joints,
                least,
                allowed_starts,
                allowed_ends,
            )
            reach = np.maximum(reach, found)
        length, count = united_matches(matched, len(query.values))
        return maximal(query.ranges(reach)), LongestMatches(query.token_characters, length, count)

    def _published(self, queries: Mapping[str, Query], rarity: Rarity, options: TraceOptions) -> Found:
        """The spans of the published pipeline, in its order: rules, length, count, maximality, cap."""
        parts: list[Ranges] = []
        short = frequent = 0
        for name, query in queries.items():
            found = olmotrace.attributed_spans(
                self._groups[name].segments,
                query.values,
                self._token_rules(name),
                least=options.min_tokens,
                most_frequent=options.max_count,
                whole_words=options.word_boundaries,
                cut_at_delimiters=options.sentence_boundaries,
            )
            starts = query.starts[found.starts]
            ends = np.append(query.starts, len(query.spelled))[found.ends]
            parts.append(Ranges.of(query.first_character[starts], query.last_character[ends]))
            short += found.withheld_short
            frequent += found.withheld_frequent
        ranges = maximal(united(parts))
        if self._has_changed_texts:
            ranges = ranges.chosen(standing(self._searched, queries, ranges))
        long_enough = ranges.lengths >= options.min_characters
        spans = ranges.chosen(long_enough)
        shown = cap(options.density, len(next(iter(queries.values())).values), len(spans))
        kept = spans.chosen(rarest(rarity.log_probabilities(spans), shown))
        withheld = {
            Withheld.TOO_SHORT: short + int((~long_enough).sum()),
            Withheld.TOO_FREQUENT: frequent,
            Withheld.DENSITY: len(spans) - len(kept),
        }
        return Found(kept, spans, withheld, limited=True)

    def _token_rules(self, name: str) -> TokenRules:
        if name not in self._rules:
            self._rules[name] = olmotrace.published_rules(self._groups[name].searched.tokenizer.vocabulary)
        return self._rules[name]
