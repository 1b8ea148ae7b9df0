"""How this project uses Numba: one decorator for every kernel, its cache on disk, and software prefetch.

A kernel is a short plain loop over arrays. Kernels hold no lock on the interpreter and start no threads of their own
(Numba's threading layers survive neither forks nor concurrent callers everywhere); callers bring threads.
"""

from __future__ import annotations

import os
import pickle
import stat
import sys
import tempfile
from collections.abc import Callable
from functools import cache, wraps
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
from llvmlite import ir
from numba import config, njit, types
from numba.core.caching import FunctionCache
from numba.extending import intrinsic

# For arguments and variables of kernels: Numba compiles a callee once more for every literal number it is called with.
ZERO: Any = np.int64(0)
ONE: Any = np.int64(1)

_WITHOUT_ENTRY = {"no_cpython_wrapper": True, "no_cfunc_wrapper": True}

_Function = TypeVar("_Function", bound=Callable[..., Any])

# Where kernels run as plain Python: what is called in their place, with the kernel and its arguments.
# `wherefrom.rehearsal` learns so how they are called.
observe: Callable[..., Any] | None = None


def kernel(function: _Function) -> _Function:
    """Compile a function for the types of its first call, without the interpreter's lock, cached on disk if possible.

    Where no private cache folder can be had, the kernel is compiled anew in every process and nothing else changes.
    """
    compiled: Any = njit(nogil=True, boundscheck=False, no_cfunc_wrapper=True)(function)
    folder = cache_folder()
    if config.DISABLE_JIT:
        compiled = _observed(function)
    elif folder is not None:
        compiled._cache = _private_cache(function, folder)
    result: _Function = compiled
    return result


def is_compiled(compiled: Any) -> bool:
    """Whether the cache on disk holds a kernel as its code is now, for whatever types of its arguments."""
    held = getattr(compiled, "_cache", None)
    return isinstance(held, _PrivateCache) and held.holds_code()


def inner_kernel(function: _Function) -> _Function:
    """Compile a function that only kernels call: without an entry point for Python, which costs a third of the time.

    It may be given arrays, but neither make nor return any: then no references are counted, with atomic instructions at
    each call, and a trace takes a fifth less time.
    """
    result: _Function = njit(nogil=True, boundscheck=False, _nrt=False, **_WITHOUT_ENTRY)(function)
    return result


def allocating_kernel(function: _Function) -> _Function:
    """Compile a function that only kernels call, and that makes or returns arrays."""
    result: _Function = njit(nogil=True, boundscheck=False, **_WITHOUT_ENTRY)(function)
    return result


def inlined_kernel(function: _Function) -> _Function:
    """Compile a small function into the kernels that call it; as for `inner_kernel`, it makes no arrays."""
    result: _Function = njit(nogil=True, boundscheck=False, forceinline=True, _nrt=False, **_WITHOUT_ENTRY)(function)
    return result


@cache
def cache_folder() -> Path | None:
    """The first of the usual cache folders that is, or can be made, private to this user (0700); None if there is none.

    Numba's cache is pickled code: whoever can write to the folder can run code as its reader.
    """
    for candidate in _candidates():
        if _is_private(candidate):
            return candidate
    return None


def _candidates() -> list[Path]:
    """Where a cache may lie, best first."""
    folders = []
    if config.CACHE_DIR:
        folders.append(Path(config.CACHE_DIR) / "wherefrom")
    if os.environ.get("XDG_CACHE_HOME"):
        folders.append(Path(os.environ["XDG_CACHE_HOME"]) / "wherefrom" / "numba")
    try:
        usual = Path.home() / ("Library/Caches" if sys.platform == "darwin" else ".cache")
        folders.append(usual / "wherefrom" / "numba")
    except RuntimeError:
        pass  # a user without a home
    folders.append(Path(tempfile.gettempdir()) / f"wherefrom-numba-{os.getuid()}")
    return folders


def _is_private(folder: Path) -> bool:
    """Make the folder if it is missing; true if it is a writable folder of this user's that nobody else can enter."""
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        folder.mkdir(mode=0o700, exist_ok=True)
        status = folder.lstat()  # not stat: in a shared temporary folder somebody may have put a link there
        if not stat.S_ISDIR(status.st_mode) or status.st_uid != os.getuid():
            return False
        if status.st_mode & 0o077:
            folder.chmod(0o700)
        tempfile.TemporaryFile(dir=folder).close()
    except OSError:
        return False
    return True


# What reading a cache may raise: files are cut or refused, or name modules of another version of this package.
_UNREADABLE = (OSError, EOFError, pickle.UnpicklingError, ImportError, AttributeError)


class _PrivateCache(FunctionCache):  # type: ignore[misc]
    """Numba's cache of one function, for which a full disk or a damaged file means compiling, not failing."""

    def __init__(self, function: Callable[..., Any]) -> None:
        super().__init__(function)
        # Numba looks only at the file of the function itself, and would run callees as they once were.
        self._cache_file._source_stamp = tuple(_stamp(file) for file in sorted(_source_files(function)))

    def load_overload(self, sig: Any, target_context: Any) -> Any:
        try:
            return super().load_overload(sig, target_context)
        except _UNREADABLE:
            return None

    def holds_code(self) -> bool:
        """Whether it holds the function, compiled for any types."""
        try:
            return bool(self._cache_file._load_index())
        except _UNREADABLE:
            return False

    def save_overload(self, sig: Any, data: Any) -> None:
        try:
            super().save_overload(sig, data)
        except _UNREADABLE:
            self.disable()


