"""What spans mean, whatever conventions they follow."""

from __future__ import annotations

import json

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st
from otlp_requests import START, protobuf, span

from wherefrom.traces.ingest.conventions.flat import unflattened
from wherefrom.traces.ingest.limits import IngestLimits
from wherefrom.traces.ingest.otlp import Encoding, read_traces
from wherefrom.traces.model import Kind, Message, Part, PartType, Status, TokenLogProbability, Usage

LIMITS = IngestLimits()


def read(attributes=None, resource=None, **fields):
    (update,) = read_traces(
        protobuf(span(attributes, **fields), resource=resource), Encoding.PROTOBUF.value, limits=LIMITS
    ).spans
    return update


def text(role, said, finish=None):
    return Message(role, (Part(PartType.TEXT, text=said),), None, finish)


INPUT = (text("system", "Be brief."), text("user", "Where?"))
CALL = Part(PartType.TOOL_CALL, id="c1", name="look", arguments={"q": "x"})
OUTPUT = (Message("assistant", (Part(PartType.TEXT, text="There."), CALL), None, "stop"),)
SENT_INPUT = [
    {"role": "system", "parts": [{"type": "text", "content": "Be brief."}]},
    {"role": "user", "parts": [{"type": "text", "content": "Where?"}]},
]
SENT_CALL = {"type": "tool_call", "id": "c1", "name": "look", "arguments": {"q": "x"}}
SENT_OUTPUT = [
    {"role": "assistant", "parts": [{"type": "text", "content": "There."}, SENT_CALL], "finish_reason": "stop"}
]
CHAT_INPUT = [{"role": "system", "content": "Be brief."}, {"role": "user", "content": "Where?"}]
CHAT_CALL = {"id": "c1", "type": "function", "function": {"name": "look", "arguments": '{"q": "x"}'}}
CHAT_OUTPUT = {"role": "assistant", "content": "There.", "tool_calls": [CHAT_CALL]}
CURRENT = {"gen_ai.operation.name": "chat", "gen_ai.provider.name": "openai", "gen_ai.request.model": "m"}
OLDER = {"gen_ai.system": "OpenAI", "gen_ai.request.model": "m"}


def event(name, **fields):
    return (name, START + 5, {key.replace("__", "."): value for key, value in fields.items()})


