"""The plots of an audit, made of its report.json."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from wherefrom.audit.report.measure_words import words_of
from wherefrom.audit.report.plots import Axis, CurvePlot, IntervalPlot, Plot, Point, Row, Series
from wherefrom.highlight import plural

MOST_CURVES = 6
"""More curves than colours cannot be told apart; the tables have all groups."""

Group = Mapping[str, Any]


def overall_plots(overall: Group, baseline: Group | None) -> list[Plot]:
    """All curves of the outputs as a whole, each beside the baseline's."""
    drawn = _drawn([{**overall, "name": "outputs"}], baseline)
    makers = (_novelty, _coverage, _tail, _share_tail, _uniqueness, _suffixes)
    return _worth_drawing(make(drawn, "", "") for make in makers)


def group_plots(groups: Sequence[Group], baseline: Group | None, prefix: str, of: str) -> list[Plot]:
    """The curves that tell groups apart best, each beside the baseline's.

    Args:
        groups: as report.json has them; the first `MOST_CURVES` are drawn.
        baseline: the same of the comparison set.
        prefix: begins the names of their files.
        of: ends their titles.
    """
    drawn = _drawn(groups[:MOST_CURVES], baseline)
    return _worth_drawing(make(drawn, prefix, of) for make in (_novelty, _coverage, _tail))


def _drawn(groups: Sequence[Group], baseline: Group | None) -> list[tuple[Group, bool]]:
    """Groups, and whether each is muted."""
    return [(group, False) for group in groups] + ([] if baseline is None else [(baseline, True)])


def _worth_drawing(plots: Iterable[CurvePlot]) -> list[Plot]:
    return [plot for plot in plots if any(len(each.points) > 1 for each in plot.series)]


def measure_plot(
    groups: Sequence[Group], baseline: Group | None, measure: str, prefix: str = "", of: str = ""
) -> IntervalPlot | None:
    """One measure of some groups with its intervals; None where no group has it."""
    rows = [_row(group, measure, muted=False) for group in groups]
    if baseline is not None:
        rows.append(_row(baseline, measure, muted=True))
    known = tuple(row for row in rows if row is not None)
    if not known:
        return None
    words = words_of(measure)
    share = words.percent and all(0 <= row.value <= 1 for row in known)
    axis = Axis(words.unit, percent=words.percent, least=0.0, most=1.0 if share else None)
    return IntervalPlot(f"{prefix}{measure}", f"{words.label}{of}", f"{words.meaning} {_INTERVALS}", axis, known)


def difference_plots(differences: Sequence[Mapping[str, Any]]) -> list[Plot]:
    """What of the outputs is above or below the baseline: the shares in one plot."""
    rows = tuple(
        Row(words_of(each["measure"]).label, each["value"], each.get("low"), each.get("high"))
        for each in differences
        if each.get("value") is not None and words_of(each["measure"]).percent
    )
    if not rows:
        return []
    caption = (
        "Outputs less baseline. Where the interval leaves out 0, chance in the choice of texts is unlikely to explain "
        f"the difference. {_INTERVALS}"
    )
    axis = Axis("difference, percentage points", percent=True)
    return [IntervalPlot("differences", "Difference from the baseline", caption, axis, rows)]


_INTERVALS = "Dots: values; lines: their intervals, where there are any."
_BANDS = "Bands: intervals."
_FEWEST = 0.5
"""A curve ends where fewer of its outputs are long enough: a mean over the last few says nothing of the others."""
_SHORTEST_TAIL = 100
"""Characters to which a tail is drawn at least."""


def _novelty(drawn: Sequence[tuple[Group, bool]], prefix: str, of: str) -> CurvePlot:
    return CurvePlot(
        f"{prefix}novelty",
        f"Novel n-grams{of}",
        f"Share of the n-grams of tokens that the corpus lacks. A low curve repeats the corpus. {_BANDS}",
        Axis("n, tokens", logarithmic=True),
        Axis("novel n-grams", percent=True, least=0.0, most=1.0),
        _series(drawn, "novelty", lambda each: _point(each, "n")),
    )


def _tail(drawn: Sequence[tuple[Group, bool]], prefix: str, of: str) -> CurvePlot:
    return CurvePlot(
        f"{prefix}tail",
        f"Tail of long passages{of}",
        "Share of outputs with a verbatim passage of at least so many characters. Rare long passages are seen here, "
        "and not in a mean.",
        Axis("length of passage, characters", logarithmic=True),
        Axis("outputs", percent=True, least=0.0, most=1.0),
        _ending(_series(drawn, "tail", lambda each: Point(each["characters"], each["share"]))),
    )


