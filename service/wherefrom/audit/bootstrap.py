"""Bootstrap intervals over outputs (Efron 1979, the percentile method), from one reading of the outputs in order.

A resample draws as many outputs as there are, with replacement. How many of its draws fall into the next m of the N
outputs that are left is binomial (draws left, m / N), and these are uniform among them: so the same distribution as of
drawing from all at once follows without holding them.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray


class Resampling:
    """How often each output is drawn in each resample, told for some outputs after the other."""

    def __init__(self, total: int, resamples: int, seed: list[int]) -> None:
        """Begin to resample `total` outputs; the same seed draws the same."""
        self._chance = np.random.default_rng(seed)
        self._left = total
        self._draws = np.full(resamples, total, np.int64)

    def weights(self, number: int) -> NDArray[np.float64]:
        """How often the next `number` outputs are drawn: float64 (resamples, number), whole numbers."""
        resamples = len(self._draws)
        if not number:
            return np.zeros((resamples, 0))
        drawn = self._chance.binomial(self._draws, number / self._left) if number < self._left else self._draws
        self._draws = self._draws - drawn
        self._left -= number
        places = self._chance.integers(0, number, int(drawn.sum())) + np.repeat(np.arange(resamples) * number, drawn)
        return np.bincount(places, minlength=resamples * number).reshape(resamples, number).astype(np.float64)


class Ratios:
    """Sums of several figures over outputs, and over resamples of them: sum of x / sum of its weight d."""

    def __init__(self, figures: int, total: int, resamples: int, seed: list[int]) -> None:
        """Begin with none of `total` outputs; fewer than two have no interval."""
        self._resampling = Resampling(total, resamples, seed) if total > 1 else None
        self._sums = np.zeros((2, figures))
        self._resampled = np.zeros((2, resamples, figures))
        self.outputs = np.zeros(figures, np.int64)

    def add(self, x: NDArray[np.float64], d: NDArray[np.float64]) -> None:
        """Add outputs: x and d are float64 (outputs, figures); d is 0 where an output says nothing of a figure."""
        self._sums += [x.sum(axis=0), d.sum(axis=0)]
        self.outputs += (d > 0).sum(axis=0)
        if self._resampling is not None:
            weights = self._resampling.weights(len(x))
            self._resampled[0] += weights @ x
            self._resampled[1] += weights @ d

    @property
    def values(self) -> NDArray[np.float64]:
        """The ratios: float64 (figures); NaN where nothing was added."""
        return _divided(self._sums[0], self._sums[1])

    @property
    def resampled(self) -> NDArray[np.float64]:
        """The ratios of each resample: float64 (resamples, figures); NaN where it drew nothing."""
        return _divided(self._resampled[0], self._resampled[1])

    def intervals(self, confidence: float) -> NDArray[np.float64]:
        """The percentile intervals: float64 (2, figures); NaN where fewer than two outputs say anything."""
        return intervals(np.where(self.outputs > 1, self.resampled, np.nan), confidence)


def intervals(resampled: NDArray[np.float64], confidence: float) -> NDArray[np.float64]:
    """The quantiles (1 -+ confidence) / 2 of each column, NaN left out: float64 (2, columns)."""
    low_high = np.full((2, resampled.shape[1]), np.nan)
    known = ~np.isnan(resampled).all(axis=0)
    quantiles = [(1 - confidence) / 2, (1 + confidence) / 2]
    if known.any():
        low_high[:, known] = np.nanquantile(resampled[:, known], quantiles, axis=0)
    return low_high


def _divided(x: NDArray[np.float64], d: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.divide(x, d, out=np.full_like(x, np.nan), where=d > 0)
