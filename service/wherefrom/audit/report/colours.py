"""Colours of plots on paper. The page's style sheet has the same, and others for a dark screen."""

from __future__ import annotations

PAPER = "#ffffff"
INK = "#22252b"
SOFT = "#5f6570"
LINE = "#dcd7cb"
SERIES = ("#1f4e8c", "#b06d00", "#2f7a45", "#b3386b", "#6b4fc0", "#0f7780")
DASHES = ("", "7 3", "2 3", "9 3 2 3", "5 2", "1 2")
"""Beside its colour each curve has a dash of its own, so that none is known by colour alone."""

MUTED = "#767c88"
MUTED_DASH = "4 3"
PARTS = ("#8fb8a0", "#e0b84f", "#b3386b", "#6b4fc0")
"""Parts of a whole, from the harmless to the grave."""


def series_colour(number: int, *, muted: bool) -> str:
    """The colour of the series of a number; those that are muted have their own."""
    return MUTED if muted else SERIES[number % len(SERIES)]


def series_dash(number: int, *, muted: bool) -> str:
    """Lengths of dashes and gaps; empty: an unbroken line."""
    return MUTED_DASH if muted else DASHES[number % len(DASHES)]


def series_class(number: int, *, muted: bool) -> str:
    """The class by which the style sheet knows it."""
    return "p-muted" if muted else f"p-{number % len(SERIES)}"
