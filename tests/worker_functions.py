"""What processes are told to do in tests; they import it, so it stands in a module of its own."""

from __future__ import annotations

import os

from wherefrom import Tracer
from wherefrom_indexer.errors import UsageError


def count(tracer: Tracer, text: str) -> tuple[int, int]:
    """How often a text stands, and by whom it was counted."""
    return tracer.count(text).count, os.getpid()


def fail_at(tracer: Tracer, text: str) -> str:
    """Fails in one of two ways, or not at all."""
    if text == "die":
        os._exit(3)
    if text == "err":
        raise UsageError("an error of its own")
    return text
