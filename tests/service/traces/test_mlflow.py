"""What MLflow's client sends: spans in both of its exporters' ways, what is said of traces, assessments."""

from __future__ import annotations

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from otlp_requests import START, TRACE, protobuf, span

from wherefrom.errors import RequestError
from wherefrom.traces.ingest.limits import IngestLimits
from wherefrom.traces.ingest.mlflow import read_assessment, read_tag, read_trace_info, trace_hex
from wherefrom.traces.ingest.otlp import Encoding, read_traces
from wherefrom.traces.model import Kind, Message, Part, PartType, Protocol, Status, Usage

LIMITS = IngestLimits()
ID = f"tr-{TRACE}"
ASKED = {"model": "gpt-4o", "messages": [{"role": "user", "content": "Where?"}]}
ANSWERED = {
    "id": "chatcmpl-1",
    "model": "gpt-4o-2024",
    "choices": [
        {
            "index": 0,
            "finish_reason": "stop",
            "message": {"role": "assistant", "content": "[1] There."},
            "logprobs": {"content": [{"token": "[1] There.", "logprob": -0.5}]},
        }
    ],
    "usage": {"prompt_tokens": 3, "completion_tokens": 4, "completion_tokens_details": {"reasoning_tokens": 1}},
}
GENERATION = {
    "mlflow.traceRequestId": ID,
    "mlflow.spanType": "CHAT_MODEL",
    "mlflow.spanInputs": ASKED,
    "mlflow.spanOutputs": ANSWERED,
    "mlflow.message.format": "openai",
    "mlflow.llm.model": "gpt-4o",
    "mlflow.llm.cost": {"input_cost": 0.1, "output_cost": 0.2, "total_cost": 0.3},
    "mlflow.chat.tokenUsage": {
        "input_tokens": 3,
        "output_tokens": 4,
        "total_tokens": 7,
        "cache_read_input_tokens": 2,
        "cache_creation_input_tokens": 1,
    },
}


def read(attributes, **fields):
    (update,) = read_traces(protobuf(span(attributes, **fields)), Encoding.PROTOBUF.value, limits=LIMITS).spans
    return update


def encoded(attributes):
    """As the exporter for collectors sends them: each value as JSON; tags as they are."""
    return {key: value if "Tag" in key else json.dumps(value) for key, value in attributes.items()}


@pytest.mark.parametrize("way", [dict, encoded])
def test_a_generation(way):
    chunks = [(f"mlflow.chunk.item.{number}", START + 5 + number, {"mlflow.chunk.value": "{}"}) for number in range(3)]
    found = read(way(GENERATION), events=chunks)
    assert found.protocol is Protocol.OTLP
    assert found.kind is Kind.LLM
    assert found.model == "gpt-4o-2024"
    assert found.provider == "openai"
    assert found.usage == Usage(3, 4, 7, cache_read_tokens=2, cache_write_tokens=1, reasoning_tokens=1)
    assert found.cost == 0.3
    assert found.first_token_ns == START + 5
    assert found.input == ASKED
    assert found.output == ANSWERED
    assert found.input_messages == (Message("user", (Part(PartType.TEXT, text="Where?"),)),)
    assert found.output_messages == (Message("assistant", (Part(PartType.TEXT, text="[1] There."),), None, "stop"),)
    assert found.finish_reasons == ("stop",)
    assert [token.log_probability for token in found.log_probabilities] == [-0.5]
    assert found.aliases == (ID, "chatcmpl-1")
    assert found.events is None
    assert not {"mlflow.spanInputs", "mlflow.spanOutputs", "mlflow.spanType"} & found.attributes.keys()


def test_the_first_chunk_may_have_been_dropped():
    found = read(GENERATION, events=[("mlflow.chunk.item.19", START + 5, {})])
    assert found.first_token_ns is None


