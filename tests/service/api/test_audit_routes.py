"""Reports of audits over HTTP: what is listed, read and shown, under which policy, and to whom."""

from __future__ import annotations

import os
import shutil
import time

import pytest
from audit_report import PAGE, report, written
from hypothesis import given
from hypothesis import strategies as st
from running_service import in_process

from wherefrom.api import audit_reports
from wherefrom.api.audit_reports import list_reports
from wherefrom.api.settings import Settings
from wherefrom.traces.keys import create_key
from wherefrom.traces.store import TraceStore
from wherefrom_indexer.errors import UsageError


@pytest.fixture(scope="module")
def client(tmp_path_factory):
    base = tmp_path_factory.mktemp("service")
    (base / "audits").mkdir()
    with in_process(base, audits=base / "audits") as client:
        yield client


@pytest.fixture
def folder(client):
    """The folder of the service's reports, emptied after the test."""
    chosen = client.app.state.services.settings.audits
    yield chosen
    for each in chosen.iterdir():
        shutil.rmtree(each) if each.is_dir() else each.unlink()


def listed(client):
    return client.get("/v1/audits").raise_for_status().json()["items"]


def test_reports_are_listed_the_newest_first(client, folder):
    assert listed(client) == []
    written(folder / "old", created="2026-01-02")
    written(folder / "übung 2", kind="contamination", page=None)
    written(folder / "new")
    (folder / "no report").mkdir()
    (folder / "file.json").write_text("{}")
    assert [each["name"] for each in listed(client)] == ["new", "übung 2", "old"]
    assert listed(client)[1] == {
        "name": "übung 2",
        "kind": "contamination",
        "created": "2026-11-23",
        "examined": 12,
        "indexes": [{"name": "demo", "version": "f00dfeedf00dfeed"}],
        "has_page": False,
        "fault": "",
    }


def test_a_list_says_how_much_was_looked_at(client, folder):
    written(folder / "benchmark", kind="contamination", counts={"items": 7, "judged": 6})
    written(folder / "extraction", kind="extraction", counts={"sequences": 5})
    written(folder / "unknown", counts={"outputs": True, "items": -1})
    assert {each["name"]: each["examined"] for each in listed(client)} == {
        "benchmark": 7, "extraction": 5, "unknown": None,
    }  # fmt: skip


def test_a_report_and_its_page_are_read_as_they_stand(client, folder):
    written(folder / "übung 2")
    assert client.get("/v1/audits/übung 2").json() == report()
    answer = client.get("/v1/audits/übung 2/page")
    assert (answer.text, answer.headers["Content-Type"]) == (PAGE, "text/html; charset=utf-8")


def test_a_page_runs_nothing_and_asks_for_nothing(client, folder):
    written(folder / "audit", page="<script>alert(1)</script>")
    headers = client.get("/v1/audits/audit/page").headers
    policy = headers["Content-Security-Policy"].split("; ")
    assert {"default-src 'none'", "sandbox", "frame-ancestors 'none'", "form-action 'none'"} <= set(policy)
    assert not any(part.startswith(("script-src", "connect-src")) for part in policy)
    assert (headers["X-Content-Type-Options"], headers["Referrer-Policy"]) == ("nosniff", "no-referrer")


def test_a_changed_report_is_read_anew(client, folder):
    written(folder / "audit", created="2026-01-02")
    assert listed(client)[0]["created"] == "2026-01-02"
    written(folder / "audit", created="2026-01-03", command="another")
    assert listed(client)[0]["created"] == "2026-01-03"


def test_a_folder_may_be_one_report(tmp_path):
    written(tmp_path / "audit")
    (tmp_path / "audit" / "plots").mkdir()
    with in_process(tmp_path, audits=tmp_path / "audit") as client:
        assert [each["name"] for each in listed(client)] == ["audit"]
        assert client.get("/v1/audits/audit/page").text == PAGE


def test_without_a_folder_there_are_none(tmp_path):
    with in_process(tmp_path) as client:
        assert listed(client) == []
        assert client.get("/v1/audits/audit").status_code == 404


