"""One immutable segment of an index, opened read-only.

Opening checks headers, sizes and the small tables' checksums. Nothing else in the files is believed: each stored
position, ordinal, token and offset is bounded before it is used, so that damage which only `verify` can see ends in an
`IndexDamagedError` and never in a crash.
"""

from __future__ import annotations

import hashlib
from bisect import bisect_left, bisect_right
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from wherefrom_indexer.array_file import open_array, read_array
from wherefrom_indexer.errors import IndexDamagedError
from wherefrom_indexer.index_tokenizer import IndexTokenizer
from wherefrom_indexer.manifest import SEGMENT_FILES, SegmentEntry
from wherefrom_indexer.records import Record, RecordTable
from wherefrom_indexer.removal import Removal
from wherefrom_indexer.segment_kernels import CHARACTER_STEP, characters_between
from wherefrom_indexer.top_level import key_count, leader_count, token_codes

SMALL_FILE_BYTES = 64 * 1024
"""Files up to this size have their checksum compared when an index is opened; so has frequencies.bin, of any size,
which the vocabulary bounds."""

_RANDOM = frozenset({"exact/tokens.bin", "exact/suffixes.bin", "exact/top.bin", "records.bin", "hashes.bin"})


def id_hash(identifier: str) -> int:
    """blake2b-64 of an id as UTF-8 (lone surrogates as if they were characters), read as a little-endian number."""
    data = identifier.encode("utf-8", "surrogatepass")
    return int.from_bytes(hashlib.blake2b(data, digest_size=8).digest(), "little")


def content_hash(text: bytes) -> bytes:
    """blake2b-128 of a document's text as UTF-8."""
    return hashlib.blake2b(text, digest_size=16).digest()


