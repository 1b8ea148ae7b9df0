"""Exports of other tracing systems: each sample becomes the same tree, once, whatever form it has."""

from __future__ import annotations

import contextlib
import copy
import csv
import gzip
import json
import tempfile
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any
from uuid import UUID

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from langsmith.schemas import Feedback, FeedbackSourceBase, Run
from sqlalchemy import func, select

from wherefrom.cli.importing import SYSTEMS
from wherefrom.errors import RequestError
from wherefrom.traces.import_files import open_records
from wherefrom.traces.importing import RECORDS, Imported, import_records
from wherefrom.traces.ingest.exports import System, read, recognised, unwrapped
from wherefrom.traces.ingest.exports.taken import cleaned
from wherefrom.traces.model import Kind, Message, Part, PartType, Protocol, Status, Usage
from wherefrom.traces.schema import parts, projects, scores, spans, traces
from wherefrom.traces.store import TraceStore
from wherefrom_indexer.errors import SourceError
from wherefrom_indexer.sources import SourceOptions

EXPORTS = Path(__file__).parents[2] / "exports"
SAID = "The tide tables are kept in the harbour office."
ASKED = "Where are the tide tables kept?"
TREES = {
    *("langfuse-blob.jsonl", "langfuse-observations.csv", "langfuse-observations.jsonl", "langfuse-page.json"),
    *("langfuse-trace.json", "mlflow-cli.json", "mlflow-search.csv", "mlflow-search.jsonl", "mlflow-search.parquet"),
    *("mlflow-trace.json", "phoenix-columns.json", "phoenix-get_spans.json", "phoenix-spans.jsonl"),
    "phoenix-spans.parquet",
}
SCORES = {"langfuse-scores.json", "phoenix-annotations.json", "phoenix-annotations-table.json"}
START = datetime(2026, 11, 23, 9, tzinfo=UTC)
TRACE_ID, RETRIEVAL_ID, GENERATION_ID, PROJECT_ID = (UUID(int=0x5F0C8E6D2B9A4C7E8D1F3A5B7C9E0D00 + n) for n in range(4))


@pytest.fixture(scope="module")
def module_store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TraceStore]:
    with TraceStore.open(str(tmp_path_factory.mktemp("exports"))) as store:
        yield store


def rows(store: TraceStore, *columns: Any, **where: Any) -> list[Any]:
    query = select(*columns).select_from(spans.join(traces, traces.c.key == spans.c.trace_key))
    query = query.where(*(traces.c[name] == value for name, value in where.items()))
    return store.read(lambda connection: list(connection.execute(query.order_by(spans.c.name)).all()))


def total(store: TraceStore, table: Any) -> int:
    return store.read(lambda connection: connection.execute(select(func.count()).select_from(table)).scalar_one())


def records_of(name: str) -> list[dict[str, Any]]:
    text = (EXPORTS / name).read_text()
    if name.endswith(".csv"):
        return list(csv.DictReader(text.splitlines(keepends=True)))
    values = [json.loads(line) for line in text.splitlines()] if name.endswith(".jsonl") else [json.loads(text)]
    return [record for value in values for record in (value if isinstance(value, list) else [value])]


def test_all_samples_are_tested() -> None:
    assert TREES | SCORES | {"README.md"} == {path.name for path in EXPORTS.iterdir()}


def test_the_option_names_all_systems() -> None:
    assert {*System, RECORDS} == {*SYSTEMS}


