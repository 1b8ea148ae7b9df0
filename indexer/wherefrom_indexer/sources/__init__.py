"""Documents from JSON Lines, Parquet and Arrow, datasets, text, tokenized corpora, and objects in memory."""

from wherefrom_indexer.sources.base import (
    FORMATS,
    Document,
    Skipped,
    SkipReport,
    Source,
    SourceOptions,
    TokenizedDocument,
)
from wherefrom_indexer.sources.opening import open_source, open_sources

__all__ = [
    "FORMATS",
    "Document",
    "SkipReport",
    "Skipped",
    "Source",
    "SourceOptions",
    "TokenizedDocument",
    "open_source",
    "open_sources",
]
