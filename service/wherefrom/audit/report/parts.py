"""What pages of reports are made of: sections, figures, tables, key figures, texts with their passages marked."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from wherefrom.audit.report.drawing import draw
from wherefrom.audit.report.markup import Markup, element, joined
from wherefrom.audit.report.plots import CurvePlot, IntervalPlot, Plot
from wherefrom.audit.report.scales import interval, number
from wherefrom.highlight import cut, one_line, plural

COLOURS = 6
_MOST_METADATA = 300


@dataclass(frozen=True, slots=True)
class Section:
    """A part of a page under a heading.

    Attributes:
        name: what links call it.
        title: its heading.
        body: what stands under it.
    """

    name: str
    title: str
    body: Markup


@dataclass(frozen=True, slots=True)
class KeyFigure:
    """A figure to be seen first: what it is, its value, and a line below."""

    label: str
    value: str
    note: str = ""


@dataclass(frozen=True, slots=True)
class Passage:
    """A part of a text that stands in a corpus, in code points; `words` is shown where the pointer rests."""

    start: int
    end: int
    words: str = ""


def paragraph(*children: str | Markup, soft: bool = False) -> Markup:
    """A paragraph; a soft one says something beside."""
    return element("p", *children, class_="wf-soft" if soft else None)


def bullets(items: Sequence[str | Markup]) -> Markup:
    """A list of sentences."""
    return element("ul", *(element("li", item) for item in items))


def folded(summary: str, *children: str | Markup) -> Markup:
    """What is opened by a click; on paper it is open, unless it only repeats a plot in numbers."""
    return element("details", element("summary", summary), *children)


def key_figures(figures: Sequence[KeyFigure]) -> Markup:
    """Some figures beside each other, to be read first."""
    tiles = (
        element(
            "div",
            element("dt", figure.label),
            element("dd", element("strong", figure.value), element("span", figure.note)),
        )
        for figure in figures
    )
    return element("dl", *tiles, class_="au-figures")


def table(header: Sequence[str], rows: Sequence[Sequence[str | Markup | None]], *, numbers: int = 0) -> Markup:
    """A table.

    Args:
        header: what the columns are called.
        rows: their cells; None is a cell that has no value.
        numbers: the first column that holds numbers; these and all after it stand to the right. 0: none does.
    """

    def kind(column: int) -> str | None:
        return "wf-number" if numbers and column >= numbers else None

    head = element("tr", *(_heading(name, kind(n)) for n, name in enumerate(header)))
    body = (
        element(
            "tr",
            *(
                element("td", "–" if cell is None else cell, class_=kind(n), dir=None if kind(n) else "auto")
                for n, cell in enumerate(row)
            ),
        )
        for row in rows
    )
    # What is wider than the page is scrolled, also by the keyboard.
    return element(
        "div",
        element("table", element("thead", head), element("tbody", *body)),
        class_="au-table",
        tabindex=0,
        role="group",
        aria_label=f"Table: {', '.join(name for name in header if name)}",
    )


def _heading(name: str, kind: str | None) -> Markup:
    return element("th", name, class_=kind, scope="col") if name else element("td")


def figure(plot: Plot) -> Markup:
    """A plot with its title, how to read it, and its numbers."""
    numbers = element("details", element("summary", "Numbers"), _numbers(plot), class_="au-numbers")
    return element(
        "figure",
        element("h3", plot.title),
        draw(plot),
        element("figcaption", plot.caption),
        numbers,
        id=f"plot-{plot.name}",
        class_="au-figure",
    )


def figures(plots: Sequence[Plot]) -> Markup:
    """Plots side by side where there is room."""
    return element("div", *(figure(plot) for plot in plots), class_="au-grid")


def _numbers(plot: Plot) -> Markup:
    if isinstance(plot, CurvePlot):
        known = [{point.x: point for point in each.points} for each in plot.series]
        places = sorted({x for points in known for x in points})
        words = dict(plot.x.ticks) if plot.x.ticks else {}
        rows = [
            [
                words.get(x, number(x, percent=plot.x.percent)),
                *(
                    interval(points[x].y, points[x].low, points[x].high, percent=plot.y.percent)
                    if x in points
                    else None
                    for points in known
                ),
            ]
            for x in places
        ]
        return table([plot.x.label, *(each.name for each in plot.series)], rows, numbers=1)
    if isinstance(plot, IntervalPlot):
        cells = [
            [row.name, row.note, interval(row.value, row.low, row.high, percent=plot.axis.percent)] for row in plot.rows
        ]
        return table(["", "", plot.axis.label], cells, numbers=2)
    return table(["", *plot.parts], [[name, *(number(size) for size in sizes)] for name, sizes in plot.rows], numbers=1)


def marked_text(text: str, passages: Sequence[Passage]) -> Markup:
    """A text with the passages marked that stand in the corpus; each but the last kind of mark has its own colour."""
    ordered = sorted(passages, key=lambda passage: (passage.start, passage.end))
    parts: list[str | Markup] = []
    for piece in cut(text, [(passage.start, passage.end) for passage in ordered]):
        if not piece.spans:
            parts.append(piece.text)
            continue
        last = piece.spans[-1]
        parts.append(element("mark", piece.text, class_=f"wf-c{last % COLOURS}", title=ordered[last].words or None))
        parts.extend(element("sup", str(n + 1), class_=f"wf-c{n % COLOURS}") for n in piece.ending)
    return element("div", *parts, class_="wf-text", dir="auto")


def document(index: str, identifier: str, metadata: Mapping[str, Any], note: str = "") -> Markup:
    """A document by its id, with its metadata on one line."""
    told = " · ".join(f"{key}: {_plain(value)}" for key, value in metadata.items())
    return joined(
        (
            element("bdi", identifier, class_="wf-id"),
            element("span", f" in {index}", class_="wf-soft"),
            element("span", f" {note}", class_="wf-soft") if note else "",
            element("div", element("bdi", one_line(told, _MOST_METADATA)), class_="wf-soft") if told else "",
        )
    )


def index_table(indexes: Sequence[Mapping[str, Any]]) -> Markup:
    """The indexes that were searched, as report.json has them."""
    rows = [
        [
            str(index["name"]),
            element("code", str(index["version"])),
            f"{index['documents']:,}",
            f"{index['tokens']:,}",
        ]
        for index in indexes
    ]
    return table(["Index", "Version", "Documents", "Tokens"], rows, numbers=2)


def parameter_table(parameters: Mapping[str, Any]) -> Markup:
    """Parameters of a run, as report.json has them."""
    return table(
        ["Parameter", "Value"], [[name.replace("_", " "), _plain(value)] for name, value in parameters.items()]
    )


def command_line(command: str) -> Markup:
    """The command that made a report."""
    return element("pre", element("code", command), class_="au-command", tabindex=0, role="group", aria_label="Command")


def of(part: int, whole: int, noun: str) -> str:
    """`3 of 10 outputs`."""
    return f"{part:,} of {plural(whole, noun)}"


def _plain(value: Any) -> str:
    if isinstance(value, str):
        return value
    if value is None:
        return "none"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, list | tuple) and all(isinstance(each, str | int | float) for each in value):
        return ", ".join(str(each) for each in value) or "none"
    return json.dumps(value, ensure_ascii=False, default=str)
