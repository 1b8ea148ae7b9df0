"""MessagePack of strangers, as Datadog's tracer writes it: bytes to values that can be stored, within limits.

Read here because libraries bound the length of one array and not of all together: a body of empty arrays, a byte each,
would take sixty times its size in memory.
"""

from __future__ import annotations

import math
import struct
from typing import Any

from wherefrom.errors import LimitError, MalformedError
from wherefrom.traces.model import Json

_FIXED = {
    0xCA: struct.Struct(">f"),
    0xCB: struct.Struct(">d"),
    0xCC: struct.Struct(">B"),
    0xCD: struct.Struct(">H"),
    0xCE: struct.Struct(">I"),
    0xCF: struct.Struct(">Q"),
    0xD0: struct.Struct(">b"),
    0xD1: struct.Struct(">h"),
    0xD2: struct.Struct(">i"),
    0xD3: struct.Struct(">q"),
}
_CONSTANTS = {0xC0: None, 0xC2: False, 0xC3: True}
_BINARY = {0xC4: 1, 0xC5: 2, 0xC6: 4}
_TEXT = {0xD9: 1, 0xDA: 2, 0xDB: 4}
_ARRAY = {0xDC: 2, 0xDD: 4}
_MAP = {0xDE: 2, 0xDF: 4}
_EXTENSION = {0xC7: 1, 0xC8: 2, 0xC9: 4}
_FIXED_EXTENSION = {0xD4: 1, 0xD5: 2, 0xD6: 4, 0xD7: 8, 0xD8: 16}


def parse_msgpack(data: bytes, *, nesting: int, what: str = "The body") -> Json | bytes:
    """The value that a message holds: as JSON would, but that binaries are bytes; extensions are None.

    Args:
        nesting: levels allowed.

    Raises:
        MalformedError: not one whole value of MessagePack.
        LimitError: deeper than `nesting`, or of far more values than its bytes are worth.
    """
    reader = _Reader(data, nesting, what)
    value = reader.value(1)
    if reader.at != len(data):
        raise MalformedError(f"{what} is not MessagePack: something follows its value.")
    return value


class _Reader:
    """A place in a message."""

    def __init__(self, data: bytes, nesting: int, what: str) -> None:
        self.at = 0
        self._data = data
        self._nesting = nesting
        self._what = what
        self._left = (1 << 20) + len(data) // 8

    def value(self, level: int) -> Any:
        """The value that begins here."""
        kind = self._bytes(1)[0]
        if kind < 0x80:
            return kind
        if kind >= 0xE0:
            return kind - 0x100
        if kind < 0x90:
            return self._map(kind & 0x0F, level)
        if kind < 0xA0:
            return self._array(kind & 0x0F, level)
        if kind < 0xC0:
            return self._text(kind & 0x1F)
        if kind in _TEXT:
            return self._text(self._number(_TEXT[kind]))
        if kind in _FIXED:
            return self._fixed(_FIXED[kind])
        return self._other(kind, level)

    def _other(self, kind: int, level: int) -> Any:
        if kind in _CONSTANTS:
            return _CONSTANTS[kind]
        if kind in _BINARY:
            return self._bytes(self._number(_BINARY[kind]))
        if kind in _ARRAY:
            return self._array(self._number(_ARRAY[kind]), level)
        if kind in _MAP:
            return self._map(self._number(_MAP[kind]), level)
        if kind in _EXTENSION or kind in _FIXED_EXTENSION:
            size = self._number(_EXTENSION[kind]) if kind in _EXTENSION else _FIXED_EXTENSION[kind]
            self._bytes(1 + size)
            return None
        raise MalformedError(f"{self._what} is not MessagePack: it holds the byte 0x{kind:02x} where a value begins.")

    def _array(self, count: int, level: int) -> list[Any]:
        self._enter(count, level)
        return [self.value(level + 1) for _ in range(count)]

    def _map(self, count: int, level: int) -> dict[str, Any]:
        self._enter(2 * count, level)
        found = {}
        for _ in range(count):
            key = self.value(level + 1)
            found[key if isinstance(key, str) else str(key)] = self.value(level + 1)
        return found

    def _enter(self, values: int, level: int) -> None:
        if level > self._nesting:
            raise LimitError(f"{self._what} is nested more than {self._nesting} levels deep (max_nesting).")
        if values > len(self._data) - self.at:  # each takes a byte at least
            raise self._ends()
        self._left -= values
        if self._left < 0:
            raise LimitError(f"{self._what} holds too many values; send less at once.")

    def _text(self, size: int) -> str:
        return self._bytes(size).decode("utf-8", "replace")

    def _fixed(self, form: struct.Struct) -> int | float | None:
        number = form.unpack(self._bytes(form.size))[0]
        return number if isinstance(number, int) or math.isfinite(number) else None

    def _number(self, size: int) -> int:
        return int.from_bytes(self._bytes(size), "big")

    def _bytes(self, size: int) -> bytes:
        end = self.at + size
        if end > len(self._data):
            raise self._ends()
        found = self._data[self.at : end]
        self.at = end
        return found

    def _ends(self) -> MalformedError:
        return MalformedError(f"{self._what} is not whole: its MessagePack ends too early.")
