"""The command line from outside: what it prints, where, and with which exit code."""

from __future__ import annotations

import contextlib
import io
import json
import os
import pty
import shutil
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from wherefrom.cli import main

ROOT = Path(__file__).parents[2]
DOCUMENTS = [
    {
        "id": "alpha",
        "text": "To be prepared for war is one of the most effectual means of preserving peace.",
        "year": 1790,
    },
    {
        "id": "beta",
        "text": "A free people ought not only to be armed, but disciplined, at every hour of the day.",
        "year": 1791,
    },
    {
        "id": "gamma",
        "text": "A free people ought not only to be armed, but disciplined, at every hour of the day.",
        "year": 1792,
    },
    {
        "id": "hostile \x1b[31m",
        "text": "before \x1b]0;owned\x07 the [bold]markup[/] and \u202eafter the storm",
        "n": "\x9b2J",
    },
]
TEXT = (
    "He said that to be prepared for war is one of the most effectual means of doing nothing at every hour of the day."
)


@dataclass(frozen=True)
class Result:
    code: int
    out: str
    err: str


def run(*arguments: object, stdin: str | bytes = b"") -> Result:
    """Runs the command in this process, with its standard streams replaced."""
    given = stdin.encode() if isinstance(stdin, str) else stdin
    out, err = (io.TextIOWrapper(io.BytesIO(), encoding="utf-8", write_through=True) for _ in range(2))
    saved = sys.stdin
    sys.stdin = io.TextIOWrapper(io.BytesIO(given), encoding="utf-8")
    try:
        with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err), pytest.raises(SystemExit) as exited:
            main([str(argument) for argument in arguments])
    finally:
        sys.stdin = saved
    code = exited.value.code
    assert isinstance(code, int)
    return Result(code, *(stream.buffer.getvalue().decode("utf-8") for stream in (out, err)))  # type: ignore[attr-defined]


def write_jsonl(path: Path, records: Sequence[dict[str, Any]]) -> Path:
    path.write_text("".join(json.dumps(record) + "\n" for record in records), encoding="utf-8")
    return path


@pytest.fixture(scope="module")
def corpus(tmp_path_factory) -> Path:
    return write_jsonl(tmp_path_factory.mktemp("corpus") / "corpus.jsonl", DOCUMENTS)


@pytest.fixture(scope="module")
def index(corpus) -> Path:
    folder = corpus.parent / "corpus.index"
    assert run("index", corpus, "--out", folder, "--id-field", "id", "--quiet") == Result(0, "", "")
    return folder


@pytest.fixture
def own_index(index, tmp_path) -> Path:
    """An index that the test may change."""
    return Path(shutil.copytree(index, tmp_path / "own.index"))


def assert_one_sentence(result: Result, code: int, words: str) -> None:
    assert result.code == code, result
    assert result.err.startswith("Error: "), result
    assert result.err.count("\n") == 1, result
    assert words in result.err
    assert "Traceback" not in result.err
    assert result.out == ""


# Making and changing an index


def test_index_says_what_it_did_and_what_to_do_next(corpus, tmp_path):
    result = run("index", corpus, "--out", tmp_path / "a.index", "--id-field", "id")
    assert (result.code, result.out) == (0, "")
    assert "Indexed 4 documents (" in result.err
    assert f'Next: wherefrom trace {tmp_path}/a.index "some text"' in result.err


def test_records_that_cannot_be_read_are_listed(tmp_path):
    path = tmp_path / "broken.jsonl"
    path.write_text('{"text": "a document that is whole"}\n{"text": \n{"no": 1}\n')
    result = run("index", path, "--out", tmp_path / "a.index", "--on-error", "skip", "--quiet")
    assert result.code == 0
    assert "Skipped 2 records:\n" in result.err
    assert "broken.jsonl:2: " in result.err
    assert "broken.jsonl:3: " in result.err


def test_add_remove_compact_verify(own_index, tmp_path):
    more = write_jsonl(tmp_path / "more.jsonl", [{"id": "delta", "text": "Something new under the sun, and more."}])
    added = run("add", own_index, more, "--id-field", "id")
    assert "now holds 5 documents" in added.err
    assert run("count", own_index, "under the sun").out == "1\n"
    removed = run("remove", own_index, "--id", "delta", "--id", "beta")
    assert "Removed 2 documents; " in removed.err
    assert "now holds 3 documents" in removed.err
    assert run("count", own_index, "under the sun").out == "0\n"
    assert "now holds 3 documents" in run("compact", own_index).err
    assert run("verify", own_index) == Result(0, "", f"{own_index} is whole.\n")


