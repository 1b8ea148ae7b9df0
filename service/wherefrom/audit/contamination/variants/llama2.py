"""Llama 2: the share of tokens inside long matches that may differ in a few tokens."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from dataclasses import dataclass

from wherefrom.audit.contamination.examined import Examined
from wherefrom.audit.contamination.variants.verdict import SHORT, Judgement, by_share, touching


@dataclass(frozen=True, slots=True)
class Llama2:
    """A token is dirty inside a match of more than 10 tokens; clean under 20 % dirty tokens, dirty from 80 % on.

    A match may differ from the document in up to 4 tokens, position by position, but not in its first 10 tokens and not
    in its last. Source: Touvron et al. 2023, "Llama 2", section A.6. Tokens are those of the first index; the paper's
    "not clean" and "not dirty" are the suspicious and what it borders on. Matches with differences are looked for in
    the documents that were read around some passages.

    Attributes:
        tokens: a match is longer than that.
        mismatches: tokens that may differ.
        suspicious, dirty: shares of dirty tokens from which on a text is that.
    """

    tokens: int = 10
    mismatches: int = 4
    suspicious: float = 0.2
    dirty: float = 0.8

    name = "llama2"
    reads_documents = True
    source = "Touvron et al. 2023, arXiv 2307.09288, section A.6"
    least_characters = 11

    @property
    def rule(self) -> str:
        """The rule in one sentence."""
        return (
            f"A token is dirty inside a match of more than {self.tokens} tokens with at most {self.mismatches} "
            f"mismatches. Dirty: at least {self.dirty:.0%} dirty tokens; clean: less than {self.suspicious:.0%}; else "
            "suspicious."
        )

    def judge(self, text: Examined) -> Judgement:
        """Say what the rule makes of a text; texts of 10 tokens and less are too short."""
        edges = [*text.token_starts, len(text.text)]
        units = len(edges) - 1
        if units <= self.tokens:
            return SHORT
        matched = [_tokens_in(edges, *passage) for passage in text.passages]
        firsts = {first: last - first for first, last in matched if last - first >= self.tokens}
        starts = {passage[0]: first for passage, (first, _) in zip(text.passages, matched, strict=True)}
        for part in text.surroundings:
            first = starts.get(part.passage)
            if first in firsts:
                matched.append((first, first + self._with_mismatches(text, edges, first, part.text, part.token_starts)))
        dirty = sorted((first, last) for first, last in matched if last - first > self.tokens)
        found = touching(dirty)
        tokens = sum(last - first for first, last in found)
        ranges = tuple((edges[first], edges[last]) for first, last in found)
        return Judgement(by_share(tokens, units, self.suspicious, self.dirty), tokens, units, ranges)

    def _with_mismatches(
        self, text: Examined, edges: Sequence[int], first: int, document: str, starts: Sequence[int]
    ) -> int:
        """Tokens of the longest match from a token of the text and from the first token of a part of a document."""
        theirs = [*starts, len(document)]
        length = mismatches = 0
        for number in range(min(len(edges) - 1 - first, len(theirs) - 1)):
            token = text.text[edges[first + number] : edges[first + number + 1]]
            if token == document[theirs[number] : theirs[number + 1]]:
                length = number + 1
                continue
            mismatches += 1
            if number < self.tokens or mismatches > self.mismatches:
                break
        return length


def _tokens_in(edges: Sequence[int], start: int, end: int) -> tuple[int, int]:
    """The whole tokens that lie in a range, as the first and the one after the last."""
    first = bisect_left(edges, start)
    return first, max(first, bisect_right(edges, end) - 1)
