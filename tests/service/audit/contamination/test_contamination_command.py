"""`wherefrom contamination` from outside: the folder it writes, its page, its words, and what it refuses."""

from __future__ import annotations

import json
import re
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import hostile_markup
import pytest
import small_indexes

from wherefrom.audit.contamination.page import page_of
from wherefrom.audit.report import files
from wherefrom.cli import main
from wherefrom_indexer import build_index

QUESTION = "In which year did the <b>old</b> king of the far country give his crown away, and what did he ask for it?"
ITEMS = [
    {"id": "one", "question": QUESTION, "answer": "In the ninth year; for nothing.", "score": 1},
    {
        "id": "two",
        "question": "How many rivers run from the hills in the north to the sea in the south of it?",
        "score": 0,
    },
    {
        "id": "three",
        "question": "How many rivers run from the hills in the west to the sea in the east of it?",
        "score": 1,
    },
    {
        "id": "half",
        "question": QUESTION[:60] + " And who was it that took it from his hands, if anybody did?",
        "score": 0,
    },
    {
        "id": "half again",
        "question": QUESTION[:60] + " And who was it that gave it to him, if anybody did?",
        "score": 1,
    },
    {"id": "one"},
]


@pytest.fixture(autouse=True)
def without_rasters(monkeypatch: pytest.MonkeyPatch) -> None:
    """Loading what draws PNG files takes longer than all else here."""
    monkeypatch.setattr(files, "can_rasterise", lambda: False)


@pytest.fixture(scope="module")
def index(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("command") / "index"
    build_index(small_indexes.records({"a": f"x {QUESTION} y", "b": "z"}), folder, id_field="id", threads=1)
    return folder


def run(capsys: pytest.CaptureFixture[str], *arguments: object) -> tuple[int, str]:
    with pytest.raises(SystemExit) as ended:
        main([str(argument) for argument in arguments])
    assert isinstance(ended.value.code, int)
    return ended.value.code, capsys.readouterr().err


def benchmark(folder: Path) -> Path:
    path = folder / "items.jsonl"
    path.write_text("".join(json.dumps(item) + "\n" for item in ITEMS))
    return path


def test_a_folder_with_everything(index: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = tmp_path / "out"
    code, err = run(
        capsys,
        *("contamination", index, benchmark(tmp_path), "--report", out, "--variant", "window50", "--variant", "gpt3"),
        *("--question", "question", "--answer", "answer", "--score-field", "score", "--threads", 1),
    )
    assert code == 0, err
    assert "window50: 2 clean, 2 suspicious, 1 dirty." in err
    assert "1 document of index hold" in err
    assert "1 item could not be judged" in err
    assert "as SVG only" in err
    names = {path.relative_to(out).as_posix() for path in out.rglob("*") if path.is_file()}
    assert names >= {
        *("index.html", "report.json", "items.parquet", "evidence.parquet", "documents-index.ids"),
        *("plots/verdicts.svg", "plots/gain.svg"),
    }
    assert not [name for name in names if name.startswith(".")]
    page = (out / "index.html").read_text(encoding="utf-8")
    assert "<b>" not in page
    assert "&lt;b&gt;old&lt;/b&gt;" in page
    for words in ("Brown et al. 2020", "never proof of influence", "documents-index.ids", "all less clean", "gpt3"):
        assert words in page
    assert not re.findall(r"(?:src|href)=\"(?!#)", page)


def test_results_and_quiet(index: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    results = tmp_path / "results.jsonl"
    results.write_text('{"id": "one", "acc": 0.5}\n')
    given = ("--results", results, "--score-field", "acc", "--quiet", "--threads", 1)
    assert run(capsys, "contamination", index, benchmark(tmp_path), "--report", tmp_path / "out", *given) == (0, "")
    report = json.loads((tmp_path / "out" / "report.json").read_text())
    assert [variant["name"] for variant in report["variants"]] == ["window50", "longest"]
    assert report["variants"][0]["scores"]["dirty"] == {"value": 0.5, "low": None, "high": None, "n": 1}
    assert "nothing to compare" in (tmp_path / "out" / "index.html").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda index, items: (index,), "There is no benchmark"),
        (lambda index, items: (items,), "There is no benchmark"),
        (lambda index, items: (items, items), "No index at"),
        (lambda index, items: (index, items.parent / "none"), "Cannot read"),
        (lambda index, items: (index, items, "--variant", "gpt5"), "choose among gpt3"),
        (lambda index, items: (index, items, "--contained", "0"), "above 0"),
        (lambda index, items: (index, items, "--question", "prompt"), "No item of"),
        (lambda index, items: (index, items, "--results", items.parent / "none"), "Cannot read"),
    ],
)
def test_what_is_refused(
    index: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], change: Any, words: str
) -> None:
    arguments = change(index, benchmark(tmp_path))
    code, err = run(capsys, "contamination", *arguments, "--report", tmp_path / "out", "--threads", 1)
    assert code == 2
    assert err.count("\n") == 1
    assert words in err


def test_hostile_strings_stay_text() -> None:
    hostile = "".join(hostile_markup.SCRIPTS) + "\x1b[31m"
    counts = {"short": 0, "clean": 0, "suspicious": 0, "dirty": 1}
    place = {"index": hostile, "document_id": hostile, "start": 0, "end": 5, "before": hostile, "after": hostile}
    passage = {"start": 0, "end": len(hostile), "text": hostile, "count": 1, "count_is_lower_bound": False}
    text = {
        "characters": len(hostile),
        "longest": len(hostile),
        "verdicts": {"palm": ["dirty", 1, 1]},
        "text": hostile,
        "evidence": [passage | {"log_probability": -1.0, "places": [place]}],
    }
    item = {"line": 1, "id": hostile, "score": None, "texts": {"question": text}, "verdicts": {"palm": "dirty"}}
    page = page_of(
        {
            "benchmark": hostile,
            "created": "2026-01-01",
            "command": hostile,
            "indexes": [{"name": hostile, "version": hostile, "documents": 1, "tokens": 1}],
            "parameters": {"fields": {"question": hostile}, "contained": 0.8},
            "counts": {"items": 1, "faults": {hostile: 1}, "too_frequent_to_list": 1},
            "variants": [
                {
                    "name": "palm",
                    "rule": "r",
                    "source": "s",
                    "items": counts,
                    "fields": {"question": counts},
                    "question_and_answer_dirty": 0,
                    "scores": None,
                }
            ],
            "worst": [item],
            "documents": [
                {
                    "index": hostile,
                    "file": "documents-x.ids",
                    "documents": 1,
                    "unlisted": 1,
                    "first": [{"id": hostile, "items": 1, "share": 1.0}],
                }
            ],
            "limits": [],
        }
    )
    tags: set[str] = set()
    parser = HTMLParser()
    parser.handle_starttag = lambda tag, attributes: tags.add(tag)  # type: ignore[method-assign]
    parser.feed(page)
    assert not tags & {"script", "img", "iframe", "object", "form", "template"}
    assert "\x1b" not in page
