"""What the interface is measured with: a small index, a long output full of its passages, a trace of many steps."""

from __future__ import annotations

import random
from collections.abc import Iterator
from typing import Any

START_NS = 1_795_000_000_000_000_000
PROJECT = "measured"
LONG, SHORT = "a1" * 8, "a2" * 8
TREE = "a3" * 16
PASSAGES = 2_000
PASSAGE_CHARACTERS = 40
LETTERS = "abcdefghijklmnoprstuvw"


def passages() -> list[str]:
    """Made-up sentences, so that each stands in one document only."""
    drawn = random.Random(7)
    return [_words(drawn, PASSAGE_CHARACTERS) for _ in range(PASSAGES)]


def documents(sentences: list[str]) -> Iterator[dict[str, Any]]:
    for number, sentence in enumerate(sentences):
        before, after = (_words(random.Random(number * 2 + side), 200) for side in (0, 1))
        text = f"{before}. {sentence}. {after}."
        yield {"id": f"document-{number}", "text": text, "title": f"Document {number}", "date": "2020-01-01"}


def output(sentences: list[str], characters: int) -> str:
    """Each sentence once, with words that stand nowhere between them, in paragraphs."""
    drawn = random.Random(11)
    filler = characters // len(sentences) - PASSAGE_CHARACTERS - 4
    parts = []
    for number, sentence in enumerate(sentences):
        between = _words(drawn, filler).upper()
        parts.append(f"{sentence}. {between}.{chr(10) * 2 if number % 8 == 7 else ' '}")
    return "".join(parts)


def generation(trace: str, span: str, name: str, text: str) -> dict[str, Any]:
    """The body of a request to /v1/traces, with one output."""
    return _request([_span(trace, span, None, 0, 2_000, name, text)])


def tree(spans: int, batch: int = 1_000) -> Iterator[dict[str, Any]]:
    """Bodies of requests: a trace of agents that call tools, three deep."""
    made = []
    for number in range(spans):
        parent = None if number == 0 else 0 if number % 10 == 1 else number - (number - 1) % 10
        text = f"Answer {number} of the model." if number % 10 == 2 else None
        made.append(_span(TREE, f"{number + 1:016x}", parent if parent is None else f"{parent + 1:016x}", number,
                          number + (spans - number if number == 0 else 5), f"step {number}", text))  # fmt: skip
    for begin in range(0, spans, batch):
        yield _request(made[begin : begin + batch])


def _words(drawn: random.Random, characters: int) -> str:
    words, length = [], 0
    while length < characters:
        words.append("".join(drawn.choices(LETTERS, k=drawn.randint(3, 9))))
        length += len(words[-1]) + 1
    return " ".join(words)[:characters].strip()


def _span(
    trace: str, span: str, parent: str | None, start_ms: int, end_ms: int, name: str, text: str | None
) -> dict[str, Any]:
    sent: dict[str, Any] = {
        "traceId": trace,
        "spanId": span,
        "name": name,
        "kind": 1,
        "startTimeUnixNano": str(START_NS + start_ms * 1_000_000),
        "endTimeUnixNano": str(START_NS + end_ms * 1_000_000),
        "attributes": [],
    }
    if parent:
        sent["parentSpanId"] = parent
    if text is not None:
        sent["attributes"] = [
            _attribute("gen_ai.operation.name", {"stringValue": "chat"}),
            _attribute("gen_ai.request.model", {"stringValue": "measured-model"}),
            _attribute("gen_ai.input.messages", _messages("user", "Write on.")),
            _attribute("gen_ai.output.messages", _messages("assistant", text)),
        ]
    return sent


def _messages(role: str, text: str) -> dict[str, Any]:
    part = {"kvlistValue": {"values": [_attribute("type", {"stringValue": "text"}),
                                       _attribute("content", {"stringValue": text})]}}  # fmt: skip
    values = [_attribute("role", {"stringValue": role}), _attribute("parts", {"arrayValue": {"values": [part]}})]
    return {"arrayValue": {"values": [{"kvlistValue": {"values": values}}]}}


def _attribute(key: str, value: dict[str, Any]) -> dict[str, Any]:
    return {"key": key, "value": value}


def _request(spans: list[dict[str, Any]]) -> dict[str, Any]:
    resource = {"attributes": [_attribute("openinference.project.name", {"stringValue": PROJECT})]}
    return {"resourceSpans": [{"resource": resource, "scopeSpans": [{"scope": {"name": "benchmark"}, "spans": spans}]}]}
