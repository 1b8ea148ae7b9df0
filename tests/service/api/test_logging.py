"""What stands in the log, and what does not."""

from __future__ import annotations

import io
import json
import logging

import pytest
import running_service
from hypothesis import given
from hypothesis import strategies as st

from wherefrom.api.logging import JsonLines, PlainLines, logging_to

LOG = logging.getLogger("wherefrom.api")


def record(message, fields=None, error=None):
    made = LOG.makeRecord(
        LOG.name, logging.INFO, __file__, 1, message, (), (type(error), error, None) if error else None
    )
    made.fields = fields or {}
    return made


@given(
    st.text(),
    st.dictionaries(st.from_regex("[a-z_]{1,8}", fullmatch=True), st.text() | st.integers() | st.none(), max_size=3),
)
def test_no_text_breaks_out_of_its_line(message, fields):
    for form in (JsonLines(), PlainLines()):
        line = form.format(record(message, fields))
        assert line.isascii()
        assert line.isprintable()
    said = json.loads(JsonLines().format(record(message, fields)))
    assert "message" in fields or said["message"] == message


def test_long_values_are_cut():
    assert len(JsonLines().format(record("x" * 100_000, {"path": "/" * 100_000}))) < 2_000


def test_messages_of_errors_are_told_only_if_asked_for():
    error = ValueError("the prompt was: tell me a secret")
    assert "secret" not in JsonLines().format(record("failed", error=error))
    assert "ValueError" in JsonLines().format(record("failed", error=error))
    assert "secret" in JsonLines(texts=True).format(record("failed", error=error))


@pytest.mark.parametrize("form", ["json", "text"])
def test_requests_are_logged_without_what_they_ask(tmp_path, form):
    stream = io.StringIO()
    with logging_to(stream, form=form), running_service.in_process(tmp_path) as client:
        answer = client.get("/v1/%1b[31m%0d%0aforged", params={"q": "a secret"}, headers={"x-request-id": "mine-1"})
        assert answer.headers["x-request-id"] == "mine-1"
        assert client.get("/x", headers={"x-request-id": "not\tmine" + "1" * 99}).headers["x-request-id"].isalnum()
        client.get("/health/live")
    lines = stream.getvalue().splitlines()
    assert len(lines) == 2
    assert all(line.isprintable() for line in lines)
    assert "secret" not in stream.getvalue()
    if form == "json":
        first = json.loads(lines[0])
        assert (first["method"], first["status"], first["route"], first["request_id"]) == (
            "GET",
            404,
            "other",
            "mine-1",
        )


def test_faults_are_logged_with_their_place(tmp_path):
    stream = io.StringIO()
    with logging_to(stream):
        try:
            raise ZeroDivisionError("a secret")
        except ZeroDivisionError as error:
            LOG.error("failed", exc_info=error)
    said = json.loads(stream.getvalue())
    assert said["error"]["type"] == "builtins.ZeroDivisionError"
    assert "test_logging.py" in said["error"]["frames"][-1]
    assert "secret" not in stream.getvalue()


def test_a_log_that_nobody_reads_holds_up_nobody():
    class Stuck(io.StringIO):
        def write(self, text):
            held.acquire()
            held.release()
            return super().write(text)

    import threading

    held = threading.Lock()
    stream = Stuck()
    with logging_to(stream):
        held.acquire()
        for number in range(20_000):
            LOG.info("line %d", number)
        held.release()
        while not stream.getvalue():
            pass
        LOG.info("the last")
    assert stream.getvalue().count("\n") < 20_000


def test_loggers_are_as_before_afterwards():
    before = (LOG.handlers, logging.getLogger("wherefrom").handlers, logging.getLogger("wherefrom").level)
    with logging_to(io.StringIO()):
        pass
    assert (LOG.handlers, logging.getLogger("wherefrom").handlers, logging.getLogger("wherefrom").level) == before
