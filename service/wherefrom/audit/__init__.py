"""Audits: what of many outputs stands in the corpus, as measures with intervals, groups and a comparison set."""

from __future__ import annotations

from wherefrom.audit.auditing import audit
from wherefrom.audit.outputs import Output, OutputFields, output_of, read_outputs
from wherefrom.audit.parameters import AuditParameters
from wherefrom.audit.summary import MEASURES, AuditReport

__all__ = [
    "MEASURES",
    "AuditParameters",
    "AuditReport",
    "Output",
    "OutputFields",
    "audit",
    "output_of",
    "read_outputs",
]
