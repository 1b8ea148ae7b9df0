"""Contamination: which items of a benchmark stand in the corpus, by published rules, and which documents hold them."""

from __future__ import annotations

from wherefrom.audit.contamination.contaminating import Benchmark, contamination
from wherefrom.audit.contamination.page import write_page
from wherefrom.audit.contamination.parameters import ContaminationParameters
from wherefrom.audit.contamination.summary import ContaminationReport

__all__ = ["Benchmark", "ContaminationParameters", "ContaminationReport", "contamination", "write_page"]
