"""Plots: whatever the numbers and names are, the drawing is one well-formed picture, and always the same."""

from __future__ import annotations

import math
import re
import xml.etree.ElementTree as ElementTree

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from wherefrom.audit.report.drawing import draw
from wherefrom.audit.report.files import write_report
from wherefrom.audit.report.plots import Axis, BarPlot, CurvePlot, IntervalPlot, Plot, Point, Row, Series
from wherefrom.audit.report.rasters import rasterise
from wherefrom.audit.report.scales import interval, number, scale_of

HOSTILE = "</svg><script>alert(1)</script> $x_{ \x00\ud800\ufffe\u202e 漢字 \"'&"
ROWS = (Row("all", 0.4, 0.3, 0.5, "3 outputs"), Row(HOSTILE, 0.0, None, None, HOSTILE, muted=True))
CURVES = (Series("a", (Point(1, 0.2, 0.1, 0.3), Point(10, 0.9, 0.8, 1.0))), Series(HOSTILE, (Point(2, 0.5),), True))
PLOTS: tuple[Plot, ...] = (
    CurvePlot("curve", HOSTILE, HOSTILE, Axis("n", logarithmic=True), Axis("share", percent=True), CURVES),
    CurvePlot("steps", "Steps", "", Axis("n"), Axis("share", percent=True), CURVES, steps=True),
    CurvePlot("marks", "Marks", "", Axis("n", ticks=((1, "one"), (10, "ten"))), Axis("y"), CURVES, markers=True),
    IntervalPlot("rows", "Rows", "", Axis("difference", percent=True), (*ROWS, Row("less", -0.2, -0.3, -0.1))),
    BarPlot("bars", "Bars", "", ("clean", "dirty"), (("gpt3", (90, 10)), (HOSTILE, (0, 0)))),
)

values = st.one_of(
    st.floats(0, 1), st.integers(-5, 2000).map(float),
    st.sampled_from([math.nan, math.inf, -math.inf, 1e300, -1e300, 5e-324, 1e-9, 1e11, -1e11, -0.0]),
)  # fmt: skip
ends = st.one_of(st.none(), values)
points = st.builds(Point, values, values, ends, ends)
names = st.text(max_size=12)
axes = st.builds(Axis, names, percent=st.booleans(), logarithmic=st.booleans())
curve_plots = st.builds(
    CurvePlot,
    st.just("x"), names, names, axes, axes,
    st.lists(st.builds(Series, names, st.lists(points, max_size=4).map(tuple), st.booleans()), max_size=8).map(tuple),
    st.booleans(), st.booleans(),
)  # fmt: skip
interval_plots = st.builds(
    IntervalPlot,
    st.just("x"), names, names, axes,
    st.lists(st.builds(Row, names, values, ends, ends, names, st.booleans()), max_size=4).map(tuple),
)  # fmt: skip


def drawn(plot: Plot) -> ElementTree.Element:
    return ElementTree.fromstring(draw(plot))


@settings(max_examples=80)
@given(st.one_of(curve_plots, interval_plots))
def test_every_plot_is_one_picture_without_places_outside_of_it(plot):
    root = drawn(plot)
    height = float(root.attrib["viewBox"].split()[3])
    for part in root.iter():
        for name, value in part.attrib.items():
            if name in ("x", "x1", "x2", "cx"):
                assert -1 <= float(value) <= 481
            elif name in ("y", "y1", "y2", "cy"):
                assert -1 <= float(value) <= height + 1
            elif name == "d":
                assert all(math.isfinite(float(each)) for each in re.findall(r"[^MLHVZh ]+", value))


@pytest.mark.parametrize("plot", PLOTS, ids=lambda plot: plot.name)
def test_names_are_text_and_nothing_else(plot):
    root = drawn(plot)
    tags = {part.tag.rpartition("}")[2] for part in root.iter()}
    assert tags <= {"svg", "title", "g", "path", "line", "circle", "rect", "text"}
    assert not any(name.startswith("on") or name == "style" for part in root.iter() for name in part.attrib)


