"""The gateway: what callers get is what the upstream answered, whatever becomes of the record."""

from __future__ import annotations

import asyncio
import gzip
import json
import socket
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import openai_server
import pytest
from openai import APIError, AsyncOpenAI, OpenAI
from running_service import in_process, on_a_port
from sqlalchemy import func, select
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse
from starlette.routing import Route

from wherefrom.api.gateway import recording
from wherefrom.api.settings import Settings
from wherefrom.cli.serving import named_upstreams
from wherefrom.errors import StoreUnavailableError
from wherefrom.traces.keys import create_key
from wherefrom.traces.schema import projects, spans
from wherefrom.traces.store import TraceStore
from wherefrom_indexer.errors import UsageError

ASKED = {"model": "gpt-4o-mini", "messages": [{"role": "user", "content": "Who?"}]}
WORDS = openai_server.DEFAULT_ANSWERS[0].text
SECRET = "sk-of-the-caller"
CLIENTS: list[OpenAI] = []


class Upstream:
    """A server that answers as a test says, and keeps what it was sent."""

    def __init__(self) -> None:
        self.answer: Any = lambda request, body: Response(b"{}", media_type="application/json")
        self.seen: list[tuple[Request, bytes]] = []
        self.gone = threading.Event()
        methods = ["GET", "POST", "PUT", "PATCH", "DELETE"]
        self.app = Starlette(routes=[Route("/base/{path:path}", self.handle, methods=methods)])

    async def handle(self, request: Request) -> Response:
        body = await request.body()
        self.seen.append((request, body))
        return self.answer(request, body)


class Raw:
    """A server that says bytes to whoever asks, and closes."""

    def __init__(self, listener: socket.socket) -> None:
        self.said = b""
        self.resets = False
        self._listener = listener

    def serve(self) -> None:
        while True:
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            with connection:
                connection.recv(65536)
                connection.sendall(self.said)
                if self.resets:
                    time.sleep(0.1)
                    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")


@pytest.fixture(scope="module")
def raw() -> Iterator[tuple[Raw, str]]:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        server = Raw(listener)
        thread = threading.Thread(target=server.serve)
        thread.start()
        yield server, f"http://127.0.0.1:{listener.getsockname()[1]}/v1"
        listener.shutdown(socket.SHUT_RDWR)
        thread.join()


@pytest.fixture(scope="module")
def model() -> Iterator[str]:
    with openai_server.running(openai_server.create_app()) as address:
        yield address


@pytest.fixture(scope="module")
def upstream() -> Iterator[tuple[Upstream, str]]:
    stand_in = Upstream()
    with openai_server.running(stand_in.app) as address:
        yield stand_in, f"{address}/base"


@pytest.fixture(scope="module")
def service(tmp_path_factory, model, upstream, raw):
    upstreams = {"openai": f"{model}/v1", "other": upstream[1], "raw": raw[1], "nowhere": "http://127.0.0.1:9/v1"}
    folder = tmp_path_factory.mktemp("gateway")
    with on_a_port(folder, upstreams=upstreams, attach=False, upstream_timeout_s=1.0) as (address, parts):
        yield address, parts


def recorded(address: str, project: str) -> dict[str, Any]:
    """The only span of a project's only trace, when it is there."""
    for _ in range(200):
        answer = httpx.get(f"{address}/v1/traces", params={"project": project})
        if answer.status_code == 200 and answer.json()["items"]:
            [trace] = answer.json()["items"]
            [span] = httpx.get(f"{address}/v1/traces/{trace['id']}").json()["spans"]
            return httpx.get(f"{address}/v1/spans/{span['id']}").json()
        time.sleep(0.02)
    raise AssertionError(f"nothing came to {project}")


def client(address: str, project: str, upstream: str = "openai", **headers: str) -> OpenAI:
    sent = {"X-Wherefrom-Project": project, **headers}
    base = f"{address}/gateway/{upstream}/v1"
    made = OpenAI(base_url=base, api_key=SECRET, default_headers=sent, max_retries=0)
    CLIENTS.append(made)
    return made


