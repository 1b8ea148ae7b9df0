from __future__ import annotations

from itertools import chain
from typing import Any

import pytest
from tokenizers import Regex, pre_tokenizers

from wherefrom_indexer.definition import parse_definition
from wherefrom_indexer.split_pattern import CODE_POINTS, SplitPattern, class_table, known_pattern
from wherefrom_indexer.tokenization import Tokenizer

# As real files have them.
GPT2 = r"'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+"
LLAMA3 = (
    r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*"
    r"|\s*[\r\n]+|\s+(?!\S)|\s+"
)
TIKTOKEN_CL100K = (
    r"'(?i:[sdmt]|ll|ve|re)|[^\r\n\p{L}\p{N}]?+\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]++[\r\n]*|\s*[\r\n]|\s+(?!\S)|\s+"
)
GPT4O = (
    r"[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]*[\p{Ll}\p{Lm}\p{Lo}\p{M}]+(?i:'s|'t|'re|'ve|'m|'ll|'d)?"
    r"|[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]+[\p{Ll}\p{Lm}\p{Lo}\p{M}]*(?i:'s|'t|'re|'ve|'m|'ll|'d)?"
    r"|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n/]*|\s*[\r\n]+|\s+(?!\S)|\s+"
)
QWEN = LLAMA3.replace(r"\p{N}{1,3}", r"\p{N}")


def byte_level(**changes: Any) -> dict[str, Any]:
    return {"type": "ByteLevel", "add_prefix_space": False, "trim_offsets": True, "use_regex": False} | changes


def split(expression: str, **changes: Any) -> dict[str, Any]:
    return {"type": "Split", "pattern": {"Regex": expression}, "behavior": "Isolated", "invert": False} | changes


def sequence(*steps: dict[str, Any]) -> dict[str, Any]:
    return {"type": "Sequence", "pretokenizers": list(steps)}


@pytest.mark.parametrize(
    ("pre_tokenizer", "pattern"),
    [
        (byte_level(use_regex=True), SplitPattern.GPT2),
        ({"type": "ByteLevel", "add_prefix_space": False, "trim_offsets": True}, SplitPattern.GPT2),
        (sequence(byte_level(use_regex=True)), SplitPattern.GPT2),
        (sequence(split(GPT2), byte_level()), SplitPattern.GPT2),
        (sequence(split(LLAMA3), byte_level()), SplitPattern.CL100K),
        (sequence(split(LLAMA3, behavior="Removed", invert=True), byte_level()), SplitPattern.CL100K),
        (sequence(split(TIKTOKEN_CL100K), byte_level()), SplitPattern.CL100K),
        (sequence(split(GPT4O, behavior="Removed", invert=True), byte_level()), SplitPattern.O200K),
        (sequence(split(GPT4O), byte_level()), SplitPattern.O200K),
        (sequence(split(QWEN), byte_level(trim_offsets=False)), SplitPattern.QWEN),
        (sequence(sequence(split(QWEN)), byte_level()), SplitPattern.QWEN),
    ],
)
def test_patterns_are_known_as_files_write_them(pre_tokenizer: dict[str, Any], pattern: SplitPattern) -> None:
    assert known_pattern({"pre_tokenizer": pre_tokenizer}) is pattern


@pytest.mark.parametrize(
    "pre_tokenizer",
    [
        None,
        byte_level(),  # no splitting at all
        byte_level(use_regex=True, add_prefix_space=True),
        {"type": "ByteLevel", "trim_offsets": True},
        {"type": "Whitespace"},
        sequence(),
        split(QWEN),
        sequence(split(QWEN), byte_level(add_prefix_space=True)),
        sequence(split(QWEN), byte_level(use_regex=True)),
        sequence(split(QWEN + "|x"), byte_level()),
        sequence(split(QWEN, invert=True, behavior="Isolated"), byte_level()),
        sequence(split(QWEN, behavior="Removed"), byte_level()),
        sequence(split(QWEN, behavior="MergedWithNext"), byte_level()),
        sequence(split(QWEN, pattern={"String": QWEN}), byte_level()),
        sequence({"type": "Digits", "individual_digits": True}, byte_level(use_regex=True)),
        sequence(split(QWEN), split(GPT2), byte_level()),
    ],
)
def test_other_pre_tokenizers_are_not_known(pre_tokenizer: dict[str, Any] | None) -> None:
    assert known_pattern({"pre_tokenizer": pre_tokenizer}) is None


def test_own_tokenizers_have_the_default_pattern() -> None:
    for tokenizer in (Tokenizer.default(), Tokenizer.train(["some text"], 300)):
        assert known_pattern(parse_definition(tokenizer.definition, "")) is SplitPattern.DEFAULT


def test_classes_are_those_of_the_installed_tokenizers() -> None:
    """The characters of each class, one class after another, are matched as one run each, and by the right part.

    A run begins with a character that no other part can match.
    """
    examples = {"Lu": "A", "Lt": "ǅ", "Ll": "a", "Lm": "ʰ", "Lo": "ª", "M": "\u0301", "N": "0", "S": " ", "O": "!"}
    others = {"S": r"\s", "O": r"[^\s\p{L}\p{M}\p{N}]"}
    parts = [others.get(name, rf"\p{{{name}}}") for name in examples]
    runs = [example + characters(name, name + "!") for name, example in examples.items()]
    assert_matched("|".join(f"{part}+" for part in parts), runs)


def test_scripts_kept_alone_are_those_of_the_installed_tokenizers() -> None:
    alone = r"\p{Han}\p{Hiragana}\p{Katakana}\p{Thai}\p{Lao}\p{Khmer}\p{Myanmar}ーｰ"
    every = {name for name in class_table()[1] if name.endswith("!")}
    assert_matched(
        rf"[{alone}]+|[^{alone}]+",
        ["日" + characters(*every), "a" + characters("Lu", "Lt", "Ll", "Lm", "Lo", "M", "N", "S", "O")],
    )


def characters(*classes: str) -> str:
    """All characters of some classes of the table."""
    starts, names = class_table()
    ends = [*starts[1:], CODE_POINTS]
    points = chain(
        *(range(start, end) for start, end, name in zip(starts, ends, names, strict=True) if name in classes)
    )
    return "".join(chr(point) for point in points if not 0xD800 <= point < 0xE000)


def assert_matched(expression: str, runs: list[str]) -> None:
    found = pre_tokenizers.Split(Regex(expression), "isolated").pre_tokenize_str("".join(runs))
    assert [end - start for _, (start, end) in found] == [*map(len, runs)]
