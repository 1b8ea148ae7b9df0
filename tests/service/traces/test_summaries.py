from __future__ import annotations

from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from wherefrom.traces.summaries import SpanFacts, summarise

NOTHING: dict[str, Any] = dict.fromkeys(SpanFacts._fields)


def facts(span_id: str, **known: Any) -> SpanFacts:
    required = {"span_id": span_id, "kind": "chain", "status": "unset", "received_ns": 100, "protocol": "otlp"}
    return SpanFacts(**(NOTHING | required | known))


def test_unknown_usage_stays_unknown() -> None:
    values = summarise([facts("a", kind="llm"), facts("b")]).values
    assert (values["input_tokens"], values["cost"], values["cost_is_partial"]) == (None, None, False)
    assert (values["generations"], values["provenance"], values["model"]) == (1, None, None)


def test_usage_of_agents_is_not_added_to_that_of_their_calls() -> None:
    values = summarise(
        [
            facts("a", kind="agent", input_tokens=30, output_tokens=3, cost=3.0),
            facts("b", parent_id="a", kind="llm", input_tokens=10, output_tokens=1, cost=1.0),
            facts("c", parent_id="a", kind="llm", input_tokens=20, output_tokens=2),
            facts("d", parent_id="b", kind="llm", input_tokens=10, output_tokens=1, cost=1.0),  # seen twice
            facts("e", parent_id="b", kind="embedding", input_tokens=5),
        ]
    ).values
    assert (values["input_tokens"], values["output_tokens"]) == (35, 3)
    assert (values["cost"], values["cost_is_partial"]) == (1.0, True)


def test_a_call_seen_twice_with_its_connection_between_counts_once() -> None:
    call = {"kind": "llm", "input_tokens": 10, "cost": 1.0}
    client, connection = facts("a", **call), facts("b", parent_id="a", kind="other")
    gateway = facts("c", parent_id="b", **call)
    assert summarise([client, connection, gateway]).values["cost"] == 1.0
    tool = facts("b", parent_id="a", kind="tool")
    assert summarise([client, tool, gateway]).values["cost"] == 2.0
    circle = [facts("a", parent_id="b", kind="other"), facts("b", parent_id="a", kind="other"), gateway]
    assert summarise(circle).values["cost"] == 1.0


def test_the_state_of_provenance_is_that_of_the_least_done() -> None:
    done = facts("a", provenance="done", characters=100, coverage=0.5, longest_span=30)
    more = facts("b", provenance="done", characters=300, coverage=0.1, longest_span=40)
    values = summarise([done, more, facts("c", provenance="nothing")]).values
    assert (values["provenance"], values["characters"], values["longest_span"]) == ("done", 400, 40)
    assert abs(values["coverage"] - 0.2) < 1e-12
    assert summarise([done, facts("b", provenance="failed")]).values["provenance"] == "failed"
    assert (
        summarise([done, facts("b", provenance="pending"), facts("c", provenance="failed")]).values["provenance"]
        == "pending"
    )
    assert summarise([facts("b", provenance="nothing")]).values["provenance"] == "nothing"


ids = st.sampled_from("abcdef")
spans = st.lists(
    st.builds(
        facts,
        ids,
        parent_id=st.none() | st.just("") | ids,
        name=st.none() | ids,
        kind=st.sampled_from(["llm", "chain", "embedding"]),
        status=st.sampled_from(["ok", "error", "unset"]),
        start_ns=st.none() | st.integers(0, 9),
        end_ns=st.none() | st.integers(0, 9),
        model=st.none() | ids,
        session_id=st.none() | ids,
        input_tokens=st.none() | st.integers(0, 5),
        cost=st.none() | st.floats(0, 1),
        provenance=st.none() | st.sampled_from(["pending", "done"]),
        characters=st.integers(1, 9),
        coverage=st.none() | st.floats(0, 1),
    ),
    min_size=1,
    unique_by=lambda each: each.span_id,
)


@settings(max_examples=60)
@given(spans, st.randoms(use_true_random=False))
def test_order_does_not_matter(found: list[SpanFacts], chance: Any) -> None:
    shuffled = list(found)
    chance.shuffle(shuffled)
    assert summarise(shuffled) == summarise(found)
    summary = summarise(found)
    assert summary.values["spans"] == len(found)
    assert summary.values["root_span_id"] in {each.span_id for each in found}
