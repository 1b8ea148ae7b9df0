"""Suffix arrays: ours on one core and on all, infini-gram and tokengrams on the same tokens, and the worst cases."""

from __future__ import annotations

import shutil
from inspect import signature
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np
import suffix_array
from corpora import FOLDER
from inputs import WORK, tokens_of
from measuring import apart, core_counts, repeated, status_bytes
from numpy.typing import NDArray
from outcome import Cell, Figure, Part, Table
from scales import Scale

COLUMNS = ("tokens", "what", "cores", "seconds", "speed", "peak, bytes a token", "against ours")

WHAT = {"text": "natural text", "duplicates": "47 % duplicates"}

OWN_BUILD = WORK / "infini-gram-own"
"""What infini-gram built of the natural text; the searching part compares it."""


def measure(scale: Scale) -> Part:
    WORK.mkdir(parents=True, exist_ok=True)
    figures: dict[str, Figure] = {}
    whole = tokens_of(scale)
    natural = [_ours(whole, WHAT["text"], cores, scale, figures, "sort.text") for cores in core_counts()]
    again = duplicated(whole)
    natural += [_ours(again, WHAT["duplicates"], cores, scale, figures, "sort.duplicates") for cores in core_counts()]
    peers: list[list[Cell]] = []
    missing: list[str] = []
    for name, tokens in (("text", whole), ("duplicates", again)):
        natural += _libsais(name, tokens, figures, missing)
    cut = tokens_of(scale, scale.peer_tokens)
    half = tokens_of(scale, scale.peer_tokens and scale.peer_tokens // 2)
    for name, tokens in (("text", cut), ("duplicates", duplicated(half))):
        peers += _with_peers(name, tokens, scale, figures, missing)
    tables = [
        Table(
            "Suffix arrays",
            "Stored tokens (16 bits) of the searched corpus; seconds from the tokens in memory to the sorted array in "
            "memory, kernels loaded. Duplicates: 47 % of the tokens are documents that stood before, in random order. "
            "Peak: anonymous memory beside the tokens, the result included. libsais16 in C is compiled from sources in "
            "a package (`benchmarks/peers/libsais_peer.py`), for one thread.",
            COLUMNS[:-1],
            natural,
        ),
        Table(
            "Suffix arrays beside peers",
            "The same tokens for all, in one run. infini-gram: from the file of tokens to its table, with `--cpus 2`, "
            "the start of its processes included; tokengrams: `MemmapIndex.build`. Neither stops at the end of a "
            "document, so long duplicates cost them time.",
            COLUMNS,
            peers,
        ),
        _worst_cases(scale, cut, figures),
    ]
    return Part(tables, figures, missing=missing)


def _ours(
    tokens: NDArray[np.uint16], what: str, cores: int, scale: Scale, figures: dict[str, Figure], name: str
) -> list[Cell]:
    file = stored(tokens)
    watched = apart(
        "parts.sorting", "sort", cores=cores, file=str(file), threads=cores, runs=scale.runs, patience=scale.patience
    )
    seconds = Figure.of(watched.result["seconds"], "s")
    peak = Figure.of(watched.result["bytes"] / tokens.size, "B/token")
    speed = seconds.per(tokens.size, "tokens/s")
    figures |= {f"{name}.seconds.{cores}": seconds, f"{name}.speed.{cores}": speed, f"{name}.memory.{cores}": peak}
    return [int(tokens.size), what, cores, seconds, speed, peak]


def _libsais(name: str, tokens: NDArray[np.uint16], figures: dict[str, Figure], missing: list[str]) -> list[list[Cell]]:
    """The same tokens sorted by libsais16; our time in percent of its time is what the aim is about."""
    folder = FOLDER / "libsais"
    try:
        taken = apart(
            "peers.libsais_peer", "sort", cores=1, file=str(stored(tokens)), folder=str(folder), runs=3
        ).result
    except SystemExit as error:
        missing.append(f"libsais, {WHAT[name]}: {error}")
        return []
    seconds = Figure.of(taken["seconds"], "s")
    speed = seconds.per(tokens.size, "tokens/s")
    figures |= {f"sort.libsais.{name}.seconds": seconds, f"sort.libsais.{name}.speed": speed}
    for cores in core_counts():
        figures[f"sort.libsais.{name}.ratio.{cores}"] = figures[f"sort.{name}.seconds.{cores}"].over(seconds)
    return [[int(tokens.size), f"{WHAT[name]}: libsais16", 1, seconds, speed, "-"]]


def sort(file: str, threads: int, runs: int, patience: float) -> dict[str, Any]:
    """Sort a file of tokens, in the measured process: seconds of each run, and the peak beside the tokens."""
    from wherefrom_indexer.suffix_array import suffix_array as sorted_suffixes

    tokens = np.load(file)
    options = {"threads": threads} if "threads" in signature(sorted_suffixes).parameters else {}
    sorted_suffixes(np.append(tokens[:200_000], 0).astype(tokens.dtype), **options)  # loads the kernels
    before = status_bytes("RssAnon")
    Path("/proc/self/clear_refs").write_text("5")  # the peak counts from here
    files = status_bytes("VmHWM") - before
    seconds = repeated(lambda: sorted_suffixes(tokens, **options), runs, patience)
    return {"seconds": seconds, "bytes": status_bytes("VmHWM") - files - before}


def duplicated(tokens: NDArray[np.uint16]) -> NDArray[np.uint16]:
    """About as many tokens, of which 47 % are documents that stood before, in random order."""
    ends = np.flatnonzero(tokens == 0) + 1
    kept = max(1, int(np.searchsorted(ends, tokens.size * 53 // 100)))
    starts = np.concatenate([[0], ends[:-1]])
    parts, size = [tokens[: ends[kept - 1]]], int(ends[kept - 1])
    order = np.random.default_rng(1).permutation(kept)
    while size < tokens.size:
        for place in order.tolist():
            parts.append(tokens[starts[place] : ends[place]])
            size += parts[-1].size
            if size >= tokens.size:
                break
    return np.concatenate(parts)


def _with_peers(
    name: str, tokens: NDArray[np.uint16], scale: Scale, figures: dict[str, Figure], missing: list[str]
) -> list[list[Cell]]:
    from peers import infini_gram

    what = WHAT[name]
    cores = core_counts()[-1]
    ours = _ours(tokens, what, cores, scale, figures, f"sort.peers.{name}")
    seconds = figures[f"sort.peers.{name}.seconds.{cores}"]
    rows: list[list[Cell]] = [[ours[0], f"{what}: Wherefrom", *ours[2:], "1"]]
    try:
        folder = OWN_BUILD if name == "text" else WORK / "infini-gram"
        watched, log = infini_gram.build(tokens, folder, cpus=2)
    except SystemExit as error:
        missing.append(f"infini-gram, {what}: {error}")
    else:
        taken = Figure.of(watched.seconds, "s")
        figures[f"sort.peers.{name}.infini_gram"] = taken
        figures[f"sort.peers.{name}.infini_gram.ratio"] = taken.over(seconds)
        figures["disk.infini_gram"] = Figure.of(infini_gram.bytes_on_disk(folder) / tokens.size, "B/token")
        steps = ", ".join(f"{step} {value:.0f} s" for step, value in infini_gram.steps(log).items())
        rows.append(_peer(tokens.size, f"{what}: infini-gram ({steps})", taken, watched.peak(), seconds))
    try:
        watched = apart(
            "peers.tokengrams_peer", "build", tokens=str(stored(tokens)), folder=str(WORK / f"tokengrams-{name}")
        )
    except SystemExit as error:
        missing.append(f"tokengrams, {what}: {error}")
    else:
        taken = Figure.of(watched.result["seconds"], "s")
        figures[f"sort.peers.{name}.tokengrams"] = taken
        figures[f"sort.peers.{name}.tokengrams.ratio"] = taken.over(seconds)
        figures["disk.tokengrams"] = Figure.of(watched.result["bytes"] / tokens.size, "B/token")
        rows.append(_peer(tokens.size, f"{what}: tokengrams", taken, watched.result["peak"], seconds))
    shutil.rmtree(WORK / "infini-gram", ignore_errors=True)
    return rows


def _peer(size: int, what: str, taken: Figure, peak: float, ours: Figure) -> list[Cell]:
    memory = Figure.of(peak / size, "B/token")
    return [size, what, core_counts()[-1], taken, taken.per(size, "tokens/s"), memory, taken.over(ours)]


def _worst_cases(scale: Scale, tokens: NDArray[np.uint16], figures: dict[str, Figure]) -> Table:
    """Made-up texts, one core each, against the natural one of the same size."""
    rows: list[list[Cell]] = []
    size = scale.worst_case_tokens
    first: Figure | None = None
    for name, case in islice(suffix_array.cases(stored(tokens[:size]), None, size), scale.worst_cases):
        watched = apart("parts.sorting", "sort", cores=1, file=str(stored(case)), threads=1, runs=2, patience=10)
        each = Figure.of(watched.result["seconds"], "s").scaled(1e9 / case.size, "ns/token")
        first = first or each
        memory = Figure.of(watched.result["bytes"] / case.size, "B/token")
        rows.append([name, int(case.size), each, memory, each.over(first)])
    slowest = max((row[-1] for row in rows), key=lambda ratio: ratio.median if isinstance(ratio, Figure) else 0.0)
    largest = max((row[-2] for row in rows), key=lambda peak: peak.median if isinstance(peak, Figure) else 0.0)
    assert isinstance(slowest, Figure)
    assert isinstance(largest, Figure)
    figures |= {"sort.worst.ratio": slowest, "sort.worst.memory": largest}
    return Table(
        "Suffix arrays, worst cases",
        "Texts of equal length, on one core; the last column compares time with the natural text.",
        ("case", "tokens", "time a token", "peak, bytes a token", "against natural text"),
        rows,
    )


def stored(tokens: NDArray[np.generic]) -> Path:
    path = WORK / "tokens.npy"
    np.save(path, tokens)
    return path
