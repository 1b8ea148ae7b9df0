"""Where commands write: consoles, progress on standard error, files that appear whole or not at all."""

from __future__ import annotations

import json
import os
import re
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

from wherefrom.highlight import visible
from wherefrom_indexer.errors import StorageError
from wherefrom_indexer.progress import Progress, Report, silent

if TYPE_CHECKING:
    from rich.console import Console
    from rich.progress import Progress as Display
    from rich.progress import TaskID

# JSON may carry these raw; a terminal that a reader prints it on would act on them, and UTF-8 cannot carry surrogates.
_UNSAFE_IN_JSON = re.compile("[\x7f-\x9f\u2028-\u202e\u2066-\u2069\ud800-\udfff]")
_WIDTH_OF_PIPES = 100


def console() -> Console:
    """Returns a console on standard output that parses no markup; a pipe gets a fixed width and no colour."""
    from rich.console import Console

    width = None if sys.stdout.isatty() or "COLUMNS" in os.environ else _WIDTH_OF_PIPES
    return Console(width=width, markup=False, emoji=False, highlight=False)


def say(message: str, *, quiet: bool = False) -> None:
    """Prints a line for the person at the terminal, on standard error."""
    if not quiet:
        print(visible(message), file=sys.stderr)


@contextmanager
def progress_bar(*, quiet: bool) -> Iterator[Report]:
    """Yields what shows progress with rate and time left; it does nothing if quiet or if nobody looks."""
    if quiet or not sys.stderr.isatty():
        yield silent
        return
    from rich.console import Console
    from rich.progress import BarColumn, TaskProgressColumn, TextColumn, TimeRemainingColumn
    from rich.progress import Progress as Display

    columns = (
        TextColumn("{task.description}", markup=False),
        BarColumn(),
        TaskProgressColumn(),
        TextColumn("{task.fields[rate]}", markup=False),
        TimeRemainingColumn(),
    )
    with Display(*columns, console=Console(stderr=True), transient=True) as display:
        yield _Bars(display)


@contextmanager
def working(message: str, *, quiet: bool = False) -> Iterator[None]:
    """Shows that work of unknown length goes on, for those who look at standard error."""
    if quiet or not sys.stderr.isatty():
        yield
        return
    from rich.console import Console
    from rich.text import Text

    with Console(stderr=True).status(Text(message)):
        yield


class _Bars:
    """One bar a stage; a stage that comes again, for another segment, begins its bar anew."""

    def __init__(self, display: Display) -> None:
        self._display = display
        self._tasks: dict[str, TaskID] = {}
        self._began: dict[str, float] = {}
        self._last = time.monotonic()

    def __call__(self, progress: Progress) -> None:
        if progress.stage not in self._tasks:
            self._tasks[progress.stage] = self._display.add_task(progress.stage, rate="")
        if progress.stage not in self._began or progress.done == 0:
            self._began[progress.stage] = self._last
        self._last = time.monotonic()
        took = self._last - self._began[progress.stage]
        rate = _rate(progress.done / took, progress.unit) if progress.done and took else ""
        self._display.update(
            self._tasks[progress.stage], completed=progress.done, total=progress.total, rate=rate, refresh=True
        )


def _rate(per_second: float, unit: str) -> str:
    if unit == "bytes":
        return f"{per_second / 1e6:,.1f} MB/s"
    return f"{per_second:,.0f} {unit}/s"


def to_json(value: Any, *, indent: int | None = None) -> str:
    """Returns JSON text that any terminal and any encoding of Unicode can carry."""
    text = json.dumps(value, ensure_ascii=False, indent=indent)
    return _UNSAFE_IN_JSON.sub(lambda match: f"\\u{ord(match[0]):04x}", text)


@contextmanager
def whole_file(path: str) -> Iterator[IO[bytes]]:
    """Yields a file to write; it takes the place of `path` when the block ends well, and is dropped otherwise.

    Raises:
        StorageError: the file cannot be written.
    """
    target = Path(path)
    if target.exists() and not target.is_file():  # a device or a pipe has nothing to replace
        partial = target
    else:
        partial = target.with_name(f".{target.name}.{os.getpid()}.part")
    try:
        with partial.open("wb") as file:
            yield file
            file.flush()
            if partial is not target:
                os.fsync(file.fileno())
        if partial is not target:
            partial.replace(target)
    except BaseException as error:
        if partial is not target:
            with suppress(OSError):  # the first error is the one to tell
                partial.unlink()
        if isinstance(error, OSError):
            raise StorageError(f"Cannot write {path}: {error.strerror or error}.") from error
        raise
