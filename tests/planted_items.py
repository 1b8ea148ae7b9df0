"""Items of benchmarks, put into documents verbatim and perturbed: a corpus of which it is known what it holds."""

from __future__ import annotations

import random
import re
import textwrap
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

ABSENT, RELATED, VERBATIM = "absent", "absent, but shares text", "verbatim"
"""An absent item can share text with a planted one: benchmarks repeat instructions, and whole items."""

PERTURBED = (
    "reflowed",
    "double spaces",
    "lower case, no marks",
    "one word",
    "every 10th word",
    "every 5th word",
    "first half",
)
KINDS = (VERBATIM, *PERTURBED, RELATED, ABSENT)

SHARED_WORDS, SHARED_CHARACTERS = 13, 50
"""Runs of words, or of letters and digits, that make an absent item one that shares text."""


@dataclass(frozen=True, slots=True)
class PlantedItem:
    """An item, how it was planted, and the document that it is in; None if in none."""

    id: str
    question: str
    answer: str
    kind: str
    document: str | None


def perturbed(text: str, kind: str, rng: random.Random) -> str:
    """A text as a plant of a kind has it."""
    if kind == "reflowed":
        return textwrap.fill(text, 60)
    if kind == "double spaces":
        return "  ".join(text.split())
    if kind == "lower case, no marks":
        return "".join(each for each in text.lower() if each.isalnum() or each.isspace())
    if kind == "one word":
        return _words_changed(text, {len(text.split()) // 2}, rng)
    if kind.startswith("every"):
        step = int(kind.split()[1][:-2])
        return _words_changed(text, set(range(step - 1, len(text.split()), step)), rng)
    if kind == "first half":
        return text[: len(text) // 2]
    return text


def planted(
    items: Iterable[tuple[str, str, str]], documents: list[dict[str, str]], seed: int = 42
) -> Iterator[PlantedItem]:
    """Put items (id, question, answer) into documents (changed in place), of every kind the same share.

    A third is verbatim, a third absent, and a third goes to the perturbed kinds in turn. No two are in one document.
    """
    rng = random.Random(seed)
    hosts = rng.sample(range(len(documents)), len(documents))
    items = list(items)
    plants = [part for number, item in enumerate(items) if number % 3 != 1 for part in item[1:]]
    shared = set().union(*map(_runs, plants))
    for number, (identifier, question, answer) in enumerate(items):
        kind = (VERBATIM, ABSENT, PERTURBED[number // 3 % len(PERTURBED)])[number % 3]
        if kind == ABSENT:
            kind = RELATED if _runs(question) & shared else ABSENT
            yield PlantedItem(identifier, question, answer, kind, None)
            continue
        host = documents[hosts.pop()]
        text = f"{perturbed(question, kind, rng)}\n\n{perturbed(answer, kind, rng)}"
        middle = len(host["text"]) // 2
        host["text"] = f"{host['text'][:middle]}\n\n{text}\n\n{host['text'][middle:]}"
        yield PlantedItem(identifier, question, answer, kind, host["id"])


def _runs(text: str) -> set[str]:
    """The runs of words and of letters and digits of a text, whatever its case, marks and spaces."""
    words = re.findall(r"[^\W_]+", text.lower())
    joined = "".join(words)
    runs = {" ".join(words[place : place + SHARED_WORDS]) for place in range(len(words) - SHARED_WORDS + 1)}
    return runs | {joined[place : place + SHARED_CHARACTERS] for place in range(len(joined) - SHARED_CHARACTERS + 1)}


def _words_changed(text: str, places: set[int], rng: random.Random) -> str:
    """The text with some of its words, counted between white space, replaced; white space stays."""
    pieces: list[str] = []
    number = 0
    for piece in _pieces(text):
        if piece.isspace():
            pieces.append(piece)
            continue
        changed = "".join(rng.choice("abcdefghijklmnopqrstuvwxyz") for _ in range(len(piece) + 1))
        pieces.append(changed if number in places else piece)
        number += 1
    return "".join(pieces)


def _pieces(text: str) -> Iterator[str]:
    start = 0
    for place in range(1, len(text) + 1):
        if place == len(text) or text[place].isspace() != text[start].isspace():
            yield text[start:place]
            start = place