def test_ids_come_from_a_file(own_index, tmp_path):
    (tmp_path / "ids").write_text("alpha\n\nbeta\n")
    assert "Removed 2 documents" in run("remove", own_index, "--ids-file", tmp_path / "ids").err
    assert "Removed 1 document;" in run("remove", own_index, "--ids-file", "-", stdin="gamma").err


def test_removing_again_and_what_is_unknown(own_index):
    run("remove", own_index, "--id", "alpha")
    again = run("remove", own_index, "--id", "alpha", "--id", "nobody", "--missing-ok")
    assert "Removed 0 documents (1 were removed before, 1 are unknown)" in again.err


def test_info(index):
    facts = json.loads(run("info", index, "--json").out)
    assert facts["documents"] == 4
    assert facts["name"] == "corpus.index"
    assert sum(segment["tokens"] for segment in facts["segments"]) == facts["tokens"]
    text = run("info", index).out
    assert facts["version"] in text
    assert "000001" in text


def test_verify_finds_a_flipped_bit(own_index):
    victim = next(own_index.glob("segments/*/records.bin"))
    data = bytearray(victim.read_bytes())
    data[len(data) // 2] ^= 1
    victim.write_bytes(data)
    result = run("verify", own_index)
    assert result.code == 1
    assert "records.bin" in result.out
    assert "is damaged" in result.err


# Tracing


def test_trace_on_a_pipe(index):
    result = run("trace", index, TEXT)
    assert (result.code, result.err) == (0, "")
    assert "[be prepared for war is one of the most effectual means of" in " ".join(result.out.split())
    assert "alpha" in result.out
    assert "year: 1790" in result.out
    assert "\x1b" not in result.out


def test_trace_prints_the_json_that_the_schema_describes(index):
    value = json.loads(run("trace", index, TEXT, "--json").out)
    schema = json.loads((ROOT / "docs" / "provenance.schema.json").read_text(encoding="utf-8"))
    jsonschema.validate(value, schema)
    assert [TEXT[span["start"] : span["end"]] for span in value["spans"]] == [span["text"] for span in value["spans"]]
    assert {"alpha", "beta"} >= {document["id"] for document in value["documents"]} - {"gamma"}


def test_trace_writes_a_page(index, tmp_path):
    page = tmp_path / "page.html"
    result = run("trace", index, TEXT, "--html", page)
    assert (result.code, result.out) == (0, "")
    assert page.read_text(encoding="utf-8").startswith("<!doctype html>")
    assert list(tmp_path.iterdir()) == [page]


def test_the_text_from_standard_input_or_a_file_keeps_its_offsets(index, tmp_path):
    text = f"\r\n中 {TEXT}\n"
    (tmp_path / "text").write_bytes(text.encode())
    for result in (
        run("trace", index, "-", "--json", stdin=text),
        run("trace", index, "--file", tmp_path / "text", "--json"),
    ):
        span = json.loads(result.out)["spans"][0]
        assert text[span["start"] : span["end"]] == span["text"]


def test_every_option_reaches_the_tracer(index):
    loose = ("--min-characters", 3, "--density", "none", "--max-count", "none", "--min-tokens", 1)
    assert len(spans(index, *loose)) > len(spans(index))
    assert all(span["count"] <= 1 for span in spans(index, *loose, "--max-count", 1))
    assert spans(index, "--min-characters", 1000) == []
    assert spans(index, "--preset", "olmotrace", "--no-word-boundaries", "--no-sentence-boundaries")
    value = json.loads(
        run("trace", index, TEXT, "--json", "--max-documents", 1, "--context-characters", 5, "--seed", 1).out
    )
    assert all(len(span["documents"]) <= 1 for span in value["spans"])
    for document in value["documents"]:
        for snippet in document["snippets"]:
            assert snippet["highlight"][0] <= 5


def spans(index: Path, *options: object) -> list[dict[str, Any]]:
    value = json.loads(run("trace", index, TEXT, "--json", *options).out)
    return list(value["spans"])


def test_several_indexes_are_searched_as_one(index, own_index):
    assert json.loads(run("count", index, own_index, "prepared for war", "--json").out)["count"] == 2
    lines = run("count", index, own_index, "prepared for war").out.splitlines()
    assert lines == ["1\tcorpus.index", "1\town.index", "2\ttotal"]


def test_a_word_that_starts_with_a_dash_follows_two(index):
    assert run("count", index, "--", "--debug").out == "0\n"


# Many texts


def test_many_texts_keep_their_order_and_failures_their_place(index, tmp_path):
    lines: list[Any] = [
        json.dumps({"id": number, "text": f"{number} {TEXT}", "prompt": "war?"}) for number in range(50)
    ]
    bad = {3: "{", 10: '{"text": 5}', 20: "[]", 30: '{"id": "x", "text": ""}', 40: '{"prompt": "no text"}'}
    for number, line in bad.items():
        lines[number] = line
    source, target = tmp_path / "in.jsonl", tmp_path / "out.jsonl"
    source.write_text("\n".join(lines) + "\n\n\xff", encoding="latin-1")
    result = run("trace", index, "--jsonl", source, "--out", target, "--threads", 3)
    assert (result.code, result.out) == (0, "")
    assert f"Traced 45 of 51 records into {target}; 6 failed" in result.err
    results = [json.loads(line) for line in target.read_text(encoding="utf-8").splitlines()]
    assert [result["line"] for result in results] == [*range(1, 51), 52]
    assert {result["line"] - 1 for result in results if "error" in result} == {*bad, 51}
    assert results[30]["id"] == "x"
    assert all(set(result["error"]) == {"type", "message"} for result in results if "error" in result)
    assert results[0]["text"] == f"0 {TEXT}"
    alone = json.loads(run("trace", index, f"0 {TEXT}", "--prompt", "war?", "--json").out)
    assert results[0]["provenance"]["spans"] == alone["spans"]
    assert results[0]["provenance"]["documents"] == alone["documents"]
    assert sorted(tmp_path.iterdir()) == [source, target]


def test_out_stays_as_it_was_when_the_command_fails(index, tmp_path):
    target = tmp_path / "out.jsonl"
    target.write_text("old")
    assert_one_sentence(run("trace", index, "--jsonl", tmp_path / "none", "--out", target), 2, "Cannot read")
    assert target.read_text() == "old"
    assert list(tmp_path.iterdir()) == [target]


# Documents


def test_a_document_is_printed_with_its_text(index):
    result = run("document", index, "alpha", "--highlight", "prepared for war")
    assert (result.code, result.err) == (0, "The text stands 1 time in this document.\n")
    assert result.out.splitlines() == [
        "alpha",
        "year: 1790",
        "",
        DOCUMENTS[0]["text"].replace("prepared for war", "[prepared for war]"),
    ]  # type: ignore[attr-defined]
    assert "1 exact duplicate in this index" in run("document", index, "beta").out
    value = json.loads(run("document", index, "beta", "--json").out)
    assert value == {"id": "beta", "metadata": {"year": 1791}, "duplicates": 1, "text": DOCUMENTS[1]["text"]}


def test_hostile_text_reaches_no_terminal_raw(index):
    hostile = str(DOCUMENTS[3]["text"])
    for arguments in (
        ("document", index, "hostile \x1b[31m"),
        ("document", index, "hostile \x1b[31m", "--json"),
        ("trace", index, hostile),
        ("trace", index, hostile, "--json"),
        ("trace", index, hostile, "--no-word-boundaries", "--min-characters", 1, "--density", "none"),
    ):
        result = run(*arguments)
        assert result.code == 0
        assert not {"\x1b", "\x07", "\x9b", "\u202e"} & set(result.out + result.err)
        assert "[bold]" in result.out
    wrong = run("document", index, "nobody \x1b[2J\nnext")
    assert_one_sentence(wrong, 2, "x1b[2J")


# What bad input gets: one sentence, exit code 2 for the caller's mistake and 1 otherwise, no traceback


def in_work(index: Path, tmp_path: Path, words: str) -> list[str]:
    places = {"INDEX": str(index), "TMP": str(tmp_path)}
    return [word.replace("TMP", places["TMP"]) if word != "INDEX" else places["INDEX"] for word in words.split(" ")]


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ("trace INDEX text --min-characters 0", "min_characters is 0"),
        ("trace INDEX text --density 2", "density is 2.0"),
        ("trace INDEX text --density x", "--density is 'x'; it must be a number or none"),
        ("trace INDEX text --max-count 1.5", "--max-count is '1.5'"),
        ("trace INDEX text --preset best", "preset is 'best'"),
        ("trace INDEX text --seed -1", "seed is -1"),
        ("trace INDEX text --seed x", "--seed"),
        ("trace INDEX text --nonsense", "--nonsense"),
        ("trace INDEX text --out x", "--out belongs to --jsonl"),
        ("trace INDEX --jsonl x", "--jsonl needs --out"),
        ("trace INDEX --jsonl x --out y --html z", "--jsonl cannot be combined with --html"),
        ("trace INDEX text --json --html z", "--json cannot be combined with --html"),
        ("trace INDEX", "There is no text"),
        ("trace INDEX missing.index", "'missing.index' is not an index"),
        ("trace missing.index text", "No index at missing.index"),
        ("trace INDEX missing.index text", "No index at missing.index"),
        ("trace INDEX --file TMP/none", "Cannot read TMP/none: No such file or directory"),
        ("trace INDEX --file TMP", "Cannot read TMP: Is a directory"),
        ("trace INDEX --file TMP/latin", "is not UTF-8 text: the byte at offset 3"),
        ("trace INDEX ", "empty"),
        ("trace", "Missing argument"),
        ("count INDEX", "There is no text"),
        ("count missing.index text", "No index at missing.index"),
        ("document INDEX nobody", "nobody"),
        ("document missing.index nobody", "missing.index"),
        ("info TMP", "TMP"),
        ("verify TMP/none", "none"),
        ("compact TMP/none", "none"),
        ("remove INDEX", "There is nothing to remove"),
        ("remove INDEX --id nobody", "nobody"),
        ("remove INDEX --ids-file TMP/none", "Cannot read"),
        ("add TMP/none TMP/corpus.jsonl", "none"),
        ("add INDEX TMP/none.jsonl", "none.jsonl"),
        ("index TMP/none.jsonl --out TMP/a.index", "none.jsonl"),
        ("index TMP/corpus.jsonl", "--out"),
        ("index TMP/corpus.jsonl --out TMP/a.index --text-field body", "body"),
        ("index TMP/corpus.jsonl --out TMP/a.index --id-field key", "key"),
        ("index TMP/corpus.jsonl --out TMP/a.index --id-field same", "corpus.jsonl:2: a document with the id 'x'"),
        ("index TMP/corpus.jsonl --out TMP/a.index --memory 5", "memory"),
        ("index TMP/corpus.jsonl --out TMP/a.index --memory lots", "lots"),
        ("index TMP/corpus.jsonl --out TMP/a.index --threads 0", "threads"),
        ("index TMP/corpus.jsonl --out TMP/a.index --tokenizer TMP/none.json", "none.json"),
        ("index TMP/corpus.jsonl --out TMP/a.index --tokenizer TMP/corpus.jsonl", "corpus.jsonl"),
        ("index TMP/corpus.jsonl --out TMP/a.index --format magic", "magic"),
        ("index TMP/corpus.jsonl --out TMP/a.index --on-error hope", "hope"),
        ("index TMP/corpus.jsonl --out TMP/a.index --on-duplicate-id hope", "hope"),
        ("index TMP/corpus.jsonl --out TMP/corpus.jsonl", "corpus.jsonl"),
        ("index TMP/corpus.jsonl --out INDEX", "already holds an index"),
        ("index TMP/broken.jsonl --out TMP/a.index", "broken.jsonl:2"),
        ("index TMP/empty.jsonl --out TMP/a.index", "empty.jsonl"),
        ("nonsense", "nonsense"),
    ],
)
def test_mistakes_of_the_caller(index, tmp_path, arguments, words):
    write_jsonl(tmp_path / "corpus.jsonl", [{"text": "one text", "same": "x"}, {"text": "another text", "same": "x"}])
    (tmp_path / "broken.jsonl").write_text('{"text": "fine"}\n{"text": \n')
    (tmp_path / "empty.jsonl").write_text("")
    (tmp_path / "latin").write_bytes(b"abc\xff")
    before = sorted(tmp_path.iterdir())
    result = run(*in_work(index, tmp_path, arguments))
    assert_one_sentence(result, 2, words.replace("TMP", str(tmp_path)))
    left = [path for path in sorted(tmp_path.iterdir()) if path not in before]
    assert all(path.name == "a.index" and not (path / "manifest.json").exists() for path in left)


