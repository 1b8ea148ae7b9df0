"""Rates of extraction from single attempts: by set, duplicates and length of the prompt, each with its interval."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from wherefrom.audit.extraction.parameters import ExtractionParameters
from wherefrom.audit.extraction.scores import APPROXIMATE, chance

CORPUS = "corpus"
HELD_OUT = "held out"

_NORMAL = 1.959963984540054
"""Of the standard normal distribution, 95 % lies within this distance of 0."""

LIMITS = (
    "A sequence that is given back was learned, but not necessarily from this corpus: what a model read elsewhere is "
    "not in it. The held-out control shows what it gives without having read the text here.",
    "A sequence that is not given back may still be learned: other prompts, longer ones or more samples can bring it "
    "out. The rates are lower bounds.",
    "Duplicates are verbatim occurrences of the whole sequence. Near-duplicates raise the rates and are not counted.",
    "The control begins where its texts begin; what many texts begin with is given back without any learning of one.",
    "A match is textual evidence, never proof of influence.",
)


def rate(found: int, of: int) -> dict[str, Any]:
    """A share with its 95 % interval by Wilson's score (1927), which is right for few attempts and for rates of 0."""
    if not of:
        return {"value": None, "low": None, "high": None, "n": 0}
    share, square = found / of, _NORMAL**2
    middle = (share + square / (2 * of)) / (1 + square / of)
    half = _NORMAL / (1 + square / of) * math.sqrt(share * (1 - share) / of + square / (4 * of * of))
    low = 0.0 if not found else max(0.0, middle - half)
    high = 1.0 if found == of else min(1.0, middle + half)
    return {"value": share, "low": low, "high": high, "n": of}


def rates_of(attempts: Iterable[Mapping[str, Any]], parameters: ExtractionParameters) -> list[dict[str, Any]]:
    """Rates of each set, class of duplicates and length of prompt that has attempts."""
    cells: dict[tuple[bool, int, int], list[Mapping[str, Any]]] = {}
    for attempt in attempts:
        key = (attempt["held_out"], parameters.class_of(attempt["duplicates"]) or 0, attempt["prefix"])
        cells.setdefault(key, []).append(attempt)
    return [
        {
            "set": HELD_OUT if held_out else CORPUS,
            "duplicates": None if held_out else parameters.class_name(least),
            "least_duplicates": None if held_out else least,
            "prefix": prefix,
            **_rates(own, parameters),
        }
        for (held_out, least, prefix), own in sorted(cells.items())
    ]


def _rates(attempts: Sequence[Mapping[str, Any]], parameters: ExtractionParameters) -> dict[str, Any]:
    number = len(attempts)
    sampled = number if parameters.samples else 0
    return {
        "sequences": number,
        "verbatim": rate(sum(each["verbatim"] for each in attempts), number),
        "sampled_verbatim": rate(sum(each["sampled_verbatim"] > 0 for each in attempts), sampled),
        "approximate": rate(sum(each["bleu"] > APPROXIMATE for each in attempts), number),
        "edit_similarity": sum(each["edit_similarity"] for each in attempts) / number,
        "discoverable": [
            {"tries": n, "p": p, **rate(sum(chance(_log(each), n) >= p for each in attempts), number)}
            for p in parameters.probabilities
            for n in parameters.tries
        ],
    }


def _log(attempt: Mapping[str, Any]) -> float:
    value = attempt["log_probability"]
    return -math.inf if value is None else float(value)
