"""What the service says of itself, the samples that it is given, and the page for addresses that nobody knows."""

from __future__ import annotations

import json
import time
from dataclasses import asdict
from importlib.metadata import version
from pathlib import Path

import pytest
from running_service import in_process

from wherefrom.api import interface
from wherefrom.api.samples import MAX_BYTES, MAX_SAMPLES, read_samples
from wherefrom.api.services import opened
from wherefrom.api.settings import Settings
from wherefrom.options import PRESETS, TraceOptions
from wherefrom.traces.keys import create_key
from wherefrom.traces.store import TraceStore
from wherefrom_indexer.errors import UsageError

GENERATIONS = Path(__file__).parents[3] / "data" / "generations.jsonl"
BROWSER = {"Accept": "text/html,application/xhtml+xml,*/*;q=0.8"}


@pytest.fixture(scope="module")
def client(tmp_path_factory):
    with in_process(tmp_path_factory.mktemp("service"), samples=GENERATIONS, max_text_characters=5_000) as client:
        yield client


@pytest.fixture
def built(tmp_path, monkeypatch):
    """A built interface."""
    folder = tmp_path / "built"
    (folder / "assets").mkdir(parents=True)
    (folder / "index.html").write_text("<!doctype html><title>Wherefrom</title><script src=/assets/1.js></script>")
    monkeypatch.setattr(interface, "built", lambda: folder)
    return folder


def test_what_the_service_says_of_itself(client):
    said = client.get("/v1/service").json()
    assert said["version"] == version("wherefrom")
    assert (said["needs_keys"], said["attaches"]) == (False, True)
    assert said["caller"] == {"role": "admin", "project": None, "has_key": False}
    assert said["limits"]["max_text_characters"] == 5_000
    assert said["presets"] == {
        preset: {name: value for name, value in asdict(TraceOptions.of(preset)).items() if name != "preset"}
        for preset in PRESETS
    }


def test_the_samples_of_the_demo(client):
    samples = client.get("/v1/service").json()["samples"]
    records = [json.loads(line) for line in GENERATIONS.read_text(encoding="utf-8").splitlines()]
    assert [sample["name"] for sample in samples] == [record["id"] for record in records]
    controls = [sample for sample in samples if sample["is_control"]]
    assert len(controls) == 4
    assert all(sample["prompt"] is None and sample["model"] == "human" for sample in controls)


def test_any_key_opens_it_but_samples_are_for_those_who_read(tmp_path):
    with TraceStore.open(tmp_path / "traces") as store:
        ingests, reads = (
            store.write(lambda connection, role=role: create_key(connection, role, "mine", "", time.time_ns())).result()
            for role in ("ingest", "read")
        )
    with in_process(tmp_path, require_keys=True, samples=GENERATIONS) as client:
        assert client.get("/v1/service").status_code == 401
        said = client.get("/v1/service", headers={"x-api-key": ingests[0]}).json()
        assert (said["caller"], said["samples"]) == ({"role": "ingest", "project": "mine", "has_key": True}, [])
        said = client.get("/v1/service", headers={"x-api-key": reads[0]}).json()
        assert (said["needs_keys"], said["caller"]["role"]) == (True, "read")
        assert said["samples"]


def test_the_identity_of_the_interface_changes_with_its_files(client, built):
    first = client.get("/v1/service").json()["interface"]
    assert client.get("/v1/service").json()["interface"] == first
    (built / "index.html").write_text("<!doctype html><title>Wherefrom</title><script src=/assets/2.js></script>")
    assert client.get("/v1/service").json()["interface"] not in (first, None)
    (built / "index.html").unlink()
    assert client.get("/v1/service").json()["interface"] is None


@pytest.mark.parametrize("path", ["/nothing", "/v1/nothing", "/trac"])
def test_a_browser_that_asks_for_nothing_gets_the_page(client, built, path):
    answer = client.get(path, headers=BROWSER)
    assert (answer.status_code, answer.headers["Content-Type"]) == (404, "text/html; charset=utf-8")
    assert answer.headers["Content-Security-Policy"] == interface.POLICY
    assert "<title>Wherefrom</title>" in answer.text
    for headers in ({}, {"Accept": "*/*"}, {"Accept": "application/json"}):
        problem = client.get(path, headers=headers)
        assert (problem.status_code, problem.headers["Content-Type"]) == (404, "application/problem+json")
    assert client.post(path, headers=BROWSER).headers["Content-Type"] == "application/problem+json"