def append(path: Path) -> None:
    path.write_bytes(path.read_bytes() + b"more")


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda folder: next(folder.glob("segments/*/records.bin")).unlink(), "records.bin"),
        (lambda folder: os.truncate(next(folder.glob("segments/*/exact/suffixes.bin")), 16), "suffixes.bin"),
        (lambda folder: (folder / "manifest.json").write_text("{"), "manifest.json"),
        (lambda folder: append(next(folder.glob("segments/*/hashes.bin"))), "hashes.bin"),
    ],
)
@pytest.mark.parametrize("command", ["trace", "count", "info", "document"])
def test_damage_is_not_the_callers_mistake(own_index, change, words, command):
    change(own_index)
    rest = {"trace": [TEXT], "count": ["war"], "info": [], "document": ["alpha"]}[command]
    assert_one_sentence(run(command, own_index, *rest), 1, words)


def test_a_page_that_cannot_be_written(index, tmp_path):
    result = run("trace", index, TEXT, "--html", tmp_path / "no" / "page.html")
    assert_one_sentence(result, 1, f"Cannot write {tmp_path}/no/page.html: No such file or directory")


@pytest.mark.parametrize(
    "text",
    ["a", "\x00", "\ud800", "中文", "שלום", "\U0001f469\u200d\U0001f467", "zzzz" * 500, " ", "!" * 50, "\uffff" * 30],
)
def test_any_text_can_be_traced_and_counted(index, text):
    for arguments in (("trace", index, text), ("trace", index, text, "--json"), ("count", index, text)):
        result = run(*arguments)
        assert (result.code, result.err) == (0, "")


