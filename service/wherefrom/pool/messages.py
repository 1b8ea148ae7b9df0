"""What goes between the service and its search processes, over a socket: lengths, and pickles of these values.

Both ends are the same program of the same user, so that pickles can be trusted.
"""

from __future__ import annotations

import pickle
import struct
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from wherefrom_indexer.errors import WherefromError

if TYPE_CHECKING:  # a process that is not asked for anything yet loads nothing yet
    from wherefrom.pool.jobs import Job

HEADER = struct.Struct("!Q")


@dataclass(frozen=True, slots=True)
class Work:
    """Do this job on these openings (numbers, and the rest pickled)."""

    job: Job
    openings: tuple[tuple[int, bytes], ...]


@dataclass(frozen=True, slots=True)
class Prepare:
    """Open these, the current versions, and warm up; let go of others in time."""

    openings: tuple[tuple[int, bytes], ...]


@dataclass(frozen=True, slots=True)
class Done:
    """The answer to a job."""

    body: bytes


@dataclass(frozen=True, slots=True)
class Failed:
    """A job's own error."""

    error: WherefromError


@dataclass(frozen=True, slots=True)
class Prepared:
    """What could not be opened, by number."""

    failures: Mapping[int, WherefromError]


def pack(message: Any) -> bytes:
    """A message as it is sent."""
    data = pickle.dumps(message, pickle.HIGHEST_PROTOCOL)
    return HEADER.pack(len(data)) + data


class Unpacker:
    """Puts messages together from what arrives."""

    def __init__(self) -> None:
        """Nothing has arrived."""
        self._data = bytearray()

    def feed(self, data: bytes) -> Any | None:
        """Take what arrived; the message that is whole now, if there is one. Each end sends one at a time."""
        self._data += data
        if len(self._data) < HEADER.size:
            return None
        (length,) = HEADER.unpack_from(self._data)
        if len(self._data) < HEADER.size + length:
            return None
        message = pickle.loads(memoryview(self._data)[HEADER.size : HEADER.size + length])
        self._data = self._data[HEADER.size + length :]
        return message
