"""Jobs in real processes: answered as a tracer would, bounded, ended in time, and no death harms what others ask."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from concurrent.futures import CancelledError, Future
from pathlib import Path

import pytest
from pool_jobs import TEXTS, DieJob, EchoJob, SleepJob, WhoJob, eventually, small_index

from wherefrom import Tracer
from wherefrom.errors import DeadlineError, InterruptedSearchError, NotFoundError, OverloadedError
from wherefrom.options import TraceOptions
from wherefrom.pool import supervisor
from wherefrom.pool.jobs import PhraseJob, TraceJob
from wherefrom.pool.pool import TracePool
from wherefrom.pool.registry import IndexRegistry, IndexStatus
from wherefrom_indexer import Index, add_documents, remove_documents
from wherefrom_indexer.errors import IndexDamagedError, UsageError

OPTIONS = TraceOptions(min_characters=5)
READY_S = 120.0
WAITING = 3


@pytest.fixture(scope="module")
def index(tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("pool") / "sentences"
    small_index(folder)
    return folder


@pytest.fixture(scope="module")
def pool(index) -> Iterator[TracePool]:
    """One process over one index; every test leaves it idle."""
    with TracePool(IndexRegistry({"it": index}), 1, WAITING, 20.0, cache_bytes=1 << 20, grace_s=0.2) as pool:
        assert pool.ready(READY_S)
        yield pool


@pytest.fixture(autouse=True)
def idle(request) -> Iterator[None]:
    yield
    if "pool" in request.fixturenames:
        shared = request.getfixturevalue("pool")
        eventually(lambda: shared.ready() and not shared.busy and not shared.waiting)


def who(pool: TracePool) -> int:
    return int(pool.submit(WhoJob()).result(READY_S).body.split()[0])


def without_times(body: bytes) -> dict:
    value = json.loads(body)
    del value["timing_ms"]
    return value


def test_a_trace_is_what_a_tracer_says(pool, index):
    text, prompt = "say: the quick brown fox jumps over the lazy cat", "which fox?"
    answer = pool.submit(TraceJob(text, prompt, (), OPTIONS)).result(READY_S)
    with Tracer.open(index) as tracer:
        expected = tracer.trace_with(OPTIONS, text, prompt).to_dict()
    expected["indexes"][0]["name"] = "it"
    for span in expected["spans"]:
        span["counts"] = {"it": span["counts"]["sentences"]}
    for document in expected["documents"]:
        document["index"] = "it"
    del expected["timing_ms"]
    assert without_times(answer.body) == json.loads(json.dumps(expected))
    assert expected["spans"]
    assert answer.versions == pool.versions() == pool.versions(["it"]) == {"it": Index.open(index).version}


def test_what_is_asked_again_is_answered_from_the_cache(pool):
    job = TraceJob("the lazy dog sleeps", None, ("it",), OPTIONS)
    first = pool.submit(job).result(READY_S)
    again = pool.submit(TraceJob("the lazy dog sleeps", None, (), OPTIONS)).result(0)
    assert (first.from_cache, again.from_cache) == (False, True)
    assert (first.body, first.versions) == (again.body, again.versions)
    other = pool.submit(TraceJob("the lazy dog sleeps", "", ("it",), OPTIONS)).result(READY_S)
    assert not other.from_cache
    counted = pool.submit(PhraseJob("lazy dog", ())).result(READY_S)
    assert json.loads(counted.body)["count"] == 3
    assert pool.submit(PhraseJob("lazy dog", ())).result(0).from_cache


def test_errors_of_a_job_come_out_of_its_future(pool):
    with pytest.raises(UsageError, match="empty"):
        pool.submit(TraceJob("", None, (), OPTIONS)).result(READY_S)
    with pytest.raises(NotFoundError, match="'other'"):
        pool.submit(WhoJob(("other",))).result(READY_S)


def test_large_messages_go_both_ways(pool):
    data = os.urandom(20_000_000)
    assert pool.submit(EchoJob(data)).result(READY_S).body == data


def test_more_than_may_wait_is_refused_of_each_kind(pool):
    running = pool.submit(SleepJob(0.3))
    urgent = [pool.submit(SleepJob(0)) for _ in range(WAITING)]
    assert pool.full
    with pytest.raises(OverloadedError) as refused:
        pool.submit(WhoJob())
    assert refused.value.retry_after > 0
    background = [pool.submit(SleepJob(0), urgent=False) for _ in range(WAITING)]
    with pytest.raises(OverloadedError):
        pool.submit(WhoJob(), urgent=False)
    assert pool.waiting == 2 * WAITING
    assert urgent[1].cancel(), "who leaves makes room"
    pool.submit(WhoJob()).result(READY_S)
    assert {future.result(READY_S).body for future in [running, urgent[0], urgent[2], *background]} == {b"slept"}
    assert not pool.full


def test_a_job_that_waited_too_long_is_told_so(pool):
    process = who(pool)
    running = pool.submit(SleepJob(2.0))
    with pytest.raises(DeadlineError, match="waited"):
        pool.submit(WhoJob(), deadline_s=0.05).result(READY_S)
    running.result(READY_S)
    assert who(pool) == process, "the process was not the reason"


def test_a_search_that_takes_too_long_is_ended(pool):
    process, restarts = who(pool), pool.restarts
    late = pool.submit(SleepJob(1000), deadline_s=0.1)
    following = pool.submit(WhoJob())
    with pytest.raises(DeadlineError, match=r"0\.1 seconds"):
        late.result(READY_S)
    assert int(following.result(READY_S).body.split()[0]) != process
    assert pool.restarts == restarts + 1
    eventually(lambda: not alive(process))


def test_what_nobody_wants_any_more_is_ended_after_a_while(pool):
    process = who(pool)
    short, long = pool.submit(SleepJob(0.05)), None
    assert short.cancel()
    assert who(pool) == process, "what is done soon is waited for"
    long = pool.submit(SleepJob(1000))
    assert long.cancel()
    with pytest.raises(CancelledError):
        long.result()
    assert who(pool) != process
    eventually(lambda: not alive(process))


def test_a_job_whose_process_is_killed_is_tried_once_more_and_fails_no_other(pool):
    process, restarts = who(pool), pool.restarts
    dying, following = pool.submit(DieJob()), pool.submit(WhoJob())
    with pytest.raises(InterruptedSearchError, match="SIGKILL"):
        dying.result(READY_S)
    assert int(following.result(READY_S).body.split()[0]) != process
    assert pool.restarts == restarts + 2


def test_a_process_that_cannot_be_started_is_started_later(pool, monkeypatch):
    refused = []

    def refuse() -> None:
        refused.append(1)
        raise OSError(24, "Too many open files")

    with monkeypatch.context() as patch:
        patch.setattr(supervisor, "Worker", refuse)
        with pytest.raises(DeadlineError):
            pool.submit(SleepJob(1000), deadline_s=0.05).result(READY_S)
        eventually(lambda: len(refused) > 1)
    assert who(pool)


def test_many_threads_may_ask(pool):
    answers: list[Future] = []

    def ask(number: int) -> None:
        for step in range(20):
            while True:
                try:
                    future = pool.submit(EchoJob(b"%d %d" % (number, step)), urgent=step % 2 == 0)
                    break
                except OverloadedError:
                    threading.Event().wait(0.001)
            answers.append(future)
            assert future.result(READY_S).body == b"%d %d" % (number, step)

    threads = [threading.Thread(target=ask, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(answers) == 160
    assert all(future.done() and not future.exception() for future in answers)


def test_versions_are_picked_up_and_requests_keep_theirs(tmp_path):
    small_index(tmp_path / "index")
    registry = IndexRegistry({"it": tmp_path / "index"}, poll_s=0.02)
    with TracePool(registry, 1, cache_bytes=1 << 20) as pool:
        registry.start()
        assert pool.ready(READY_S)
        pinned = pool.pin(["it"])
        trace = TraceJob(TEXTS["fox"], None, (), OPTIONS)
        before = pool.submit(trace).result(READY_S)
        remove_documents(tmp_path / "index", ["fox", "copy/of fox"])
        add_documents([{"id": "new", "text": "a new sentence"}], tmp_path / "index", id_field="id")
        version = Index.open(tmp_path / "index").version
        eventually(lambda: pool.versions() == {"it": version})
        after = pool.submit(trace).result(READY_S)
        kept = pool.submit(trace, openings=pinned).result(READY_S)
        counted = [
            json.loads(pool.submit(PhraseJob("lazy dog", (), 0), openings=which).result(READY_S).body)["count"]
            for which in (None, pinned)
        ]
        registry.close()
    assert (after.versions, kept.versions) == ({"it": version}, before.versions)
    assert not after.from_cache
    assert without_times(kept.body) == without_times(before.body)
    assert counted == [1, 3]
    documents = {document["id"] for document in json.loads(after.body)["documents"]}
    assert documents == {"dog"}, "what was removed is in no answer"


def test_an_unlinked_index_serves_on_and_a_truncated_one_ends_no_other(tmp_path):
    paths = {name: tmp_path / name for name in ("whole", "cut", "unlinked")}
    for number, path in enumerate(paths.values()):
        small_index(path, TEXTS | {"own": f"words of {path.name} " * (3000 if number == 1 else 1)})
    registry = IndexRegistry(paths)
    with TracePool(registry, 2) as pool:
        assert pool.ready(READY_S)

        def count(*names: str) -> int:
            return json.loads(pool.submit(PhraseJob("lazy dog", names, 0)).result(READY_S).body)["count"]

        shutil.rmtree(paths["unlinked"])
        registry.check()
        assert states(registry)["unlinked"] == (IndexStatus.MISSING, True)
        assert count("unlinked") == 3
        os.kill(pool.processes()[0], signal.SIGKILL)
        eventually(lambda: pool.restarts == 1 and pool.ready())
        assert [count("unlinked") for _ in range(4)] == [3] * 4, "by the process that has it open"
        assert states(registry)["unlinked"] == (IndexStatus.MISSING, True)
        for file in paths["cut"].rglob("*.bin"):
            os.truncate(file, 0)
        restarts = pool.restarts
        with pytest.raises(IndexDamagedError, match="'cut'"):
            count("cut")
        assert states(registry)["cut"] == (IndexStatus.DAMAGED, False)
        with pytest.raises(IndexDamagedError, match=r"'cut'.*bytes instead of"):
            count("cut")
        assert [count("whole"), count("whole"), count()] == [3, 3, 6]
        eventually(pool.ready)
        assert pool.restarts == restarts + 1
        assert [count("whole") for _ in range(4)] == [3] * 4
        shutil.rmtree(paths["cut"])
        small_index(paths["cut"])
        registry.check()
        assert count("cut") == 3, "an index that is whole again is served again"


def states(registry: IndexRegistry) -> dict[str, tuple[IndexStatus, bool]]:
    return {state.name: (state.status, state.serving) for state in registry.indexes()}


def test_damage_that_shows_when_files_are_opened_is_told_by_name_not_by_folder(tmp_path):
    for name in ("changed", "whole"):
        small_index(tmp_path / name)
    (records,) = (tmp_path / "changed").rglob("records.bin")
    data = bytearray(records.read_bytes())
    data[-1] ^= 1
    records.write_bytes(data)
    registry = IndexRegistry({"it": tmp_path / "changed", "other": tmp_path / "whole"})
    assert states(registry)["it"] == (IndexStatus.OK, True), "sizes are as they should be"
    with TracePool(registry, 1) as pool:
        assert pool.ready(READY_S)
        assert states(registry)["it"] == (IndexStatus.DAMAGED, False)
        with pytest.raises(IndexDamagedError, match="'it'") as told:
            pool.submit(PhraseJob("lazy dog", ("it",))).result(READY_S)
        assert str(tmp_path) not in str(told.value)
        registry.check()
        assert states(registry)["it"] == (IndexStatus.DAMAGED, False), "only other files change that"
        assert json.loads(pool.submit(PhraseJob("lazy dog", (), 0)).result(READY_S).body)["counts"] == {"other": 3}


def test_closing_answers_everybody():
    pool = TracePool(IndexRegistry({}), 1)
    assert pool.ready(READY_S)
    (process,) = pool.processes()
    with pytest.raises(IndexDamagedError, match="No index"):
        pool.submit(WhoJob()).result()
    futures = [pool.submit(SleepJob(1000), openings=()) for _ in range(3)]
    pool.close()
    for future in futures:
        with pytest.raises(OverloadedError, match="stopping"):
            future.result(0)
    with pytest.raises(OverloadedError, match="stopping"):
        pool.submit(WhoJob(), openings=())
    pool.close()
    eventually(lambda: not alive(process))


def test_processes_end_with_the_service(tmp_path):
    code = (
        "import os; from wherefrom.pool.pool import TracePool; from wherefrom.pool.registry import IndexRegistry\n"
        "pool = TracePool(IndexRegistry({}), 1); pool.ready(60); print(*pool.processes(), flush=True); os._exit(0)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    eventually(lambda: not alive(int(done.stdout)))


def alive(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    status = Path(f"/proc/{process}/stat")
    return not status.exists() or status.read_text().rpartition(")")[2].split()[0] != "Z"
