"""Plots as small SVG files: logarithmic axes, readable on light and on dark pages, the same for equal results."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from html import escape
from math import ceil, floor, log10
from typing import Any

WIDTH, HEIGHT = 720, 400
LEFT, RIGHT, TOP, BOTTOM = 78, 190, 44, 52

# Told apart by dashes and marks too, for eyes that see no colours.
COLORS = (("#1f5fbf", "#7fb2ff"), ("#b3480f", "#ffa566"), ("#2c7a3f", "#77d18a"), ("#7a3fa0", "#cf9df0"))
DASHES = ("", "7 4", "2 4", "9 3 2 3")


def svg(plot: Mapping[str, Any]) -> str:
    """Draw a plot as `outcome.Plot` has it."""
    points = [point for line in plot["lines"] for point in line["points"]]
    across = _Axis.of([x for x, _ in points], LEFT, WIDTH - RIGHT, plot["ticks"])
    up = _Axis.of([y for _, y in points], HEIGHT - BOTTOM, TOP)
    described = "; ".join(
        f"{line['name']}: " + ", ".join(f"{_short(y)} at {_short(x)}" for x, y in line["points"])
        for line in plot["lines"]
    )
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" role="img" '
        f'aria-labelledby="title desc" font-family="system-ui, sans-serif" font-size="13">',
        f'<title id="title">{escape(plot["title"])}</title>',
        f'<desc id="desc">{escape(plot["y"])} by {escape(plot["x"])}. {escape(described)}.</desc>',
        _style(len(plot["lines"])),
        f'<rect class="page" width="{WIDTH}" height="{HEIGHT}"/>',
        f'<text class="ink" x="{LEFT}" y="22" font-weight="600">{escape(plot["title"])}</text>',
        *_grid(across, up, plot["x"], plot["y"]),
    ]
    for place, line in enumerate(plot["lines"]):
        parts += _line(place, line, across, up)
    return "\n".join([*parts, "</svg>"]) + "\n"


class _Axis:
    """A logarithmic axis: from whole powers of ten around the values, or from tick to tick, to places on the page."""

    def __init__(self, low: float, high: float, begin: float, end: float, ticks: Sequence[float]) -> None:
        self.low, self.high, self.begin, self.end, self._ticks = low, high, begin, end, ticks

    @classmethod
    def of(cls, values: Sequence[float], begin: float, end: float, ticks: Sequence[float] = ()) -> _Axis:
        if len(ticks) > 1:
            return cls(log10(ticks[0]), log10(ticks[-1]), begin, end, ticks)
        low, high = floor(log10(min(values)) + 1e-9), ceil(log10(max(values)) - 1e-9)
        return cls(low, max(high, low + 1), begin, end, ())

    def place(self, value: float) -> float:
        share = (log10(value) - self.low) / (self.high - self.low)
        return round(self.begin + share * (self.end - self.begin), 1)

    def ticks(self) -> list[float]:
        """Those given; else whole powers, and where there are few of them, 2 and 5 of each too."""
        if self._ticks:
            return list(self._ticks)
        powers = [10.0**power for power in range(int(self.low), int(self.high) + 1)]
        if len(powers) > 3:
            return powers
        between = [power * step for power in powers[:-1] for step in (2, 5)]
        return sorted(powers + between)


def _style(lines: int) -> str:
    light = "".join(f".l{n}{{stroke:{COLORS[n][0]}}}.m{n}{{fill:{COLORS[n][0]}}}" for n in range(lines))
    dark = "".join(f".l{n}{{stroke:{COLORS[n][1]}}}.m{n}{{fill:{COLORS[n][1]}}}" for n in range(lines))
    return (
        "<style>.page{fill:#fffdf8}.ink{fill:#22252b}.grid{stroke:#d9d5ca}path{fill:none;stroke-width:2.2}"
        f"{light}@media(prefers-color-scheme:dark){{.page{{fill:#16181d}}.ink{{fill:#e8e6e1}}.grid{{stroke:#3a3d45}}"
        f"{dark}}}</style>"
    )


def _grid(across: _Axis, up: _Axis, x: str, y: str) -> list[str]:
    bottom, right = HEIGHT - BOTTOM, WIDTH - RIGHT
    parts = []
    for value in across.ticks():
        at = across.place(value)
        parts.append(f'<line class="grid" x1="{at}" y1="{TOP}" x2="{at}" y2="{bottom}"/>')
        parts.append(f'<text class="ink" x="{at}" y="{bottom + 18}" text-anchor="middle">{_short(value)}</text>')
    for value in up.ticks():
        at = up.place(value)
        parts.append(f'<line class="grid" x1="{LEFT}" y1="{at}" x2="{right}" y2="{at}"/>')
        parts.append(f'<text class="ink" x="{LEFT - 8}" y="{at + 4}" text-anchor="end">{_short(value)}</text>')
    middle = (TOP + bottom) / 2
    parts.append(
        f'<text class="ink" x="{(LEFT + right) / 2}" y="{HEIGHT - 12}" text-anchor="middle">{escape(x)}</text>'
    )
    parts.append(
        f'<text class="ink" x="18" y="{middle}" text-anchor="middle" transform="rotate(-90 18 {middle})">'
        f"{escape(y)}</text>"
    )
    return parts


def _line(place: int, line: Mapping[str, Any], across: _Axis, up: _Axis) -> list[str]:
    at = [(across.place(x), up.place(y)) for x, y in line["points"]]
    dashes = f' stroke-dasharray="{DASHES[place]}"' if DASHES[place] else ""
    path = "M" + " L".join(f"{x} {y}" for x, y in at)
    marks = [f'<circle class="m{place}" cx="{x}" cy="{y}" r="3.5"/>' for x, y in at]
    label = WIDTH - RIGHT + 10
    named = TOP + 16 + 22 * place
    return [
        f'<path class="l{place}" d="{path}"{dashes}/>',
        *marks,
        f'<path class="l{place}" d="M{label} {named} h24"{dashes}/>',
        f'<text class="ink" x="{label + 30}" y="{named + 4}">{escape(line["name"])}</text>',
    ]


def _short(value: float) -> str:
    """A number in few signs: 100k, 10M, 0.5."""
    for least, sign in ((1e12, "T"), (1e9, "B"), (1e6, "M"), (1e3, "k")):
        if value >= least:
            return f"{value / least:.3g}{sign}"
    return f"{value:.3g}"
