"""A trace as a tree: its spans without what they hold, each once, parents before children."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

from sqlalchemy import Connection, Row, String, select, type_coerce

from wherefrom.errors import NotFoundError
from wherefrom.traces.listing import MAX_NAME, read_rows, trace_item
from wherefrom.traces.schema import Text, projects, spans, traces
from wherefrom.traces.times import milliseconds

_TEXTS = ("span_id", "parent_id", "name", "model")
_TIMES = ("start_ns", "end_ns", "first_token_ns", "received_ns")
_NUMBERS = ("input_tokens", "output_tokens", "total_tokens", "cost")
_PROVENANCE = ("provenance", "characters", "coverage", "longest_span")
# Texts as they are stored: to look into each for escapes takes as long as to read them.
_COLUMNS = (
    *(type_coerce(spans.c[name], String).label(name) for name in _TEXTS),
    *(spans.c[name] for name in ("key", "kind", "status", *_TIMES, *_NUMBERS, *_PROVENANCE)),
)
_plain = Text().process_result_value


class Place(NamedTuple):
    """Where a span stands in a tree. A tuple: a trace has ten thousand of them.

    Attributes:
        number: which of the given spans it is.
        parent: place of its parent in the tree; None: it is shown as a root.
        orphan: it names a parent that is not there, or that is below it.
        depth: of a root 0.
        descendants: how many of the next places are below it.
    """

    number: int
    parent: int | None
    orphan: bool
    depth: int
    descendants: int


def arrange(ids: Sequence[str], parents: Sequence[str | None]) -> list[Place]:
    """Return spans as a tree, in preorder; siblings keep their order.

    A span whose parent is unknown is a root. Where parents form a circle, its first span is cut off from its parent.

    Args:
        ids: of the spans, in the order that siblings are to have; distinct.
        parents: the id of each one's parent; None or empty: it has none.
    """
    number_of = {span: number for number, span in enumerate(ids)}
    parent_of = [number_of.get(parent) if parent else None for parent in parents]
    for number in _first_of_circles(parent_of):
        parent_of[number] = None
    children: list[list[int]] = [[] for _ in ids]
    roots: list[int] = []
    for number, parent in enumerate(parent_of):
        (roots if parent is None else children[parent]).append(number)
    return _preorder(roots, children, [bool(parent) for parent in parents])


def _first_of_circles(parent_of: Sequence[int | None]) -> list[int]:
    """Follows each span's parents until a root or a span met before; a span of the same walk closes a circle."""
    walk_of = [-1] * len(parent_of)
    found = []
    for start in range(len(parent_of)):
        at: int | None = start
        while at is not None and walk_of[at] < 0:
            walk_of[at] = start
            at = parent_of[at]
        if at is not None and walk_of[at] == start:
            found.append(_least_of_circle(at, parent_of))
    return found


def _least_of_circle(start: int, parent_of: Sequence[int | None]) -> int:
    least, at = start, parent_of[start]
    while at is not None and at != start:
        least = min(least, at)
        at = parent_of[at]
    return least


def _preorder(roots: Sequence[int], children: Sequence[list[int]], names_parent: Sequence[bool]) -> list[Place]:
    order: list[tuple[int, int | None, int]] = []
    waiting: list[tuple[int, int | None, int]] = [(root, None, 0) for root in reversed(roots)]
    while waiting:
        number, parent, depth = waiting.pop()
        place = len(order)
        order.append((number, parent, depth))
        waiting.extend((child, place, depth + 1) for child in reversed(children[number]))
    below = [0] * len(order)
    for place in range(len(order) - 1, -1, -1):
        parent = order[place][1]
        if parent is not None:
            below[parent] += below[place] + 1
    return [
        Place(number, parent, parent is None and names_parent[number], depth, below[place])
        for place, (number, parent, depth) in enumerate(order)
    ]


def find_trace(connection: Connection, trace_id: str, project: str | None) -> Row[Any]:
    """Return the row (as `trace_item` reads it) of a trace, the newest of that id.

    Args:
        trace_id: as clients write it: hex, with or without dashes.
        project: None: of any.

    Raises:
        NotFoundError: there is none.
    """
    asked = select(traces.c.key).where(traces.c.trace_id == plain_id(trace_id))
    if project is not None:
        asked = asked.join(projects).where(projects.c.name == project)
    key = connection.execute(asked.order_by(traces.c.start_ns.desc(), traces.c.key.desc()).limit(1)).scalar()
    rows = [] if key is None else read_rows(connection, [key])
    if not rows:
        raise NotFoundError(f"There is no trace {trace_id[:100]!r}; it may have been deleted, or not have arrived yet.")
    return rows[0]


def plain_id(text: str) -> str:
    """Return an id of OpenTelemetry or a UUID as the store has it."""
    return text.strip().lower().replace("-", "")


def read_tree(connection: Connection, trace_id: str, project: str | None) -> dict[str, Any]:
    """Return a trace with the skeleton of its spans.

    Raises:
        NotFoundError: there is no such trace.
    """
    trace = find_trace(connection, trace_id, project)
    rows = skeleton_rows(connection, trace.key)
    places = arrange([row[0] for row in rows], [row[1] for row in rows])  # names of columns take their time
    return {
        "trace": trace_item(trace),
        "spans": [_skeleton(rows[place.number], place, trace.start_ns) for place in places],
    }


def skeleton_rows(connection: Connection, trace_key: int) -> list[Any]:
    """Return a trace's spans in the order of siblings: by start, those without one by arrival, behind the others."""
    order = (spans.c.start_ns.is_(None), spans.c.start_ns, spans.c.key)
    asked = select(*_COLUMNS).where(spans.c.trace_key == trace_key).order_by(*order)
    rows: Any = connection.execute(asked).all()
    return list(rows)


def _skeleton(row: Row[Any], place: Place, trace_start_ns: int) -> dict[str, Any]:
    values: tuple[Any, ...] = tuple(row)
    span_id, _, name, model, _, kind, status, start_ns, end_ns, first_token_ns, *rest = values
    _, input_tokens, output_tokens, total_tokens, cost, provenance, characters, coverage, longest_span = rest
    return {
        "id": _plain(span_id, None),
        "parent": place.parent,
        "orphan": place.orphan,
        "depth": place.depth,
        "descendants": place.descendants,
        "name": None if name is None else _plain(name, None)[:MAX_NAME],
        "kind": kind,
        "status": status,
        "offset_ms": None if start_ns is None else (start_ns - trace_start_ns) / 1e6,
        "duration_ms": milliseconds(start_ns, end_ns),
        "first_token_ms": None if first_token_ns is None else milliseconds(start_ns, first_token_ns),
        "model": _plain(model, None),
        "input_tokens": input_tokens,
        "output_tokens": output_tokens,
        "total_tokens": total_tokens,
        "cost": cost,
        "provenance": provenance,
        "characters": characters,
        "coverage": coverage,
        "longest_span": longest_span,
    }
