"""An audit from its outputs to its report."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from wherefrom.audit.outputs import Output
from wherefrom.audit.parameters import AuditParameters
from wherefrom.audit.summary import AuditReport
from wherefrom.tracer import Tracer
from wherefrom_indexer.progress import Report, silent


def audit(
    tracer: Tracer,
    outputs: Iterable[Output],
    parameters: AuditParameters,
    folder: Path,
    baseline: Iterable[Output] | None = None,
    processes: int = 1,
    progress: Report = silent,
    command: str = "",
) -> AuditReport:
    """Measure outputs and write generations.parquet, spans.parquet and report.json into a folder."""
    raise NotImplementedError
