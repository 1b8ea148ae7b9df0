"""Text cut where spans begin and end, and text made safe to show: what the terminal and the HTML renderers share."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from wherefrom.provenance import Snippet

# Control characters (an escape sequence can rewrite a terminal), explicit bidirectional embeddings, overrides and
# isolates (they show text in another order than it stands), and lone surrogates (no encoding carries them).
_HIDDEN = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff]")
_CARRIAGE_RETURN = re.compile("\r(?=\n)")


@dataclass(frozen=True, slots=True)
class Piece:
    """A run of text that the same spans cover.

    Attributes:
        text: the run itself.
        spans: numbers of the spans that cover it, by start; empty between spans.
        ending: numbers of those that end where it ends.
    """

    text: str
    spans: tuple[int, ...]
    ending: tuple[int, ...]


def cut(text: str, ranges: Sequence[tuple[int, int]]) -> list[Piece]:
    """Returns `text` in pieces, cut wherever one of `ranges` (half-open, in code points, by start) begins or ends.

    Ranges may overlap, touch and be empty; what lies outside the text is ignored. The pieces' texts joined are `text`.
    """
    begins: defaultdict[int, list[int]] = defaultdict(list)
    ends: defaultdict[int, list[int]] = defaultdict(list)
    for number, (start, end) in enumerate(ranges):
        start, end = max(start, 0), min(end, len(text))
        if start < end:
            begins[start].append(number)
            ends[end].append(number)
    result: list[Piece] = []
    covering: dict[int, None] = {}  # an ordered set
    here = 0
    for there in sorted({*begins, *ends, len(text)}):
        if there > here:
            result.append(Piece(text[here:there], tuple(covering), tuple(ends[there])))
        for number in ends[there]:
            del covering[number]
        covering.update(dict.fromkeys(begins[there]))
        here = there
    return result


def gathered(snippets: Sequence[Snippet]) -> list[tuple[Snippet, tuple[int, ...]]]:
    """Returns snippets with the numbers of all spans that stand in the same place, so that each place is shown once."""
    places: dict[tuple[int, int], tuple[Snippet, list[int]]] = {}
    for snippet in snippets:
        place = (snippet.start + snippet.highlight[0], snippet.start + snippet.highlight[1])
        places.setdefault(place, (snippet, []))[1].append(snippet.span)
    return [(snippet, tuple(numbers)) for snippet, numbers in places.values()]


def visible(text: str) -> str:
    r"""Returns `text` with every character that could act on a screen written out, as `\x1b` or `\u202e`.

    Tabs and newlines stay; a carriage return before a newline is dropped.
    """
    return _HIDDEN.sub(_escaped, _CARRIAGE_RETURN.sub("", text))


def one_line(text: str, limit: int) -> str:
    """Returns `text` made visible on one line: white space folded, the middle left out beyond `limit` characters."""
    line = " ".join(visible(text).split())
    if len(line) <= limit:
        return line
    head = (limit - 3) * 2 // 3
    return f"{line[:head].rstrip()} … {line[len(line) - (limit - 3 - head) :].lstrip()}"


def plural(number: int, noun: str, nouns: str = "") -> str:
    """Returns `1 document`, `2 documents`, `1,000 documents`; `nouns` where an s does not do."""
    return f"{number:,} {noun if number == 1 else nouns or noun + 's'}"


def _escaped(match: re.Match[str]) -> str:
    code = ord(match[0])
    return f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}"
