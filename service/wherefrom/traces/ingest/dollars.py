"""What a call cost, as clients say it."""

from __future__ import annotations

from wherefrom.traces.model import Json

_MOST = 1e12


def dollars(value: Json) -> float | None:
    """US dollars; None where it is no amount: negative, endless, truth, a text."""
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    return float(value) if is_number and 0 <= value < _MOST else None
