"""Which spans are shown: counted, the rarest first, without the too frequent ones and those beyond the cap."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from wherefrom import standing
from wherefrom.corpus import SearchedIndex
from wherefrom.documents import Cited
from wherefrom.finding import Found
from wherefrom.occurrences import ROWS, Occurrences, joined
from wherefrom.options import TraceOptions
from wherefrom.provenance import Withheld
from wherefrom.query import Query
from wherefrom.rarity import Rarity
from wherefrom.spans import Ranges, by_rarity, cap


@dataclass(frozen=True, slots=True)
class Count:
    """Live occurrences of a text: over all indexes, and by index name; a lower bound if `is_lower_bound`."""

    count: int
    is_lower_bound: bool
    by_index: dict[str, int]


@dataclass(frozen=True, slots=True, eq=False)
class Shown:
    """The spans that are shown.

    Attributes:
        ranges: where they are.
        counts: of each.
        passages: of each, its number in `found`; equal texts share one.
        found: the occurrences in each index.
        withheld: how many spans were left out, by reason.
    """

    ranges: Ranges
    counts: list[Count]
    passages: list[int]
    found: list[Occurrences]
    withheld: Mapping[Withheld, int]


def choose(
    searched: Sequence[SearchedIndex],
    found: Found,
    queries: Mapping[str, Query],
    rarity: Rarity,
    options: TraceOptions,
) -> Shown:
    """Count the spans found, the rarest first, and withhold the too frequent ones and those beyond the cap.

    What is beyond the cap is not counted: a text that repeats itself can have as many spans as tokens. So the spans
    withheld as too frequent are those that would have been shown otherwise.
    """
    first = next(iter(queries.values()))
    room = len(found.spans) if found.limited else cap(options.density, len(first.values), len(found.spans))
    limit = None if found.limited else options.max_count
    order = by_rarity(rarity.log_probabilities(found.spans)).tolist()
    pairs = found.spans.pairs()
    passages: dict[str, int] = {}
    parts: list[list[Occurrences]] = []
    counts: list[Count] = []
    shown: dict[int, int] = {}
    frequent = looked_at = 0
    while len(shown) < room and looked_at < len(order):
        chunk = order[looked_at : looked_at + room - len(shown)]
        looked_at += len(chunk)
        texts = {place: first.text[slice(*pairs[place])] for place in chunk}
        new = {text: pairs[place] for place, text in texts.items() if text not in passages}
        if new:
            passages |= {text: len(passages) + number for number, text in enumerate(new)}
            parts.append(_occurrences(searched, queries, list(new), list(new.values()), options))
            counts += counts_of(searched, parts[-1])
        for place, text in texts.items():
            if limit is not None and counts[passages[text]].count > limit:
                frequent += 1
            else:
                shown[place] = passages[text]
    withheld = Counter(found.withheld)
    withheld[Withheld.TOO_FREQUENT] += frequent
    withheld[Withheld.DENSITY] += len(found.spans) - len(shown) - frequent
    places = sorted(shown)
    numbers = [shown[place] for place in places]
    return Shown(
        found.spans.chosen(np.array(places, np.int64)),
        [counts[number] for number in numbers],
        numbers,
        [joined(own) for own in zip(*parts, strict=True)],
        withheld,
    )


def with_documents(shown: Shown, cited: Sequence[Cited]) -> tuple[Shown, list[Cited]]:
    """Withhold the spans that no document was found for, and number the others anew."""
    documented = sorted({number for part in cited for number, _ in part.contexts})
    if len(documented) == len(shown.ranges):
        return shown, list(cited)
    new = {old: number for number, old in enumerate(documented)}
    for part in cited:
        part.contexts = [(new[number], context) for number, context in part.contexts]
    withheld = Counter(shown.withheld)
    withheld[Withheld.NO_LIVE_DOCUMENT] += len(shown.ranges) - len(documented)
    kept = replace(
        shown,
        ranges=shown.ranges.chosen(np.array(documented, np.int64)),
        counts=[shown.counts[number] for number in documented],
        passages=[shown.passages[number] for number in documented],
        withheld=withheld,
    )
    return kept, list(cited)


def counts_of(searched: Sequence[SearchedIndex], found: Sequence[Occurrences]) -> list[Count]:
    """The counts of passages, given by what was found in each index."""
    by_index = [
        dict(zip((part.name for part in searched), own, strict=True))
        for own in zip(*(part.counts.tolist() for part in found), strict=True)
    ]
    exact = np.logical_and.reduce([part.exact for part in found]).tolist()
    return [Count(sum(own.values()), not whole, own) for own, whole in zip(by_index, exact, strict=True)]


def _occurrences(
    searched: Sequence[SearchedIndex],
    queries: Mapping[str, Query],
    texts: Sequence[str],
    ranges: Sequence[tuple[int, int]],
    options: TraceOptions,
) -> list[Occurrences]:
    found = []
    for part in searched:
        query = queries[part.tokenizer.hash]
        edges = np.array([query.edges_of(start, end) for start, end in ranges], np.int64)
        room = ROWS if options.max_documents else 0
        found.append(standing.occurrences(part, texts, query.spelled, edges, room))
    return found
