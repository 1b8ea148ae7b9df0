"""Bodies of `multipart/form-data`, of any size a part."""

from __future__ import annotations

from dataclasses import dataclass
from email.message import Message as Headers
from email.utils import collapse_rfc2231_value
from typing import TYPE_CHECKING

from python_multipart import MultipartParser
from python_multipart.exceptions import FormParserError

from wherefrom.errors import LimitError, MalformedError, UnsupportedMediaError

if TYPE_CHECKING:
    from python_multipart.multipart import MultipartCallbacks

_MAX_HEADER = 16 * 1024


@dataclass(frozen=True, slots=True)
class FormPart:
    """One part of a form.

    Attributes:
        content_type: as sent, without its parameters; empty where none was sent.
    """

    name: str
    content_type: str
    data: bytes


def form_parts(body: bytes, content_type: str, *, max_parts: int) -> list[FormPart]:
    """The parts of a form, in their order.

    Args:
        body: the whole of it, decompressed.
        content_type: of the request; it names the boundary.

    Raises:
        UnsupportedMediaError: it is no form.
        MalformedError: it is truncated or damaged, or a part has no name.
        LimitError: it has more parts than `max_parts`.
    """
    reader = _Reader(max_parts)
    try:
        parser = MultipartParser(_boundary(content_type), reader.callbacks(), max_header_size=_MAX_HEADER)
        parser.write(body)
        parser.finalize()
    except FormParserError as error:
        raise MalformedError(f"the form is damaged: {error}; send each part between its boundaries") from None
    if not reader.is_whole:
        raise MalformedError("the form ends before its last boundary; send all of it")
    return reader.parts


class _Reader:
    """Collects what the parser finds."""

    def __init__(self, max_parts: int) -> None:
        self.parts: list[FormPart] = []
        self.is_whole = False
        self._max_parts = max_parts
        self._field = self._value = b""
        self._headers: dict[str, str] = {}
        self._data: list[bytes] = []

    def callbacks(self) -> MultipartCallbacks:
        return {
            "on_part_begin": self._part_begin,
            "on_header_field": self._header_field,
            "on_header_value": self._header_value,
            "on_header_end": self._header_end,
            "on_part_data": self._part_data,
            "on_part_end": self._part_end,
            "on_end": self._end,
        }

    def _part_begin(self) -> None:
        if len(self.parts) >= self._max_parts:
            raise LimitError(f"the form has more than {self._max_parts} parts; send fewer runs at once")
        self._headers = {}
        self._data = []

    def _header_field(self, data: bytes, start: int, end: int) -> None:
        self._field += data[start:end]

    def _header_value(self, data: bytes, start: int, end: int) -> None:
        self._value += data[start:end]

    def _header_end(self) -> None:
        self._headers[self._field.decode("ascii", "replace").lower()] = self._value.decode("utf-8", "replace")
        self._field = self._value = b""

    def _part_data(self, data: bytes, start: int, end: int) -> None:
        self._data.append(data[start:end])

    def _part_end(self) -> None:
        name = _parameter("content-disposition", self._headers, "name")
        if not name:
            raise MalformedError(f"part {len(self.parts) + 1} of the form has no name in its Content-Disposition")
        content_type = self._headers.get("content-type", "").partition(";")[0].strip()
        self.parts.append(FormPart(name, content_type, b"".join(self._data)))

    def _end(self) -> None:
        self.is_whole = True


def _boundary(content_type: str) -> bytes:
    headers = {"content-type": content_type}
    if content_type.partition(";")[0].strip().lower() != "multipart/form-data":
        raise UnsupportedMediaError(f"the Content-Type is {content_type[:100]!r}; runs are sent as multipart/form-data")
    boundary = _parameter("content-type", headers, "boundary")
    if not boundary:
        raise MalformedError("the Content-Type multipart/form-data names no boundary; add one")
    return boundary.encode("utf-8", "replace")


def _parameter(header: str, headers: dict[str, str], name: str) -> str:
    """A parameter of a header, such as the boundary of a Content-Type."""
    parsed = Headers()
    parsed[header] = headers.get(header, "").replace("\r", " ").replace("\n", " ")
    found = parsed.get_param(name, header=header)
    return collapse_rfc2231_value(found) if found else ""
