"""What a run comes to, as report.json has it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

from wherefrom.audit.contamination.listing import DocumentList
from wherefrom.audit.contamination.parameters import ContaminationParameters
from wherefrom.audit.contamination.tallies import Tallies
from wherefrom.provenance import IndexSummary

SCHEMA_VERSION = 1

SHOWN_DOCUMENTS = 20
"""Documents told for each item; the lists have all."""

LIMITS = (
    "A match is textual evidence, never proof of influence: an item that stands in the corpus may have been seen and "
    "not learned, and one that does not may have been seen in other words.",
    "Only this corpus was searched. What a model read elsewhere is not in it.",
    "Passages are found verbatim. What differs in spaces, symbols, case or a few tokens is found only near a verbatim "
    "passage of the same text, and only in the documents that were read.",
    "Short passages, formulas and instructions that many texts share match without any copying: weigh the rarity and "
    "the count of a passage beside its length.",
    "Variants disagree by design. Name the variant wherever a figure of this report is quoted.",
)


@dataclass(frozen=True, slots=True)
class ContaminationReport:
    """A run's results.

    Attributes:
        created: date, in UTC.
        command: what was run.
        benchmark: name of the file of items.
        indexes: what was searched.
        parameters: how it was judged, with the n of `gpt3` that was used.
        counts: items, judged, faults by kind, scores.
        variants: of each its rule, source, verdicts and scores.
        worst: results of items, the worst first.
        documents: of each index the list of those that hold items.
    """

    created: str
    command: str
    benchmark: str
    indexes: tuple[IndexSummary, ...]
    parameters: dict[str, Any]
    counts: dict[str, Any]
    variants: list[dict[str, Any]]
    worst: list[dict[str, Any]]
    documents: tuple[DocumentList, ...]

    def to_dict(self) -> dict[str, Any]:
        """As report.json has it; docs/contamination.schema.json describes it."""
        return {"schema_version": SCHEMA_VERSION, "kind": "contamination", **asdict(self), "limits": list(LIMITS)}


def counts_of(tallies: Tallies, faulty_scores: int) -> dict[str, Any]:
    """The counts of a run as JSON has them."""
    return {
        "items": tallies.items,
        "judged": tallies.judged,
        "faults": dict(sorted(tallies.faults.items())),
        "scored": tallies.scored,
        "without_score": tallies.unscored,
        "scores_not_numbers": tallies.not_numbers,
        "faulty_lines_of_scores": faulty_scores,
        "too_frequent_to_list": tallies.too_frequent,
    }


def parameters_of(parameters: ContaminationParameters, words: int | None) -> dict[str, Any]:
    """The parameters of a run as JSON has them."""
    return parameters.to_dict() | {"gpt3_words": words}


def worst_of(results: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """Results of items for the report: without what only the run needs, with some of the documents that hold them."""
    kept = []
    for result in results:
        score = result["score"]
        own = {key: value for key, value in result.items() if key not in ("length", "score")}
        held = own["documents"]
        own |= {"score": score if score is not None and score == score else None}
        kept.append(own | {"documents": held[:SHOWN_DOCUMENTS], "holders": len(held)})
    return kept
