"""`wherefrom audit` from outside: reports of a file and of a trace store, and one sentence for mistakes."""

from __future__ import annotations

import contextlib
import io
import json
from pathlib import Path

import pytest
from traced_generations import TEXTS, World, generation, said, tracer

from wherefrom.audit.report.files import NO_RASTERS
from wherefrom.cli import main
from wherefrom.cli.arguments import command_line
from wherefrom.traces.store import TraceStore

COPIED, OWN = TEXTS["gettysburg"], "Nothing of this text was ever said by anybody whose words were indexed here."


def run(*arguments: object) -> tuple[int, str]:
    told = io.StringIO()
    with contextlib.redirect_stderr(told), pytest.raises(SystemExit) as stopped:
        main([str(argument) for argument in arguments])
    assert isinstance(stopped.value.code, int)
    return stopped.value.code, told.getvalue()


@pytest.fixture(scope="module")
def index() -> Path:
    return Path(tracer()._searched[0].index.path)


@pytest.fixture(scope="module")
def files(tmp_path_factory) -> tuple[Path, Path]:
    folder = tmp_path_factory.mktemp("outputs")
    outputs = [
        {"id": "1", "text": COPIED, "prompt": "Quote!", "model": "parrot"},
        {"id": "2", "text": OWN, "model": "other"},
        {"id": "3", "text": "", "model": "other"},
        {"id": "1", "text": OWN, "model": "other"},
        {"model": "other"},
    ]
    (folder / "outputs.jsonl").write_text("\n".join(map(json.dumps, outputs)))
    (folder / "human.jsonl").write_text(json.dumps({"text": OWN}))
    return folder / "outputs.jsonl", folder / "human.jsonl"


@pytest.fixture(autouse=True)
def svg_only(monkeypatch):
    """PNG takes seconds, and the tests of drawings compare it."""
    monkeypatch.setattr("wherefrom.audit.report.files.can_rasterise", lambda: False)


def contents(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_a_report_of_a_file_is_the_same_each_time(index, files, tmp_path):
    outputs, human = files
    command = ["audit", index, outputs, "--baseline", human, "--group-by", "model", "--source-field", "source"]
    code, told = run(*command, "--report", tmp_path)
    assert code == 0, told
    assert "Measured 2 of 5 outputs: on average 50.0% of one stands in long passages, of the baseline 0.0%." in told
    assert NO_RASTERS in told
    first = contents(tmp_path)
    assert {"index.html", "report.json", "generations.parquet", "spans.parquet"} <= set(first)
    assert {"plots/novelty.svg", "plots/tail.svg", "plots/group-0-share.svg"} <= set(first)
    report = json.loads(first["report.json"])
    assert [group["name"] for group in report["groups"]["model"]]
    assert report["counts"]["empty"] == report["counts"]["faulty"] == report["counts"]["duplicate_ids"] == 1
    page = first["index.html"].decode()
    assert f">{COPIED}</mark>" in page
    assert "there are too few texts for an interval" in page
    assert run(*command, "--report", tmp_path, "--quiet") == (0, "")
    assert contents(tmp_path) == first


def test_a_report_of_a_trace_store(index, tmp_path):
    with TraceStore.open(str(tmp_path / "traces")) as store:
        world = World(store)
        world.send(generation(1, said(COPIED), model="parrot"), project="p")
        world.send(generation(2, said(OWN), model="other"), project="q")
    command = ["audit", index, "--store", tmp_path / "traces", "--project", "p", "--group-by", "model"]
    code, told = run(*command, "--report", tmp_path / "report")
    assert code == 0, told
    report = json.loads((tmp_path / "report" / "report.json").read_text())
    assert report["counts"]["measured"] == 1
    assert [group["name"] for group in report["groups"]["model"]] == ["parrot"]
    assert report["worst"][0]["text"] == COPIED


def test_mistakes_are_one_sentence(index, files, tmp_path):
    outputs, _ = files
    report = ["--report", tmp_path / "report"]
    for arguments, words in (
        ([index], "There are no outputs"),
        ([index, tmp_path / "no.jsonl"], "there is no such file"),
        ([tmp_path / "no.index", outputs], "No index at"),
        ([index, outputs, "--project", "p"], "not both"),
        ([index, outputs, "--baseline", tmp_path / "no.jsonl"], "there is no such file"),
        ([index, "-", "--baseline", "-"], "Standard input is read once"),
        ([index, "--since", "yesterday"], "--since"),
    ):
        code, told = run("audit", *arguments, *report)
        assert code == 2, told
        assert words in told
        assert told.startswith("Error: ")
        assert told.count("\n") == 1
    assert not (tmp_path / "report").exists()


def test_a_report_names_no_password(monkeypatch):
    monkeypatch.setattr("sys.argv", ["x", "audit", "a b", "--store", "postgresql://me:se@cret@host/db", "--project=p"])
    assert command_line() == "wherefrom audit 'a b' --store 'postgresql://me:***@host/db' --project=p"
