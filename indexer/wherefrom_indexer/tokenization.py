"""A tokenizer: from text to renumbered token ids with byte offsets, and back.

Stands for a `tokenizers` model without its added tokens, post-processor, truncation and padding: special tokens
are never made from text and never added. `definition` says what else is made the same for all. Our own kernels
(`byte_pairs`) encode where their ids are those of `tokenizers`, the library (`hugging_face`) everything else.
"""

from __future__ import annotations

import functools
import hashlib
import itertools
import os
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, fields
from importlib import resources
from pathlib import Path

import numpy as np
import tokenizers
from numpy.typing import NDArray

from wherefrom_indexer import kept_arrays
from wherefrom_indexer.byte_pair_kernels import Texts
from wherefrom_indexer.byte_pairs import BytePairs, joined_texts
from wherefrom_indexer.definition import (
    MAX_TOKEN_ID,
    Definition,
    parse_definition,
    spelled_tokens,
    write_definition,
)
from wherefrom_indexer.encoded_texts import EncodedTexts
from wherefrom_indexer.encoded_texts import Encoding as Encoding
from wherefrom_indexer.errors import TokenizerError
from wherefrom_indexer.hugging_face import HuggingFace, limit_library_threads
from wherefrom_indexer.vocabulary import Vocabulary

DEFAULT_VOCABULARY_SIZE = 32_000
LEAST_KEPT = 8192
"""Tokens from which on what is made of a definition is kept for other processes."""

_SOURCES = ("byte_pairs", "definition", "merge_kernels", "spelling", "split_pattern", "tokenization", "vocabulary")
_DEFAULT_FILE = "default_tokenizer.json"
_allowed_threads: int | None = None
_LONE_SURROGATE = re.compile("[\ud800-\udfff]")


