"""The question of OLMoTrace's interface to one index, answered field for field as that interface does."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from wherefrom.options import AttributionOptions
from wherefrom.pool.encoding import to_json
from wherefrom.pool.jobs import TRACER_VERSION

if TYPE_CHECKING:  # the kernels' libraries are for search processes; who asks them does without
    from wherefrom.attribution import AttributedDocument, AttributedSpan
    from wherefrom.pool.jobs import Opened


@dataclass(frozen=True, slots=True)
class AttributionJob:
    """Find the spans of a text, and documents in which they stand."""

    index: str
    text: str
    options: AttributionOptions

    @property
    def indexes(self) -> tuple[str, ...]:
        """The index that is searched."""
        return (self.index,)

    @property
    def cache_key(self) -> bytes:
        """A digest of text, options and the tracer's version."""
        fields = repr((self.options, TRACER_VERSION)).encode("utf-8", "surrogatepass")
        text = self.text.encode("utf-8", "surrogatepass")
        return hashlib.blake2b(b"attribution\0%d:" % len(fields) + fields + text, digest_size=16).digest()

    def run(self, opened: Opened) -> bytes:
        """Find them."""
        found = opened.tracer.attribute(self.text, self.options)
        return to_json(
            {
                "index": self.index,
                "spans": [_span(span) for span in found.spans],
                "inputTokens": found.tokens,
            }
        )


def _span(span: AttributedSpan) -> dict[str, Any]:
    return {
        "left": span.left,
        "right": span.right,
        "length": span.right - span.left,
        "count": span.count,
        "unigramLogprobSum": span.log_probability,
        "text": span.text,
        "tokenIds": span.tokens,
        "documents": [_document(document) for document in span.documents],
    }


def _document(document: AttributedDocument) -> dict[str, Any]:
    return {
        "documentIndex": document.number,
        "documentId": document.id,
        "documentLength": document.length,
        "displayLength": len(document.window.tokens),
        "needleOffset": document.window.offset,
        "metadata": dict(document.metadata),
        "tokenIds": document.window.tokens,
        "text": document.window.text,
        "blocked": False,
        "displayLengthLong": len(document.long.tokens),
        "needleOffsetLong": document.long.offset,
        "textLong": document.long.text,
        # The published interface has the length of the snippet under this name.
        "displayOffsetSnippet": len(document.snippet.tokens),
        "displayLengthSnippet": len(document.snippet.tokens),
        "needleOffsetSnippet": document.snippet.offset,
        "textSnippet": document.snippet.text,
    }
