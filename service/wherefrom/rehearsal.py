"""A tiny index made and searched by plain Python, to learn which kernels are called, and with arguments of which types.

So `wherefrom.warm` compiles what is used, and nothing needs to list it. Only for processes in which NUMBA_DISABLE_JIT
was set before anything imported Numba.
"""

from __future__ import annotations

import inspect
import threading
from collections.abc import Callable
from dataclasses import dataclass
from types import FunctionType
from typing import Any

import numpy as np
from numba.core.typing.typeof import Purpose, typeof

from wherefrom.audit.word_blocks import shared_blocks
from wherefrom.tracer import Tracer
from wherefrom_indexer import kernels
from wherefrom_indexer.build import add_documents, build_index
from wherefrom_indexer.maintain import compact_index, remove_documents
from wherefrom_indexer.verify import verify_index

_ADDRESS = "The Congress of the United States met in December, and the President sent his message to both Houses. "
_DOCUMENTS = (
    {"id": "1", "text": _ADDRESS * 3 + "Houses were built."},
    {"id": "2", "text": "He said that " + _ADDRESS},
    {"id": "3", "text": "ratulations on the year"},
)
_TEXT = "In a letter of the United States met in December, and the Presidents congratulations on the years of the Un"


@dataclass(frozen=True, slots=True)
class Call:
    """A kernel as Python code calls it.

    Attributes:
        kernel: its module and its name.
        types: Numba's types of the arguments.
        code: what has to be compiled: bytes of bytecode of the kernel and its callees, as a measure of the time.
    """

    kernel: tuple[str, str]
    types: tuple[Any, ...]
    code: dict[str, int]


def rehearse(report: Callable[[Call], None], folder: str, tokenizer: str, maintenance: bool) -> None:
    """Build and trace as users do, and report each kernel's first call with arguments of some types.

    Args:
        report: called from the threads that call kernels.
        folder: an empty one.
        tokenizer: as for `build_index`.
        maintenance: also remove, verify, compact, count and audit.
    """
    kernels.observe = _Recorder(report)
    index = f"{folder}/index"
    with np.errstate(all="ignore"):  # what wraps around in kernels is warned of in plain Python
        build_index(_DOCUMENTS, index, id_field="id", tokenizer=tokenizer, threads=1)
        with Tracer.open(index) as tracer:
            tracer.trace(_TEXT, prompt="Who said that?", min_characters=8)
        if maintenance:
            _maintain(index)


def _maintain(index: str) -> None:
    add_documents([{"id": "4", "text": _ADDRESS}], index, id_field="id", threads=1)
    remove_documents(index, ["2"])
    with Tracer.open(index) as tracer:
        tracer.trace(_TEXT)
        tracer.longest_matches(_TEXT)
        tracer.count("United States")
        tracer.count_tokens([1])
        tracer.queries.cnf([["United States"], [[1]]])
        tracer.queries.next_tokens("States")
        tracer.queries.infgram_probabilities("United States")
    shared_blocks(_TEXT.split(), _ADDRESS.split())
    verify_index(index)
    compact_index(index)


class _Recorder:
    def __init__(self, report: Callable[[Call], None]) -> None:
        self._report = report
        self._known: set[tuple[Any, ...]] = set()
        self._lock = threading.Lock()
        self._thread = threading.local()

    def __call__(self, function: Callable[..., Any], *arguments: Any) -> Any:
        """Call a kernel, and report how it is called unless another kernel calls it."""
        if getattr(self._thread, "in_kernel", False):
            return function(*arguments)
        self._note(function, arguments)
        self._thread.in_kernel = True
        try:
            return function(*arguments)
        finally:
            self._thread.in_kernel = False

    def _note(self, function: Callable[..., Any], arguments: tuple[Any, ...]) -> None:
        types = tuple(typeof(argument, Purpose.argument) for argument in arguments)
        call = Call((function.__module__, function.__qualname__), types, _code_of(function, {}))
        with self._lock:
            if (call.kernel, types) in self._known:
                return
            self._known.add((call.kernel, types))
        self._report(call)


def _code_of(function: Any, found: dict[str, int]) -> dict[str, int]:
    """Bytes of bytecode of a function and of those of this project that it refers to."""
    function = inspect.unwrap(function)
    name = f"{function.__module__}.{function.__qualname__}"
    if name not in found:
        found[name] = len(function.__code__.co_code)
        for value in map(function.__globals__.get, function.__code__.co_names):
            if isinstance(value, FunctionType) and value.__module__.startswith("wherefrom"):
                _code_of(value, found)
    return found