@pytest.mark.parametrize("name", sorted(TREES))
def test_an_export_becomes_one_tree_once(name: str, module_store: TraceStore) -> None:
    first = import_records(module_store, str(EXPORTS / name), project=name)
    counted = total(module_store, spans), total(module_store, scores)
    assert import_records(module_store, str(EXPORTS / name), project=name) == first
    assert (total(module_store, spans), total(module_store, scores)) == counted
    assert first.generations == 1
    named = select(func.count()).select_from(parts).where(parts.c.span_key == spans.c.key, spans.c.name == "generate")
    assert module_store.read(lambda connection: connection.execute(named).scalar_one()) == total(module_store, parts)
    project = module_store.read(
        lambda connection: connection.execute(select(projects.c.key).where(projects.c.name == name)).scalar_one()
    )
    found = rows(
        *(module_store, spans.c.name, spans.c.kind, spans.c.parent_id, spans.c.span_id, spans.c.status),
        project_key=project,
    )
    by_name = {row.name: row for row in found}
    root = by_name["answer"]
    assert (root.parent_id, root.kind, root.status) == ("", "chain", "ok")
    assert {row.parent_id for row in found if row.name != "answer"} == {root.span_id}
    assert by_name["retrieve"].kind == "retriever"
    generation = by_name["generate"]
    assert (generation.kind, generation.status) == ("llm", "ok")
    if "mlflow" not in name:
        assert (by_name["check"].kind, by_name["check"].status) == ("tool", "error")
    one = rows(
        *(module_store, spans.c.model, spans.c.input_tokens, spans.c.output_tokens, spans.c.total_tokens),
        project_key=project,
    )
    assert ("sample-model", 12, 9, 21) in [tuple(row) for row in one]


@pytest.mark.parametrize("name", sorted(name for name in TREES if not name.endswith(".parquet")))
def test_what_a_generation_says(name: str) -> None:
    outer = records_of(name)
    taken = [
        read(recognised(item) or System.LANGFUSE, cleaned(item))
        for record in outer
        for item in (unwrapped(record) or [record])
    ]
    found = [span for each in taken for span in each.of_project(None).spans]
    assert {span.protocol for span in found} == {Protocol.IMPORT}
    (generation,) = [span for span in found if span.kind is Kind.LLM]
    assert generation.input_messages == (Message("user", (Part(PartType.TEXT, ASKED),)),)
    assert generation.output_messages is not None
    assert [part.text for message in generation.output_messages for part in message.parts] == [SAID]
    assert generation.usage == Usage(12, 9, 21)
    assert generation.model == "sample-model"
    assert (generation.start_ns or 0) <= (generation.end_ns or 0)
    if "langfuse" in name:
        assert generation.cost == pytest.approx(0.0003)
    if "mlflow" not in name:
        assert generation.first_token_ns is not None
    if name not in ("langfuse-blob.jsonl", "langfuse-observations.csv"):
        assert "demo" in {span.session_id for span in found}
    assert "reader" in {span.user_id for span in found}
    assert "ports" in {span.metadata.get("team") for span in found}
    if "mlflow" in name:
        assert {(score.name, score.value, score.text) for each in taken for score in each.scores} == {
            ("helpful", 1.0, None),
            ("quality", 0.5, None),
            ("expected", None, "harbour office"),
        }
        assert {span.project for span in found} == {"mlflow-1"}


@pytest.mark.parametrize(
    ("tree", "notes", "expected"),
    [
        ("langfuse-blob.jsonl", "langfuse-scores.json", {("helpful", 0.75, None), ("verdict", None, "good")}),
        ("phoenix-get_spans.json", "phoenix-annotations.json", {("helpful", 1.0, "yes")}),
        ("phoenix-spans.parquet", "phoenix-annotations-table.json", {("helpful", 1.0, "yes")}),
    ],
)
@pytest.mark.parametrize("is_first", [True, False])
def test_scores_find_their_spans(tmp_path: Path, tree: str, notes: str, expected: Any, is_first: bool) -> None:
    with TraceStore.open(str(tmp_path)) as store:
        for name in (notes, tree) if is_first else (tree, notes):
            import_records(store, str(EXPORTS / name))
        query = select(scores.c.name, scores.c.value, scores.c.text, scores.c.trace_key, scores.c.span_key)
        found = store.read(lambda connection: list(connection.execute(query).all()))
        assert {tuple(row[:3]) for row in found} == expected
        assert all(row.trace_key is not None for row in found)
        generation = store.read(
            lambda connection: connection.execute(select(spans.c.key).where(spans.c.name == "generate")).scalar_one()
        )
        assert generation in {row.span_key for row in found}


def test_scores_of_an_interfaces_export_stand_in_columns() -> None:
    taken = [read(System.LANGFUSE, cleaned(record)) for record in records_of("langfuse-observations.csv")]
    (score,) = [score for each in taken for score in each.scores]
    assert (score.name, score.value, score.span_id) == ("helpful_ness", 0.75, "c1b2c3d4e5f60718")


