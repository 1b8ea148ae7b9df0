"""The application of docs/examples through the real client of each system: whatever traces it, its trace has one shape.

Each runs as its user would: a process in an environment of its own, with the variables that docs/clients.md names and
no others. With RECORD=1 in the environment, what it sends is kept for tests/service/api/test_recorded_clients.py.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.error import HTTPError

import openai_server
import pytest
from clients import recording, trace_shape
from clients.environments import Environments
from clients.systems import EXAMPLES, QUESTION, ROOT, SESSION, SYSTEMS, System
from served import Service, running

from wherefrom_indexer import build_index

pytestmark = pytest.mark.clients
PATIENCE = 60.0


@pytest.fixture(scope="module")
def model() -> Iterator[str]:
    """The address of a stand-in for an OpenAI-compatible server that answers with the demo's generations."""
    answers = openai_server.read_answers(ROOT / "data" / "generations.jsonl")
    with openai_server.running(openai_server.create_app(answers)) as address:
        yield address


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory, model: str) -> Iterator[Service]:
    """`wherefrom serve` over the demo corpus, on a free port, with a store of its own; a gateway to the model."""
    folder = tmp_path_factory.mktemp("service")
    build_index([ROOT / "data" / "sotu.jsonl"], folder / "demo.index", text_field="text", id_field="id")
    settings = {"WHEREFROM_UPSTREAMS": json.dumps({"openai": f"{model}/v1"})}
    with running(folder / "demo.index", folder / "traces", settings, name=trace_shape.INDEX) as service:
        yield service


@pytest.fixture(scope="session")
def environments(request: pytest.FixtureRequest) -> Iterator[Environments]:
    """Those of the systems that this run tests."""
    found = [item.callspec.params.get("system") for item in request.session.items if hasattr(item, "callspec")]
    environments = Environments([system for system in found if isinstance(system, System)])
    yield environments
    environments.close()


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """A user's folder that holds the examples and what they read, and nothing that a client could tell of this one."""
    shutil.copytree(EXAMPLES, tmp_path / "docs" / "examples", ignore=shutil.ignore_patterns("__pycache__"))
    (tmp_path / "data").mkdir()
    shutil.copy(ROOT / "data" / "sotu.jsonl", tmp_path / "data")
    return tmp_path


def run(system: System, python: Path, home: Path, service: str, model: str) -> str:
    """Runs the application, traced into the project of the system's name; returns what it prints."""
    environment = {
        "PATH": os.environ["PATH"],
        "HOME": str(home),
        "SESSION": SESSION,
        "OPENAI_BASE_URL": f"{model}/v1",
        "OPENAI_API_KEY": "any",
        **system.exports(service, system.name),
        **dict(system.variables),
    }
    command = [str(python), str(home / "docs" / "examples" / system.script), QUESTION, *system.arguments]
    done = subprocess.run(
        command, cwd=home, env=environment, capture_output=True, text=True, timeout=PATIENCE, check=False
    )
    assert done.returncode == 0, done.stderr
    assert service not in done.stderr, "the client has something to say of the service"
    return done.stdout.splitlines()[-1]


@pytest.mark.parametrize("system", SYSTEMS, ids=lambda system: system.name)
def test_the_application_ends_in_the_same_trace(
    system: System, environments: Environments, home: Path, service: Service, model: str
) -> None:
    def get(path: str) -> Any:
        try:
            return service.get(path)
        except HTTPError as error:
            if error.code != 404:
                raise
        return None

    python = environments.python(system)
    with recording.recording(service.address) as (proxy, requests):
        recorded = bool(os.environ.get("RECORD"))
        answer = run(system, python, home, proxy if recorded else service.address, model)
        assert trace_shape.lacking(get, system.arrives_in, answer) == system.losses
    if recorded:
        recording.save(system.recorded, recording.Recording(answer, requests), home)
