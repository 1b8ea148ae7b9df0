"""Questions to a corpus that search processes are asked: see `wherefrom.corpus_queries`."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeAlias

from wherefrom.pool.encoding import to_json

if TYPE_CHECKING:  # the kernels' libraries are for search processes; who asks them does without
    from wherefrom.pool.jobs import Opened

Phrase: TypeAlias = str | tuple[int, ...]
"""A text, or token ids."""


@dataclass(frozen=True, slots=True)
class CountJob:
    """Count a phrase."""

    indexes: tuple[str, ...]
    phrase: Phrase
    cache_key: None = None

    def run(self, opened: Opened) -> bytes:
        """Count it."""
        counted = opened.tracer.queries.count(self.phrase)
        return _answer(
            opened,
            {
                "count": counted.count,
                "count_is_lower_bound": counted.is_lower_bound,
                "counts": counted.by_index,
            },
        )


@dataclass(frozen=True, slots=True)
class CnfJob:
    """Find phrases of all of some clauses close to each other."""

    indexes: tuple[str, ...]
    clauses: tuple[tuple[Phrase, ...], ...]
    window: int
    limit: int
    context_characters: int
    cache_key: None = None

    def run(self, opened: Opened) -> bytes:
        """Find them."""
        found = opened.tracer.queries.cnf(self.clauses, self.window, self.limit, self.context_characters)
        return _answer(opened, found.to_dict())


@dataclass(frozen=True, slots=True)
class NextTokensJob:
    """Count what follows a prompt."""

    indexes: tuple[str, ...]
    prompt: Phrase
    limit: int
    longest_suffix: bool
    cache_key: None = None

    def run(self, opened: Opened) -> bytes:
        """Count it."""
        found = opened.tracer.queries.next_tokens(self.prompt, self.limit, self.longest_suffix)
        return _answer(opened, found.to_dict())


@dataclass(frozen=True, slots=True)
class InfgramJob:
    """Find the infinity-gram probabilities of tokens."""

    indexes: tuple[str, ...]
    phrase: Phrase
    prompt: Phrase
    cache_key: None = None

    def run(self, opened: Opened) -> bytes:
        """Find them."""
        found = opened.tracer.queries.infgram_probabilities(self.phrase, self.prompt)
        return _answer(opened, {"tokens": [token.to_dict() for token in found]})


def _answer(opened: Opened, fields: dict[str, Any]) -> bytes:
    indexes = [{"name": each.name, "version": each.version} for each in opened.tracer.indexes]
    return to_json({"indexes": indexes} | fields)
