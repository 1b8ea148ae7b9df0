"""Which of the known split patterns a tokenizer has, and what the scanner (`split_kernels`) is told about each.

Known are the patterns of GPT-2, of cl100k (GPT-4, Llama 3), of o200k (GPT-4o), of Qwen, and of the default tokenizer,
as `tokenizers` runs them. The text of the regular expression decides: it is compared with those that files are known to
hold. The classes of characters are those of `tokenizers`' expressions, whose Unicode is not that of Python.
"""

from __future__ import annotations

from enum import Enum
from functools import cache
from importlib import resources

import numpy as np
from numpy.typing import NDArray

from wherefrom_indexer.definition import Definition
from wherefrom_indexer.errors import TokenizerError
from wherefrom_indexer.split_kernels import LEAST_ROOM, split_text
from wherefrom_indexer.split_states import Grammar, Kind, machine

CODE_POINTS = 0x110000
_CLASSES_FILE = "character_classes.txt"


class SplitPattern(Enum):
    """A known pattern."""

    GPT2 = "gpt2"
    CL100K = "cl100k"
    O200K = "o200k"
    QWEN = "qwen"
    DEFAULT = "default"

    @property
    def rules(self) -> NDArray[np.uint16]:
        """The table of the pattern's machine, for the scanner's `rules`."""
        return machine(_GRAMMARS[self])

    @property
    def classes(self) -> NDArray[np.uint8]:
        """The Kind of each code point, for the scanner's `classes`."""
        return character_kinds()


def known_pattern(definition: Definition) -> SplitPattern | None:
    """Return the pattern of a tokenizer's definition, or None if its pre-tokenizer is not one of the known.

    Known is byte-level splitting that adds no space: `ByteLevel` with its own expression, or `Split` with a known one
    and then `ByteLevel` without.
    """
    steps = _steps(definition.get("pre_tokenizer"))
    if not steps or steps[-1]["type"] != "ByteLevel" or steps[-1].get("add_prefix_space", True):
        return None
    uses_regex = steps[-1].get("use_regex", True)
    if len(steps) == 1:
        return SplitPattern.GPT2 if uses_regex else None
    if len(steps) != 2 or uses_regex or steps[0]["type"] != "Split":
        return None
    # The known expressions match all of a text: what `Removed` removes of the inverse is nothing.
    if (steps[0].get("behavior"), bool(steps[0].get("invert"))) not in (("Isolated", False), ("Removed", True)):
        return None
    return _PATTERN_OF.get(steps[0]["pattern"].get("Regex"))


def pre_token_ends(text: str, pattern: SplitPattern) -> NDArray[np.int64]:
    """Return the end of each pre-token of a text, in bytes of its UTF-8 (int64, ascending)."""
    raw = np.frombuffer(text.encode("utf-8"), np.uint8)
    ends = np.empty(len(raw) + LEAST_ROOM, np.int64)
    return ends[: split_text(raw, 0, len(raw), pattern.rules, pattern.classes, ends)]


def _steps(pre_tokenizer: Definition | None) -> list[Definition]:
    """Return a pre-tokenizer as the list of its steps."""
    if pre_tokenizer is None:
        return []
    if pre_tokenizer["type"] == "Sequence":
        return [step for inner in pre_tokenizer["pretokenizers"] for step in _steps(inner)]
    return [pre_tokenizer]


_CONTRACTIONS = "(?i:'s|'t|'re|'ve|'m|'ll|'d)"
_WORD = r"[^\r\n\p{L}\p{N}]?\p{L}+"
_SYMBOLS = r" ?[^\s\p{L}\p{N}]+"
_SPACE = r"\s+(?!\S)|\s+"
_UPPER, _LOWER = r"\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}", r"\p{Ll}\p{Lm}\p{Lo}\p{M}"
_ALONE = r"\p{Han}\p{Hiragana}\p{Katakana}\p{Thai}\p{Lao}\p{Khmer}\p{Myanmar}ーｰ"

