"""The spans of the published OLMoTrace pipeline, by its own token rules, for comparison.

Liu et al. 2025, arXiv 2504.07096, and the code of infini-gram's `attribute`: from each token that begins a word, the
longest match; cut behind the first delimiter; shortened until the next token begins a word; dropped if too short or too
frequent; kept if it ends further right than all before it. Words and delimiters are lists of tokens.

Different by intent: a text that sorts before the whole corpus keeps its match (infini-gram loses it); log-probabilities
do not take separators for tokens and are summed exactly, so that equally rare spans keep their order; removed documents
are not matched; ranges are cut to whole characters; and the count that is shown is that of the text, while the limit
goes, as published, by the count of its tokens.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from wherefrom.corpus import SearchedSegment, longest_matches, token_count
from wherefrom_indexer.vocabulary import Vocabulary


@dataclass(frozen=True, slots=True)
class TokenRules:
    """Which tokens (by new id) begin a word, and which end a span: bool (vocabulary) each."""

    word_starts: NDArray[np.bool_]
    delimiters: NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class TokenSpans:
    """Spans of a query in tokens.

    Attributes:
        starts, ends: int64 (n), half-open ranges.
        withheld_short, withheld_frequent: how many were dropped for their length and their count.
    """

    starts: NDArray[np.int64]
    ends: NDArray[np.int64]
    withheld_short: int
    withheld_frequent: int


def published_rules(vocabulary: Vocabulary) -> TokenRules:
    """The published rules: words begin at tokens with a leading space or newline; a full stop or newlines end spans."""
    return token_rules(vocabulary, ("\n", "."))


def token_rules(vocabulary: Vocabulary, delimiters: Iterable[str]) -> TokenRules:
    """The published rule for words, and delimiters as given.

    A delimiter is the token that is spelled like it; one of white space is also what repeats it in one token. What no
    token is spelled like ends nothing.
    """
    filled = vocabulary.offsets[:-1] < vocabulary.offsets[1:]
    word_starts = np.zeros(vocabulary.size, np.bool_)
    word_starts[filled] = np.isin(
        vocabulary.spellings[vocabulary.offsets[:-1][filled]], np.frombuffer(b" \n", np.uint8)
    )
    ending = np.zeros(vocabulary.size, np.bool_)
    for delimiter in delimiters:
        wanted = delimiter.encode("utf-8", "replace")
        if not wanted:
            continue
        for token in vocabulary.starting_with(wanted):
            spelling = vocabulary.spelling(token)
            repeats = len(spelling) // len(wanted) if delimiter.isspace() else 1
            ending[token] |= spelling == wanted * repeats
    return TokenRules(word_starts, ending)


def attributed_spans(
    segments: Sequence[SearchedSegment],
    values: NDArray[np.int64],
    rules: TokenRules,
    *,
    least: int,
    most_frequent: int | None,
    whole_words: bool = True,
    cut_at_delimiters: bool = True,
) -> TokenSpans:
    """Find the spans of a query (stored values) as `attribute` does.

    Args:
        segments: all segments that are searched as one corpus.
        values: int64 (n).
        rules: of the tokenizer.
        least: shortest span kept, in tokens.
        most_frequent: a span that occurs more often, by its tokens, is dropped; None: no limit.
        whole_words, cut_at_delimiters: apply the word and the delimiter rule.
    """
    lengths, _ = longest_matches(segments, values)
    begins = rules.word_starts[values - 1] if whole_words else np.ones(len(values), np.bool_)
    ending = np.flatnonzero(rules.delimiters[values - 1]) if cut_at_delimiters else np.empty(0, np.int64)
    spans: list[tuple[int, int]] = []
    short = frequent = 0
    for start in np.flatnonzero(begins).tolist():
        end = start + int(lengths[start])
        place = int(np.searchsorted(ending, start))
        if place < len(ending):
            end = min(end, int(ending[place]) + 1)
        while end > start and end < len(values) and not begins[end]:
            end -= 1
        if end - start < least:
            short += 1
            continue
        if most_frequent is not None and token_count(segments, values[start:end]) > most_frequent:
            frequent += 1
            continue
        if not spans or end > spans[-1][1]:
            spans.append((start, end))
    found = np.array(spans, np.int64).reshape(-1, 2)
    return TokenSpans(found[:, 0], found[:, 1], short, frequent)
