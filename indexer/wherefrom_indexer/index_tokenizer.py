"""The tokenizer of an opened index: its definition is read and checked at once, and parsed when first needed."""

from __future__ import annotations

from functools import cached_property, lru_cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from wherefrom_indexer.errors import IndexDamagedError
from wherefrom_indexer.files import checksum_of
from wherefrom_indexer.manifest import TokenizerEntry
from wherefrom_indexer.segment_kernels import character_starts
from wherefrom_indexer.tokenization import Tokenizer
from wherefrom_indexer.vocabulary import Vocabulary


class IndexTokenizer:
    """Loads the tokenizer of an index on first use; shared by the index's segments."""

    def __init__(self, folder: Path, entry: TokenizerEntry, loaded: Tokenizer | None = None) -> None:
        """Read and check the definition; `loaded`: the tokenizer, where the caller has it already."""
        self.entry = entry
        self._path = folder / entry.file
        self._definition = self._read()
        if loaded is not None:
            self.tokenizer = loaded

    @cached_property
    def tokenizer(self) -> Tokenizer:
        """The tokenizer, loaded on first use."""
        return self.load()

    def load(self) -> Tokenizer:
        """Parse the definition; IndexDamagedError where it is not the tokenizer that the manifest names."""
        tokenizer = _load(self._definition, self.entry.name)
        if tokenizer.hash != self.entry.hash or tokenizer.vocabulary.size != self.entry.vocabulary:
            raise IndexDamagedError(f"{self._path} is not the tokenizer that the manifest names: restore the file.")
        return tokenizer

    @property
    def vocabulary(self) -> Vocabulary:
        """The vocabulary of the tokenizer."""
        return self.tokenizer.vocabulary

    @cached_property
    def character_starts(self) -> NDArray[np.int64]:
        """For each stored token the number of code points that begin in its spelling."""
        return character_starts(self.vocabulary.spellings, self.vocabulary.offsets)

    def _read(self) -> str:
        try:
            data = self._path.read_bytes()
        except FileNotFoundError:
            raise  # the manifest may have been replaced since it was read
        except OSError as error:
            raise IndexDamagedError(f"Could not read {self._path}: {error.strerror}.") from error
        if len(data) != self.entry.info.bytes or checksum_of(data) != self.entry.info.checksum:
            raise IndexDamagedError(f"{self._path} does not have its checksum: restore the file.")
        return data.decode("utf-8")


# Indexes with equal tokenizers share one: parsing a vocabulary takes longer than opening an index.
@lru_cache(maxsize=4)
def _load(definition: str, name: str) -> Tokenizer:
    return Tokenizer.from_definition(definition, name=name)
