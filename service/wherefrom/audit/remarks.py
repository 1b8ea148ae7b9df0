"""What a report says in words: what was left out of this audit, and what no such audit can say."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from wherefrom.audit.findings import KINDS
from wherefrom.audit.joining import MOST_VALUES, Joined
from wherefrom.audit.outputs import MISSING, NOT_A_NUMBER
from wherefrom.audit.parameters import AuditParameters
from wherefrom.audit.summary import Counts


def limits_of(parameters: AuditParameters, indexes: int = 1) -> tuple[str, ...]:
    """What the method cannot say, as sentences."""
    return tuple(_limits(parameters, indexes))


def notes_of(
    joined: Joined, baseline: Joined | None, parameters: AuditParameters, kinds: Sequence[str]
) -> tuple[str, ...]:
    """What was left out or could not be measured, as sentences."""
    return tuple(_notes(joined, baseline, parameters, kinds))


def _limits(parameters: AuditParameters, indexes: int) -> Iterator[str]:
    yield "A match is textual evidence, never proof of influence: common phrases match by chance, and quotations too."
    yield "Matches are verbatim: case, white space and punctuation included. Text that was rephrased is not found."
    yield (
        "Documents and sources are those of at most "
        f"{parameters.max_documents} documents looked up for each passage, not all that hold it."
    )
    yield (
        "Means are over outputs that are long enough for a measure; along a curve these become fewer, so a mean may "
        "move against the rule that holds for each output."
    )
    yield "Intervals tell the chance of the choice of outputs, not that of the choice of prompts or of training."
    if parameters.near_verbatim:
        yield (
            "Near-verbatim blocks are looked for in the documents of the "
            f"{parameters.near_documents} longest passages only, around the passage in long documents."
        )
    if indexes > 1:
        yield "Measures in tokens count only the indexes that share the tokenizer of the first one."
    if parameters.findings:
        yield "Personal data and secrets are found by their form: some are missed, and some are none."


def _notes(joined: Joined, baseline: Joined | None, parameters: AuditParameters, kinds: Sequence[str]) -> Iterator[str]:
    yield from _left_out("outputs", joined.counts())
    if not joined.counts().measured:
        yield "No output could be measured: there are no figures."
    elif joined.counts().measured == 1:
        yield "There is one measured output: its figures have no interval."
    if baseline is not None:
        yield from _left_out("baseline", baseline.counts())
        number = baseline.counts().measured
        if not number:
            yield "Nothing of the baseline could be measured: there is no difference."
        elif number == 1:
            yield "The baseline has one measured output: it has no interval, and neither has the difference from it."
    for name, groups in zip(parameters.group_by, joined.groups, strict=True):
        for value, what in ((MISSING, "no value"), (NOT_A_NUMBER, "a value that is no number")):
            if groups[value]:
                yield f"{groups[value]:,} outputs have {what} in the field {name}: they are a group of their own."
        if len(groups) >= MOST_VALUES:
            yield f"The field {name} has more than {MOST_VALUES:,} values: the later ones are among the others."
    if parameters.findings and (missing := [kind for kind in KINDS if kind not in kinds]):
        yield f"Not looked for, because the extra `audit` is not installed: {', '.join(missing)}."


def _left_out(name: str, counts: Counts) -> Iterator[str]:
    left = ((counts.empty, "are empty"), (counts.faulty, "have no text that can be read"),
            (counts.duplicate_ids, "have an id that stood before"))  # fmt: skip
    said = [f"{number:,} {what}" for number, what in left if number]
    if said:
        yield f"Of {counts.outputs:,} records ({name}) {', '.join(said)}: they are in no figure."
    short = [f"{number:,} shorter than {threshold}" for threshold, number in counts.too_short.items() if number]
    if short:
        yield f"Measured texts ({name}) too short for a threshold, in characters: {', '.join(short)}; left out there."