@pytest.fixture(autouse=True)
def _closing() -> Iterator[None]:
    yield
    while CLIENTS:
        CLIENTS.pop().close()


def words(span: dict[str, Any]) -> list[str]:
    return ["".join(part["text"] for part in message["parts"]) for message in span["output_messages"]]


def test_a_plain_answer_is_recorded_whole(service):
    address, _ = service
    labels = {"X-Wherefrom-Session": "day 1", "X-Wherefrom-User": "ada"}
    asking = client(address, "plain", **labels)
    answer = asking.chat.completions.with_raw_response.create(**ASKED, n=2, logprobs=True, top_logprobs=2)
    text = answer.parse().choices[0].message.content
    span = recorded(address, "plain")
    assert span["trace"] == answer.headers["x-wherefrom-trace"]
    assert (span["kind"], span["status"], span["name"]) == ("llm", "ok", "chat gpt-4o-mini")
    assert (span["model"], span["provider"], span["protocol"]) == ("gpt-4o-mini", "openai", "gateway")
    assert (span["session"], span["user"]) == ("day 1", "ada")
    assert words(span)[0] == text
    assert len(words(span)) == 2
    assert span["finish_reasons"] == ["stop", "stop"]
    assert [token["token"] for token in span["log_probabilities"]] == openai_server.tokens(text)
    assert len(span["log_probabilities"][0]["top"]) == 2
    assert (span["input_tokens"], span["total_tokens"]) == (1, 1 + span["output_tokens"])
    assert span["cost"] > 0
    assert span["duration_ms"] > 0
    assert answer.parse().id in span["aliases"]


def test_a_stream_is_the_same_bytes_and_recorded_as_one_answer(service, model):
    address, _ = service
    asked = {**ASKED, "stream": True, "logprobs": True, "stream_options": {"include_usage": True}}
    direct = httpx.post(f"{model}/v1/chat/completions", json=asked)
    through = httpx.post(
        f"{address}/gateway/openai/v1/chat/completions", json=asked, headers={"X-Wherefrom-Project": "stream"}
    )
    assert through.content == direct.content
    assert through.headers["content-type"] == direct.headers["content-type"]
    span = recorded(address, "stream")
    assert words(span) == [WORDS] or words(span) == [openai_server.DEFAULT_ANSWERS[1].text]
    assert span["finish_reasons"] == ["stop"]
    assert len(span["log_probabilities"]) == span["output_tokens"]
    assert 0 < span["first_token_ms"] <= span["duration_ms"]


def test_pieces_go_on_as_they_come(service, upstream):
    address, _ = service
    go_on = threading.Event()

    def answer(request, body):
        def pieces():
            yield b'data: {"choices":[{"index":0,"delta":{"content":"a"}}]}\n\n'
            go_on.wait(5)
            yield b"data: [DONE]\n\n"

        return StreamingResponse(pieces(), media_type="text/event-stream")

    upstream[0].answer = answer
    with httpx.stream("POST", f"{address}/gateway/other/v1/chat/completions", json=ASKED) as came:
        pieces = came.iter_raw()
        assert b'"a"' in next(pieces)  # while the upstream still waits
        go_on.set()
        assert b"".join(pieces).endswith(b"[DONE]\n\n")


@pytest.mark.parametrize("streamed", [False, True])
def test_tools(service, streamed):
    address, _ = service
    function = {"name": "look", "parameters": {"type": "object", "properties": {"what": {"type": "string"}}}}
    tools: Any = [{"type": "function", "function": function}]
    project = f"tools {streamed}"
    answer = client(address, project).chat.completions.create(**ASKED, tools=tools, stream=streamed)
    if streamed:
        assert list(answer)
    [message] = recorded(address, project)["output_messages"]
    [call] = message["parts"]
    assert (call["type"], call["name"], message["finish_reason"]) == ("tool_call", "look", "tool_calls")
    assert set(call["arguments"]) == {"what"}


