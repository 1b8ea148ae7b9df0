"""Encoding by Hugging Face's `tokenizers`: every tokenizer there is, at 1 to 3 MB a second."""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator, Sequence
from itertools import accumulate, chain, islice

import numpy as np
import tokenizers
from numpy.typing import NDArray

from wherefrom_indexer.definition import Definition, encoding_definition, write_definition
from wherefrom_indexer.encoded_texts import Encoding
from wherefrom_indexer.errors import TokenizerError
from wherefrom_indexer.long_text import PIECE_CHARACTERS, pieces
from wherefrom_indexer.vocabulary import Vocabulary

_CHARACTERS_AT_ONCE = 4 * PIECE_CHARACTERS


class HuggingFace:
    """A tokenizer as `tokenizers` runs it. Long texts are cut; see `long_text`."""

    def __init__(self, definition: Definition, text: str, vocabulary: Vocabulary, what: str) -> None:
        """Load a canonical definition, given with its text; `what` names it in errors."""
        self._vocabulary = vocabulary
        # The library has threads of its own: a second caller would only take as much memory again.
        self._one_batch = threading.Lock()
        encoding = encoding_definition(definition)
        try:
            self.backend = tokenizers.Tokenizer.from_str(text if encoding is definition else write_definition(encoding))
        except Exception as error:  # `tokenizers` raises nothing narrower
            raise TokenizerError(f"{what} is not a tokenizer that can be used: {error}") from error

    def encode(self, text: str) -> Encoding:
        """Encode a text."""
        parts = self.pieces(text)
        encodings = [self.backend.encode(part, add_special_tokens=False) for part in parts]
        ids = self._renumbered([encoding.ids for encoding in encodings])
        if self._vocabulary.spell(ids) == text.encode("utf-8"):
            ends = np.cumsum(self._vocabulary.lengths(ids))
            return Encoding(ids, ends - self._vocabulary.lengths(ids), ends, faithful=True)
        starts_of_pieces = accumulate(map(len, parts), initial=0)
        offsets = [
            np.array(encoding.offsets, dtype=np.int64).reshape(-1, 2) + start
            for encoding, start in zip(encodings, starts_of_pieces, strict=False)
        ]
        in_bytes = _byte_of_character(text)[np.clip(np.concatenate(offsets), 0, len(text))]
        return Encoding(ids, in_bytes[:, 0], in_bytes[:, 1], faithful=False)

    def encode_batch(self, texts: Sequence[str]) -> list[NDArray[np.uint32]]:
        """Return the new ids of many texts, encoded on the library's threads."""
        parts_of = [self.pieces(text) for text in texts]
        encoded = self._encode_parts(list(chain.from_iterable(parts_of)))
        return [self._renumbered(list(islice(encoded, len(parts)))) for parts in parts_of]

    def pieces(self, text: str) -> list[str]:
        """Cut a text into the pieces that are encoded one by one."""
        if len(text) <= PIECE_CHARACTERS:
            return [text]
        return pieces(text, lambda part: self.backend.encode(part, add_special_tokens=False).ids, PIECE_CHARACTERS)

    def _encode_parts(self, parts: Sequence[str]) -> Iterator[NDArray[np.uint32]]:
        """Yield the original ids of texts, of which only so many are encoded at once as memory allows."""
        start = 0
        while start < len(parts):
            end, characters = start, 0
            while end < len(parts) and (end == start or characters + len(parts[end]) <= _CHARACTERS_AT_ONCE):
                characters += len(parts[end])
                end += 1
            with self._one_batch:
                encodings = self.backend.encode_batch_fast(parts[start:end], add_special_tokens=False)
                ids = [np.array(encoding.ids, dtype=np.uint32) for encoding in encodings]
                del encodings
            yield from ids
            start = end

    def _renumbered(self, original_ids: Sequence[Sequence[int] | NDArray[np.uint32]]) -> NDArray[np.uint32]:
        """Return the new ids of pieces, given as their original ids, joined."""
        joined = [np.asarray(ids, dtype=np.uint32) for ids in original_ids]
        return self._vocabulary.renumbered[joined[0] if len(joined) == 1 else np.concatenate(joined)]


def limit_library_threads(threads: int) -> None:
    """Bound the threads of `tokenizers` in this process.

    The library makes its thread pool at the first batch and keeps it: 1 takes effect at any time, other numbers only
    before that. A `RAYON_NUM_THREADS` from outside wins.
    """
    os.environ.setdefault("RAYON_NUM_THREADS", str(threads))
    os.environ["TOKENIZERS_PARALLELISM"] = "false" if threads == 1 else "true"


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