@pytest.mark.parametrize("way", [dict, encoded])
def test_other_steps(way):
    documents = [{"id": "one", "text": "There."}]
    retrieved = read(
        way({"mlflow.spanType": "RETRIEVER", "mlflow.spanInputs": {"q": "x"}, "mlflow.spanOutputs": documents}),
        parent_id="53995c3f42cd8ad8",
    )
    assert (retrieved.kind, retrieved.input, retrieved.output) == (Kind.RETRIEVER, {"q": "x"}, documents)
    assert retrieved.aliases == ()
    root = read(
        way(
            {
                "mlflow.spanType": "CHAIN",
                "mlflow.spanOutputs": "[1, 2]",
                "mlflow.traceTag.release": "7",
                "session.id": "conversation-7",
                "user.id": "ada",
            }
        )
    )
    assert (root.kind, root.output) == (Kind.CHAIN, "[1, 2]")
    assert root.metadata == {"release": "7"}
    assert (root.session_id, root.user_id) == ("conversation-7", "ada")
    assert read(way({"mlflow.spanType": "UNKNOWN"})).kind is None


def test_an_embedding_has_usage_and_no_messages():
    found = read(GENERATION | {"mlflow.spanType": "EMBEDDING"})
    assert found.kind is Kind.EMBEDDING
    assert found.usage.input_tokens == 3
    assert found.output_messages is None
    bare = read({"mlflow.spanType": "EMBEDDING", "mlflow.spanOutputs": {"usage": {"prompt_tokens": 9}}})
    assert bare.usage == Usage(9)


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=8,
)
NAMES = ["mlflow.spanType", "mlflow.spanInputs", "mlflow.spanOutputs", "mlflow.chat.tokenUsage", "mlflow.llm.cost"]


@settings(max_examples=80)
@given(st.dictionaries(st.sampled_from([*NAMES, "mlflow.llm.model", "session.id", "mlflow.traceTag.x"]), VALUES))
def test_whatever_stands_in_the_attributes_is_read(values):
    texts = {key: json.dumps(value) for key, value in values.items()}
    read(texts)
    read(texts | {"mlflow.spanType": '"LLM"'})
    read(texts | {"mlflow.spanType": "LLM"})
    read({key: f'"{text}' for key, text in texts.items()})


# --- traces and assessments ------------------------------------------------------------------------------------------

INFO = {
    "trace_id": ID,
    "client_request_id": "request-1",
    "trace_location": {"type": "MLFLOW_EXPERIMENT", "mlflow_experiment": {"experiment_id": "7"}},
    "state": "ERROR",
    "trace_metadata": {"mlflow.trace.session": "s", "mlflow.trace.user": "u", "mlflow.source.name": "x", "k": "v"},
    "tags": {"mlflow.traceName": "answer", "release": "7"},
}


def body(value):
    return json.dumps(value).encode()


def test_what_is_said_of_a_trace_is_its_roots():
    info = read_trace_info(body({"trace": {"trace_info": INFO}}), LIMITS)
    assert info.experiment == "7"
    assert info.said == INFO
    update = info.update("00f067aa0ba902b7", "project")
    assert (update.trace_id, update.span_id, update.project) == (TRACE, "00f067aa0ba902b7", "project")
    assert (update.session_id, update.user_id, update.status) == ("s", "u", Status.ERROR)
    assert update.metadata == {"k": "v", "release": "7"}
    assert update.aliases == (ID, "request-1")


def test_a_tag():
    assert read_tag(body({"key": "a", "value": "b"}), ID.upper().replace("TR", "tr"), LIMITS).metadata == {"a": "b"}
    assert read_tag(body({"key": "mlflow.traceName", "value": "b"}), ID, LIMITS).metadata == {}