def test_a_row_of_traces_adds_to_the_root_that_there_is(tmp_path: Path) -> None:
    trace_id = "5f0c8e6d2b9a4c7e8d1f3a5b7c9e0d2f"
    row: dict[str, Any] = {
        "id": trace_id,
        "timestamp": "2026-11-23T09:00:00Z",
        "name": "answer",
        "sessionId": "evening",
    }
    row |= {"bookmarked": False, "tags": ["late"], "latency": 0.9, "metadata": {"shelf": 4}, "observationCount": 4}
    file = tmp_path / "traces.jsonl"
    file.write_text(json.dumps(row))
    with TraceStore.open(str(tmp_path / "a")) as store:
        import_records(store, str(EXPORTS / "langfuse-blob.jsonl"))
        assert import_records(store, str(file)) == Imported(1, 0, 0, 1)
        assert [row.name for row in rows(store, spans.c.name)] == ["answer", "check", "generate", "retrieve"]
    with TraceStore.open(str(tmp_path / "b")) as store:
        for _ in range(2):
            import_records(store, str(file), project="alone")
        import_records(store, str(EXPORTS / "langfuse-blob.jsonl"), project="other")
        import_records(store, str(file), project="alone")
        (alone,) = rows(
            *(store, spans.c.span_id, spans.c.parent_id, spans.c.start_ns, spans.c.end_ns), root_span_id=trace_id
        )
        assert (alone.span_id, alone.parent_id, alone.end_ns - alone.start_ns) == (trace_id, "", 900_000_000)


def test_a_row_of_traces_that_comes_first_is_the_root(store: TraceStore, tmp_path: Path) -> None:
    trace_id = "5f0c8e6d2b9a4c7e8d1f3a5b7c9e0d2f"
    file = tmp_path / "traces.jsonl"
    file.write_text(
        json.dumps({"id": trace_id, "timestamp": "2026-11-23T09:00:00Z", "bookmarked": False, "name": "day"})
    )
    for name in (file, EXPORTS / "langfuse-blob.jsonl", file):
        import_records(store, str(name))
    found = {row.name: row for row in rows(store, spans.c.name, spans.c.span_id, spans.c.parent_id)}
    assert len(found) == 5
    assert found["day"].parent_id == ""
    assert found["answer"].parent_id == found["day"].span_id
    assert found["generate"].parent_id == found["answer"].span_id


def test_a_trace_with_several_roots_is_the_root_of_them() -> None:
    (record,) = records_of("langfuse-trace.json")
    for item in record["observations"]:
        item["parentObservationId"] = None
    found = read(System.LANGFUSE, cleaned(record)).spans
    assert [span.parent_id for span in found] == ["", *[record["id"]] * 4]
    assert (found[0].session_id, found[0].tags) == ("demo", ("ports",))


def test_a_downloaded_trace_is_read_as_one_of_the_sdk() -> None:
    (record,) = records_of("langfuse-trace.json")
    inner = {name: record.pop(name) for name in ("observations", "scores")}
    download = {"trace": record, **inner}
    assert recognised(download) is System.LANGFUSE
    assert len(read(System.LANGFUSE, download).spans) == 5
    assert len(read(System.LANGFUSE, download).scores) == 2


def test_older_spans_of_mlflow_are_read() -> None:
    record = {
        "info": {
            "request_id": "tr-" + "1" * 32,
            "experiment_id": "0",
            "status": "OK",
            "request_metadata": {"mlflow.trace.session": "demo"},
            "tags": {"team": "ports"},
        },
        "data": {
            "spans": [
                {
                    "name": "generate",
                    "context": {"span_id": "0x00000000000000ab", "trace_id": "0x" + "2" * 32},
                    "parent_id": None,
                    "start_time": 1_700_000_000_000_000_000,
                    "end_time": 1_700_000_001_000_000_000,
                    "status_code": "ERROR",
                    "status_message": "the shelf is empty",
                    "attributes": {"mlflow.spanType": '"LLM"', "mlflow.spanOutputs": '"' + SAID + '"'},
                    "events": [{"name": "note", "timestamp": 1_700_000_000_500_000_000, "attributes": {"a": 1}}],
                }
            ]
        },
    }
    span, about = read(System.MLFLOW, record).spans
    assert (span.trace_id, span.span_id, span.parent_id, span.project) == ("1" * 32, "00000000000000ab", "", "mlflow-0")
    assert (span.status, span.status_message, span.kind) == (Status.ERROR, "the shelf is empty", Kind.LLM)
    assert span.events is not None
    assert (span.events[0].name, span.output) == ("note", SAID)
    assert (about.span_id, about.session_id, about.metadata) == (span.span_id, "demo", {"team": "ports"})


