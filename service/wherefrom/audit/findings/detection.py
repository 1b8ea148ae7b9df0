"""All findings of a text, of all kinds."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Sequence

from wherefrom.audit.findings.emails import emails
from wherefrom.audit.findings.finding import HIDDEN, KINDS, PHONE, SECRET, Finding
from wherefrom.audit.findings.ip_addresses import ip_addresses
from wherefrom.audit.findings.phones import REGIONS, can_find_phones, phones
from wherefrom.audit.findings.secrets import can_find_secrets, secrets


def kinds_looked_for() -> tuple[str, ...]:
    """Returns the kinds that `find_in` can find here: those of the extra `audit` only where it is installed."""
    optional = {PHONE: can_find_phones, SECRET: can_find_secrets}
    return tuple(kind for kind in KINDS if kind not in optional or optional[kind]())


def find_in(text: str, regions: Sequence[str] = REGIONS) -> tuple[Finding, ...]:
    """Returns the findings of a text, in order; no two share a character.

    Args:
        text: any text; its places are told in code points.
        regions: where telephone numbers without a country code are looked for (two letters each, ISO 3166-1).
    """
    found = [*secrets(text), *emails(text), *ip_addresses(text), *phones(text, regions)]
    found.sort(key=lambda each: (KINDS.index(each.kind), each.start, -each.end))
    taken = bytearray(len(text))
    kept: list[Finding] = []
    for each in found:
        if 1 not in taken[each.start : each.end]:
            kept.append(each)
            taken[each.start : each.end] = b"\1" * (each.end - each.start)
    return tuple(sorted(kept, key=lambda each: each.start))


def find_within(
    text: str, passages: Iterable[tuple[int, int]], regions: Sequence[str] = REGIONS
) -> tuple[Finding, ...]:
    """Returns those findings of a text that stand whole in one of its passages.

    What is found is decided on the whole text: a passage that ends in the middle of an address holds no shorter one.

    Args:
        text: any text.
        passages: half-open ranges in its code points, in any order.
        regions: as for `find_in`.
    """
    ranges = sorted(passages)
    if not ranges:
        return ()
    starts = [start for start, _ in ranges]
    farthest: list[int] = []  # of all ranges that start up to there, the farthest end
    for _, end in ranges:
        farthest.append(max(end, farthest[-1]) if farthest else end)
    return tuple(
        each
        for each in find_in(text, regions)
        if (before := bisect_right(starts, each.start)) and farthest[before - 1] >= each.end
    )


def masked(text: str, findings: Iterable[Finding]) -> str:
    """Returns the text with the characters of its findings hidden, as long as before: ranges in it stay true."""
    characters = list(text)
    for each in findings:
        characters[each.start : each.end] = HIDDEN * (each.end - each.start)
    return "".join(characters)
