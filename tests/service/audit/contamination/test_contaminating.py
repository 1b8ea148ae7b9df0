"""A whole run of contamination: results, lists that `remove` accepts, interruption, two runs alike, bad input."""

from __future__ import annotations

import json
import resource
import tracemalloc
from collections import Counter
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import jsonschema
import pyarrow.parquet as pq
import pytest
import small_indexes

from wherefrom import Tracer
from wherefrom.audit import row_groups
from wherefrom.audit.contamination import Benchmark, ContaminationParameters, ContaminationReport, contamination
from wherefrom.audit.contamination.variants import NAMES
from wherefrom.cli import main
from wherefrom_indexer import build_index, remove_documents
from wherefrom_indexer.errors import StorageError, UsageError
from wherefrom_indexer.progress import Progress

SCHEMA = json.loads((Path(__file__).parents[4] / "docs" / "contamination.schema.json").read_text())
QUESTION = (
    "A train leaves the station at nine and travels eastward at sixty miles per hour; when does it reach the next "
    "town, which is ninety miles away?"
)
ANSWER = "Ninety miles at sixty miles per hour take an hour and a half, so it gets there at half past ten."
OTHER = "Why do the leaves of deciduous trees turn yellow in autumn, before the first frost comes over the valley?"
CHANGED = QUESTION.replace("nine and", "eight and").replace("sixty", "fifty")
TEXTS = {
    "plant": f"Before. {QUESTION} {ANSWER} After.",
    "copy": f"Before. {QUESTION} {ANSWER} After.",
    "half": f"Nothing of it but: {QUESTION[:70]}",
    "wrapped": QUESTION.replace(" ", "\n").replace("reach\nthe\nnext\ntown", "reach the next town") + "\nand more",
    **{f"filler {number}": f"Text {number} is about rivers, kings and the price of corn." for number in range(20)},
}
ITEMS: list[Any] = [
    {"id": 1, "question": QUESTION, "answer": ANSWER, "score": 1},
    {"id": "two", "question": CHANGED, "answer": "no", "score": 0},
    {"id": 3, "question": OTHER, "answer": ANSWER, "score": 0},
    {"id": 3, "question": QUESTION},
    {"id": 4, "question": " "},
    {"question": "short"},
    {"id": 5, "question": OTHER.upper(), "score": float("nan")},
    [],
]
PARAMETERS = ContaminationParameters(
    variants=NAMES, fields={"question": "question", "answer": "answer"}, score_field="score"
)