def test_a_problem_of_something_that_is_there_stays_one(client, built):
    answer = client.get("/v1/traces/" + "0" * 32, headers=BROWSER)
    assert (answer.status_code, answer.headers["Content-Type"]) == (404, "application/problem+json")


def test_without_a_page_there_is_only_the_problem(client, monkeypatch):
    monkeypatch.setattr(interface, "built", lambda: None)
    answer = client.get("/nothing", headers=BROWSER)
    assert (answer.status_code, answer.headers["Content-Type"]) == (404, "application/problem+json")
    assert client.get("/v1/service").json()["interface"] is None


def test_the_page_for_nothing_needs_no_key_and_opens_nothing(tmp_path, built):
    with TraceStore.open(tmp_path / "traces") as store:
        store.write(lambda connection: create_key(connection, "read", None, "", time.time_ns())).result()
    with in_process(tmp_path, require_keys=True) as client:
        answer = client.get("/nothing", headers=BROWSER)
        assert (answer.status_code, answer.headers["Content-Type"]) == (404, "text/html; charset=utf-8")
        for path in ("/v1/traces", "/v1/service", "/metrics", "/openapi.json", "/v1/indexes/a/documents/b"):
            assert client.get(path, headers=BROWSER).status_code == 401
        assert client.get("/nothing").status_code == 401


# ---- samples


def written(folder: Path, *lines: object) -> Path:
    path = folder / "samples.jsonl"
    path.write_text("\n".join(line if isinstance(line, str) else json.dumps(line) for line in lines), encoding="utf-8")
    return path


def test_samples_with_all_that_may_be_said(tmp_path):
    line = {"name": "one", "text": "words", "prompt": "?", "model": "m", "kind": "control", "note": "n", "other": [1]}
    first, second = read_samples(written(tmp_path, line, "", {"id": "two", "text": "x", "prompt": ""}), 100)
    assert first.model_dump() == {
        "name": "one",
        "text": "words",
        "prompt": "?",
        "model": "m",
        "is_control": True,
        "note": "n",
    }
    assert (second.name, second.prompt, second.is_control) == ("two", None, False)
    assert read_samples(None, 100) == ()


@pytest.mark.parametrize(
    ("lines", "told"),
    [
        (["{"], "Line 1 .* is not JSON"),
        (['"text"'], "Line 1 .* cannot be used"),
        ([{"id": "a", "text": "x"}, {"id": "b"}], "Line 2 .* text: Field required"),
        ([{"id": "a", "text": ""}], "text: "),
        ([{"id": "a", "text": 5}], "text: "),
        ([{"text": "x"}], "has no name"),
        ([{"id": "a", "text": "x"}, {"name": "a", "text": "y"}], "the name of another, 'a'"),
        ([{"id": "a", "text": "x" * 101}], "101 characters; 100 are traced at most"),
        ([{"id": str(number), "text": "x"} for number in range(MAX_SAMPLES + 1)], f"more than {MAX_SAMPLES}"),
        (["[" * 100_000], "is not JSON"),
        (["\ud800".encode("utf-8", "surrogatepass").decode("latin-1")], "is not JSON"),
    ],
)
def test_samples_that_cannot_be_used_are_told(tmp_path, lines, told):
    with pytest.raises(UsageError, match=told):
        read_samples(written(tmp_path, *lines), 100)


def test_a_file_of_samples_that_cannot_be_read(tmp_path):
    with pytest.raises(UsageError, match="Cannot read the samples"):
        read_samples(tmp_path / "none.jsonl", 100)
    with pytest.raises(UsageError, match="Cannot read the samples"):
        read_samples(tmp_path, 100)
    (tmp_path / "large.jsonl").write_bytes(b" " * (MAX_BYTES + 1))
    with pytest.raises(UsageError, match="larger than"):
        read_samples(tmp_path / "large.jsonl", 100)


def test_the_service_does_not_start_with_samples_that_cannot_be_used(tmp_path):
    file = tmp_path / "service.toml"
    file.write_text('store = "traces"\nsamples = "samples.jsonl"\n')
    settings = Settings.load(file, processes=1)
    assert settings.samples == tmp_path / "samples.jsonl"
    with pytest.raises(UsageError, match="Cannot read the samples"), opened(settings):
        pass
