"""Truth in characters: how many passages, cut anywhere and put into foreign text, are found whole, corpus by corpus.

    python benchmarks/truth_table.py [demo python digits chinese editions] [--passages 1000]

Boundary rules and limits are off, and spans of at least 16 characters count (see `truth.py`). The `olmotrace` preset
traces the same texts, without its limits: once without and once with its word and delimiter rules.
"""

from __future__ import annotations

import argparse
import json
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from corpora import SMALL, small_corpus
from truth import OPEN_OPTIONS, Outcome, Passage, outcome, passages

from wherefrom import Tracer
from wherefrom.reach import BACK_OFF, FRAGMENT, FRAGMENT_TOKEN, SCANNED
from wherefrom_indexer import build_index

SEED = 7
LEAST = (20, 40)
LISTED_FAILURES = 50


def measure(corpus: str, number: int) -> dict[str, Any]:
    """Trace so many passages of a small corpus, in an index made for it."""
    texts = small_corpus(corpus)
    ids = [f"document-{place}" for place in range(len(texts))]
    records = [{"id": name, "text": text} for name, text in zip(ids, texts, strict=True)]
    with tempfile.TemporaryDirectory() as folder:
        build_index([records], Path(folder) / "corpus.index", id_field="id")
        with Tracer.open(Path(folder) / "corpus.index") as tracer:
            cut = list(passages(texts, number, SEED))
            outcomes = [outcome(tracer, texts, ids, passage) for passage in cut]
            ruled = [_whole_by_olmotrace(tracer, passage, rules=True) for passage in cut]
            unruled = [_whole_by_olmotrace(tracer, passage, rules=False) for passage in cut]
            missed = [part for part in outcomes if not part.whole or (part.document_owed and not part.document_found)]
            failures = [_failure(tracer, part) for part in missed[:LISTED_FAILURES]]
    return {
        "corpus": corpus,
        "documents": len(texts),
        "characters": sum(map(len, texts)),
        "groups": [_group(outcomes, ruled, unruled, least) for least in LEAST],
        "failed": len(missed),
        "failures": failures,
    }


def _group(outcomes: Sequence[Outcome], ruled: Sequence[bool], unruled: Sequence[bool], least: int) -> dict[str, int]:
    """Sums over the passages of at least so many characters."""
    places = [place for place, part in enumerate(outcomes) if len(part.passage.text) >= least]
    chosen = [outcomes[place] for place in places]
    return {
        "least": least,
        "passages": len(chosen),
        "whole": sum(part.whole for part in chosen),
        "owed": sum(part.document_owed for part in chosen),
        "found": sum(part.document_owed and part.document_found for part in chosen),
        "olmotrace": sum(unruled[place] for place in places),
        "olmotrace_with_rules": sum(ruled[place] for place in places),
    }


def _whole_by_olmotrace(tracer: Tracer, passage: Passage, *, rules: bool) -> bool:
    provenance = tracer.trace(
        passage.traced,
        preset="olmotrace",
        density=None,
        max_count=None,
        max_documents=0,
        word_boundaries=rules,
        sentence_boundaries=rules,
    )
    end = passage.place + len(passage.text)
    return any(span.start <= passage.place and end <= span.end for span in provenance.spans)


def _failure(tracer: Tracer, failed: Outcome) -> dict[str, Any]:
    """What of a passage was found instead, and why not all of it."""
    passage = failed.passage
    provenance = tracer.trace(passage.traced, **OPEN_OPTIONS)  # type: ignore[arg-type]
    begin, end = passage.place, passage.place + len(passage.text)
    found = [(span.start, span.end, span.count) for span in provenance.spans]
    start, stop, count = max(found, key=lambda part: min(part[1], end) - max(part[0], begin), default=(end, end, 0))
    return {
        "passage": passage.text,
        "whole": failed.whole,
        "occurrences": tracer.count(passage.text).count,
        "found_occurrences": count,
        "missing_before": max(0, start - begin),
        "missing_after": max(0, end - stop),
        "cause": _cause(start - begin, end - stop, count),
    }


def _cause(before: int, after: int, count: int) -> str:
    """The bound of the search that the measured gaps at both edges point to; negative gaps go beyond the passage."""
    if before <= 0 and after <= 0 and before + after < 0:
        return (
            f"found whole, in a span longer by {-before - after} of the foreign characters around it: with them "
            "it stands in another document, whose passage is shown instead"
        )
    if before <= 0 and after <= 0:
        return "found whole, but its document is not among those returned"
    reasons = []
    if before > 0:
        if count > SCANNED:
            reasons.append(
                f"its beginning stands before a match of more than {SCANNED} occurrences, where at most "
                f"{FRAGMENT_TOKEN} bytes are looked up, and only as the end of one token"
            )
        elif before > FRAGMENT // 4:
            reasons.append(f"its beginning lies more than {FRAGMENT} bytes before a token of the text that is matched")
        else:
            reasons.append("its beginning lies in tokens that the text has otherwise than the corpus")
    if after > 0:
        reasons.append(f"its end is tokenized otherwise over more than the {BACK_OFF} tokens that are given up")
    return "; ".join(reasons)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("corpora", nargs="*", metavar="CORPUS", help=f"of {', '.join(SMALL)} (default: all)")
    parser.add_argument("--passages", type=int, default=1000, help="of each corpus (default: 1000)")
    arguments = parser.parse_args()
    for corpus in arguments.corpora or SMALL:
        print(json.dumps(measure(corpus, arguments.passages), ensure_ascii=False), flush=True)


if __name__ == "__main__":
    main()
