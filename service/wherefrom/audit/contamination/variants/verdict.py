"""What a variant says of a text."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

from wherefrom.audit.contamination.examined import Examined


class Verdict(StrEnum):
    """Clean, suspicious or dirty by a variant's rule; `short` where the text is too short for the rule to say."""

    CLEAN = "clean"
    SUSPICIOUS = "suspicious"
    DIRTY = "dirty"
    SHORT = "short"


@dataclass(frozen=True, slots=True)
class Judgement:
    """A verdict and what it rests on.

    Attributes:
        verdict: by the rule.
        found, units: how many of the rule's units (n-grams, substrings, windows, tokens, characters) were found, and
            how many the text has.
        ranges: half-open ranges of code points that were found, united where they touch.
    """

    verdict: Verdict
    found: int
    units: int
    ranges: tuple[tuple[int, int], ...] = ()

    @property
    def share(self) -> float | None:
        """Units found of all; None where there are none."""
        return self.found / self.units if self.units else None


_ROUNDING = 1e-9
"""What a threshold in binary fractions may be too high: 7 of 10 are 70 %."""

SHORT = Judgement(Verdict.SHORT, 0, 0)


class Variant(Protocol):
    """A published rule of contamination."""

    @property
    def name(self) -> str:
        """What options and reports call it."""

    @property
    def rule(self) -> str:
        """The rule in one sentence, with its parameters."""

    @property
    def source(self) -> str:
        """Where it was published."""

    @property
    def least_characters(self) -> int:
        """The shortest passage that it needs to know of."""

    @property
    def reads_documents(self) -> bool:
        """Whether it looks around verbatim passages for what is not verbatim."""

    def judge(self, text: Examined) -> Judgement:
        """Say what the rule makes of a text."""


def by_share(found: int, units: int, suspicious: float, dirty: float) -> Verdict:
    """The verdict of a share: suspicious and dirty from so much on."""
    if found >= dirty * units - _ROUNDING:
        return Verdict.DIRTY
    return Verdict.SUSPICIOUS if found >= suspicious * units - _ROUNDING else Verdict.CLEAN


def touching(ranges: list[tuple[int, int]]) -> tuple[tuple[int, int], ...]:
    """Ranges, given by start, with those that overlap or touch made one."""
    united: list[tuple[int, int]] = []
    for start, end in ranges:
        if united and start <= united[-1][1]:
            united[-1] = (united[-1][0], max(end, united[-1][1]))
        else:
            united.append((start, end))
    return tuple(united)