def test_completions_and_embeddings(service):
    address, _ = service
    list(client(address, "completion").completions.create(model="m", prompt="Who?", stream=True))
    assert words(recorded(address, "completion"))[0] in [answer.text for answer in openai_server.DEFAULT_ANSWERS]
    client(address, "completed").completions.create(model="m", prompt="Who?", logprobs=1)
    span = recorded(address, "completed")
    assert span["name"] == "completion m"
    assert len(span["log_probabilities"]) == len(openai_server.tokens(words(span)[0]))
    client(address, "embedding").embeddings.create(model="text-embedding-3-small", input=["a b", "c"])
    span = recorded(address, "embedding")
    assert (span["kind"], span["input_tokens"]) == ("embedding", 3)
    assert span["output"]["data"] == [{"object": "embedding", "index": 0}, {"object": "embedding", "index": 1}]


async def _asynchronous(address: str) -> str:
    async with AsyncOpenAI(
        base_url=f"{address}/gateway/openai/v1", api_key=SECRET, default_headers={"X-Wherefrom-Project": "async"}
    ) as asking:
        stream = await asking.chat.completions.create(**ASKED, stream=True)
        return "".join([chunk.choices[0].delta.content or "" async for chunk in stream])


def test_the_asynchronous_client(service):
    assert asyncio.run(_asynchronous(service[0])) == words(recorded(service[0], "async"))[0]


def test_responses(service, upstream):
    address, _ = service
    made = {
        "id": "resp_1", "object": "response", "status": "completed", "model": "gpt-4o-mini",
        "output": [{"type": "message", "role": "assistant", "content": [{"type": "output_text", "text": "We."}]}],
        "usage": {"input_tokens": 3, "output_tokens": 2, "total_tokens": 5},
    }  # fmt: skip
    events = [
        {"type": "response.created", "response": {**made, "status": "in_progress", "output": []}},
        {"type": "response.output_text.delta", "output_index": 0, "content_index": 0, "delta": "We."},
        {"type": "response.completed", "response": made},
    ]
    said = b"".join(b"event: x\ndata: " + json.dumps(event).encode() + b"\n\n" for event in events)
    upstream[0].answer = lambda request, body: Response(said, media_type="text/event-stream")
    sent = {"X-Wherefrom-Project": "responses"}
    httpx.post(f"{address}/gateway/other/v1/responses", json={"model": "m", "input": "Who?"}, headers=sent)
    span = recorded(address, "responses")
    assert words(span) == ["We."]
    assert (span["input_tokens"], span["status"], span["finish_reasons"]) == (3, "ok", ["completed"])
    assert span["first_token"] is not None


def test_what_goes_on_and_what_stays(service, upstream):
    address, _ = service
    upstream[0].answer = lambda request, body: Response(
        b"{}", 201, {"X-Own": "1", "Access-Control-Allow-Origin": "*", "Set-Cookie": "a=b", "x-request-id": "theirs"}
    )
    sent = {
        "Authorization": f"Bearer {SECRET}", "X-Wherefrom-Session": "s", "X-Wherefrom-Key": "ours",
        "Helicone-Auth": "Bearer ours", "Helicone-User-Id": "u", "Cookie": "c=d", "Connection": "X-Drop",
        "X-Drop": "1", "OpenAI-Organization": "org", "Accept-Encoding": "br, gzip;q=0.5",
    }  # fmt: skip
    path = "/gateway/other/v1/files/a%20b?purpose=fine%2Dtune"
    answer = httpx.put(f"{address}{path}", content=b"\0\xff raw", headers=sent)
    request, body = upstream[0].seen[-1]
    assert (request.method, body) == ("PUT", b"\0\xff raw")
    assert request.scope["raw_path"] == b"/base/files/a%20b"
    assert request.scope["query_string"] == b"purpose=fine%2Dtune"
    assert request.headers["authorization"] == f"Bearer {SECRET}"
    assert request.headers["openai-organization"] == "org"
    assert request.headers["accept-encoding"] == "gzip;q=0.5"
    assert request.headers["host"].startswith("127.0.0.1")
    ours = ("x-wherefrom-", "helicone-", "cookie", "x-drop")
    assert not [name for name in request.headers if name.startswith(ours)]
    assert (answer.status_code, answer.headers["x-own"], answer.headers["x-request-id"]) == (201, "1", "theirs")
    assert not {"access-control-allow-origin", "set-cookie", "x-wherefrom-trace"} & set(answer.headers)


