"""The tracing systems whose real clients the suite runs, each with its application in docs/examples.

What is set for an application is what docs/clients.md tells a user to set: the `export` lines of the system's section.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[2]
EXAMPLES = ROOT / "docs" / "examples"
REQUIREMENTS = Path(__file__).parent / "requirements"
RECORDED = Path(__file__).parent / "recorded"
DOCS = ROOT / "docs" / "clients.md"

ADDRESS = "http://127.0.0.1:8484"
"""The service's in docs."""

PROJECT = "retrieval"
"""The project in docs; in the suite each system has one of its own name, so that each finds its own trace."""

SESSION = "demo"
QUESTION = "Why should the tariff be kept out of the party conflicts of the day?"


@dataclass(frozen=True, slots=True)
class System:
    """A system, and how its client is run.

    Attributes:
        name: also of the project that its trace is to arrive in.
        section: the heading in docs/clients.md.
        script: in docs/examples.
        losses: what its trace cannot have, by the names of `trace_shape.ASPECTS`; docs/clients.md says it in words.
        environment: the requirements' file and the environment, where several systems share one; else `name`.
        project: where its client cannot name one, that which its trace arrives in; else `name`.
        only: the start of the names of variables that count, where a section exports those of several ways.
        variables: more than docs tell, for what has nothing to do with the service, such as a mode of the script.
        arguments: of the script, after the question.
    """

    name: str
    section: str
    script: str
    losses: frozenset[str] = frozenset()
    environment: str = ""
    project: str = ""
    only: str = ""
    variables: tuple[tuple[str, str], ...] = ()
    arguments: tuple[str, ...] = ()

    @property
    def requirements(self) -> Path:
        return REQUIREMENTS / f"{self.environment or self.name}.txt"

    @property
    def recorded(self) -> Path:
        return RECORDED / f"{self.name}.json.gz"

    @property
    def arrives_in(self) -> str:
        return self.project or self.name

    def exports(self, address: str = ADDRESS, project: str = PROJECT) -> dict[str, str]:
        """The variables that docs/clients.md tells to set, for a service at an address."""
        lines = re.findall(r"^    export (\w+)=(.*)$", section(self.section), re.MULTILINE)
        chosen = {name: value.strip("'\"") for name, value in lines if name.startswith(self.only)}
        return {name: value.replace(ADDRESS, address).replace(PROJECT, project) for name, value in chosen.items()}


def section(heading: str) -> str:
    """The text under a heading of docs/clients.md, up to the next of the same level."""
    text = DOCS.read_text(encoding="utf-8")
    found = text.partition(f"\n## {heading}\n")
    assert found[1], f"docs/clients.md has no section {heading}"
    return found[2].partition("\n## ")[0]


ALONE = frozenset({"tree", "kinds", "names", "retrieved"})
"""Where only the generation is seen, it is the whole trace."""

SYSTEMS = (
    System("langsmith", "LangSmith", "retrieval.py"),
    System("opentelemetry", "OpenTelemetry", "retrieval_opentelemetry.py"),
    System("openinference", "OpenInference", "retrieval_openinference.py"),
    System("phoenix", "Phoenix", "retrieval_phoenix.py"),
    System("openllmetry", "OpenLLMetry", "retrieval_openllmetry.py", frozenset({"kinds", "names"})),
    System("mlflow", "MLflow", "retrieval_mlflow.py"),
    System("langfuse", "Langfuse", "retrieval_langfuse.py", frozenset({"provider", "finish reason"})),
    System(
        "langfuse-2",
        "Langfuse, version 2",
        "retrieval_langfuse2.py",
        frozenset({"provider", "finish reason", "kinds"}),
        project="default",
    ),
    System("honeyhive", "HoneyHive", "retrieval_honeyhive.py", frozenset({"kinds", "session"})),
    System("opik", "Opik", "retrieval_opik.py", frozenset({"kinds"})),
    System("ddtrace", "Datadog", "retrieval_ddtrace.py", frozenset({"provider", "finish reason"})),
    System(
        "ddtrace-agent",
        "Datadog through its agent",
        "retrieval_ddtrace.py",
        frozenset({"provider", "finish reason"}),
        "ddtrace",
    ),
    System("gateway", "OpenAI's client through the gateway", "retrieval_gateway.py", ALONE, "openai"),
    System(
        "gateway-stream",
        "OpenAI's client through the gateway",
        "retrieval_gateway.py",
        ALONE,
        "openai",
        arguments=("stream",),
    ),
    System(
        "gateway-async",
        "OpenAI's client through the gateway",
        "retrieval_gateway.py",
        ALONE,
        "openai",
        arguments=("async",),
    ),
    System(
        "gateway-async-stream",
        "OpenAI's client through the gateway",
        "retrieval_gateway.py",
        ALONE,
        "openai",
        arguments=("async", "stream"),
    ),
    System("huggingface_hub", "Hugging Face's client through the gateway", "retrieval_huggingface.py", ALONE),
    System("helicone", "Helicone", "retrieval_helicone.py", ALONE),
)
