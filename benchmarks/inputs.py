"""What several parts measure with: the index of the searched corpus, its tokens, and cuts of the corpus."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from itertools import islice
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
    """Stored values of the first documents of the searched corpus, together at most so many."""
    tokens = tokens_of_index(index_of(corpus_of(scale)))
    if most is not None and most < tokens.size:
        separators = np.flatnonzero(tokens[:most] == 0)
        tokens = tokens[: int(separators[-1]) + 1]
    return tokens


def tokens_of_index(folder: Path) -> NDArray[np.uint16]:
    """Stored values of an index of one segment; they end with a separator."""
    from wherefrom_indexer import Index

    (segment,) = Index.open(folder).segments
    return np.array(segment.tokens)


def first_documents(corpus: Path, number: int, name: str) -> Path:
    """The first documents of a corpus, as a file of the work folder, made anew."""
    WORK.mkdir(parents=True, exist_ok=True)
    path = WORK / name
    shutil.rmtree(path.with_suffix(".index"), ignore_errors=True)
    with corpus.open(encoding="utf-8") as lines, path.open("w", encoding="utf-8") as file:
        file.writelines(islice(lines, number))
    return path


def documents_with(tokens: NDArray[np.uint16], most: int) -> int:
    """How many documents the first so many tokens hold whole."""
    return int(np.count_nonzero(tokens[:most] == 0))


def texts_of(corpus: Path, size: int, number: int) -> list[list[str]]:
    """So many samples of documents from all over a corpus, none in two, each of about so many bytes."""
    every = max(1, corpus.stat().st_size // (2 * size * number))
    samples: list[list[str]] = [[] for _ in range(number)]
    totals = [0] * number
    for place, record in enumerate(_records(corpus, every)):
        if totals[place % number] < size:
            samples[place % number].append(str(record["text"]))
            totals[place % number] += len(samples[place % number][-1].encode("utf-8"))
        elif min(totals) >= size:
            break
    return samples


def package_of(name: str) -> str:
    """The file name of the package that a large corpus comes from, without the ending."""
    return LARGE[name][0].obtain().stem


def _records(corpus: Path, every: int) -> Iterator[dict[str, Any]]:
    with corpus.open(encoding="utf-8") as lines:
        for number, line in enumerate(lines):
            if number % every == 0:
                yield json.loads(line)
