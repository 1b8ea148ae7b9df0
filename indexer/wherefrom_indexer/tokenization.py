"""A tokenizer: from text to renumbered token ids with byte offsets, and back.

Wraps a `tokenizers` model whose added tokens, post-processor, truncation and padding are taken away, so that special
tokens are never made from text and never added. `definition` says what else is made the same for all.
"""

from __future__ import annotations

import functools
import hashlib
import os
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from importlib import resources
from itertools import accumulate, chain, islice
from pathlib import Path

import numpy as np
import tokenizers
from numpy.typing import NDArray

from wherefrom_indexer.definition import (
    MAX_TOKEN_ID,
    Definition,
    encoding_definition,
    parse_definition,
    spellings,
    write_definition,
)
from wherefrom_indexer.errors import TokenizerError
from wherefrom_indexer.long_text import PIECE_CHARACTERS, pieces
from wherefrom_indexer.vocabulary import Vocabulary

DEFAULT_VOCABULARY_SIZE = 32_000
_DEFAULT_FILE = "default_tokenizer.json"
_CHARACTERS_AT_ONCE = 4 * PIECE_CHARACTERS
_LONE_SURROGATE = re.compile("[\ud800-\udfff]")


@dataclass(frozen=True, slots=True, eq=False)
class Encoding:
    """The tokens of a text.

    Attributes:
        ids: uint32, new ids.
        starts, ends: int64, for each token the bytes of the text (UTF-8) that it stands for: starts[i] to ends[i].
        faithful: the tokens' spellings, joined, are the text.
    """

    ids: NDArray[np.uint32]
    starts: NDArray[np.int64]
    ends: NDArray[np.int64]
    faithful: bool


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
        parsed = parse_definition(definition, what)
        tokenizer = cls(write_definition(parsed), name)
        # Set here, so that what is wrong with the text is found here and told of the file it came from.
        tokenizer.vocabulary = Vocabulary.from_spellings(spellings(parsed, what))
        tokenizer._backend = _load_backend(parsed, tokenizer.definition, what)
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

    @functools.cached_property
    def vocabulary(self) -> Vocabulary:
        """How the tokens are spelled."""
        return Vocabulary.from_spellings(spellings(self._parsed(), self._what))

    @functools.cached_property
    def _backend(self) -> tokenizers.Tokenizer:
        return _load_backend(self._parsed(), self.definition, self._what)

    def _parsed(self) -> Definition:
        return parse_definition(self.definition, self._what)

    @property
    def _what(self) -> str:
        return f"The definition of tokenizer {self.name}"

    def encode(self, text: str) -> Encoding:
        """Encode one text; offsets are bytes of the text (cleaned) as UTF-8."""
        text = clean_text(text)
        parts = self._pieces(text)
        encodings = [self._backend.encode(part, add_special_tokens=False) for part in parts]
        ids = self._renumbered([encoding.ids for encoding in encodings])
        if self.vocabulary.spell(ids) == text.encode("utf-8"):
            ends = np.cumsum(self.vocabulary.lengths(ids))
            return Encoding(ids, ends - self.vocabulary.lengths(ids), ends, faithful=True)
        starts_of_pieces = accumulate(map(len, parts), initial=0)
        offsets = [
            np.array(encoding.offsets, dtype=np.int64).reshape(-1, 2) + start
            for encoding, start in zip(encodings, starts_of_pieces, strict=False)
        ]
        in_bytes = _byte_of_character(text)[np.clip(np.concatenate(offsets), 0, len(text))]
        return Encoding(ids, in_bytes[:, 0], in_bytes[:, 1], faithful=False)

    def encode_batch(self, texts: Sequence[str]) -> list[NDArray[np.uint32]]:
        """Return the new ids of many texts, encoded on the threads that `limit_threads` allows."""
        parts_of = [self._pieces(clean_text(text)) for text in texts]
        encoded = self._encode_parts(list(chain.from_iterable(parts_of)))
        return [self._renumbered(list(islice(encoded, len(parts)))) for parts in parts_of]

    def decode(self, new_ids: NDArray[np.integer]) -> str:
        """Return the text that new ids spell; bytes that are no UTF-8 become U+FFFD."""
        return self.vocabulary.spell(new_ids).decode("utf-8", errors="replace")

    def __reduce__(self) -> tuple[object, tuple[str, str]]:
        return Tokenizer, (self.definition, self.name)

    def __repr__(self) -> str:
        return f"Tokenizer({self.name!r}, hash {self.hash})"

    def _pieces(self, text: str) -> list[str]:
        if len(text) <= PIECE_CHARACTERS:
            return [text]
        return pieces(text, lambda part: self._backend.encode(part, add_special_tokens=False).ids, PIECE_CHARACTERS)

    def _encode_parts(self, parts: Sequence[str]) -> Iterator[NDArray[np.uint32]]:
        """Yield the original ids of texts, of which only so many are encoded at once as memory allows."""
        start = 0
        while start < len(parts):
            end, characters = start, 0
            while end < len(parts) and (end == start or characters + len(parts[end]) <= _CHARACTERS_AT_ONCE):
                characters += len(parts[end])
                end += 1
            for encoding in self._backend.encode_batch_fast(parts[start:end], add_special_tokens=False):
                yield np.array(encoding.ids, dtype=np.uint32)
            start = end

    def _renumbered(self, original_ids: Sequence[Sequence[int] | NDArray[np.uint32]]) -> NDArray[np.uint32]:
        """Return the new ids of pieces, given as their original ids, joined."""
        joined = [np.asarray(ids, dtype=np.uint32) for ids in original_ids]
        return self.vocabulary.renumbered[joined[0] if len(joined) == 1 else np.concatenate(joined)]


