"""What a trace or an attribution is asked to do: the options, their defaults, and the presets that bundle them."""

from __future__ import annotations

from dataclasses import dataclass, fields, replace
from enum import StrEnum
from typing import Any

from wherefrom_indexer.errors import UsageError

PRESETS = ("default", "olmotrace")


@dataclass(frozen=True, slots=True)
class TraceOptions:
    """The options of one trace.

    Attributes:
        preset: the way spans are found: `default`, or `olmotrace` (the published pipeline, for comparison).
        min_characters: shortest span kept, in characters (code points).
        min_tokens: shortest span kept, in tokens of the index's tokenizer that begin in it.
        max_count: a span that occurs more often than this is withheld; None: no limit.
        density: at most ceil(density x tokens of the text) spans are shown, the rarest; None: no cap.
        word_boundaries: spans begin and end at word boundaries of the text.
        sentence_boundaries: no span crosses the end of a sentence.
        max_documents: documents kept for each span.
        context_characters: characters shown on each side of a match in a snippet.
        seed: seed of the sampling of documents.
    """

    preset: str = "default"
    min_characters: int = 20
    min_tokens: int = 1
    max_count: int | None = 1_000_000
    density: float | None = 0.05
    word_boundaries: bool = True
    sentence_boundaries: bool = False
    max_documents: int = 10
    context_characters: int = 160
    seed: int = 42

    def __post_init__(self) -> None:
        _require(self.preset in PRESETS, f"preset is {self.preset!r}; it must be one of {', '.join(PRESETS)}")
        _require_at_least("min_characters", self.min_characters, 1)
        _require_at_least("min_tokens", self.min_tokens, 1)
        if self.max_count is not None:
            _require_at_least("max_count", self.max_count, 1)
        if self.density is not None:
            _require(
                0 < self.density <= 1,
                f"density is {self.density}; it must be above 0 and at most 1, or None for no cap",
            )
        _require_at_least("max_documents", self.max_documents, 0)
        _require_at_least("context_characters", self.context_characters, 0)
        _require_at_least("seed", self.seed, 0)

    @classmethod
    def of(cls, preset: str = "default", **changes: Any) -> TraceOptions:
        """Returns the options of `preset` with `changes` applied.

        Raises:
            UsageError: an unknown preset or option, or a value out of range.
        """
        known = {field.name for field in fields(cls)} - {"preset"}
        unknown = sorted(set(changes) - known)
        _require(not unknown, f"unknown option {', '.join(unknown)}; the options are {', '.join(sorted(known))}")
        base = cls(preset=preset)
        if preset == "olmotrace":
            # The values that the published front end sends: any length, word rule by tokens, sentence rule on.
            base = replace(base, min_characters=1, word_boundaries=True, sentence_boundaries=True)
        return replace(base, **changes)


class Ranking(StrEnum):
    """Which spans are kept where there are more than are shown."""

    LENGTH = "length"
    UNIGRAM_LOGPROB_SUM = "unigram_logprob_sum"


@dataclass(frozen=True, slots=True)
class AttributionOptions:
    """What an attribution is asked to do.

    Attributes:
        delimiters: texts of tokens behind which no span goes on.
        whole_words: spans begin and end where words do.
        min_tokens: shortest span kept.
        max_count: a span whose tokens occur more often is left out.
        density: at most ceil(density x tokens) spans are shown.
        ranking: by what those are chosen: the longest, or the rarest.
        max_documents: documents for each span.
        context, context_long, context_snippet: tokens on each side of the span in the window that is read, and in those
            that are cut out of it.
    """

    delimiters: tuple[str, ...] = ()
    whole_words: bool = True
    min_tokens: int = 1
    max_count: int = 10
    density: float = 0.05
    ranking: Ranking = Ranking.LENGTH
    max_documents: int = 10
    context: int = 250
    context_long: int = 100
    context_snippet: int = 40


def _require(condition: bool, message: str) -> None:
    if not condition:
        raise UsageError(message)


def _require_at_least(name: str, value: int, least: int) -> None:
    _require(
        isinstance(value, int) and not isinstance(value, bool) and value >= least,
        f"{name} is {value!r}; it must be a whole number of at least {least}",
    )
