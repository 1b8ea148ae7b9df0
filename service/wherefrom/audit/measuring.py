"""One pass over one output: its matches, and all measures that follow from them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from wherefrom.audit import novelty, rarity_weighted
from wherefrom.audit.coverage import coverage, coverages, longest
from wherefrom.audit.findings import find_in, masked
from wherefrom.audit.near_verbatim import NearVerbatim, nearest
from wherefrom.audit.outputs import Output
from wherefrom.audit.parameters import AuditParameters
from wherefrom.audit.prompt_overlap import in_prompt, outside, tokens_inside
from wherefrom.audit.sources import values_of
from wherefrom.audit.uniqueness import creativity_index, shortest_window, uniqueness, words_reached
from wherefrom.audit.words import word_ranges
from wherefrom.matches import MatchedSpan, Matches
from wherefrom.spans import Ranges
from wherefrom.tracer import Tracer

MEASURED, EMPTY, FAULTY, DUPLICATE = "measured", "empty", "faulty", "duplicate id"


@dataclass(frozen=True, slots=True)
class MeasuredOutput:
    """An output with its measures, as rows of tables.

    Attributes:
        row: of the table of generations, see `tables.GENERATIONS`.
        spans: of the table of spans, one for each long passage.
        shown: what is needed to show the output as a worst case; None where nothing long stands in the corpus.
    """

    row: Mapping[str, Any]
    spans: tuple[Mapping[str, Any], ...] = ()
    shown: Mapping[str, Any] | None = None


@dataclass(frozen=True, slots=True)
class Measuring:
    """Measures outputs; processes are handed it."""

    parameters: AuditParameters

    def __call__(self, tracer: Tracer, output: Output) -> MeasuredOutput:
        """Return the measures of one output."""
        head = {
            "line": output.line,
            "id": output.id,
            "groups": [output.value(name) for name in self.parameters.group_by],
            "characters": len(output.text),
        }
        if output.fault:
            return MeasuredOutput({**head, "status": FAULTY, "fault": output.fault})
        if not output.text.strip():
            return MeasuredOutput({**head, "status": EMPTY})
        return _Pass(tracer, output, self.parameters).measured({**head, "status": MEASURED})


class _Pass:
    """The matches of one output, less what stands in its prompt where that is asked for."""

    def __init__(self, tracer: Tracer, output: Output, parameters: AuditParameters) -> None:
        self._tracer = tracer
        self._output = output
        self._with = parameters
        text = output.text
        self._words = word_ranges(text)
        self._matches = _matches(tracer, text, self._words, parameters)
        quoted = in_prompt(text, output.prompt, parameters.prompt_characters)
        self._prompt_overlap = None if output.prompt is None else int(quoted.sum()) / len(text)
        self._inside = quoted if parameters.discount_prompt else np.zeros(len(text), np.bool_)
        self._passages = outside(self._matches.passages, self._inside)
        self._long = self._passages.chosen(self._passages.lengths >= parameters.match_characters)

    def measured(self, head: Mapping[str, Any]) -> MeasuredOutput:
        counted = len(self._output.text) - int(self._inside.sum())
        share = coverage(self._passages, counted, self._with.match_characters)
        spans = [span for span in self._matches.spans if self._is_long(span)]
        documents = {(document.index, document.id) for span in spans for document in span.documents}
        findings = find_in(self._output.text) if self._with.findings and spans else ()
        rows = tuple(self._span_row(span, findings) for span in spans)
        near = self._near(spans)
        found = {(kind, start, end) for row in rows for kind, start, end in row.pop("found")}
        by_kind: dict[str, int] = {}
        for kind, *_ in sorted(found):
            by_kind[kind] = by_kind.get(kind, 0) + 1
        long_enough = share is not None
        row = {
            **head,
            "counted_characters": counted,
            "coverage": coverages(self._passages, counted, self._with.coverage_thresholds),
            "share": share,
            "longest": longest(self._passages) if counted else None,
            "documents": len(documents) if long_enough else None,
            "prompt_overlap": self._prompt_overlap,
            "findings": len(found) if self._with.findings and long_enough else None,
            "finding_kinds": [{"kind": kind, "count": count} for kind, count in by_kind.items()],
            "near_verbatim": None if near is None else max((each.share for each in near), default=0.0),
            "near_verbatim_recall": None if near is None else max((each.recall for each in near), default=0.0),
            **self._of_tokens(long_enough),
            **self._of_words(),
        }
        return MeasuredOutput(row, rows, self._shown(spans, share, row["longest"]) if spans else None)

    def _of_tokens(self, long_enough: bool) -> dict[str, Any]:
        starts, length = self._matches.tokens.starts, self._matches.tokens.length
        inside = tokens_inside(self._inside, starts)
        counted = inside == 0
        absent, everything = novelty.novelty(length, inside, self._with.novelty_tokens)
        suffixes = novelty.longest_suffixes(length)[counted]
        bits = rarity_weighted.information(self._matches.log_probabilities)
        return {
            "tokens": len(length),
            "longest_tokens": int(length[length > inside].max(initial=0)) if counted.any() else None,
            "mean_suffix": float(suffixes.mean()) if len(suffixes) else None,
            "novel": absent,
            "ngrams": everything,
            "suffixes": novelty.suffix_histogram(suffixes, self._with.novelty_tokens),
            "rarity_share": rarity_weighted.rarity_share(starts, bits, counted, self._long) if long_enough else None,
            "rarest_bits": rarity_weighted.rarest(starts, bits, self._long) if long_enough else None,
        }

    def _of_words(self) -> dict[str, Any]:
        words = self._words
        before = np.concatenate(([0], np.cumsum(self._inside)))  # characters in the prompt before each one
        counted = before[words[:, 1]] - before[words[:, 0]] < words[:, 1] - words[:, 0]
        shares = uniqueness(words_reached(words, self._matches.passages), counted, *self._with.uniqueness_words)
        return {"words": len(words), "uniqueness": shares, "creativity_index": creativity_index(shares)}

    def _near(self, spans: list[MatchedSpan]) -> tuple[NearVerbatim, ...] | None:
        """The output beside the documents of its longest passages; None where that says nothing."""
        text, most = self._output.text, self._with.near_documents
        if not self._with.near_verbatim or len(text.split()) < max(self._with.near_keeps):
            return None
        around = max(self._with.near_characters // 2, len(text))
        references: dict[tuple[str, str], str] = {}
        for span in sorted(spans, key=lambda each: (each.start - each.end, each.start))[:most]:
            if len(references) >= most:
                break
            for document in span.documents[:1]:
                whole = self._tracer.document_text(document.index, document.id, around // 2)
                if whole is not None:  # what is read is quicker than what is searched for
                    references.setdefault((document.index, document.id), whole)
                    continue
                for found in self._tracer.find(text[span.start : span.end], 1, around, self._with.seed):
                    references.setdefault((found.index, found.document_id), found.context)
        return nearest(text, list(references.values()), self._with.near_gaps, self._with.near_keeps)

    def _is_long(self, span: MatchedSpan) -> bool:
        """Whether enough of a passage is left without what stands in the prompt."""
        pieces = outside(Ranges(np.array([span.start]), np.array([span.end])), self._inside)
        return bool(len(pieces)) and int(pieces.lengths.max()) >= self._with.match_characters

    def _span_row(self, span: MatchedSpan, findings: Any) -> dict[str, Any]:
        text = self._output.text
        inside = [each for each in findings if span.start <= each.start and each.end <= span.end]
        hidden = masked(text, findings)[span.start : span.end] if findings else text[span.start : span.end]
        return {
            "line": self._output.line,
            "id": self._output.id,
            "start": span.start,
            "end": span.end,
            "text": hidden,
            "count": span.count,
            "count_is_lower_bound": span.count_is_lower_bound,
            "log_probability": span.log_probability,
            "documents": [
                {
                    "index": document.index,
                    "id": document.id,
                    "sources": values_of(document.metadata, self._with.source_fields),
                }
                for document in span.documents
            ],
            "findings": [
                {"kind": each.kind, "start": each.start, "end": each.end, "masked": each.masked} for each in inside
            ],
            "found": [(each.kind, each.start, each.end) for each in inside],
        }

    def _shown(self, spans: list[MatchedSpan], share: float | None, longest_passage: int | None) -> dict[str, Any]:
        return {
            "id": self._output.id,
            "line": self._output.line,
            "text": self._output.text,
            "prompt": self._output.prompt,
            "passages": [
                {
                    "start": span.start,
                    "end": span.end,
                    "count": span.count,
                    "count_is_lower_bound": span.count_is_lower_bound,
                    "documents": [
                        {"index": each.index, "id": each.id, "metadata": dict(each.metadata)} for each in span.documents
                    ],
                }
                for span in spans
            ],
            "longest": longest_passage,
            "coverage": share,
        }


def _matches(tracer: Tracer, text: str, words: NDArray[np.int64], parameters: AuditParameters) -> Matches:
    """The matches of a text, short enough for all that is measured.

    Shorter passages take longer to find: so they are looked for only down to the lowest threshold, to the shortest run
    of words that counts, and, where nothing of that length stands anywhere, to the longest one there is.
    """
    window = shortest_window(words, parameters.uniqueness_words[0])
    least = min(parameters.match_characters, *parameters.coverage_thresholds, *([] if window is None else [window]))
    while True:
        found = tracer.matches(
            text, least, max(least, parameters.match_characters), parameters.max_documents, parameters.seed
        )
        if len(found.passages) or least == 1:
            return found
        least = max(1, least // 2)
