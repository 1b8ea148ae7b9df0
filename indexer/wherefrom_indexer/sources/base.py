"""What every source is: something that yields documents one after another, and tells how far it got."""

from __future__ import annotations

import hashlib
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Mapping
from dataclasses import astuple, dataclass
from pathlib import Path
from typing import Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray

from wherefrom_indexer.errors import SourceError, UsageError
from wherefrom_indexer.sources.values import count_lone_surrogates, json_value, shorten
from wherefrom_indexer.tokenization import clean_text

OnError = Literal["error", "skip"]

FORMATS = ("jsonl", "parquet", "arrow", "text", "megatron", "tokens", "dataset", "hub")
"""What `SourceOptions.format` may name; None lets the names and first bytes of the files tell."""

LISTED_SKIPS = 1_000
"""So many skipped records are kept with their reason; the others are only counted."""


class RecordError(SourceError):
    """One record that cannot be indexed; with `on_error="skip"` the others go on."""


@dataclass(frozen=True, slots=True)
class Document:
    """One training example. `location` says where it stands, such as "corpus.jsonl:12"."""

    id: str
    text: str
    metadata: dict[str, object]
    location: str


@dataclass(frozen=True, slots=True, eq=False)
class TokenizedDocument:
    """One training example of a tokenized corpus; `tokens` are original ids (uint32), end-of-document left out."""

    id: str
    tokens: NDArray[np.uint32]
    metadata: dict[str, object]
    location: str


@dataclass(frozen=True, slots=True)
class Skipped:
    """A record that was passed over, and why."""

    location: str
    reason: str


SkipReport = Callable[[Skipped], None]


@dataclass(frozen=True, slots=True)
class SourceOptions:
    """How a source is read.

    Attributes:
        text_field: the field that holds a document's text.
        id_field: the field that holds its id; without, ids are `<source name>:<ordinal>`.
        on_error: "error" stops at a record that cannot be read, "skip" counts and lists it.
        format: one of `FORMATS`; None lets the files tell.
        end_of_document: the original token id that ends documents in tokenized corpora.
        token_dtype: the integer type of token files without a header, such as "uint16".
        split: the split of a dataset; None reads all, one after another.
    """

    text_field: str = "text"
    id_field: str | None = None
    on_error: OnError = "error"
    format: str | None = None
    end_of_document: int | None = None
    token_dtype: str | None = None
    split: str | None = None

    def __post_init__(self) -> None:
        if self.format is not None and self.format not in FORMATS:
            raise UsageError(f"There is no source format {self.format!r}: give one of {', '.join(FORMATS)}")
        if self.on_error not in ("error", "skip"):
            raise UsageError(f'on_error is {self.on_error!r}: give "error" or "skip"')


class Source(ABC):
    """A corpus that is read from its beginning to its end.

    Attributes:
        name: what ids begin with where there is no id field; `open_sources` makes names distinct.
        options: how it is read.
        total_bytes: size on disk (compressed where it is), None where it is not known.
        skipped: the first `LISTED_SKIPS` records that were passed over.
        skipped_count: how many records were passed over.
        replaced_surrogates: how many lone surrogates of texts and ids became U+FFFD.
    """

    def __init__(self, name: str, options: SourceOptions) -> None:
        self.name = name
        self.options = options
        self.total_bytes: int | None = None
        self.skipped: list[Skipped] = []
        self.skipped_count = 0
        self.replaced_surrogates = 0
        self._on_skip: SkipReport | None = None

    @property
    def bytes_read(self) -> int:
        """How far `documents` got, in the measure of `total_bytes`."""
        return 0

    @abstractmethod
    def fingerprint(self) -> str:
        """Return a digest that changes when what is read or how it is read changes."""

    def documents(self, skip: int = 0, on_skip: SkipReport | None = None) -> Iterator[Document | TokenizedDocument]:
        """Yield the documents in their order, without the first `skip` of them; `on_skip` is told what is passed over.

        Raises:
            SourceError: the source cannot be read, holds no document, or, with `on_error="error"`, one that cannot be
                indexed; the message names the place.
        """
        self.skipped, self.skipped_count, self.replaced_surrogates = [], 0, 0
        self._on_skip = on_skip
        yielded = 0
        for document in self._documents(skip):
            yielded += 1
            yield document
        if yielded == skip == 0:
            skipped = f"; all {self.skipped_count:,} records were skipped" if self.skipped_count else ""
            raise SourceError(f"{self.name} holds no documents{skipped}")

    @abstractmethod
    def _documents(self, skip: int) -> Iterator[Document | TokenizedDocument]:
        """Yield the documents, without the first `skip`."""

    def _refuse(self, location: str, error: RecordError) -> None:
        if self.options.on_error == "error":
            raise SourceError(f"{location}: {error}") from error
        skipped = Skipped(location, str(error))
        self.skipped_count += 1
        if len(self.skipped) < LISTED_SKIPS:
            self.skipped.append(skipped)
        if self._on_skip is not None:
            self._on_skip(skipped)

    def _digest(self, *parts: object) -> str:
        return hashlib.blake2b(repr((parts, astuple(self.options))).encode(), digest_size=16).hexdigest()