def test_bodies_pass_as_they_are_encoded(service, upstream):
    address, _ = service
    packed = gzip.compress(json.dumps({"choices": [{"message": {"content": "Packed."}}]}).encode())
    upstream[0].answer = lambda request, body: Response(packed, 200, {"Content-Encoding": "gzip"}, "application/json")
    encoded = gzip.compress(json.dumps(ASKED).encode())
    sent = {"Content-Encoding": "gzip", "X-Wherefrom-Project": "packed"}
    url = f"{address}/gateway/other/v1/chat/completions"
    with httpx.stream("POST", url, content=encoded, headers=sent) as answer:
        assert b"".join(answer.iter_raw()) == packed
    request, body = upstream[0].seen[-1]
    assert (request.headers["content-encoding"], body) == ("gzip", encoded)
    span = recorded(address, "packed")
    assert words(span) == ["Packed."]
    assert span["input"]["model"] == "gpt-4o-mini"


def test_no_redirect_is_followed(service, upstream, model):
    upstream[0].answer = lambda request, body: Response(status_code=307, headers={"Location": f"{model}/v1/models"})
    answer = httpx.get(f"{service[0]}/gateway/other/v1/models")
    assert (answer.status_code, answer.headers["location"]) == (307, f"{model}/v1/models")


@pytest.mark.parametrize("path", ["../admin", "a/../b", "%2e%2e/admin", "a/%2E%2e%2fb", "..%5cadmin", "./x"])
def test_no_path_leaves_the_upstream(service, upstream, path):
    seen = len(upstream[0].seen)
    with socket.create_connection(("127.0.0.1", int(service[0].rpartition(":")[2]))) as connection:
        asked = f"GET /gateway/other/v1/{path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"
        connection.sendall(asked.encode())
        assert connection.recv(64).startswith(b"HTTP/1.1 422")
    assert len(upstream[0].seen) == seen


@pytest.mark.parametrize("status", [400, 429, 500])
def test_errors_of_the_upstream_are_passed_on_and_recorded(service, status):
    address, _ = service
    project = f"status {status}"
    asked = {**ASKED, "messages": [{"role": "user", "content": f"[status {status}]"}]}
    with pytest.raises(APIError) as caught:
        client(address, project).chat.completions.create(**asked)
    assert caught.value.status_code == status
    span = recorded(address, project)
    assert span["status"] == "error"
    assert span["status_message"].startswith(f"{status}: asked for by")
    assert span["output_messages"] is None


def test_an_upstream_that_is_away(service):
    address, _ = service
    with pytest.raises(APIError) as caught:
        client(address, "away", "nowhere").chat.completions.create(**ASKED)
    assert caught.value.status_code == 502
    assert recorded(address, "away")["status_message"] == "The upstream cannot be reached."


def test_an_upstream_that_is_slow(service, upstream):
    address, _ = service

    class Late(Response):
        async def __call__(self, scope, receive, send):
            await asyncio.sleep(2)

    upstream[0].answer = lambda request, body: Late()
    with pytest.raises(APIError) as caught:
        client(address, "slow", "other").chat.completions.create(**ASKED)
    assert caught.value.status_code == 504
    assert recorded(address, "slow")["status"] == "error"


EVENT = b'data: {"choices":[{"index":0,"delta":{"content":"We the"}}]}\n\n'
HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n"
CHUNKED = b"Transfer-Encoding: chunked\r\n\r\n" + b"%x\r\n%s\r\n" % (len(EVENT), EVENT)


