"""Cost against size: building and searching over three decades of tokens, and over 1 to 16 segments."""

from __future__ import annotations

import json
import shutil
import time
from pathlib import Path
from typing import Any

import numpy as np
from inputs import WORK, corpus_of, documents_with, first_documents, index_of, tokens_of, tokens_of_index
from measuring import apart, core_counts
from outcome import Cell, Figure, Line, Part, Plot, Table
from scales import Scale

from parts.searching import TOKENS, queries

TEXTS = 30


def measure(scale: Scale) -> Part:
    WORK.mkdir(parents=True, exist_ok=True)
    texts = WORK / "curve-texts.json"
    texts.write_text(json.dumps(queries(scale, TOKENS, min(TEXTS, scale.queries))), encoding="utf-8")
    tokens = tokens_of(scale)
    figures: dict[str, Figure] = {}
    building, searching = _by_size(scale, tokens, texts, figures)
    by_segments = _by_segments(scale, tokens, texts, figures)
    tables = [
        Table(
            "Cost against the size of the corpus",
            "The first documents of the searched corpus. Build: `build_index` inside its process, from the call to the "
            "published index; search and trace: medians over "
            f"{min(TEXTS, scale.queries)} texts of {TOKENS} tokens, warm, one thread; infini-gram: `attribute` "
            "(`max_cnt` 10) over an index in its format of the same tokens.",
            ("tokens", *(f"build, {_cores(n)}" for n in core_counts()), "longest matches", "trace", "infini-gram"),
            [
                [int(size), *(built for built in building[size]), *searching[size]]
                for size in building
            ],
        ),
        Table(
            "Cost against the number of segments",
            "The same documents as so many indexes of one segment each, searched as one; medians as above.",
            ("segments", "tokens", "longest matches", "trace"),
            by_segments,
        ),
    ]  # fmt: skip
    plots = [
        Plot(
            "build-by-size",
            "Building an index: seconds by tokens of the corpus",
            "tokens",
            "seconds",
            [
                Line(_cores(cores), [(size, building[size][place].median) for size in building])
                for place, cores in enumerate(core_counts())
            ],
        ),
        Plot(
            "search-by-size",
            f"Searching: milliseconds a text of {TOKENS} tokens, by tokens of the corpus",
            "tokens",
            "milliseconds",
            [
                Line(name, [(size, searching[size][place].median) for size in searching])
                for place, name in enumerate(("longest matches", "whole trace", "infini-gram attribute"))
            ],
        ),
        Plot(
            "search-by-segments",
            f"Searching: milliseconds a text of {TOKENS} tokens, by number of segments",
            "segments",
            "milliseconds",
            [
                Line("longest matches", [(float(row[0]), row[2].median) for row in by_segments]),  # type: ignore[union-attr, arg-type]
                Line("whole trace", [(float(row[0]), row[3].median) for row in by_segments]),  # type: ignore[union-attr, arg-type]
            ],
            ticks=scale.segments,
        ),
    ]
    return Part(tables, figures, plots)


def _by_size(
    scale: Scale, tokens: Any, texts: Path, figures: dict[str, Figure]
) -> tuple[dict[int, list[Figure]], dict[int, list[Figure]]]:
    from peers import infini_gram

    building: dict[int, list[Figure]] = {}
    searching: dict[int, list[Figure]] = {}
    for wanted in scale.curve_tokens:
        corpus = first_documents(corpus_of(scale), max(1, documents_with(tokens, wanted)), "curve.jsonl")
        built = []
        for cores in core_counts():
            runs = [_built(corpus, cores) for _ in range(scale.runs if wanted <= 10_000_000 else 1)]
            built.append(Figure.of(runs, "s"))
        index = index_of(corpus)
        cut = tokens_of_index(index)
        infini_gram.write_index(cut, WORK / "infini-gram-curve")
        result = apart(
            "parts.curves", "search", indexes=[str(index)], texts=str(texts), peer=str(WORK / "infini-gram-curve")
        ).result
        building[int(cut.size)] = built
        searching[int(cut.size)] = [Figure.of(result[name], "ms") for name in ("longest", "trace", "peer")]
        figures[f"curve.build.{wanted}"] = built[-1]
        figures[f"curve.search.{wanted}"] = searching[int(cut.size)][0]
    return building, searching


def _built(corpus: Path, cores: int) -> float:
    """Seconds inside the process."""
    index = corpus.with_suffix(".index")
    shutil.rmtree(index, ignore_errors=True)
    result = apart("parts.building", "build", cores=cores, corpus=str(corpus), index=str(index), threads=cores).result
    return float(sum(result["stages"].values()))


def _by_segments(scale: Scale, tokens: Any, texts: Path, figures: dict[str, Figure]) -> list[list[Cell]]:
    number = documents_with(tokens, scale.segment_tokens)
    lines = first_documents(corpus_of(scale), number, "segments.jsonl").read_text(encoding="utf-8").splitlines()
    rows: list[list[Cell]] = []
    for segments in scale.segments:
        indexes = []
        for part in range(segments):
            share = lines[part * len(lines) // segments : (part + 1) * len(lines) // segments]
            path = WORK / f"segment-{segments}-{part}.jsonl"
            path.write_text("\n".join(share) + "\n", encoding="utf-8")
            indexes.append(path.with_suffix(".index"))
        apart("parts.curves", "build_all", indexes=[str(index) for index in indexes])
        result = apart("parts.curves", "search", indexes=[str(index) for index in indexes], texts=str(texts)).result
        longest, trace = Figure.of(result["longest"], "ms"), Figure.of(result["trace"], "ms")
        figures |= {f"segments.longest.{segments}": longest, f"segments.trace.{segments}": trace}
        rows.append([segments, scale.segment_tokens, longest, trace])
        for index in indexes:
            shutil.rmtree(index)
            index.with_suffix(".jsonl").unlink()
    return rows


def build_all(indexes: list[str]) -> None:
    """Build every index from the file beside it, in one process."""
    from wherefrom_indexer import build_index

    for index in indexes:
        shutil.rmtree(index, ignore_errors=True)
        build_index(Path(index).with_suffix(".jsonl"), index, id_field="id", memory="8GB")


def search(indexes: list[str], texts: str, peer: str | None = None) -> dict[str, list[float]]:
    """Milliseconds of each text: longest matches, traces, and infini-gram's `attribute`, in the measured process."""
    from wherefrom import Tracer, corpus

    sample = json.loads(Path(texts).read_text(encoding="utf-8"))
    with Tracer.open(*indexes) as tracer:
        segments = tracer._segments()
        tokenizer = tracer._searched[0].tokenizer
        values = [tokenizer.encode(text).ids.astype(np.int64) + 1 for text in sample]
        found = {
            "longest": _milliseconds(lambda query: corpus.longest_matches(segments, query), values),
            "trace": _milliseconds(tracer.trace, sample),
        }
    if peer:
        from peers import infini_gram

        engine = infini_gram.Engine(Path(peer))
        found["peer"] = _milliseconds(engine.attribute, values)
    return found


def _cores(number: int) -> str:
    return f"{number} core" if number == 1 else f"{number} cores"


def _milliseconds(call: Any, items: list[Any]) -> list[float]:
    """Of each item, the best of three calls."""
    taken = []
    for item in items:
        best = float("inf")
        for _ in range(3):
            began = time.perf_counter()
            call(item)
            best = min(best, time.perf_counter() - began)
        taken.append(best * 1000)
    return taken