class Row(NamedTuple):
    """A record as it comes: where it stands, and its fields or, unparsed, what `RecordSource._fields` makes them of."""

    location: str
    content: object


class Record(NamedTuple):
    """A record as it was read: its number from 0, where it stands, and all its fields."""

    ordinal: int
    location: str
    fields: Mapping[str, object]


class RecordSource(Source):
    """A source of records with named fields, one of which is the text."""

    @abstractmethod
    def _rows(self, skip: int) -> Iterator[Row]:
        """Yield the records, without the first `skip`."""

    def _fields(self, content: object) -> Mapping[str, object]:
        """Return the fields of a row; raises RecordError where they cannot be read."""
        assert isinstance(content, Mapping)
        return content

    def records(self, on_skip: SkipReport | None = None) -> Iterator[Record]:
        """Yield all fields of the records in their order, whether they hold a document or not.

        Raises:
            SourceError: the source cannot be read, or, with `on_error="error"`, a record cannot.
        """
        self.skipped, self.skipped_count = [], 0
        self._on_skip = on_skip
        for ordinal, row in enumerate(self._rows(0)):
            try:
                fields = self._fields(row.content)
            except RecordError as error:
                self._refuse(row.location, error)
                continue
            yield Record(ordinal, row.location, fields)

    def _documents(self, skip: int) -> Iterator[Document | TokenizedDocument]:
        # Where nothing can be skipped, every record is a document, and the first ones need not be parsed.
        unparsed = skip if self.options.on_error == "error" else 0
        passed = unparsed
        for ordinal, row in enumerate(self._rows(unparsed), start=unparsed):
            try:
                document = self._document(ordinal, row)
            except RecordError as error:
                self._refuse(row.location, error)
                continue
            if passed < skip:
                passed += 1
            else:
                yield document

    def _document(self, ordinal: int, row: Row) -> Document:
        fields = self._fields(row.content)
        text_field, id_field = self.options.text_field, self.options.id_field
        text = self._cleaned(_text(fields, text_field))
        document_id = f"{self.name}:{ordinal}" if id_field is None else self._cleaned(_id(fields, id_field))
        try:
            metadata = {
                clean_text(str(key)): json_value(value)
                for key, value in fields.items()
                if key != text_field and key != id_field
            }
        except RecursionError as error:
            raise RecordError("its fields are nested too deeply") from error
        return Document(document_id, text, metadata, row.location)

    def _cleaned(self, text: str) -> str:
        if text.isascii():
            return text
        cleaned = clean_text(text)
        if cleaned is not text and cleaned != text:
            self.replaced_surrogates += count_lone_surrogates(text)
        return cleaned


def file_state(path: Path) -> tuple[str, int, int]:
    """Return what a file's fingerprint is made of.

    Raises:
        SourceError: the file is not there.
    """
    try:
        status = path.stat()
    except OSError as error:
        raise unreadable(path, error) from error
    return str(path), status.st_size, status.st_mtime_ns


def unreadable(path: Path | str, error: Exception) -> SourceError:
    """Return the error for a file that the system or a library refuses to read."""
    reason = error.strerror if isinstance(error, OSError) and error.strerror else str(error) or repr(error)
    return SourceError(f"{path} cannot be read: {shorten(reason)}")


def _text(fields: Mapping[str, object], name: str) -> str:
    text = fields.get(name)
    if isinstance(text, str):
        return text
    if name not in fields:
        have = shorten(", ".join(map(str, fields)) or "none")
        raise RecordError(f"there is no text field {name!r}; the fields are: {have}")
    if isinstance(text, bytes):
        try:
            return text.decode("utf-8")
        except UnicodeDecodeError as error:
            raise RecordError(f"the text field {name!r} is not UTF-8 (byte {error.start + 1})") from error
    raise RecordError(f"the text field {name!r} is {_kind(text)}, not a string")


def _id(fields: Mapping[str, object], name: str) -> str:
    value = fields.get(name)
    if value and isinstance(value, str):
        return value
    if name not in fields:
        raise RecordError(
            f"there is no id field {name!r}; the fields are: {shorten(', '.join(map(str, fields)) or 'none')}"
        )
    if isinstance(value, bool) or not isinstance(value, str | int | np.integer):
        raise RecordError(f"the id field {name!r} is {_kind(value)}, not a string or whole number")
    if value == "":
        raise RecordError(f"the id field {name!r} is empty")
    return str(value)


def _kind(value: object) -> str:
    return "null" if value is None else f"of type {type(value).__name__}"
