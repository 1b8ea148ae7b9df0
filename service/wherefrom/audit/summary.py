"""What an audit found: the figures of report.json."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

SCHEMA_VERSION = 1
KIND = "audit"


@dataclass(frozen=True, slots=True)
class MeasureKind:
    """What a measure is called and counted in; `docs/audits.md` says what it means.

    Attributes:
        name: its key in `Group.measures`.
        label: what people read.
        unit: "share" (0 to 1), "characters", "tokens", "bits", "documents", "findings" or "" (a plain number).
        higher_is_more_copied: whether a larger value means more text from the corpus.
    """

    name: str
    label: str
    unit: str
    higher_is_more_copied: bool = True


MEASURES = (
    MeasureKind("share", "Share of characters in long matches", "share"),
    MeasureKind("rarity_share", "The same, each token weighed by its rarity", "share"),
    MeasureKind("longest", "Longest match", "characters"),
    MeasureKind("longest_tokens", "Longest match in tokens", "tokens"),
    MeasureKind("rarest_bits", "Information of the rarest long match", "bits"),
    MeasureKind("mean_suffix", "Mean length of the longest suffix in the corpus", "tokens"),
    MeasureKind("creativity_index", "Creativity index", "", False),
    MeasureKind("near_verbatim", "Share of words in near-verbatim blocks", "share"),
    MeasureKind("near_verbatim_recall", "Near-verbatim recall of the best document", "share"),
    MeasureKind("documents", "Distinct documents with a long match", "documents"),
    MeasureKind("prompt_overlap", "Share of characters that stand in the prompt", "share"),
    MeasureKind("findings", "Personal data and secrets in long matches", "findings"),
)


@dataclass(frozen=True, slots=True)
class Measured:
    """A mean over outputs with its bootstrap interval.

    Attributes:
        value: the mean; None: there was no output to take it from.
        low, high: the interval; None: there were fewer than two outputs.
        n: the number of outputs that it is taken from.
    """

    value: float | None
    low: float | None
    high: float | None
    n: int


@dataclass(frozen=True, slots=True)
class Group:
    """The figures of some outputs.

    Attributes:
        name: of the group; "all" or "baseline" for whole sets.
        outputs: measured outputs in it.
        measures: by name, see `MEASURES`; those that were not asked for are absent.
        curves: "novelty" [{n, value, low, high, outputs}], "tail" [{characters, share}] (share of outputs whose longest
            match has at least so many characters), "share_tail" [{share, outputs}] (share of outputs of which at least
            that share stands in long matches), "suffix_histogram" [{tokens, positions}] (the last one: so many or
            more), "uniqueness" [{l, value, low, high, outputs}], "coverage" [{threshold, value, low, high, outputs}].
    """

    name: str
    outputs: int
    measures: Mapping[str, Measured]
    curves: Mapping[str, list[dict[str, Any]]]

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Group:
        """The group that `dataclasses.asdict` gave."""
        measures = {name: Measured(**value) for name, value in data["measures"].items()}
        return cls(data["name"], data["outputs"], measures, data["curves"])


@dataclass(frozen=True, slots=True)
class Difference:
    """How a measure of the outputs differs from that of the baseline: value with interval, None as in `Measured`."""

    measure: str
    value: float | None
    low: float | None
    high: float | None


@dataclass(frozen=True, slots=True)
class Counts:
    """How many outputs were read, and what became of them.

    Attributes:
        outputs: records read.
        measured: outputs in the figures.
        empty: outputs without text.
        too_short: by threshold in characters, outputs that are shorter, and left out of what needs that length.
        faulty: records that cannot be read, or have no text.
        duplicate_ids: outputs whose id stood before; they are left out.
    """

    outputs: int
    measured: int
    empty: int
    too_short: Mapping[int, int]
    faulty: int
    duplicate_ids: int


@dataclass(frozen=True, slots=True)
class AuditReport:
    """All figures of an audit; `to_dict` is report.json, its schema docs/audit.schema.json.

    Attributes:
        created: date, the only part that differs between two equal runs.
        command: the command line; empty when there was none.
        indexes: [{name, version, documents, tokens}].
        parameters: as `AuditParameters.to_dict`.
        counts, baseline_counts: of the outputs, and of the baseline.
        overall, baseline: figures of all outputs, and of the comparison set.
        differences: outputs minus baseline.
        groups: by field, the groups of its values; missing values are a group of their own.
        worst: [{id, line, text, prompt, passages: [{start, end, count, count_is_lower_bound, documents: [{index, id,
            metadata}]}], longest, coverage}]; ranges in code points of the text, in which findings are masked.
        sources: by metadata field, [{value, documents, characters}], most characters first.
        findings: [{kind, count, outputs}].
        distinct_documents: documents with a long match, over all outputs.
        notes: sentences on what was left out or could not be measured in this audit.
        limits: sentences on what such an audit can and cannot say.
    """

    created: str
    command: str
    indexes: tuple[Mapping[str, Any], ...]
    parameters: Mapping[str, Any]
    counts: Counts
    overall: Group
    baseline_counts: Counts | None = None
    baseline: Group | None = None
    differences: tuple[Difference, ...] = ()
    groups: Mapping[str, tuple[Group, ...]] = field(default_factory=dict)
    worst: tuple[Mapping[str, Any], ...] = ()
    sources: Mapping[str, tuple[Mapping[str, Any], ...]] = field(default_factory=dict)
    findings: tuple[Mapping[str, Any], ...] = ()
    distinct_documents: int = 0
    notes: tuple[str, ...] = ()
    limits: tuple[str, ...] = ()

    def to_dict(self) -> dict[str, Any]:
        """The report as JSON has it."""
        data: dict[str, Any] = _plain(dataclasses.asdict(self))
        return {"schema_version": SCHEMA_VERSION, "kind": KIND, **data}

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> AuditReport:
        """The report that `to_dict` gave; what it does not know is left out."""
        known = {name: data[name] for name in (each.name for each in dataclasses.fields(cls)) if name in data}
        for name in ("indexes", "worst", "findings", "notes", "limits"):
            known[name] = tuple(known.get(name, ()))
        known["counts"] = _counts(data["counts"])
        known["baseline_counts"] = _counts(data.get("baseline_counts"))
        known["overall"] = Group.from_dict(data["overall"])
        known["baseline"] = Group.from_dict(data["baseline"]) if data.get("baseline") else None
        known["differences"] = tuple(Difference(**each) for each in data.get("differences", ()))
        known["groups"] = {
            name: tuple(Group.from_dict(each) for each in groups) for name, groups in data.get("groups", {}).items()
        }
        known["sources"] = {name: tuple(values) for name, values in data.get("sources", {}).items()}
        return cls(**known)


def _counts(data: Mapping[str, Any] | None) -> Counts | None:
    if data is None:
        return None
    return Counts(**{**data, "too_short": {int(key): value for key, value in data["too_short"].items()}})


def _plain(value: Any) -> Any:
    """Tuples as lists, keys as strings: what JSON has."""
    if isinstance(value, Mapping):
        return {str(key): _plain(each) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(each) for each in value]
    return value
