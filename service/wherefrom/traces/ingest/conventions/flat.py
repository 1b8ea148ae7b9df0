"""Lists of objects that were flattened into attributes: `llm.input_messages.0.message.role`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from wherefrom.traces.model import Json

_MAX_STEPS = 16  # of one name: no convention nests deeper


@dataclass(frozen=True, slots=True)
class Unflattened:
    """A list, in the order of its numbers, and the attributes that it was made from."""

    items: list[Any]
    used: frozenset[str]


def unflattened(attributes: Mapping[str, Json], prefix: str) -> Unflattened:
    """The list whose items' attributes are named `prefix.0...`, `prefix.1...`; numbers may be missing."""
    start = prefix + "."
    root: dict[str, Any] = {}
    used = []
    for name, value in attributes.items():
        if name.startswith(start):
            steps = name[len(start) :].split(".")
            if len(steps) <= _MAX_STEPS and _is_number(steps[0]) and _put(root, steps, value):
                used.append(name)
    return Unflattened(_in_order(root), frozenset(used))


def _put(node: dict[str, Any], steps: list[str], value: Json) -> bool:
    """Store a value; False where another stands in its way."""
    for step in steps[:-1]:
        node = node.setdefault(step, _Node())
        if not isinstance(node, _Node):
            return False
    if steps[-1] in node:
        return False
    node[steps[-1]] = value
    return True


class _Node(dict[str, Any]):
    """An object made of names, unlike one that is a value."""


def _in_order(node: dict[str, Any]) -> list[Any]:
    return [_value(item) for _, item in sorted(node.items(), key=lambda pair: int(pair[0]))]


def _value(node: Any) -> Any:
    if not isinstance(node, _Node):
        return node
    if all(map(_is_number, node)):
        return _in_order(node)
    return {name: _value(item) for name, item in node.items()}


def _is_number(step: str) -> bool:
    return step.isascii() and step.isdigit() and len(step) < 7
