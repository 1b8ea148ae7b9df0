"""Events of an answer that comes as `text/event-stream`, taken from its pieces as they came."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

_LINE_END = re.compile(rb"\r\n|\n|\r")


@dataclass(frozen=True, slots=True)
class StreamEvent:
    """One event.

    Attributes:
        data: its lines of data, joined.
        time_ns: when the piece that ended it came.
    """

    data: bytes
    time_ns: int


def stream_events(pieces: Iterable[tuple[int, bytes]]) -> Iterator[StreamEvent]:
    """The events of a stream; what stands after the last empty line is no event, as the standard has it.

    Args:
        pieces: when each came, and its bytes; they may break anywhere.
    """
    rest, data = (
        list[bytes](),
        list[bytes](),
    )  # rest: the line that is not whole yet; one may come in thousands of pieces
    for time_ns, piece in pieces:
        may_end = bool(rest) and rest[-1].endswith(b"\r")
        rest.append(piece)
        if not may_end and not _LINE_END.search(piece):
            continue
        held = b"".join(rest)
        # A line that ends in a carriage return may go on with the line feed that belongs to it.
        whole = len(held) - 1 if held.endswith(b"\r") else len(held)
        lines = _LINE_END.split(held[:whole])
        rest = [left] if (left := lines.pop() + held[whole:]) else []
        for line in lines:
            if line.startswith(b"data:"):
                data.append(line[5:].removeprefix(b" "))
            elif not line and data:
                yield StreamEvent(b"\n".join(data), time_ns)
                data = []