def run(number: int, run_type: str, **fields: Any) -> Run:
    ids = [TRACE_ID, RETRIEVAL_ID, GENERATION_ID]
    steps = [f"20261123T090000{place:06}Z{ids[place]}" for place in ([0] if number == 0 else [0, number])]
    return Run(
        id=ids[number],
        trace_id=TRACE_ID,
        parent_run_id=None if number == 0 else TRACE_ID,
        dotted_order=".".join(steps),
        run_type=run_type,
        session_id=PROJECT_ID,
        start_time=START + timedelta(milliseconds=number),
        end_time=START + timedelta(seconds=1),
        status="success",
        **fields,
    )


def runs() -> list[Run]:
    extra = {"metadata": {"session_id": "demo", "ls_provider": "openai", "user_id": "reader"}}
    choices = [{"index": 0, "finish_reason": "stop", "message": {"role": "assistant", "content": SAID}}]
    return [
        run(0, "chain", name="answer", inputs={"question": ASKED}, outputs={"output": SAID}, extra=extra),
        run(1, "retriever", name="retrieve", inputs={"query": "tide tables"}, outputs={"documents": []}),
        run(
            *(2, "llm"),
            name="generate",
            inputs={"messages": [{"role": "user", "content": ASKED}], "model": "sample-model"},
            outputs={"id": "chatcmpl-1", "choices": choices},
            extra=extra,
            tags=["late"],
            prompt_tokens=12,
            completion_tokens=9,
            total_tokens=21,
            total_cost=Decimal("0.0003"),
            first_token_time=START + timedelta(milliseconds=300),
            feedback_stats={"helpful": {"n": 2, "avg": 0.5, "values": {}}, "words": {"n": 1, "avg": None}},
        ),
    ]


def dumped() -> list[dict[str, Any]]:
    return [json.loads(item.model_dump_json()) for item in runs()]


def as_bulk_export(records: list[dict[str, Any]]) -> pa.Table:
    objects = ("inputs", "outputs", "extra", "feedback_stats", "events", "serialized")
    return pa.Table.from_pylist(
        [
            {
                name: datetime.fromisoformat(value)
                if name.endswith("_time") and value
                else json.dumps(value)
                if name in objects and value is not None
                else value
                for name, value in record.items()
                if value not in ({}, []) or name in objects
            }
            | {"is_root": record["parent_run_id"] is None, "tenant_id": str(PROJECT_ID)}
            for record in records
        ]
    )


@pytest.mark.parametrize("form", ["json", "jsonl.gz", "parquet", "children"])
def test_runs_of_langsmith(tmp_path: Path, form: str) -> None:
    records = dumped()
    file = tmp_path / f"runs.{form}"
    if form == "json":
        file.write_text(json.dumps(records, indent=1))
    elif form == "jsonl.gz":
        file.write_bytes(gzip.compress("\n".join(map(json.dumps, records)).encode()))
    elif form == "parquet":
        pq.write_table(as_bulk_export(records), file)
    else:
        file = tmp_path / "runs.json"
        file.write_text(json.dumps({**records[0], "child_runs": records[1:]}))
    with TraceStore.open(str(tmp_path / "store")) as store:
        number = 1 if form == "children" else 3
        for _ in range(2):
            assert import_records(store, str(file)) == Imported(number, 1, 0, 2, 1)
        found = {row.name: row for row in rows(store, *spans.c)}
        root, generation = found["answer"], found["generate"]
        assert (root.parent_id, root.span_id) == ("", TRACE_ID.hex)
        assert {found["retrieve"].parent_id, generation.parent_id} == {TRACE_ID.hex}
        assert (generation.kind, generation.model, generation.provider) == ("llm", "sample-model", "openai")
        assert (generation.input_tokens, generation.output_tokens, generation.total_tokens) == (12, 9, 21)
        assert generation.cost == pytest.approx(0.0003)
        assert generation.first_token_ns - root.start_ns == 300_000_000
        query = select(scores.c.name, scores.c.value, scores.c.span_key)
        assert store.read(lambda connection: [tuple(row) for row in connection.execute(query).all()]) == [
            ("helpful", 0.5, generation.key)
        ]


