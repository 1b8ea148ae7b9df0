"""What the messages about a run say: wherever clients put it."""

from __future__ import annotations

import json
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from uuid import UUID

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st
from langsmith_forms import CONTENT_TYPE, form, json_part, run_parts

from wherefrom.errors import LimitError, MalformedError, RequestError
from wherefrom.traces.ingest.langsmith import Context, read_batch, read_feedback, read_form, read_run
from wherefrom.traces.ingest.limits import IngestLimits
from wherefrom.traces.ingest.times import nanoseconds
from wherefrom.traces.model import Event, Kind, Message, Part, PartType, Status, Usage

RUN = "018f2f9e-7b1c-7cc2-b7f5-4a1d3a0c9e01"
CHILD = "018f2f9e-7b1c-7cc2-b7f5-4a1d3a0c9e02"
HEX, CHILD_HEX = RUN.replace("-", ""), CHILD.replace("-", "")
START, START_NS = "2026-01-01T00:00:00.000001Z", 1767225600_000001000
BODY = {"messages": [{"role": "user", "content": "Who?"}], "model": "asked"}
ANSWER = {
    "id": "chatcmpl-1",
    "model": "answered",
    "choices": [
        {"index": 0, "message": {"role": "assistant", "content": "We"}, "finish_reason": "stop"},
    ],
    "usage_metadata": {
        "input_tokens": 3,
        "output_tokens": 2,
        "total_tokens": 5,
        "input_token_details": {"cache_read": 1},
        "output_token_details": {"reasoning": 1},
        "total_cost": 0.25,
    },
}


def span(run, *, patch=False, **context):
    (found,) = read_batch(orjson.dumps({"patch" if patch else "post": [{"id": RUN, **run}]}), Context(**context)).spans
    return found


def test_a_generation():
    metadata = {"ls_provider": "openai", "ls_model_name": "named", "thread_id": "t", "user_id": 7, "mine": [1]}
    found = span(
        {
            "name": "ChatOpenAI",
            "run_type": "llm",
            "trace_id": RUN,
            "session_name": "speeches",
            "start_time": START,
            "end_time": "2026-01-01T00:00:01Z",
            "inputs": BODY,
            "outputs": ANSWER,
            "tags": ["a", "b"],
            "extra": {"metadata": metadata, "runtime": {"sdk": "x"}},
            "events": [
                {"name": "start", "time": START, "kwargs": {"a": 1}},
                {"name": "new_token", "time": "2026-01-01T00:00:00.5Z"},
                {"name": "new_token", "time": "2026-01-01T00:00:00.6Z"},
            ],
        }
    )
    assert (found.trace_id, found.span_id, found.parent_id) == (HEX, HEX, "")
    assert (found.kind, found.status, found.project) == (Kind.LLM, Status.OK, "speeches")
    assert (found.model, found.provider) == ("answered", "openai")
    assert (found.session_id, found.user_id) == ("t", "7")
    assert found.start_ns == START_NS
    assert found.first_token_ns == 1767225600_500000000
    assert found.usage == Usage(3, 2, 5, cache_read_tokens=1, reasoning_tokens=1)
    assert found.cost == 0.25
    assert found.output_messages == (Message("assistant", (Part(PartType.TEXT, "We"),), finish_reason="stop"),)
    assert found.input_messages == (Message("user", (Part(PartType.TEXT, "Who?"),)),)
    assert found.finish_reasons == ("stop",)
    assert found.events == (Event("start", START_NS, {"kwargs": {"a": 1}}),)
    assert found.tags == ("a", "b")
    assert found.metadata == metadata
    assert found.attributes == {"langsmith.run_type": "llm", "langsmith.runtime": {"sdk": "x"}}
    assert {RUN, "chatcmpl-1"} <= set(found.aliases)
    assert (found.input, found.output) == (BODY, ANSWER)


