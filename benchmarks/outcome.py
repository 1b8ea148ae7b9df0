"""What a part of the benchmarks hands back: tables for the page, named figures, and points for plots.

Every part is a module `benchmarks/parts/NAME.py` with

    def measure(scale: Scale) -> Part

and is run in a process of its own. A part is turned to JSON (`benchmarks/results/NAME.json`); the page, the plots, the
table of targets and docs/scaling.md are made from these files and from nothing else.

A module that only measures this project (no peers) may keep its own `measure(...) -> dict`; a part calls it and puts
what it returns into tables and figures, through `Figure.of(samples, unit)`: the median with minimum and maximum.

Names of figures are `part.what.detail`, for example `search.ms.458` or `sort.seconds.2`; `targets.py` and `scaling.py`
read them by these names.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, field
from statistics import median
from typing import Any


@dataclass(frozen=True, slots=True)
class Figure:
    """A measured number: median, minimum and maximum of its runs.

    Attributes:
        unit: "s", "ms", "MB/s", "bytes", "tokens", "tokens/s", "positions/s", "B/token", "B/document", "x", "pages",
            or "" for a count.
        runs: how many samples there were; 1 shows no range.
    """

    median: float
    min: float
    max: float
    unit: str
    runs: int = 1

    @classmethod
    def of(cls, samples: Iterable[float] | float, unit: str = "") -> Figure:
        """Sum up samples, or take a single number."""
        values = [float(samples)] if isinstance(samples, (int, float)) else [float(sample) for sample in samples]
        return cls(median(values), min(values), max(values), unit, len(values))

    def per(self, amount: float, unit: str) -> Figure:
        """An amount divided by this time: a speed."""
        return Figure(amount / self.median, amount / self.max, amount / self.min, unit, self.runs)

    def over(self, other: Figure) -> Figure:
        """How many times as large as another figure: the ratio of the medians, and its extremes."""
        return Figure(self.median / other.median, self.min / other.max, self.max / other.min, "x", self.runs)

    def scaled(self, factor: float, unit: str) -> Figure:
        """The same in another unit."""
        return Figure(self.median * factor, self.min * factor, self.max * factor, unit, self.runs)


Cell = Figure | str | int


@dataclass(frozen=True, slots=True)
class Table:
    """A table of the page; `how` says in a sentence or two how its figures were taken."""

    title: str
    how: str
    columns: Sequence[str]
    rows: Sequence[Sequence[Cell]]


@dataclass(frozen=True, slots=True)
class Line:
    """A line of a plot: name, and points (x, y)."""

    name: str
    points: Sequence[tuple[float, float]]


@dataclass(frozen=True, slots=True)
class Plot:
    """A plot of the page: `docs/plots/NAME.svg`; both axes are logarithmic; `ticks` of x, if given."""

    name: str
    title: str
    x: str
    y: str
    lines: Sequence[Line]
    ticks: Sequence[float] = ()


@dataclass(frozen=True, slots=True)
class Part:
    """What one part measured.

    Attributes:
        facts: anything that the scaling or a test needs beyond figures, in JSON.
        missing: peers or cases that could not be measured, each with the reason, for the page.
    """

    tables: Sequence[Table] = ()
    figures: dict[str, Figure] = field(default_factory=dict)
    plots: Sequence[Plot] = ()
    facts: dict[str, Any] = field(default_factory=dict)
    missing: Sequence[str] = ()

    def to_json(self) -> dict[str, Any]:
        """The part as JSON has it."""
        return asdict(self)


def figure_from(value: Any) -> Figure | None:
    """A figure read back from JSON; None for what is none."""
    return Figure(**value) if isinstance(value, dict) and "median" in value else None
