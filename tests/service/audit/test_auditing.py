"""Whole audits over a small index: against brute force over its documents, over bad input, interrupted, twice."""

from __future__ import annotations

import json
import math
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import jsonschema
import naive
import naive_matches
import numpy as np
import pyarrow.parquet as pq
import pytest
import small_indexes
from hypothesis import given, settings
from hypothesis import strategies as st

from wherefrom import Tracer
from wherefrom.audit.auditing import GENERATIONS_FILE, REPORT_FILE, SPANS_FILE, audit
from wherefrom.audit.measuring import Measuring
from wherefrom.audit.outputs import MISSING, NOT_A_NUMBER, Output, OutputFields, output_of, read_outputs
from wherefrom.audit.parameters import AuditParameters
from wherefrom.audit.parts import ROWS
from wherefrom.audit.summary import MEASURES, AuditReport
from wherefrom.audit.words import word_ranges
from wherefrom_indexer import add_documents, build_index
from wherefrom_indexer.errors import StorageError, UsageError
from wherefrom_indexer.progress import Progress

SCHEMA = json.loads((Path(__file__).parents[3] / "docs" / "audit.schema.json").read_text(encoding="utf-8"))
LONG = "it was the best of times, it was the worst of times, it was the age of wisdom"
TEXTS = {
    "tale": f"{LONG}, it was the age of foolishness, it was the epoch of belief",
    "copy": f"Chapter one. {LONG}, and so on",
    "mail": "write to jane.roe@example.org about the quarterly numbers before Friday noon please",
    "sea": "a ship sails over the lazy sea, 日本語 and back",
}
SMALL = AuditParameters(
    coverage_thresholds=(5, 10, 20, 40), match_characters=20, novelty_tokens=8, uniqueness_words=(2, 5),
    near_gaps=(2, 10), near_keeps=(4, 8), source_fields=("source", "nothing"), group_by=("model",), resamples=100,
)  # fmt: skip


@pytest.fixture(scope="module")
def tracer(tmp_path_factory: pytest.TempPathFactory) -> Tracer:
    folder = tmp_path_factory.mktemp("audit") / "index"
    records = [{"id": name, "text": text, "source": name[0]} for name, text in TEXTS.items()]
    build_index(records, folder, id_field="id", tokenizer=small_indexes.small_tokenizer(), threads=1)
    return Tracer.open(folder)


def outputs(*records: dict[str, Any]) -> list[Output]:
    return [output_of(number, record) for number, record in enumerate(records, 1)]


def run(tracer: Tracer, folder: Path, *records: dict[str, Any], **given: Any) -> AuditReport:
    report = audit(tracer, outputs(*records), given.pop("parameters", SMALL), folder, created="2026-11-23", **given)
    data = json.loads((folder / REPORT_FILE).read_text(encoding="utf-8"))
    jsonschema.validate(data, SCHEMA)
    assert data == report.to_dict()
    assert AuditReport.from_dict(data).to_dict() == data
    return report


@settings(max_examples=25, deadline=None)
@given(st.lists(st.sampled_from([*LONG.split(), "xyzzy", "日本語", "sea,"]), min_size=1, max_size=25))
def test_measures_of_an_output_are_those_of_brute_force(tracer: Tracer, parts: list[str]) -> None:
    text, documents = " ".join(parts), list(TEXTS.values())
    measured = Measuring(SMALL)(tracer, Output(1, text))
    row = measured.row
    passages = naive_matches.passages(text, documents, 1)
    for threshold, share in zip(SMALL.coverage_thresholds, row["coverage"], strict=True):
        covered = {place for start, end in passages if end - start >= threshold for place in range(start, end)}
        assert share == (None if len(text) < threshold else len(covered) / len(text))
    assert row["longest"] == max((end - start for start, end in passages), default=0)
    assert row["share"] == row["coverage"][2]
    words = word_ranges(text).tolist()
    for length, share in zip(range(2, 6), row["uniqueness"], strict=True):
        covered = set()
        for first in range(len(words) - length + 1):
            if any(text[words[first][0] : words[first + length - 1][1]] in document for document in documents):
                covered |= set(range(first, first + length))
        assert share == (None if len(words) < length else pytest.approx(1 - len(covered) / len(words)))
    query = small_indexes.small_tokenizer().encode(text).ids.tolist()
    held = [small_indexes.small_tokenizer().encode(document).ids.tolist() for document in documents]
    for n in range(1, 9):
        grams = [query[place : place + n] for place in range(len(query) - n + 1)]
        new = sum(not any(naive.count_of(document, gram) for document in held) for gram in grams)
        assert (row["novel"][n - 1], row["ngrams"][n - 1]) == (new, len(grams))
    assert [(span["start"], span["end"]) for span in measured.spans] == [
        (start, end) for start, end in passages if end - start >= 20
    ]
    for span in measured.spans:
        part = text[span["start"] : span["end"]]
        assert span["count"] == sum(naive.count_of(document, part) for document in documents)
        assert {each["id"] for each in span["documents"]} <= {name for name, own in TEXTS.items() if part in own}
    assert row["documents"] == (None if len(text) < 20 else len({each["id"] for span in measured.spans
                                                                  for each in span["documents"]}))  # fmt: skip


