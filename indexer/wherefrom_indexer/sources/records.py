"""Records in memory: an iterable of dicts or strings, or a dataset object of `datasets`."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Iterator, Mapping

from wherefrom_indexer.errors import SourceError
from wherefrom_indexer.sources.base import RecordError, RecordSource, Row, SourceOptions


class IterableSource(RecordSource):
    """Any iterable of mappings or strings; an iterator can be read once, everything else as often as needed."""

    def __init__(self, name: str, options: SourceOptions, records: Iterable[object]) -> None:
        super().__init__(name, options)
        self._records = records
        self._is_iterator = isinstance(records, Iterator)
        self._consumed = False
        # Two objects cannot be told to be equal without reading both: an unknown one is like no other.
        self._identity = str(getattr(records, "_fingerprint", None) or uuid.uuid4())

    def fingerprint(self) -> str:
        """Return a digest: that of a dataset object follows its content, that of other iterables is new every time."""
        return self._digest(self._identity)

    def _rows(self, skip: int) -> Iterator[Row]:
        if self._is_iterator and self._consumed:
            raise SourceError(f"{self.name} is an iterator and was read already: give a list, or a file")
        self._consumed = True
        for number, record in enumerate(self._records):
            if number >= skip:
                yield Row(f"{self.name}:record {number}", record)

    def _fields(self, content: object) -> Mapping[str, object]:
        if isinstance(content, str):
            return {self.options.text_field: content}
        if not isinstance(content, Mapping):
            raise RecordError(f"a mapping or a string is expected, not a {type(content).__name__}")
        return content
