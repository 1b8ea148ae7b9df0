"""Extraction: which training sequences a model gives back when it is prompted with what stands before them."""

from __future__ import annotations

from wherefrom.audit.extraction.extracting import ExtractionReport, Subject, extract
from wherefrom.audit.extraction.page import write_page
from wherefrom.audit.extraction.parameters import ExtractionParameters

__all__ = ["ExtractionParameters", "ExtractionReport", "Subject", "extract", "write_page"]
