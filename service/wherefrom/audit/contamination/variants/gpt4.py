"""GPT-4: three random substrings, spaces and symbols stripped."""

from __future__ import annotations

import hashlib
import random
from dataclasses import dataclass

from wherefrom.audit.contamination.examined import Examined
from wherefrom.audit.contamination.variants.verdict import SHORT, Judgement, Verdict, touching


@dataclass(frozen=True, slots=True)
class Gpt4:
    """Dirty: any of 3 random substrings of 50 characters stands in a document, spaces and symbols stripped from both.

    A text of less than 50 characters is looked for whole. Source: OpenAI 2023, "GPT-4 Technical Report", appendix C.
    What is not verbatim is found around the verbatim passages of the text only. The choice of substrings depends on the
    seed and on the text alone.

    Attributes:
        characters: length of a substring, in letters and digits.
        substrings: how many are drawn.
        least: letters and digits of the shortest text that is looked for.
        seed: of the draw.
    """

    characters: int = 50
    substrings: int = 3
    least: int = 8
    seed: int = 42

    name = "gpt4"
    reads_documents = True
    source = "OpenAI 2023, arXiv 2303.08774, appendix C"
    least_characters = 8

    @property
    def rule(self) -> str:
        """The rule in one sentence."""
        return (
            f"Dirty: any of {self.substrings} random substrings of {self.characters} characters (or the whole text, if "
            "shorter) stands in a document, spaces and symbols stripped (as far as it stands near a verbatim passage). "
            "Else clean."
        )

    def judge(self, text: Examined) -> Judgement:
        """Say what the rule makes of a text; texts of less than 8 letters and digits are too short."""
        places = [place for place, character in enumerate(text.text) if character.isalnum()]
        if len(places) < self.least:
            return SHORT
        stripped = "".join(text.text[place] for place in places)
        length = min(self.characters, len(stripped))
        starts = self._starts(stripped, len(stripped) - length)
        near = ["".join(filter(str.isalnum, part.text)) for part in text.surroundings]
        found = []
        for start in starts:
            first, last = places[start], places[start + length - 1] + 1
            if text.stands(first, last) or any(stripped[start : start + length] in part for part in near):
                found.append((first, last))
        return Judgement(Verdict.DIRTY if found else Verdict.CLEAN, len(found), len(starts), touching(found))

    def _starts(self, stripped: str, last: int) -> list[int]:
        if not last:
            return [0]
        digest = hashlib.blake2b(f"{self.seed}:{stripped}".encode(), digest_size=8).digest()
        drawn = random.Random(int.from_bytes(digest, "big"))
        return sorted(drawn.randint(0, last) for _ in range(self.substrings))
