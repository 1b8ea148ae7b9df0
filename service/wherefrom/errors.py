"""Errors of the service: what was wrong with a request, or what the service lacks to answer it."""

from __future__ import annotations

from wherefrom_indexer.errors import StorageError, UsageError, WherefromError


class RequestError(UsageError):
    """A request that cannot be used as it is: malformed, contradictory, or with a value out of range."""


class MalformedError(RequestError):
    """A body that cannot be decoded: truncated, damaged, or of another format than its headers say."""


class UnsupportedMediaError(MalformedError):
    """A body of a Content-Type or Content-Encoding that the service does not read."""


class SlowClientError(RequestError):
    """A request whose sender took too long to send it."""


class LimitError(RequestError):
    """A request larger or deeper than the service accepts; the message names the limit and its setting."""


class HeaderLimitError(LimitError):
    """A request whose line and headers are larger than the service accepts."""


class NotFoundError(UsageError):
    """A project, trace, span, index, document or page that does not exist, or that the caller may not see."""


class AccessError(WherefromError):
    """A request that its sender may not make."""


class UnauthenticatedError(AccessError):
    """A request without an API key, or with one that is unknown or revoked, where one is needed."""


class MisdirectedError(AccessError):
    """A request for a host that this service is not."""


class OverloadedError(WherefromError):
    """More work than the service takes on.

    Attributes:
        retry_after: seconds after which it is worth trying again.
    """

    def __init__(self, message: str, retry_after: float = 1.0) -> None:
        """Take the sentence and the seconds."""
        super().__init__(message)
        self.retry_after = retry_after


class DeadlineError(WherefromError):
    """Work that was ended because it took longer than it may."""


class StoreUnavailableError(StorageError):
    """A trace store that cannot be written or read for now: disk full, locked, or its server away."""


class InterruptedSearchError(WherefromError):
    """A search whose process ended before it answered, for a reason that is not its index."""
