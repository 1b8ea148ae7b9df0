"""Personal data and secrets that stand in a text: typed, masked, by libraries where one is maintained."""

from wherefrom.audit.findings.detection import find_in, find_within, kinds_looked_for, masked
from wherefrom.audit.findings.finding import EMAIL, IP_ADDRESS, KINDS, PHONE, SECRET, Finding

__all__ = [
    "EMAIL",
    "IP_ADDRESS",
    "KINDS",
    "PHONE",
    "SECRET",
    "Finding",
    "find_in",
    "find_within",
    "kinds_looked_for",
    "masked",
]
