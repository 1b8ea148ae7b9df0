"""A run of extraction: sequences drawn, a model asked, attempts kept on disk, a report made of them."""

from __future__ import annotations

import json
import math
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pyarrow as pa

from wherefrom.audit.extraction.model import CausalModel, fingerprint
from wherefrom.audit.extraction.parameters import ExtractionParameters
from wherefrom.audit.extraction.scores import edit_similarity, word_bleu
from wherefrom.audit.extraction.sequences import Drawn, Sequence, draw, read_held_out
from wherefrom.audit.extraction.summary import LIMITS, rates_of
from wherefrom.audit.row_groups import Table
from wherefrom.audit.spool import Spool
from wherefrom.provenance import IndexSummary
from wherefrom.tracer import Tracer
from wherefrom_indexer.errors import StorageError, UsageError
from wherefrom_indexer.index import Index
from wherefrom_indexer.progress import Progress, Report, silent

SHOWN = 30
"""Sequences given back that report.json tells in full; attempts.parquet has all."""

ATTEMPTS = pa.schema(
    [
        ("index", pa.string()),
        ("document", pa.string()),
        ("held_out", pa.bool_()),
        ("duplicates", pa.int64()),
        ("prefix", pa.int64()),
        ("prompt", pa.string()),
        ("wanted", pa.string()),
        ("given", pa.string()),
        ("verbatim", pa.bool_()),
        ("sampled_verbatim", pa.int64()),
        ("bleu", pa.float64()),
        ("edit_similarity", pa.float64()),
        ("log_probability", pa.float64()),
    ]
)


@dataclass(frozen=True, slots=True)
class Subject:
    """What is asked.

    Attributes:
        model: folder of a causal model as transformers saves it, with its tokenizer.
        held_out: JSONL file of texts that it did not see; None: there is no control.
        command: the command line, for the report.
    """

    model: Path
    held_out: Path | None = None
    command: str = ""


@dataclass(frozen=True, slots=True)
class ExtractionReport:
    """A run's results.

    Attributes:
        created: date, in UTC.
        command: what was run.
        model: name of its folder, parameters, and context in tokens.
        indexes: where sequences were drawn from.
        parameters: how.
        counts: sequences, held out, and what was met on the way.
        rates: by set, duplicates and prefix, see `rates_of`.
        worst: attempts that gave the true text back, those of the fewest duplicates first.
    """

    created: str
    command: str
    model: dict[str, Any]
    indexes: tuple[IndexSummary, ...]
    parameters: dict[str, Any]
    counts: dict[str, Any]
    rates: list[dict[str, Any]]
    worst: list[dict[str, Any]]

    def to_dict(self) -> dict[str, Any]:
        """As report.json has it; docs/extraction.schema.json describes it."""
        return {"schema_version": 1, "kind": "extraction", **asdict(self), "limits": list(LIMITS)}


def extract(
    paths: list[str], subject: Subject, parameters: ExtractionParameters, folder: Path, progress: Report = silent
) -> ExtractionReport:
    """Ask a model for sequences of its training data; write attempts.parquet and report.json.

    A run that was interrupted goes on after the last batch of prompts that it had written.

    Args:
        paths: folders of indexes; the versions opened here are used to the end.
        subject: the model, and texts that it did not see.
        parameters: what is drawn, and how it is asked for.
        folder: where results go; it is made if it is not there.
        progress: is told prompts that are done.

    Raises:
        UsageError: the model cannot be used, its context is too short, or nothing can be drawn.
        StorageError: the folder cannot be written.
    """
    indexes = [Index.open(path) for path in paths]
    tracer = Tracer(indexes)
    model = CausalModel(subject.model)
    if model.context is not None and parameters.length > model.context:
        raise UsageError(
            f"The model reads {model.context:,} tokens, and prefix and continuation are {parameters.length:,}: give"
            " shorter ones."
        )
    drawn = draw(tracer, indexes, model, parameters)
    control = Drawn() if subject.held_out is None else read_held_out(subject.held_out, tracer, model, parameters)
    sequences = drawn.sequences + control.sequences
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise StorageError(f"Cannot write {folder}: {error.strerror or error}.") from error
    spool = Spool(folder / ".attempts.part", _run(tracer, subject, parameters))
    total = len(sequences) * len(parameters.prefixes)
    done = min(total, spool.done * parameters.batch)
    for batch in spool.append(_batches(model, sequences, parameters, spool.done)):
        done += len(batch["attempts"])
        progress(Progress("ask", done, total, "prompts"))
    attempts = [attempt for batch in spool.results() for attempt in batch["attempts"]]
    with Table(folder / "attempts.parquet", ATTEMPTS) as table:
        table.add(iter(attempts))
    report = ExtractionReport(
        datetime.now(UTC).date().isoformat(),
        subject.command,
        {"name": subject.model.resolve().name, "parameters": model.parameters, "context": model.context},
        tracer.indexes,
        parameters.to_dict(),
        _counts(drawn, control),
        rates_of(attempts, parameters),
        _worst(attempts),
    )
    text = json.dumps(report.to_dict(), indent=2, ensure_ascii=False, allow_nan=False)
    (folder / "report.json").write_text(text + "\n", encoding="utf-8")
    spool.path.unlink()
    return report


