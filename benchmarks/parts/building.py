"""Raw text to a published index: speed, where the time goes, memory, bytes on disk, and verifying it."""

from __future__ import annotations

import json
import os
import shutil
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import pairwise
from pathlib import Path
from typing import Any

from corpora import LARGE, large_corpus
from inputs import WORK, first_documents, package_of
from measuring import Watched, apart, core_counts, forget_pages, repeated
from outcome import Cell, Figure, Part, Table
from scales import Scale

MEMORY = "8GB"
"""The budget: enough that 200 MB of text become one segment, as on a machine that is used for this."""

COLD_AND_WARM = {
    "build.first_of_all": "first build of all, kernels compiled",
    "build.nothing": "later, kernels loaded",
}

PER_DOCUMENT_FILES = {
    "exact/starts.bin",
    "hashes.bin",
    "hash_order.bin",
    "id_hashes.bin",
    "id_ordinals.bin",
    "stored_texts.bin",
    "records.bin",
    "record_blocks.bin",
}


def measure(scale: Scale) -> Part:
    WORK.mkdir(parents=True, exist_ok=True)
    figures: dict[str, Figure] = {}
    facts: dict[str, Any] = {}
    compiling = _compile(scale.compiled)
    figures |= compiling
    speeds: list[list[Cell]] = []
    sizes: list[list[Cell]] = []
    for name, cut in scale.corpora:
        corpus = large_corpus(name, cut)
        rows, facts[name] = _corpus(name, corpus, scale, figures)
        speeds += rows
        sizes += _files(name, facts[name], figures)
        facts[name]["package"] = package_of(name)
    facts["qwen3"] = _with_wide_tokens(large_corpus(*scale.searched))
    sizes += _files("qwen3", facts["qwen3"], figures)
    described = "; ".join(f"{name}: {LARGE[name][1]}, from `{facts[name]['package']}`" for name, _ in scale.corpora)
    tables = [
        Table(
            "Raw text to a published index",
            f"`build_index` of a JSON Lines file with the default tokenizer and `--memory {MEMORY}`, in a process of "
            "its own, the start of Python included; kernels compiled before. MB: of the file. Peak: anonymous memory "
            "of the process and its children, read every 20 ms. Cold: the file was dropped from memory before. "
            f"Corpora: {described}.",
            (
                "corpus",
                "cores",
                "file",
                "bytes",
                "tokens",
                "segments",
                "seconds",
                "speed",
                "peak",
                "peak, bytes a token",
            ),
            speeds,
        ),
        Table(
            "Where the time of a build goes",
            "Seconds by stage of the last build on all cores, as `progress` tells them.",
            ("corpus", "start and end", "read, tokenize, write", "sort suffixes", "publish", "`verify`, apart"),
            [_stages(name, facts[name]) for name, _ in scale.corpora],
        ),
        Table(
            "Bytes on disk",
            "From the manifest. Files of the document table count by document, all others by token. qwen3: the first "
            "documents of the searched corpus with the tokens of Qwen3 (151,669), which take 32 bits.",
            ("corpus", "file", "bytes", "bytes a token", "bytes a document"),
            sizes,
        ),
        Table(
            "Cold and warm",
            "A build of nine documents: the first of all on a machine compiles the kernels; later ones load them.",
            ("what", "seconds"),
            [[COLD_AND_WARM[name], figure] for name, figure in compiling.items()],
        ),
    ]
    return Part(tables, figures, facts=facts)


