"""The online side of Wherefrom: from a text to the documents its passages stand in."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from wherefrom.options import TraceOptions
    from wherefrom.provenance import Provenance
    from wherefrom.tracer import Tracer

__all__ = ["Provenance", "TraceOptions", "Tracer"]

_MODULES = {"Provenance": "provenance", "TraceOptions": "options", "Tracer": "tracer"}


def __getattr__(name: str) -> Any:
    # Imported when first used: the kernels' libraries take most of a second, which `wherefrom --help` need not pay.
    if name not in _MODULES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module

    return getattr(import_module(f"{__name__}.{_MODULES[name]}"), name)
