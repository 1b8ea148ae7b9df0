"""Numbers and tables as Markdown."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from outcome import Figure, figure_from

_RATES = {"tokens/s": "M tokens/s", "positions/s": "M positions/s"}


def shown(figure: Figure, unit: bool = True) -> str:
    """The median, and in brackets minimum and maximum where there were several runs."""
    factor, name = _scaled(figure)
    text = number(figure.median * factor)
    if figure.runs > 1 and figure.max > figure.min:
        text += f" ({number(figure.min * factor)} - {number(figure.max * factor)})"
    return f"{text} {name}".strip() if unit else text


def number(value: float) -> str:
    """Three digits that count."""
    size = abs(value)
    if size >= 1000:
        return f"{value:,.0f}"
    if size >= 100:
        return f"{value:.0f}"
    if size >= 10:
        return f"{value:.1f}"
    if size >= 1:
        return f"{value:.2f}"
    return f"{value:.3f}" if size >= 0.01 or not size else f"{value:.2g}"


def cell(value: Any) -> str:
    """A cell of a table, read from JSON."""
    figure = value if isinstance(value, Figure) else figure_from(value)
    if figure is not None:
        return shown(figure)
    return f"{value:,}" if isinstance(value, int) else str(value)


def table(header: Sequence[str], rows: Iterable[Sequence[Any]]) -> str:
    """A table; the first column is text, the others stand to the right."""
    lines = [list(header), ["---"] + ["---:"] * (len(header) - 1), *([cell(value) for value in row] for row in rows)]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines) + "\n"


def _scaled(figure: Figure) -> tuple[float, str]:
    if figure.unit in _RATES:
        return 1e-6, _RATES[figure.unit]
    if figure.unit == "bytes":
        for least, name in ((1e12, "TB"), (1e9, "GB"), (1e6, "MB"), (1e3, "kB")):
            if figure.median >= least:
                return 1 / least, name
    return 1.0, {"x": "times", "B/token": "B", "B/document": "B"}.get(figure.unit, figure.unit)