def _corpus(
    name: str, corpus: Path, scale: Scale, figures: dict[str, Figure]
) -> tuple[list[list[Cell]], dict[str, Any]]:
    """A row for each number of cores, warm, and one for a cold file; what was built stays for other parts."""
    index = corpus.with_suffix(".index")
    megabytes = corpus.stat().st_size / 1e6
    rows: list[list[Cell]] = []
    for cores in core_counts():
        builds: list[Watched] = []
        repeated(lambda: builds.append(_built(corpus, index, cores)), scale.runs, scale.patience)  # noqa: B023
        seconds = Figure.of([build.seconds for build in builds], "s")
        peak = Figure.of([build.peak() for build in builds], "bytes")
        figures |= {
            f"build.{name}.seconds.{cores}": seconds,
            f"build.{name}.speed.{cores}": seconds.per(megabytes, "MB/s"),
            f"build.{name}.peak.{cores}": peak,
        }
        rows.append(_row(name, cores, "warm", builds[-1].result, corpus, seconds, peak))
    forget_pages(corpus)
    cold = _built(corpus, index, core_counts()[-1])
    figures[f"build.{name}.cold"] = Figure.of(cold.seconds, "s")
    rows.append(
        _row(name, core_counts()[-1], "cold", cold.result, corpus, Figure.of(cold.seconds, "s"),
             Figure.of(cold.peak(), "bytes"))
    )  # fmt: skip
    verified = apart("parts.building", "verify", index=str(index))
    if verified.result:
        raise SystemExit(f"The index of {name} is damaged: {verified.result}")
    figures[f"build.{name}.verify"] = Figure.of(verified.seconds, "s")
    tokens = cold.result["tokens"]
    figures[f"build.{name}.peak_per_token"] = Figure.of(cold.peak() / tokens, "B/token")
    sorting = cold.result["stages"]["sort"]
    figures |= {
        f"build.{name}.tokens": Figure.of(tokens, "tokens"),
        f"build.{name}.cores": Figure.of(core_counts()[-1]),
        f"build.{name}.sort_speed": Figure.of(tokens / sorting, "tokens/s"),
        f"build.{name}.text_speed": Figure.of(tokens / (cold.seconds - sorting), "tokens/s"),
    }
    for cores in core_counts():
        figures[f"build.{name}.token_speed.{cores}"] = figures[f"build.{name}.seconds.{cores}"].per(tokens, "tokens/s")
    facts = {**cold.result, "seconds": cold.seconds, "verify_seconds": verified.seconds, "bytes": corpus.stat().st_size}
    return rows, facts


def _row(
    name: str, cores: int, file: str, made: dict[str, Any], corpus: Path, seconds: Figure, peak: Figure
) -> list[Cell]:
    size = corpus.stat().st_size
    speed = seconds.per(size / 1e6, "MB/s")
    memory = peak.scaled(1 / made["tokens"], "B/token")
    return [name, cores, file, Figure.of(size, "bytes"), made["tokens"], made["segments"], seconds, speed, peak, memory]


def _built(corpus: Path, index: Path, cores: int) -> Watched:
    shutil.rmtree(index, ignore_errors=True)
    return apart("parts.building", "build", cores=cores, corpus=str(corpus), index=str(index), threads=cores)


def build(corpus: str, index: str, threads: int, tokenizer: str = "default") -> dict[str, Any]:
    """Build an index, in the measured process: the moments of its stages, and what it became."""
    from wherefrom_indexer import Progress, build_index

    events = [(time.monotonic(), "read")]

    def progress(event: Progress) -> None:
        if event.stage == "sort":
            events.append((time.monotonic(), "read" if event.done else "sort"))

    build_index(corpus, index, id_field="id", memory=MEMORY, threads=threads, progress=progress, tokenizer=tokenizer)
    events[-1] = (events[-1][0], "publish")  # nothing was left to read
    events.append((time.monotonic(), "end"))
    stages = dict.fromkeys(("read", "sort", "publish"), 0.0)
    for (moment, stage), (following, _) in pairwise(events):
        stages[stage] += following - moment
    return {"stages": stages, **sizes_of(Path(index))}


