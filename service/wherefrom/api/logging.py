"""Logs: a JSON object a line, on standard error, without text of prompts and outputs unless asked for.

What a request said stands only in values of JSON, cut and escaped to ASCII, so that no line can be forged and no
terminal be driven. Writing is a thread's work: a reader of the log that stops reading holds up nobody.
"""

from __future__ import annotations

import json
import logging
import queue
import sys
import time
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from logging.handlers import QueueHandler, QueueListener
from typing import Any, TextIO

_LOGGERS = ("wherefrom", "uvicorn", "uvicorn.error", "alembic")
_NOISE = ("uvicorn.error", "uvicorn", "alembic")  # their news of starting and stopping are ours to tell
_WAITING = 10_000
_MAX_VALUE = 500


@contextmanager
def logging_to(
    stream: TextIO | None = None, *, level: str = "info", form: str = "json", texts: bool = False
) -> Iterator[None]:
    """Has the service's loggers write to `stream` (standard error) for a while.

    Args:
        level: debug, info, warning or error.
        form: json or text.
        texts: messages of unexpected errors are logged as well; they may quote a request.
    """
    handler = logging.StreamHandler(stream or sys.stderr)
    handler.setFormatter((JsonLines if form == "json" else PlainLines)(texts=texts))
    entry = _Entry(queue.Queue(_WAITING))
    listener = QueueListener(entry.queue, handler)
    loggers = [logging.getLogger(name) for name in _LOGGERS]
    before = [(logger.handlers, logger.level, logger.propagate) for logger in loggers]
    for logger in loggers:
        logger.handlers = [entry]
        logger.propagate = False
        least = logging.WARNING if logger.name in _NOISE else logging.DEBUG
        logger.setLevel(max(least, logging.getLevelName(level.upper())))
    listener.start()
    try:
        yield
    finally:
        for logger, (handlers, old_level, propagate) in zip(loggers, before, strict=True):
            logger.handlers, logger.propagate = handlers, propagate
            logger.setLevel(old_level)
        listener.stop()


class _Entry(QueueHandler):
    """Hands records to the thread that writes; drops them, counted, while that cannot keep up."""

    dropped = 0

    def prepare(self, record: logging.LogRecord) -> logging.LogRecord:
        """As it is: the formatter needs its parts, and it goes to no other process."""
        return record

    def enqueue(self, record: logging.LogRecord) -> None:
        if self.dropped:
            record.dropped = self.dropped
        try:
            self.queue.put_nowait(record)
            self.dropped = 0
        except queue.Full:
            self.dropped += 1


class JsonLines(logging.Formatter):
    """A record as one line of JSON; what was given as `extra={"fields": {...}}` stands beside the message."""

    def __init__(self, *, texts: bool = False) -> None:
        super().__init__()
        self._texts = texts

    def format(self, record: logging.LogRecord) -> str:
        """One line of ASCII."""
        return _ascii(self.fields(record))

    def fields(self, record: logging.LogRecord) -> dict[str, Any]:
        """What the line says."""
        said: dict[str, Any] = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": cut(record.getMessage()),
        }
        said |= {name: cut(value) for name, value in getattr(record, "fields", {}).items()}
        if dropped := getattr(record, "dropped", 0):
            said["dropped_before"] = dropped
        if record.exc_info and record.exc_info[1]:
            said["error"] = _error(record.exc_info[1], self._texts)
        return said


class PlainLines(JsonLines):
    """A record as one line for people, with the same escapes."""

    def format(self, record: logging.LogRecord) -> str:
        """One line of ASCII."""
        said = self.fields(record)
        clock = time.strftime("%H:%M:%S", time.localtime(record.created))
        rest = {name: value for name, value in said.items() if name not in ("time", "level", "logger", "message")}
        line = f"{clock} {said['level']:7} {_ascii(said['message'])[1:-1]}"
        return " ".join([line, *(f"{name}={_ascii(value)}" for name, value in rest.items())])


def _ascii(value: Any) -> str:
    """JSON that moves no terminal: DEL is the one control character that JSON would let through."""
    return json.dumps(value, default=str).replace("\x7f", "\\u007f")


def cut(value: Any) -> Any:
    """A value of a log line: strings not too long, numbers as they are."""
    if isinstance(value, str) and len(value) > _MAX_VALUE:
        return value[:_MAX_VALUE] + "…"
    return value


def _error(error: BaseException, texts: bool) -> dict[str, Any]:
    """Where an error came from. Its message may quote what a client sent, so it is told only if asked for."""
    frames = traceback.extract_tb(error.__traceback__)[-12:]
    said: dict[str, Any] = {
        "type": f"{type(error).__module__}.{type(error).__qualname__}",
        "frames": [f"{frame.filename}:{frame.lineno} {frame.name}" for frame in frames],
    }
    if texts:
        said["text"] = cut(str(error))
    if cause := error.__cause__ or (None if error.__suppress_context__ else error.__context__):
        said["cause"] = f"{type(cause).__module__}.{type(cause).__qualname__}"
    return said