@pytest.mark.parametrize(
    ("run_type", "kind"),
    [
        ("chain", Kind.CHAIN),
        ("tool", Kind.TOOL),
        ("retriever", Kind.RETRIEVER),
        ("embedding", Kind.EMBEDDING),
        ("prompt", Kind.PROMPT),
        ("parser", Kind.CHAIN),
        ("unheard of", Kind.OTHER),
        (None, None),
    ],
)
def test_kinds(run_type, kind):
    assert span({"run_type": run_type}).kind == kind


def test_what_is_not_generated_has_no_messages():
    found = span({"run_type": "chain", "name": "c", "inputs": {"question": "?"}, "outputs": {"output": "!"}})
    assert (found.input_messages, found.output_messages, found.usage, found.model) == (None, None, None, None)
    assert found.output == {"output": "!"}


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        ({"error": "ValueError('x')", "end_time": START}, (Status.ERROR, "ValueError('x')")),
        ({"end_time": START}, (Status.OK, None)),
        ({"status": "error"}, (Status.ERROR, None)),
        ({"status": "pending"}, (None, None)),
        ({}, (None, None)),
    ],
)
def test_statuses(said, expected):
    found = span(said, patch=True)
    assert (found.status, found.status_message) == expected


def order(*ids):
    return ".".join(f"20260101T000000000001Z{name}" for name in ids)


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        ({"trace_id": RUN}, (RUN, "")),
        ({"trace_id": CHILD}, (CHILD, None)),
        ({"trace_id": CHILD, "parent_run_id": CHILD}, (CHILD, CHILD)),
        ({"dotted_order": order(CHILD, RUN)}, (CHILD, CHILD)),
        ({"dotted_order": order(RUN)}, (RUN, "")),
        ({"dotted_order": "nonsense"}, ("", None)),
        ({"dotted_order": order(RUN, CHILD)}, ("", None)),
        ({}, ("", None)),
    ],
)
def test_places(said, expected):
    found = span(said, patch=True)
    expected = tuple(name.replace("-", "") if name else name for name in expected)
    assert (found.trace_id, found.parent_id) == expected


def test_a_run_that_begins_and_names_no_other_is_a_root():
    assert span({"name": "x"}).trace_id == HEX
    assert span({"name": "x"}).parent_id == ""
    assert span({"name": "x", "parent_run_id": CHILD}).trace_id == ""
    assert span({"inputs": {}}).trace_id == ""  # a piece that comes alone says nothing of its place


@pytest.mark.parametrize(
    "outputs",
    [
        {"usage_metadata": {"input_tokens": 3, "output_tokens": 2}},
        {"usage": {"prompt_tokens": 3, "completion_tokens": 2}},
        {"llm_output": {"token_usage": {"prompt_tokens": 3, "completion_tokens": 2}}},
        {"output": {"usage_metadata": {"input_tokens": 3, "output_tokens": 2}}},
        {"message": {"lc": 1, "kwargs": {"usage_metadata": {"input_tokens": 3, "output_tokens": 2}}}},
        {"generations": [[{"message": {"kwargs": {"usage_metadata": {"input_tokens": 3, "output_tokens": 2}}}}]]},
    ],
)
def test_usage_wherever_it_stands(outputs):
    found = span({"run_type": "llm", "outputs": outputs}).usage
    assert (found.input_tokens, found.output_tokens) == (3, 2)


def test_usage_that_is_not_sent_is_unknown():
    assert span({"run_type": "llm", "outputs": {"output": "x", "usage_metadata": None}}).usage is None
    assert span({"run_type": "llm", "prompt_tokens": 0, "completion_tokens": 1}).usage == Usage(0, 1)


