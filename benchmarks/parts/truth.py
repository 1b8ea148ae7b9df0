"""Truth in characters: passages cut anywhere, put into foreign text, and traced (see `truth_table.py`)."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

import truth_table
from corpora import SMALL
from outcome import Cell, Figure, Part, Table
from scales import Scale

SHOWN_OF_PASSAGE = 100


def measure(scale: Scale) -> Part:
    corpora = ("demo", "python") if scale.name == "quick" else tuple(SMALL)
    return part_of([truth_table.measure(corpus, scale.passages) for corpus in corpora])


def part_of(corpora: Sequence[dict[str, Any]]) -> Part:
    """The part, of what `truth_table.measure` gives of each corpus."""
    rows: list[list[Cell]] = []
    figures: dict[str, Figure] = {}
    for measured in corpora:
        for group in measured["groups"]:
            rows.append(
                [
                    SMALL[measured["corpus"]][0],
                    measured["documents"],
                    measured["characters"],
                    f"{group['least']}+",
                    group["passages"],
                    group["whole"],
                    f"{group['found']:,} of {group['owed']:,}",
                    _percent(group["olmotrace"], group["passages"]),
                    _percent(group["olmotrace_with_rules"], group["passages"]),
                ]
            )
        least = measured["groups"][0]
        figures[f"truth.{measured['corpus']}"] = Figure.of(100 * least["whole"] / max(1, least["passages"]), "%")
    table = Table(
        "Passages found whole",
        "Passages of 20 to 400 characters, cut at random places of a corpus, also inside words, and put into foreign "
        "text; word rule and limits off, spans of at least 16 characters. A passage is whole when one span contains "
        "it. Its document is owed when the passage occurs no more often than the limit on documents (10). The "
        "`olmotrace` preset traces the same texts without its limits: with its word and delimiter rules off, and on.",
        (
            "corpus",
            "documents",
            "characters",
            "passages of",
            "passages",
            "whole",
            "documents found",
            "whole by `olmotrace`, rules off",
            "rules on",
        ),
        rows,
    )
    return Part([table], figures, facts={"corpora": list(corpora)}, missing=_failures(corpora))


def _failures(corpora: Sequence[dict[str, Any]]) -> list[str]:
    """Every passage that was not found whole, or without its document, with the cause."""
    lines = []
    for measured in corpora:
        for failure in measured["failures"]:
            text = json.dumps(failure["passage"], ensure_ascii=False).replace("`", "'")
            shown = text if len(text) <= SHOWN_OF_PASSAGE else text[: SHOWN_OF_PASSAGE // 2] + " ... " + text[-40:]
            lines.append(
                f"{measured['corpus']}, {len(failure['passage'])} characters, {failure['occurrences']} occurrences: "
                f"`{shown}`: missing {failure['missing_before']} characters before and {failure['missing_after']} "
                f"after; the span found occurs {failure['found_occurrences']} times. {failure['cause']}."
            )
        if measured["failed"] > len(measured["failures"]):
            lines.append(f"{measured['corpus']}: {measured['failed'] - len(measured['failures'])} more")
    return lines


def _percent(part: int, whole: int) -> str:
    """A share, never rounded up to 100 %."""
    return f"{int(1000 * part / whole) / 10:.1f} %" if whole else "-"