# The command as a process


def wherefrom(*arguments: object, **options: Any) -> subprocess.CompletedProcess[bytes]:
    command = [sys.executable, "-c", "from wherefrom.cli import main; main()", *(str(word) for word in arguments)]
    return subprocess.run(command, capture_output=True, timeout=120, check=False, **options)


def test_debug_adds_the_traceback():
    quiet, debug = wherefrom("info", "/none"), wherefrom("info", "/none", "--debug")
    assert b"Traceback" not in quiet.stderr
    assert b"Traceback" in debug.stderr
    assert (quiet.returncode, debug.returncode) == (2, 2)


def test_version_and_help():
    from importlib.metadata import version

    assert wherefrom("--version").stdout.decode().strip() == version("wherefrom")
    assert b"Find where a language model's words stand" in wherefrom("--help").stdout
    assert b"trace" in wherefrom().stdout + wherefrom().stderr


def test_help_loads_no_heavy_library():
    code = (
        "import sys\nfrom wherefrom.cli import main\n"
        "try:\n    main(['trace', '--help'])\nexcept SystemExit:\n    pass\n"
        "heavy = {'numba', 'numpy', 'pyarrow', 'tokenizers', 'datasets'} & set(sys.modules)\nassert not heavy, heavy"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, timeout=60, check=False)
    assert done.returncode == 0, done.stderr.decode()


