"""From values to places on a drawing: the ends of an axis, its ticks, and their words."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from wherefrom.audit.report.plots import Axis

_STEPS = (1, 2, 5, 10)
_LARGEST = 1e12


@dataclass(frozen=True, slots=True)
class Scale:
    """An axis laid out from `start` to `end` of a drawing.

    Attributes:
        ticks: values and their words.
    """

    axis: Axis
    least: float
    most: float
    start: float
    end: float
    ticks: tuple[tuple[float, str], ...]

    def __call__(self, value: float) -> float:
        """The place of a value, kept within the drawing."""
        low, high, here = self.least, self.most, min(max(value, self.least), self.most)
        if self.axis.logarithmic:
            low, high, here = math.log(low), math.log(high), math.log(here)
        return self.start + (self.end - self.start) * (here - low) / (high - low)

    def shows(self, value: float | None) -> bool:
        """Whether a value has a place on it at all."""
        return value is not None and _has_place(value, self.axis)


def scale_of(axis: Axis, values: Sequence[float], start: float, end: float, most_ticks: int = 6) -> Scale:
    """Lay out an axis so that it holds some values.

    Args:
        axis: the axis.
        values: what is to be shown; those that have no place are left out.
        start, end: places of its ends.
        most_ticks: about how many ticks are wanted.
    """
    usable = [value for value in values if _has_place(value, axis)]
    if axis.ticks:
        usable += [place for place, _ in axis.ticks]
    least = axis.least if axis.least is not None else min(usable, default=1.0 if axis.logarithmic else 0.0)
    most = axis.most if axis.most is not None else max(usable, default=least)
    if axis.logarithmic:
        most = max(most, least * 2)
        ticks = _powers(least, most, most_ticks)
    else:
        if axis.most is None or axis.least is None:
            least, most = _widened(axis, least, most)
        ticks = _evenly(least, most, most_ticks)
    words = axis.ticks or tuple((tick, number(tick, percent=axis.percent)) for tick in ticks)
    if axis.ticks:
        room = (most - least) * 0.06 if not axis.logarithmic else 0.0
        least, most = least - room, most + room
    return Scale(axis, least, most, start, end, words)


def _has_place(value: float, axis: Axis) -> bool:
    """Whether a value can be drawn: what nobody measures is left out, and would end in numbers without meaning."""
    return abs(value) <= _LARGEST and (value >= 1 / _LARGEST or not axis.logarithmic)  # NaN is not either


def number(value: float, *, percent: bool = False, digits: int | None = None) -> str:
    """A number in as few characters as keep its meaning; `digits` after the point where several are to be alike."""
    if not math.isfinite(value):
        return "–"
    if digits is None:
        digits = digits_for((value,), percent=percent)
    text = f"{value * 100 if percent else value:,.{digits}f}"
    if float(text.replace(",", "")) == 0:
        text = text.lstrip("-")
    return text.replace("-", "−") + (" %" if percent else "")


def digits_for(values: Sequence[float], *, percent: bool = False) -> int:
    """How many digits after the point some numbers need to be told alike."""
    shown = [abs(value * 100 if percent else value) for value in values if math.isfinite(value)]
    largest = max(shown, default=0.0)
    if largest >= 1000 or all(abs(value - round(value)) < 1e-6 for value in shown):
        return 0
    return 1 if largest >= 1 else 2


def interval(value: float | None, low: float | None = None, high: float | None = None, *, percent: bool = False) -> str:
    """A value with its interval in brackets, where there is one: `42.5 % [30.0, 55.1]`."""
    if value is None:
        return "–"
    if low is None or high is None:
        return number(value, percent=percent)
    digits = digits_for((value, low, high), percent=percent)
    first, last = (number(end, percent=percent, digits=digits).removesuffix(" %") for end in (low, high))
    return f"{number(value, percent=percent, digits=digits)} [{first}, {last}]"


def _widened(axis: Axis, least: float, most: float) -> tuple[float, float]:
    """Ends at round numbers around some values; those that the axis gives stay."""
    if most - least <= 1e-9 * max(abs(least), abs(most), 1.0):
        most = least + max(0.1 if axis.percent else 1.0, abs(least) * 0.1)
    step = _step(most - least, 5)
    return (
        axis.least if axis.least is not None else math.floor(least / step + 1e-9) * step,
        axis.most if axis.most is not None else math.ceil(most / step - 1e-9) * step,
    )


def _step(length: float, most_ticks: int) -> float:
    size: float = 10.0 ** math.floor(math.log10(length / most_ticks))
    return next((size * step for step in _STEPS if length / (size * step) <= most_ticks), size * 10)


def _evenly(least: float, most: float, most_ticks: int) -> list[float]:
    step = _step(most - least, most_ticks)
    first, last = math.ceil(least / step - 1e-9), math.floor(most / step + 1e-9)
    return [round(step * number, 12) for number in range(first, last + 1)]


def _powers(least: float, most: float, most_ticks: int) -> list[float]:
    """1, 2, 5, 10, ... where there is room, else powers of ten."""
    powers = range(math.floor(math.log10(least)), math.ceil(math.log10(most)) + 1)
    for steps in ((1, 2, 5), (1, 3), (1,)):
        ticks = [
            step * 10.0**power
            for power in powers
            for step in steps
            if least * 0.999 <= step * 10.0**power <= most * 1.001
        ]
        if len(ticks) <= most_ticks + 1:
            break
    return ticks[:: math.ceil(len(ticks) / (most_ticks + 1)) or 1]
