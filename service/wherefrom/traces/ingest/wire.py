"""Protobuf's wire format, walked before anything is decoded: two bytes may decode to two hundred.

An empty message takes two bytes on the wire and a hundred or so in memory, so a small body can hold more of them than
there is memory for.
"""

from __future__ import annotations

import functools
from collections.abc import Iterator
from itertools import islice
from typing import Any

from wherefrom.errors import LimitError
from wherefrom.traces.ingest.limits import IngestLimits

_SMALL = 4 << 20  # bytes: of a body below, what is not an item takes little memory whatever it holds
_MESSAGES_OF_AN_ITEM = 200  # on average; an attribute is two

_Path = tuple[int, ...]
_Schema = dict[int, Any]


def check_request(body: bytes, path: _Path, descriptor: Any, limits: IngestLimits) -> None:
    """Refuse a body that would decode to far more than it is.

    Args:
        path: numbers of the nested fields that end at the items: groups of groups of spans.
        descriptor: of the message that the body holds.

    Raises:
        LimitError: more items, or groups of them, than `max_batch_items`, or far more messages within.
    """
    most = limits.max_batch_items
    level = [(0, len(body))]
    for number in path:
        found = ((inner, at, to) for start, end in level for inner, at, to in _messages(body, start, end))
        level = [(at, to) for inner, at, to in islice((one for one in found if one[0] == number), most + 1)]
        if len(level) > most:
            raise LimitError(
                f"The request holds more than {most} items; send fewer at once (max_batch_items sets the limit)."
            )
    within = most * _MESSAGES_OF_AN_ITEM
    if len(body) > _SMALL and _exceeds(body, _schema(descriptor), within):
        raise LimitError(f"The request holds more than {within} values; send fewer spans or attributes at once.")


def _exceeds(body: bytes, schema: _Schema, most: int) -> bool:
    """Whether a body holds more messages than that, at all levels.

    One loop over all levels: this is the only walk through bodies of megabytes, and calls would take most of its time.
    """
    count = position = 0
    end = len(body)
    outer: list[tuple[int, _Schema]] = []
    while True:
        if position >= end:
            if not outer:
                return False
            position = end
            end, schema = outer.pop()
            continue
        key = body[position]
        position += 1
        if key > 0x7F:
            key, position = _varint(body, position - 1, end)
        kind = key & 7
        if kind == 2:
            size = body[position] if position < end else 0
            position += 1
            if size > 0x7F:
                size, position = _varint(body, position - 1, end)
            inner = schema.get(key >> 3)
            if inner is None:
                position += size
                continue
            count += 1
            if count > most:
                return True
            if size > 1:
                outer.append((end, schema))
                end, schema = min(end, position + size), inner
            else:
                position += size
        else:
            position = _skipped(body, position, end, kind)


def _skipped(body: bytes, position: int, end: int, kind: int) -> int:
    """Where a field ends that is not of bytes; at the end of the message where it is none."""
    if kind == 0:
        return _varint(body, position, end)[1]
    if kind in (1, 5):
        return position + (8 if kind == 1 else 4)
    return position if kind in (3, 4) else end  # groups, which no message of ours has


@functools.cache
def _schema(descriptor: Any) -> _Schema:
    """The fields of a message that are messages, by number, with their own."""
    known: dict[str, _Schema] = {}

    def of(message: Any) -> _Schema:
        if message.full_name not in known:
            known[message.full_name] = found = {}
            found.update({field.number: of(field.message_type) for field in message.fields if field.message_type})
        return known[message.full_name]

    return of(descriptor)


def _messages(body: bytes, start: int, end: int) -> Iterator[tuple[int, int, int]]:
    """Number, start and end of each field of bytes; ends early where they are malformed, which the decoder tells."""
    position = start
    while position < end:
        key, position = _varint(body, position, end)
        if key & 7 == 2:
            size, position = _varint(body, position, end)
            if position + size > end:
                return
            yield key >> 3, position, position + size
            position += size
        else:
            position = _skipped(body, position, end, key & 7)


def _varint(body: bytes, position: int, end: int) -> tuple[int, int]:
    """A number and where it ends."""
    if position < end and body[position] < 0x80:
        return body[position], position + 1
    number = shift = 0
    while position < end and shift < 70:
        byte = body[position]
        position += 1
        number |= (byte & 0x7F) << shift
        if byte < 0x80:
            break
        shift += 7
    return number, position
