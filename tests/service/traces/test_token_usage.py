"""Counts of tokens and log-probabilities, as APIs report them."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wherefrom.traces.ingest.log_probabilities import choice_log_probabilities, log_probabilities
from wherefrom.traces.ingest.token_usage import count, joined_usage, token_usage
from wherefrom.traces.model import TokenLogProbability, Usage


@pytest.mark.parametrize(
    ("sent", "usage"),
    [
        (
            {
                "prompt_tokens": 5,
                "completion_tokens": 7,
                "total_tokens": 12,
                "prompt_tokens_details": {"cached_tokens": 2},
                "completion_tokens_details": {"reasoning_tokens": 3},
            },
            Usage(5, 7, 12, 2, None, 3),
        ),
        (
            {"input_tokens": 5, "output_tokens": 7, "cache_read_input_tokens": 0, "cache_creation_input_tokens": 4},
            Usage(5, 7, None, 0, 4, None),
        ),
        (
            {
                "input_tokens": 5,
                "output_tokens": 7,
                "total_tokens": 12,
                "input_token_details": {"cache_read": 1, "cache_creation": 2},
                "output_token_details": {"reasoning": 3},
            },
            Usage(5, 7, 12, 1, 2, 3),
        ),
        (
            {"promptTokenCount": 5, "candidatesTokenCount": 7, "totalTokenCount": 15, "thoughtsTokenCount": 3},
            Usage(5, 7, 15, None, None, 3),
        ),
        ({"prompt_tokens": -1, "completion_tokens": None, "total_tokens": "x"}, None),
        ({}, None),
        ("5", None),
    ],
)
def test_usage(sent, usage):
    assert token_usage(sent) == usage


@pytest.mark.parametrize(
    ("value", "tokens"),
    [
        (0, 0),
        (5, 5),
        (5.0, 5),
        ("5", 5),
        (True, None),
        (-1, None),
        (5.5, None),
        (math.nan, None),
        (math.inf, None),
        ("5.5", None),
        ("\u0665", None),
        (2**60, None),
        (1e300, None),
        ([], None),
        (None, None),
    ],
)
def test_counts(value, tokens):
    assert count(value) == tokens


TOKENS = (TokenLogProbability("a", -0.5, (("a", -0.5), ("b", -1.5))), TokenLogProbability("b", 0.0))
CHAT = {
    "content": [
        {
            "token": "a",
            "logprob": -0.5,
            "top_logprobs": [{"token": "a", "logprob": -0.5}, {"token": "b", "logprob": -1.5}],
        },
        {"token": "b", "logprob": 0, "top_logprobs": []},
        {"token": 5, "logprob": 0},
        {"token": "c", "logprob": None},
        None,
    ]
}
COMPLETION = {
    "tokens": ["x", "a", "b"],
    "token_logprobs": [None, -0.5, 0],
    "top_logprobs": [None, {"a": -0.5, "b": -1.5}],
}


@pytest.mark.parametrize("sent", [CHAT, COMPLETION])
def test_log_probabilities(sent):
    assert log_probabilities(sent) == TOKENS


def test_log_probabilities_of_responses():
    assert (
        choice_log_probabilities({"choices": [{"index": 1, "logprobs": None}, {"index": 0, "logprobs": CHAT}]})
        == TOKENS
    )
    output = [
        {"type": "reasoning"},
        {"type": "message", "content": [{"type": "output_text", "logprobs": CHAT["content"]}]},
    ]
    assert choice_log_probabilities({"output": output}) == TOKENS
    assert choice_log_probabilities({"choices": []}) is None
    assert choice_log_probabilities("x") is None


NAMES = "content tokens token logprob token_logprobs top_logprobs choices logprobs index output"
KEYS = st.sampled_from(NAMES.split())
LEAVES = st.none() | st.booleans() | st.integers() | st.floats() | st.sampled_from(["", "a"])
SHAPES = st.recursive(LEAVES, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=4))


@given(SHAPES)
def test_any_shape_has_some_or_none(value):
    for read in (log_probabilities, choice_log_probabilities, token_usage):
        read(value)


@given(st.lists(st.none() | st.builds(Usage, *[st.none() | st.integers(0, 3)] * len(Usage.__slots__)), max_size=4))
def test_of_several_usages_the_first_that_counts_is_right(found):
    joined = joined_usage(*found)
    counted = [usage for usage in found if usage is not None]
    assert (joined is None) == (not counted)
    for name in Usage.__slots__ if joined else ():
        assert getattr(joined, name) == next((n for usage in counted if (n := getattr(usage, name)) is not None), None)