class Tokenizer:
    """A tokenizer with renumbered ids.

    Attributes:
        name: "default", "trained", or what the file or folder is called.
        definition: text of the canonical tokenizer.json; `Tokenizer(definition, name)` is an equal tokenizer.
        hash: hex digest of the definition; tokenizers with equal hashes give equal ids to every text.
    """

    def __init__(self, definition: str, name: str) -> None:
        """Take the `definition` of a tokenizer as it is; it is parsed at the first use, so that opening is quick."""
        self.name = name
        self.definition = definition
        self.hash = hashlib.blake2b(definition.encode("utf-8"), digest_size=16).hexdigest()

    @classmethod
    def default(cls) -> Tokenizer:
        """Return the tokenizer that ships with Wherefrom."""
        return _default_tokenizer()

    @classmethod
    def load(cls, spec: str | Path) -> Tokenizer:
        """Load "default", a tokenizer.json, or a model folder that holds one.

        Raises:
            TokenizerError: there is none, or it cannot be used.
        """
        if spec == "default":
            return cls.default()
        path = Path(spec)
        if path.is_dir():
            return cls.from_definition(_read(_file_in_folder(path)), name=path.resolve().name, what=str(path))
        if not path.exists():
            raise TokenizerError(
                f'There is no tokenizer at {path}: give "default", "train", a tokenizer.json or a model folder'
            )
        name = path.resolve().parent.name if path.name == "tokenizer.json" else path.stem
        return cls.from_definition(_read(path), name=name, what=str(path))

    @classmethod
    def from_definition(
        cls, definition: str, name: str = "tokenizer", what: str = "The tokenizer definition"
    ) -> Tokenizer:
        """Make a tokenizer from the text of a tokenizer.json; `what` names it in errors.

        Raises:
            TokenizerError: the text is not JSON, holds no tokenizer, or one that cannot be used.
        """
        tokenizer = cls(definition, name)
        kept = _Tables.kept(tokenizer.hash)  # of canonical definitions only
        if kept is not None:
            tokenizer._tables = kept
            return tokenizer
        parsed = parse_definition(definition, what)
        tokenizer = cls(write_definition(parsed), name)
        # Set here, so that what is wrong with the text is found here and told of the file it came from.
        tokenizer._tables = _Tables.of(parsed, what)
        if tokenizer._tables.byte_pairs is None:
            tokenizer._library = HuggingFace(parsed, tokenizer.definition, tokenizer.vocabulary, what)
        tokenizer._tables.keep(tokenizer.hash)
        return tokenizer

    @classmethod
    def train(cls, texts: Iterable[str], vocabulary_size: int = DEFAULT_VOCABULARY_SIZE) -> Tokenizer:
        """Train a byte-level BPE on texts, with the pattern by which the default tokenizer splits them.

        Raises:
            TokenizerError: the vocabulary size is out of range, or there is no text.
        """
        if not 256 < vocabulary_size <= MAX_TOKEN_ID:
            raise TokenizerError(f"A vocabulary size of {vocabulary_size} is not within 257 to {MAX_TOKEN_ID}")
        backend = tokenizers.Tokenizer.from_str(write_definition(_untrained()))
        trainer = tokenizers.trainers.BpeTrainer(
            vocab_size=vocabulary_size,
            initial_alphabet=tokenizers.pre_tokenizers.ByteLevel.alphabet(),
            show_progress=False,
        )
        some_text = False

        def cleaned() -> Iterable[str]:
            nonlocal some_text
            for text in texts:
                some_text = some_text or bool(text)
                yield clean_text(text)

        backend.train_from_iterator(cleaned(), trainer)
        if not some_text:
            raise TokenizerError("There is no text to train a tokenizer on")
        return cls.from_definition(backend.to_str(), name="trained", what="The trained tokenizer")

    @property
    def vocabulary(self) -> Vocabulary:
        """How the tokens are spelled."""
        return self._tables.vocabulary

    @property
    def has_joints(self) -> bool:
        """Whether it splits texts by a known pattern: between an ASCII letter and a space, for example, always.

        `wherefrom.joints` says where. What it encodes on the way through `tokenizers` is split by the same pattern.
        """
        return self._tables.byte_pairs is not None

    @functools.cached_property
    def _tables(self) -> _Tables:
        kept = _Tables.kept(self.hash)
        return kept or _Tables.of(parse_definition(self.definition, self._what), self._what)

    @functools.cached_property
    def _library(self) -> HuggingFace:
        """What encodes the texts that `byte_pairs` cannot: all of them, or some, or none."""
        definition = parse_definition(self.definition, self._what)
        return HuggingFace(definition, self.definition, self.vocabulary, self._what)

    @property
    def _what(self) -> str:
        return f"The definition of tokenizer {self.name}"

    def encode(self, text: str) -> Encoding:
        """Encode one text; offsets are bytes of the text (cleaned) as UTF-8."""
        text = clean_text(text)
        byte_pairs = self._tables.byte_pairs
        if byte_pairs is None or not byte_pairs.accepts(text):
            return self._library.encode(text)
        ids, _ = byte_pairs.encode(joined_texts([text.encode("utf-8")]), threads=1)
        lengths = self.vocabulary.lengths(ids)
        ends = np.cumsum(lengths)
        return Encoding(ids, ends - lengths, ends, faithful=True)

    def encode_batch(self, texts: Sequence[str]) -> list[NDArray[np.uint32]]:
        """Return the new ids of many texts, encoded on the threads that `limit_threads` allows."""
        encoded = self.encode_texts(texts)
        return [encoded.ids[start:end] for start, end in itertools.pairwise(encoded.starts.tolist())]

    def encode_texts(self, texts: Sequence[str], threads: int | None = None) -> EncodedTexts:
        """Encode many texts on at most `threads` threads, or as many as `limit_threads` allows.

        Texts that go through `tokenizers` are encoded on the library's threads, which only `limit_threads` bounds.
        """
        texts = [clean_text(text) for text in texts]
        byte_pairs = self._tables.byte_pairs
        accepted = [byte_pairs is not None and byte_pairs.accepts(text) for text in texts]
        joined = joined_texts([text.encode("utf-8") for text in texts])
        if byte_pairs is not None and all(accepted):
            ids, starts = byte_pairs.encode(joined, threads or allowed_threads())
            return EncodedTexts(joined.text, joined.starts, ids, starts, np.ones(len(texts), np.bool_))
        return self._encode_mixed(texts, np.array(accepted, np.bool_), joined, threads or allowed_threads())

    def _encode_mixed(
        self, texts: Sequence[str], accepted: NDArray[np.bool_], joined: Texts, threads: int
    ) -> EncodedTexts:
        """Encode texts some or all of which go through `tokenizers`."""
        parts: list[NDArray[np.uint32]] = [np.empty(0, np.uint32)] * len(texts)
        faithful = accepted.copy()
        own = np.flatnonzero(accepted).tolist()
        if self._tables.byte_pairs is not None and own:
            own_texts = joined_texts([texts[number].encode("utf-8") for number in own])
            ids, starts = self._tables.byte_pairs.encode(own_texts, threads)
            for number, start, end in zip(own, starts[:-1].tolist(), starts[1:].tolist(), strict=True):
                parts[number] = ids[start:end]
        others = np.flatnonzero(~accepted).tolist()
        for number, ids in zip(others, self._library.encode_batch([texts[number] for number in others]), strict=True):
            parts[number] = ids
            raw = joined.text[joined.starts[number] : joined.starts[number + 1]]
            faithful[number] = self.vocabulary.spell(ids) == raw.tobytes()
        starts = np.cumsum([0, *map(len, parts)], dtype=np.int64)
        return EncodedTexts(
            joined.text, joined.starts, np.concatenate([np.empty(0, np.uint32), *parts]), starts, faithful
        )

    def decode(self, new_ids: NDArray[np.integer]) -> str:
        """Return the text that new ids spell; bytes that are no UTF-8 become U+FFFD."""
        return self.vocabulary.spell(new_ids).decode("utf-8", errors="replace")

    def __reduce__(self) -> tuple[object, tuple[str, str]]:
        return Tokenizer, (self.definition, self.name)

    def __repr__(self) -> str:
        return f"Tokenizer({self.name!r}, hash {self.hash})"