def clean_text(text: str) -> str:
    """Replace each lone surrogate, which UTF-8 cannot write, by U+FFFD: one code point for one."""
    if text.isascii():
        return text
    return _LONE_SURROGATE.sub("\ufffd", text)


def limit_threads(threads: int) -> None:
    """Bound the threads of `encode_batch` in this process.

    `tokenizers` makes its thread pool at the first batch and keeps it: 1 takes effect at any time, other numbers only
    before that. A `RAYON_NUM_THREADS` from outside wins.
    """
    os.environ.setdefault("RAYON_NUM_THREADS", str(threads))
    os.environ["TOKENIZERS_PARALLELISM"] = "false" if threads == 1 else "true"


@functools.cache
def _default_tokenizer() -> Tokenizer:
    try:
        text = resources.files("wherefrom_indexer").joinpath(_DEFAULT_FILE).read_text(encoding="utf-8")
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


def _load_backend(definition: Definition, text: str, what: str) -> tokenizers.Tokenizer:
    """Load what a definition, given with its text, encodes with."""
    encoding = encoding_definition(definition)
    try:
        return tokenizers.Tokenizer.from_str(text if encoding is definition else write_definition(encoding))
    except Exception as error:  # `tokenizers` raises nothing narrower
        raise TokenizerError(f"{what} is not a tokenizer that can be used: {error}") from error


def _byte_of_character(text: str) -> NDArray[np.int64]:
    """Return for each code point of a text, and its end, where it begins in the text as UTF-8."""
    points = np.frombuffer(text.encode("utf-32-le"), dtype=np.uint32)
    lengths = 1 + (points >= 0x80) + (points >= 0x800) + (points >= 0x10000).astype(np.int64)
    return np.concatenate(([0], np.cumsum(lengths)))


def _before_fork() -> None:
    # A forked child lacks the threads of `tokenizers`' pool: without this the library warns on the terminal.
    if "TOKENIZERS_PARALLELISM" not in os.environ:
        os.environ["TOKENIZERS_PARALLELISM"] = _FORKING


def _after_fork_in_parent() -> None:
    if os.environ.get("TOKENIZERS_PARALLELISM") == _FORKING:
        del os.environ["TOKENIZERS_PARALLELISM"]


def _after_fork_in_child() -> None:
    os.environ["TOKENIZERS_PARALLELISM"] = "false"


_FORKING = "off"
os.register_at_fork(before=_before_fork, after_in_parent=_after_fork_in_parent, after_in_child=_after_fork_in_child)
