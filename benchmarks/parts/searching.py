"""Longest matches at every position of a text: ours beside infini-gram's `attribute` and tokengrams."""

from __future__ import annotations

import json
import statistics
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import lru_cache, partial
from pathlib import Path
from typing import Any

import numpy as np
from inputs import WORK, corpus_of, first_documents, index_of, tokens_of, tokens_of_index
from measuring import apart, core_counts
from numpy.typing import NDArray
from outcome import Cell, Figure, Part, Table
from scales import SCALES, Scale

from parts.sorting import stored

TOKENS = 458
"""Of a text, in the mean, of the chats that the latencies published for OLMoTrace were measured with."""

BATCH_TEXTS = 2000
SLOW_PEER_TEXTS = 10
LEAST_TEXTS = 10

Values = NDArray[np.int64]


def measure(scale: Scale) -> Part:
    WORK.mkdir(parents=True, exist_ok=True)
    figures: dict[str, Figure] = {}
    rows, compared, tables, missing = [], [], [], []
    size = tokens_of(scale).size
    prepared = apart("parts.searching", "prepare", scale=scale.name)
    if prepared.result:
        cut = prepared.result
        compared.append(["infini-gram, its own build and ours of its index", cut["tokens"], TOKENS, *cut["cells"]])
    for length in scale.lengths:
        result = apart("parts.searching", "beside_infini_gram", scale=scale.name, length=length).result
        compared.append(_compared("infini-gram", size, length, result))
        ours, peer = Figure.of(result["ours"], "ms"), Figure.of(result["peer"], "ms")
        figures |= {
            f"search.ms.{length}": ours,
            f"search.infini_gram.ms.{length}": peer,
            f"search.infini_gram.pointers.ms.{length}": Figure.of(result["peer_with_pointers"], "ms"),
            f"search.ratio.{length}": Figure.of(peer.median / ours.median, "x"),
        }
        pointers = Figure.of(statistics.median(result["peer_with_pointers"]), "ms")
        quantiles = [*_quantiles(result["ours"]), *_quantiles(result["peer"])]
        rows.append([size, length, *quantiles, figures[f"search.ratio.{length}"], pointers])
    tables.append(
        Table(
            "Longest match and count at every position, beside infini-gram",
            "Warm, one text at a time, both in one process: ours `longest_matches` over stored values on one thread, "
            "infini-gram `attribute` without word and delimiter rules, which starts a thread for each position. It is "
            "timed with `max_cnt` 10, where it searches and counts; the last column has `max_cnt` 1,000,000, as the "
            "production front end sends, where it also writes out a pointer to every occurrence. The ratio is that of "
            "the medians, with 10. Its index of the same tokens is written in its format from a sort of ours, to save "
            "its own build; on a smaller cut both give equal answers (above). Milliseconds a text, best of three calls "
            "(ours) and of two, over the texts compared above, which are like those that models write "
            "(`benchmarks/generations.py`).",
            (
                "tokens indexed",
                "tokens of the text",
                "ours p50",
                "p95",
                "infini-gram p50",
                "p95",
                "ratio",
                "its p50, all pointers",
            ),
            rows,
        )
    )
    tokengrams = _beside_tokengrams(scale, figures, compared, missing)
    tables += [tokengrams] if tokengrams else []
    tables.append(_batch(scale, figures))
    tables.insert(
        0,
        Table(
            "Search: answers compared",
            "Before any speed: maximal spans with their counts (infini-gram), or lengths at every position with the "
            "counts of the maximal ones (tokengrams). Texts that meet infini-gram's known underflow are left out.",
            ("peer", "tokens indexed", "tokens of a text", "texts", "of them equal", "left out", "spans"),
            compared,
        ),
    )
    return Part(tables, figures, facts={"prepared_seconds": prepared.seconds}, missing=missing)


def queries(scale: Scale, length: int, number: int) -> list[str]:
    """Texts like those that models write, of so many tokens each."""
    from generations import generations

    corpus, held_out = _texts_to_cut(corpus_of(scale))
    return generations(corpus, held_out, number, length, seed=length)


@lru_cache(maxsize=1)
def _texts_to_cut(corpus: Path) -> tuple[list[str], list[str]]:
    from generations import corpus_texts, held_out_texts

    return corpus_texts(corpus), held_out_texts()


def prepared_texts(length: int) -> list[str]:
    """The texts of so many tokens that `prepare` wrote."""
    texts: list[str] = json.loads((WORK / f"texts-{length}.json").read_text(encoding="utf-8"))
    return texts


