"""Numbers for Prometheus, and health."""

from __future__ import annotations

import running_service
from prometheus_client.parser import text_string_to_metric_families

from wherefrom.api.metrics import Measure, Metrics


def families(text):
    return {family.name: family for family in text_string_to_metric_families(text)}


def test_requests_are_counted_by_pattern_never_by_path(tmp_path):
    with running_service.in_process(tmp_path) as client:
        for path in ("/health/live", "/a", "/b", "/v1/%1b"):
            client.get(path)
        client.request("BREW", "/health/live")
        found = families(client.get("/metrics").text)["wherefrom_requests"]
    counted = {(one.labels["method"], one.labels["route"], one.labels["status"]): one.value for one in found.samples}
    assert counted[("GET", "/health/live", "200")] == 1
    assert counted[("GET", "other", "404")] == 3
    assert any(method == "other" for method, _, _ in counted)


def test_numbers_of_the_parts_are_read_when_asked_for():
    class Part:
        waiting = 3

        def measures(self):
            yield Measure("waiting", "Jobs that wait", self.waiting)
            yield Measure("ended", "Jobs", 5, grows=True, labels=(("how", 'well\n"'),))
            yield Measure("ended", "Jobs", 6, grows=True, labels=(("how", "badly"),))

    metrics, part = Metrics(), Part()
    with metrics.watching([part, object()]):
        part.waiting = 4
        found = families(metrics.text().decode())
        assert found["wherefrom_waiting"].samples[0].value == 4
        assert {one.labels["how"]: one.value for one in found["wherefrom_ended"].samples} == {'well\n"': 5, "badly": 6}
    assert "wherefrom_waiting" not in families(metrics.text().decode())


def test_health_needs_no_index(tmp_path):
    with running_service.in_process(tmp_path) as client:
        assert client.get("/health/live").json() == {"status": "ok"}
        said = client.get("/health/ready").json()
        assert said["status"] == "ok"
        assert said["checks"]["store"] == {"status": "ok", "reason": None}


def test_an_index_that_is_missing_degrades(tmp_path):
    with running_service.in_process(tmp_path, indexes={"gone": str(tmp_path / "gone.index")}) as client:
        answer = client.get("/health/ready")
        assert answer.json()["checks"]["index gone"]["status"] == "unavailable"
        assert str(tmp_path) not in answer.text


def test_a_store_that_is_away_makes_the_service_unready(tmp_path, monkeypatch):
    from wherefrom.errors import StoreUnavailableError

    def away(work):
        raise StoreUnavailableError("The disk is full.")

    with running_service.in_process(tmp_path) as client:
        services = client.app.state.services
        monkeypatch.setattr(type(services.store), "read", lambda self, work: away(work))
        answer = client.get("/health/ready")
        assert answer.status_code == 503
        assert answer.json()["checks"]["store"]["reason"] == "The disk is full."