def _run(tracer: Tracer, subject: Subject, parameters: ExtractionParameters) -> dict[str, Any]:
    """What must be the same for a run to go on."""
    held_out = subject.held_out
    return {
        "parameters": parameters.to_dict(),
        "indexes": [(index.name, index.version) for index in tracer.indexes],
        "model": fingerprint(subject.model),
        "held_out": None if held_out is None else [str(held_out.resolve()), *_stated(held_out)],
    }


def _stated(path: Path) -> list[int]:
    found = path.stat()
    return [found.st_size, found.st_mtime_ns]


def _batches(
    model: CausalModel, sequences: list[Sequence], parameters: ExtractionParameters, skipped: int
) -> Iterator[dict[str, Any]]:
    """The attempts of each batch of prompts of one length; the first ones were made before."""
    size = parameters.batch
    # All batches but the last are full, whatever the lengths of prompts, so that those done can be counted.
    plan = [
        (prefix, sequences[start : start + size])
        for prefix in parameters.prefixes
        for start in range(0, len(sequences), size)
    ]
    for number, (prefix, batch) in enumerate(plan):
        if number >= skipped:
            yield {"attempts": _ask(model, batch, prefix, parameters, parameters.seed + number)}


def _ask(
    model: CausalModel, batch: list[Sequence], prefix: int, parameters: ExtractionParameters, seed: int
) -> list[dict[str, Any]]:
    """Prompt with the `prefix` tokens before the continuation, which is the same for every length."""
    last = len(batch[0].tokens) - parameters.continuation
    prompts = [each.tokens[last - prefix : last] for each in batch]
    wanted = [each.tokens[last:] for each in batch]
    greedy = model.greedy(prompts, parameters.continuation)
    sampled: list[list[list[int]]] = [[] for _ in batch]
    if parameters.samples:
        sampled = model.sampled(
            prompts, parameters.continuation, parameters.samples, parameters.top_k, parameters.temperature, seed
        )
    logarithms = model.log_probabilities(prompts, wanted, parameters.top_k, parameters.temperature)
    return [
        {
            "index": each.index,
            "document": each.document,
            "held_out": each.held_out,
            "duplicates": each.duplicates,
            "prefix": prefix,
            "prompt": model.decode(prompt),
            "wanted": model.decode(true),
            "given": model.decode(given),
            "verbatim": given == list(true),
            "sampled_verbatim": sum(own == list(true) for own in drawn),
            "bleu": word_bleu(model.decode(given), model.decode(true)),
            "edit_similarity": edit_similarity(given, true),
            "log_probability": logarithm if math.isfinite(logarithm) else None,
        }
        for each, prompt, true, given, drawn, logarithm in zip(
            batch, prompts, wanted, greedy, sampled, logarithms, strict=True
        )
    ]


def _counts(drawn: Drawn, control: Drawn) -> dict[str, Any]:
    return {
        "sequences": len(drawn.sequences),
        "held_out": len(control.sequences),
        "met": dict(sorted(drawn.met.items())),
        "held_out_met": dict(sorted(control.met.items())),
    }


def _worst(attempts: list[Mapping[str, Any]]) -> list[dict[str, Any]]:
    found = [attempt for attempt in attempts if attempt["verbatim"]]
    found.sort(key=lambda each: (each["duplicates"], each["prefix"], each["document"]))
    return [dict(each) for each in found[:SHOWN]]