def prepare(scale: str) -> dict[str, Any] | None:
    """Write infini-gram's index of the searched tokens; see whether its own build, if there is one, answers alike."""
    from peers import infini_gram

    from parts.sorting import OWN_BUILD

    chosen = SCALES[scale]
    for length in chosen.lengths:
        texts = queries(chosen, length, chosen.queries)
        (WORK / f"texts-{length}.json").write_text(json.dumps(texts), encoding="utf-8")
    infini_gram.write_index(tokens_of(chosen), WORK / "infini-gram-searched")
    if not (OWN_BUILD / "table.0").exists():
        return None
    cut = tokens_of(chosen, chosen.peer_tokens)
    infini_gram.write_index(cut, WORK / "infini-gram-cut")
    built, written = infini_gram.Engine(OWN_BUILD), infini_gram.Engine(WORK / "infini-gram-cut")
    values, _ = _values_and_search(chosen, TOKENS, min(50, chosen.queries))
    answers = [(built.spans(query), written.spans(query)) for query in values]
    equal = sum(one == other for one, other in answers)
    return {"tokens": int(cut.size), "cells": [len(values), equal, 0, sum(len(spans) for spans, _ in answers)]}


def beside_infini_gram(scale: str, length: int) -> dict[str, Any]:
    """Milliseconds of each text by both, and how many answers are equal, in the measured process."""
    from peers import infini_gram

    chosen = SCALES[scale]
    values, search = _values_and_search(chosen, length, chosen.queries)
    peer = infini_gram.Engine(WORK / "infini-gram-searched")
    usable = [query for query in values if not peer.underflows(query)]
    with_pointers = partial(peer.attribute, most_frequent=infini_gram.MOST_FREQUENT)
    taken: dict[str, list[float]] = {"ours": [], "peer": [], "peer_with_pointers": []}
    equal = spans = 0
    began = time.perf_counter()
    for query in usable:  # texts are of all kinds in turn, so that the first ones stand for all
        if len(taken["ours"]) >= LEAST_TEXTS and time.perf_counter() - began > chosen.patience:
            break
        expected = [(span.start, span.end, span.count) for span in peer.spans(query)]
        equal += _maximal(*search(query)) == expected
        spans += len(expected)
        taken["ours"].append(_best_of(search, query, 3))
        taken["peer"].append(_best_of(peer.attribute, query, 2))
        taken["peer_with_pointers"].append(_best_of(with_pointers, query, 1))
    counted = {"texts": len(taken["ours"]), "equal": equal, "left_out": len(values) - len(usable), "spans": spans}
    return {**counted, **taken}


def _maximal(lengths: Values, counts: Values) -> list[tuple[int, int, int]]:
    """The spans that `attribute` keeps: of matches no more frequent than its limit, those that end further right."""
    from peers.infini_gram import MOST_FREQUENT

    spans, farthest = [], 0
    for start, (length, count) in enumerate(zip(lengths.tolist(), counts.tolist(), strict=True)):
        if length and count <= MOST_FREQUENT and start + length > farthest:
            farthest = start + length
            spans.append((start, farthest, count))
    return spans


def _beside_tokengrams(
    scale: Scale, figures: dict[str, Figure], compared: list[list[Cell]], missing: list[str]
) -> Table | None:
    """It has no call for longest matches, so it gets a search by doubling and halving over `contains`."""
    tokens = tokens_of(scale, scale.peer_tokens)
    cut = first_documents(corpus_of(scale), int(np.count_nonzero(tokens == 0)), "cut.jsonl")
    if not np.array_equal(tokens_of_index(index_of(cut)), tokens):
        raise SystemExit("The index of the first documents has other tokens than they have in the whole index")
    try:
        apart("peers.tokengrams_peer", "build", tokens=str(stored(tokens)), folder=str(WORK / "tokengrams-searched"))
    except SystemExit as error:
        missing.append(f"tokengrams: {error}")
        return None
    rows: list[list[Cell]] = []
    for length in [length for length in scale.lengths if length <= TOKENS]:
        result = apart("parts.searching", "beside_tokengrams", scale=scale.name, length=length).result
        compared.append(_compared("tokengrams", tokens.size, length, result))
        ours, peer = Figure.of(result["ours"], "ms"), Figure.of(result["peer"], "ms")
        ratio = Figure.of(peer.median / ours.median, "x")
        figures |= {f"search.tokengrams.ms.{length}": peer, f"search.tokengrams.ratio.{length}": ratio}
        counts = [Figure.of(result["our_counts"], "ms"), Figure.of(result["peer_counts"], "ms")]
        rows.append([tokens.size, length, ours, peer, ratio, *counts])
    return Table(
        "Longest matches and counts, beside tokengrams",
        "Warm, one text at a time, both over the same tokens in one process; tokengrams by `contains` for the lengths "
        "(each search begins with what the one before leaves) and `count` for one count a position. The last columns "
        "are one `count` of a sequence of tokens that occurs.",
        ("tokens indexed", "tokens of the text", "ours", "tokengrams", "ratio", "our count", "its count"),
        rows,
    )


