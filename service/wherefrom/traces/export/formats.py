"""The forms that traces are exported in. Their writers are imported when needed: pyarrow takes its time."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from importlib import import_module

from wherefrom.traces.export.stored import StoredTrace


class Format(StrEnum):
    """A form of files."""

    OTLP = "otlp"
    PARQUET = "parquet"


@dataclass(frozen=True, slots=True)
class FormatInfo:
    """How a form is written and called.

    Attributes:
        module, function: what writes it.
    """

    media_type: str
    suffix: str
    module: str
    function: str

    def pieces(self) -> Callable[[Iterable[StoredTrace]], Iterator[bytes]]:
        """Returns what writes it: from traces to pieces of a file."""
        found: Callable[[Iterable[StoredTrace]], Iterator[bytes]] = getattr(import_module(self.module), self.function)
        return found


FORMATS = {
    Format.OTLP: FormatInfo("application/x-ndjson", "otlp.jsonl", "wherefrom.traces.export.otlp", "otlp_lines"),
    Format.PARQUET: FormatInfo(
        "application/vnd.apache.parquet", "parquet", "wherefrom.traces.export.parquet", "parquet_pieces"
    ),
}
