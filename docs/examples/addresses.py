"""What the retrieval application searches, and how it asks: the paragraphs of the addresses in `data/sotu.jsonl`."""

from __future__ import annotations

import json
import re
from collections import Counter
from dataclasses import dataclass
from functools import cache
from math import log
from pathlib import Path

CORPUS = Path(__file__).parents[2] / "data" / "sotu.jsonl"
QUESTION = "Why should the tariff be kept out of the party conflicts of the day?"


@dataclass(frozen=True, slots=True)
class Passage:
    """A paragraph of an address.

    Attributes:
        id: of the address, and the paragraph's place in it.
        score: how well it fits the question.
    """

    id: str
    text: str
    score: float


def passages_about(question: str, limit: int = 3) -> list[Passage]:
    """Returns the paragraphs that share the rarest words with a question, the best first."""
    paragraphs = _paragraphs()
    holding = Counter(word for _, _, words in paragraphs for word in words)
    asked = _words(question)
    scored = [
        Passage(name, text, round(sum(log(len(paragraphs) / holding[word]) for word in words & asked), 2))
        for name, text, words in paragraphs
    ]
    return sorted(scored, key=lambda passage: -passage.score)[:limit]


def messages(question: str, passages: list[Passage]) -> list[dict[str, str]]:
    """Returns what a chat model is asked."""
    sources = "\n\n".join(f"[{passage.id}] {passage.text}" for passage in passages)
    return [
        {"role": "system", "content": "Answer in the words of the sources."},
        {"role": "user", "content": f"{sources}\n\n{question}"},
    ]


@cache
def _paragraphs() -> list[tuple[str, str, set[str]]]:
    records = map(json.loads, CORPUS.read_text(encoding="utf-8").splitlines())
    return [
        (f"{record['id']}#{number}", paragraph, _words(paragraph))
        for record in records
        for number, paragraph in enumerate(record["text"].split("\n\n"))
    ]


def _words(text: str) -> set[str]:
    return set(re.findall(r"\w+", text.lower()))
