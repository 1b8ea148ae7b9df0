"""A plot as SVG: drawn for paper by its attributes, so that the file stands alone; a style sheet may recolour it."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator, Sequence
from itertools import pairwise

from wherefrom.audit.report.colours import INK, LINE, PAPER, PARTS, SOFT, series_class, series_colour, series_dash
from wherefrom.audit.report.markup import Markup, element, joined
from wherefrom.audit.report.plots import BarPlot, CurvePlot, IntervalPlot, Plot, Point, Series
from wherefrom.audit.report.scales import Scale, interval, number, scale_of
from wherefrom.highlight import one_line

WIDTH = 480.0
_LEFT, _RIGHT = 52.0, 22.0
_BODY = 230.0
_FONT = "ui-sans-serif, system-ui, 'Segoe UI', 'Helvetica Neue', Arial, 'Noto Sans', sans-serif"
_SIZE = 12.0
_CHARACTER = 6.4
"""Width of a character of that size, as a rule."""


def draw(plot: Plot) -> Markup:
    """Returns a plot as an SVG element, `WIDTH` wide."""
    parts: list[Markup] = []
    if isinstance(plot, CurvePlot):
        height = _curves(plot, parts)
    elif isinstance(plot, IntervalPlot):
        height = _intervals(plot, parts)
    else:
        height = _bars(plot, parts)
    return element(
        "svg",
        element("title", plot.title),
        *parts,
        xmlns="http://www.w3.org/2000/svg",
        viewBox=f"0 0 {WIDTH:.0f} {height:.0f}",
        class_="wf-plot",
        role="img",
        font_family=_FONT,
        font_size=_SIZE,
    )


def _curves(plot: CurvePlot, parts: list[Markup]) -> float:
    named = [(each.name, series_class(n, muted=each.muted), n, each.muted) for n, each in _numbered(plot.series)]
    top = _legend(named, parts) + 28
    bottom = top + _BODY
    points = [point for each in plot.series for point in each.points]
    x = scale_of(plot.x, [point.x for point in points], _LEFT, WIDTH - _RIGHT)
    heights = [value for point in points for value in (point.y, point.low, point.high) if value is not None]
    y = scale_of(plot.y, heights, bottom, top)
    parts.append(_words(plot.y.label, 4, top - 10, anchor="start"))
    parts.extend(_grid(x, y, top, bottom))
    parts.append(_words(plot.x.label, (_LEFT + WIDTH - _RIGHT) / 2, bottom + 34))
    for n, each in _numbered(plot.series):
        shown = [point for point in each.points if x.shows(point.x) and y.shows(point.y)]
        parts.append(_curve(plot, Series(each.name, tuple(shown), each.muted), n, x, y))
    return bottom + 42


def _numbered(series: Sequence[Series]) -> Iterator[tuple[int, Series]]:
    """Series with their numbers among those that are not muted, so that a baseline takes no colour from others."""
    number = 0
    for each in series:
        yield number, each
        number += not each.muted


def _grid(x: Scale, y: Scale, top: float, bottom: float) -> Iterator[Markup]:
    for value, words in y.ticks:
        place = y(value)
        yield _line(_LEFT, place, WIDTH - _RIGHT, place)
        yield _words(words, _LEFT - 6, place + 4, anchor="end")
    for value, words in x.ticks:
        place = x(value)
        yield _line(place, bottom, place, bottom + 4)
        yield _words(words, place, bottom + 17)


def _curve(plot: CurvePlot, series: Series, n: int, x: Scale, y: Scale) -> Markup:
    colour = series_colour(n, muted=series.muted)
    drawn: list[Markup] = []
    whole = [point for point in series.points if point.low is not None and point.high is not None]
    if plot.markers:
        drawn.extend(_whisker(point, x, y, colour) for point in whole)
    elif len(whole) > 1:
        drawn.append(_band(whole, x, y, colour, steps=plot.steps))
    path = _path([(x(point.x), y(point.y)) for point in series.points], steps=plot.steps)
    drawn.append(
        element(
            "path",
            d=path,
            class_="p-line",
            fill="none",
            stroke=colour,
            stroke_width="2",
            stroke_linejoin="round",
            stroke_dasharray=series_dash(n, muted=series.muted) or None,
        )
    )
    if plot.markers or len(series.points) == 1:
        drawn.extend(_marker(series.name, point, plot, x, y, colour) for point in series.points)
    return element("g", *drawn, class_=series_class(n, muted=series.muted))


def _path(places: Sequence[tuple[float, float]], *, steps: bool) -> str:
    if not places:
        return ""
    here = [f"M{places[0][0]:.1f} {places[0][1]:.1f}"]
    for x, y in places[1:]:
        here.append(f"H{x:.1f}V{y:.1f}" if steps else f"L{x:.1f} {y:.1f}")
    return "".join(here)


def _band(points: Sequence[Point], x: Scale, y: Scale, colour: str, *, steps: bool) -> Markup:
    upper = [(x(point.x), y(point.high)) for point in points if point.high is not None]
    lower = [(x(point.x), y(point.low)) for point in points if point.low is not None]
    if steps:
        upper, lower = _stepped(upper), _stepped(lower)
    outline = _path([*upper, *reversed(lower)], steps=False) + "Z"
    return element("path", d=outline, class_="p-band", fill=colour, fill_opacity="0.14", stroke="none")


def _stepped(places: Sequence[tuple[float, float]]) -> list[tuple[float, float]]:
    result = list(places[:1])
    for (_, before), (x, y) in pairwise(places):
        result += [(x, before), (x, y)]
    return result


def _whisker(point: Point, x: Scale, y: Scale, colour: str) -> Markup:
    low, high = point.low or 0.0, point.high or 0.0
    return _line(x(point.x), y(low), x(point.x), y(high), colour, "p-line", width=1.5)


def _marker(name: str, point: Point, plot: CurvePlot, x: Scale, y: Scale, colour: str) -> Markup:
    words = f"{_short(name, 60)}: {interval(point.y, point.low, point.high, percent=plot.y.percent)}"
    return element(
        "circle", element("title", words), cx=x(point.x), cy=y(point.y), r="3.5", class_="p-dot", fill=colour
    )


def _intervals(plot: IntervalPlot, parts: list[Markup]) -> float:
    step, left = 40.0, 22.0
    values = [v for row in plot.rows for v in (row.value, row.low, row.high) if v is not None]
    scale = scale_of(plot.axis, values, left, WIDTH - 22)
    bottom = step * max(len(plot.rows), 1) + 6
    for value, words in scale.ticks:
        parts.append(_line(scale(value), 4, scale(value), bottom))
        parts.append(_words(words, scale(value), bottom + 15))
    if scale.least < 0 < scale.most:
        parts.append(_line(scale(0), 2, scale(0), bottom, SOFT, "p-axis", width=1.5))
    for place, row in enumerate(plot.rows):
        colour, y = series_colour(0, muted=row.muted), step * place + 30
        told = interval(row.value, row.low, row.high, percent=plot.axis.percent)
        room = int((WIDTH - 24) / _CHARACTER) - len(told) - 2
        name = f"{row.name} ({row.note})" if row.note else row.name
        drawn = [
            _words(_short(name, max(room, 12)), 4, y - 13, anchor="start", colour=INK, kind="p-ink p-over"),
            _words(told, WIDTH - 4, y - 13, anchor="end", kind="p-soft p-over"),
        ]
        if scale.shows(row.value):
            if row.low is not None and row.high is not None:
                drawn.append(_line(scale(row.low), y, scale(row.high), y, colour, "p-line", width=2.5))
            title = element("title", f"{row.name}: {told}")
            drawn.append(element("circle", title, cx=scale(row.value), cy=y, r="4.5", class_="p-dot", fill=colour))
        parts.append(element("g", *drawn, class_=series_class(0, muted=row.muted)))
    parts.append(_words(plot.axis.label, WIDTH / 2, bottom + 32))
    return bottom + 40


def _bars(plot: BarPlot, parts: list[Markup]) -> float:
    top = _legend([(name, f"p-part{n % len(PARTS)}", n, None) for n, name in enumerate(plot.parts)], parts) + 8
    step = 44.0
    for place, (name, sizes) in enumerate(plot.rows):
        y, whole = top + step * place, sum(sizes)
        counts = ", ".join(number(size) for size in sizes) if whole else "none"
        parts.append(_words(_short(name, 44), 4, y + 12, anchor="start", colour=INK, kind="p-ink"))
        parts.append(_words(counts, WIDTH - 4, y + 12, anchor="end"))
        here = 4.0
        parts.append(element("rect", x=here, y=y + 18, width=WIDTH - 8, height="14", fill=LINE, class_="p-empty"))
        for n, size in enumerate(sizes):
            wide = (WIDTH - 8) * size / whole if whole else 0.0
            title = element("title", f"{name}, {plot.parts[n]}: {number(size)}")
            parts.append(
                element(
                    "rect", title, x=here, y=y + 18, width=wide, height="14", fill=PARTS[n % len(PARTS)],
                    class_=f"p-part{n % len(PARTS)}",
                )
            )  # fmt: skip
            here += wide
    return top + step * len(plot.rows) + 4


def _legend(named: Sequence[tuple[str, str, int, bool | None]], parts: list[Markup]) -> float:
    """Draws names with their marks, in lines; returns the height taken. Muted is None for parts of a whole."""
    if len(named) < 2:
        return 0.0
    x, y = 4.0, 12.0
    for name, kind, n, muted in named:
        shown = _short(name, 44)
        wide = 26 + _wide(shown) + 14
        if x > 4 and x + wide > WIDTH:
            x, y = 4.0, y + 18
        if muted is None:
            mark = element("rect", x=x, y=y - 9, width="14", height="10", fill=PARTS[n % len(PARTS)], class_=kind)
            x -= 6
        else:
            mark = element(
                "path", d=f"M{x:.1f} {y - 4:.1f}h20", class_="p-line", fill="none", stroke_width="2",
                stroke=series_colour(n, muted=muted), stroke_dasharray=series_dash(n, muted=muted) or None,
            )  # fmt: skip
        words = _words(shown, x + 26, y, anchor="start", colour=INK, kind="p-ink")
        parts.append(element("g", mark, words, class_=kind))
        x += wide
    return y + 6


def _words(
    words: str, x: float, y: float, *, anchor: str = "middle", colour: str = SOFT, kind: str = "p-soft"
) -> Markup:
    if not words:
        return joined(())
    halo: dict[str, str] = {}
    if kind.endswith("p-over"):  # it stands on lines of the grid
        halo = {"stroke": PAPER, "stroke_width": "5", "stroke_linejoin": "round", "paint_order": "stroke"}
    return element("text", words, x=x, y=y, text_anchor=anchor, fill=colour, class_=kind, **halo)


def _line(
    x: float, y: float, to_x: float, to_y: float, colour: str = LINE, kind: str = "p-grid", *, width: float = 1.0
) -> Markup:
    return element("line", x1=x, y1=y, x2=to_x, y2=to_y, stroke=colour, stroke_width=width, class_=kind)


def _short(text: str, limit: int) -> str:
    return one_line(text, limit) or "(empty)"


def _wide(text: str) -> float:
    """About how wide a text is drawn; ideographs take two places."""
    return _CHARACTER * sum(2 if unicodedata.east_asian_width(each) in "WF" else 1 for each in text)
