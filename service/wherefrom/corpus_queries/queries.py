"""Questions to the corpus that some indexes hold."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from wherefrom import corpus, standing
from wherefrom.corpus import SearchedIndex
from wherefrom.corpus_queries.cnf import CnfMatches, Term, cnf_matches
from wherefrom.corpus_queries.infgram import TokenProbability, infgram_probabilities
from wherefrom.corpus_queries.next_tokens import NextTokens, next_tokens
from wherefrom.corpus_queries.phrases import Phrase, shared_tokenizer, stored_values
from wherefrom.showing import Count, counts_of
from wherefrom_indexer.errors import UsageError
from wherefrom_indexer.tokenization import clean_text

MOST_CLAUSES = 64
"""Clauses of a conjunction, and phrases of a clause."""


class CorpusQueries:
    """Counts, conjunctions, next tokens and infinity-gram probabilities over all segments of some indexes.

    Removed documents count for nothing. `Tracer.queries` makes one. A phrase is a text or a sequence of token ids.
    Texts are counted and found whatever their tokenization; token ids, next tokens and probabilities are of tokens, and
    need indexes of one tokenizer.
    """

    def __init__(self, searched: Sequence[SearchedIndex]) -> None:
        """Take opened indexes."""
        self._searched = searched

    def count(self, phrase: Phrase) -> Count:
        """Count the live occurrences of a phrase, overlapping ones included, over all indexes and by index.

        Raises:
            UsageError: the phrase is empty, or ids are given and the indexes have several tokenizers.
            TokenizerError: an id is outside of the vocabulary.
        """
        term = self._term(phrase)
        if isinstance(term, str):
            found = []
            for part in self._searched:
                data = np.frombuffer(standing.spelled_alone(term, part), np.uint8)
                found.append(standing.occurrences(part, [term], data, np.array([[0, len(data)]], np.int64), 0))
            (counted,) = counts_of(self._searched, found)
            return counted
        by_index = {part.name: corpus.token_count(part.segments, term) for part in self._searched}
        return Count(sum(by_index.values()), False, by_index)

    def cnf(
        self,
        clauses: Sequence[Sequence[Phrase]],
        window: int = 100,
        limit: int = 10,
        context_characters: int = 160,
    ) -> CnfMatches:
        """Find where phrases of all of some clauses stand close together: an AND of ORs.

        Counted are the occurrences of the clause that occurs least: those for which a phrase of every clause, the
        occurrence among them, begins within one stretch of `window` tokens of one document. For one clause or two this
        is the count of infini-gram (`count_cnf` with `max_diff_tokens` = window); with more clauses infini-gram lets
        the stretch grow with each.

        Args:
            clauses: phrases of which one must stand there, for each clause.
            window: most tokens from the beginning of the first phrase to that of the last.
            limit: how many documents to show, each with its first occurrence.
            context_characters: shown on each side.

        Raises:
            UsageError: there is no clause, one has no phrase, a phrase is empty, there are more than 64, a number is
                negative, or ids are given and the indexes have several tokenizers.
            TokenizerError: an id is outside of the vocabulary.
        """
        if not clauses or any(isinstance(clause, str) or not len(clause) for clause in clauses):
            raise UsageError("a conjunction needs at least one clause, and each clause a list of at least one phrase")
        if len(clauses) > MOST_CLAUSES or any(len(clause) > MOST_CLAUSES for clause in clauses):
            raise UsageError(f"a conjunction may have {MOST_CLAUSES} clauses of {MOST_CLAUSES} phrases: ask for less")
        if window < 0 or limit < 0 or context_characters < 0:
            raise UsageError("the window, the number of documents and the context must be at least 0")
        terms = [[self._term(phrase) for phrase in clause] for clause in clauses]
        return cnf_matches(self._searched, terms, window, limit, context_characters)

    def next_tokens(self, prompt: Phrase, limit: int = 10, longest_suffix: bool = True) -> NextTokens:
        """Count which tokens follow a prompt in the corpus: the infinity-gram or n-gram distribution.

        Args:
            prompt: what stands before; empty: nothing, so that tokens are counted by themselves. A text is tokenized by
                itself: one that ends in the middle of a word, or in a space, ends in tokens that words seldom go on
                from.
            limit: how many tokens to return at most, the most frequent ones.
            longest_suffix: look for the longest suffix of the prompt that occurs; else for the whole prompt.

        Raises:
            UsageError: the limit is negative, or the indexes have several tokenizers.
            TokenizerError: an id is outside of the vocabulary.
        """
        if limit < 0:
            raise UsageError("the number of tokens must be at least 0")
        tokenizer = shared_tokenizer(self._searched)
        return next_tokens(self._searched, tokenizer, stored_values(prompt, tokenizer), limit, longest_suffix)

    def infgram_probabilities(self, phrase: Phrase, prompt: Phrase = "") -> tuple[TokenProbability, ...]:
        """Find the infinity-gram probability of each token of a phrase, and its effective length.

        See `TokenProbability` for the formula. Each token is given all before it: the prompt, which is tokenized by
        itself, and the phrase.

        Raises:
            UsageError: the phrase is empty, or the indexes have several tokenizers.
            TokenizerError: an id is outside of the vocabulary.
        """
        tokenizer = shared_tokenizer(self._searched)
        before, values = stored_values(prompt, tokenizer), stored_values(phrase, tokenizer)
        if not len(values):
            raise UsageError("the text is empty: no token of it has a probability")
        return infgram_probabilities(self._searched, tokenizer, np.concatenate([before, values]), len(before))

    def _term(self, phrase: Phrase) -> Term:
        if isinstance(phrase, str):
            if not phrase:
                raise UsageError("the text is empty: it stands everywhere and nowhere")
            return clean_text(phrase)
        if not len(phrase):
            raise UsageError("there are no token ids to look for")
        return stored_values(phrase, shared_tokenizer(self._searched))
