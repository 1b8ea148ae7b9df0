"""The files of a report: its page, and its plots as SVG and PNG."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

from wherefrom.audit.report.drawing import draw
from wherefrom.audit.report.plots import Plot
from wherefrom.audit.report.rasters import can_rasterise, rasterise
from wherefrom_indexer.errors import StorageError

PAGE = "index.html"
PLOTS = "plots"
NO_RASTERS = 'Plots were written as SVG only: for PNG, pip install "wherefrom[audit]".'


def write_report(folder: Path, page: str, plots: Sequence[Plot]) -> bool:
    """Write the page as index.html and each plot as plots/NAME.svg and plots/NAME.png.

    Plots of an earlier report in the same folder are removed, so that none stands beside a page that does not show it.

    Args:
        folder: of the report; it is made if it is not there.
        page: what `render_page` returned.
        plots: their names must differ.

    Returns:
        Whether the PNG files were written: they need matplotlib (`NO_RASTERS` says so).

    Raises:
        StorageError: a file cannot be written.
    """
    rasters = can_rasterise()
    try:
        (folder / PLOTS).mkdir(parents=True, exist_ok=True)
        for plot in plots:
            _write(folder / PLOTS / f"{plot.name}.svg", f"{draw(plot)}\n".encode())
            if rasters:
                _write(folder / PLOTS / f"{plot.name}.png", rasterise(plot))
        kept = {f"{plot.name}{ending}" for plot in plots for ending in ((".svg", ".png") if rasters else (".svg",))}
        for path in (folder / PLOTS).iterdir():
            if path.suffix in (".svg", ".png") and path.name not in kept:
                path.unlink()
        _write(folder / PAGE, page.encode("utf-8"))
    except OSError as error:
        raise StorageError(f"Cannot write the report in {folder}: {error.strerror or error}.") from error
    return rasters


def _write(path: Path, content: bytes) -> None:
    """Puts a file in its place whole."""
    partial = path.with_name(f".{path.name}.{os.getpid()}.part")
    partial.write_bytes(content)
    partial.replace(path)
