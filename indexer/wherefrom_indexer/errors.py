"""Every error that Wherefrom raises on purpose.

A message is one sentence (or two) that says what was wrong, where, and what to do. The command line prints it without
a traceback and exits with `exit_code`: 2 for the caller's mistake, 1 for everything else.
"""

from __future__ import annotations


class WherefromError(Exception):
    """Base of all errors raised on purpose."""

    exit_code = 1


class UsageError(WherefromError):
    """An option or argument that cannot be used."""

    exit_code = 2


class SourceError(UsageError):
    """A source that is missing, unreadable, or holds a record that cannot be indexed."""


class DuplicateIdError(SourceError):
    """A document id that stands twice in one index."""


class TokenizerError(UsageError):
    """A tokenizer that cannot be loaded or trained, or ids outside its vocabulary."""


class MemoryBudgetError(UsageError):
    """A memory budget too small for even one segment."""


class IndexNotFoundError(UsageError):
    """A folder that holds no published index."""


class DocumentNotFoundError(UsageError):
    """A document id that no live document of an index has."""


class IndexFormatError(WherefromError):
    """An index of another format version."""


class IndexDamagedError(WherefromError):
    """An index whose files are missing, truncated, grown or changed."""


class IndexBusyError(WherefromError):
    """An index folder that another process is writing."""


class StorageError(WherefromError):
    """A file operation that the operating system refused: disk full, no permission."""
