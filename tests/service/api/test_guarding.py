"""Who is let in."""

from __future__ import annotations

import base64
import time

import pytest
import running_service
from hypothesis import given
from hypothesis import strategies as st
from starlette.datastructures import Headers

from wherefrom.api.access import Caller, Keyring, Rate, Role, key_in
from wherefrom.api.services import opened
from wherefrom.errors import AccessError, OverloadedError, StoreUnavailableError, UnauthenticatedError
from wherefrom.traces.keys import create_key, list_keys, revoke_key
from wherefrom.traces.store import TraceStore

ASKED = "/openapi.json"


def make_key(store, role="read", project=None):
    key, kept = store.write(lambda connection: create_key(connection, role, project, "", time.time_ns())).result()
    return key, kept.id


@pytest.fixture
def folder(tmp_path):
    """A folder whose store has a key already."""
    with TraceStore.open(tmp_path / "traces") as store:
        make_key(store, "admin")
    return tmp_path


# ---- loopback


@pytest.fixture(scope="module")
def local(tmp_path_factory):
    folder = tmp_path_factory.mktemp("local")
    with running_service.in_process(
        folder, allowed_hosts=("trace.lan",), allowed_origins=("http://ui.lan:3000",)
    ) as client:
        yield client


@pytest.mark.parametrize(
    "host", ["127.0.0.1", "localhost:8484", "[::1]:8484", "LocalHost", "127.3.2.1:1", "trace.lan:99"]
)
def test_hosts_that_are_this_machine(local, host):
    assert local.get(ASKED, headers={"Host": host}).status_code == 200


@pytest.mark.parametrize(
    "host", ["evil.example", "localhost.evil.example", "", "127.0.0.1.nip.io:80", "[::2]", "a" * 5000]
)
def test_other_hosts_are_refused_for_they_may_be_rebound_names(local, host):
    assert local.get("/health/ready", headers={"Host": host}).status_code == 421
    answer = local.get(ASKED, headers={"Host": host})
    assert answer.status_code == 421
    assert "WHEREFROM_ALLOWED_HOSTS" in answer.json()["detail"]


@pytest.mark.parametrize(
    "headers", [{}, {"Origin": "http://127.0.0.1"}, {"Origin": "http://UI.lan:3000"}, {"Sec-Fetch-Site": "same-origin"}]
)
def test_writes_of_this_machine_are_let_through(local, headers):
    assert local.post("/nowhere", headers=headers).status_code == 404


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "http://evil.example"},
        {"Origin": "null"},
        {"Origin": "http://127.0.0.1:3000"},
        {"Origin": "http://127.0.0.1.evil.example"},
        {"Origin": "http://["},
        {"Sec-Fetch-Site": "cross-site"},
    ],
)
@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE", "BREW"])
def test_writes_of_other_sites_pages_are_refused(local, method, headers):
    assert local.request(method, "/nowhere", headers=headers).status_code == 403


def test_pages_that_are_named_may_read_the_answer(local):
    answer = local.get(ASKED, headers={"Origin": "http://ui.lan:3000"})
    assert answer.headers["access-control-allow-origin"] == "http://ui.lan:3000"
    assert "access-control-allow-origin" not in local.get(ASKED, headers={"Origin": "http://evil.example"}).headers


@pytest.mark.parametrize("key", ["any", "wf_unknown_key", "wf__", "\xff", "x" * 10_000])
def test_on_loopback_any_key_will_do(local, key):
    assert local.get("/metrics", headers={"x-api-key": key.encode("latin-1")}).status_code == 200
    assert local.get("/metrics", headers={"Authorization": b"Digest " + key.encode("latin-1")}).status_code == 200


def test_on_loopback_a_real_key_still_says_what_its_holder_may(local):
    key, _ = make_key(local.app.state.services.store, "ingest")
    assert local.get("/metrics", headers={"x-api-key": key}).status_code == 403


# ---- elsewhere


def test_an_address_that_others_reach_needs_keys_to_start(tmp_path):
    settings = running_service.settings_of(tmp_path, host="0.0.0.0")
    with pytest.raises(AccessError, match="wherefrom keys create"), opened(settings):
        raise AssertionError("it started")


def test_a_revoked_key_is_no_key_to_start_with(tmp_path):
    with TraceStore.open(tmp_path / "traces") as store:
        _, number = make_key(store)
        store.write(lambda connection: revoke_key(connection, number, 1)).result()
    with pytest.raises(AccessError), opened(running_service.settings_of(tmp_path, host="0.0.0.0")):
        raise AssertionError("it started")


@pytest.mark.parametrize("given", [{"host": "0.0.0.0"}, {"require_keys": True}])
def test_only_keys_open(folder, given):
    with running_service.in_process(folder, **given) as client:
        reader, _ = make_key(client.app.state.services.store, "read")
        ingester, _ = make_key(client.app.state.services.store, "ingest")
        assert client.get("/health/live").status_code == client.get("/health/ready").status_code == 200
        for headers in ({}, {"x-api-key": "any"}, {"x-api-key": reader[:-1]}, {"Authorization": "Basic ?"}):
            answer = client.get("/metrics", headers=headers)
            assert answer.status_code == 401
            assert answer.headers["www-authenticate"].startswith("Bearer")
        pair = base64.b64encode(f"user:{reader}".encode()).decode()
        for headers in (
            {"x-api-key": reader},
            {"Authorization": f"Bearer {reader}"},
            {"authorization": f"BEARER  {reader} "},
            {"Authorization": f"Basic {pair}"},
        ):
            assert client.get("/metrics", headers=headers).status_code == 200
        assert client.get("/metrics", headers={"x-api-key": ingester}).status_code == 403
        limited, _ = make_key(client.app.state.services.store, "admin", "chat")
        assert client.get("/metrics", headers={"x-api-key": limited}).status_code == 403
        assert client.get(ASKED, headers={"Host": "any.name", "x-api-key": reader}).status_code == 200


