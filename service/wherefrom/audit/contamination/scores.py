"""Scores of a model on all items against those on clean ones, in one pass and constant memory."""

from __future__ import annotations

import math
from dataclasses import dataclass

NORMAL_95 = 1.959963984540054
"""The 97.5th percentile of the normal distribution."""


@dataclass(slots=True)
class Moments:
    """Number, mean and sum of squared deviations of values, updated one by one (Welford 1962)."""

    number: int = 0
    mean: float = 0.0
    squares: float = 0.0

    def add(self, value: float) -> None:
        """Take a value in."""
        self.number += 1
        change = value - self.mean
        self.mean += change / self.number
        self.squares += change * (value - self.mean)

    def joined(self, other: Moments) -> Moments:
        """Those of both sets of values (Chan et al. 1979)."""
        number = self.number + other.number
        if not number:
            return Moments()
        change = other.mean - self.mean
        return Moments(
            number,
            self.mean + change * other.number / number,
            self.squares + other.squares + change * change * self.number * other.number / number,
        )

    @property
    def error(self) -> float | None:
        """Standard error of the mean; None for less than two values."""
        return math.sqrt(self.squares / (self.number - 1) / self.number) if self.number > 1 else None


@dataclass(frozen=True, slots=True)
class Estimate:
    """A mean or difference with its 95 % interval, and of how many values; None where there are too few."""

    value: float | None
    low: float | None
    high: float | None
    n: int


def mean_of(moments: Moments) -> Estimate:
    """The mean, with the normal approximation's interval."""
    return _estimate(moments.mean if moments.number else None, moments.error, moments.number)


def gain(clean: Moments, others: Moments) -> Estimate:
    """How much higher the score on all items is than that on clean ones.

    Singh et al. 2024 (arXiv 2411.03923) call it the estimated performance gain. All items are clean ones and others, so
    it is w (mean of others - mean of clean), w being the share of others; its standard error is
    w sqrt(error(others)^2 + error(clean)^2), the share taken as given.

    Returns:
        No value where one side is empty; no interval where one side has less than two scores.
    """
    number = clean.number + others.number
    if not clean.number or not others.number:
        return Estimate(None, None, None, number)
    weight = others.number / number
    value = weight * (others.mean - clean.mean)
    first, second = clean.error, others.error
    error = None if first is None or second is None else weight * math.hypot(first, second)
    return _estimate(value, error, number)


def _estimate(value: float | None, error: float | None, number: int) -> Estimate:
    if value is None or error is None:
        return Estimate(value, None, None, number)
    return Estimate(value, value - NORMAL_95 * error, value + NORMAL_95 * error, number)
