"""The offline side of Wherefrom: from a corpus to a published index."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from wherefrom_indexer.build import add_documents, build_index
    from wherefrom_indexer.index import Index, StoredDocument
    from wherefrom_indexer.maintain import RemovedDocuments, compact_index, remove_documents
    from wherefrom_indexer.progress import Progress
    from wherefrom_indexer.verify import Finding, verify_index

__all__ = [
    "Finding",
    "Index",
    "Progress",
    "RemovedDocuments",
    "StoredDocument",
    "add_documents",
    "build_index",
    "compact_index",
    "remove_documents",
    "verify_index",
]

_MODULES = {
    "Finding": "verify",
    "Index": "index",
    "Progress": "progress",
    "RemovedDocuments": "maintain",
    "StoredDocument": "index",
    "add_documents": "build",
    "build_index": "build",
    "compact_index": "maintain",
    "remove_documents": "maintain",
    "verify_index": "verify",
}


def __getattr__(name: str) -> Any:
    # Imported when first used: the kernels' libraries take most of a second, which `wherefrom --help` need not pay.
    if name not in _MODULES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module

    return getattr(import_module(f"{__name__}.{_MODULES[name]}"), name)