def test_a_revoked_key_is_refused_within_seconds(folder):
    with TraceStore.open(folder / "traces") as store:
        now = [0.0]
        keyring = Keyring(store, lambda: now[0])
        key, number = make_key(store, "ingest", "chat")
        assert not keyring.is_fresh()
        keyring.refresh()
        assert keyring.find(key) == Caller(Role.INGEST, "chat", number)
        store.write(lambda connection: revoke_key(connection, number, 1)).result()
        assert keyring.is_fresh()
        now[0] = 2.1
        assert not keyring.is_fresh()
        keyring.refresh()
        assert keyring.find(key) is None


def test_use_is_noted_now_and_then(folder):
    with TraceStore.open(folder / "traces") as store:
        now = [0.0]
        keyring = Keyring(store, lambda: now[0])
        key, number = make_key(store)
        keyring.refresh()
        keyring.find(key)
        now[0] = 61.0
        keyring.refresh()
        store.write(lambda connection: None).result()
        assert {kept.id for kept in store.read(list_keys) if kept.used_ns} == {number}


def test_keys_stay_valid_while_the_store_is_away():
    class Store:
        up = False

        def read(self, work):
            if not self.up:
                raise StoreUnavailableError("gone")
            return ()

    store = Store()
    keyring = Keyring(store)
    with pytest.raises(StoreUnavailableError):
        keyring.refresh()
    store.up = True
    keyring.refresh()
    store.up = False
    keyring.refresh()


def test_a_key_may_ask_so_often(folder):
    with running_service.in_process(folder, require_keys=True, requests_per_second=0.01, burst=3) as client:
        store = client.app.state.services.store
        first, second = make_key(store)[0], make_key(store)[0]
        found = [client.get(ASKED, headers={"x-api-key": first}) for _ in range(4)]
        assert [answer.status_code for answer in found] == [200, 200, 200, 429]
        assert 90 <= int(found[3].headers["retry-after"]) <= 100
        assert client.get(ASKED, headers={"x-api-key": second}).status_code == 200


@given(st.floats(0.1, 100), st.integers(1, 20), st.lists(st.floats(0, 3), max_size=60))
def test_no_key_gets_more_than_its_rate_and_burst(per_second, burst, waits):
    now = [100.0]
    rate = Rate(per_second, burst, lambda: now[0])
    taken = 0
    waited = []
    for wait in waits:
        now[0] += wait
        try:
            rate.take("key")
        except OverloadedError as error:
            waited.append(error.retry_after)
        else:
            taken += 1
    assert all(0 < seconds <= 1 / per_second + 1e-6 for seconds in waited)
    assert taken <= burst + per_second * (now[0] - 100.0) + 1e-6


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("x-api-key", "wf_1_a"),
        ("X-Wherefrom-Key", "wf_1_a"),
        ("DD-API-KEY", "wf_1_a"),
        ("Helicone-Auth", "Bearer wf_1_a"),
        ("Authorization", "Bearer wf_1_a"),
        ("Authorization", "wf_1_a"),
        ("Authorization", "Basic cGs6d2ZfMV9h"),
    ],
)
def test_a_key_is_found_where_clients_send_it(name, value):
    assert key_in(Headers({name: value})) == "wf_1_a"


def test_on_the_gateway_the_callers_credentials_are_not_ours():
    headers = {"Authorization": "Bearer sk-1", "x-api-key": "sk-2", "DD-API-KEY": "sk-3"}
    assert key_in(Headers(headers), "/gateway/openai/v1/chat/completions") is None
    for name, value in (("X-Wherefrom-Key", "wf_1_a"), ("Helicone-Auth", "Bearer wf_1_a")):
        assert key_in(Headers(headers | {name: value}), "/gateway/openai/v1/models") == "wf_1_a"


_KEY_HEADERS = ["x-api-key", "authorization", "dd-api-key", "helicone-auth", "x-wherefrom-key"]


@given(st.dictionaries(st.sampled_from(_KEY_HEADERS), st.binary(max_size=60)), st.sampled_from(["/", "/gateway/a/v1"]))
def test_any_headers_hold_a_key_or_none(headers, path):
    try:
        found = key_in(Headers(raw=[(name.encode(), value) for name, value in headers.items()]), path)
    except UnauthenticatedError:
        return
    assert found is None or isinstance(found, str)


def test_callers_keep_to_their_project():
    assert Caller.anyone().project_or("a") == "a"
    assert Caller.anyone().project_or(None) is None
    bound = Caller(Role.READ, "a", "id")
    assert bound.project_or("a") == bound.project_or(None) == "a"
    with pytest.raises(AccessError):
        bound.project_or("b")
    assert bound.may(Role.READ)
    assert not bound.may(Role.INGEST)
    assert not bound.may(Role.ADMIN)
