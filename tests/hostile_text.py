"""Texts on which a hand-written scanner or tokenizer is likely to differ from the regular expressions it stands for."""

from __future__ import annotations

import random
import unicodedata
from collections.abc import Iterator
from functools import cache

SPACES = [
    *" \t\n\v\f\r\x85\xa0\u1680\u2000\u2001\u2002\u2003\u2007\u2009\u200a\u2028\u2029\u202f\u205f\u3000",
    *"\x1c\x1d\x1e\x1f\u180e\u200b\u2060\ufeff",  # no white space to some, white space to others
]
LINE_ENDS = ["\n", "\r", "\r\n", "\n\r", "\n\n", "\r\r\n", " \n", "\n ", "\t\r\n  ", " \n \n ", "\n/", "/\r\n/", "\n\t"]
CONTRACTIONS = [
    apostrophe + letters
    for apostrophe in ("'", "''", "’")
    for word in ("s", "t", "re", "ve", "m", "ll", "d", "l", "r", "v", "e", "x", "st", "lle", "res", "tt")
    for letters in (word, word.upper(), word.capitalize(), word[:-1] + word[-1].upper())
] + ["'\u017f", "'\u212a", "'\ufb06", "'\ufb02", "'ß", "'\u1e9e", "'\u0149", "'ŀl", "'e\u0301", "'\u0301s", "'s\u0301"]
EMOJI = ["👩‍👩‍👧‍👦", "❤️", "🏳️‍🌈", "🇩🇪🇫🇷", "👍🏽", "1️⃣", "🧑🏿‍🚀", "☠️", "©️", "#️⃣"]
WORDS = [
    "the",
    "The",
    "THE",
    "tHE",
    "iPhone",
    "HTTPServer",
    "don't",
    "DON'T",
    "naïve",
    "Größe",
    "ΑΣ",
    "ǅungla",
    "ʰa",
    "ªº",
]
SCRIPTS = [
    "日本語カナーｰ漢",
    "ひらがなテキスト",
    "ไทยพม่า",
    "ລາວ",
    "ខ្មែរ",
    "မြန်မာ",
    "한국어",
    "العربيةِ",
    "שלום",
    "हिन्दी१२३",
    "ქართული",
    "Ꭰꭰ",
    "〇一㍻",
]
DIGITS = ["0", "12", "123", "1234", "1234567", "٣٤٥", "१२३४", "½¼", "Ⅷⅸ", "①②③④", "𝟘𝟙𝟚", "²³", "〇", "৴", "〡〢"]
CODE = [
    "x=1;",
    "->",
    "//",
    "/*",
    " */",
    "#include",
    "__init__",
    "();",
    "{}\n",
    "\t\t",
    "    ",
    "0x1F",
    "...",
    "'",
    '"',
    " '",
    "/",
]
FRAGMENTS = [LINE_ENDS, CONTRACTIONS, EMOJI, WORDS, SCRIPTS, DIGITS, CODE, SPACES]
EXTREMES = [*map(chr, (0, 0x1F, 0x7F, 0x80, 0x7FF, 0x800, 0xD7FF, 0xE000, 0xFFFD, 0xFFFF, 0x10000, 0x10FFFF))]


@cache
def by_category() -> list[list[str]]:
    """All characters that a text can hold, by general category, unassigned and private ones included."""
    groups: dict[str, list[str]] = {}
    for point in (*range(0xD800), *range(0xE000, 0x110000)):
        groups.setdefault(unicodedata.category(chr(point)), []).append(chr(point))
    return [*groups.values(), EXTREMES]


def hostile_texts(number: int, seed: int = 7) -> Iterator[str]:
    """Short texts, the same ones for a seed: of every category, of a few characters over and over, of fragments."""
    draw = random.Random(seed)
    groups = by_category()
    for _ in range(number):
        length = draw.randrange(1, 30)
        kind = draw.randrange(4)
        if kind == 0:  # every category alike, however few its members are
            yield "".join([draw.choice(draw.choice(groups)) for _ in range(length)])
        elif kind == 1:  # a few characters in every order: what their classes do beside each other
            few = [draw.choice(draw.choice(groups)) for _ in range(draw.randrange(1, 4))]
            yield "".join(draw.choices(few + draw.choices(" 'sA\n", k=draw.randrange(0, 3)), k=length))
        elif kind == 2:
            yield "".join([draw.choice(draw.choice(FRAGMENTS)) for _ in range(1 + length // 2)])
        else:  # dense in what the patterns look at
            yield "".join(draw.choices("aZéʰ日 ่'sTrRelLvd1٣\t\r\n /.-\u0301\u00a0\u017fǅ", k=length))


def long_texts(length: int = 1_000_000) -> Iterator[str]:
    """Long texts of one character or of one period, and such with another character at the end."""
    for character in (
        *"aA1 \n\r\t'.日",
        "é",
        "\u0301",
        "\u00a0",
        "\u3000",
        "ʰ",
        "ǅ",
        "🙂",
        "\U0010ffff",
        "'s",
        "' ",
        " a",
        "\r\n",
    ):
        text = character * (length // len(character))
        yield text
        yield text + "a"
        yield text + "\n"
    yield "\n" + " " * length + "x"
    yield "日" + "A" * length + "!"
    yield "\u0301" + "A" * length + "a"
    yield " " * length + "\n" + " " * length + "A"
