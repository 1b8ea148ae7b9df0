"""The published rules by which a text of a benchmark is called contaminated, a module each."""

from __future__ import annotations

from wherefrom.audit.contamination.variants.gpt3 import Gpt3
from wherefrom.audit.contamination.variants.gpt4 import Gpt4
from wherefrom.audit.contamination.variants.llama2 import Llama2
from wherefrom.audit.contamination.variants.longest import Longest
from wherefrom.audit.contamination.variants.palm import Palm
from wherefrom.audit.contamination.variants.verdict import Judgement, Variant, Verdict
from wherefrom.audit.contamination.variants.window50 import Window50
from wherefrom_indexer.errors import UsageError

__all__ = ["NAMES", "Judgement", "Variant", "Verdict", "variant_of"]

_MAKERS = {each.name: each for each in (Gpt3, Palm, Gpt4, Llama2, Window50, Longest)}

NAMES = tuple(_MAKERS)
"""The names of all variants."""


def variant_of(name: str, words: int | None = None, seed: int = 42) -> Variant:
    """The variant of a name.

    Args:
        name: one of `NAMES`.
        words: the n of `gpt3`, which depends on the benchmark.
        seed: of what `gpt4` draws.

    Raises:
        UsageError: there is no such variant.
    """
    if name not in _MAKERS:
        raise UsageError(f"There is no variant {name!r}; choose among {', '.join(NAMES)}.")
    if name == Gpt3.name:
        return Gpt3() if words is None else Gpt3(words)
    if name == Gpt4.name:
        return Gpt4(seed=seed)
    made: Variant = _MAKERS[name]()
    return made
