"""How training sequences are drawn and what is asked of the model."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

from wherefrom_indexer.errors import UsageError


@dataclass(frozen=True, slots=True)
class ExtractionParameters:
    """Parameters of a run.

    Attributes:
        prefixes: lengths of the prompts, in tokens of the model.
        continuation: tokens that have to be given back; 50 as in Carlini et al. (arXiv 2202.07646).
        duplicates: the least count of each class of sequences, ascending; the first is at least 1.
        per_class: sequences drawn of each class, and of held-out text.
        samples: sampled continuations of each prompt beside the greedy one; 0: none.
        top_k, temperature: how they are sampled, and how p_z is reckoned (Hayes et al., arXiv 2410.19482: 40, 1).
        tries: the n of (n, p)-discoverable.
        probabilities: its p.
        where: metadata that the drawn documents must have.
        from_start: sequences begin where their document does, not anywhere.
        batch: prompts that the model reads at once.
        seed: of all that is drawn.
    """

    prefixes: tuple[int, ...] = (50,)
    continuation: int = 50
    duplicates: tuple[int, ...] = (1, 2, 4, 16, 64, 256)
    per_class: int = 50
    samples: int = 4
    top_k: int = 40
    temperature: float = 1.0
    tries: tuple[int, ...] = (1, 10, 100, 1_000, 10_000)
    probabilities: tuple[float, ...] = (0.1, 0.5, 0.9)
    where: Mapping[str, str] = field(default_factory=dict)
    from_start: bool = False
    batch: int = 16
    seed: int = 42

    def __post_init__(self) -> None:
        counts = {"continuation": self.continuation, "per_class": self.per_class, "batch": self.batch}
        counts |= {"top_k": self.top_k}
        for name, value in counts.items():
            if value < 1:
                raise UsageError(f"{name} is {value}: give at least 1.")
        if self.samples < 0:
            raise UsageError(f"samples is {self.samples}: give 0 or more.")
        if not self.temperature > 0:
            raise UsageError(f"temperature is {self.temperature}: give more than 0; greedy continuations come anyway.")
        for name in ("prefixes", "duplicates", "tries"):
            numbers = getattr(self, name)
            if not numbers or numbers[0] < 1 or list(numbers) != sorted(set(numbers)):
                raise UsageError(f"{name} are {numbers}: give whole numbers from 1 on, ascending.")
        if not all(0 < p < 1 for p in self.probabilities):
            raise UsageError(f"probabilities are {self.probabilities}: give numbers between 0 and 1.")

    @property
    def length(self) -> int:
        """Tokens of a sequence: the longest prompt and what follows it."""
        return self.prefixes[-1] + self.continuation

    def class_of(self, count: int) -> int | None:
        """The least count of the class that a count belongs to; None: it is below all."""
        return max((least for least in self.duplicates if least <= count), default=None)

    def class_name(self, least: int) -> str:
        """What a class is called: `4–15`, `64 and more`."""
        later = [other for other in self.duplicates if other > least]
        if not later:
            return f"{least} and more"
        return str(least) if later[0] == least + 1 else f"{least}–{later[0] - 1}"

    def to_dict(self) -> dict[str, Any]:
        """As report.json has them."""
        return {name: list(value) if isinstance(value, tuple) else value for name, value in asdict(self).items()}
