"""How a benchmark is judged."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from wherefrom.audit.contamination.items import ROLES, ItemFields
from wherefrom.audit.contamination.variants import NAMES, Variant, variant_of
from wherefrom_indexer.errors import UsageError


@dataclass(frozen=True, slots=True)
class ContaminationParameters:
    """How a benchmark is judged.

    Attributes:
        variants: names of rules; see `variants`.
        fields: role (question, passage, answer) to the field that holds it.
        id_field: field of the id.
        score_field: field of a model's score on the item; None: items have none.
        gpt3_words: the n of `gpt3`; None: the 5th percentile of the benchmark's lengths, at least 8 and at most 13.
        seed: of what is drawn.
        evidence: passages told for each text that is not clean, the longest ones.
        documents: documents told for each of these passages.
        anchors: so many of the longest and so many of the rarest passages of a text are looked up in documents, for
            rules that look for what is not verbatim. 0: such rules look for what is verbatim.
        read: documents that are read for each of these.
        contained: a document is listed as one that holds an item if it holds at least this share of the item's first
            text; see `holders`.
        most_occurrences: a window that occurs more often does not tell documents.
    """

    variants: tuple[str, ...] = ("window50",)
    fields: Mapping[str, str] | None = None
    id_field: str = "id"
    score_field: str | None = None
    gpt3_words: int | None = None
    seed: int = 42
    evidence: int = 3
    documents: int = 5
    anchors: int = 3
    read: int = 5
    contained: float = 0.8
    most_occurrences: int = 10_000

    def __post_init__(self) -> None:
        if not self.variants:
            raise UsageError(f"There is no variant to judge by; choose among {', '.join(NAMES)}.")
        for name in self.variants:
            variant_of(name)
        unknown = set(self.roles) - set(ROLES)
        if unknown or not self.roles:
            raise UsageError(f"Items have {', '.join(ROLES)}, and at least one of them is needed.")
        if self.gpt3_words is not None and self.gpt3_words < 1:
            raise UsageError("The n of gpt3 must be at least 1.")
        if self.evidence < 1 or self.documents < 1 or self.anchors < 0 or self.read < 1 or self.most_occurrences < 1:
            raise UsageError(
                "Numbers of passages, documents and occurrences must be at least 1, that of anchors at least 0."
            )
        if not 0 < self.contained <= 1:
            raise UsageError("The share of an item that a document must hold is above 0 and at most 1.")

    @property
    def roles(self) -> dict[str, str]:
        """Role to field, the weightiest role first."""
        given = {"question": "question"} if self.fields is None else self.fields
        return {role: given[role] for role in (*ROLES, *given) if role in given}

    @property
    def item_fields(self) -> ItemFields:
        """Where items have their parts."""
        return ItemFields(self.roles, self.id_field, self.score_field)

    def chosen(self, words: int | None) -> tuple[Variant, ...]:
        """The variants, once each, with the n of `gpt3` for this benchmark."""
        return tuple(variant_of(name, words, self.seed) for name in dict.fromkeys(self.variants))

    def to_dict(self) -> dict[str, Any]:
        """As JSON has it."""
        return asdict(self) | {"fields": self.roles, "variants": list(dict.fromkeys(self.variants))}
