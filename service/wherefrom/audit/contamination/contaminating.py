"""A benchmark judged against a corpus: the run as a whole."""

from __future__ import annotations

import json
import math
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path
from typing import Any

from wherefrom.audit.contamination.items import Item, read_items
from wherefrom.audit.contamination.judging import Judge
from wherefrom.audit.contamination.ledger import Ledger
from wherefrom.audit.contamination.listing import write_lists
from wherefrom.audit.contamination.parameters import ContaminationParameters
from wherefrom.audit.contamination.summary import ContaminationReport, counts_of, parameters_of, worst_of
from wherefrom.audit.contamination.tables import EVIDENCE, ITEMS, evidence_rows, item_rows
from wherefrom.audit.contamination.tallies import Tallies
from wherefrom.audit.contamination.variants.gpt3 import MOST_WORDS, Gpt3, words_for
from wherefrom.audit.contamination.words import plain_words
from wherefrom.audit.row_groups import Table
from wherefrom.audit.spool import Spool
from wherefrom.tracer import Tracer
from wherefrom.workers import cores
from wherefrom_indexer.errors import StorageError, UsageError
from wherefrom_indexer.progress import Progress, Report, silent

DUPLICATE = "duplicate id"


@dataclass(frozen=True, slots=True)
class Benchmark:
    """What is judged.

    Attributes:
        path: JSONL file of items; it is read twice where `gpt3` has to find its n.
        scores: JSONL file with an id and a score in each line; None if items have theirs or there are none.
        scores_field: field of the score in that file.
        command: the command line, for the report.
    """

    path: str
    scores: str | None = None
    scores_field: str = "score"
    command: str = ""


def contamination(
    tracer: Tracer,
    benchmark: Benchmark,
    parameters: ContaminationParameters,
    folder: Path,
    processes: int | None = None,
    progress: Report = silent,
) -> ContaminationReport:
    """Judge the items of a benchmark, and write what was found into a folder.

    The folder gets items.parquet, evidence.parquet, report.json, and for each index whose documents hold items a list
    of their ids. A run that was interrupted goes on where it stopped. Memory does not grow with the number of items.

    Args:
        tracer: the corpus.
        benchmark: the items, and scores on them.
        parameters: the rules.
        folder: where results go; it is made if it is not there.
        processes: how many work; None: as many as cores may be used.
        progress: is told bytes of the benchmark that are done.

    Raises:
        UsageError: a file cannot be read, or no item has any of the fields.
        StorageError: the folder cannot be written.
    """
    stated = _stated(benchmark.path)
    words = _gpt3_words(benchmark.path, parameters)
    variants = parameters.chosen(words)
    run = {
        "parameters": parameters_of(parameters, words),
        "indexes": [(index.name, index.version) for index in tracer.indexes],
        "benchmark": stated,
        "scores": None if benchmark.scores is None else [*_stated(benchmark.scores), benchmark.scores_field],
    }
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise StorageError(f"Cannot write {folder}: {error.strerror or error}.") from error
    spool = Spool(folder / ".results.part", run)
    tallies = Tallies(variants, tuple(parameters.roles))
    with Ledger(folder / ".ledger.part") as ledger:
        faulty = 0
        if benchmark.scores is not None:
            faulty = ledger.read_scores(benchmark.scores, parameters.id_field, benchmark.scores_field)
        items = _unique(read_items(benchmark.path, parameters.item_fields), ledger, benchmark.scores is not None)
        before = spool.done
        done = sum(item.length for item in islice(items, before))
        for result in spool.append(tracer.map(Judge(variants, parameters), items, processes or cores())):
            done += result["length"]
            progress(Progress("judge", done, stated[1] or None, "bytes"))
        _write_tables(folder, spool, tallies, ledger)
        if tallies.items and tallies.faults["no such field"] == tallies.items:
            spool.path.unlink()
            fields = ", ".join(parameters.roles.values())
            raise UsageError(f"No item of {benchmark.path} has a field {fields}: name the fields that hold texts.")
        lists = write_lists(folder, (index.name for index in tracer.indexes), ledger)
    report = ContaminationReport(
        datetime.now(UTC).date().isoformat(),
        benchmark.command,
        Path(benchmark.path).name,
        tracer.indexes,
        parameters_of(parameters, words),
        counts_of(tallies, faulty),
        tallies.variants(),
        worst_of(tallies.worst()),
        lists,
    )
    text = json.dumps(report.to_dict(), indent=2, ensure_ascii=False, allow_nan=False)
    (folder / "report.json").write_text(text + "\n", encoding="utf-8")
    spool.path.unlink()
    return report


def _stated(path: str) -> list[Any]:
    """A file as a run that goes on must find it again: its path, bytes and time of change; standard input has none."""
    if path == "-":
        return [path, 0, 0]
    try:
        found = Path(path).stat()
    except OSError as error:
        raise UsageError(f"Cannot read {path}: {error.strerror or error}.") from error
    return [str(Path(path).resolve()), found.st_size, found.st_mtime_ns]


def _gpt3_words(path: str, parameters: ContaminationParameters) -> int | None:
    """The n of `gpt3`: as given, or from the lengths of the benchmark's first texts, which takes a pass of its own."""
    if Gpt3.name not in parameters.variants:
        return None
    if parameters.gpt3_words is not None:
        return parameters.gpt3_words
    if path == "-":
        raise UsageError(
            "Standard input is read once, so gpt3 cannot choose its n from it: give --gpt3-words, or a file."
        )
    lengths: Counter[int] = Counter()
    for item in read_items(path, parameters.item_fields):
        if item.texts:
            lengths[min(len(plain_words(next(iter(item.texts.values())))), MOST_WORDS)] += 1
    return words_for(lengths)


def _unique(items: Iterator[Item], ledger: Ledger, scored: bool) -> Iterator[Item]:
    """The items with the scores of the ledger; one whose id another had that can be judged has that as its fault."""
    for item in items:
        if scored:
            item = replace(item, score=ledger.score(item.id))
        is_new = item.fault is not None or ledger.is_new(item.id)
        yield item if is_new else replace(item, texts={}, fault=DUPLICATE)


def _write_tables(folder: Path, spool: Spool, tallies: Tallies, ledger: Ledger) -> None:
    with ExitStack() as stack:
        items = stack.enter_context(Table(folder / "items.parquet", ITEMS))
        evidence = stack.enter_context(Table(folder / "evidence.parquet", EVIDENCE))
        for result in spool.results():
            tallies.add(result)
            items.add(item_rows(_without_nan(result)))
            evidence.add(evidence_rows(result))
            for document in result.get("documents", ()):
                ledger.note_document(document["index"], document["id"], document["share"])


def _without_nan(result: dict[str, Any]) -> dict[str, Any]:
    score = result["score"]
    return result | {"score": None} if score is not None and math.isnan(score) else result