FORMS = {
    "current, structured": {
        "attributes": CURRENT | {"gen_ai.input.messages": SENT_INPUT, "gen_ai.output.messages": SENT_OUTPUT}
    },
    "current, as JSON": {
        "attributes": CURRENT
        | {"gen_ai.input.messages": json.dumps(SENT_INPUT), "gen_ai.output.messages": json.dumps(SENT_OUTPUT)}
    },
    "current, a list of JSON": {
        "attributes": CURRENT
        | {
            "gen_ai.input.messages": [json.dumps(message) for message in SENT_INPUT],
            "gen_ai.output.messages": [json.dumps(message) for message in SENT_OUTPUT],
        }
    },
    "system instructions apart": {
        "attributes": CURRENT
        | {
            "gen_ai.system_instructions": [{"type": "text", "content": "Be brief."}],
            "gen_ai.input.messages": json.dumps(SENT_INPUT[1:]),
            "gen_ai.output.messages": json.dumps(SENT_OUTPUT),
        }
    },
    "event of details": {
        "attributes": CURRENT,
        "events": [
            event(
                "gen_ai.client.inference.operation.details",
                gen_ai__system_instructions=[{"type": "text", "content": "Be brief."}],
                gen_ai__input__messages=json.dumps(SENT_INPUT[1:]),
                gen_ai__output__messages=SENT_OUTPUT,
            )
        ],
    },
    "event per message": {
        "attributes": OLDER,
        "events": [
            event("gen_ai.system.message", gen_ai__system="openai", content="Be brief."),
            event("gen_ai.user.message", gen_ai__system="openai", content="Where?"),
            event(
                "gen_ai.choice",
                index=0,
                finish_reason="stop",
                message=json.dumps({"content": "There.", "tool_calls": [CHAT_CALL]}),
            ),
        ],
    },
    "event per message, as JSON": {
        "attributes": OLDER,
        "events": [
            event("gen_ai.system.message", gen_ai__event__content=json.dumps(CHAT_INPUT[0])),
            event("gen_ai.user.message", gen_ai__event__content=json.dumps(CHAT_INPUT[1])),
            event(
                "gen_ai.choice", gen_ai__event__content=json.dumps({"message": CHAT_OUTPUT, "finish_reason": "stop"})
            ),
        ],
    },
    "prompt and completion in events": {
        "attributes": OLDER,
        "events": [
            event("gen_ai.content.prompt", gen_ai__prompt=json.dumps(CHAT_INPUT)),
            event(
                "gen_ai.content.completion", gen_ai__completion=json.dumps([CHAT_OUTPUT | {"finish_reason": "stop"}])
            ),
        ],
    },
    "prompt and completion": {
        "attributes": OLDER
        | {
            "gen_ai.prompt": json.dumps(CHAT_INPUT),
            "gen_ai.completion": json.dumps([CHAT_OUTPUT | {"finish_reason": "stop"}]),
        }
    },
    "flattened": {
        "attributes": OLDER
        | {
            "llm.request.type": "chat",
            "gen_ai.prompt.0.role": "system",
            "gen_ai.prompt.0.content": "Be brief.",
            "gen_ai.prompt.1.role": "user",
            "gen_ai.prompt.1.content": json.dumps([{"type": "text", "text": "Where?"}]),
            "gen_ai.completion.0.role": "assistant",
            "gen_ai.completion.0.content": "There.",
            "gen_ai.completion.0.finish_reason": "stop",
            "gen_ai.completion.0.tool_calls.0.id": "c1",
            "gen_ai.completion.0.tool_calls.0.name": "look",
            "gen_ai.completion.0.tool_calls.0.arguments": '{"q": "x"}',
        }
    },
    "traceloop's oldest": {
        "attributes": OLDER
        | {
            "llm.request.type": "chat",
            "llm.prompts.0.role": "system",
            "llm.prompts.0.content": "Be brief.",
            "llm.prompts.1.role": "user",
            "llm.prompts.1.content": "Where?",
            "llm.completions.0.content": "There.",
            "llm.completions.0.finish_reason": "stop",
            "llm.completions.0.tool_calls.0.id": "c1",
            "llm.completions.0.tool_calls.0.name": "look",
            "llm.completions.0.tool_calls.0.arguments": '{"q": "x"}',
        }
    },
    "openinference": {
        "attributes": {
            "openinference.span.kind": "LLM",
            "llm.provider": "openai",
            "llm.model_name": "m",
            "llm.finish_reason": "stop",
            "llm.input_messages.0.message.role": "system",
            "llm.input_messages.0.message.content": "Be brief.",
            "llm.input_messages.1.message.role": "user",
            "llm.input_messages.1.message.contents.0.message_content.type": "text",
            "llm.input_messages.1.message.contents.0.message_content.text": "Where?",
            "llm.output_messages.0.message.role": "assistant",
            "llm.output_messages.0.message.content": "There.",
            "llm.output_messages.0.message.tool_calls.0.tool_call.id": "c1",
            "llm.output_messages.0.message.tool_calls.0.tool_call.function.name": "look",
            "llm.output_messages.0.message.tool_calls.0.tool_call.function.arguments": '{"q": "x"}',
        }
    },
    "openinference, values only": {
        "attributes": {
            "openinference.span.kind": "LLM",
            "llm.system": "openai",
            "input.value": json.dumps({"model": "m", "messages": CHAT_INPUT}),
            "input.mime_type": "application/json",
            "output.value": json.dumps({"choices": [{"message": CHAT_OUTPUT, "finish_reason": "stop"}]}),
        }
    },
}


