"""Trees of spans, against a recursive one."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from wherefrom.traces.trees import Place, arrange

IDS = [f"s{number}" for number in range(12)]


def naive(ids: list[str], parents: list[str | None]) -> list[Place]:
    """The same, by following parents from every span."""
    parent_of = {span: parent if parent in ids else None for span, parent in zip(ids, parents, strict=True)}
    for span in ids:
        walked = []
        at = span
        while at is not None and at not in walked:
            walked.append(at)
            at = parent_of[at]
        if at == span:  # it is in a circle, and none before it in the list was
            parent_of[span] = None
    found: list[Place] = []

    def enter(span: str, parent: int | None, depth: int) -> int:
        place = len(found)
        number = ids.index(span)
        found.append(Place(number, parent, parent is None and bool(parents[number]), depth, 0))
        below = sum(enter(child, place, depth + 1) for child in ids if parent_of[child] == span)
        found[place] = found[place]._replace(descendants=below)
        return below + 1

    for span in ids:
        if parent_of[span] is None:
            enter(span, None, 0)
    return found


@given(st.data(), st.integers(0, 12))
def test_trees_are_those_of_the_oracle(data: st.DataObject, count: int) -> None:
    ids = IDS[:count]
    parents = data.draw(
        st.lists(st.sampled_from([*ids, None, "", "elsewhere"]), min_size=count, max_size=count), label="parents"
    )
    assert arrange(ids, parents) == naive(ids, parents)


def test_a_circle_is_opened_at_its_first_span_and_keeps_what_hangs_on_it() -> None:
    places = arrange(["leaf", "a", "b"], ["b", "b", "a"])
    assert [(place.number, place.parent, place.orphan) for place in places] == [
        (1, None, True),
        (2, 0, False),
        (0, 1, False),
    ]


def test_a_chain_of_a_hundred_thousand_spans_needs_no_recursion() -> None:
    ids = [str(number) for number in range(100_000)]
    places = arrange(ids, ["", *ids[:-1]])
    assert places[-1].depth == 99_999
    assert places[0].descendants == 99_999