def test_feedback_of_langsmith() -> None:
    feedback = Feedback(
        id=UUID(int=7),
        created_at=START,
        modified_at=START,
        run_id=GENERATION_ID,
        trace_id=TRACE_ID,
        key="helpful",
        score=0.5,
        comment="It names the place.",
        session_id=PROJECT_ID,
        feedback_source=FeedbackSourceBase(type="api", metadata={}),
    )
    record = json.loads(feedback.model_dump_json())
    assert recognised(record) is System.LANGSMITH
    (score,) = read(System.LANGSMITH, record).scores
    assert (score.name, score.value, score.span_id, score.annotator) == ("helpful", 0.5, GENERATION_ID.hex, "api")


def test_scores_are_of_the_project_that_a_trace_names(tmp_path: Path) -> None:
    with TraceStore.open(str(tmp_path)) as store:
        import_records(store, str(EXPORTS / "mlflow-trace.json"))
        names = store.read(lambda connection: connection.execute(select(projects.c.name)).scalars().all())
        assert names == ["mlflow-1"]
        assert store.read(lambda connection: set(connection.execute(select(scores.c.trace_key)).scalars())) != {None}


def test_a_project_that_is_given_wins(tmp_path: Path) -> None:
    with TraceStore.open(str(tmp_path)) as store:
        import_records(store, str(EXPORTS / "mlflow-trace.json"), project="ours")
        keys = {row.project_key for row in rows(store, traces.c.project_key)}
        named = select(projects.c.name).where(projects.c.key.in_(keys))
        assert store.read(lambda connection: connection.execute(named).scalars().all()) == ["ours"]


def test_a_damaged_record_is_refused_or_passed_over(tmp_path: Path) -> None:
    lines = (EXPORTS / "langfuse-blob.jsonl").read_text().splitlines()
    damaged = {**json.loads(lines[1]), "trace_id": 7}
    file = tmp_path / "observations.jsonl"
    file.write_text("\n".join([lines[0], json.dumps(damaged), '{"id": "x"}', "{", *lines[2:]]))
    with TraceStore.open(str(tmp_path / "store")) as store:
        with pytest.raises(SourceError, match=r"observations\.jsonl:2: the trace id of an observation is '7'"):
            import_records(store, str(file))
        told: list[str] = []
        options = SourceOptions(on_error="skip")
        done = import_records(store, str(file), options=options, on_skip=lambda skipped: told.append(skipped.location))
        assert (done.generations, done.other_spans, done.skipped) == (1, 2, 3)
        assert len(told) == 3


def test_what_is_of_another_system_is_refused(tmp_path: Path) -> None:
    with TraceStore.open(str(tmp_path)) as store:
        for system in System:
            name = "mlflow-trace.json" if system is System.PHOENIX else "phoenix-get_spans.json"
            if system is not System.PHOENIX:
                with pytest.raises(SourceError, match=r"it is no|it is none|holds no"):
                    import_records(store, str(EXPORTS / name), system=system)
        with pytest.raises(SourceError, match="there is no output"):
            import_records(store, str(EXPORTS / "phoenix-get_spans.json"), system=RECORDS)


def test_a_trace_without_spans_says_how_to_export_it() -> None:
    (record,) = records_of("mlflow-trace.json")
    record["data"] = {"spans": []}
    with pytest.raises(RequestError, match="include_spans=True"):
        read(System.MLFLOW, record)


def test_one_object_over_lines_or_compressed(tmp_path: Path) -> None:
    for suffix, data in ((".json", "\n\n" + json.dumps(dumped()[0], indent=2)), (".json", json.dumps(dumped()[0]))):
        file = tmp_path / f"run{suffix}"
        file.write_text(data)
        with TraceStore.open(str(tmp_path / "store")) as store:
            assert import_records(store, str(file)).other_spans == 1
    file.write_text("{\n")
    with TraceStore.open(str(tmp_path / "store")) as store, pytest.raises(SourceError, match="is not JSON"):
        import_records(store, str(file))


