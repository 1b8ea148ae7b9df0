"""What a run and its twin have in common: LangSmith's clients in hybrid mode send each run twice.

Once it comes as a run and once as a span of OpenTelemetry, whose ids have nothing to do with the run's. Name and start
are equal, to the microsecond: the span's start went through a float.
"""

from __future__ import annotations

from hashlib import blake2b

PREFIX = "langsmith-twin-"


def twin_name(name: str, start_ns: int) -> str:
    """An alias that both have; other runs of the project, in practice, do not."""
    microseconds = (start_ns + 500) // 1000
    return PREFIX + blake2b(f"{microseconds} {name}".encode("utf-8", "replace"), digest_size=16).hexdigest()
