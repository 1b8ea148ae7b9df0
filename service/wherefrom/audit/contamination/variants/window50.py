"""infini-gram mini: the share of windows of 50 characters that are found."""

from __future__ import annotations

from dataclasses import dataclass

from wherefrom.audit.contamination.examined import Examined
from wherefrom.audit.contamination.variants.verdict import SHORT, Judgement, by_share, touching


@dataclass(frozen=True, slots=True)
class Window50:
    """The share of a text's windows of 50 characters, one from each word on, that stand in the corpus.

    Clean under 20 %, dirty from 80 % on, suspicious between. Source: Xu et al. 2025, "Infini-gram mini", arXiv
    2506.12229. Texts of less than 50 characters have no window and are counted apart.

    Attributes:
        characters: length of a window.
        suspicious, dirty: shares from which on a text is that.
    """

    characters: int = 50
    suspicious: float = 0.2
    dirty: float = 0.8

    name = "window50"
    reads_documents = False
    source = "Xu et al. 2025, arXiv 2506.12229"

    @property
    def least_characters(self) -> int:
        """The shortest passage that it needs to know of."""
        return self.characters

    @property
    def rule(self) -> str:
        """The rule in one sentence."""
        return (
            f"Of the windows of {self.characters} characters, one from each word on: dirty if at least "
            f"{self.dirty:.0%} stand verbatim, clean under {self.suspicious:.0%}, else suspicious."
        )

    def judge(self, text: Examined) -> Judgement:
        """Say what the rule makes of a text."""
        last = len(text.text) - self.characters
        windows = [(start, start + self.characters) for start in text.written.starts if start <= last]
        if not windows:
            return SHORT
        found = [window for window in windows if text.stands(*window)]
        return Judgement(
            by_share(len(found), len(windows), self.suspicious, self.dirty), len(found), len(windows), touching(found)
        )
