"""One item judged by all variants: what worker processes do."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from wherefrom.audit.contamination.evidence import evidence_of, examine
from wherefrom.audit.contamination.items import Item
from wherefrom.audit.contamination.parameters import ContaminationParameters
from wherefrom.audit.contamination.variants import Judgement, Variant, Verdict
from wherefrom.tracer import Tracer

WINDOW = 50
"""Characters of the pieces by which documents that hold an item are found; laid edge to edge."""

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
        texts = {role: self._text(tracer, text) for role, text in item.texts.items()}
        first = next(iter(texts))
        result |= {"texts": texts, "verdicts": {name: own[0] for name, own in texts[first]["verdicts"].items()}}
        if any(verdict in _TAINTED for verdict in result["verdicts"].values()):
            result |= self._documents(tracer, item.texts[first])
        return result

    def _text(self, tracer: Tracer, text: str) -> dict[str, Any]:
        options = self.parameters
        least = min(variant.least_characters for variant in self.variants)
        examined, matches = examine(tracer, text, least, options.anchor_characters, options.evidence, options.documents)
        judged = {variant.name: variant.judge(examined) for variant in self.variants}
        longest = max((end - start for start, end in examined.passages), default=0)
        told: dict[str, Any] = {"characters": len(text), "longest": longest, "verdicts": _verdicts(judged)}
        tainted = [each for each in judged.values() if each.verdict in _TAINTED]
        if tainted:
            ranges = [each for judgement in tainted for each in judgement.ranges]
            evidence = evidence_of(tracer, matches, ranges, options.evidence, options.documents)
            told |= {"text": text[:EXCERPT], "evidence": [asdict(each) for each in evidence]}
        return told

    def _documents(self, tracer: Tracer, text: str) -> dict[str, Any]:
        """The documents that hold enough of a text, with the share that they hold, and whether a window told none."""
        windows = windows_of(text)
        found, left_out = tracer.documents_holding(text, windows, self.parameters.most_occurrences)
        telling = len(windows) - len(left_out)
        least = self.parameters.contained * telling - 1e-9
        held = [
            {"index": each.index, "id": each.document_id, "share": len(each.passages) / telling}
            for each in found
            if len(each.passages) >= least
        ]
        return {"documents": held, "too_frequent": len(left_out)}


def windows_of(text: str) -> Sequence[tuple[int, int]]:
    """Windows of 50 characters laid edge to edge; the last one ends with the text; a shorter text is one."""
    if len(text) <= WINDOW:
        return [(0, len(text))]
    starts = list(range(0, len(text) - WINDOW + 1, WINDOW))
    if starts[-1] + WINDOW < len(text):
        starts.append(len(text) - WINDOW)
    return [(start, start + WINDOW) for start in starts]


def _verdicts(judged: Mapping[str, Judgement]) -> dict[str, tuple[str, int, int]]:
    return {name: (each.verdict.value, each.found, each.units) for name, each in judged.items()}