def test_an_assessment_has_an_id_of_what_it_says():
    said = {
        "assessment_name": "good",
        "span_id": "00F067AA0BA902B7",
        "source": {"source_type": "HUMAN", "source_id": "ada"},
        "create_time": "2026-11-23T07:05:31.936Z",
        "feedback": {"value": True},
        "rationale": "because",
        "metadata": {"m": "n"},
    }
    first, again = (read_assessment(body({"assessment": said}), ID, LIMITS) for _ in range(2))
    assert first == again
    score = first.score
    assert first.said["assessment_id"] == score.id
    assert score.id.startswith("a-")
    assert (score.trace_id, score.span_id, score.name) == (TRACE, "00f067aa0ba902b7", "good")
    assert (score.value, score.text, score.comment, score.annotator) == (1.0, None, "because", "ada")
    assert score.metadata == {"m": "n"}
    assert score.time_ns == 1795417531_936_000_000
    other = read_assessment(body({"assessment": said | {"feedback": {"value": False}}}), ID, LIMITS)
    assert other.score.id != score.id


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        ({"feedback": {"value": 0.5}}, (0.5, None, None)),
        ({"feedback": {"value": "yes"}}, (None, "yes", None)),
        ({"feedback": {"value": [1]}}, (None, "[1]", None)),
        ({"feedback": {"error": {"error_code": "X", "error_message": "it broke"}}}, (None, None, "it broke")),
        ({"expectation": {"value": "Paris"}}, (None, "Paris", None)),
        ({"expectation": {"serialized_value": {"value": '{"a": 1}'}}}, (None, '{"a": 1}', None)),
        ({}, (None, None, "")),
    ],
)
def test_what_an_assessment_says(said, expected):
    score = read_assessment(body({"assessment": said | {"assessment_name": "n"}}), TRACE, LIMITS).score
    assert (score.value, score.text, score.comment) == expected
    assert ("expectation" in score.metadata) == ("expectation" in said)


def test_who_assesses():
    for source, expected in (("LLM_JUDGE", "llm"), ("CODE", "code"), ("HUMAN", "human"), ("", None), (7, None)):
        said = {"assessment_name": "n", "source": {"source_type": source}}
        assert read_assessment(body({"assessment": said}), ID, LIMITS).score.annotator == expected


@pytest.mark.parametrize(
    "data",
    [
        *(b"", b"{", b"[]", b"null", b"\xff", b'"x"', b"[" * 300, b"{}", b'{"trace": 1}', b'{"assessment": []}'),
        body({"trace": {"trace_info": INFO | {"trace_id": "tr-12"}}}),
        body({"trace": {"trace_info": INFO | {"trace_id": 12}}}),
        body({"trace": {"trace_info": INFO | {"tags": {f"k{number}": "v" for number in range(6000)}}}}),
        body({"assessment": {"assessment_name": ""}}),
        body({"key": 1, "value": "x"}),
    ],
)
def test_what_cannot_be_used_is_refused(data):
    for reader in (
        lambda: read_trace_info(data, LIMITS),
        lambda: read_tag(data, ID, LIMITS),
        lambda: read_assessment(data, ID, LIMITS),
    ):
        with pytest.raises(RequestError):
            reader()


@settings(max_examples=80)
@given(VALUES, VALUES, VALUES)
def test_any_fields_are_read_or_refused(one, two, three):
    for data in (
        {"trace": {"trace_info": {"trace_id": ID, "trace_metadata": one, "tags": two, "client_request_id": three}}},
        {"trace": {"trace_info": {"trace_id": ID, "trace_location": one, "state": two}}},
        {"trace": one},
    ):
        try:
            read_trace_info(body(data), LIMITS)
        except RequestError:
            assert data.keys() == {"trace"}
    said = {"assessment_name": "n", "feedback": one, "source": two, "metadata": three, "span_id": one}
    score = read_assessment(body({"assessment": said}), ID, LIMITS).score
    assert score.value is not None or score.text is not None or score.comment is not None
    nested = read_assessment(body({"assessment": said | {"feedback": {"value": one}, "rationale": two}}), ID, LIMITS)
    assert nested.score.name == "n"


@pytest.mark.parametrize("identity", ["", "tr-", "tr-" + "g" * 32, TRACE + "0", "tr-" + TRACE + "\n"])
def test_ids_of_traces(identity):
    with pytest.raises(RequestError, match="no id of a trace"):
        trace_hex(identity)
