"""How much one request may say."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class IngestLimits:
    """Bounds of what is read from a request; each field is the setting of the same name.

    Attributes:
        max_batch_items: spans, runs or lines of one request.
        max_nesting: levels of a value, 1 for `[1]`. What is stored is written as JSON again, whose writer ends at 254.
        max_attributes: of a span, of one of its events, of a resource; a span's events and links likewise.
        max_attribute_bytes: of one value, in UTF-8.
    """

    max_batch_items: int = 10_000
    max_nesting: int = 100
    max_attributes: int = 5_000
    max_attribute_bytes: int = 8 << 20