def _with_wide_tokens(corpus: Path) -> dict[str, Any]:
    """What an index becomes with a tokenizer of more than 65,535 tokens."""
    from tokenizer_files import tokenizer_file

    with corpus.open("rb") as lines:
        documents = sum(1 for _ in lines)
    cut = first_documents(corpus, max(1, documents // 2), "wide.jsonl")
    index = cut.with_suffix(".index")
    made = apart("parts.building", "build", corpus=str(cut), index=str(index), threads=core_counts()[-1],
                 tokenizer=tokenizer_file("qwen3")).result  # fmt: skip
    shutil.rmtree(index)
    return dict(made)


def sizes_of(index: Path) -> dict[str, Any]:
    """What stands in the manifest of an index: documents, tokens, segments, bytes by file."""
    from wherefrom_indexer.manifest import read_manifest

    segments = read_manifest(index).segments
    files: Counter[str] = Counter()
    for segment in segments:
        files.update({name: info.bytes for name, info in segment.files.items()})
    return {
        "documents": sum(segment.documents for segment in segments),
        "tokens": sum(segment.tokens for segment in segments),
        "segments": len(segments),
        "files": dict(files),
    }


def verify(index: str) -> list[str]:
    """Verify an index, in the measured process."""
    from wherefrom_indexer import verify_index

    return [str(finding) for finding in verify_index(Path(index))]


def _stages(name: str, fact: dict[str, Any]) -> list[Cell]:
    stages = fact["stages"]
    rest = fact["seconds"] - sum(stages.values())
    shown = [rest, stages["read"], stages["sort"], stages["publish"], fact["verify_seconds"]]
    return [name, *(Figure.of(seconds, "s") for seconds in shown)]


def _files(name: str, fact: dict[str, Any], figures: dict[str, Figure]) -> list[list[Cell]]:
    """A row for each file, and two sums: of what grows with tokens, and of what grows with documents."""
    by_token = [file for file in fact["files"] if file not in PER_DOCUMENT_FILES]
    by_document = [file for file in fact["files"] if file in PER_DOCUMENT_FILES]
    rows = [_size(name, f"`{file}`", [file], fact) for file in fact["files"]]
    rows.append(_size(name, "**that grow with tokens**", by_token, fact))
    rows.append(_size(name, "**that grow with documents**", by_document, fact))
    token_bytes = sum(fact["files"][file] for file in by_token)
    document_bytes = sum(fact["files"][file] for file in by_document)
    figures[f"disk.{name}.token"] = Figure.of(token_bytes / fact["tokens"], "B/token")
    figures[f"disk.{name}.document"] = Figure.of(document_bytes / fact["documents"], "B/document")
    return rows


def _size(name: str, what: str, files: list[str], fact: dict[str, Any]) -> list[Cell]:
    size = sum(fact["files"][file] for file in files)
    by_token = Figure.of(size / fact["tokens"], "B/token")
    return [name, what, Figure.of(size, "bytes"), by_token, Figure.of(size / fact["documents"], "B/document")]


def _compile(timed: bool) -> dict[str, Figure]:
    """Let the kernels be compiled before anything is measured; a build of almost nothing without them, and with."""
    with tempfile.TemporaryDirectory() as temporary:
        corpus = Path(temporary) / "corpus.jsonl"
        corpus.write_text("".join(json.dumps({"id": str(n), "text": "one two three"}) + "\n" for n in range(9)))
        index = Path(temporary) / "corpus.index"
        _built(corpus, index, core_counts()[-1])  # into the cache that everything here uses
        apart("parts.building", "verify", index=str(index))
        cold: dict[str, Figure] = {}
        if timed:
            with _environment("NUMBA_CACHE_DIR", str(Path(temporary) / "kernels")):
                cold["build.first_of_all"] = Figure.of(_built(corpus, index, core_counts()[-1]).seconds, "s")
        warm = [_built(corpus, index, core_counts()[-1]).seconds for _ in range(3)]
    return {**cold, "build.nothing": Figure.of(warm, "s")}


@contextmanager
def _environment(name: str, value: str) -> Iterator[None]:
    """Set a variable for the processes that the body starts."""
    before = os.environ.get(name)
    os.environ[name] = value
    try:
        yield
    finally:
        if before is None:
            del os.environ[name]
        else:
            os.environ[name] = before