def test_an_audit_by_hand(tracer: Tracer, tmp_path: Path) -> None:
    copied = {"id": "a", "text": LONG, "prompt": "Quote Dickens", "model": "m"}
    new = {"id": "b", "text": "Zyx qwv jkl! Zyx qwv jkl! Zyx qwv jkl!", "model": "n"}
    report = run(
        tracer, tmp_path, copied, new, baseline=outputs({"text": "Qqq wxz, kjv pvw zzx"}, {"text": new["text"]})
    )
    assert report.counts.measured == report.overall.outputs == 2
    share = report.overall.measures["share"]
    assert (share.value, share.low, share.high, share.n) == (0.5, 0.0, 1.0, 2)
    assert report.baseline is not None
    assert report.baseline.measures["share"].value == 0
    difference = next(each for each in report.differences if each.measure == "share")
    assert (difference.value, difference.low, difference.high) == (0.5, 0.0, 1.0)
    one, other = report.groups["model"]
    assert (one.name, one.measures["share"].value, one.measures["share"].low) == ("m", 1.0, None)
    assert (other.name, other.measures["share"].value) == ("n", 0.0)
    assert one.measures["near_verbatim"].value == pytest.approx(17 / 18)  # a comma stands behind the last word
    assert [each["line"] for each in report.worst] == [1]
    assert report.worst[0]["longest"] == len(LONG)
    assert {each["id"] for each in report.worst[0]["passages"][0]["documents"]} == {"tale", "copy"}
    assert report.distinct_documents == 2
    assert report.sources == {
        "source": (
            {"value": "c", "documents": 1, "characters": len(LONG)},
            {"value": "t", "documents": 1, "characters": len(LONG)},
        )
    }
    assert report.overall.curves["tail"][0] == {"characters": 10, "share": 0.5}
    assert set(report.overall.measures) <= {kind.name for kind in MEASURES}
    assert "never proof of influence" in report.limits[0]
    generations = pq.read_table(tmp_path / GENERATIONS_FILE).to_pylist()
    assert [row["status"] for row in generations] == ["measured", "measured"]
    assert pq.read_table(tmp_path / SPANS_FILE).to_pylist()[0]["text"] == LONG


def test_bad_input_is_counted_apart(tracer: Tracer, tmp_path: Path) -> None:
    report = run(
        tracer,
        tmp_path,
        {"id": "a", "text": LONG, "model": math.nan},
        {"id": "a", "text": LONG},
        {"id": "e", "text": ""},
        {"id": "w", "text": " \n\t"},
        {"id": "s", "text": "best"},
        {"text": 7},
        {"prompt": "no text"},
        {"text": LONG, "prompt": 7},
        {"text": "\ud800 lone \udfff", "id": "\ud800"},
        baseline=outputs({"text": LONG}),
    )
    counts = report.counts
    assert (counts.outputs, counts.measured, counts.empty, counts.faulty, counts.duplicate_ids) == (9, 3, 2, 3, 1)
    assert counts.too_short == {5: 1, 10: 2, 20: 2, 40: 2}
    assert report.overall.measures["share"].value == 1  # of the only one that is long enough
    assert report.overall.measures["share"].n == 1
    assert report.overall.measures["share"].low is None
    assert {group.name: group.outputs for group in report.groups["model"]} == {MISSING: 2, NOT_A_NUMBER: 1}
    said = " ".join(report.notes)
    assert "baseline has one measured output" in said
    assert "1 have an id that stood before" in said
    assert "a value that is no number" in said
    (difference,) = (each for each in report.differences if each.measure == "share")
    assert (difference.value, difference.low, difference.high) == (0.0, None, None)


def test_nothing_to_measure(tracer: Tracer, tmp_path: Path) -> None:
    report = run(tracer, tmp_path, {"text": ""}, baseline=outputs({"text": " "}))
    assert report.counts.empty == 1
    assert report.overall.measures == {}
    assert all(each.value is None for each in report.differences)
    assert "No output could be measured" in " ".join(report.notes)


