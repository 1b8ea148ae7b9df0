"""Messages arrive whole, however the socket cuts them."""

from __future__ import annotations

import itertools
import pickle

from hypothesis import given, settings
from hypothesis import strategies as st
from pool_jobs import EchoJob

from wherefrom.errors import DeadlineError
from wherefrom.pool.messages import Done, Failed, Prepared, Unpacker, Work, pack
from wherefrom_indexer.errors import IndexDamagedError

MESSAGES = [
    Done(b"x" * 300),
    Done(b""),
    Failed(IndexDamagedError("It is damaged.")),
    Prepared({3: DeadlineError("late")}),
    Work(EchoJob(b"data"), ((1, b"packed"),)),
]


@settings(max_examples=100)
@given(st.lists(st.sampled_from(MESSAGES), min_size=1, max_size=3), st.lists(st.integers(1, 200), min_size=1))
def test_messages_are_put_together(messages, sizes):
    pieces = itertools.cycle(sizes)
    unpacker = Unpacker()
    for message in messages:
        sent = pack(message)
        while sent:
            size = next(pieces)
            found = unpacker.feed(sent[:size])
            sent = sent[size:]
            assert (found is None) == bool(sent)
        assert pickle.dumps(found) == pickle.dumps(message)
