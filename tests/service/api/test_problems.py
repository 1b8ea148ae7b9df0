"""Every refusal is a problem document, whoever refuses."""

from __future__ import annotations

import json

import pytest
import running_service
from fastapi import APIRouter
from pydantic import BaseModel

from wherefrom import errors
from wherefrom.api.app import create_app
from wherefrom.api.json_bodies import JsonRoute
from wherefrom.api.problems import KINDS, MEDIA_TYPE, TYPES, response
from wherefrom_indexer import errors as indexer_errors

STATUSES = {
    errors.UnauthenticatedError: 401,
    errors.AccessError: 403,
    errors.MisdirectedError: 421,
    errors.NotFoundError: 404,
    errors.HeaderLimitError: 431,
    errors.LimitError: 413,
    errors.SlowClientError: 408,
    errors.UnsupportedMediaError: 415,
    errors.MalformedError: 400,
    errors.RequestError: 422,
    errors.OverloadedError: 429,
    errors.DeadlineError: 504,
    errors.StoreUnavailableError: 503,
    indexer_errors.UsageError: 422,
    indexer_errors.DocumentNotFoundError: 404,
    indexer_errors.IndexNotFoundError: 404,
    indexer_errors.IndexDamagedError: 503,
    indexer_errors.StorageError: 503,
    indexer_errors.WherefromError: 500,
}


@pytest.mark.parametrize("kind", STATUSES, ids=lambda kind: kind.__name__)
def test_each_error_has_its_status(kind):
    answer = response(kind("What was wrong."), "/v1/x")
    said = json.loads(answer.body)
    assert answer.status_code == said["status"] == STATUSES[kind]
    assert said["type"].startswith(TYPES)
    assert (said["detail"], said["instance"]) == ("What was wrong.", "/v1/x")
    assert ("retry-after" in answer.headers) == (STATUSES[kind] in (429, 503))


def test_every_error_of_ours_is_thought_of():
    for kind in vars(errors).values():
        if isinstance(kind, type) and kind.__module__ == errors.__name__:
            assert any(issubclass(kind, known) for known in STATUSES), kind


class Model(BaseModel):
    number: int
    name: str = ""


@pytest.fixture(scope="module")
def client(tmp_path_factory):
    router = APIRouter(route_class=JsonRoute)

    @router.post("/model")
    async def model(given: Model) -> Model:
        return given

    @router.get("/bug")
    async def bug() -> None:
        raise ZeroDivisionError("the prompt said: secret")

    settings = running_service.settings_of(tmp_path_factory.mktemp("problems"))
    app = create_app(settings)
    app.include_router(router)
    with running_service.TestClient(app, base_url=running_service.HERE, raise_server_exceptions=False) as opened:
        yield opened


def problem(answer, status):
    assert answer.status_code == status
    assert answer.headers["content-type"] == MEDIA_TYPE
    said = answer.json()
    assert said["status"] == status
    assert set(said) - {"errors"} == {"type", "title", "status", "detail", "instance"}
    return said


def test_the_framework_refuses_alike(client):
    assert problem(client.get("/nowhere%00%0a"), 404)["instance"] == "/nowhere\x00\n"
    assert "allow" in client.delete("/health/live").headers
    problem(client.delete("/health/live"), 405)
    problem(client.post("/model", content=b"{", headers={"Content-Type": "application/json"}), 400)
    problem(client.post("/model", content=b"[" * 100_000, headers={"Content-Type": "application/json"}), 413)
    problem(client.post("/model", content=b'{"number": "\xff"}', headers={"Content-Type": "application/json"}), 400)
    said = problem(client.post("/model", json={"number": "x" * 10_000, "name": None}), 422)
    assert [fault["place"] for fault in said["errors"]] == [["body", "number"], ["body", "name"]]
    assert len(json.dumps(said)) < 1_000  # what was sent is not sent back
    problem(client.post("/model", content=b'{"number": NaN}', headers={"Content-Type": "application/json"}), 400)
    content = b'{"number": 1, "name": "\\ud800"}'
    answer = client.post("/model", content=content, headers={"Content-Type": "application/json"})
    assert answer.json() == {"number": 1, "name": "\ufffd"}


def test_a_fault_of_the_service_says_nothing_of_itself(client):
    answer = client.get("/bug")
    problem(answer, 500)
    assert "secret" not in answer.text
    assert answer.headers["x-content-type-options"] == "nosniff"


def test_bodies_are_refused_before_they_are_parsed(client):
    headers = {"Content-Type": "application/json", "Content-Encoding": "gzip"}
    problem(client.post("/model", content=b"no gzip", headers=headers), 400)
    problem(client.post("/model", content=b"x", headers=headers | {"Content-Encoding": "br"}), 415)
    assert "max_body_bytes" in problem(client.post("/model", content=b"x" * (33 << 20)), 413)["detail"]


def test_a_compressed_body_is_read(client):
    import gzip

    body = gzip.compress(b'{"number": 7}')
    answer = client.post(
        "/model", content=body, headers={"Content-Type": "application/json", "Content-Encoding": "gzip"}
    )
    assert answer.json() == {"number": 7, "name": ""}


def test_the_type_of_a_problem_explains_it(client):
    kind = client.get("/nowhere").json()["type"]
    said = client.get(kind).json()
    assert (said["type"], said["status"]) == (kind, 404)
    assert problem(client.get(TYPES + "unheard-of"), 404)["type"] == kind
    for _, status, name, _title in KINDS:
        said = client.get(TYPES + name).json()
        assert said["status"] == status
        assert said["description"].endswith(".")