EXPRESSIONS: dict[SplitPattern, tuple[str, ...]] = {
    SplitPattern.GPT2: (
        rf"'s|'t|'re|'ve|'m|'ll|'d| ?\p{{L}}+| ?\p{{N}}+|{_SYMBOLS}|{_SPACE}",
        rf"'(?:[sdmt]|ll|ve|re)| ?\p{{L}}+| ?\p{{N}}+|{_SYMBOLS}|{_SPACE}",
    ),
    SplitPattern.CL100K: (
        rf"{_CONTRACTIONS}|{_WORD}|\p{{N}}{{1,3}}|{_SYMBOLS}[\r\n]*|\s*[\r\n]+|{_SPACE}",
        r"'(?i:[sdmt]|ll|ve|re)|[^\r\n\p{L}\p{N}]?+\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]++[\r\n]*|\s*[\r\n]|" + _SPACE,
    ),
    SplitPattern.O200K: (
        rf"[^\r\n\p{{L}}\p{{N}}]?[{_UPPER}]*[{_LOWER}]+{_CONTRACTIONS}?"
        rf"|[^\r\n\p{{L}}\p{{N}}]?[{_UPPER}]+[{_LOWER}]*{_CONTRACTIONS}?"
        rf"|\p{{N}}{{1,3}}|{_SYMBOLS}[\r\n/]*|\s*[\r\n]+|{_SPACE}",
    ),
    SplitPattern.QWEN: (rf"{_CONTRACTIONS}|{_WORD}|\p{{N}}|{_SYMBOLS}[\r\n]*|\s*[\r\n]+|{_SPACE}",),
    SplitPattern.DEFAULT: (
        rf"[{_ALONE}]|\p{{N}}| ?[^\P{{L}}{_ALONE}][\p{{L}}\p{{M}}&&[^{_ALONE}]]*| ?[^\s\p{{L}}\p{{N}}{_ALONE}]+"
        rf"|[\r\n]+|[^\S\r\n]+(?= [^\s\p{{N}}{_ALONE}])|[^\S\r\n]+",
    ),
}
"""The regular expressions that mean each pattern, as files write them; the first is the one of its makers."""

_PATTERN_OF = {text: pattern for pattern, texts in EXPRESSIONS.items() for text in texts}

_GRAMMARS = {
    SplitPattern.GPT2: Grammar(
        digits=0,
        space_before_number=True,
        contractions=True,
        any_case=False,
        prefix=False,
        symbols_take=frozenset(),
        line_ends=False,
    ),
    SplitPattern.CL100K: Grammar(digits=3, contractions=True),
    SplitPattern.O200K: Grammar(
        digits=3, contractions_in_words=True, cased=True, symbols_take=frozenset({Kind.LINE_END, Kind.SLASH})
    ),
    SplitPattern.QWEN: Grammar(digits=1, contractions=True),
    SplitPattern.DEFAULT: Grammar(digits=1, prefix=False, symbols_take=frozenset(), scripts_alone=True),
}

_KIND_OF_CLASS = {
    **{"Lu": Kind.UPPER, "Lt": Kind.UPPER, "Ll": Kind.LOWER, "Lm": Kind.CASELESS, "Lo": Kind.CASELESS},
    **{"M": Kind.MARK, "N": Kind.NUMBER, "S": Kind.SPACE, "O": Kind.SYMBOL},
    **{"Lm!": Kind.ALONE_CASELESS, "Lo!": Kind.ALONE_CASELESS},
    **{"M!": Kind.ALONE_MARK, "N!": Kind.ALONE_NUMBER, "O!": Kind.ALONE_SYMBOL},
}
_KIND_OF_CHARACTER = {
    **{" ": Kind.BLANK, "\r": Kind.LINE_END, "\n": Kind.LINE_END, "'": Kind.APOSTROPHE, "/": Kind.SLASH},
    **dict.fromkeys("stmd", Kind.LOWER_S),
    **dict.fromkeys("STMD", Kind.UPPER_S),
    **{"\u017f": Kind.LONG_S, "l": Kind.LOWER_L, "L": Kind.UPPER_L, "e": Kind.LOWER_E, "E": Kind.UPPER_E},
    **dict.fromkeys("rv", Kind.LOWER_R),
    **dict.fromkeys("RV", Kind.UPPER_R),
}


@cache
def character_kinds() -> NDArray[np.uint8]:
    """Return the kind of each code point (uint8, 0x110000, read-only)."""
    starts, names = class_table()
    kinds = np.array([_KIND_OF_CLASS[name] for name in names], np.uint8)
    kinds = np.repeat(kinds, np.diff(starts, append=CODE_POINTS))
    for character, kind in _KIND_OF_CHARACTER.items():
        kinds[ord(character)] = kind
    kinds.flags.writeable = False
    return kinds


@cache
def class_table() -> tuple[list[int], list[str]]:
    """Where each run of code points of one class begins, and the class's name."""
    try:
        text = resources.files("wherefrom_indexer").joinpath(_CLASSES_FILE).read_text(encoding="ascii")
    except FileNotFoundError as error:
        raise TokenizerError(
            f"This installation lacks its character classes ({_CLASSES_FILE}): install again"
        ) from error
    words = text.split()
    return [int(start, 16) for start in words[::2]], words[1::2]
