"""Text to token ids: ours, Hugging Face's `tokenizers` both ways, and tiktoken with the same vocabulary."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

from corpora import large_corpus
from inputs import WORK, texts_of
from measuring import apart, core_counts, repeated
from outcome import Cell, Figure, Part, Table
from scales import Scale
from tokenizer_files import NAMES, tokenizer_file

OURS, BATCH, FAST, TIKTOKEN = "Wherefrom", "`encode_batch`", "`encode_batch_fast`", "tiktoken"
COMPARED_TEXTS = 300
PROSE = ("evals", 100_000_000)


def measure(scale: Scale) -> Part:
    figures: dict[str, Figure] = {}
    missing: list[str] = []
    compared: list[list[Cell]] = []
    speeds: list[list[Cell]] = []
    WORK.mkdir(parents=True, exist_ok=True)
    sampled = [(scale.searched, scale.tokenizers)]
    if PROSE in scale.corpora:
        sampled.append((PROSE, ("default",)))
    for (corpus, cut), names in sampled:
        sample = WORK / f"texts-{corpus}.json"
        samples_of = texts_of(large_corpus(corpus, cut), scale.tokenized_bytes, scale.runs)
        sample.write_text(json.dumps(samples_of), encoding="utf-8")
        for name in names:
            equal = apart("parts.tokenizing", "compare", name=name, texts=str(sample)).result
            compared.append([corpus, NAMES[name], equal["texts"], equal["tokens"], equal["library"], equal["tiktoken"]])
            if equal["library"] != equal["texts"]:
                missing.append(
                    f"{NAMES[name]}, {corpus}: ids differ from `tokenizers` in some texts; no speed is given"
                )
                continue
            for cores in core_counts():
                speeds.append(_row(name, corpus, sample, cores, scale, figures))
    for cores in core_counts():
        ratios = [
            figure for key, figure in figures.items() if key.startswith("tokenize.ratio.") and key.endswith(f".{cores}")
        ]
        if ratios:
            figures[f"tokenize.least_ratio.{cores}"] = min(ratios, key=lambda ratio: ratio.median)
    how = (
        f"Whole documents from all over the corpus, {scale.tokenized_bytes / 1e6:.1f} MB in one call, others in every "
        "run and the same for all systems, in a process pinned to so many cores (`RAYON_NUM_THREADS` and `num_threads` "
        "set); MB of UTF-8 a second. The last column compares with the better of `tokenizers`' two."
    )
    tables = [
        Table(
            "Tokenizing: ids compared",
            "Before any speed: in how many documents the ids of peers equal ours. tiktoken has the merges of the same "
            "vocabulary as ranks.",
            ("corpus", "tokenizer", "documents", "tokens", "equal in `tokenizers`", "equal in tiktoken"),
            compared,
        ),
        Table(
            "Tokenizing: speed",
            how,
            ("corpus", "tokenizer", "cores", OURS, BATCH, FAST, TIKTOKEN, "ours against `tokenizers`"),
            speeds,
        ),
    ]
    return Part(tables, figures, missing=missing)


def _row(name: str, corpus: str, sample: Path, cores: int, scale: Scale, figures: dict[str, Figure]) -> list[Cell]:
    os.environ["RAYON_NUM_THREADS"] = str(cores)
    try:
        taken = apart(
            "parts.tokenizing",
            "speeds",
            cores=cores,
            name=name,
            texts=str(sample),
            threads=cores,
            patience=scale.patience / 8,
        ).result
    finally:
        os.environ.pop("RAYON_NUM_THREADS")
    rates = {what: Figure.of(samples, "MB/s") for what, samples in taken.items()}
    better = max(rates[BATCH], rates[FAST], key=lambda figure: figure.median)
    ratio = rates[OURS].over(better)
    figures[f"tokenize.ratio.{corpus}.{name}.{cores}"] = ratio
    figures |= {f"tokenize.{corpus}.{name}.{what.strip('`')}.{cores}": rate for what, rate in rates.items()}
    return [corpus, NAMES[name], cores, *(rates[what] for what in (OURS, BATCH, FAST, TIKTOKEN)), ratio]


def compare(name: str, texts: str) -> dict[str, int]:
    """In how many texts the ids are equal, in the measured process."""
    ours, library, tiktoken = _systems(name)
    sample = json.loads(Path(texts).read_text(encoding="utf-8"))[0][:COMPARED_TEXTS]
    encoded = ours.encode_texts(sample, threads=1)
    original = ours.vocabulary.original
    found = {"texts": len(sample), "tokens": 0, "library": 0, "tiktoken": 0}
    for place, text in enumerate(sample):
        ids = original[encoded.ids[encoded.starts[place] : encoded.starts[place + 1]]].tolist()
        found["tokens"] += len(ids)
        found["library"] += ids == library.encode(text, add_special_tokens=False).ids
        found["tiktoken"] += ids == tiktoken.ids(text)
    return found


def speeds(name: str, texts: str, threads: int, patience: float) -> dict[str, list[float]]:
    """Megabytes a second of each system's runs, in the measured process; every run has other texts."""
    ours, library, tiktoken = _systems(name)
    samples: list[list[str]] = json.loads(Path(texts).read_text(encoding="utf-8"))
    calls: dict[str, Callable[[list[str]], Any]] = {
        OURS: partial(ours.encode_texts, threads=threads),
        BATCH: partial(library.encode_batch, add_special_tokens=False),
        FAST: partial(library.encode_batch_fast, add_special_tokens=False),
        TIKTOKEN: partial(tiktoken.encoding.encode_ordinary_batch, num_threads=threads),
    }
    rates: dict[str, list[float]] = {}
    for what, call in calls.items():
        call(samples[0][:20])  # loads kernels, makes threads
        rates[what], spent = [], 0.0
        for sample in samples:
            if spent < patience:
                seconds = repeated(partial(call, sample), 1)[0]
                spent += seconds
                rates[what].append(sum(len(text.encode("utf-8")) for text in sample) / seconds / 1e6)
    return rates


def _systems(name: str) -> tuple[Any, Any, Any]:
    import tokenizers
    from peers.tiktoken_peer import peer_of

    from wherefrom_indexer.tokenization import Tokenizer

    ours = Tokenizer.load(tokenizer_file(name))
    return ours, tokenizers.Tokenizer.from_str(ours.definition), peer_of(name, ours.definition)