@pytest.mark.parametrize("name", ["a.csv.gz", "a.json.gz", "a.jsonl.gz"])
def test_a_file_that_was_cut_off_is_refused(tmp_path: Path, name: str) -> None:
    file = tmp_path / name
    whole = (EXPORTS / f"langfuse-{'observations.csv' if 'csv' in name else 'page.json'}").read_bytes()
    file.write_bytes(gzip.compress(whole)[:-300])
    with TraceStore.open(str(tmp_path / "store")) as store, pytest.raises(SourceError, match=r"a\.(csv|json|jsonl)"):
        import_records(store, str(file))


@settings(max_examples=60, deadline=None)
@given(st.sampled_from([".csv", ".json"]), st.binary(max_size=60) | st.text(alphabet='{}[]",:a1\n\x00', max_size=60))
def test_files_of_anything_are_read_or_refused(suffix: str, content: bytes | str) -> None:
    with tempfile.NamedTemporaryFile(suffix=suffix) as file:
        file.write(content if isinstance(content, bytes) else content.encode())
        file.flush()
        with contextlib.suppress(SourceError):
            for record in open_records(file.name, SourceOptions(on_error="skip")).records():
                recognised(dict(record.fields))


def test_generations_that_look_like_an_export_are_generations(tmp_path: Path) -> None:
    records = [
        {"id": "1", "timestamp": "2026-11-23T09:00:00Z", "public": True, "text": SAID},
        {"id": "2", "trace_id": "x", "type": "GENERATION", "output": SAID},
        {"id": "3", "name": "n", "source": "s", "timestamp": 1, "value": 2, "output": SAID},
        {"run_id": "4", "key": "k", "score": 1, "output": SAID},
        {"id": "5", "data": [{"a": 1}], "spans": [], "trace_id": "y", "response": SAID},
    ]
    file = tmp_path / "generations.json"
    file.write_text(json.dumps(records))
    with TraceStore.open(str(tmp_path / "store")) as store:
        assert import_records(store, str(file)) == Imported(5, 5, 0)


_ODD = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5) | st.just("\ud800"),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3),
    max_leaves=6,
)
_SOUND = [
    (name, record) for name in sorted(TREES | SCORES) if not name.endswith(".parquet") for record in records_of(name)
]


@settings(max_examples=150, deadline=None)
@given(st.sampled_from(_SOUND), st.data())
def test_records_with_odd_values_are_read_or_refused(sound: tuple[str, dict[str, Any]], data: st.DataObject) -> None:
    name, record = copy.deepcopy(sound)
    inner = data.draw(st.sampled_from(list(unwrapped(record) or [record])))
    places: list[Any] = [inner]
    for place in places:
        places += [
            value
            for value in (place.values() if isinstance(place, dict) else place)
            if value and isinstance(value, dict | list)
        ]
    place = data.draw(st.sampled_from(places))
    key = data.draw(st.sampled_from(list(place) if isinstance(place, dict) else range(len(place))))
    place[key] = data.draw(_ODD)
    system = System(name.partition("-")[0])
    try:
        taken = read(system, cleaned(inner))
    except RequestError:
        return
    for span in taken.spans:
        assert span.trace_id
        assert span.span_id
        assert span.start_ns is None or 0 < span.start_ns < 1 << 63


@settings(max_examples=60, deadline=None)
@given(st.sampled_from([(System(name.partition("-")[0]), record) for name, record in _SOUND]), _ODD)
def test_records_of_anything_are_read_or_refused(sound: tuple[System, Any], odd: Any) -> None:
    system, record = sound
    for value in (odd, dict.fromkeys(record, odd)):
        if isinstance(value, dict):
            recognised(value)
            unwrapped(value)
            with contextlib.suppress(RequestError):
                read(system, cleaned(value))


def test_a_record_that_is_nested_too_deeply_is_refused() -> None:
    deep: Any = "x"
    for _ in range(5000):
        deep = [deep]
    with pytest.raises(RequestError, match="nested"):
        cleaned({"id": deep})