@pytest.mark.parametrize("form", FORMS)
def test_every_form_of_a_generation_says_the_same(form):
    update = read(**FORMS[form])
    assert (update.kind, update.model, update.provider) == (Kind.LLM, "m", "openai")
    assert update.input_messages == INPUT
    assert update.output_messages == OUTPUT
    assert update.finish_reasons == ("stop",)
    assert update.events is None
    left = [name for name in update.attributes if "content" in name or "messages" in name or "prompt" in name]
    assert left == []


def test_what_is_counted_and_measured_in_gen_ai():
    update = read(
        CURRENT
        | {
            "gen_ai.response.model": "m-2026",
            "gen_ai.response.id": "chatcmpl-1",
            "gen_ai.response.finish_reasons": ["stop", "length"],
            "gen_ai.usage.input_tokens": 5,
            "gen_ai.usage.output_tokens": 7,
            "gen_ai.usage.cache_read.input_tokens": 2,
            "gen_ai.usage.cache_creation.input_tokens": 0,
            "gen_ai.usage.reasoning.output_tokens": 3,
            "gen_ai.conversation.id": "talk",
            "gen_ai.response.time_to_first_chunk": 0.25,
            "user.id": "ann",
            "gen_ai.request.temperature": 0.5,
        }
    )
    assert update.model == "m-2026"
    assert update.aliases == ("chatcmpl-1",)
    assert update.finish_reasons == ("stop", "length")
    assert update.usage == Usage(5, 7, None, 2, 0, 3)
    assert (update.session_id, update.user_id) == ("talk", "ann")
    assert update.first_token_ns == START + 250_000_000
    assert update.attributes["gen_ai.request.temperature"] == 0.5


@pytest.mark.parametrize(
    ("attributes", "usage"),
    [
        (
            {"gen_ai.usage.prompt_tokens": 5, "gen_ai.usage.completion_tokens": 7, "llm.usage.total_tokens": 12},
            Usage(5, 7, 12),
        ),
        ({"gen_ai.usage.input_tokens": "5"}, Usage(5)),
        ({"gen_ai.usage.input_tokens": -5}, None),
        ({}, None),
    ],
)
def test_older_counts_and_unknown_ones(attributes, usage):
    assert read(OLDER | attributes).usage == usage


@pytest.mark.parametrize(
    ("attributes", "kind"),
    [
        *(
            ({"gen_ai.operation.name": name}, kind)
            for name, kind in [
                ("chat", Kind.LLM),
                ("text_completion", Kind.LLM),
                ("generate_content", Kind.LLM),
                ("embeddings", Kind.EMBEDDING),
                ("retrieval", Kind.RETRIEVER),
                ("execute_tool", Kind.TOOL),
                ("invoke_agent", Kind.AGENT),
                ("create_agent", Kind.AGENT),
                ("invoke_workflow", Kind.CHAIN),
                ("dance", None),
            ]
        ),
        *(
            ({"openinference.span.kind": name.upper()}, Kind(name))
            for name in [
                "llm",
                "embedding",
                "retriever",
                "reranker",
                "tool",
                "agent",
                "chain",
                "guardrail",
                "evaluator",
                "prompt",
            ]
        ),
        *(
            ({"traceloop.span.kind": name}, kind)
            for name, kind in [
                ("workflow", Kind.CHAIN),
                ("task", Kind.CHAIN),
                ("agent", Kind.AGENT),
                ("tool", Kind.TOOL),
                ("unknown", None),
            ]
        ),
        ({"llm.request.type": "completion"}, Kind.LLM),
        ({"llm.request.type": "rerank"}, Kind.RERANKER),
        ({"db.system": "chroma", "db.vector.query.top_k": 3}, Kind.RETRIEVER),
        ({"gen_ai.request.model": "m"}, Kind.LLM),
        ({"gen_ai.tool.name": "look"}, Kind.TOOL),
        ({"openinference.span.kind": "AGENT", "gen_ai.operation.name": "chat"}, Kind.AGENT),
        ({"http.request.method": "GET"}, None),
        ({"db.system": "postgresql"}, None),
        ({}, None),
    ],
)
def test_kinds(attributes, kind):
    assert read(attributes).kind is kind


