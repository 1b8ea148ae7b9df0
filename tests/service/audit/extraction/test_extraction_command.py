"""`wherefrom extract` from outside, with a model that knows some texts by heart in place of a trained one."""

from __future__ import annotations

import json
import math
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import jsonschema
import pyarrow.parquet as pq
import pytest
import small_indexes

from wherefrom.audit.extraction import extracting
from wherefrom.audit.report import files
from wherefrom.cli import main
from wherefrom_indexer import build_index

SCHEMA = json.loads((Path(__file__).parents[4] / "docs" / "extraction.schema.json").read_text(encoding="utf-8"))
KNOWN = "The quick brown fox jumps over the lazy dog <script>alert(1)</script>"
UNKNOWN = "Sphinx of black quartz, judge my vow, and so on until the very end."
HELD_OUT = "Pack my box with five dozen liquor jugs, and do it well before noon."
DOCUMENTS = {**{f"often-{n}": KNOWN for n in range(4)}, "once": UNKNOWN, "short": "no"}


class Parrot:
    """A model whose tokens are code points and that goes on with what it knows by heart."""

    parameters = 7
    context: int | None = 64
    asked = 0

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def encode(self, text: str) -> tuple[list[int], list[tuple[int, int]]]:
        return [ord(each) for each in text], [(n, n + 1) for n in range(len(text))]

    def decode(self, ids: Sequence[int]) -> str:
        return "".join(map(chr, ids))

    def greedy(self, prompts: Sequence[Sequence[int]], tokens: int) -> list[list[int]]:
        Parrot.asked += 1
        return [self._next(self.decode(prompt), tokens) for prompt in prompts]

    def sampled(self, prompts: Sequence[Sequence[int]], tokens: int, samples: int, *_: Any) -> list[list[list[int]]]:
        return [[self._next(self.decode(prompt), tokens)] * samples for prompt in prompts]

    def log_probabilities(
        self, prompts: Sequence[Sequence[int]], wanted: Sequence[Sequence[int]], *_: Any
    ) -> list[float]:
        return [
            0.0 if self._next(self.decode(prompt), len(true)) == list(true) else -math.inf
            for prompt, true in zip(prompts, wanted, strict=True)
        ]

    def _next(self, prompt: str, tokens: int) -> list[int]:
        place = KNOWN.find(prompt)
        text = KNOWN[place + len(prompt) :] if place >= 0 else ""
        return [ord(each) for each in text[:tokens].ljust(tokens, "?")]


