"""What a plot shows, apart from how it is drawn: curves, values with intervals, and shares of wholes."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Axis:
    """One axis.

    Attributes:
        label: what it measures, with its unit.
        percent: values are shares from 0 to 1, written as per cent.
        logarithmic: by powers; values of 0 and less are left out.
        ticks: places and their words, where they are no plain numbers; empty: chosen from the values.
        least, most: ends of the axis; None: from the values.
    """

    label: str
    percent: bool = False
    logarithmic: bool = False
    ticks: tuple[tuple[float, str], ...] = ()
    least: float | None = None
    most: float | None = None


@dataclass(frozen=True, slots=True)
class Point:
    """A place on a curve, with the interval of its y where there is one."""

    x: float
    y: float
    low: float | None = None
    high: float | None = None


@dataclass(frozen=True, slots=True)
class Series:
    """A curve.

    Attributes:
        name: for the legend.
        points: by x.
        muted: it is what others are compared with: grey and dashed.
    """

    name: str
    points: tuple[Point, ...]
    muted: bool = False


@dataclass(frozen=True, slots=True)
class CurvePlot:
    """Curves over a common axis.

    Attributes:
        name: of its files.
        title, caption: what it shows, and how to read it.
        x, y: the axes.
        series: the curves; at most seven can be told apart.
        steps: a value holds until the next point.
        markers: each point is marked, with its interval as a bar; else intervals are bands.
    """

    name: str
    title: str
    caption: str
    x: Axis
    y: Axis
    series: tuple[Series, ...]
    steps: bool = False
    markers: bool = False


@dataclass(frozen=True, slots=True)
class Row:
    """A value with its interval; `note` stands beside its name, and `muted` is as for `Series`."""

    name: str
    value: float
    low: float | None = None
    high: float | None = None
    note: str = ""
    muted: bool = False


@dataclass(frozen=True, slots=True)
class IntervalPlot:
    """Values with their intervals, one a row.

    Attributes:
        name, title, caption: as for `CurvePlot`.
        axis: of the values; where it goes below 0, a line marks 0.
        rows: from the top.
    """

    name: str
    title: str
    caption: str
    axis: Axis
    rows: tuple[Row, ...]


@dataclass(frozen=True, slots=True)
class BarPlot:
    """Wholes divided into parts, one a row, each drawn as wide as any other.

    Attributes:
        name, title, caption: as for `CurvePlot`.
        parts: names of the parts, at most four, from the harmless to the grave.
        rows: name and the size of each part; a whole of nothing is said to be one.
    """

    name: str
    title: str
    caption: str
    parts: tuple[str, ...]
    rows: tuple[tuple[str, tuple[float, ...]], ...]


Plot = CurvePlot | IntervalPlot | BarPlot