def _share_tail(drawn: Sequence[tuple[Group, bool]], prefix: str, of: str) -> CurvePlot:
    return CurvePlot(
        f"{prefix}share-tail",
        f"Tail of copied outputs{of}",
        "Share of outputs of which at least that much stands in long passages.",
        Axis("share of an output in long passages", percent=True, least=0.0, most=1.0),
        Axis("outputs", percent=True, least=0.0, most=1.0),
        _series(drawn, "share_tail", lambda each: Point(each["share"], each["outputs"])),
    )


def _uniqueness(drawn: Sequence[tuple[Group, bool]], prefix: str, of: str) -> CurvePlot:
    return CurvePlot(
        f"{prefix}uniqueness",
        f"L-uniqueness{of}",
        f"Share of words in no n-gram of L or more words that the corpus holds. {_BANDS}",
        Axis("L, words"),
        Axis("unique words", percent=True, least=0.0, most=1.0),
        _series(drawn, "uniqueness", lambda each: _point(each, "l")),
    )


def _coverage(drawn: Sequence[tuple[Group, bool]], prefix: str, of: str) -> CurvePlot:
    return CurvePlot(
        f"{prefix}coverage",
        f"Coverage at each threshold{of}",
        "Share of characters in verbatim passages of at least so many characters. Whatever threshold others chose can "
        f"be read here. {_BANDS}",
        Axis("shortest passage, characters", logarithmic=True),
        Axis("characters", percent=True, least=0.0, most=1.0),
        _series(drawn, "coverage", lambda each: _point(each, "threshold")),
    )


def _suffixes(drawn: Sequence[tuple[Group, bool]], prefix: str, of: str) -> CurvePlot:
    series = []
    for group, muted in drawn:
        shares = _binned(group["curves"].get("suffix_histogram") or ())
        points = tuple(Point(place, share) for place, share in enumerate(shares))
        if points:
            series.append(Series(str(group["name"]), points, muted))
    return CurvePlot(
        f"{prefix}suffixes",
        f"Longest suffix at each token{of}",
        "Share of tokens by the length of the longest stretch that ends there and stands in the corpus. "
        "Copied text leans to the right.",
        Axis("tokens", ticks=tuple(enumerate(_BIN_WORDS))),
        Axis("positions", percent=True, least=0.0),
        tuple(series),
        markers=True,
    )


_BIN_ENDS = (0, 1, 2, 4, 8, 16, 32, 64)
_BIN_WORDS = ("0", "1", "2", "3–4", "5–8", "9–16", "17–32", "33–64", "> 64")


def _binned(histogram: Sequence[Mapping[str, Any]]) -> list[float]:
    """Shares of positions in bins that double."""
    counts = [0.0] * len(_BIN_WORDS)
    for each in histogram:
        place = next((n for n, end in enumerate(_BIN_ENDS) if each["tokens"] <= end), len(_BIN_ENDS))
        counts[place] += each["positions"]
    whole = sum(counts)
    return [count / whole for count in counts] if whole else []


def _series(
    drawn: Sequence[tuple[Group, bool]], curve: str, point: Callable[[Mapping[str, Any]], Point | None]
) -> tuple[Series, ...]:
    result = []
    for group, muted in drawn:
        told = group["curves"].get(curve) or ()
        most = max((each.get("outputs", 0) for each in told), default=0) if curve != "share_tail" else 0
        points = tuple(
            made
            for each in told
            if (most == 0 or each.get("outputs", most) >= _FEWEST * most) and (made := point(each)) is not None
        )
        if points:
            result.append(Series(str(group["name"]), points, muted))
    return tuple(result)


def _ending(series: Sequence[Series]) -> tuple[Series, ...]:
    """The same up to the first place where all are 0."""
    last = max((point.x for each in series for point in each.points if point.y > 0), default=0.0)
    first_zero = min((point.x for each in series for point in each.points if point.x > last), default=last)
    return tuple(
        replace(each, points=tuple(point for point in each.points if point.x <= max(first_zero, _SHORTEST_TAIL)))
        for each in series
    )


def _point(each: Mapping[str, Any], x: str) -> Point | None:
    if each.get("value") is None:
        return None
    return Point(each[x], each["value"], each.get("low"), each.get("high"))


def _row(group: Group, measure: str, *, muted: bool) -> Row | None:
    found = group["measures"].get(measure)
    if found is None or found.get("value") is None:
        return None
    note = plural(found.get("n", group["outputs"]), "output")
    return Row(str(group["name"]), found["value"], found.get("low"), found.get("high"), note, muted)