@pytest.mark.parametrize("plot", PLOTS, ids=lambda plot: plot.name)
def test_pictures_are_the_same_each_time(plot):
    assert draw(plot) == draw(plot)
    picture = rasterise(plot)
    assert picture.startswith(b"\x89PNG\r\n")
    assert picture == rasterise(plot)
    assert not {b"tEXt", b"tIME"} & {picture[place : place + 4] for place in range(len(picture))}


def test_a_curve_goes_where_its_numbers_say():
    plot = CurvePlot("x", "x", "", Axis("n", least=0, most=10), Axis("y", least=0, most=1),
                     (Series("a", (Point(0, 0), Point(5, 1), Point(10, 0.5))),))  # fmt: skip
    (path,) = [part for part in drawn(plot).iter() if part.get("class") == "p-line"]
    (left, bottom), (middle, top), (right, between) = (
        tuple(map(float, place.split())) for place in re.split("[ML]", path.attrib["d"])[1:]
    )
    assert middle == pytest.approx((left + right) / 2)
    assert between == pytest.approx((top + bottom) / 2)
    assert top < bottom
    assert left < right


def test_a_group_without_an_interval_has_a_dot_and_no_line():
    plot = IntervalPlot("x", "x", "", Axis("share", percent=True, least=0, most=1), ROWS)
    groups = [part for part in drawn(plot).iter() if (part.get("class") or "") in ("p-0", "p-muted")]
    assert [len([part for part in group.iter() if part.get("class") == "p-line"]) for group in groups] == [1, 0]
    assert [len([part for part in group.iter() if part.get("class") == "p-dot"]) for group in groups] == [1, 1]


@settings(max_examples=100)
@given(axes, st.lists(values, max_size=6))
def test_scales_hold_their_values_in_order(axis, given_values):
    scale = scale_of(axis, given_values, 0, 100)
    shown = sorted(value for value in given_values if scale.shows(value))
    places = [scale(value) for value in shown]
    assert places == sorted(places)
    assert all(-1e-6 <= place <= 100 + 1e-6 for place in places)
    assert len(scale.ticks) <= 12


@pytest.mark.parametrize(
    ("value", "percent", "words"),
    [
        (0.0, True, "0 %"), (-0.0001, True, "−0.01 %"), (0.5, True, "50 %"), (0.4251, True, "42.5 %"),
        (1234.5, False, "1,234"), (12.34, False, "12.3"), (0.123, False, "0.12"), (math.nan, False, "–"),
    ],
)  # fmt: skip
def test_numbers_in_words(value, percent, words):
    assert number(value, percent=percent) == words


def test_ends_of_an_interval_have_as_many_digits_as_its_value():
    assert interval(0.1, 0.05, 0.15000000000000002, percent=True) == "10 % [5, 15]"
    assert interval(0.425, 0.3, 0.551, percent=True) == "42.5 % [30.0, 55.1]"
    assert interval(0.425, None, None, percent=True) == "42.5 %"
    assert interval(None) == "–"


def test_files_are_the_same_each_time_and_none_is_left_of_another_report(tmp_path):
    plots = PLOTS[-2:]
    assert write_report(tmp_path, "<p>", plots)
    first = {path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()}
    assert {path.name for path in first} == {"index.html", *(f"{p.name}.{e}" for p in plots for e in ("svg", "png"))}
    write_report(tmp_path, "<p>", plots)
    assert {path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()} == first
    write_report(tmp_path, "<p>", plots[1:])
    assert {path.name for path in (tmp_path / "plots").iterdir()} == {"bars.svg", "bars.png"}


def test_without_matplotlib_there_is_svg(tmp_path, monkeypatch):
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    assert not write_report(tmp_path, "<p>", PLOTS[:1])
    assert {path.name for path in (tmp_path / "plots").iterdir()} == {"curve.svg"}
