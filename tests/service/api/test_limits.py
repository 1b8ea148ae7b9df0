"""Bodies: what encodings stand for, and what is refused."""

from __future__ import annotations

import gzip
import tracemalloc
import zlib
from contextlib import suppress

import pytest
import zstandard
from hypothesis import given
from hypothesis import strategies as st

from wherefrom.api.limits import ENCODINGS, decoded_body
from wherefrom.errors import LimitError, MalformedError


def raw_deflate(data: bytes) -> bytes:
    compressor = zlib.compressobj(wbits=-zlib.MAX_WBITS)
    return compressor.compress(data) + compressor.flush()


def streamed_zstd(data: bytes) -> bytes:
    """Without the size in the header, as clients write that stream."""
    compressor = zstandard.ZstdCompressor().compressobj()
    return compressor.compress(data) + compressor.flush()


ENCODERS = [
    ("gzip", gzip.compress),
    ("deflate", zlib.compress),
    ("deflate", raw_deflate),
    ("zstd", zstandard.ZstdCompressor().compress),
    ("zstd", streamed_zstd),
]
LIMIT = 1 << 20


@pytest.mark.parametrize(("encoding", "encode"), ENCODERS)
@given(data=st.binary(max_size=5_000), times=st.integers(1, 50))
def test_what_was_encoded_comes_back(encoding, encode, data, times):
    assert decoded_body(encode(data * times), encoding, LIMIT) == data * times


@pytest.mark.parametrize(("encoding", "encode"), [ENCODERS[0], ENCODERS[3], ENCODERS[4]])
@given(pieces=st.lists(st.binary(max_size=200), min_size=1, max_size=5))
def test_members_that_follow_each_other_are_one_body(encoding, encode, pieces):
    assert decoded_body(b"".join(map(encode, pieces)), encoding, LIMIT) == b"".join(pieces)


@pytest.mark.parametrize(("encoding", "encode"), ENCODERS)
@given(data=st.binary(min_size=1, max_size=3_000), share=st.floats(0.01, 0.99))
def test_a_truncated_body_is_refused(encoding, encode, data, share):
    encoded = encode(data)
    cut = encoded[: max(1, int(len(encoded) * share))]
    with pytest.raises(MalformedError):
        decoded_body(cut, encoding, LIMIT)


@pytest.mark.parametrize("encoding", ENCODINGS)
@given(data=st.binary(max_size=300))
def test_any_bytes_are_decoded_or_refused(encoding, data):
    with suppress(MalformedError, LimitError):
        decoded_body(data, encoding, LIMIT)


@pytest.mark.parametrize(("encoding", "encode"), ENCODERS)
def test_a_bomb_is_refused_before_it_fills_the_memory(encoding, encode):
    bomb = encode(bytes(64 << 20))
    tracemalloc.start()
    try:
        with pytest.raises(LimitError, match="max_decoded_bytes"):
            decoded_body(bomb, encoding, LIMIT)
        assert tracemalloc.get_traced_memory()[1] < 40 << 20
    finally:
        tracemalloc.stop()


@pytest.mark.parametrize(("encoding", "encode"), ENCODERS)
def test_output_that_ends_at_a_bound_of_a_piece(encoding, encode):
    for size in range((1 << 20) - 2, (1 << 20) + 2):
        data = b"a" * size
        assert decoded_body(encode(data), encoding, 2 * LIMIT) == data