def test_a_reader_that_goes_away_is_no_error(index, tmp_path):
    write_jsonl(tmp_path / "long.jsonl", [{"id": "long", "text": "many words of no interest " * 100_000}])
    run("index", tmp_path / "long.jsonl", "--out", tmp_path / "long.index", "--id-field", "id", "--quiet")
    command = (
        f"{sys.executable} -c 'from wherefrom.cli import main; main()' document {tmp_path}/long.index long | head -c 9"
    )
    done = subprocess.run(["bash", "-c", command], capture_output=True, timeout=120, check=False)
    assert done.stderr == b""


def test_colour_on_a_terminal(index):
    parent, child = pty.openpty()
    environment = {**os.environ, "TERM": "xterm-256color", "COLUMNS": "200"}
    environment.pop("NO_COLOR", None)
    command = [sys.executable, "-c", "from wherefrom.cli import main; main()", "trace", str(index), TEXT]
    with subprocess.Popen(command, stdout=child, stderr=subprocess.DEVNULL, env=environment) as process:
        os.close(child)
        shown = b""
        with contextlib.suppress(OSError):  # how a pseudo-terminal says that the other side has closed
            while data := os.read(parent, 65536):
                shown += data
    os.close(parent)
    assert process.returncode == 0
    assert b"\x1b[38;5;16;48;5;" in shown
    assert b"be prepared for war" in shown
