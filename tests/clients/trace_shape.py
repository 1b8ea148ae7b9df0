"""The shape that the application's trace has, whatever traced it; each aspect by a name that a system may lack."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

import openai_server
from clients.systems import QUESTION, SESSION

MODEL = "gpt-4o-mini"
SYSTEM_MESSAGE = "Answer in the words of the sources."
DOCUMENT = "1829-Jackson-1"
INDEX = "demo"
PATIENCE = 30.0

Get = Callable[[str], Any]
"""What the service answers to a path, in JSON; None if nothing is there."""


@dataclass(frozen=True, slots=True)
class Trace:
    """A trace as the service shows it.

    Attributes:
        listed: as in the list of traces.
        spans: of its tree, in its order.
        root, retriever, generation: with inputs and outputs; empty where it has no such span.
        provenance: of its generation.
        answer: what the application printed.
    """

    listed: dict[str, Any]
    spans: list[dict[str, Any]]
    root: dict[str, Any]
    retriever: dict[str, Any]
    generation: dict[str, Any]
    provenance: dict[str, Any]
    answer: str


def lacking(get: Get, project: str, answer: str) -> set[str]:
    """The names of the aspects that the only trace of a project lacks, once it has its provenance."""
    listed = _traced(get, project)
    spans = get(f"/v1/traces/{listed['id']}")["spans"]

    def detailed(which: Callable[[dict[str, Any]], bool]) -> dict[str, Any]:
        found = [span for span in spans if which(span)]
        return dict(get(f"/v1/spans/{found[0]['id']}")) if found else {}

    trace = Trace(
        listed,
        spans,
        detailed(lambda span: span["depth"] == 0),
        detailed(lambda span: span["name"].startswith("retrieve")),
        detailed(lambda span: span["kind"] == "llm"),
        dict(get(f"/v1/generations/{listed['id']}/provenance")),
        answer,
    )
    return {name for name, holds in ASPECTS.items() if not holds(trace)}


def _traced(get: Get, project: str) -> dict[str, Any]:
    deadline = time.monotonic() + PATIENCE
    page: Any = None
    while time.monotonic() < deadline:
        page = get("/v1/traces?" + urlencode({"project": project}))
        if page and page["items"] and page["items"][0]["provenance"] not in (None, "pending"):
            assert page["next"] is None
            [trace] = page["items"]
            return dict(trace)
        time.sleep(0.05)
    raise AssertionError(f"no trace with provenance in {project}: {page}")


def _tree(trace: Trace) -> bool:
    return [(span["depth"], span["status"]) for span in trace.spans] == [(0, "ok"), (1, "ok"), (1, "ok")]


def _names(trace: Trace) -> bool:
    return trace.listed["name"] == trace.root["name"] == "answer" and trace.retriever.get("name") == "retrieve"


def _times(trace: Trace) -> bool:
    first, *steps = trace.spans
    ends = [0, *(step["offset_ms"] + step["duration_ms"] for step in steps)]
    return (
        all(span["duration_ms"] > 0 for span in trace.spans)
        and all(end <= step["offset_ms"] for end, step in zip(ends, steps, strict=False))
        and ends[-1] <= first["duration_ms"]
    )


def _application(trace: Trace) -> bool:
    return QUESTION in str(trace.root.get("input")) and trace.answer in str(trace.root.get("output"))


def _retrieved(trace: Trace) -> bool:
    return QUESTION in str(trace.retriever.get("input")) and f"{DOCUMENT}#" in str(trace.retriever.get("output"))


def _prompt(trace: Trace) -> bool:
    said = _texts(trace.generation["input_messages"])
    return (
        [role for role, _ in said] == ["system", "user"]
        and said[0][1] == SYSTEM_MESSAGE
        and said[1][1].endswith(QUESTION)
    )


def _output(trace: Trace) -> bool:
    return _texts(trace.generation["output_messages"]) == [("assistant", trace.answer)]


def _usage(trace: Trace) -> bool:
    said = "".join(text for _, text in _texts(trace.generation["input_messages"]))
    return (trace.generation["input_tokens"], trace.generation["output_tokens"]) == (
        len(openai_server.tokens(said)),
        len(openai_server.tokens(trace.answer)),
    )


def _provenance(trace: Trace) -> bool:
    [part] = trace.provenance["parts"]
    return (
        trace.listed["generations"] == 1
        and trace.listed["provenance"] == "done"
        and trace.provenance["coverage"] == trace.listed["coverage"] > 0.9
        and part["text"] == trace.answer
        and list(part["indexes"]) == [INDEX]
        and DOCUMENT in [document["id"] for document in part["provenance"]["documents"]]
    )


def _texts(messages: list[dict[str, Any]] | None) -> list[tuple[str, str]]:
    return [
        (message["role"], "".join(part.get("text") or "" for part in message["parts"])) for message in messages or ()
    ]


ASPECTS: dict[str, Callable[[Trace], bool]] = {
    "tree": _tree,
    "kinds": lambda trace: [span["kind"] for span in trace.spans] == ["chain", "retriever", "llm"],
    "names": _names,
    "times": _times,
    "application": _application,
    "retrieved": _retrieved,
    "prompt": _prompt,
    "output": _output,
    "usage": _usage,
    "model": lambda trace: trace.listed["model"] == trace.generation["model"] == MODEL,
    "provider": lambda trace: trace.generation["provider"] == "openai",
    "cost": lambda trace: (trace.generation["cost"] or 0) > 0,
    "finish reason": lambda trace: trace.generation["finish_reasons"] == ["stop"],
    "session": lambda trace: trace.listed["session"] == SESSION,
    "provenance": _provenance,
}
"""`application`: what it was asked and answered, on the root; `prompt` and `output`: the messages of the generation."""
