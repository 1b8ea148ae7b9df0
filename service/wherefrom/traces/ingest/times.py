"""Times as clients write them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from wherefrom.traces.ingest.otel_spans import LATEST_NS
from wherefrom.traces.model import Json

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def nanoseconds(value: Json) -> int | None:
    """Nanoseconds since 1970 of an ISO 8601 text (UTC where it names no zone) or a number of milliseconds.

    None where it is neither, or beyond what can be stored.
    """
    if isinstance(value, str):
        try:
            moment = datetime.fromisoformat(value)
        except ValueError:
            return None
        if moment.tzinfo is None:
            moment = moment.replace(tzinfo=UTC)
        found = (moment - _EPOCH) // timedelta(microseconds=1) * 1000
    elif isinstance(value, int | float) and not isinstance(value, bool) and 0 < value <= LATEST_NS / 1e6:
        found = int(value * 1_000_000)
    else:
        return None
    return found if 0 < found <= LATEST_NS else None