def test_no_outputs_are_an_error_and_leave_nothing(tracer: Tracer, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="no outputs"):
        run(tracer, tmp_path / "none")
    with pytest.raises(UsageError, match="no texts in the baseline"):
        run(tracer, tmp_path / "none", {"text": "a text"}, baseline=[])
    assert not (tmp_path / "none").exists()


def test_what_stands_in_the_prompt_is_left_out_when_asked(tracer: Tracer, tmp_path: Path) -> None:
    new = "Qqq wxz kjv pvw zzx"
    record = {"text": f"{LONG} {new}", "prompt": f"Say this: {LONG}"}
    kept = run(tracer, tmp_path / "kept", record)
    assert kept.overall.measures["prompt_overlap"].value == pytest.approx(len(LONG) / len(record["text"]), abs=0.02)
    assert kept.overall.measures["share"].value == pytest.approx(len(LONG) / len(record["text"]), abs=0.02)
    discounted = AuditParameters.from_dict({**SMALL.to_dict(), "discount_prompt": True, "match_characters": 10})
    report = run(tracer, tmp_path / "less", record, parameters=discounted)
    assert report.overall.measures["share"].value == 0
    assert report.overall.measures["longest"].value < 5
    assert report.worst == ()
    everything = run(tracer, tmp_path / "all", {"text": LONG, "prompt": LONG}, parameters=discounted)
    assert "share" not in everything.overall.measures
    assert everything.counts.too_short[10] == 1


def test_findings_are_counted_and_masked(tracer: Tracer, tmp_path: Path) -> None:
    report = run(tracer, tmp_path, {"text": TEXTS["mail"], "prompt": "mail john.doe@example.org"})
    assert report.findings == ({"kind": "email", "count": 1, "outputs": 1},)
    everything = (tmp_path / REPORT_FILE).read_text(encoding="utf-8")
    everything += json.dumps(pq.read_table(tmp_path / SPANS_FILE).to_pylist())
    assert "jane.roe" not in everything
    assert "john.doe" not in everything
    (case,) = report.worst
    assert len(case["text"]) == len(TEXTS["mail"])


class _StopError(Exception):
    pass


def test_an_interrupted_audit_goes_on_and_two_runs_are_alike(tracer: Tracer, tmp_path: Path) -> None:
    texts = [f"{LONG[: 20 + number % 50]} {number}" for number in range(ROWS + 30)]
    records = [{"id": str(number), "text": text, "model": str(number % 3)} for number, text in enumerate(texts)]
    quick = AuditParameters.from_dict({**SMALL.to_dict(), "near_verbatim": False, "max_documents": 1})
    measured: list[int] = []

    class Counted(Tracer):
        def matches(self, *args: Any, **options: Any) -> Any:
            measured.append(1)
            return super().matches(*args, **options)

    def stop(progress: Progress) -> None:
        if progress.done == ROWS + 10:
            raise _StopError

    counted = Counted([part.index for part in tracer._searched])
    with pytest.raises(_StopError):
        audit(counted, outputs(*records), quick, tmp_path / "one", progress=stop)
    first = len(measured)
    assert not (tmp_path / "one" / REPORT_FILE).exists()
    run(counted, tmp_path / "one", *records, parameters=quick)
    assert len(measured) - first == 30
    run(tracer, tmp_path / "two", *records, parameters=quick)
    one, two = (sorted((tmp_path / name).iterdir()) for name in ("one", "two"))
    assert [path.name for path in one] == [GENERATIONS_FILE, REPORT_FILE, SPANS_FILE]
    assert [path.read_bytes() for path in one] == [path.read_bytes() for path in two]


def test_parts_of_other_outputs_are_measured_anew(tracer: Tracer, tmp_path: Path) -> None:
    def stopping(records: list[Output]) -> Iterator[Output]:
        yield from records
        raise _StopError

    quick = AuditParameters.from_dict({**SMALL.to_dict(), "near_verbatim": False})
    with pytest.raises(_StopError):
        audit(tracer, stopping(outputs(*[{"text": LONG}] * ROWS)), quick, tmp_path)
    report = run(tracer, tmp_path, {"text": "Zyx qwv jkl! Zyx qwv jkl!"}, parameters=quick)
    assert report.counts.outputs == 1
    assert report.overall.measures["share"].value == 0


