"""Traces for pictures of the web interface: the demo's real outputs, sent over a month that does not move."""

from __future__ import annotations

import hashlib
import random
from collections.abc import Iterator, Sequence
from typing import Any

import httpx
from interface_traces import SECOND, SentSpan, generation, messages, request, wait_until_traced

PROJECT = "speeches"
DAY = 86_400
FIRST = 20_775 * DAY
"""18 November 2026."""
NOW = FIRST + 29 * DAY + 17 * 3_600
READ, CONTROL, ANSWERED = "gpt-seen-4-2", "control-1", "smollm2-3"
"""Outputs that are shown by themselves, and within a trace."""
QUESTION = "What did the president say about new colonies in the Americas?"
TRACE, ANSWER = "5eed" + "0" * 28, "5eed000000000004"
FOUND = (
    ("1823-Monroe-1", 0.91, "The American continents, by the free and independent condition which they have assumed"),
    ("1824-Monroe-1", 0.74, "With respect to the contest to which our neighbors are a party, it is evident"),
)


def span_id(name: str) -> str:
    return hashlib.sha256(name.encode()).hexdigest()[:16]


def send_all(client: httpx.Client, records: Sequence[dict[str, Any]]) -> None:
    """Sends them, and waits until they are traced."""
    by_id = {record["id"]: record for record in records}
    bodies = [*_month(records), _agent(by_id[ANSWERED])]
    whole = {"resourceSpans": [each for body in bodies for each in body["resourceSpans"]]}
    client.post("/v1/traces", json=whole).raise_for_status()
    wait_until_traced(client, PROJECT)


def _month(records: Sequence[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    """Every output once, and then whichever, on most days."""
    chance = random.Random(20)
    days = [day for day in range(30) if day not in (10, 11, 12)]
    for number in range(140):
        record = records[number] if number < len(records) else chance.choice(records)
        name = record["id"] if number < len(records) else f"{record['id']} again {number}"
        day = days[-1 - int(len(days) * chance.random() ** 1.5)]
        took = chance.lognormvariate(6.8, 0.5)
        usage = {
            "gen_ai.usage.input_tokens": 40 + len(record["prompt"]) // 4,
            "gen_ai.usage.output_tokens": len(record["text"]) // 4,
            "gen_ai.server.time_to_first_token": round(took / 5_000, 3),
            "session.id": f"conversation {day}-{number % 3}",
        }
        span = generation(
            span_id(name),
            record["text"],
            record["prompt"] or None,
            model=record["model"],
            name=record["id"],
            end_ms=took,
            attributes=usage,
            error="The model was overloaded." if chance.random() < 0.04 else None,
        )
        start = FIRST + day * DAY + chance.randrange(8 * 3_600, 17 * 3_600)
        trace = hashlib.sha256(name.encode()).hexdigest()[:32]
        yield request(trace, [span], project=PROJECT, start_ns=start * SECOND)


def _agent(record: dict[str, Any]) -> dict[str, Any]:
    """An application that looks something up, fails once, and answers."""
    session = {"session.id": "Monroe"}
    found = {
        f"retrieval.documents.{number}.document.{name}": value
        for number, (document, score, content) in enumerate(FOUND)
        for name, value in (("id", document), ("score", score), ("content", content))
    }
    usage = {
        "gen_ai.usage.input_tokens": 612,
        "gen_ai.usage.output_tokens": 188,
        "gen_ai.server.time_to_first_token": 0.31,
    }
    root, lookup, embedding, call, tool = (f"5eed{number:012x}" for number in (1, 2, 3, 5, 6))
    asked = {"input.value": QUESTION, "output.value": record["text"]}
    spans = [
        SentSpan(
            root, "answer a question", end_ms=2_930, attributes={"openinference.span.kind": "CHAIN", **asked, **session}
        ),
        SentSpan(
            lookup,
            "find paragraphs",
            root,
            20,
            640,
            {"openinference.span.kind": "RETRIEVER", "input.value": QUESTION, **found},
        ),
        SentSpan(
            embedding,
            "embed the question",
            lookup,
            30,
            210,
            {"openinference.span.kind": "EMBEDDING", "embedding.model_name": "all-MiniLM-L6-v2"},
        ),
        generation(
            call,
            "",
            QUESTION,
            model=record["model"],
            name="ask the model",
            parent=root,
            start_ms=660,
            end_ms=1_020,
            error="The model was overloaded; asked again.",
        ),
        SentSpan(
            tool,
            "look up the year",
            root,
            1_030,
            1_100,
            {
                "openinference.span.kind": "TOOL",
                "tool.name": "year_of",
                "input.value": '{"document": "1823-Monroe-1"}',
                "input.mime_type": "application/json",
                "output.value": "1823",
            },
        ),
        generation(
            ANSWER,
            record["text"],
            record["prompt"],
            model=record["model"],
            name="ask the model",
            parent=root,
            start_ms=1_120,
            end_ms=2_900,
            attributes=usage,
        ),
    ]
    spans[-1].attributes["gen_ai.input.messages"] = [
        *messages("system", "Answer from the paragraphs that were found, in the words of their authors."),
        *messages("user", f"{QUESTION}\n\n{record['prompt']}"),
    ]
    return request(TRACE, spans, project=PROJECT, start_ns=(NOW - 3_600) * SECOND)