DOCUMENTS = [{"id": "d1", "content": "text", "score": 0.5}, {"id": "d2", "content": "more"}]


def test_retrieval_in_gen_ai():
    update = read(
        {
            "gen_ai.operation.name": "retrieval",
            "gen_ai.retrieval.query.text": "Where?",
            "gen_ai.retrieval.documents": json.dumps(DOCUMENTS),
        }
    )
    assert (update.input, update.output, update.output_messages) == ("Where?", DOCUMENTS, None)


def test_retrieval_in_openinference():
    flat = {
        f"retrieval.documents.{number}.document.{name}": value
        for number, document in enumerate(DOCUMENTS)
        for name, value in document.items()
    }
    update = read({"openinference.span.kind": "RETRIEVER", "input.value": "Where?", "output.value": "two"} | flat)
    assert (update.input, update.output) == ("Where?", DOCUMENTS)


def test_retrieval_in_traceloop():
    events = [("db.query.result", 1, {"db.query.result.document": "text"})]
    update = read({"db.system": "chroma"}, events=events)
    assert (update.kind, update.output) == (Kind.RETRIEVER, ["text"])


def test_tools_in_gen_ai():
    update = read(
        {
            "gen_ai.operation.name": "execute_tool",
            "gen_ai.tool.name": "look",
            "gen_ai.tool.call.arguments": '{"q": "x"}',
            "gen_ai.tool.call.result": "here",
        }
    )
    assert (update.kind, update.input, update.output) == (Kind.TOOL, {"q": "x"}, "here")


def test_workflows_in_traceloop():
    update = read(
        {
            "traceloop.span.kind": "workflow",
            "traceloop.entity.name": "answer",
            "traceloop.entity.input": '{"args": ["x"]}',
            "traceloop.entity.output": "There.",
            "traceloop.association.properties.session_id": "talk",
            "traceloop.association.properties.user_id": "ann",
            "traceloop.association.properties.tier": "gold",
        }
    )
    assert (update.kind, update.input, update.output) == (Kind.CHAIN, {"args": ["x"]}, "There.")
    assert (update.session_id, update.user_id) == ("talk", "ann")
    assert update.metadata == {"session_id": "talk", "user_id": "ann", "tier": "gold"}
    assert update.attributes["traceloop.entity.name"] == "answer"


def test_the_first_chunk_of_a_stream_is_its_first_token():
    chunks = [("gen_ai.content.completion.chunk", START + 7 + number, {}) for number in range(5)]
    update = read(CURRENT, events=chunks)
    assert (update.first_token_ns, update.events) == (START + 7, None)
    update = read({"openinference.span.kind": "LLM"}, events=[("First Token Stream Event", START + 9, {})])
    assert update.first_token_ns == START + 9


def test_what_openinference_says_beside_messages():
    response = {
        "id": "chatcmpl-1",
        "choices": [
            {
                "message": {"role": "assistant", "content": "a"},
                "finish_reason": "length",
                "logprobs": {"content": [{"token": "a", "logprob": -0.5, "top_logprobs": []}]},
            }
        ],
    }
    update = read(
        {
            "openinference.span.kind": "LLM",
            "output.value": json.dumps(response),
            "output.mime_type": "application/json",
            "llm.token_count.prompt": 5,
            "llm.token_count.completion": 7,
            "llm.token_count.total": 12,
            "llm.token_count.prompt_details.cache_read": 1,
            "llm.token_count.completion_details.reasoning": 2,
            "llm.cost.total": 0.01,
            "session.id": "talk",
            "user.id": "ann",
            "metadata": '{"tier": "gold"}',
            "tag.tags": ["a", "b"],
        }
    )
    assert update.usage == Usage(5, 7, 12, 1, None, 2)
    assert (update.cost, update.session_id, update.user_id) == (0.01, "talk", "ann")
    assert (update.metadata, update.tags) == ({"tier": "gold"}, ("a", "b"))
    assert update.log_probabilities == (TokenLogProbability("a", -0.5),)
    assert (update.finish_reasons, update.aliases) == (("length",), ("chatcmpl-1",))


