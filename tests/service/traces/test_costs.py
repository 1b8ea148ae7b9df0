from __future__ import annotations

from datetime import UTC, datetime

import pytest
from genai_prices import Usage, calc_price
from hypothesis import given, settings
from hypothesis import strategies as st

from wherefrom.traces import costs
from wherefrom.traces.costs import cost_of

TIME_NS = 1_780_000_000 * 10**9
MODELS = (
    ("gpt-4o-mini", "openai"),
    ("gpt-4o", None),
    ("claude-sonnet-4-5", "anthropic"),  # dearer beyond 200,000 tokens
    ("gemini-1.5-pro", "google"),
    ("deepseek-chat", "deepseek"),
    ("text-embedding-3-small", "openai"),
    ("gpt-4o", "azure.ai.openai"),
)
counts = st.integers(0, 500_000)


@settings(max_examples=60)
@given(st.sampled_from(MODELS), counts, counts, st.integers(0, 1000), st.integers(0, 1000))
def test_costs_are_those_of_the_table(
    model: tuple[str, str | None], input_tokens: int, output_tokens: int, read: int, written: int
) -> None:
    found = cost_of(
        *model,
        input_tokens=input_tokens + read + written,
        output_tokens=output_tokens,
        cache_read_tokens=read,
        cache_write_tokens=written,
        time_ns=TIME_NS,
    )
    usage = Usage(
        input_tokens=input_tokens + read + written,
        output_tokens=output_tokens,
        cache_read_tokens=read,
        cache_write_tokens=written,
    )
    time = datetime.fromtimestamp(TIME_NS // 10**9, UTC)
    expected = calc_price(usage, model[0], provider_id=model[1], genai_request_timestamp=time).total_price
    assert found == pytest.approx(float(expected), rel=1e-9, abs=1e-15)


@pytest.mark.parametrize(
    ("model", "provider", "input_tokens", "output_tokens"),
    [
        (None, "openai", 1, 1),
        ("", "openai", 1, 1),
        ("pythia-1b", None, 1, 1),
        ("gpt-4o", "my-own-machine", 1, 1),  # whoever it is may ask any price
        ("llama-3.1-8b", None, 1, 1),
        ("gpt-4o", "openai", None, 1),
        ("gpt-4o", "openai", 1, None),
        ("gpt-4o", "openai", 10**15, 1),
        ("x" * 100_000, "openai", 1, 1),
        ("gpt-4o", "x" * 100_000, 1, 1),
    ],
)
def test_unknown_stays_unknown(
    model: str | None, provider: str | None, input_tokens: int | None, output_tokens: int | None
) -> None:
    found = cost_of(model, provider, input_tokens=input_tokens, output_tokens=output_tokens, time_ns=TIME_NS)
    assert found is None


def test_embeddings_have_no_output() -> None:
    model = ("text-embedding-3-small", "openai")
    cost = cost_of(*model, input_tokens=1_000_000, output_tokens=None, needs_output=False, time_ns=TIME_NS)
    assert cost == pytest.approx(0.02)


@pytest.mark.parametrize("time_ns", [-1, 0, 2**63 - 1])
def test_any_time(time_ns: int) -> None:
    cost = cost_of("gpt-4o", "openai", input_tokens=1, output_tokens=1, time_ns=time_ns)
    assert cost is None or cost > 0


def test_more_from_a_cache_than_was_read_is_unknown() -> None:
    usage = {"input_tokens": 1, "output_tokens": 1, "cache_read_tokens": 2, "time_ns": TIME_NS}
    assert cost_of("gpt-4o", "openai", **usage) is None


def test_names_that_strangers_choose_are_forgotten(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(costs, "_MAX_LOOKUPS", 10)
    for number in range(100):
        assert cost_of(f"stranger-{number}", None, input_tokens=1, output_tokens=1, time_ns=TIME_NS) is None
    ((table, lookups),) = costs._tables
    assert lookups <= 11
    assert len(table._provider_misses) <= 11
