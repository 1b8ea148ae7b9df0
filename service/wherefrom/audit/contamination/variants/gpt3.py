"""GPT-3: any n-gram of words that collides."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from wherefrom.audit.contamination.examined import Examined
from wherefrom.audit.contamination.variants.verdict import SHORT, Judgement, Verdict, touching
from wherefrom.audit.contamination.words import plain_words

LEAST_WORDS, MOST_WORDS = 8, 13
PERCENTILE = 0.05


@dataclass(frozen=True, slots=True)
class Gpt3:
    """Dirty: any n-gram of n words stands in a document, punctuation, white space and case ignored.

    n is the 5th percentile of the lengths of the benchmark's texts in words, at least 8 and at most 13. Source: Brown
    et al. 2020, "Language Models are Few-Shot Learners", appendix C. What is not verbatim is found around the verbatim
    passages of the text only. Documents are not cut at the match, as they were there, and n-grams that stand in many
    documents are not left out: their counts and their rarity are told beside them.

    Attributes:
        words: n.
    """

    words: int = MOST_WORDS

    name = "gpt3"
    reads_documents = True
    source = "Brown et al. 2020, arXiv 2005.14165, appendix C"
    least_characters = 2 * LEAST_WORDS - 1

    @property
    def rule(self) -> str:
        """The rule in one sentence."""
        return (
            f"Dirty: any run of {self.words} words stands in a document, punctuation, white space and case ignored "
            "(as far as it stands near a verbatim passage). Else clean."
        )

    def judge(self, text: Examined) -> Judgement:
        """Say what the rule makes of a text; texts of less than n words are too short."""
        words = text.plain
        units = len(words) - self.words + 1
        if units < 1:
            return SHORT
        near = {gram for part in text.surroundings for gram in plain_words(part.text).grams(self.words)}
        found = [
            words.range_of(first, self.words)
            for first, gram in enumerate(words.grams(self.words))
            if text.stands(*words.range_of(first, self.words)) or gram in near
        ]
        return Judgement(Verdict.DIRTY if found else Verdict.CLEAN, len(found), units, touching(found))


def words_for(lengths: Mapping[int, int]) -> int:
    """The n of a benchmark from how many of its texts have each length in words."""
    rank = PERCENTILE * sum(lengths.values())
    below = 0
    for length in sorted(lengths):
        below += lengths[length]
        if below >= rank and below:
            return min(max(length, LEAST_WORDS), MOST_WORDS)
    return MOST_WORDS