@pytest.fixture(scope="module")
def index(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("contamination") / "index"
    build_index(small_indexes.records(TEXTS), folder, id_field="id", threads=1)
    return folder


@pytest.fixture(scope="module")
def benchmark(tmp_path_factory: pytest.TempPathFactory) -> str:
    return str(written(tmp_path_factory.mktemp("benchmark") / "items.jsonl", ITEMS))


def written(path: Path, items: Iterable[Any]) -> Path:
    with path.open("w") as file:
        file.writelines(json.dumps(item) + "\n" for item in items)
    return path


def run(index: Path, benchmark: str, folder: Path, **changed: Any) -> ContaminationReport:
    with Tracer.open(index) as tracer:
        return contamination(
            tracer,
            Benchmark(benchmark, command="wherefrom contamination"),
            changed.get("parameters", PARAMETERS),
            folder,
            1,
        )


@pytest.fixture(scope="module")
def ran(index: Path, benchmark: str, tmp_path_factory: pytest.TempPathFactory) -> tuple[dict[str, Any], Path]:
    folder = tmp_path_factory.mktemp("ran")
    run(index, benchmark, folder)
    return json.loads((folder / "report.json").read_text()), folder


def test_the_report_is_as_its_schema_says(ran: tuple[dict[str, Any], Path]) -> None:
    jsonschema.Draft202012Validator(SCHEMA).validate(ran[0])
    assert sorted(path.name for path in ran[1].iterdir()) == [
        "documents-index.ids",
        "evidence.parquet",
        "items.parquet",
        "report.json",
    ]


def test_items_are_judged_by_every_variant(ran: tuple[dict[str, Any], Path]) -> None:
    report = ran[0]
    assert report["counts"] == {
        "items": 8,
        "judged": 5,
        "faults": {"duplicate id": 1, "empty": 1, "not a JSON object": 1},
        "scored": 3,
        "without_score": 1,
        "scores_not_numbers": 1,
        "faulty_lines_of_scores": 0,
        "too_frequent_to_list": 0,
    }
    by_name = {variant["name"]: variant for variant in report["variants"]}
    assert tuple(by_name) == NAMES
    for variant in by_name.values():
        assert variant["items"]["dirty"] >= 1
        assert variant["items"]["short"] == 1
        assert sum(variant["items"].values()) == 5
        assert sum(variant["fields"]["answer"].values()) == 3
        assert variant["fields"]["answer"]["dirty"] >= 2
        assert variant["question_and_answer_dirty"] == 1
    assert by_name["window50"]["items"] == {"clean": 2, "suspicious": 1, "dirty": 1, "short": 1}
    assert by_name["window50"]["scores"]["gain"]["value"] == pytest.approx(1 / 3)
    assert by_name["window50"]["scores"]["gain"]["low"] is None


def test_evidence_stands_where_it_says(ran: tuple[dict[str, Any], Path]) -> None:
    worst = ran[0]["worst"]
    assert [item["id"] for item in worst] == ["1", "two"]
    texts = {"1": QUESTION, "two": CHANGED}
    for item in worst:
        text = item["texts"]["question"]
        assert text["text"] == texts[item["id"]]
        assert text["evidence"]
        for passage in text["evidence"]:
            assert text["text"][passage["start"] : passage["end"]] == passage["text"]
            assert passage["count"] == sum(document.count(passage["text"]) for document in TEXTS.values())
            assert passage["log_probability"] < 0
            assert passage["places"]
            for place in passage["places"]:
                document = TEXTS[place["document_id"]]
                assert document[place["start"] : place["end"]] == passage["text"]
                assert document[: place["start"]].endswith(place["before"])
                assert document[place["end"] :].startswith(place["after"])


def test_tables_have_a_row_for_each_text_and_variant(ran: tuple[dict[str, Any], Path]) -> None:
    rows = pq.read_table(ran[1] / "items.parquet").to_pylist()
    assert Counter(row["fault"] for row in rows) == {None: 6 * 8, "duplicate id": 1, "empty": 1, "not a JSON object": 1}
    for row in rows:
        if row["units"]:
            assert row["share"] == row["found"] / row["units"]
    evidence = pq.read_table(ran[1] / "evidence.parquet").to_pylist()
    assert {"plant", "copy"} & {row["document"] for row in evidence if row["id"] == "1"}
    # An answer is told of where the question is clean too.
    assert {(row["id"], row["field"]) for row in evidence} == {
        ("1", "question"),
        ("1", "answer"),
        ("two", "question"),
        ("3", "answer"),
    }


def test_the_list_of_documents_is_what_remove_accepts(benchmark: str, tmp_path: Path) -> None:
    folder = tmp_path / "index"
    build_index(small_indexes.records(TEXTS), folder, id_field="id", threads=1)
    # What is not verbatim shows once the verbatim copies are gone; a document that has half of an item stays.
    for listed in ({"plant", "copy"}, {"wrapped"}):
        run(folder, benchmark, tmp_path / "out")
        ids = tmp_path / "out" / "documents-index.ids"
        assert set(ids.read_text().splitlines()) == listed
        with pytest.raises(SystemExit) as ended:
            main(["remove", str(folder), "--ids-file", str(ids), "--quiet"])
        assert ended.value.code == 0
    after = run(folder, benchmark, tmp_path / "out")
    assert after.documents[0].documents == 0
    assert not ids.exists()


def test_two_runs_are_alike(ran: tuple[dict[str, Any], Path], index: Path, benchmark: str, tmp_path: Path) -> None:
    run(index, benchmark, tmp_path)
    for path in ran[1].iterdir():
        assert (tmp_path / path.name).read_bytes() == path.read_bytes(), path.name


def test_a_run_that_was_interrupted_goes_on(
    ran: tuple[dict[str, Any], Path], index: Path, benchmark: str, tmp_path: Path
) -> None:
    told: list[Progress] = []

    def interrupt(progress: Progress) -> None:
        told.append(progress)
        if len(told) == 2:
            raise KeyboardInterrupt

    given = Benchmark(benchmark, command="wherefrom contamination")
    with Tracer.open(index) as tracer:
        with pytest.raises(KeyboardInterrupt):
            contamination(tracer, given, PARAMETERS, tmp_path, 1, interrupt)
        assert (tmp_path / ".results.part").exists()
        contamination(tracer, given, PARAMETERS, tmp_path, 1, told.append)
    assert len(told) == len(ITEMS)
    assert told[-1].done == Path(benchmark).stat().st_size == told[-1].total
    for path in ran[1].iterdir():
        assert (tmp_path / path.name).read_bytes() == path.read_bytes(), path.name


def test_other_parameters_begin_anew(index: Path, benchmark: str, tmp_path: Path) -> None:
    def stop(progress: Progress) -> None:
        raise KeyboardInterrupt

    with Tracer.open(index) as tracer, pytest.raises(KeyboardInterrupt):
        contamination(tracer, Benchmark(benchmark), PARAMETERS, tmp_path, 1, stop)
    report = run(index, benchmark, tmp_path, parameters=ContaminationParameters(variants=("palm",)))
    assert [variant["name"] for variant in report.variants] == ["palm"]
    assert report.counts["items"] == len(ITEMS)


def test_scores_of_a_file_of_their_own(index: Path, benchmark: str, tmp_path: Path) -> None:
    results = written(
        tmp_path / "results.jsonl", [{"id": 1, "acc": 1.0}, {"id": "two", "acc": 0.0}, {"id": 9, "acc": 1}, 3]
    )
    with Tracer.open(index) as tracer:
        report = contamination(
            tracer, Benchmark(benchmark, str(results), "acc"), ContaminationParameters(), tmp_path / "out", 1
        )
    assert (report.counts["scored"], report.counts["without_score"]) == (2, 3)
    assert report.counts["faulty_lines_of_scores"] == 1
    assert report.variants[0]["scores"]["all"]["value"] == 0.5


def test_several_indexes_have_a_list_each(benchmark: str, tmp_path: Path) -> None:
    for name, text in (("a", QUESTION), ("b", "other things"), ("c", QUESTION)):
        build_index([{"id": f"in {name}", "text": text}], tmp_path / name, id_field="id", threads=1)
    with Tracer.open(tmp_path / "a", tmp_path / "b", tmp_path / "c") as tracer:
        report = contamination(tracer, Benchmark(benchmark), ContaminationParameters(), tmp_path / "out", 1)
    assert [each.file for each in report.documents] == ["documents-a.ids", None, "documents-c.ids"]


def test_a_benchmark_without_the_fields_is_refused(index: Path, tmp_path: Path) -> None:
    path = written(tmp_path / "items.jsonl", [{"prompt": "x"}])
    with pytest.raises(UsageError, match=r"No item of .* has a field question"):
        run(index, str(path), tmp_path / "out")


def test_an_empty_benchmark_has_an_empty_report(index: Path, tmp_path: Path) -> None:
    report = run(index, str(written(tmp_path / "items.jsonl", [])), tmp_path / "out")
    assert report.counts["items"] == 0
    assert report.parameters["gpt3_words"] == 13
    jsonschema.Draft202012Validator(SCHEMA).validate(json.loads((tmp_path / "out" / "report.json").read_text()))


def test_what_cannot_be_read_or_written_is_told(index: Path, benchmark: str, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="Cannot read"):
        run(index, str(tmp_path / "none"), tmp_path / "out")
    (tmp_path / "file").write_text("")
    with pytest.raises(StorageError, match="Cannot write"):
        run(index, benchmark, tmp_path / "file")
    with pytest.raises(UsageError, match="read once"):
        run(index, "-", tmp_path / "out")


def test_the_version_that_was_opened_is_used(benchmark: str, tmp_path: Path) -> None:
    folder = tmp_path / "index"
    build_index(small_indexes.records(TEXTS), folder, id_field="id", threads=1)
    with Tracer.open(folder) as tracer:
        remove_documents(folder, ["plant", "copy", "wrapped"])
        report = contamination(tracer, Benchmark(benchmark), PARAMETERS, tmp_path / "out", 1)
    assert all(variant["items"]["dirty"] for variant in report.variants)


def test_memory_does_not_grow_with_the_benchmark(index: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Items are judged by a stand-in, so that many are seen in little time."""
    monkeypatch.setattr(Tracer, "map", lambda self, function, items, processes: map(stand_in, items))
    monkeypatch.setattr(row_groups, "_ROWS", 200)
    peaks = []
    for number in (300, 900):
        path = written(
            tmp_path / f"{number}.jsonl", ({"id": item, "question": f"{item} {OTHER}"} for item in range(number))
        )
        tracemalloc.start()
        run(index, str(path), tmp_path / f"out {number}", parameters=ContaminationParameters(variants=("palm",)))
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
    assert peaks[1] - peaks[0] < 600 * 150  # a list of the results would take ten times that


def stand_in(item: Any) -> dict[str, Any]:
    texts = {"question": {"characters": 100, "longest": 10, "verdicts": {"palm": ("clean", 0, 5)}}}
    return {
        "line": item.line,
        "id": item.id,
        "score": None,
        "length": item.length,
        "texts": texts,
        "verdicts": {"palm": "clean"},
    }


@pytest.mark.slow
def test_a_million_items_stream(index: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Tracer, "map", lambda self, function, items, processes: map(stand_in, items))
    parameters = ContaminationParameters(variants=("palm",))
    peaks = []
    for number in (10_000, 1_000_000):
        path = written(tmp_path / f"{number}.jsonl", ({"id": item, "question": OTHER} for item in range(number)))
        report = run(index, str(path), tmp_path / f"out {number}", parameters=parameters)
        assert report.variants[0]["items"]["clean"] == number
        peaks.append(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)
    assert peaks[1] - peaks[0] < 100_000  # kilobytes