NAMES = ["none", "...", "%2e", "%2e%2e", "..%2fsecret", "%2fetc", "a%00b", "%ff", "a" * 255, "no%20report"]


def test_a_name_leads_to_no_other_file(client, folder):
    written(folder.parent / "secret")
    (folder / "no report").mkdir(exist_ok=True)
    asked = [f"/v1/audits/{name}{rest}" for name in NAMES for rest in ("", "/page")]
    answers = {path: client.get(path).status_code for path in asked}
    assert answers == dict.fromkeys(asked, 404)


def test_a_report_without_a_page(client, folder):
    written(folder / "audit", page=None)
    answer = client.get("/v1/audits/audit/page")
    assert (answer.status_code, answer.headers["Content-Type"]) == (404, "application/problem+json")
    assert "has no page" in answer.json()["detail"]


FAULTS = {
    "": "is not JSON",
    '{"schema_version": 1, "kind": "audit", "x": NaN}': "is not JSON",
    "[" * 100_000: "is not JSON",
    "[]": "is no report of an audit",
    '{"schema_version": 1, "kind": "traces"}': "is no report of an audit",
    '{"schema_version": 1, "kind": ["audit"]}': "is no report of an audit",
    '{"schema_version": 2, "kind": "audit"}': "of another version than 1",
}


def test_what_is_no_report_is_listed_with_the_reason(client, folder):
    for content, told in FAULTS.items():
        written(folder / "audit")
        (folder / "audit" / "report.json").write_text(content)
        (found,) = listed(client)
        assert (found["name"], found["kind"]) == ("audit", None)
        assert told in found["fault"]
        answer = client.get("/v1/audits/audit")
        assert answer.status_code == 503
        assert told in answer.json()["detail"]


def test_a_report_that_is_too_large_or_unreadable(client, folder, monkeypatch):
    written(folder / "audit")
    monkeypatch.setattr(audit_reports, "MAX_BYTES", 100)
    assert "larger than 100 bytes" in listed(client)[0]["fault"]
    assert client.get("/v1/audits/audit").status_code == 413
    (folder / "audit" / "report.json").unlink()
    os.mkfifo(folder / "audit" / "report.json")  # nobody ever writes into it
    assert listed(client) == []


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers(-(2**63), 2**63 - 1) | st.text(max_size=5),
        lambda inner: (
            st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["outputs", "name", "version"]), inner)
        ),
        max_leaves=6,
    ),
    st.sampled_from(["counts", "indexes", "created", "kind", "overall"]),
)
def test_whatever_a_report_says_it_is_listed(tmp_path_factory, value, where):
    folder = tmp_path_factory.mktemp("audits")
    written(folder / "audit", **{where: value})
    (found,) = list_reports(folder)
    assert found.name == "audit"
    assert found.examined is None or found.examined >= 0
    assert (found.kind is None) == bool(found.fault)


def test_a_key_of_one_project_opens_no_report(tmp_path, folder):
    written(folder / "audit")
    with TraceStore.open(tmp_path / "traces") as store:
        keys = {
            (role, project): store.write(
                lambda connection, role=role, project=project: create_key(connection, role, project, "", time.time_ns())
            ).result()[0]
            for role, project in (("read", None), ("read", "mine"), ("ingest", None))
        }
    expected = {("read", None): 200, ("read", "mine"): 403, ("ingest", None): 403}
    with in_process(tmp_path, require_keys=True, audits=folder) as client:
        for path in ("/v1/audits", "/v1/audits/audit", "/v1/audits/audit/page"):
            assert client.get(path).status_code == 401
            answers = {of: client.get(path, headers={"x-api-key": key}).status_code for of, key in keys.items()}
            assert answers == expected


def test_the_service_does_not_start_without_the_folder(tmp_path):
    with (
        pytest.raises(UsageError, match=r"The folder of audits .* is not there"),
        in_process(tmp_path, audits=tmp_path / "none"),
    ):
        pass


def test_the_folder_is_meant_from_where_the_file_is(tmp_path):
    (tmp_path / "service.toml").write_text('store = "traces"\naudits = "reports"\n')
    assert Settings.load(tmp_path / "service.toml").audits == tmp_path / "reports"