@pytest.mark.parametrize(
    ("said", "reset"),
    [
        (HEAD + CHUNKED, False),
        (HEAD + CHUNKED, True),
        (HEAD + b"Content-Length: 5000\r\n\r\n" + EVENT, False),
        (HEAD + CHUNKED + b"zz\r\nnonsense\r\n", False),
    ],
    ids=["closes early", "resets", "too short", "not chunked"],
)
def test_an_answer_that_breaks_off_breaks_off_for_the_caller(service, raw, said, reset, request):
    address, _ = service
    raw[0].said, raw[0].resets = said, reset
    project = request.node.callspec.id
    url = f"{address}/gateway/raw/v1/chat/completions"
    with pytest.raises(httpx.RemoteProtocolError):
        httpx.post(url, json=ASKED, headers={"X-Wherefrom-Project": project})
    span = recorded(address, project)
    assert (span["status"], span["status_message"]) == ("error", "The upstream broke off.")
    assert words(span) == ["We the"]


def test_an_upstream_that_does_not_speak_http(service, raw):
    raw[0].said, raw[0].resets = b"SSH-2.0-OpenSSH\r\n", False
    assert httpx.post(f"{service[0]}/gateway/raw/v1/chat/completions", json=ASKED).status_code == 502


def test_a_stream_of_nonsense_is_passed_on(service, upstream):
    address, _ = service
    said = b": hello\n\ndata: {not json\n\ndata: [1]\r\n\r\n" + EVENT + b"data: \xff\xfe\n\ndata: [DONE]"
    upstream[0].answer = lambda request, body: Response(said, media_type="text/event-stream")
    sent = {"X-Wherefrom-Project": "nonsense"}
    answer = httpx.post(f"{address}/gateway/other/v1/chat/completions", json=ASKED, headers=sent)
    assert answer.content == said
    span = recorded(address, "nonsense")
    assert words(span) == ["We the"]
    assert span["attributes"]["gateway.broken_events"] == 3
    assert span["status"] == "error"


def test_a_caller_that_leaves_ends_the_request_to_the_upstream(service, upstream):
    address, _ = service
    gone = threading.Event()

    class Endless(Response):
        async def __call__(self, scope, receive, send):
            headers = [(b"content-type", b"text/event-stream")]
            await send({"type": "http.response.start", "status": 200, "headers": headers})
            await send({"type": "http.response.body", "body": EVENT, "more_body": True})
            while (await receive())["type"] != "http.disconnect":
                await asyncio.sleep(0)
            gone.set()

    upstream[0].answer = lambda request, body: Endless()
    stream = client(address, "gone", "other").chat.completions.create(**ASKED, stream=True)
    assert next(iter(stream)).choices[0].delta.content == "We the"
    stream.close()
    assert gone.wait(5)
    span = recorded(address, "gone")
    assert span["status_message"] == "The caller left before the answer's end."
    assert words(span) == ["We the"]


def test_an_upstream_waits_for_a_caller_that_reads_slowly(service, upstream):
    address, _ = service
    total, sent = 256 << 20, 0

    async def pieces():
        nonlocal sent
        for _ in range(total >> 20):
            yield bytes(1 << 20)
            sent += 1 << 20

    upstream[0].answer = lambda request, body: StreamingResponse(pieces(), media_type="application/octet-stream")
    with httpx.stream("GET", f"{address}/gateway/other/v1/files/1/content") as answer:
        read = answer.iter_raw(1 << 20)
        next(read)
        time.sleep(0.7)
        assert sent < total // 4
        assert (1 << 20) + sum(map(len, read)) == sent == total


def test_what_was_passed_on_is_stored_before_the_service_ends(tmp_path, model):
    with on_a_port(tmp_path, upstreams={"openai": f"{model}/v1"}, attach=False) as (address, _):
        asking = client(address, "ending")
        for _ in range(20):
            asking.chat.completions.create(**ASKED)
    with TraceStore.open(str(tmp_path / "traces")) as store:
        assert store.read(lambda connection: connection.execute(select(func.count()).select_from(spans)).scalar()) == 20


