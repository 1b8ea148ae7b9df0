"""What the service does beside answering: text search kept up, what is old deleted, live views told."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager

from wherefrom.api.settings import Settings
from wherefrom.traces.indexing import TermIndexer
from wherefrom.traces.live import LiveViews
from wherefrom.traces.retention import Retention, RetentionRules
from wherefrom.traces.store import TraceStore


@contextmanager
def upkeep(settings: Settings, store: TraceStore) -> Iterator[LiveViews]:
    """Does so until the end of the block, and yields the live views."""
    rules = RetentionRules(
        settings.retention_days,
        {name: said.retention_days for name, said in settings.projects.items()},
        settings.raw_retention_hours,
    )
    live = LiveViews(store)
    with ExitStack() as stack:
        for each in (live, TermIndexer(store), Retention(store, rules)):
            stack.enter_context(closing(each))
            each.start()
        yield live
