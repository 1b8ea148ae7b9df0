"""Real OpenTelemetry clients against a real server: the SDK, OpenInference's and OpenLLMetry's instrumentation."""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import openai_server
import otlp_client_calls
import pytest
from opentelemetry.exporter.otlp.proto.http import Compression
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor, SimpleSpanProcessor, SpanExportResult
from opentelemetry.trace import SpanKind, Status, StatusCode
from running_service import on_a_port
from stored_traces import stored

MODEL = otlp_client_calls.MODEL
INSTRUMENTATIONS = ("openinference", "openllmetry")


@pytest.fixture(scope="module")
def service(tmp_path_factory):
    with on_a_port(tmp_path_factory.mktemp("clients"), attach=False) as (address, parts):
        yield address, parts.store


@dataclass
class Application:
    """What an application got, and what the service stored of it: by call, the span under the call's own."""

    instrumentation: str
    returned: dict[str, Any]
    spans: dict[str, dict[str, Any]]


@pytest.fixture(scope="module", params=INSTRUMENTATIONS)
def application(request, service):
    address, store = service
    with openai_server.running(openai_server.create_app()) as model:
        run = subprocess.run(
            [sys.executable, otlp_client_calls.__file__, request.param, address, f"{model}/v1"],
            capture_output=True,
            text=True,
            timeout=120,
            cwd=Path(__file__).parent,
        )
    assert run.returncode == 0, run.stderr
    found = store.read(stored)
    rows = {key: row for key, row in found["spans"].items() if key[0] == request.param}
    by_id = {key[1:]: row for key, row in rows.items()}
    spans = {}
    for key, row in rows.items():
        if row["parent_id"]:
            aliases = [alias for span, alias in found["aliases"] if span == key]
            call = by_id[key[1], row["parent_id"]]["name"]
            assert call not in spans
            spans[call] = row | found["payloads"][key] | {"aliases": aliases}
    return Application(request.param, json.loads(run.stdout), spans)


def texts(messages):
    return [(message["role"], [part.get("text") for part in message["parts"]]) for message in messages]


def test_every_call_is_one_span_under_its_callers(application):
    assert set(application.spans) == {call.__name__ for call in otlp_client_calls.CALLS}


def test_a_chat(application):
    span, returned = application.spans["chat"], application.returned["chat"]
    said = [choice["message"]["content"] for choice in returned["choices"]]
    assert texts(span["input_messages"]) == [("system", ["Be brief."]), ("user", ["Where?"])]
    assert texts(span["output_messages"]) == [("assistant", [text]) for text in said]
    assert (span["kind"], span["status"], span["model"], span["provider"]) == ("llm", "ok", MODEL, "openai")
    usage = returned["usage"]
    assert (span["input_tokens"], span["output_tokens"]) == (usage["prompt_tokens"], usage["completion_tokens"])
    assert span["finish_reasons"] == ["stop", "stop"]
    assert [message["finish_reason"] for message in span["output_messages"]] == ["stop", "stop"]
    assert span["aliases"] == [returned["id"]]
    assert span["start_ns"] < span["end_ns"]
    assert span["first_token_ns"] is None


def test_log_probabilities_come_with_openinference(application):
    found = application.spans["chat"].get("log_probabilities")
    if application.instrumentation == "openllmetry":
        assert found is None  # it sends none
        return
    sent = application.returned["chat"]["choices"][0]["logprobs"]["content"]
    assert [(each["token"], each["log_probability"]) for each in found] == [
        (each["token"], each["logprob"]) for each in sent
    ]
    assert all(len(each["top"]) == 2 for each in found)


def test_a_stream(application):
    span, returned = application.spans["stream"], application.returned["stream"]
    assert texts(span["output_messages"]) == [("assistant", [returned["text"]])]
    assert span["start_ns"] < span["first_token_ns"] < span["end_ns"]
    assert span["output_tokens"] == returned["usage"]["completion_tokens"]


