"""Pages of 4 KiB that a cold search touches, counted (see `pages.py`), in segments of growing size."""

from __future__ import annotations

from math import log10

import pages
from inputs import WORK, corpus_of, documents_with, first_documents, index_of, tokens_of
from outcome import Cell, Figure, Part, Table
from scales import Scale

from parts.searching import TOKENS, queries

TEXTS = 20


def measure(scale: Scale) -> Part:
    WORK.mkdir(parents=True, exist_ok=True)
    texts = queries(scale, TOKENS, min(TEXTS, scale.queries))
    tokens = tokens_of(scale)
    sizes = [size for size in scale.curve_tokens[1:] if size < tokens.size * 0.9]
    rows: list[list[Cell]] = []
    counted: list[tuple[int, dict[str, float]]] = []
    for size in [*sizes, int(tokens.size)]:
        corpus = corpus_of(scale)
        if size < tokens.size:
            corpus = first_documents(corpus, max(1, documents_with(tokens, size)), "paged.jsonl")
        result = pages.measure(index_of(corpus), texts)
        counted.append((size, result))
        files = ", ".join(f"`{name}` {mean:.2f}" for name, mean in result["files"].items())
        rows.append([size, *(Figure.of(result[name], "pages") for name in ("lengths", "counts")), files])
    (before, smaller), (last, largest) = counted[-2], counted[-1]
    growth = {name: (largest[name] - smaller[name]) / log10(last / before) for name in ("lengths", "counts")}
    figures = {
        "pages.lengths": Figure.of(largest["lengths"], "pages"),
        "pages.counts": Figure.of(largest["counts"], "pages"),
        "pages.growth": Figure.of(growth["lengths"], "pages"),
        "pages.growth.counts": Figure.of(growth["counts"], "pages"),
    }
    table = Table(
        "Distinct pages of 4 KiB that a text touches, by position",
        "Counted, not timed: the kernels run as plain Python over arrays that note what is read of them. Distinct "
        f"pages of a text of {TOKENS} tokens, all of which a cold search reads, divided by its positions; mean over "
        f"{len(texts)} texts. Growth by tenfold, in the targets: between the last two rows.",
        ("tokens in the segment", "for lengths", "for lengths and counts", "by file"),
        rows,
    )
    return Part([table], figures)
