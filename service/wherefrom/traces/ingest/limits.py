"""How much one request may say."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class IngestLimits:
    """Bounds of what is read from a request; each field is the setting of the same name.

    Attributes:
        max_spans: in one request.
        max_nesting: levels of a value, 1 for `[1]`. What is stored is written as JSON again, whose writer ends at 254.
        max_attributes: of one span, one event, one resource.
        max_attribute_bytes: of one value, in UTF-8.
        max_events: of one span; links likewise.
    """

    max_spans: int = 10_000
    max_nesting: int = 100
    max_attributes: int = 10_000
    max_attribute_bytes: int = 8 << 20
    max_events: int = 10_000
