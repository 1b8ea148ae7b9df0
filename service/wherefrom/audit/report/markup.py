"""HTML and SVG put together from parts, so that no string of a corpus or a model is ever taken for markup."""

from __future__ import annotations

import html
import re
from collections.abc import Iterable

from wherefrom.highlight import visible

# Characters that no XML file may hold, and that `visible` lets stand.
_NOT_XML = re.compile("[\ufffe\uffff]")


class Markup(str):
    """Text that is markup already. Only `element` and `joined` should make it, and constants."""

    __slots__ = ()


def escaped(text: str) -> Markup:
    """Returns `text` as it may stand between tags or in an attribute: characters that act on a screen written out."""
    return Markup(html.escape(_NOT_XML.sub("\ufffd", visible(text)), quote=True))


def element(tag: str, *children: str | Markup, **attributes: str | float | None) -> Markup:
    """Returns an element. A child that is no `Markup` is text.

    Args:
        tag: its name.
        *children: what stands in it, in order.
        **attributes: those that are None are left out; `_` is read as `-`, and one at the end is dropped (`class_`).
    """
    written = "".join(
        f' {name.rstrip("_").replace("_", "-")}="{escaped(_number(value) if isinstance(value, float) else str(value))}"'
        for name, value in attributes.items()
        if value is not None
    )
    return Markup(f"<{tag}{written}>{joined(children)}</{tag}>")


def joined(children: Iterable[str | Markup]) -> Markup:
    """Returns parts one after the other. A part that is no `Markup` is text."""
    return Markup("".join(child if isinstance(child, Markup) else escaped(child) for child in children))


def _number(value: float) -> str:
    """A coordinate, to a hundredth: the same on every machine."""
    return f"{value:.2f}".rstrip("0").rstrip(".") if value else "0"
