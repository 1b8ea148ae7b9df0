"""Texts like those that models write, for timing: held-out text with verbatim passages of a corpus cut in.

    python benchmarks/generations.py [--number 200] [--tokens 458] [--seed 1] > FILE.jsonl

Of ten texts, six are held-out text in which passages of the corpus of 5 to 200 tokens stand (together about a third),
two are the same below the beginning of a document of the corpus (licence headers: text that thousands of documents
hold), one is held-out text alone and one is a passage of the corpus alone.
"""

from __future__ import annotations

import argparse
import json
import random
import sys
from collections.abc import Sequence
from itertools import islice
from pathlib import Path

from corpora import FOLDER, large_corpus, linux_records, python_source

from wherefrom_indexer.tokenization import Tokenizer

TOKENS = 458
"""Tokens of an output that the latencies published for OLMoTrace were measured with, in the mean."""

LINUX_CHARACTERS = 200_000_000
HELD_OUT_CHARACTERS = 8_000_000

SHORTEST, LONGEST = 5, 200
VERBATIM_SHARE = 1 / 3

_CHARACTERS_A_TOKEN = 3  # on the side of more text than needed
_KINDS = ("mixture",) * 6 + ("headed",) * 2 + ("novel", "verbatim")


def generations(
    corpus: Sequence[str], held_out: Sequence[str], number: int, tokens: int = TOKENS, seed: int = 1
) -> list[str]:
    """Make texts of exactly so many tokens of the default tokenizer, each as it is tokenized alone.

    Args:
        corpus: texts that are indexed; some tens of thousands of characters or more.
        held_out: texts that are not.
        number: how many to make.
        tokens: tokens of each.
        seed: same seed, same texts.
    """
    chance = random.Random(seed)
    return [
        _cut(_text(chance, _KINDS[place % len(_KINDS)], corpus, held_out, tokens), tokens) for place in range(number)
    ]


def linux_generations(number: int, tokens: int = TOKENS, seed: int = 1) -> list[str]:
    """Texts over the first 200 MB of the source of Linux; held out are its rest and Python's standard library."""
    return generations(
        corpus_texts(large_corpus("linux-source", LINUX_CHARACTERS)), held_out_texts(), number, tokens, seed
    )


def corpus_texts(path: Path, every: int = 10) -> list[str]:
    """Every tenth document of a JSON Lines corpus: enough to cut passages from."""
    with path.open(encoding="utf-8") as lines:
        return [json.loads(line)["text"] for line in islice(lines, 0, None, every)]


def held_out_texts() -> list[str]:
    """Sources of Linux behind the first 200 MB of its package, and of Python, in equal parts; kept as a file."""
    path = FOLDER / "linux-held-out.jsonl"
    if not path.exists():
        written, unfinished = 0, path.with_suffix(".unfinished")
        with unfinished.open("w", encoding="utf-8") as file:
            for record in linux_records():
                written += len(record["text"])  # type: ignore[arg-type]
                if written > LINUX_CHARACTERS * 1.01:  # a little apart: the corpus is cut by bytes of JSON
                    file.write(json.dumps(record, ensure_ascii=False) + "\n")
                if written > LINUX_CHARACTERS * 1.01 + HELD_OUT_CHARACTERS:
                    break
        unfinished.rename(path)
    return [*corpus_texts(path, every=1), *python_source()]


def _text(chance: random.Random, kind: str, corpus: Sequence[str], held_out: Sequence[str], tokens: int) -> str:
    """A text of more than the tokens asked for."""
    room = tokens * _CHARACTERS_A_TOKEN * 2
    if kind == "novel":
        return _passage(chance, held_out, room)
    if kind == "verbatim":
        return _passage(chance, corpus, room)
    parts = [chance.choice(corpus)[: chance.randint(100, 600)]] if kind == "headed" else []
    while sum(map(len, parts)) < room:
        copied = int(SHORTEST * (LONGEST / SHORTEST) ** chance.random() * _CHARACTERS_A_TOKEN)
        parts.append(_passage(chance, corpus, copied))
        parts.append(_passage(chance, held_out, int(copied * (1 / VERBATIM_SHARE - 1))))
    return "".join(parts)


def _passage(chance: random.Random, texts: Sequence[str], characters: int) -> str:
    """So many characters of one text, from anywhere in it; of several where they are short."""
    passage = ""
    while len(passage) < characters:
        text = chance.choice(texts)
        start = chance.randrange(max(1, len(text) - characters))
        passage += text[start : start + characters - len(passage)]
    return passage


def _cut(text: str, tokens: int) -> str:
    """The beginning of a text that has so many tokens."""
    tokenizer = Tokenizer.default()
    data = text.encode("utf-8")
    encoding = tokenizer.encode(text)
    end = int(encoding.ends[tokens - 1])
    cut = data[:end].decode("utf-8", errors="ignore")
    while len(tokenizer.encode(cut).ids) > tokens:  # a word or a line end cut in two may have more
        cut = cut[:-1]
    return cut


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--number", type=int, default=200)
    parser.add_argument("--tokens", type=int, default=TOKENS)
    parser.add_argument("--seed", type=int, default=1)
    arguments = parser.parse_args()
    for place, text in enumerate(linux_generations(arguments.number, arguments.tokens, arguments.seed)):
        sys.stdout.write(json.dumps({"id": f"{_KINDS[place % len(_KINDS)]}-{place}", "text": text}) + "\n")


if __name__ == "__main__":
    main()
