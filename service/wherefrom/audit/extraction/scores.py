"""How near a continuation comes to the true one, and how likely a model is to give the true one."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence

APPROXIMATE = 0.75
"""Word BLEU above which a continuation counts as approximate (Ippolito et al., arXiv 2210.17546)."""

_ORDERS = 4


def word_bleu(given: str, wanted: str) -> float:
    """BLEU of one text against one reference, over words between white space; from 0 to 1.

    The geometric mean of the precisions of 1- to 4-grams (of as many orders as the shorter text has words), each n-gram
    counted at most as often as the reference has it, times the penalty exp(1 - wanted / given) where `given` has fewer
    words; no smoothing. Source: Papineni et al., 2002.
    """
    ours, theirs = given.split(), wanted.split()
    orders = min(_ORDERS, len(ours), len(theirs))
    if not orders:
        return 0.0
    logarithms = 0.0
    for n in range(1, orders + 1):
        found = _grams(ours, n)
        common = (found & _grams(theirs, n)).total()
        if not common:
            return 0.0
        logarithms += math.log(common / found.total()) / orders
    return math.exp(logarithms + min(0.0, 1 - len(theirs) / len(ours)))


def edit_similarity(given: Sequence[int], wanted: Sequence[int]) -> float:
    """1 less the Levenshtein distance over the longer length, in tokens; two empty sequences are equal.

    Source: Lee et al. (arXiv 2107.06499).
    """
    longer = max(len(given), len(wanted))
    if not longer:
        return 1.0
    row = list(range(len(wanted) + 1))
    for i, token in enumerate(given, 1):
        above = row
        row = [i]
        for j, other in enumerate(wanted, 1):
            row.append(min(above[j] + 1, row[-1] + 1, above[j - 1] + (token != other)))
    return 1 - row[-1] / longer


def chance(log_probability: float, tries: int) -> float:
    """The chance that one of `tries` independent samples is the true continuation: 1 - (1 - p_z)^n.

    A sequence is (n, p)-discoverable if this is at least p. Source: Hayes et al. (arXiv 2410.19482).

    Args:
        log_probability: natural logarithm of p_z; -inf: it is never sampled.
        tries: n.
    """
    probability = math.exp(log_probability)
    # Just below 0, the logarithm is that of a number that rounds to 1.
    return 1.0 if probability >= 1 else -math.expm1(tries * math.log1p(-probability))


def _grams(words: Sequence[str], n: int) -> Counter[tuple[str, ...]]:
    return Counter(tuple(words[start : start + n]) for start in range(len(words) - n + 1))