def _source_files(function: Callable[..., Any], known: frozenset[str] = frozenset()) -> frozenset[str]:
    """The files that a kernel's code comes from: its own, and those of the kernels that its module uses."""
    known |= {function.__code__.co_filename}
    for value in function.__globals__.values():
        callee = getattr(value, "py_func", None)
        if callee is not None and callee.__code__.co_filename not in known:
            known = _source_files(callee, known)
    return known


def _stamp(file: str) -> tuple[float, int]:
    status = Path(file).stat()
    return status.st_mtime, status.st_size


def _observed(function: Callable[..., Any]) -> Callable[..., Any]:
    @wraps(function)
    def observed(*arguments: Any, **named: Any) -> Any:
        return observe(function, *arguments) if observe and not named else function(*arguments, **named)

    return observed


def _private_cache(function: Callable[..., Any], folder: Path) -> _PrivateCache:
    """The function's cache in that folder. Numba reads `config.CACHE_DIR` here and at no other time."""
    configured = config.CACHE_DIR
    config.CACHE_DIR = str(folder)
    try:
        return _PrivateCache(function)
    finally:
        config.CACHE_DIR = configured


def _prefetch_intrinsic(write: int) -> Any:
    @intrinsic  # type: ignore[untyped-decorator]
    def prefetch(typing_context: Any, array: Any, index: Any) -> Any:
        def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
            array_type, index_type = signature.args
            data = context.make_array(array_type)(context, builder, arguments[0]).data
            offset = context.cast(builder, arguments[1], index_type, types.intp)
            address = builder.bitcast(builder.gep(data, [offset]), ir.IntType(8).as_pointer())
            flag = ir.IntType(32)
            declaration = builder.module.declare_intrinsic(
                "llvm.prefetch", [address.type], ir.FunctionType(ir.VoidType(), [address.type, flag, flag, flag])
            )
            # Keep the line in all cache levels (3); it is data (1), not instructions.
            builder.call(declaration, [address, flag(write), flag(3), flag(1)])
            return context.get_dummy_value()

        return types.none(array, index), generate

    return prefetch


def _word_intrinsic() -> Any:
    @intrinsic  # type: ignore[untyped-decorator]
    def load_word(typing_context: Any, array: Any, index: Any) -> Any:
        def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
            array_type, index_type = signature.args
            data = context.make_array(array_type)(context, builder, arguments[0]).data
            address = builder.gep(data, [context.cast(builder, arguments[1], index_type, types.intp)])
            return builder.load(builder.bitcast(address, ir.IntType(64).as_pointer()), align=1)

        return types.uint64(array, index), generate

    return load_word


def _lowest_bit_intrinsic() -> Any:
    @intrinsic  # type: ignore[untyped-decorator]
    def lowest_bit(typing_context: Any, word: Any) -> Any:
        def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
            return builder.cttz(arguments[0], ir.Constant(ir.IntType(1), 1))

        return types.int64(types.uint64), generate

    return lowest_bit


def _plain_word(array: Any, index: int) -> Any:
    """What stands for the intrinsic when kernels run as plain Python."""
    return np.uint64(int.from_bytes(array[index : index + 8 // array.itemsize].tobytes(), "little"))


def _plain_lowest_bit(word: Any) -> int:
    """What stands for the intrinsic when kernels run as plain Python."""
    return (int(word) & -int(word)).bit_length() - 1


def _highest_bit_intrinsic() -> Any:
    @intrinsic  # type: ignore[untyped-decorator]
    def highest_bit(typing_context: Any, word: Any) -> Any:
        def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
            zeros = builder.ctlz(arguments[0], ir.Constant(ir.IntType(1), 1))
            return builder.sub(ir.Constant(ir.IntType(64), 63), zeros)

        return types.int64(types.uint64), generate

    return highest_bit


def _plain_highest_bit(word: Any) -> int:
    """What stands for the intrinsic when kernels run as plain Python."""
    return int(word).bit_length() - 1


def _no_prefetch(array: Any, index: int) -> None:
    """What stands for a prefetch when kernels run as plain Python (NUMBA_DISABLE_JIT=1)."""


# prefetch(array, index) asks for array[index] to be brought into the cache: for a one-dimensional contiguous array.
# Any index is allowed, it never faults; a negative one does not count from the end.
prefetch_read: Any = _no_prefetch if config.DISABLE_JIT else _prefetch_intrinsic(0)
prefetch_write: Any = _no_prefetch if config.DISABLE_JIT else _prefetch_intrinsic(1)

# highest_bit(word): the number, 0 to 63, of the highest bit set in a uint64 that is not 0.
highest_bit: Any = _plain_highest_bit if config.DISABLE_JIT else _highest_bit_intrinsic()

# lowest_bit(word): the number, 0 to 63, of the lowest bit set in a uint64 that is not 0.
lowest_bit: Any = _plain_lowest_bit if config.DISABLE_JIT else _lowest_bit_intrinsic()

# load_word(array, index): the 8 bytes from array[index] on, as a uint64; the caller must know that they are there.
load_word: Any = _plain_word if config.DISABLE_JIT else _word_intrinsic()
