"""The parts of a set of outputs put together: the files of the report, and what is counted over all of them."""

from __future__ import annotations

import heapq
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from itertools import groupby
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from wherefrom.audit.measuring import DUPLICATE, EMPTY, FAULTY, MEASURED
from wherefrom.audit.parameters import AuditParameters
from wherefrom.audit.parts import Part, matched_characters, writing
from wherefrom.audit.sources import Ledger
from wherefrom.audit.summary import Counts
from wherefrom.audit.tables import GENERATIONS, SPANS

MOST_VALUES = 100_000
"""Values of a field that are told apart while groups are counted."""


@dataclass(slots=True)
class Joined:
    """What is counted over all outputs of a set.

    Attributes:
        status: outputs by what became of them.
        too_short: by threshold, measured outputs that are shorter.
        groups: by place of the field, outputs of each value.
        findings: by kind, findings and outputs that have any.
        worst: those with most matched characters, most first.
        documents, sources: see `sources.Ledger`.
    """

    status: Counter[str] = field(default_factory=Counter)
    too_short: Counter[int] = field(default_factory=Counter)
    groups: list[Counter[str]] = field(default_factory=list)
    findings: dict[str, list[int]] = field(default_factory=dict)
    worst: list[dict[str, Any]] = field(default_factory=list)
    documents: int = 0
    sources: dict[str, tuple[dict[str, Any], ...]] = field(default_factory=dict)

    def counts(self) -> Counts:
        """As the report has them."""
        return Counts(
            outputs=sum(self.status.values()),
            measured=self.status[MEASURED],
            empty=self.status[EMPTY],
            too_short=dict(sorted(self.too_short.items())),
            faulty=self.status[FAULTY],
            duplicate_ids=self.status[DUPLICATE],
        )


def join(parts: Sequence[Part], parameters: AuditParameters, generations: Path, spans: Path) -> Joined:
    """Write both files from the parts and count; an output whose id stood before is marked, and counts no more.

    Memory does not grow with the number of outputs: ids and documents are remembered in a file beside `generations`.

    Raises:
        StorageError: a file cannot be written.
    """
    thresholds = sorted({*parameters.coverage_thresholds, parameters.match_characters})
    joined = Joined(groups=[Counter() for _ in parameters.group_by])
    joined.too_short.update(dict.fromkeys(thresholds, 0))
    with writing(generations.parent), ExitStack() as stack:
        ledger = stack.enter_context(Ledger(generations.with_suffix(".ledger")))
        rows = stack.enter_context(pq.ParquetWriter(generations, GENERATIONS, compression="zstd"))
        passages = stack.enter_context(pq.ParquetWriter(spans, SPANS, compression="zstd"))
        for part in parts:
            table = _marked(part.generations(), ledger)
            rows.write_table(table)
            counted = table.filter(pc.equal(table["status"], MEASURED))
            lines = set(counted["line"].to_pylist())
            held = part.spans()
            held = held.filter(pc.is_in(held["line"], value_set=counted["line"].combine_chunks()))
            passages.write_table(held)
            _count(joined, table["status"].to_pylist(), counted, thresholds)
            for _, own in groupby(held.select(["line", "start", "end", "documents"]).to_pylist(), _line):
                ledger.note(own)
            worst = [*joined.worst, *(each for each in part.worst() if each["line"] in lines)]
            joined.worst = heapq.nsmallest(
                parameters.worst, worst, key=lambda each: (-matched_characters(each), each["line"])
            )
        joined.documents = ledger.documents()
        for place, name in enumerate(parameters.source_fields):
            values = tuple(ledger.sources(place))
            if any(value["value"] != "(missing)" for value in values):
                joined.sources[name] = values
    return joined


def _line(row: Mapping[str, Any]) -> int:
    return int(row["line"])


def _marked(table: pa.Table, ledger: Ledger) -> pa.Table:
    """The rows, those whose id stood before marked as duplicates."""
    status = [
        state if state == FAULTY or ledger.is_new(name) else DUPLICATE
        for state, name in zip(table["status"].to_pylist(), table["id"].to_pylist(), strict=True)
    ]
    place = table.schema.get_field_index("status")
    return table.set_column(place, "status", pa.array(status, pa.string()))


def _count(joined: Joined, status: Iterable[str], counted: pa.Table, thresholds: Sequence[int]) -> None:
    joined.status.update(status)
    characters = np.asarray(counted["counted_characters"].to_numpy())
    for threshold in thresholds:
        joined.too_short[threshold] += int((characters < threshold).sum())
    for values in counted["groups"].to_pylist():
        for groups, value in zip(joined.groups, values, strict=True):
            if value in groups or len(groups) < MOST_VALUES:
                groups[value] += 1
    for kinds in counted["finding_kinds"].to_pylist():
        for each in kinds or ():
            held = joined.findings.setdefault(each["kind"], [0, 0])
            held[0] += each["count"]
            held[1] += 1
