"""Files and datasets of generations in the store."""

from __future__ import annotations

import gzip
import json
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from sqlalchemy import func, select
from traced_generations import World

from wherefrom.traces.importing import Imported, import_records
from wherefrom.traces.schema import parts, projects, sessions, spans, traces
from wherefrom.traces.store import TraceStore
from wherefrom_indexer.errors import SourceError
from wherefrom_indexer.sources import SourceOptions

ROOT = Path(__file__).parents[3]
GENERATIONS = ROOT / "data" / "generations.jsonl"
CONVERSATIONS = [
    {
        "conversation_id": f"c{number}",
        "messages": [
            {"role": "user", "content": f"question {number}"},
            {"role": "assistant", "content": f"answer {number}"},
            {"role": "user", "content": "and then?"},
            {"role": "assistant", "content": f"more {number}"},
        ],
    }
    for number in range(5)
]


def count(store: TraceStore, table: Any) -> int:
    return store.read(lambda connection: connection.execute(select(func.count()).select_from(table)).scalar_one())


def test_the_demo_generations_are_imported_once(store: TraceStore) -> None:
    records = [json.loads(line) for line in GENERATIONS.read_text().splitlines()]
    for _ in range(2):
        assert import_records(store, str(GENERATIONS), project="demo") == Imported(len(records), len(records), 0)
        assert [count(store, table) for table in (traces, spans, parts)] == [len(records)] * 3
    world = World(store)
    world.clock.now = time.time_ns()
    world.work()
    for record in records:
        found = world.provenance(record["id"])
        assert (found["project"], found["model"], found["state"]) == ("demo", record["model"], "done")
        assert found["parts"][0]["text"] == record["text"]


def parquet(path: Path) -> str:
    file = path / "conversations.parquet"
    pq.write_table(pa.Table.from_pylist(CONVERSATIONS), file)
    return str(file)


def compressed_jsonl(path: Path) -> str:
    file = path / "conversations.jsonl.gz"
    file.write_bytes(gzip.compress("\n".join(map(json.dumps, CONVERSATIONS)).encode()))
    return str(file)


def json_array(path: Path) -> str:
    file = path / "conversations.json"
    file.write_text(" \n" + json.dumps(CONVERSATIONS))
    return str(file)


def saved_dataset(path: Path) -> str:
    from datasets import Dataset, DatasetDict

    folder = path / "saved"
    DatasetDict({"train": Dataset.from_list(CONVERSATIONS)}).save_to_disk(folder)
    return str(folder)


@pytest.mark.parametrize("write", [parquet, compressed_jsonl, json_array, saved_dataset])
@pytest.mark.parametrize("location", ["sqlite"], indirect=True)
def test_conversations_of_any_format(store: TraceStore, tmp_path: Path, write: Callable[[Path], str]) -> None:
    done = import_records(store, write(tmp_path))
    assert done == Imported(5, 10, 0)
    assert [count(store, table) for table in (traces, sessions)] == [10, 5]
    (project,) = store.read(lambda connection: connection.execute(select(projects.c.name)).scalars().all())
    assert project == "default"
    found = World(store).provenance("c3:1")
    assert found["parts"][0]["text"] == "answer 3"


@pytest.mark.parametrize("location", ["sqlite"], indirect=True)
def test_a_record_without_an_output_stops_or_is_skipped(store: TraceStore, tmp_path: Path) -> None:
    file = tmp_path / "mixed.jsonl"
    file.write_text('{"text": "one"}\n\n{"nothing": 1}\n[]\n{"text": "two"}\n')
    with pytest.raises(SourceError, match=r"mixed.jsonl:3: there is no output in it"):
        import_records(store, str(file))
    skipped: list[Any] = []
    done = import_records(store, str(file), options=SourceOptions(on_error="skip"), on_skip=skipped.append)
    assert done == Imported(3, 2, 2)
    assert [each.location.rsplit(":")[-1] for each in skipped] == ["3", "4"]


@pytest.mark.parametrize(
    ("name", "content", "reason"),
    [
        ("a.json", "[1, 2", "not JSON"),
        ("a.jsonl", "", "holds no generations"),
        ("a.txt", "words", "holds no records"),
        ("a.parquet", "PAR1", "cannot be read"),
        ("a.csv", "text\n", "holds no generations"),
        ("a.xlsx", "text\n", "not read"),
    ],
)
@pytest.mark.parametrize("location", ["sqlite"], indirect=True)
def test_what_holds_no_generations(store: TraceStore, tmp_path: Path, name: str, content: str, reason: str) -> None:
    file = tmp_path / name
    file.write_text(content)
    with pytest.raises(SourceError, match=reason):
        import_records(store, str(file))


@pytest.mark.parametrize("location", ["sqlite"], indirect=True)
def test_without_a_hub_the_sentence_says_so(store: TraceStore, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HF_ENDPOINT", "http://127.0.0.1:9")
    monkeypatch.delenv("HF_HUB_OFFLINE", raising=False)
    with pytest.raises(SourceError, match=r"hub .* cannot be reached .* give a dataset saved to disk"):
        import_records(store, "someone/conversations")
