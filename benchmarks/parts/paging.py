"""Pages of 4 KiB that a cold search touches, counted."""

from __future__ import annotations

from outcome import Part
from scales import Scale


def measure(scale: Scale) -> Part:
    return Part(missing=["not counted yet"])
