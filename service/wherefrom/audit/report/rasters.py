"""A plot as PNG, for papers and slides: drawn by matplotlib, which the extra `audit` brings."""

from __future__ import annotations

import io
from typing import Any

from wherefrom.audit.report.colours import INK, LINE, PARTS, SOFT, series_colour, series_dash
from wherefrom.audit.report.plots import Axis, BarPlot, CurvePlot, IntervalPlot, Plot
from wherefrom.audit.report.scales import Scale, scale_of
from wherefrom.highlight import one_line

_WIDTH, _HEIGHT, _DOTS = 6.4, 4.0, 160
_FONT = "DejaVu Sans"  # the font that matplotlib brings: the same picture on every machine
_STYLE = {
    "font.family": _FONT,
    "font.size": 9,
    "axes.edgecolor": LINE,
    "axes.labelcolor": SOFT,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "text.color": INK,
    "text.parse_math": False,  # a group may be called "$x$"
    "xtick.color": SOFT,
    "ytick.color": SOFT,
}


def can_rasterise() -> bool:
    """Whether matplotlib is there."""
    from importlib.util import find_spec

    return find_spec("matplotlib") is not None


def rasterise(plot: Plot) -> bytes:
    """Returns a plot as a PNG file, the same bytes each time."""
    import matplotlib
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    with matplotlib.rc_context(_STYLE):
        figure = Figure(figsize=(_WIDTH, _height(plot)), layout="constrained")
        FigureCanvasAgg(figure)
        axes = figure.add_subplot()
        axes.set_title(_plain(plot.title, 80), loc="left", fontsize=10, fontweight="bold")
        if isinstance(plot, CurvePlot):
            _curves(axes, plot)
        elif isinstance(plot, IntervalPlot):
            _intervals(axes, plot)
        else:
            _bars(axes, plot)
        target = io.BytesIO()
        figure.savefig(target, format="png", dpi=_DOTS, metadata={"Software": None})
    return target.getvalue()


def _height(plot: Plot) -> float:
    return _HEIGHT if isinstance(plot, CurvePlot) else 1.3 + 0.42 * max(len(plot.rows), 1)


def _curves(axes: Any, plot: CurvePlot) -> None:
    points = [point for each in plot.series for point in each.points]
    x = scale_of(plot.x, [point.x for point in points], 0, 1)
    y = scale_of(plot.y, [v for p in points for v in (p.y, p.low, p.high) if v is not None], 0, 1)
    count = 0
    for each in plot.series:
        colour, dash = series_colour(count, muted=each.muted), series_dash(count, muted=each.muted)
        count += not each.muted
        shown = [point for point in each.points if x.shows(point.x) and y.shows(point.y)]
        whole = [point for point in shown if point.low is not None and point.high is not None]
        low, high = [point.low or 0.0 for point in whole], [point.high or 0.0 for point in whole]
        if plot.markers:
            axes.vlines([point.x for point in whole], low, high, color=colour, linewidth=1.2)
        elif whole:
            step = "post" if plot.steps else None
            axes.fill_between([point.x for point in whole], low, high, color=colour, alpha=0.14, step=step, linewidth=0)
        style = (0, tuple(float(part) for part in dash.split())) if dash else "-"
        axes.plot(
            [point.x for point in shown], [point.y for point in shown], color=colour, linestyle=style, linewidth=1.6,
            drawstyle="steps-post" if plot.steps else "default", label=_plain(each.name, 40),
            marker="o" if plot.markers or len(shown) == 1 else "", markersize=4,
        )  # fmt: skip
    axes.grid(axis="y", color=LINE, linewidth=0.6)
    _lay_out(axes.xaxis, axes.set_xscale, axes.set_xlim, x)
    _lay_out(axes.yaxis, axes.set_yscale, axes.set_ylim, y)
    axes.set_xlabel(plot.x.label)
    axes.set_ylabel(plot.y.label)
    if len(plot.series) > 1:
        axes.legend(frameon=False, fontsize=8)


def _intervals(axes: Any, plot: IntervalPlot) -> None:
    scale = scale_of(plot.axis, [v for r in plot.rows for v in (r.value, r.low, r.high) if v is not None], 0, 1)
    for place, row in enumerate(plot.rows):
        colour = series_colour(0, muted=row.muted)
        if row.low is not None and row.high is not None:
            axes.hlines(place, row.low, row.high, color=colour, linewidth=2)
        axes.plot([row.value], [place], "o", color=colour, markersize=6)
    if scale.least < 0 < scale.most:
        axes.axvline(0, color=SOFT, linewidth=1)
    axes.grid(axis="x", color=LINE, linewidth=0.6)
    _lay_out(axes.xaxis, axes.set_xscale, axes.set_xlim, scale)
    axes.set_xlabel(plot.axis.label)
    _name_rows(axes, [f"{row.name} ({row.note})" if row.note else row.name for row in plot.rows])


def _bars(axes: Any, plot: BarPlot) -> None:
    starts = [0.0] * len(plot.rows)
    for n, part in enumerate(plot.parts):
        shares = [sizes[n] / sum(sizes) if sum(sizes) else 0.0 for _, sizes in plot.rows]
        axes.barh(range(len(plot.rows)), shares, left=starts, color=PARTS[n % len(PARTS)], label=part, height=0.6)
        starts = [start + share for start, share in zip(starts, shares, strict=True)]
    _lay_out(axes.xaxis, axes.set_xscale, axes.set_xlim, scale_of(Axis("", percent=True, least=0, most=1), [], 0, 1))
    _name_rows(axes, [name for name, _ in plot.rows])
    axes.legend(frameon=False, fontsize=8, ncols=len(plot.parts), loc="upper center", bbox_to_anchor=(0.5, -0.12))


def _name_rows(axes: Any, names: list[str]) -> None:
    axes.set_yticks(range(len(names)), [_plain(name, 40) for name in names])
    axes.set_ylim(len(names) - 0.5, -0.5)


def _lay_out(axis: Any, set_scale: Any, set_limits: Any, scale: Scale) -> None:
    set_scale("log" if scale.axis.logarithmic else "linear")
    set_limits(scale.least, scale.most)
    axis.set_ticks([value for value, _ in scale.ticks], labels=[words for _, words in scale.ticks])
    axis.set_ticks([], minor=True)


def _plain(text: str, limit: int) -> str:
    """A name as the font can draw it: what it lacks would end in a warning and a box."""
    from matplotlib.font_manager import get_font

    known = get_font(_font_file()).get_charmap()
    return "".join(each if ord(each) in known else "\ufffd" for each in one_line(text, limit)) or "(empty)"


def _font_file() -> str:
    from matplotlib.font_manager import FontProperties, findfont

    return str(findfont(FontProperties(family=_FONT)))
