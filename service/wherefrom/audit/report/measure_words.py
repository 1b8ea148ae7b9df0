"""What the measures of an audit mean, in the words of a report."""

from __future__ import annotations

from dataclasses import dataclass

from wherefrom.audit.summary import MEASURES

_AERNI = "Aerni et al. 2024, arXiv:2411.10242"
_MERRILL = "Merrill et al. 2024, arXiv:2406.13069"
_LU = "Lu et al. 2024, arXiv:2410.04265"
_AHMED = "Ahmed et al. 2026, arXiv:2601.02671"

_MEANINGS = {
    "share": (
        "Share of an output's characters that stand in verbatim passages of the corpus of at least so many characters "
        "as the parameters say (50, where they say nothing).",
        _AERNI,
    ),
    "rarity_share": (
        "The same, with each token weighed by how rare it is in the corpus: common phrases count for little.",
        "",
    ),
    "longest": ("Characters of the longest verbatim passage of an output.", ""),
    "longest_tokens": ("Tokens of the longest stretch of an output that stands in the corpus.", _MERRILL),
    "rarest_bits": (
        "How surprising the most surprising long passage is, in bits, if tokens were drawn one by one from the corpus.",
        "",
    ),
    "mean_suffix": (
        "At each token of an output, how many tokens up to it stand in the corpus together; the mean over tokens.",
        _MERRILL,
    ),
    "creativity_index": (
        "Sum of L-uniqueness over the lengths L: the more of a text is in no n-gram of the corpus, the higher.",
        _LU,
    ),
    "near_verbatim": (
        "Share of an output's words in long near-verbatim blocks of one document: runs of equal words, small gaps "
        "merged.",
        _AHMED,
    ),
    "near_verbatim_recall": (
        "Words in such blocks, as a share of the words of the document that they come from; of the best document.",
        _AHMED,
    ),
    "documents": ("Documents in which long passages of an output stand, of those that were looked up.", ""),
    "prompt_overlap": ("Share of an output's characters in passages that stand in its prompt.", ""),
    "findings": ("Personal data and secrets in the long passages of an output, told by their form.", ""),
}


@dataclass(frozen=True, slots=True)
class MeasureWords:
    """A measure in words.

    Attributes:
        label: its name.
        unit: of its values, as an axis has it.
        percent: whether it is a share.
        meaning: what it is, in one sentence; empty for one that is not known here.
        source: where it is defined; empty where it is this project's own.
    """

    label: str
    unit: str
    percent: bool
    meaning: str
    source: str


_UNITS = {"share": "share", "": "value"}
_LABELS = {
    "rarity_share": "Rarity-weighted share in long matches",
    "longest": "Longest match, characters",
    "rarest_bits": "Information of the rarest long match, bits",
    "mean_suffix": "Mean longest suffix in the corpus, tokens",
}
"""What a label says by its place in a list, or leaves to the unit, a report says in full."""

_KINDS = {kind.name: kind for kind in MEASURES}


def words_of(measure: str) -> MeasureWords:
    """The words of a measure; one that is not known here is called by its name."""
    meaning, source = _MEANINGS.get(measure, ("", ""))
    kind = _KINDS.get(measure)
    if kind is None:
        return MeasureWords(measure.replace("_", " ").capitalize(), "value", False, meaning, source)
    return MeasureWords(
        _LABELS.get(measure, kind.label), _UNITS.get(kind.unit, kind.unit), kind.unit == "share", meaning, source
    )