def test_the_caller_keys_are_nowhere(service, capfd):
    address, parts = service
    asking = client(address, "secret", **{"X-Wherefrom-Key": "wf_ours", "api-key": SECRET})
    asking.chat.completions.create(**ASKED)
    recorded(address, "secret")
    store = parts.store.location
    held = b"".join(path.read_bytes() for path in Path(store).rglob("*") if path.is_file())
    assert SECRET.encode() not in held
    assert b"wf_ours" not in held
    captured = capfd.readouterr()
    assert SECRET not in captured.out + captured.err


def test_a_traceparent_places_the_generation_under_the_caller(service):
    address, _ = service
    trace, span = "4bf92f3577b34da6a3ce929d0e0e4736", "00f067aa0ba902b7"
    client(address, "placed", traceparent=f"00-{trace}-{span}-01").chat.completions.create(**ASKED)
    found = recorded(address, "placed")
    assert (found["trace"], found["parent"]) == (trace, span)
    client(address, "unplaced", traceparent=f"00-{trace}-{'0' * 16}-01").chat.completions.create(**ASKED)
    assert recorded(address, "unplaced")["parent"] is None


def test_helicone_headers_and_scores(service):
    address, _ = service
    headers = {
        "Helicone-Auth": "Bearer any", "Helicone-Session-Id": "s-1", "Helicone-Session-Name": "Chat",
        "Helicone-Session-Path": "/answer/llm", "Helicone-User-Id": "ada", "Helicone-Property-App": "docs",
    }  # fmt: skip
    asking = client(address, "helicone", **headers)
    answer = asking.chat.completions.with_raw_response.create(**ASKED)
    known_as = answer.headers["helicone-id"]
    span = recorded(address, "helicone")
    assert (span["session"], span["user"]) == ("s-1", "ada")
    assert span["metadata"] == {"session_name": "Chat", "session_path": "/answer/llm", "app": "docs"}
    assert known_as in span["aliases"]
    url = f"{address}/helicone/v1/request/{known_as}/score"
    assert httpx.post(url, json={"scores": {"correct": True, "stars": 4}}).json() == {"data": None, "error": None}
    scores = httpx.get(f"{address}/v1/scores", params={"project": "helicone"}).json()["items"]
    assert {score["name"]: score["value"] for score in scores} == {"correct": 1.0, "stars": 4.0}
    assert {score["trace"] for score in scores} == {span["trace"]}


def test_our_keys_come_apart_from_the_callers(tmp_path, model):
    with TraceStore.open(str(tmp_path / "traces")) as store:
        work = store.write(lambda connection: create_key(connection, "ingest", "only", "t", time.time_ns()))
        key, _ = work.result()
    with on_a_port(tmp_path, upstreams={"openai": f"{model}/v1"}, attach=False, require_keys=True) as (address, parts):
        with pytest.raises(APIError) as caught:
            client(address, "x").chat.completions.create(**ASKED)
        assert caught.value.status_code == 401
        assert "X-Wherefrom-Key" in caught.value.response.text
        for number, headers in enumerate([{"X-Wherefrom-Key": key}, {"Helicone-Auth": f"Bearer {key}"}], 1):
            client(address, "other project", **headers).chat.completions.create(**ASKED)
            for _ in range(200):
                found = parts.metrics.registry.get_sample_value(
                    "wherefrom_ingested_spans_total", {"protocol": "gateway"}
                )
                if found == number:
                    break
                time.sleep(0.02)
        names = parts.store.read(lambda connection: connection.execute(select(projects.c.name)).scalars().all())
        assert "other project" not in names
        assert "only" in names


