"""A report of an audit as tests of the service and of the interface need it: small, and with everything in it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

TEXT = "Fellow-Citizens: I embrace with great satisfaction the opportunity 𝔴hich now presents itself. It is hot today."
PASSAGE = "I embrace with great satisfaction the opportunity"
PAGE = "<!doctype html><html lang=en><title>Audit</title><style>p{color:green}</style><p>All of it.</p>"


def report(**given: Any) -> dict[str, Any]:
    """Two models and people, over an index named `demo`."""
    start = TEXT.index(PASSAGE)
    whole: dict[str, Any] = {
        "schema_version": 1,
        "kind": "audit",
        "created": "2026-11-23",
        "command": "wherefrom audit demo.index outputs.jsonl --report audit --baseline people.jsonl --group-by model",
        "indexes": [{"name": "demo", "version": "f00dfeedf00dfeed", "documents": 1_000, "tokens": 120_000}],
        "parameters": {"match_characters": 50, "seed": 42, "fields": ["model"], "baseline": "people.jsonl"},
        "counts": {
            "outputs": 12, "measured": 10, "empty": 1, "too_short": {"50": 2}, "faulty": 1, "duplicate_ids": 1,
        },
        "overall": group("all", 10, 0.4),
        "baseline": group("baseline", 4, 0.1),
        "differences": [{"measure": "share", "value": 0.3, "low": 0.2, "high": 0.4}],
        "groups": {"model": [group("memorizer", 5, 0.7), group("<b>other</b>", 5, 0.1)]},
        "worst": [
            {
                "id": "memorizer-1",
                "line": 3,
                "text": TEXT,
                "prompt": "What did he say?",
                "passages": [
                    {
                        "start": start,
                        "end": start + len(PASSAGE),
                        "count": 2,
                        "documents": [{"index": "demo", "id": "1790-Washington-1", "metadata": {"year": 1790}}],
                    }
                ],
                "longest": len(PASSAGE),
                "coverage": 0.45,
            }
        ],
        "sources": {"president": [{"value": "George Washington", "documents": 3, "characters": 420}]},
        "findings": [{"kind": "email", "count": 2, "outputs": 1}],
        "limits": ["A match is textual evidence, never proof of influence."],
    }  # fmt: skip
    return whole | given


def group(name: str, outputs: int, share: float) -> dict[str, Any]:
    """One group of outputs, all of whose figures follow from one."""

    def around(value: float) -> dict[str, float]:
        return {"value": value, "low": max(0.0, value - 0.05), "high": min(1.0, value + 0.05)}

    return {
        "name": name,
        "outputs": outputs,
        "measures": {
            "share": around(share) | {"n": outputs},
            "longest": {"value": 80 * share, "low": None, "high": None, "n": outputs},
        },
        "curves": {
            "novelty": [{"n": n, **around(min(1.0, (1 - share) * n / 10))} for n in range(1, 13)],
            "tail": [{"characters": 10 * step, "share": share ** (step / 4)} for step in range(1, 9)],
            "suffix_histogram": [{"tokens": tokens, "positions": 100 // (tokens + 1)} for tokens in range(9)],
            "uniqueness": [{"l": length, **around(min(1.0, length / 14))} for length in range(5, 13)],
            "coverage": [{"threshold": each, **around(share * 20 / each)} for each in (20, 30, 50, 100, 200)],
        },
    }  # fmt: skip


def written(folder: Path, *, page: str | None = PAGE, **given: Any) -> Path:
    """Write a report into a folder, with its page unless that is None."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "report.json").write_text(json.dumps(report(**given)), encoding="utf-8")
    if page is not None:
        (folder / "index.html").write_text(page, encoding="utf-8")
    return folder
