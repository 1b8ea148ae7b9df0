"""ConTAM's longest match: how much of a text is one passage of the corpus."""

from __future__ import annotations

from dataclasses import dataclass

from wherefrom.audit.contamination.examined import Examined
from wherefrom.audit.contamination.variants.verdict import SHORT, Judgement, Verdict, by_share


@dataclass(frozen=True, slots=True)
class Longest:
    """The share of a text's characters that its longest verbatim passage has.

    Clean under 20 %, dirty from 80 % on, suspicious between. Source: Singh et al. 2024, "Evaluation data contamination
    in LLMs: how do we measure it and (when) does it matter?", arXiv 2411.03923, who found the longest match to tell
    more than the union of all. They choose thresholds by the effect on scores; these are the ones of the other
    variants, as parameters. Here matches are measured in characters and are verbatim.

    Attributes:
        least: characters of the shortest passage that counts, and of the shortest text that is judged.
        suspicious, dirty: shares from which on a text is that.
    """

    least: int = 50
    suspicious: float = 0.2
    dirty: float = 0.8

    name = "longest"
    reads_documents = False
    source = "Singh et al. 2024, arXiv 2411.03923"

    @property
    def least_characters(self) -> int:
        """The shortest passage that it needs to know of."""
        return self.least

    @property
    def rule(self) -> str:
        """The rule in one sentence."""
        return (
            f"The longest verbatim passage of at least {self.least} characters as a share of the text: dirty from "
            f"{self.dirty:.0%} on, clean under {self.suspicious:.0%}, else suspicious."
        )

    def judge(self, text: Examined) -> Judgement:
        """Say what the rule makes of a text."""
        units = len(text.text)
        if units < self.least:
            return SHORT
        start, end = max(text.passages, key=lambda passage: (passage[1] - passage[0], -passage[0]), default=(0, 0))
        if end - start < self.least:
            return Judgement(Verdict.CLEAN, 0, units)
        return Judgement(by_share(end - start, units, self.suspicious, self.dirty), end - start, units, ((start, end),))
