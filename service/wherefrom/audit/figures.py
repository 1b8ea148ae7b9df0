"""Figures of some outputs: measures and curves with intervals, from rows of the table of generations."""

from __future__ import annotations

import math
import zlib
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from wherefrom.audit.bootstrap import Ratios, intervals
from wherefrom.audit.parameters import AuditParameters
from wherefrom.audit.summary import MEASURES, Difference, Group, Measured

LENGTHS = tuple(digit * 10**power for power in range(1, 7) for digit in (1, 1.5, 2, 3, 5, 7))
"""Characters at which the tail of the longest matches is told."""

SHARES = tuple(step / 20 for step in range(21))
"""Shares at which the tail of the share in long matches is told."""

_DIGITS = 9
"""Sums differ in the last digits with the order of addition, which is the processor's affair."""


class Figures:
    """The figures of a group of outputs, gathered from rows."""

    def __init__(self, name: str, total: int, parameters: AuditParameters, seed_of: str) -> None:
        """Begin a group of `total` outputs; `seed_of`: what tells its draws from those of other groups."""
        first, last = parameters.uniqueness_words
        self._name = name
        self._total = total
        self._parameters = parameters
        self._names = [kind.name for kind in MEASURES]
        points = len(parameters.coverage_thresholds), last - first + 1, parameters.novelty_tokens
        self._ratios = Ratios(
            len(self._names) + sum(points), total, parameters.resamples,
            [parameters.seed, zlib.crc32(seed_of.encode("utf-8", "surrogatepass"))],
        )  # fmt: skip
        self._slices: list[slice] = []
        place = len(self._names)
        for number in points:
            self._slices.append(slice(place, place + number))
            place += number
        self._longest = np.zeros(len(LENGTHS) + 1, np.int64)
        self._shares = np.zeros(len(SHARES) + 1, np.int64)
        self._suffixes = np.zeros(parameters.novelty_tokens + 1, np.int64)

    def add(self, rows: pa.Table) -> None:
        """Add measured outputs."""
        if not len(rows):
            return
        coverage, uniqueness, novelty = self._slices
        x = np.empty((len(rows), novelty.stop))
        for place, name in enumerate(self._names):
            x[:, place] = _column(rows, name)
        x[:, coverage] = _lists(rows, "coverage")
        x[:, uniqueness] = _lists(rows, "uniqueness")
        d = (~np.isnan(x)).astype(np.float64)
        x[:, novelty], d[:, novelty] = _lists(rows, "novel"), _lists(rows, "ngrams")
        self._ratios.add(np.where(d > 0, x, 0.0), d)
        self._longest += _at_least(_column(rows, "longest"), LENGTHS)
        self._shares += _at_least(_column(rows, "share"), SHARES)
        self._suffixes += _lists(rows, "suffixes").sum(axis=0).astype(np.int64)

    def group(self) -> Group:
        """The figures as the report has them."""
        values, bounds, outputs = (
            self._ratios.values,
            self._ratios.intervals(self._parameters.confidence),
            self._ratios.outputs,
        )
        measures = {
            name: Measured(*_rounded(values[place], *bounds[:, place]), int(outputs[place]))
            for place, name in enumerate(self._names)
            if outputs[place]
        }
        coverage, uniqueness, novelty = self._slices
        first, last = self._parameters.uniqueness_words
        curves = {
            "novelty": self._curve("n", range(1, self._parameters.novelty_tokens + 1), novelty, values, bounds),
            "tail": list(_tail("characters", "share", LENGTHS, self._longest)),
            "share_tail": list(_tail("share", "outputs", SHARES, self._shares)),
            "suffix_histogram": [
                {"tokens": tokens, "positions": positions} for tokens, positions in enumerate(self._suffixes.tolist())
            ],
            "uniqueness": self._curve("l", range(first, last + 1), uniqueness, values, bounds),
            "coverage": self._curve("threshold", self._parameters.coverage_thresholds, coverage, values, bounds),
        }
        return Group(self._name, self._total, measures, curves)

    def differences(self, other: Figures) -> Iterator[Difference]:
        """How the measures differ from those of other outputs, drawn independently."""
        number = len(self._names)
        values = self._ratios.values[:number] - other._ratios.values[:number]
        enough = (self._ratios.outputs[:number] > 1) & (other._ratios.outputs[:number] > 1)
        resampled = self._ratios.resampled[:, :number] - other._ratios.resampled[:, :number]
        bounds = intervals(np.where(enough, resampled, np.nan), self._parameters.confidence)
        for place, name in enumerate(self._names):
            if not math.isnan(values[place]):
                yield Difference(name, *_rounded(values[place], *bounds[:, place]))

    def _curve(
        self, key: str, points: Sequence[int], places: slice, values: NDArray[np.float64], bounds: NDArray[np.float64]
    ) -> list[dict[str, Any]]:
        """The points of a curve that at least one output is long enough for."""
        found = []
        for point, place in zip(points, range(places.start, places.stop), strict=True):
            if outputs := int(self._ratios.outputs[place]):
                value, low, high = _rounded(values[place], *bounds[:, place])
                found.append({key: point, "value": value, "low": low, "high": high, "outputs": outputs})
        return found


def _rounded(*values: float) -> tuple[float | None, float | None, float | None]:
    value, low, high = (None if math.isnan(each) else round(float(each), _DIGITS) for each in values)
    return value, low, high


def _column(rows: pa.Table, name: str) -> NDArray[np.float64]:
    """A column of numbers, NaN for null."""
    return np.asarray(rows[name].cast(pa.float64()).to_numpy(), np.float64)


def _lists(rows: pa.Table, name: str) -> NDArray[np.float64]:
    """A column of lists of one length, NaN for null: float64 (rows, length)."""
    flat = rows[name].combine_chunks().flatten().cast(pa.float64())
    return np.asarray(flat.to_numpy(zero_copy_only=False), np.float64).reshape(len(rows), -1)


def _at_least(values: NDArray[np.float64], points: Sequence[float]) -> NDArray[np.int64]:
    """How many values are known, and at least as large as each point: int64 (points + 1), the known ones last."""
    known = np.sort(values[~np.isnan(values)])
    return np.append(len(known) - np.searchsorted(known, points), len(known))


def _tail(key: str, share: str, points: Sequence[float], reached: NDArray[np.int64]) -> Iterator[dict[str, Any]]:
    """Share of outputs that reach each point, up to the first that none reaches."""
    known = int(reached[-1])
    for point, number in zip(points, reached[:-1].tolist(), strict=True):
        if not known:
            return
        yield {key: int(point) if key == "characters" else point, share: round(number / known, _DIGITS)}
        if not number:
            return
