"""What an audit measures, and how: every number that a measure depends on."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from typing import Any

from wherefrom_indexer.errors import UsageError


@dataclass(frozen=True, slots=True)
class AuditParameters:
    """The parameters of an audit.

    Attributes:
        coverage_thresholds: characters a verbatim passage must have to count; one point of the coverage curve each.
        match_characters: the same for the share of matched characters, the cited documents and the findings.
        novelty_tokens: the longest n-gram of the novelty curve, in tokens.
        uniqueness_words: the shortest and the longest L of L-uniqueness, in words, both included.
        near_verbatim: whether outputs are compared word by word with the documents that they match.
        near_gaps, near_keeps: of near-verbatim recall, in words: blocks not farther apart than the first gap are
            merged, those shorter than the first number are dropped; then the same with the second ones.
        near_documents: how many documents an output is compared with, those that match most of it.
        near_characters: of longer documents, only so many characters around the match are compared.
        max_documents: documents looked up for each passage.
        discount_prompt: whether what also stands in the prompt is left out of all measures.
        prompt_characters: the shortest passage that counts as standing in the prompt.
        group_by: fields of the outputs by which groups are formed.
        source_fields: metadata fields of documents by which sources are told apart; those that no document has are
            left out.
        findings: whether matched text is searched for personal data and secrets.
        resamples, confidence: of the bootstrap intervals.
        worst: how many outputs are shown in full, those with most matched characters.
        seed: of the bootstrap and of the choice of documents.
    """

    coverage_thresholds: tuple[int, ...] = (20, 30, 50, 100, 200)
    match_characters: int = 50
    novelty_tokens: int = 100
    uniqueness_words: tuple[int, int] = (5, 12)
    near_verbatim: bool = True
    near_gaps: tuple[int, int] = (2, 10)
    near_keeps: tuple[int, int] = (20, 100)
    near_documents: int = 3
    near_characters: int = 20_000
    max_documents: int = 10
    discount_prompt: bool = False
    prompt_characters: int = 20
    group_by: tuple[str, ...] = ()
    source_fields: tuple[str, ...] = ("source", "licence", "license", "date")
    findings: bool = True
    resamples: int = 1000
    confidence: float = 0.95
    worst: int = 20
    seed: int = 42

    def __post_init__(self) -> None:
        if not self.coverage_thresholds or list(self.coverage_thresholds) != sorted(set(self.coverage_thresholds)):
            raise UsageError("The coverage thresholds must be given once each, in ascending order.")
        first, last = self.uniqueness_words
        positive = (*self.coverage_thresholds, self.match_characters, self.novelty_tokens, first, self.resamples,
                    self.prompt_characters, self.near_characters, *self.near_keeps)  # fmt: skip
        if min(positive) < 1 or last < first:
            raise UsageError(
                "Lengths and numbers of resamples must be at least 1, and L must not end before it begins."
            )
        if min(*self.near_gaps, self.near_documents, self.max_documents, self.worst, self.seed) < 0:
            raise UsageError("Gaps, the seed, and the numbers of documents and of worst cases must be at least 0.")
        if not 0 < self.confidence < 1:
            raise UsageError("The confidence of intervals must lie between 0 and 1.")

    def to_dict(self) -> dict[str, Any]:
        """The parameters as JSON has them."""
        return {
            field.name: list(value) if isinstance(value := getattr(self, field.name), tuple) else value
            for field in dataclasses.fields(self)
        }

    @classmethod
    def from_dict(cls, data: dict[str, Any]) -> AuditParameters:
        """The parameters that `to_dict` gave."""
        known = {field.name for field in dataclasses.fields(cls)}
        given: dict[str, Any] = {
            name: tuple(value) if isinstance(value, list) else value for name, value in data.items() if name in known
        }
        return cls(**given)
