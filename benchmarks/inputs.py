"""What several parts measure with: the index of the searched corpus, its tokens, and cuts of the corpus."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
from corpora import FOLDER, LARGE, large_corpus
from measuring import apart
from numpy.typing import NDArray
from scales import Scale

WORK = FOLDER / "work"
"""Where parts put what is needed only while they run."""


def corpus_of(scale: Scale) -> Path:
    """The JSON Lines file of the searched corpus."""
    return large_corpus(*scale.searched)


def index_of(corpus: Path) -> Path:
    """The index of a corpus; built in a process of its own where the format or the tokenizer has changed since."""
    from wherefrom import Tracer
    from wherefrom_indexer.errors import WherefromError

    folder = corpus.with_suffix(".index")
    try:
        Tracer.open(folder).close()
    except WherefromError:
        shutil.rmtree(folder, ignore_errors=True)
        apart("inputs", "build_plainly", corpus=str(corpus), index=str(folder))
    return folder


def build_plainly(corpus: str, index: str, memory: str = "8GB") -> None:
    """Build an index; every part uses the same options."""
    from wherefrom_indexer import build_index

    build_index(corpus, index, id_field="id", memory=memory)


def tokens_of(scale: Scale, most: int | None = None) -> NDArray[np.uint16]:
    """Stored values of the first documents of the searched corpus, at most so many; they end with a separator."""
    from wherefrom_indexer import Index

    index = Index.open(index_of(corpus_of(scale)))
    tokens = np.asarray(index.segments[0].tokens)
    cut = tokens.copy() if most is None or most >= tokens.size else tokens[:most].copy()
    cut[-1] = 0
    return cut


def prefix(corpus: Path, tokens: int, name: str) -> Path:
    """The first documents of a corpus with about so many tokens, as a file of the work folder."""
    characters = tokens * 2.65  # of the default tokenizer, in the source of Linux
    WORK.mkdir(parents=True, exist_ok=True)
    path = WORK / name
    with corpus.open(encoding="utf-8") as lines, path.open("w", encoding="utf-8") as file:
        written = 0
        for line in lines:
            written += file.write(line)
            if written >= characters:
                break
    return path


def texts_of(corpus: Path, size: int) -> list[str]:
    """The texts of documents from all over a corpus, of about so many bytes together."""
    every = max(1, corpus.stat().st_size // (4 * size))
    texts, total = [], 0
    for record in _records(corpus, every):
        texts.append(str(record["text"]))
        total += len(texts[-1].encode("utf-8"))
        if total >= size:
            break
    return texts


def package_of(name: str) -> str:
    """The file name of the package that a large corpus comes from, without the ending."""
    return LARGE[name][0].obtain().stem


def _records(corpus: Path, every: int) -> Iterator[dict[str, Any]]:
    with corpus.open(encoding="utf-8") as lines:
        for number, line in enumerate(lines):
            if number % every == 0:
                yield json.loads(line)