def test_session_and_user_of_the_resource():
    update = read(resource={"session.id": "talk", "enduser.id": "ann"})
    assert (update.session_id, update.user_id) == ("talk", "ann")


def test_errors():
    failed = ("exception", 1, {"exception.type": "ValueError", "exception.message": "no"})
    assert read(code=2, message="why").status_message == "why"
    assert (read(code=2, events=[failed]).status, read(code=2, events=[failed]).status_message) == (
        Status.ERROR,
        "ValueError: no",
    )
    assert read({"error.type": "timeout"}).status is Status.ERROR
    assert read({"error.type": "timeout"}, code=1).status is Status.OK
    assert read(events=[failed]).status is Status.OK  # one that was caught


def test_unknown_attributes_are_kept():
    sent = {"app.a": [1, {"b": None}], "gen_ai.new.attribute": "x", "llm.input_messages.x": "odd", "input": "y"}
    assert {key: value for key, value in read(sent).attributes.items() if key in sent} == sent


def test_names_that_cannot_be_joined_are_kept():
    sent = {
        "openinference.span.kind": "LLM",
        "llm.input_messages.0.message.content": "a",
        "llm.input_messages.0.message.content.deeper": "b",
        "llm.output_messages.0": "c",
        "llm.output_messages.0.message.role": "assistant",
        "llm.prompts." + "9" * 50: "d",
        "llm.prompts.0" + ".x" * 50: "e",
    }
    update = read(sent)
    assert update.input_messages == (text("user", "a"),)
    kept = set(sent) - {"llm.input_messages.0.message.content"}
    assert kept <= update.attributes.keys()


@given(st.dictionaries(st.text("0123a.", max_size=8).map(lambda name: "p." + name), st.integers()))
def test_every_flattened_value_is_found_or_left(attributes):
    def leaves(value):
        if isinstance(value, dict):
            value = list(value.values())
        return [leaf for item in value for leaf in leaves(item)] if isinstance(value, list) else [value]

    found = unflattened(attributes, "p")
    assert sorted(leaves(found.items)) == sorted(attributes[name] for name in found.used)


NAMES = st.sampled_from(
    [*CURRENT, *(name for form in FORMS.values() for name in form["attributes"]), "metadata", "tag.tags", "session.id"]
)
VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-9, 9)
    | st.floats(allow_nan=False)
    | st.sampled_from(
        ["", "x", "chat", "LLM", "[", "{}", "[[]]", '{"role": 5}', '[{"role": "a", "parts": 5}]', '{"choices": [5]}']
    ),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["role", "content", "parts", "type"]), inner)
    ),
    max_leaves=6,
)
EVENTS = st.tuples(
    st.sampled_from([*(name for form in FORMS.values() for name, _, _ in form.get("events", ()))]),
    st.just(5),
    st.dictionaries(
        st.sampled_from(["message", "content", "gen_ai.event.content", "tool_calls", "gen_ai.prompt"]), VALUES
    ),
)


@given(st.dictionaries(NAMES, VALUES, max_size=8), st.lists(EVENTS, max_size=3))
def test_known_names_with_any_values_are_read(attributes, events):
    update = read(attributes, events=events)
    orjson.dumps([update.input, update.output, dict(update.attributes), dict(update.metadata), update.tags])
    for each in (update.model, update.provider, update.session_id, update.user_id, update.project):
        assert each is None or each
