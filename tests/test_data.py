"""The committed data: their shape, and the properties of the default tokenizer that the index relies on."""

import json
import random
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import regex
from tokenizers import Tokenizer

REPOSITORY = Path(__file__).parent.parent
TOKENIZER_FILE = REPOSITORY / "indexer" / "wherefrom_indexer" / "default_tokenizer.json"
ALPHABET = (
    "aZéßжλ ع  \t\r\n'’.,;-_=(){}0१٣½"
    "日本語カなーไทยพម한글👩‍👩‍👧❤️"
    "\u0301\u200d\u00a0\u2028\x00\x85\ufeff\U00020000\U0010ffff"
)


def read_lines(name: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (REPOSITORY / "data" / name).read_text(encoding="utf-8").splitlines()]


@pytest.fixture(scope="module")
def corpus() -> list[dict[str, Any]]:
    return read_lines("sotu.jsonl")


@pytest.fixture(scope="module")
def generations() -> list[dict[str, Any]]:
    return read_lines("generations.jsonl")


@pytest.fixture(scope="module")
def tokenizer() -> Tokenizer:
    return Tokenizer.from_file(str(TOKENIZER_FILE))


def longest_verbatim(text: str, corpus: list[dict[str, Any]]) -> int:
    """Length in characters of the longest part of the text that stands in a document."""
    longest = 0
    for start in range(len(text)):
        while start + longest < len(text) and any(text[start : start + longest + 1] in item["text"] for item in corpus):
            longest += 1
    return longest


def hostile_strings(number: int) -> list[str]:
    draw = random.Random(7)
    texts = ["".join(draw.choices(ALPHABET, k=draw.randrange(60))) for _ in range(number)]
    codes = [*range(0xD800), *range(0xE000, 0x10000), *range(0x10000, 0x110000, 17)]
    every_plane = " ".join("".join(map(chr, codes[at : at + 61])) for at in range(0, len(codes), 61))
    return [*texts, every_plane, "\x00", "a" * 10_000, " " * 999, "\n \r\n\t ", "[UNK]<|endoftext|></s>"]


@cache
def character_class(character: str) -> str:
    """Alone, Number, Letter, Mark, line bReak, Space or Other."""
    classes = {
        "A": r"[\p{Han}\p{Hiragana}\p{Katakana}\p{Thai}\p{Lao}\p{Khmer}\p{Myanmar}ーｰ]",
        "N": r"\p{N}",
        "L": r"\p{L}",
        "M": r"\p{M}",
        "R": r"[\r\n]",
        "S": r"\s",
    }
    return next((name for name, pattern in classes.items() if regex.match(pattern, character)), "O")


def scan_pre_tokens(text: str) -> list[int]:
    """Starts of pre-tokens by the six rules that make_default_tokenizer.py states, without its pattern."""
    classes = [*map(character_class, text), "end"]
    starts, at = [], 0

    def run_end(place: int, members: str) -> int:
        while classes[place] in members:
            place += 1
        return place

    while at < len(text):
        starts.append(at)
        begin = at
        if classes[at] == "S":
            at = run_end(at, "S")
            takes_space = text[at - 1] == " " and classes[at] in "LMO"
            if not takes_space:
                continue
            if at - 1 > begin:
                starts.append(at - 1)
        if classes[at] in "AN":
            at += 1
        else:
            at = run_end(at, {"R": "R", "L": "LM"}.get(classes[at], "OM"))
    return starts


def test_the_corpus_is_the_41_addresses_before_1830(corpus: list[dict[str, Any]]) -> None:
    assert len(corpus) == len({item["id"] for item in corpus}) == 41
    assert all(item["text"].strip() and item["president"] and item["source"] for item in corpus)
    assert all(1790 <= item["year"] < 1830 and item["date"].startswith(str(item["year"])) for item in corpus)


def test_generations_are_of_two_models_with_a_control(generations: list[dict[str, Any]]) -> None:
    assert len({item["id"] for item in generations}) == len(generations)
    assert all(item["text"] and item["settings"] and isinstance(item["prompt"], str) for item in generations)
    models = [item["model"] for item in generations if item["kind"] == "model"]
    assert len(models) >= 12
    assert sum(name.startswith("small GPT") for name in models) >= 6
    assert sum(name.startswith("SmolLM2") for name in models) >= 4
    assert sum(item["kind"] == "control" for item in generations) >= 3


def test_memorized_outputs_stand_in_the_corpus(generations: list[dict[str, Any]], corpus: list[dict[str, Any]]) -> None:
    memorized = [item for item in generations if item["settings"].get("times_seen", 0) >= 16]
    assert len(memorized) >= 6
    for item in memorized:
        assert longest_verbatim(item["text"], corpus) >= 100, item["id"]


def test_default_tokenizer_fits_two_bytes_and_has_all_byte_tokens(tokenizer: Tokenizer) -> None:
    definition = json.loads(tokenizer.to_str())
    assert tokenizer.get_vocab_size() <= 65_535
    assert definition["added_tokens"] == []
    assert definition["normalizer"] is definition["post_processor"] is None
    assert sum(len(token) == 1 for token in definition["model"]["vocab"]) == 256
    assert sorted(definition["model"]["vocab"].values()) == list(range(tokenizer.get_vocab_size()))


def test_default_tokenizer_round_trips_every_string(tokenizer: Tokenizer) -> None:
    for text in hostile_strings(500):
        assert tokenizer.decode(tokenizer.encode(text).ids) == text


def test_pre_tokens_agree_from_the_second_boundary_after_a_cut(tokenizer: Tokenizer) -> None:
    def boundaries(text: str) -> list[int]:
        return [start for _, (start, _) in tokenizer.pre_tokenizer.pre_tokenize_str(text)] + [len(text)]

    draw = random.Random(11)
    for text in hostile_strings(300)[:300]:
        cut = draw.randint(0, len(text))
        whole = [place - cut for place in boundaries(text)]
        part = boundaries(text[cut:])
        assert [place for place in whole if place >= part[min(2, len(part) - 1)]] == part[2:] or len(part) < 3


def test_pre_tokens_follow_the_rules(tokenizer: Tokenizer, corpus: list[dict[str, Any]]) -> None:
    for text in [*hostile_strings(2000)[:2000], corpus[0]["text"], Path(__file__).read_text(encoding="utf-8")]:
        found = [start for _, (start, _) in tokenizer.pre_tokenizer.pre_tokenize_str(text)]
        assert found == scan_pre_tokens(text)