class Segment:
    """A segment, memory-mapped and read-only.

    Attributes:
        name, folder, entry: what the manifest calls it, where it lies, what the manifest says.
        n_documents, n_tokens, n_positions: counts, removed documents included; positions = tokens + separators.
        tokens: uint16 or uint32 (n_positions), stored tokens: new id + 1, or 0 for the separator ending each document.
        suffixes: uint32 (n_tokens), positions of all suffixes that do not begin with a separator, in suffix order.
        leaders, keys: uint64, the top level, see `top_level`: every 64th key, and all of them.
        starts: uint64 (n_documents + 1), first position of each document; the last is n_positions.
        frequencies: uint64 (3, n), rows: stored token, its occurrences, its documents; removed documents included.
        characters: uint32, see `characters_before`.
        hashes: uint64 (n_documents, 2), blake2b-128 of each document's text.
        hash_order: uint32 (n_documents), ordinals in the order of their hash (first word, then second), then ordinal.
        id_hashes, id_ordinals: uint64 and uint32 (n_documents), `id_hash` of every document's id, ascending, and whose.
        stored_texts: uint32, ordinals whose text stands in the record, ascending.
        removal: what is removed, or None.
    """

    def __init__(self, folder: Path, entry: SegmentEntry, tokenizer: IndexTokenizer) -> None:
        """Open; FileNotFoundError passes through, everything else that is wrong is an IndexDamagedError."""
        self.name = entry.name
        self.folder = folder
        self.entry = entry
        self.n_documents = entry.documents
        self.n_tokens = entry.tokens
        self.n_positions = entry.positions
        self._tokenizer = tokenizer
        arrays = {name: self._open(name) for name in SEGMENT_FILES}
        self.tokens: NDArray[Any] = arrays["exact/tokens.bin"]
        self.suffixes: NDArray[np.uint32] = arrays["exact/suffixes.bin"]
        self.starts: NDArray[np.uint64] = arrays["exact/starts.bin"]
        self.characters: NDArray[np.uint32] = arrays["exact/characters.bin"]
        self.hash_order: NDArray[np.uint32] = arrays["hash_order.bin"]
        self.id_hashes: NDArray[np.uint64] = arrays["id_hashes.bin"]
        self.id_ordinals: NDArray[np.uint32] = arrays["id_ordinals.bin"]
        self.stored_texts: NDArray[np.uint32] = arrays["stored_texts.bin"]
        self._check_lengths(arrays)
        self.hashes: NDArray[np.uint64] = arrays["hashes.bin"].reshape(-1, 2)
        self.frequencies: NDArray[np.uint64] = arrays["exact/frequencies.bin"].reshape(3, -1)
        self._check_frequencies(tokenizer.entry.vocabulary)
        leaders = leader_count(self.n_tokens)
        self.leaders: NDArray[np.uint64] = arrays["exact/top.bin"][:leaders]
        self.keys: NDArray[np.uint64] = arrays["exact/top.bin"][leaders:]
        self.records = RecordTable(folder, arrays["records.bin"], arrays["record_blocks.bin"], self.n_documents)
        self.removal = self._open_removal()

    def __repr__(self) -> str:
        return f"Segment({str(self.folder)!r}, {self.n_documents} documents, {self.n_tokens} tokens)"

    @cached_property
    def first_token(self) -> NDArray[np.int64]:
        """The first rank of the suffixes that begin with each stored token, and at the end n_tokens: vocabulary + 2."""
        counts = np.zeros(self._tokenizer.entry.vocabulary + 2, np.int64)
        counts[self.frequencies[0].astype(np.int64) + 1] = self.frequencies[1].astype(np.int64)
        return np.cumsum(counts)

    @cached_property
    def codes(self) -> NDArray[np.uint64]:
        """What keys are made of: see `top_level.token_codes`."""
        return token_codes(self.frequencies, self.n_positions, self._tokenizer.entry.vocabulary)

    def is_live(self, ordinal: int) -> bool:
        """Whether the document is not removed."""
        return self.removal is None or not self.removal.removes(ordinal)

    def document_of(self, position: int) -> int:
        """The ordinal of the document that a position, or its separator, belongs to."""
        if not 0 <= position < self.n_positions:
            raise self._damaged(f"a suffix points to position {position:,} of {self.n_positions:,}")
        ordinal = int(np.searchsorted(self.starts, np.uint64(position), side="right")) - 1
        if 0 <= ordinal < self.n_documents:
            start, end = self.span_of(ordinal)
            if start <= position <= end:
                return ordinal
        raise self._damaged("exact/starts.bin is out of order")

    def span_of(self, ordinal: int) -> tuple[int, int]:
        """First position of a document, and that of its separator: where its tokens begin and end."""
        if not 0 <= ordinal < self.n_documents:
            raise self._damaged(f"a table names document {ordinal:,} of {self.n_documents:,}")
        start, end = int(self.starts[ordinal]), int(self.starts[ordinal + 1]) - 1
        if not 0 <= start <= end < self.n_positions:
            raise self._damaged("exact/starts.bin is out of order")
        return start, end

    def record(self, ordinal: int) -> Record:
        """Id, metadata, and the text where the tokens do not spell it."""
        if not 0 <= ordinal < self.n_documents:
            raise self._damaged(f"a table names document {ordinal:,} of {self.n_documents:,}")
        return self.records.record(ordinal)

    def text(self, ordinal: int) -> str:
        """The text of a document as its source had it."""
        if self.has_stored_text(ordinal):
            text = self.record(ordinal).text
            if text is None:
                raise self._damaged("stored_texts.bin names a document without a stored text")
            return text
        start, end = self.span_of(ordinal)
        try:
            return self._tokenizer.vocabulary.spell_stored(self.tokens[start:end]).decode("utf-8")
        except UnicodeDecodeError as error:
            raise self._damaged(f"the tokens of document {ordinal:,} do not spell a text") from error

    def has_stored_text(self, ordinal: int) -> bool:
        """Whether the text of a document stands in its record, because its tokens do not spell it."""
        place = int(np.searchsorted(self.stored_texts, np.uint32(ordinal)))
        return place < len(self.stored_texts) and int(self.stored_texts[place]) == ordinal

    def characters_before(self, position: int) -> int:
        """Code points of a position's document that begin before its token: the token's place in `text`."""
        ordinal = self.document_of(position)
        start, _ = self.span_of(ordinal)
        if self.has_stored_text(ordinal):
            return self._characters_of_stored(ordinal, start, position)
        sample = position // CHARACTER_STEP
        before = 0
        if sample * CHARACTER_STEP > start and sample < len(self.characters):
            start, before = sample * CHARACTER_STEP, int(self.characters[sample])
        return before + int(characters_between(self.tokens, self._tokenizer.character_starts, start, position))

    def ordinal_of(self, identifier: str) -> int | None:
        """The live document with that id."""
        live = filter(self.is_live, self.with_id_hash(id_hash(identifier)))
        return next((ordinal for ordinal in live if self.record(ordinal).id == identifier), None)

    def ordinals_of(self, identifier: str) -> list[int]:
        """All documents with that id, removed ones included; at most one of them is live."""
        ordinals = self.with_id_hash(id_hash(identifier))
        return [ordinal for ordinal in ordinals if self.record(ordinal).id == identifier]

    def with_id_hash(self, wanted: int) -> list[int]:
        """All documents whose ids have that hash, removed ones included."""
        first = int(np.searchsorted(self.id_hashes, np.uint64(wanted), side="left"))
        last = int(np.searchsorted(self.id_hashes, np.uint64(wanted), side="right"))
        ordinals: list[int] = self.id_ordinals[first:last].tolist()
        if any(ordinal >= self.n_documents for ordinal in ordinals):
            raise self._damaged("id_ordinals.bin names a document that is not there")
        return ordinals

    def duplicates(self, ordinal: int) -> int:
        """How many other live documents of this segment have the text of a document."""
        if not 0 <= ordinal < self.n_documents:
            raise self._damaged(f"a table names document {ordinal:,} of {self.n_documents:,}")
        return int(np.count_nonzero(self.with_hash(self.hashes[ordinal]) != ordinal))

    def with_hash(self, digest: NDArray[np.uint64]) -> NDArray[np.uint32]:
        """Ordinals of the live documents whose text has that hash (two words of `hashes`)."""
        wanted = (int(digest[0]), int(digest[1]))
        places = range(self.n_documents)
        first = bisect_left(places, wanted, key=self._hash_at)
        found = self.hash_order[first : bisect_right(places, wanted, lo=first, key=self._hash_at)]
        if self.removal is None:
            return found
        return found[~np.isin(found, self.removal.documents)]

    def _hash_at(self, place: int) -> tuple[int, int]:
        ordinal = int(self.hash_order[place])
        if ordinal >= self.n_documents:
            raise self._damaged("hash_order.bin names a document that is not there")
        return int(self.hashes[ordinal, 0]), int(self.hashes[ordinal, 1])

    def _characters_of_stored(self, ordinal: int, start: int, position: int) -> int:
        # The tokens' spellings are not the text: encoding the text again tells where each token stands in it.
        text = self.text(ordinal)
        encoding = self._tokenizer.tokenizer.encode(text)
        _, end = self.span_of(ordinal)
        if np.array_equal(encoding.ids.astype(np.int64) + 1, self.tokens[start:end].astype(np.int64)):
            byte = int(encoding.starts[position - start]) if position < end else len(text.encode())
            head = np.frombuffer(text.encode()[:byte], np.uint8)
            return int(np.count_nonzero((head & 0xC0) != 0x80))
        # Tokens that came as ids and spell no valid UTF-8: the text is their spelling with replacements.
        head_ids = self.tokens[start:position]
        return len(self._tokenizer.vocabulary.spell_stored(head_ids).decode("utf-8", errors="replace"))

    def _open(self, name: str) -> NDArray[Any]:
        info = self.entry.files[name]
        dtype = SEGMENT_FILES[name] or f"u{self.entry.token_bytes}"
        if info.bytes <= SMALL_FILE_BYTES or name == "exact/frequencies.bin":
            return read_array(self.folder / name, dtype, info)
        return open_array(self.folder / name, dtype, info, random=name in _RANDOM)

    def _open_removal(self) -> Removal | None:
        if self.entry.removal is None:
            return None
        folder = self.folder / self.entry.removal.name
        return Removal.open(folder, self.entry.removal, self.n_documents, self.n_tokens)

    def _check_lengths(self, arrays: dict[str, NDArray[Any]]) -> None:
        documents = self.n_documents
        expected = {
            "exact/tokens.bin": self.n_positions,
            "exact/suffixes.bin": self.n_tokens,
            "exact/top.bin": leader_count(self.n_tokens) + key_count(self.n_tokens),
            "exact/starts.bin": documents + 1,
            "exact/characters.bin": -(-self.n_positions // CHARACTER_STEP),
            "hashes.bin": 2 * documents,
            "hash_order.bin": documents,
            "id_hashes.bin": documents,
            "id_ordinals.bin": documents,
        }
        for name, length in expected.items():
            if len(arrays[name]) != length:
                raise self._damaged(f"{name} has {len(arrays[name]):,} items instead of {length:,}")
        if len(arrays["exact/frequencies.bin"]) % 3 or int(self.starts[-1]) != self.n_positions:
            raise self._damaged("its tables do not fit together")

    def _check_frequencies(self, vocabulary: int) -> None:
        stored, occurrences = self.frequencies[0], self.frequencies[1]
        if len(stored) and int(stored.max()) > vocabulary:
            raise self._damaged("exact/frequencies.bin names a token outside of the vocabulary")
        largest = int(occurrences.max(initial=0))
        if largest > self.n_tokens or int(occurrences.sum()) != self.n_tokens:
            raise self._damaged("exact/frequencies.bin does not add up")

    def _damaged(self, cause: str) -> IndexDamagedError:
        return IndexDamagedError(f"{self.folder} is damaged: {cause}; restore it, or build the index again.")


def open_segment(index: Path, entry: SegmentEntry, tokenizer: IndexTokenizer) -> Segment:
    """Open a segment of the index in that folder."""
    return Segment(segment_folder(index, entry.name), entry, tokenizer)


def segment_folder(index: Path, name: str) -> Path:
    """Where a segment of that name lies."""
    return index / "segments" / name
