"""Whether a passage is found whole, wherever it is cut: passages of a corpus, put into foreign text, and traced.

A passage counts as found when one span contains it. Its document is owed whenever it occurs no more often than the
limit on documents.
"""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from wherefrom import Tracer

# Foreign text that shares no word, and hardly a syllable, with any corpus in use.
_SYLLABLES = ("zq", "xk", "wv", "jx", "qy", "vz", "kq", "fj")

OPEN_OPTIONS = {"word_boundaries": False, "density": None, "max_count": None, "min_characters": 16}


@dataclass(frozen=True, slots=True)
class Passage:
    """Part of a document, and where it stands in the text that is traced."""

    document: int
    text: str
    place: int
    traced: str


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a trace made of a passage."""

    passage: Passage
    whole: bool
    document_owed: bool
    document_found: bool


def passages(texts: Sequence[str], number: int, seed: int) -> Iterator[Passage]:
    """Cut passages of 20 to 400 characters at random places, and put each into foreign text."""
    chooser = random.Random(seed)
    long_enough = [place for place, text in enumerate(texts) if len(text) > 20]
    weights = [len(texts[place]) for place in long_enough]
    for _ in range(number):
        document = chooser.choices(long_enough, weights)[0]
        text = texts[document]
        length = min(len(text), chooser.randint(20, 400))
        start = chooser.randrange(len(text) - length + 1)
        before, after = _foreign(chooser), _foreign(chooser)
        passage = text[start : start + length]
        yield Passage(document, passage, len(before), before + passage + after)


def _foreign(chooser: random.Random) -> str:
    """Foreign words; the passage is glued to the nearest one, or stands apart."""
    words = ["".join(chooser.choices(_SYLLABLES, k=chooser.randint(1, 4))) for _ in range(chooser.randint(1, 12))]
    glue = chooser.choice(["", " "])
    return glue + " ".join(words) + glue


def outcome(tracer: Tracer, texts: Sequence[str], ids: Sequence[str], passage: Passage, **options: object) -> Outcome:
    """Trace a passage without boundary rules and limits."""
    provenance = tracer.trace(passage.traced, **(OPEN_OPTIONS | options))  # type: ignore[arg-type]
    start, end = passage.place, passage.place + len(passage.text)
    holding = [span for span in provenance.spans if span.start <= start and end <= span.end]
    count = tracer.count(passage.text).count
    shown = {provenance.documents[place].id for span in holding for place in span.documents}
    equal = {ids[place] for place, text in enumerate(texts) if text == texts[passage.document]}
    return Outcome(passage, bool(holding), 0 < count <= 10, bool(shown & equal))
