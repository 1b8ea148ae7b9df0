"""One item judged by all variants: what worker processes do."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from wherefrom.audit.contamination.evidence import evidence_of, examine
from wherefrom.audit.contamination.examined import Examined
from wherefrom.audit.contamination.holders import holders
from wherefrom.audit.contamination.items import Item
from wherefrom.audit.contamination.parameters import ContaminationParameters
from wherefrom.audit.contamination.variants import Judgement, Variant, Verdict
from wherefrom.matches import Matches
from wherefrom.tracer import Tracer

EXCERPT = 4_000
"""Characters of a text that results keep."""

_TAINTED = (Verdict.SUSPICIOUS, Verdict.DIRTY)


@dataclass(frozen=True, slots=True)
class Judge:
    """Judges items; processes are handed it."""

    variants: tuple[Variant, ...]
    parameters: ContaminationParameters

    def __call__(self, tracer: Tracer, item: Item) -> dict[str, Any]:
        """Return the result of an item as JSON has it.

        Keys: line, id, fault, score, length; and if it could be judged `texts` (role to characters, longest passage,
        `verdicts`: variant to verdict, found and units; of those not clean also text and evidence), `verdicts` (variant
        to that of the item), and `documents` with `share` for those that hold the item.
        """
        result: dict[str, Any] = {"line": item.line, "id": item.id, "score": item.score, "length": item.length}
        if item.fault is not None:
            return result | {"fault": item.fault}
        examined = {role: self._examined(tracer, text) for role, text in item.texts.items()}
        texts = {role: self._judged(tracer, *each) for role, each in examined.items()}
        first = next(iter(texts))
        result |= {"texts": texts, "verdicts": {name: own[0] for name, own in texts[first]["verdicts"].items()}}
        if any(verdict in _TAINTED for verdict in result["verdicts"].values()):
            options = self.parameters
            held, left_out = holders(tracer, examined[first][0], options.contained, options.most_occurrences)
            result |= {"documents": [asdict(each) for each in held], "too_frequent": left_out}
        return result

    def _examined(self, tracer: Tracer, text: str) -> tuple[Examined, Matches]:
        least = min(variant.least_characters for variant in self.variants)
        reading = any(variant.reads_documents for variant in self.variants)
        return examine(tracer, text, least, self.parameters.anchors if reading else 0, self.parameters.read)

    def _judged(self, tracer: Tracer, text: Examined, matches: Matches) -> dict[str, Any]:
        options = self.parameters
        judged = {variant.name: variant.judge(text) for variant in self.variants}
        longest = max((end - start for start, end in text.passages), default=0)
        told: dict[str, Any] = {"characters": len(text.text), "longest": longest, "verdicts": _verdicts(judged)}
        tainted = [each for each in judged.values() if each.verdict in _TAINTED]
        if tainted:
            ranges = [each for judgement in tainted for each in judgement.ranges]
            evidence = evidence_of(tracer, matches, ranges, options.evidence, options.documents)
            told |= {"text": text.text[:EXCERPT], "evidence": [asdict(each) for each in evidence]}
        return told


def _verdicts(judged: Mapping[str, Judgement]) -> dict[str, tuple[str, int, int]]:
    return {name: (each.verdict.value, each.found, each.units) for name, each in judged.items()}