@pytest.fixture(autouse=True)
def parrot(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(extracting, "CausalModel", Parrot)
    monkeypatch.setattr(files, "can_rasterise", lambda: False)
    monkeypatch.setattr(Parrot, "asked", 0)


@pytest.fixture(scope="module")
def index(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("extract") / "index"
    build_index(small_indexes.records(DOCUMENTS), folder, id_field="id", threads=1)
    return folder


@pytest.fixture
def held_out(tmp_path: Path) -> Path:
    path = tmp_path / "held.jsonl"
    lines = [{"id": "new", "text": HELD_OUT}, {"id": "seen", "text": KNOWN}, {"text": None}, {"text": "no"}]
    path.write_text("".join(json.dumps(line) + "\n" for line in lines) + "not JSON\n", encoding="utf-8")
    return path


def run(index: Path, report: Path, *arguments: object) -> int:
    model = report.parent / "model"
    model.mkdir(exist_ok=True)
    given = ["extract", index, "--model", model, "--report", report, "--continuation", 20, "--quiet", *arguments]
    with pytest.raises(SystemExit) as ended:
        main([str(each) for each in given])
    return int(str(ended.value.code))


def report_of(folder: Path) -> dict[str, Any]:
    return dict(json.loads((folder / "report.json").read_text(encoding="utf-8")))


def rows(folder: Path) -> list[dict[str, Any]]:
    return list(pq.read_table(folder / "attempts.parquet").to_pylist())


START = ("--from-start", "--prefix", 30)


def test_what_is_known_by_heart_is_told_apart(index: Path, tmp_path: Path, held_out: Path) -> None:
    folder = tmp_path / "report"
    assert run(index, folder, *START, "--prefix", 10, "--held-out", held_out) == 0
    told = report_of(folder)
    jsonschema.validate(told, SCHEMA)
    found = {(each["set"], each["duplicates"], each["prefix"]): each["verbatim"]["value"] for each in told["rates"]}
    assert found == {
        ("held out", None, 10): 0, ("held out", None, 30): 0,
        ("corpus", "1", 10): 0, ("corpus", "1", 30): 0,
        ("corpus", "4–15", 10): 1, ("corpus", "4–15", 30): 1,
    }  # fmt: skip
    assert told["counts"]["held_out_met"] == {"faulty": 2, "in_corpus": 1, "too_short": 1}
    assert told["counts"]["sequences"] == 2
    for row in rows(folder):
        assert row["duplicates"] == sum(row["prompt"] + row["wanted"] in text for text in DOCUMENTS.values())
        assert row["verbatim"] == (row["given"] == row["wanted"])
        assert len(row["prompt"]) == row["prefix"]
    page = (folder / "index.html").read_text(encoding="utf-8")
    assert "<script" not in page
    assert "Extraction against duplicates" in page
    assert not (folder / ".attempts.part").exists()


def test_sequences_from_anywhere_stand_in_their_documents(index: Path, tmp_path: Path) -> None:
    folder = tmp_path / "report"
    assert run(index, folder, "--prefix", 5, "--per-class", 8) == 0
    found = rows(folder)
    assert len({row["prompt"] + row["wanted"] for row in found}) == len(found) > 8
    for row in found:
        assert row["prompt"] + row["wanted"] in DOCUMENTS[row["document"]]
    assert "no held-out control" in (folder / "index.html").read_text(encoding="utf-8")


def test_an_interrupted_run_goes_on(index: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    arguments = ("--prefix", 5, "--per-class", 8, "--batch", 2)
    assert run(index, tmp_path / "whole", *arguments) == 0
    batches = Parrot.asked
    true = Parrot.greedy

    def stops(self: Parrot, prompts: Sequence[Sequence[int]], tokens: int) -> list[list[int]]:
        if Parrot.asked == batches + 3:
            raise KeyboardInterrupt
        return true(self, prompts, tokens)

    monkeypatch.setattr(Parrot, "greedy", stops)
    assert run(index, tmp_path / "cut", *arguments) == 130
    monkeypatch.setattr(Parrot, "greedy", true)
    assert run(index, tmp_path / "cut", *arguments) == 0
    assert Parrot.asked == 2 * batches
    assert rows(tmp_path / "cut") == rows(tmp_path / "whole")


def test_only_documents_with_the_metadata_are_drawn(tmp_path: Path) -> None:
    folder = tmp_path / "index"
    records = [{"id": "a", "text": KNOWN, "kind": "x"}, {"id": "b", "text": UNKNOWN, "kind": "y"}]
    source = tmp_path / "records.jsonl"
    source.write_text("".join(json.dumps(each) + "\n" for each in records), encoding="utf-8")
    build_index([source], folder, id_field="id", threads=1)
    assert run(folder, tmp_path / "report", *START, "--where", "kind=y") == 0
    assert {row["document"] for row in rows(tmp_path / "report")} == {"b"}
    assert run(folder, tmp_path / "other", *START, "--where", "kind=z") == 2
    assert run(folder, tmp_path / "other", *START, "--where", "kind") == 2


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("--prefix", 50), "reads 64 tokens"),
        (("--held-out", "nowhere.jsonl", "--prefix", 10), "Cannot read nowhere.jsonl"),
        (("--prefix", 10, "--temperature", 0), "temperature is 0"),
    ],
)
def test_what_cannot_be_asked(
    index: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], arguments: tuple[object, ...], words: str
) -> None:
    assert run(index, tmp_path / "report", *arguments) == 2
    assert words in capsys.readouterr().err


def test_a_folder_that_is_no_model_is_refused(
    index: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.undo()
    assert run(index, tmp_path / "report") == 2
    assert "no readable config.json" in capsys.readouterr().err
    (tmp_path / "model" / "config.json").write_text("{}", encoding="utf-8")
    assert run(index, tmp_path / "report") == 2
    assert "has no weights" in capsys.readouterr().err
    (tmp_path / "model" / "model.safetensors").write_bytes(b"")
    monkeypatch.setitem(sys.modules, "torch", None)
    assert run(index, tmp_path / "report") == 2
    assert 'pip install "wherefrom[models]"' in capsys.readouterr().err


def test_hostile_text_is_shown_and_not_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    text = "<img src=x onerror=alert(1)>".ljust(60, ".")
    monkeypatch.setitem(globals(), "KNOWN", text)
    build_index(small_indexes.records({"<b>": text}), tmp_path / "index", id_field="id", threads=1)
    assert run(tmp_path / "index", tmp_path / "report", *START) == 0
    page = (tmp_path / "report" / "index.html").read_text(encoding="utf-8")
    assert "<img" not in page
    assert "<b>" not in page
