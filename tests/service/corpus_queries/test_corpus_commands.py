"""`wherefrom query`: what it prints, and how it says what is wrong."""

from __future__ import annotations

import json

import pytest
import small_indexes

from wherefrom import Tracer
from wherefrom.cli.app import main
from wherefrom_indexer import build_index

TEXTS = {"one": "a cab backs a cab", "two": "a|b and a cab, \x1b[31m", "three": "no more"}


@pytest.fixture(scope="module")
def index(tmp_path_factory: pytest.TempPathFactory) -> str:
    folder = tmp_path_factory.mktemp("query") / "index"
    build_index(small_indexes.records(TEXTS), folder, id_field="id", tokenizer=small_indexes.small_tokenizer())
    return str(folder)


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str]):
    def run(*arguments: object) -> tuple[int, str, str]:
        with pytest.raises(SystemExit) as left:
            main(["query", *map(str, arguments)])
        written = capsys.readouterr()
        return int(left.value.code or 0), written.out, written.err

    return run


def test_counts(run, index: str) -> None:
    assert run("count", index, "cab") == (0, "3\n", "")
    tokenizer = small_indexes.small_tokenizer()
    ids = tokenizer.vocabulary.original[tokenizer.encode("no more").ids].tolist()
    assert run("count", index, "--ids", " ".join(map(str, ids)))[1] == "1\n"
    assert json.loads(run("count", index, "--ids", ",".join(map(str, ids)), "--json")[1])["counts"] == {"index": 1}


def test_conjunctions(run, index: str) -> None:
    code, out, _ = run("cnf", index, "--clause", "cab|no", "--clause", "and|backs")
    assert code == 0
    assert out.startswith("2 in 2 documents (occurrences of each clause: 4, 2)\n")
    assert "index: one\na cab backs a cab" in out
    assert "\x1b" not in out
    found = json.loads(run("cnf", index, "--clause", r"a\|b", "--json")[1])
    assert (found["count"], found["occurrences"][0]["passages"]) == (1, [[0, 3]])
    assert (
        json.loads(run("cnf", index, "--clause", "backs", "--clause", "more", "--limit", 0, "--json")[1])["count"] == 0
    )


def test_next_tokens(run, index: str) -> None:
    expected = Tracer.open(index).queries.next_tokens("a cab")
    code, out, _ = run("next", index, "a cab")
    assert code == 0
    first, *lines = out.splitlines()
    assert f"occur {expected.prompt_count} times" in first
    assert [line.split("\t")[0] for line in lines] == [str(token.count) for token in expected.tokens]
    assert json.loads(run("next", index, "a cab", "--json")[1]) == json.loads(json.dumps(expected.to_dict()))
    assert "occur 0 times" in run("next", index, "qqq a", "--whole-prompt")[1]


def test_infinity_gram_probabilities(run, index: str) -> None:
    expected = Tracer.open(index).queries.infgram_probabilities("a cab", "and ")
    code, out, _ = run("infgram", index, "a cab", "--prompt", "and ")
    assert code == 0
    assert [line.split("\t")[1] for line in out.splitlines()] == [str(token.effective_length) for token in expected]
    asked = json.loads(run("infgram", index, "a cab", "--prompt", "and ", "--json")[1])
    assert asked == [token.to_dict() for token in expected]


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["count", "INDEX"], "There is no text"),
        (["count", "INDEX", "--ids", "one"], "'one' is not token ids"),
        (["count", "INDEX", "--ids", "99999999"], "token id 99999999 is outside of the vocabulary"),
        (["count", "INDEX", "--ids", ","], "There are no token ids"),
        (["cnf", "INDEX"], "Missing option '--clause'"),
        (["cnf", "INDEX", "--clause", "a||b"], "the text is empty"),
        (["cnf", "nowhere", "--clause", "a"], "No index at nowhere"),
        (["next", "INDEX"], "There is no text"),
        (["infgram", "INDEX", ""], "The text is empty"),
    ],
)
def test_mistakes_are_told(run, index: str, arguments: list[str], sentence: str) -> None:
    code, out, error = run(*(index if each == "INDEX" else each for each in arguments))
    assert (code, out) == (2, "")
    assert sentence.lower() in error.lower()
    assert error.count("\n") == 1
