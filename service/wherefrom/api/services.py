"""The parts that requests are answered with: opened when the service starts, closed when it stops."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from wherefrom.api.settings import Settings


@dataclass(frozen=True, slots=True)
class Services:
    """Everything a router may use.

    Attributes:
        stopping: set when the service was asked to stop; streams that would go on for ever end then.
    """

    settings: Settings
    store: Any = None
    registry: Any = None
    pool: Any = None
    stopping: threading.Event = field(default_factory=threading.Event)


@contextmanager
def opened(settings: Settings) -> Iterator[Services]:
    """Opens the parts and closes them in the opposite order."""
    yield Services(settings)