def test_a_store_that_is_away_holds_nothing_up_and_is_seen(tmp_path, model, monkeypatch):
    monkeypatch.setattr(recording, "MOST_WAITING", 2)
    with on_a_port(tmp_path, upstreams={"openai": f"{model}/v1"}, attach=False) as (address, parts):
        write = parts.store.write

        def away(work, *, size=0):
            raise StoreUnavailableError("The disk is full.")

        monkeypatch.setattr(type(parts.store), "write", lambda self, work, size=0: away(work))
        asking = client(address, "default")
        assert all(asking.chat.completions.create(**ASKED).choices for _ in range(4))
        ready = httpx.get(f"{address}/health/ready").json()["checks"]["gateway"]
        assert ready["status"] == "degraded"
        assert "The disk is full." in ready["reason"]
        metrics = httpx.get(f"{address}/metrics").text
        assert 'wherefrom_gateway_lost_total{reason="full"} 2.0' in metrics
        assert "wherefrom_gateway_waiting 2.0" in metrics
        monkeypatch.setattr(type(parts.store), "write", lambda self, work, size=0: write(work, size=size))
        for _ in range(200):
            if "wherefrom_gateway_waiting 0.0" in httpx.get(f"{address}/metrics").text:
                break
            time.sleep(0.05)
        assert len(httpx.get(f"{address}/v1/traces?project=default").json()["items"]) == 2
        assert httpx.get(f"{address}/health/ready").json()["checks"]["gateway"]["reason"].startswith("2 answers")


def test_an_answer_beyond_memory_is_passed_on(service, upstream, monkeypatch):
    address, parts = service
    monkeypatch.setattr(parts.gateway.recorder, "_most_bytes", 20_000)
    said = b'{"choices": [{"message": {"content": "' + b"x" * 100_000 + b'"}}]}'
    upstream[0].answer = lambda request, body: Response(said, media_type="application/json")
    sent = {"X-Wherefrom-Project": "large"}
    answer = httpx.post(f"{address}/gateway/other/v1/chat/completions", json=ASKED, headers=sent)
    assert answer.content == said
    span = recorded(address, "large")
    assert span["attributes"]["gateway.answer_not_kept"] is True
    assert span["output"] is None


def test_without_upstreams_there_is_no_gateway(tmp_path):
    with in_process(tmp_path) as here:
        answer = here.post("/gateway/openai/v1/chat/completions", json=ASKED)
        assert answer.status_code == 404
        assert "gateway is off" in answer.json()["detail"]
        assert "gateway" not in here.get("/health/ready").json()["checks"]


def test_an_unknown_upstream(service):
    for name in ("x", "127.0.0.1:80", "openai@evil", "http:%2f%2fevil"):
        answer = httpx.post(f"{service[0]}/gateway/{name}/v1/chat/completions", json=ASKED)
        assert answer.status_code == 404


@pytest.mark.parametrize(
    "given",
    [{"a/b": "https://x/v1"}, {"": "https://x"}, {"x": "ftp://x"}, {"x": "https://"}, {"x": "https://u:secret@x/v1"},
     {"x": "https://x?y=1"}, {"x": "file:///etc/passwd"}],
)  # fmt: skip
def test_upstreams_that_cannot_be_used(given):
    with pytest.raises(UsageError) as caught:
        Settings.load(upstreams=given)
    assert "secret" not in str(caught.value)


def test_upstreams_on_the_command_line():
    assert named_upstreams(["a=https://a/v1", "b=http://b?x=1"]) == {"a": "https://a/v1", "b": "http://b?x=1"}
    for wrong in (["https://a/v1"], ["a=https://a", "a=https://b"]):
        with pytest.raises(UsageError, match="--upstream"):
            named_upstreams(wrong)


