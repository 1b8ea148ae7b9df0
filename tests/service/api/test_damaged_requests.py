"""What clients sent, damaged: each route of each client answers it with an error of the client's, or takes what it can.

The recordings of all systems are the matrix: every request with a body, in every way that a body goes wrong. Those to
the gateway are not among them, since it is the model's server that judges what they say.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

import orjson
import pytest
import running_service
from clients import recording
from clients.recording import Recorded
from clients.systems import RECORDED
from hypothesis import given, settings
from hypothesis import strategies as st
from starlette.testclient import TestClient

from wherefrom.api import mlflow

DAMAGES: dict[str, Callable[[bytes], bytes]] = {
    "empty": lambda body: b"",
    "cut off": lambda body: body[: len(body) // 2],
    "without its end": lambda body: body[:-1],
    "without its beginning": lambda body: body[1:],
    "twice": lambda body: body * 2,
    "a list": lambda body: b"[" + body + b"]",
    "null": lambda body: b"null",
    "a number": lambda body: b"1e999",
    "deep": lambda body: b"[" * 100_000,
    "a deep object": lambda body: b'{"a":' * 100_000,
    "no text": lambda body: bytes(range(256)) * 4,
    "lone surrogates": lambda body: body.replace(b"Answer", b"\\ud800"),
    "not a number": lambda body: body.replace(b'"', b"NaN", 1),
    "zeros": lambda body: b"\0" * 1_000,
}
REFUSED = {400, 404, 405, 409, 411, 413, 415, 422, 429}
PASSED_ON = "/gateway/"


def _requests() -> list[Recorded]:
    sent = [each for path in sorted(RECORDED.iterdir()) for each in recording.load(path).requests]
    kept = [each for each in sent if each.body and not each.path.startswith(PASSED_ON)]
    return list({(each.method, each.path, each.headers.get("content-type")): each for each in kept}.values())


REQUESTS = _requests()


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TestClient]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(mlflow, "_PATIENCE_S", 0.0)
        with running_service.in_process(tmp_path_factory.mktemp("damaged"), attach=False) as client:
            yield client


def send(client: TestClient, request: Recorded, body: bytes) -> int:
    headers = {name: value for name, value in request.headers.items() if name != "content-encoding"}
    answer = client.request(request.method, request.path, headers=headers, content=body)
    assert answer.status_code < 500, f"{request.method} {request.path}: {answer.text}"
    assert answer.is_success or answer.status_code in REFUSED, f"{request.method} {request.path}: {answer.status_code}"
    return answer.status_code


@pytest.mark.parametrize("damage", DAMAGES)
def test_damaged_requests_are_refused_or_taken_in_part(client: TestClient, damage: str) -> None:
    for request in REQUESTS:
        send(client, request, DAMAGES[damage](recording.decoded(request)))
    assert client.get("/health/live").status_code == 200


def test_what_is_cut_off_is_refused_whole(client: TestClient) -> None:
    for request in REQUESTS:
        if request.headers.get("content-type", "").startswith("application/json"):
            status = send(client, request, DAMAGES["cut off"](recording.decoded(request)))
            assert status in REFUSED, request.path


@given(st.data())
@settings(max_examples=60)
def test_any_bytes_may_be_wrong(client: TestClient, data: st.DataObject) -> None:
    request = data.draw(st.sampled_from(REQUESTS))
    body = bytearray(recording.decoded(request))
    for _ in range(data.draw(st.integers(1, 3))):
        body[data.draw(st.integers(0, len(body) - 1))] = data.draw(st.integers(0, 255))
    send(client, request, bytes(body))


_VALUES = st.sampled_from(
    [None, True, 0, -1, 1e308, 2**63, -(2**63), "", "x" * 1_000, "\x00", [], {}, [None], {"": None}, [[[]]]]
)


@given(st.data())
@settings(max_examples=60)
def test_any_value_may_be_another(client: TestClient, data: st.DataObject) -> None:
    sent = [each for each in REQUESTS if each.headers.get("content-type") == "application/json"]
    request = data.draw(st.sampled_from(sent))
    value = orjson.loads(recording.decoded(request))
    inside = value
    while True:
        places = list(inside) if isinstance(inside, dict) else list(range(len(inside)))
        place = data.draw(st.sampled_from(places))
        if not isinstance(inside[place], dict | list) or not inside[place] or data.draw(st.integers(0, 4)) == 0:
            inside[place] = data.draw(_VALUES)
            break
        inside = inside[place]
    send(client, request, orjson.dumps(value))


def test_recorded_bodies_stand_for_all_forms() -> None:
    assert {each.headers.get("content-type", "").partition(";")[0] for each in REQUESTS} >= {
        "application/json",
        "application/x-protobuf",
        "multipart/form-data",
    }
