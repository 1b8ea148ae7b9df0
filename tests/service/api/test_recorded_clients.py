"""What the real clients of tracing systems sent, sent again without them: each trace has the shape it had then.

`make test-clients RECORD=1` makes the recordings.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import openai_server
import pytest
import running_service
from clients import recording, trace_shape
from clients.systems import ADDRESS, PROJECT, RECORDED, ROOT, SYSTEMS, System
from starlette.testclient import TestClient

README = (ROOT / "README.md").read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory, demo_index: Path) -> Iterator[TestClient]:
    """A service over the demo's index, with a gateway to a stand-in for a model."""
    answers = openai_server.read_answers(ROOT / "data" / "generations.jsonl")
    with (
        openai_server.running(openai_server.create_app(answers)) as model,
        running_service.in_process(
            tmp_path_factory.mktemp("recorded"),
            indexes={trace_shape.INDEX: str(demo_index)},
            upstreams={"openai": f"{model}/v1"},
        ) as client,
    ):
        yield client


@pytest.mark.parametrize("system", SYSTEMS, ids=lambda system: system.name)
def test_what_a_client_sent_ends_in_the_same_trace(system: System, client: TestClient) -> None:
    def get(path: str) -> Any:
        answer = client.get(path)
        assert answer.status_code in (200, 404)
        return answer.json() if answer.status_code == 200 else None

    kept = recording.load(system.recorded)
    assert kept.requests
    for each in kept.requests:
        answer = client.request(each.method, each.path, headers=each.headers, content=each.body)
        assert answer.status_code == each.status, f"{each.method} {each.path}: {answer.text}"
    assert trace_shape.lacking(get, system.arrives_in, kept.answer) == system.losses
    if system.name == "langsmith":
        trace = get(f"/v1/traces?project={system.name}")["items"][0]["id"]
        for path in re.findall(rf"^    curl '?{ADDRESS}(/v1/[^'\n]+)'?$", README, re.MULTILINE):
            assert get(path.replace(PROJECT, system.name).replace("$TRACE", trace)), path


def test_recordings_are_of_systems_and_name_no_keys() -> None:
    assert {path.name for path in RECORDED.iterdir()} == {system.recorded.name for system in SYSTEMS}
    for system in SYSTEMS:
        assert system.recorded.stat().st_size < 100_000
        for each in recording.load(system.recorded).requests:
            assert not {"authorization", "x-api-key", "dd-api-key", "helicone-auth", "cookie"} & set(each.headers)