def test_a_key_of_one_project_reaches_no_trace_of_another(tmp_path, model):
    with TraceStore.open(str(tmp_path / "traces")) as store:
        keys = [("ingest", None), ("ingest", "beta"), ("read", "beta")]
        team, beta, reader = (
            store.write(lambda connection, kind=kind, name=name: create_key(connection, kind, name, "t", 1)).result()[0]
            for kind, name in keys
        )
    trace = "11" * 16
    sent = {"traceId": trace, "spanId": "22" * 8, "name": "SECRET", "startTimeUnixNano": "1", "endTimeUnixNano": "2"}
    body = {"resourceSpans": [{"scopeSpans": [{"spans": [sent]}]}]}
    with on_a_port(tmp_path, upstreams={"openai": f"{model}/v1"}, attach=False, require_keys=True) as (address, _):
        httpx.post(f"{address}/v1/traces", json=body, headers={"x-api-key": team}).raise_for_status()
        headers = {"X-Wherefrom-Key": beta, "traceparent": f"00-{trace}-{'33' * 8}-01"}
        url = f"{address}/gateway/openai/v1/chat/completions"
        httpx.post(url, json=ASKED, headers=headers).raise_for_status()
        for _ in range(200):
            if httpx.get(f"{address}/v1/traces", headers={"x-api-key": reader}).json()["items"]:
                break
            time.sleep(0.02)
        seen = httpx.get(f"{address}/v1/traces/{trace}", headers={"x-api-key": reader})
        assert "SECRET" not in seen.text


@pytest.mark.parametrize(
    "delta",
    [{"tool_calls": {"a": 1}}, {"tool_calls": "x"}, {"function_call": "x"}, {"function_call": [1]}],
)
def test_calls_of_an_odd_type_do_not_end_the_recording(service, upstream, delta):
    address, _ = service
    event = b"data: " + json.dumps({"choices": [{"index": 0, "delta": delta}]}).encode() + b"\n\n"
    good = b'data: {"choices":[{"index":0,"delta":{"tool_calls":[{"index":0}],"function_call":{"name":"f"}}}]}\n\n'
    said = event + good + EVENT + b"data: [DONE]\n\n"
    upstream[0].answer = lambda request, body: Response(said, media_type="text/event-stream")
    project = f"odd {delta}"
    sent = {"X-Wherefrom-Project": project}
    httpx.post(f"{address}/gateway/other/v1/chat/completions", json=ASKED, headers=sent).raise_for_status()
    assert "We the" in str(recorded(address, project)["output"])


def test_an_answer_that_no_reader_reads_is_counted(tmp_path, model, monkeypatch):
    def fail(exchange, limits):
        raise TypeError("odd")

    with on_a_port(tmp_path, upstreams={"openai": f"{model}/v1"}, attach=False) as (address, _):
        real = recording.span_update
        monkeypatch.setattr(recording, "span_update", fail)
        asking = client(address, "default")
        asking.chat.completions.create(**ASKED)
        for _ in range(200):
            if 'wherefrom_gateway_lost_total{reason="failed"} 1.0' in httpx.get(f"{address}/metrics").text:
                break
            time.sleep(0.02)
        else:
            raise AssertionError("it is not counted")
        monkeypatch.setattr(recording, "span_update", real)
        asking.chat.completions.create(**ASKED)
        recorded(address, "default")


@pytest.mark.parametrize(
    "path", ["/gateway%2Fother/v1/models", "/gateway/other%2Fv1/models", "/gateway%2Fother/v1/a/b"]
)
def test_encoded_slashes_lead_nowhere_else(service, upstream, path):
    before = len(upstream[0].seen)
    assert httpx.get(f"{service[0]}/gateway{path}").status_code == 404
    assert len(upstream[0].seen) == before


def test_members_of_a_compressed_answer_are_read_to_the_last(service, upstream):
    address, _ = service
    said = gzip.compress(EVENT) + gzip.compress(EVENT + b"data: [DONE]\n\n")
    headers = {"content-encoding": "gzip"}
    upstream[0].answer = lambda request, body: Response(said, media_type="text/event-stream", headers=headers)
    sent = {"X-Wherefrom-Project": "members", "accept-encoding": "gzip"}
    httpx.post(f"{address}/gateway/other/v1/chat/completions", json=ASKED, headers=sent)
    assert words(recorded(address, "members")) == ["We theWe the"]
