"""The application of docs/examples through real clients: whatever traces it, its trace has one shape, and sources.

Each runs as its user would: a process of its own, with the variables that the README names and no others.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.error import HTTPError
from urllib.parse import urlencode

import openai_server
import pytest
from served import Service

ROOT = Path(__file__).parents[2]
EXAMPLES = ROOT / "docs" / "examples"
README = (ROOT / "README.md").read_text(encoding="utf-8")
SECTION = README.partition("\n## Traces of your application\n")[2].partition("\n## ")[0]
ADDRESS = "http://127.0.0.1:8484"
PROJECT = "retrieval"
CLIENTS = {
    "langsmith": ("retrieval.py", "LANGSMITH_"),
    "opentelemetry": ("retrieval_opentelemetry.py", "OTEL_"),
    "openinference": ("retrieval_openinference.py", "OTEL_"),
}
PATIENCE = 60.0
QUESTION = "Why should the tariff be kept out of the party conflicts of the day?"
DOCUMENT = "1829-Jackson-1"


@pytest.fixture(scope="module")
def model() -> Iterator[str]:
    """The address of a stand-in for an OpenAI-compatible server that answers with the demo's generations."""
    answers = openai_server.read_answers(ROOT / "data" / "generations.jsonl")
    with openai_server.running(openai_server.create_app(answers)) as address:
        yield address


def variables(prefix: str) -> dict[str, str]:
    """What the README's section exports."""
    return {
        name: value for name, value in re.findall(r"^    export (\w+)=(.*)$", SECTION, re.MULTILINE) if prefix in name
    }


def run(client: str, service: Service, model: str) -> str:
    """Runs the application, traced into the project of the client's name; returns what it prints."""
    script, prefix = CLIENTS[client]
    exported = {
        name: value.replace(ADDRESS, service.address).replace(PROJECT, client)
        for name, value in variables(prefix).items()
    }
    kept = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
    environment = kept | exported | {"OPENAI_BASE_URL": f"{model}/v1", "OPENAI_API_KEY": "any"}
    command = [sys.executable, str(EXAMPLES / script), QUESTION]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=PATIENCE, check=False)
    assert done.returncode == 0, done.stderr
    assert service.address not in done.stderr  # the client has nothing to say of the service
    return done.stdout.removesuffix("\n")


def traced(service: Service, project: str) -> dict[str, Any]:
    """The only trace of a project, once it has its provenance."""
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        try:
            page: Any = service.get("/v1/traces?" + urlencode({"project": project}))
        except HTTPError as error:
            if error.code != 404:
                raise
            page = {"items": []}
        if page["items"] and page["items"][0]["provenance"] not in (None, "pending"):
            assert page["next"] is None
            [trace] = page["items"]
            return dict(trace)
        time.sleep(0.05)
    raise AssertionError(f"no trace with provenance in {project}")


def texts(messages: list[dict[str, Any]]) -> list[tuple[str, str]]:
    """The role and text of messages."""
    return [(message["role"], "".join(part["text"] for part in message["parts"])) for message in messages]


@pytest.mark.parametrize("client", CLIENTS)
def test_the_application_ends_in_the_same_trace(client: str, service: Service, model: str) -> None:
    answer = run(client, service, model)
    trace = traced(service, client)
    assert trace["name"] == "answer"
    assert trace["model"] == "gpt-4o-mini"
    assert trace["generations"] == 1
    assert trace["provenance"] == "done"

    tree: Any = service.get(f"/v1/traces/{trace['id']}")
    spans = tree["spans"]
    assert [(span["depth"], span["kind"], span["status"]) for span in spans] == [
        (0, "chain", "ok"),
        (1, "retriever", "ok"),
        (1, "llm", "ok"),
    ]
    root, retriever, generation = spans
    assert 0 <= retriever["offset_ms"] <= retriever["offset_ms"] + retriever["duration_ms"] <= generation["offset_ms"]
    assert generation["offset_ms"] + generation["duration_ms"] <= root["duration_ms"]
    assert all(span["duration_ms"] > 0 for span in spans)

    called, retrieved, generated = (service.get(f"/v1/spans/{span['id']}") for span in spans)
    assert QUESTION in str(called["input"])
    assert answer in str(called["output"])
    assert QUESTION in str(retrieved["input"])
    assert f"{DOCUMENT}#" in str(retrieved["output"])
    (_, system), (_, asked) = texts(generated["input_messages"])
    assert system == "Answer in the words of the sources."
    assert asked.endswith(QUESTION)
    assert texts(generated["output_messages"]) == [("assistant", answer)]
    assert generated["model"] == "gpt-4o-mini"
    assert generated["provider"] == "openai"
    assert generated["input_tokens"] == len(openai_server.tokens(system + asked))
    assert generated["output_tokens"] == len(openai_server.tokens(answer))
    assert generated["cost"] > 0
    assert generated["finish_reasons"] == ["stop"]

    found: Any = service.get(f"/v1/generations/{trace['id']}/provenance")
    [part] = found["parts"]
    assert found["coverage"] == trace["coverage"] > 0.9
    assert part["text"] == answer
    assert list(part["indexes"]) == ["demo"]
    assert DOCUMENT in [document["id"] for document in part["provenance"]["documents"]]

    paths = re.findall(rf"^    curl '?{ADDRESS}([^'\n]+)'?$", SECTION, re.MULTILINE)
    assert len(paths) == 3
    assert all(service.get(path.replace(PROJECT, client).replace("$TRACE", trace["id"])) for path in paths)


def test_the_readme_shows_the_application() -> None:
    [code] = re.findall(r"```python\n(.*?)```", SECTION, re.DOTALL)
    assert code == (EXAMPLES / "retrieval.py").read_text(encoding="utf-8")


def test_the_readme_names_the_variables() -> None:
    assert list(variables("LANGSMITH_")) == [
        "LANGSMITH_TRACING",
        "LANGSMITH_ENDPOINT",
        "LANGSMITH_API_KEY",
        "LANGSMITH_PROJECT",
    ]
    assert list(variables("OTEL_")) == [
        "OTEL_EXPORTER_OTLP_ENDPOINT",
        "OTEL_EXPORTER_OTLP_PROTOCOL",
        "OTEL_SERVICE_NAME",
    ]
