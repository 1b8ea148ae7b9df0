"""LangSmith's real client against a real server, in each of its modes, by environment variables alone."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import openai_server
import pytest
from running_service import on_a_port
from stored_traces import stored

MODEL = "stand-in-1"
CALLS = Path(openai_server.__file__).with_name("langsmith_client_calls.py")
MODES = {
    "zstd": ("", {}),
    "plain": ("/api/v1", {"LANGSMITH_DISABLE_RUN_COMPRESSION": "true"}),
    "otel": ("", {"LANGSMITH_TRACING_MODE": "otel"}),
    "hybrid": ("/api", {"LANGSMITH_TRACING_MODE": "hybrid"}),
}


@pytest.fixture(scope="module")
def service(tmp_path_factory):
    with on_a_port(tmp_path_factory.mktemp("langsmith"), attach=False) as (address, parts):
        yield address, parts.store


@pytest.fixture(scope="module")
def model():
    with openai_server.running(openai_server.create_app()) as address:
        yield address


@dataclass
class Application:
    """What an application got, and what the service stored of it."""

    mode: str
    returned: dict[str, Any]
    found: dict[str, Any]

    @property
    def is_run(self) -> bool:
        return self.mode != "otel"

    def named(self, name: str) -> list[dict[str, Any]]:
        """The spans of a name, with their payloads and aliases."""
        return [
            row
            | self.found["payloads"][key]
            | {"aliases": [alias for of, alias in self.found["aliases"] if of == key], "key": key}
            for key, row in self.found["spans"].items()
            if key[0] == self.mode and row["name"] == name
        ]

    def one(self, name: str) -> dict[str, Any]:
        (found,) = self.named(name)
        return found

    def within(self, name: str, child: str = "ChatOpenAI") -> list[dict[str, Any]]:
        """The spans of a name under the one of another, by their starts."""
        parent = self.one(name)["key"]
        children = [row for row in self.named(child) if (*row["key"][:2], row["parent_id"]) == parent]
        return sorted(children, key=lambda row: row["start_ns"])


@pytest.fixture(scope="module")
def run(service, model):
    """Runs the application in a mode, once."""
    address, store = service

    @cache
    def running(mode: str) -> Application:
        prefix, variables = MODES[mode]
        kept = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
        given = {
            "LANGSMITH_TRACING": "true",
            "LANGSMITH_ENDPOINT": address + prefix,
            "LANGSMITH_API_KEY": "any",
            "LANGSMITH_PROJECT": mode,
            "OPENAI_BASE_URL": f"{model}/v1",
            "OPENAI_API_KEY": "any",
        }
        done = subprocess.run(
            [sys.executable, str(CALLS), mode],
            env=kept | given | variables,
            capture_output=True,
            text=True,
            timeout=120,
            cwd=Path(__file__).parent,
        )
        assert done.returncode == 0, done.stderr
        assert done.stderr == ""
        return Application(mode, json.loads(done.stdout), store.read(stored))

    return running


@pytest.fixture(params=MODES)
def application(request, run):
    return run(request.param)


def in_modes(*modes: str) -> pytest.MarkDecorator:
    return pytest.mark.parametrize("application", modes, indirect=True)


def texts(messages):
    return [(message["role"], [part.get("text") for part in message["parts"]]) for message in messages]


def test_every_run_is_there_once(application):
    names = [row["name"] for key, row in application.found["spans"].items() if key[0] == application.mode]
    expected = ["chat", "retrieve", "stream", "asynchronous", "tools", "refused", "failing", "spoken"]
    expected += ["ChatOpenAI"] * 6
    if application.mode in ("zstd", "plain"):
        expected += ["with_file", "scored"]
    if application.mode == "zstd":
        expected += ["single", "ChatOpenAI"]
    assert sorted(names) == sorted(expected)
    traces = [row for key, row in application.found["traces"].items() if key[0] == application.mode]
    assert sorted(row["name"] for row in traces) == sorted(set(expected) - {"retrieve", "ChatOpenAI"})
    assert {row["protocol"] for row in traces} == {"langsmith" if application.is_run else "otlp"}


def test_a_retrieval_and_a_generation(application):
    returned = application.returned["chat"]
    (span,) = application.within("chat")
    said = [choice["message"]["content"] for choice in returned["choices"]]
    assert texts(span["input_messages"]) == [("system", ["Be brief."]), ("user", ["Where?"])]
    assert texts(span["output_messages"]) == [("assistant", [text]) for text in said]
    assert (span["kind"], span["status"], span["model"], span["provider"]) == ("llm", "ok", MODEL, "openai")
    usage = returned["usage"]
    assert (span["input_tokens"], span["output_tokens"]) == (usage["prompt_tokens"], usage["completion_tokens"])
    assert span["finish_reasons"] == ["stop", "stop"]
    assert span["session_id"] == "visit"
    assert returned["id"] in span["aliases"]
    assert "".join(token["token"] for token in span["log_probabilities"]) == said[0]
    assert 0 < span["start_ns"] < span["end_ns"]
    (found,) = application.within("chat", "retrieve")
    assert (found["kind"], found["input"]) == ("retriever", {"question": "Where?"})
    assert found["output"]["output"][0]["page_content"] == "Everywhere."
    root = application.one("chat")
    assert (root["kind"], root["status"], root["parent_id"]) == ("chain", "ok", "")
    assert root["input"] == {"question": "Where?"}
    places = {part for of, part in application.found["parts"] if of == span["key"]}
    assert places == {"/0/parts/0/text", "/1/parts/0/text"}


def test_a_stream_is_one_text_and_tells_when_it_began(application):
    (span,) = application.within("stream")
    assert texts(span["output_messages"]) == [("assistant", [application.returned["stream"]])]
    assert span["output_tokens"] > 0
    if application.is_run:
        assert span["start_ns"] < span["first_token_ns"] <= span["end_ns"]
    assert application.one("stream")["tags"] == ["a", "b"]


def test_asynchronous_calls(application):
    spans = application.within("asynchronous")
    assert len(spans) == 2
    said = [text for span in spans for _, parts in texts(span["output_messages"]) for text in parts]
    assert "".join(said) == application.returned["asynchronous"]


def test_calls_of_tools(application):
    (span,) = application.within("tools")
    (message,) = span["output_messages"]
    (part,) = message["parts"]
    assert (part["type"], part["name"]) == ("tool_call", "look")
    assert part["arguments"] == json.loads(application.returned["tools"])
    assert message["finish_reason"] == "tool_calls"


def test_errors(application):
    (span,) = application.within("refused")
    assert span["status"] == "error"
    assert "InternalServerError" in span["status_message"]
    assert application.one("refused")["status"] == "ok"
    failing = application.one("failing")
    assert failing["status"] == "error"
    assert "of its own" in failing["status_message"]


def test_a_generator_of_ones_own(application):
    span = application.one("spoken")
    assert span["kind"] == "llm"
    said = [text for _, parts in texts(span["output_messages"]) for text in parts]
    assert "".join(said) == "We the people"


@in_modes("zstd", "plain")  # OpenTelemetry carries none
def test_files_and_scores(application):
    files = {key[1]: data for key, data in application.found["attachments"].items() if key[0][0] == application.mode}
    assert files == {"note": b"hi" * 600_000}
    scores = [row for key, row in application.found["scores"].items() if key[0] == application.mode]
    (score,) = [row for row in scores if row["name"] == "batched"]
    assert score["text"] == "fine"
    assert score["span"] == application.one("scored")["key"]
    assert application.returned["scored"] in application.one("scored")["aliases"]


@in_modes("zstd")
def test_runs_without_batches(application):
    span = application.one("single")
    assert (span["input"], span["output"], span["status"]) == ({"a": 1}, {"b": 2}, "ok")
    assert len(application.within("single")) == 1
    (score,) = [row for row in application.found["scores"].values() if row["name"] == "single"]
    assert (score["value"], score["comment"], score["span"]) == (0.5, "sent by itself", span["key"])


@in_modes("zstd")
def test_projects_are_looked_up(application):
    assert application.returned["looked_up"] == {"same": True, "has": True}
    assert [row["name"] for key, row in application.found["spans"].items() if key[0] == "made"] == ["by id"]