@dataclass(frozen=True, slots=True, eq=False)
class _Tables:
    """What is made of a definition: the vocabulary, and the kernels' tables if they encode it."""

    vocabulary: Vocabulary
    byte_pairs: BytePairs | None

    @classmethod
    def of(cls, definition: Definition, what: str) -> _Tables:
        vocabulary = Vocabulary.ordered(spelled_tokens(definition, what))
        return cls(vocabulary, BytePairs.of(definition, vocabulary))

    @classmethod
    def kept(cls, name: str) -> _Tables | None:
        """What an earlier process made of the canonical definition with that hash, if it is kept."""
        arrays = kept_arrays.load(name, _SOURCES)
        if arrays is None:
            return None
        own = {field.name: arrays[field.name] for field in fields(Vocabulary)}
        vocabulary = Vocabulary(**own)
        return cls(vocabulary, BytePairs.from_arrays(arrays, vocabulary))

    def keep(self, name: str) -> None:
        """Keep it for other processes, if it is long to make: 64,000 tokens take a third of a second."""
        if self.byte_pairs is not None and self.vocabulary.size >= LEAST_KEPT:
            own = {field.name: getattr(self.vocabulary, field.name) for field in fields(Vocabulary)}
            kept_arrays.keep(name, _SOURCES, own | self.byte_pairs.arrays())


def clean_text(text: str) -> str:
    """Replace each lone surrogate, which UTF-8 cannot write, by U+FFFD: one code point for one."""
    if text.isascii():
        return text
    return _LONE_SURROGATE.sub("\ufffd", text)


def limit_threads(threads: int) -> None:
    """Bound the threads on which texts are encoded in this process, those of `tokenizers` as far as it lets itself."""
    global _allowed_threads
    _allowed_threads = threads
    limit_library_threads(threads)


def allowed_threads() -> int:
    """On how many threads texts are encoded."""
    if _allowed_threads is not None:
        return _allowed_threads
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


@functools.cache
def _default_tokenizer() -> Tokenizer:
    try:
        text = resources.files("wherefrom_indexer").joinpath(_DEFAULT_FILE).read_bytes().decode("utf-8")
    except FileNotFoundError as error:
        raise TokenizerError(
            f"This installation lacks its default tokenizer ({_DEFAULT_FILE}): install again"
        ) from error
    # The file is canonical (a test sees to it), so that it need not be parsed and written before it is used.
    return Tokenizer(text.removesuffix("\n"), name="default")


def _untrained() -> Definition:
    """Return the default tokenizer with an empty vocabulary."""
    default = parse_definition(Tokenizer.default().definition, "The default tokenizer")
    return default | {"model": default["model"] | {"vocab": {}, "merges": []}, "added_tokens": []}


def _file_in_folder(folder: Path) -> Path:
    path = folder / "tokenizer.json"
    if not path.exists():
        raise TokenizerError(
            f"{folder} holds no tokenizer.json: save the model's fast tokenizer there (save_pretrained writes it)"
        )
    return path


def _read(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except OSError as error:
        raise TokenizerError(f"{path} cannot be read: {error.strerror or error}") from error
    except UnicodeDecodeError as error:
        raise TokenizerError(f"{path} is not JSON: it is not UTF-8 text") from error
