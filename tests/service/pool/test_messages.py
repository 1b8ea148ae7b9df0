"""Messages arrive whole, however the socket cuts them."""

from __future__ import annotations

import pickle

from hypothesis import given
from hypothesis import strategies as st
from pool_jobs import EchoJob

from wherefrom.errors import DeadlineError
from wherefrom.pool.messages import Done, Failed, Prepared, Unpacker, Work, pack
from wherefrom_indexer.errors import IndexDamagedError

MESSAGES = [
    Done(b"x" * 1000),
    Done(b""),
    Failed(IndexDamagedError("It is damaged.")),
    Prepared({3: DeadlineError("late")}),
    Work(EchoJob(b"data"), ((1, b"packed"),)),
]


@given(st.lists(st.sampled_from(MESSAGES), min_size=1, max_size=4), st.data())
def test_messages_are_put_together(messages, data):
    unpacker = Unpacker()
    for message in messages:
        sent = pack(message)
        while sent:
            size = data.draw(st.integers(1, len(sent)))
            found = unpacker.feed(sent[:size])
            sent = sent[size:]
            assert (found is None) == bool(sent)
        assert pickle.dumps(found) == pickle.dumps(message)
