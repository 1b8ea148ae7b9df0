"""PaLM: the share of 8-grams of words that are found."""

from __future__ import annotations

from dataclasses import dataclass

from wherefrom.audit.contamination.examined import Examined
from wherefrom.audit.contamination.variants.verdict import SHORT, Judgement, by_share, touching


@dataclass(frozen=True, slots=True)
class Palm:
    """Dirty: at least 70 % of the 8-grams of a text's words stand in the corpus.

    Source: Chowdhery et al. 2022, "PaLM: Scaling Language Modeling with Pathways", section 8. Words are what stands
    between white space, as it is written; the paper does not say more.

    Attributes:
        words: length of the n-grams.
        dirty: the share from which on a text is dirty.
    """

    words: int = 8
    dirty: float = 0.7

    name = "palm"
    reads_documents = False
    source = "Chowdhery et al. 2022, arXiv 2204.02311, section 8"
    least_characters = 15

    @property
    def rule(self) -> str:
        """The rule in one sentence."""
        return f"Dirty: at least {self.dirty:.0%} of the runs of {self.words} words stand verbatim. Else clean."

    def judge(self, text: Examined) -> Judgement:
        """Say what the rule makes of a text; texts of less than 8 words are too short."""
        words = text.written
        units = len(words) - self.words + 1
        if units < 1:
            return SHORT
        grams = (words.range_of(first, self.words) for first in range(units))
        found = [gram for gram in grams if text.stands(*gram)]
        return Judgement(by_share(len(found), units, self.dirty, self.dirty), len(found), units, touching(found))
