"""What the items of a benchmark come to: verdicts by variant and field, scores, the worst items."""

from __future__ import annotations

import heapq
import math
from collections import Counter
from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from wherefrom.audit.contamination.scores import Moments, gain, mean_of
from wherefrom.audit.contamination.variants import Variant, Verdict

WORST = 100
"""Items that the report tells with their evidence."""

_WEIGHT = {Verdict.DIRTY: 2, Verdict.SUSPICIOUS: 1}


class Tallies:
    """Counts of everything that was met, in memory that does not grow with the number of items."""

    def __init__(self, variants: tuple[Variant, ...], roles: tuple[str, ...]) -> None:
        """Begin with nothing."""
        self._variants = variants
        self._items: dict[str, Counter[str]] = {variant.name: Counter() for variant in variants}
        self._fields = {variant.name: {role: Counter[str]() for role in roles} for variant in variants}
        self._both: Counter[str] = Counter()
        self._scores = {variant.name: {verdict: Moments() for verdict in Verdict} for variant in variants}
        self.faults: Counter[str] = Counter()
        self.items = self.judged = self.scored = self.unscored = self.not_numbers = self.too_frequent = 0
        self._worst: list[tuple[tuple[float, ...], dict[str, Any]]] = []

    def add(self, result: Mapping[str, Any]) -> None:
        """Take the result of an item in."""
        self.items += 1
        if "fault" in result:
            self.faults[result["fault"]] += 1
            return
        self.judged += 1
        score = result["score"]
        has_score = score is not None and not math.isnan(score)
        self.scored += has_score
        self.unscored += score is None
        self.not_numbers += score is not None and math.isnan(score)
        for name, verdict in result["verdicts"].items():
            self._items[name][verdict] += 1
            if has_score:
                self._scores[name][Verdict(verdict)].add(score)
            for role, text in result["texts"].items():
                self._fields[name][role][text["verdicts"][name][0]] += 1
            dirty = {role for role, text in result["texts"].items() if text["verdicts"][name][0] == Verdict.DIRTY}
            self._both[name] += {"question", "answer"} <= dirty
        self.too_frequent += bool(result.get("too_frequent"))
        self._keep_if_bad(result)

    def variants(self) -> list[dict[str, Any]]:
        """Of each variant its rule, its verdicts over items and fields, and scores, as JSON has them."""
        return [
            {
                "name": variant.name,
                "rule": variant.rule,
                "source": variant.source,
                "items": _counts(self._items[variant.name]),
                "fields": {role: _counts(own) for role, own in self._fields[variant.name].items()},
                "question_and_answer_dirty": self._both[variant.name],
                "scores": self._scores_of(variant.name) if self.scored else None,
            }
            for variant in self._variants
        ]

    def worst(self) -> list[dict[str, Any]]:
        """The items that most variants find dirty, then suspicious, then those of the longest passage."""
        return [result for _, result in sorted(self._worst, key=lambda each: each[0], reverse=True)]

    def _scores_of(self, name: str) -> dict[str, Any]:
        own = self._scores[name]
        clean = own[Verdict.CLEAN]
        others = own[Verdict.SUSPICIOUS].joined(own[Verdict.DIRTY])
        return {
            "all": asdict(mean_of(clean.joined(others))),
            **{verdict.value: asdict(mean_of(own[verdict])) for verdict in Verdict},
            "gain": asdict(gain(clean, others)),
        }

    def _keep_if_bad(self, result: Mapping[str, Any]) -> None:
        weights = [_WEIGHT.get(verdict, 0) for verdict in result["verdicts"].values()]
        if not any(weights):
            return
        longest = max(text["longest"] for text in result["texts"].values())
        key = (weights.count(2), weights.count(1), longest, -result["line"])
        kept = (key, dict(result))
        if len(self._worst) < WORST:
            heapq.heappush(self._worst, kept)
        else:
            heapq.heappushpop(self._worst, kept)


def _counts(verdicts: Mapping[str, int]) -> dict[str, int]:
    return {verdict.value: verdicts.get(verdict, 0) for verdict in Verdict}