def test_a_stream_that_nobody_joined_is_one_text():
    events = [{"name": "new_token", "time": START}]
    found = span({"run_type": "llm", "outputs": {"output": ["We ", "the"]}, "events": events})
    assert found.output_messages == (Message("assistant", (Part(PartType.TEXT, "We the"),)),)


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        ({"session_name": "named", "session_id": CHILD}, "named"),
        ({"session_id": CHILD}, "of " + CHILD),
        ({"session_id": "no id"}, None),
        ({"address": "lrn:agents/helper/environments/dev"}, "helper dev"),
        ({"address": "elsewhere"}, None),
    ],
)
def test_projects_by_name_id_and_agent(said, expected):
    assert span(said, project_of=lambda project: f"of {project}").project == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (START, START_NS),
        ("2026-01-01T00:00:00.000001", START_NS),
        ("2026-01-01T02:00:00.000001+02:00", START_NS),
        (1767225600000, 1767225600_000000000),
        ("0001-01-01T00:00:00", None),
        ("9999-12-31T23:59:59", None),
        ("yesterday", None),
        (True, None),
        (-5, None),
        (1e300, None),
        ([], None),
    ],
)
def test_times(text, expected):
    assert nanoseconds(text) == expected


@given(st.integers(1, 9_000_000_000_000_000))
def test_times_are_exact_to_the_microsecond(microseconds):
    moment = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=microseconds)
    assert nanoseconds(moment.isoformat()) == microseconds * 1000


def test_one_bad_run_does_not_take_the_others_with_it():
    good, bad = {"id": RUN, "name": "good"}, {"id": "no uuid", "name": "bad"}
    batch = read_batch(orjson.dumps({"post": [good, bad, 5]}), Context())
    assert [found.name for found in batch.spans] == ["good"]
    assert batch.rejected == 2
    assert "'no uuid'" in batch.reason
    with pytest.raises(RequestError, match="nothing of the request"):
        read_batch(orjson.dumps({"post": [bad]}), Context())
    with pytest.raises(RequestError, match="trace_id"):
        read_run(orjson.dumps({**good, "trace_id": "x"}), Context())


def test_fields_beyond_the_limits_are_left_out_alone():
    deep = json.loads("[" * 50 + "]" * 50)
    limits = IngestLimits(max_nesting=40, max_attribute_bytes=1000, max_attributes=3)
    run = {"id": RUN, "name": "x", "inputs": {"deep": deep}, "outputs": {"long": "ü" * 501}, "tags": ["kept"]}
    run |= {"extra": {"metadata": dict.fromkeys("abcd", 1)}, "error": "y" * 1001}
    for batch in (
        read_batch(orjson.dumps({"post": [run]}), Context(limits)),
        read_form(form(run_parts("post", run)), CONTENT_TYPE, Context(limits)),
    ):
        (found,) = batch.spans
        assert (found.name, found.tags) == ("x", ("kept",))
        assert (found.input, found.output, dict(found.metadata), found.status_message) == (None, None, {}, None)
        assert batch.rejected == 4


def test_more_runs_than_are_accepted():
    runs = [{"id": str(UUID(int=number)), "name": "x"} for number in range(4)]
    with pytest.raises(LimitError, match="max_batch_items"):
        read_batch(orjson.dumps({"post": runs}), Context(IngestLimits(max_batch_items=3)))


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b'{"post": {}}', b"\xff", b"[" * 100_000, b'{"post": [}'])
def test_batches_that_are_none(body):
    with pytest.raises((MalformedError, LimitError)):
        read_batch(body, Context())


def test_nan_and_surrogates_of_pythons_clients():
    body = b'{"id": "%s", "name": "\\ud800x", "outputs": {"a": NaN, "b": -Infinity}}' % RUN.encode()
    (found,) = read_run(body, Context()).spans
    assert (found.name, found.output) == ("\ufffdx", {"a": None, "b": None})