def test_a_folder_that_cannot_be_written(tracer: Tracer, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(StorageError):
        run(tracer, tmp_path / "file", {"text": LONG})


def test_reading_outputs(tmp_path: Path) -> None:
    path = tmp_path / "outputs.jsonl"
    lines = [
        b'\xef\xbb\xbf{"id": 7, "text": "a", "prompt": "p", "x": {"y": 1}}', b"", b"[1]", b"{", b"\xff",
        b'{"completion": "c"}', b"[" * 100_000,
    ]  # fmt: skip
    path.write_bytes(b"\n".join(lines))
    read = list(read_outputs(path))
    assert [(each.line, each.id, each.text, each.prompt) for each in read[:1]] == [(1, "7", "a", "p")]
    assert (read[0].value("x.y"), read[0].value("x.z"), read[0].value("id.z")) == ("1", MISSING, MISSING)
    assert [each.line for each in read if each.fault] == [3, 4, 5, 6, 7]
    assert list(read_outputs(path, OutputFields(text="completion")))[4].text == "c"
    with pytest.raises(UsageError):
        next(read_outputs(tmp_path / "none"))


@pytest.mark.parametrize(
    "wrong",
    [{"coverage_thresholds": ()}, {"coverage_thresholds": (5, 5)}, {"match_characters": 0}, {"confidence": 1.0},
     {"uniqueness_words": (5, 4)}, {"near_gaps": (-1, 2)}, {"seed": -1}, {"resamples": 0}],
)  # fmt: skip
def test_parameters_that_cannot_be_used(wrong: dict[str, Any]) -> None:
    with pytest.raises(UsageError):
        AuditParameters(**wrong)


def test_parameters_come_back() -> None:
    assert AuditParameters.from_dict(json.loads(json.dumps(SMALL.to_dict()))) == SMALL


def test_several_indexes_are_one_corpus(tracer: Tracer, tmp_path: Path) -> None:
    folder = tmp_path / "other"
    build_index([{"id": "x", "text": "Zyx qwv jkl! Zyx qwv jkl!"}], folder, id_field="id", threads=1)
    both = Tracer([part.index for part in tracer._searched] + [part.index for part in Tracer.open(folder)._searched])
    report = run(both, tmp_path / "report", {"text": f"{LONG}Zyx qwv jkl! Zyx qwv jkl!"})
    assert report.overall.measures["share"].value == 1
    assert any("tokenizer of the first" in each for each in report.limits)
    assert np.isfinite(report.overall.measures["mean_suffix"].value or math.nan)


def test_an_index_that_changes_meanwhile_is_read_as_it_was_opened(tmp_path: Path) -> None:
    folder = tmp_path / "index"
    build_index([{"id": "x", "text": LONG}], folder, id_field="id", threads=1)
    opened = Tracer.open(folder)

    def changing() -> Iterator[Output]:
        yield Output(1, LONG)
        add_documents([{"id": "new", "text": TEXTS["sea"]}], folder, id_field="id", threads=1)
        yield Output(2, TEXTS["sea"])

    report = audit(opened, changing(), SMALL, tmp_path / "report")
    assert report.indexes[0]["version"] == opened.indexes[0].version != Tracer.open(folder).indexes[0].version
    rows = pq.read_table(tmp_path / "report" / GENERATIONS_FILE).to_pylist()
    assert [row["share"] for row in rows] == [1.0, 0.0]


@pytest.mark.slow
def test_processes_find_what_one_finds(tracer: Tracer, tmp_path: Path) -> None:
    records = [{"id": str(number), "text": LONG[number % 40 :], "model": "m"} for number in range(2 * ROWS + 7)]
    run(tracer, tmp_path / "one", *records)
    run(tracer, tmp_path / "two", *records, processes=2)
    for path in (tmp_path / "one").iterdir():
        assert path.read_bytes() == (tmp_path / "two" / path.name).read_bytes()


@pytest.mark.slow
def test_an_index_that_changes_before_processes_open_it_is_read_as_it_was_opened(tmp_path: Path) -> None:
    folder = tmp_path / "index"
    build_index([{"id": "x", "text": LONG}], folder, id_field="id", threads=1)
    opened = Tracer.open(folder)
    add_documents([{"id": "new", "text": TEXTS["sea"]}], folder, id_field="id", threads=1)
    records = [{"text": TEXTS["sea"] if number % 2 else LONG} for number in range(ROWS + 7)]
    report = run(opened, tmp_path / "report", *records, processes=2)
    assert report.indexes[0]["version"] == opened.indexes[0].version
    shares = pq.read_table(tmp_path / "report" / GENERATIONS_FILE)["share"].to_pylist()
    assert shares == [float(number % 2 == 0) for number in range(ROWS + 7)]