def beside_tokengrams(scale: str, length: int) -> dict[str, Any]:
    """Milliseconds of each text by both, and how many answers are equal, in the measured process."""
    from peers import tokengrams_peer

    chosen = SCALES[scale]
    number = min(SLOW_PEER_TEXTS, chosen.queries)
    values, _ = _values_and_search(chosen, length, number)
    search, count = _search_and_count(WORK / "cut.index")
    peer = tokengrams_peer.Engine(WORK / "tokengrams-searched")
    found = [search(query) for query in values]
    lists: list[list[int]] = [query.tolist() for query in values]
    equal = spans = 0
    known: list[Values] = []
    for query, (lengths, counts) in zip(lists, found, strict=True):
        maximal = _maximal(lengths, counts)
        known += [np.array(query[start:end]) for start, end, _ in maximal[:20]]
        same = peer.longest(query) == lengths.tolist()
        equal += same and all(peer.count(query[start:end]) == number for start, end, number in maximal)
        spans += len(maximal)

    def by_peer(query: list[int]) -> None:
        for start, match in enumerate(peer.longest(query)):
            if match:
                peer.count(query[start : start + match])

    return {
        "texts": len(values),
        "equal": equal,
        "left_out": 0,
        "spans": spans,
        "ours": _milliseconds(search, values),
        "peer": _milliseconds(by_peer, lists),
        "our_counts": _milliseconds(count, known),
        "peer_counts": _milliseconds(peer.count, [query.tolist() for query in known]),
    }


def _batch(scale: Scale, figures: dict[str, Figure]) -> Table:
    rows: list[list[Cell]] = []
    for cores in core_counts():
        rates = apart("parts.searching", "batch", cores=cores, scale=scale.name, threads=cores).result
        figures[f"search.batch.{cores}"] = rate = Figure.of(rates, "positions/s")
        rows.append([cores, rate])
    return Table(
        "Longest matches in batch",
        f"Many texts of {TOKENS} tokens, searched by a pool of as many threads as cores; lengths and counts.",
        ("threads", "positions/s"),
        rows,
    )


def batch(scale: str, threads: int) -> list[float]:
    """Positions a second of each run, in the measured process."""
    chosen = SCALES[scale]
    values, search = _values_and_search(chosen, TOKENS, chosen.queries)
    many = (values * (BATCH_TEXTS // len(values) + 1))[:BATCH_TEXTS]
    positions = sum(map(len, many))
    rates = []
    with ThreadPoolExecutor(threads) as pool:
        list(pool.map(search, values))
        for _ in range(chosen.runs):
            began = time.perf_counter()
            list(pool.map(search, many, chunksize=16))
            rates.append(positions / (time.perf_counter() - began))
    return rates


def _values_and_search(scale: Scale, length: int, number: int) -> tuple[list[Values], Any]:
    """The texts as stored values, and a search of the whole index: (lengths, counts) of a query."""
    from wherefrom import corpus
    from wherefrom_indexer import Index

    index = Index.open(index_of(corpus_of(scale)))
    searched = corpus.searched_index(index, "corpus")
    values = [index.tokenizer.encode(text).ids.astype(np.int64) + 1 for text in prepared_texts(length)[:number]]
    return values, lambda query: corpus.longest_matches(searched.segments, query)


def _search_and_count(folder: Path) -> tuple[Any, Any]:
    """A search and a count over an index, by stored values."""
    from wherefrom import corpus
    from wherefrom_indexer import Index

    searched = corpus.searched_index(Index.open(folder), "cut")
    return (
        lambda query: corpus.longest_matches(searched.segments, query),
        lambda query: corpus.token_count(searched.segments, query),
    )


def _milliseconds(call: Any, queries: Sequence[Any]) -> list[float]:
    """Of each query, the best of three calls; the answers were compared before, so all is warm."""
    return [_best_of(call, query, 3) for query in queries]


def _best_of(call: Any, query: Any, runs: int) -> float:
    best = float("inf")
    for _ in range(runs):
        began = time.perf_counter()
        call(query)
        best = min(best, time.perf_counter() - began)
    return best * 1000


def _compared(peer: str, size: int, length: int, result: dict[str, Any]) -> list[Cell]:
    return [peer, size, length, result["texts"], result["equal"], result["left_out"], result["spans"]]


def _quantiles(milliseconds: list[float]) -> list[Cell]:
    p50, p95 = np.percentile(milliseconds, [50, 95])
    return [Figure.of(p50, "ms"), Figure.of(p95, "ms")]