@pytest.mark.parametrize(
    ("error", "read"),
    [
        (rb'"a \ b"', "a \\ b"),
        (rb'"a \x b \u00e9 \\ \" \n"', 'a \\x b é \\ " \n'),
        (rb'["\ ", NaN]', ["\\ ", None]),
    ],
)
def test_halves_of_escapes_that_langsmiths_client_leaves(error, read):
    body = b'{"id": "%s", "outputs": %s}' % (RUN.encode(), error)
    assert read_run(body, Context()).spans[0].output == read


def test_unknown_parts_are_counted_and_bad_json_is_refused_whole():
    parts = [*run_parts("post", {"id": RUN, "name": "x"}), json_part(f"post.{RUN}.more", 1), json_part("other", 1)]
    assert read_form(form(parts), CONTENT_TYPE, Context()).rejected == 2
    with pytest.raises(MalformedError, match=r"post\.018f"):
        read_form(form([*parts, (f"post.{RUN}.inputs", "application/json", b"{")]), CONTENT_TYPE, Context())


def test_files_know_their_runs_trace():
    file = (f"attachment.{RUN}.note.txt", "text/plain; length=2", b"hi")
    run = run_parts("post", {"id": RUN, "trace_id": CHILD, "session_name": "p"})
    (found,) = read_form(form([file, *run]), CONTENT_TYPE, Context()).attachments
    assert (found.span_id, found.trace_id, found.project) == (HEX, CHILD_HEX, "p")
    assert (found.name, found.content_type, found.data) == ("note.txt", "text/plain", b"hi")
    (alone,) = read_form(form([file]), CONTENT_TYPE, Context()).attachments
    assert (alone.trace_id, alone.project) == (None, None)


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        ({"score": 0.5}, (0.5, None, "")),
        ({"score": True, "comment": "good"}, (1.0, None, "good")),
        ({"value": "fine"}, (None, "fine", None)),
        ({"score": 1, "value": {"a": 1}}, (1.0, '{"a":1}', None)),
        ({"value": 3}, (3.0, None, None)),
        ({}, (None, None, "")),
    ],
)
def test_feedback(said, expected):
    body = {"id": CHILD, "run_id": RUN, "key": "correct", "feedback_source": {"type": "api"}, **said}
    (found,) = read_feedback(orjson.dumps(body), Context()).scores
    value, text, comment = expected
    assert (found.value, found.text) == (value, text)
    assert (found.comment or "") == (comment or "")
    assert (found.id, found.name, found.span_id, found.annotator) == (CHILD, "correct", HEX, "api")
    part = json_part(f"feedback.{CHILD}", {key: item for key, item in body.items() if key != "id"})
    assert read_form(form([part]), CONTENT_TYPE, Context()).scores == (found,)


@pytest.mark.parametrize("wrong", [{"key": ""}, {"id": "x"}, {"run_id": None}, {"run_id": "x"}])
def test_feedback_that_cannot_be_used(wrong):
    body = {"id": CHILD, "run_id": RUN, "key": "correct", "score": 1, **wrong}
    with pytest.raises(RequestError):
        read_feedback(orjson.dumps(body), Context())


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=4),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)
FIELDS = (
    "name",
    "run_type",
    "trace_id",
    "parent_run_id",
    "dotted_order",
    "start_time",
    "end_time",
    "inputs",
    "outputs",
)
FIELDS += ("events", "extra", "error", "tags", "session_name", "session_id", "address", "status", "serialized", "key")
FIELDS += ("run_id", "score", "value", "comment", "feedback_source", "created_at", "prompt_tokens")
anything = st.dictionaries(st.sampled_from(FIELDS), json_values, max_size=6)


@given(anything, st.sampled_from(["inputs", "extra", "events"]), json_values)
def test_whatever_fields_hold_there_is_an_answer_or_a_sentence(fields, piece, value):
    parts = [json_part(f"post.{RUN}", fields), json_part(f"post.{RUN}.{piece}", value)]
    with suppress(RequestError):
        read_form(form([*parts, json_part(f"feedback.{CHILD}", fields)]), CONTENT_TYPE, Context())