def test_an_asynchronous_call(application):
    said = application.returned["asynchronous"]["choices"][0]["message"]["content"]
    assert texts(application.spans["asynchronous"]["output_messages"]) == [("assistant", [said])]


def test_a_call_of_a_tool(application):
    (called,) = application.spans["tool"]["output_messages"][0]["parts"]
    sent = application.returned["tool"]["choices"][0]["message"]["tool_calls"][0]
    assert (called["type"], called["id"], called["name"]) == ("tool_call", sent["id"], "look")
    assert called["arguments"] == json.loads(sent["function"]["arguments"])


def test_what_a_tool_answered(application):
    asked, answered = (message["parts"][0] for message in application.spans["history"]["input_messages"][2:])
    assert (asked["type"], asked["name"], asked["arguments"]) == ("tool_call", "look", {"q": "x"})
    assert (answered["type"], answered["id"], answered["text"]) == ("tool_result", "c1", "here")


def test_a_call_that_fails(application):
    span = application.spans["failure"]
    assert (span["kind"], span["status"], span["model"]) == ("llm", "error", MODEL)
    assert "[status 500]" in span["status_message"]
    assert span.get("output_messages") is None
    assert [event["name"] for event in span["events"]] == ["exception"]


def test_a_completion_and_an_embedding(application):
    span = application.spans["completion"]
    assert texts(span["input_messages"]) == [("user", ["Say it."])]
    assert texts(span["output_messages"]) == [("assistant", [application.returned["completion"]["choices"][0]["text"]])]
    span = application.spans["embedding"]
    assert (span["kind"], span["model"]) == ("embedding", "text-embedding-3-small")


@pytest.mark.parametrize("compression", list(Compression))
def test_the_sdk_alone(service, compression):
    project = f"sdk-{compression.value}"
    exporter = OTLPSpanExporter(
        endpoint=f"{service[0]}/v1/traces", compression=compression, headers={"x-wherefrom-project": project}
    )
    provider = TracerProvider()
    provider.add_span_processor(BatchSpanProcessor(exporter))
    tracer = provider.get_tracer("tests", "1.0")
    with tracer.start_as_current_span("outer", kind=SpanKind.SERVER) as outer:
        with tracer.start_as_current_span(
            "inner", attributes={"numbers": [1, 2], "gen_ai.operation.name": "chat"}
        ) as inner:
            inner.add_event("gen_ai.content.completion", {"gen_ai.completion": "There."})
        with tracer.start_as_current_span("failed") as failed:
            failed.set_status(Status(StatusCode.ERROR, "why"))
    provider.shutdown()
    found = service[1].read(stored)
    ((trace_id, trace),) = [(key[1], row) for key, row in found["traces"].items() if key[0] == project]
    assert trace_id == f"{outer.get_span_context().trace_id:032x}"
    assert (trace["name"], trace["spans"], trace["generations"], trace["errors"]) == ("outer", 3, 1, 1)
    spans = {row["name"]: (key[2], row) for key, row in found["spans"].items() if key[0] == project}
    assert spans["inner"][1]["parent_id"] == spans["failed"][1]["parent_id"] == spans["outer"][0]
    assert spans["failed"][1]["status_message"] == "why"
    payload = found["payloads"][project, trace_id, spans["inner"][0]]
    assert payload["attributes"]["numbers"] == [1, 2]
    assert payload["attributes"]["otel.scope.name"] == "tests"
    assert texts(payload["output_messages"]) == [("assistant", ["There."])]


def test_the_sdk_sees_what_is_refused(service):
    exporter = OTLPSpanExporter(endpoint=f"{service[0]}/v1/traces", headers={"x-wherefrom-project": "a\tb"})
    spans = []
    provider = TracerProvider()
    provider.add_span_processor(SimpleSpanProcessor(type("Kept", (), {"export": spans.extend, "shutdown": int})()))
    provider.get_tracer("tests").start_span("refused").end()
    assert exporter.export(spans) is SpanExportResult.FAILURE
    exporter.shutdown()
