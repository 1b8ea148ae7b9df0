"""What a long operation tells its caller while it runs."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a stage is.

    Attributes:
        stage: "read" (documents to tokens), "sort" (suffix arrays), "copy" (compaction), "remove", "verify".
        done, total: in `unit`; total is None where it is not known.
        unit: "bytes", "documents", "tokens" or "files".
    """

    stage: str
    done: int
    total: int | None
    unit: str


Report = Callable[[Progress], None]


def silent(progress: Progress) -> None:
    """A report that nobody reads."""
