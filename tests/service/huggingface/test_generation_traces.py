"""A local model's generation as a trace, without a model: its text cut into tokens, its record, its way."""

from __future__ import annotations

import sys
from dataclasses import replace

import pytest
import running_service
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select

from wherefrom.huggingface import GeneratedToken, Generation, generate_traced, record
from wherefrom.huggingface.delivery import deliver
from wherefrom.huggingface.generation import pieces
from wherefrom.huggingface.record import Call, Failure, request_body
from wherefrom.traces.ingest.limits import IngestLimits
from wherefrom.traces.ingest.otlp import Encoding, read_traces
from wherefrom.traces.model import Kind, Message, Part, PartType, Protocol, Status, TokenLogProbability, Usage
from wherefrom.traces.schema import projects
from wherefrom.traces.store import TraceStore
from wherefrom_indexer.errors import UsageError

TRACE, SPAN = "4bf92f3577b34da6a3ce929d0e0e4736", "00f067aa0ba902b7"
START = 1_785_000_000_000_000_000
CALL = Call(
    name="generate",
    model="tiny",
    messages=[{"role": "user", "content": "How?"}],
    is_chat=True,
    settings={"max_new_tokens": 5, "do_sample": True, "bad_words_ids": [[1]], "temperature": 0.5},
    session="conversation-7",
    user="ada",
    metadata={"release": "7"},
)
SAID = Generation(
    text="We the",
    tokens=(
        GeneratedToken(3, "We", -0.25, 1.5, (("We", -0.25), ("I", -2.0))),
        GeneratedToken(4, " the", -0.5, 0.5),
    ),
    input_tokens=4,
    output_tokens=3,
    finish_reason="stop",
    trace_id=TRACE,
    span_id=SPAN,
    start_ns=START,
    first_token_ns=START + 5,
    end_ns=START + 10,
)


def read(outcome, call=CALL):
    (update,) = read_traces(request_body(call, outcome), Encoding.JSON.value, limits=IngestLimits()).spans
    return update


def test_a_generation_says_all_that_is_known_of_it():
    found = read(SAID)
    assert (found.trace_id, found.span_id, found.parent_id, found.name) == (TRACE, SPAN, "", "generate")
    assert found.protocol is Protocol.HUGGINGFACE
    assert (found.kind, found.status) == (Kind.LLM, Status.OK)
    assert (found.start_ns, found.first_token_ns, found.end_ns) == (START, START + 5, START + 10)
    assert (found.model, found.provider) == ("tiny", "huggingface")
    assert (found.session_id, found.user_id, found.metadata) == ("conversation-7", "ada", {"release": "7"})
    assert found.usage == Usage(4, 3)
    assert found.input_messages == (Message("user", (Part(PartType.TEXT, text="How?"),)),)
    assert found.output_messages == (Message("assistant", (Part(PartType.TEXT, text="We the"),), None, "stop"),)
    assert found.finish_reasons == ("stop",)
    assert found.log_probabilities == (
        TokenLogProbability("We", -0.25, (("We", -0.25), ("I", -2.0))),
        TokenLogProbability(" the", -0.5),
    )
    assert found.attributes["huggingface.entropies"] == "[1.5,0.5]"
    assert found.attributes["huggingface.mean_entropy"] == 1.0
    assert found.attributes["huggingface.settings.max_new_tokens"] == 5
    assert found.attributes["huggingface.settings.bad_words_ids"] == "[[1]]"
    assert "huggingface.log_probabilities" not in found.attributes


def test_a_plain_prompt_and_no_output():
    call = Call("generate", "tiny", [{"role": "user", "parts": [{"type": "text", "content": "x"}]}], is_chat=False)
    found = read(replace(SAID, text="", tokens=(), first_token_ns=None), call)
    assert found.kind is Kind.LLM
    assert found.input_messages == (Message("user", (Part(PartType.TEXT, text="x"),)),)
    assert found.log_probabilities is None
    assert found.session_id is None


def test_a_failure_is_an_error():
    found = read(Failure(TRACE, SPAN, START, START + 1, "RuntimeError", "out of memory\ud800"[:-1]))
    assert (found.status, found.status_message) == (Status.ERROR, "RuntimeError: out of memory")
    assert found.model == "tiny"
    assert found.output_messages is None


def test_whatever_the_caller_says_is_written():
    odd = {"a\ud800": float("inf"), "b": object(), "c": 1 << 70, "d": {1: {2}}, "e": [float("nan")], "f": 3 + 4j}
    call = replace(CALL, settings=odd, metadata=odd, session="s\ud800", name="n\udfff", messages=[odd])
    found = read(SAID, call)
    assert found.session_id == "s\ufffd"
    assert found.attributes["huggingface.settings.c"] == str(1 << 70)
    assert found.output_messages
    assert read(replace(SAID, tokens=(GeneratedToken(1, "x\ud800", float("-inf"), float("nan")),))).output_messages


def test_long_outputs_are_told_without_alternatives(monkeypatch):
    monkeypatch.setattr(record, "MOST_CHARACTERS", 150)
    found = read(SAID).log_probabilities
    assert [token.top for token in found] == [(), ()]
    monkeypatch.setattr(record, "MOST_CHARACTERS", 50)
    assert read(SAID).log_probabilities is None


@given(st.text(max_size=30))
def test_pieces_are_the_text(text):
    data = text.encode("utf-8", "replace")
    found = pieces(list(data), lambda ids: bytes(ids).decode("utf-8", "replace"))
    assert "".join(found) == data.decode("utf-8")
    assert len(found) == len(data)


def test_a_word_keeps_the_space_before_it():
    words = {1: "We", 2: "the", 3: "people"}
    found = pieces([1, 2, 3], lambda ids: " ".join(words[each] for each in ids))
    assert found == ["We", " the", " people"]


def test_it_goes_to_a_store(tmp_path):
    with TraceStore.open(tmp_path / "traces") as store:
        assert deliver(request_body(CALL, SAID), store, None, "local") is None
        refused = replace(SAID, trace_id="0" * 32)
        assert "trace" in str(deliver(request_body(CALL, refused), store, None, None))


def test_it_goes_to_a_service_or_the_reason_is_said(tmp_path):
    with running_service.on_a_port(tmp_path, attach=False) as (address, parts):
        assert deliver(request_body(CALL, SAID), address, "any", "zürich") is None
        assert "answered 400" in str(deliver(b"{", f"{address}/", None, None))
        assert "answered 404" in str(deliver(b"{}", f"{address}/nothing", None, None))
        named = parts.store.read(lambda connection: connection.execute(select(projects.c.name)).scalars().all())
        assert named == ["zürich"]
    assert "cannot be reached" in str(deliver(b"{}", address, None, None))
    for wrong in ("file:///etc/passwd", "127.0.0.1:8484", ""):
        assert "is no address" in str(deliver(b"{}", wrong, None, None))


def test_without_torch_it_is_said_what_is_needed(monkeypatch):
    monkeypatch.setitem(sys.modules, "torch", None)
    with pytest.raises(UsageError, match=r'pip install "wherefrom\[models\]"'):
        generate_traced(None, None, "x")


@pytest.mark.parametrize("setting", ["num_beams", "num_return_sequences", "streamer", "assistant_model"])
def test_what_cannot_be_traced_is_refused(setting):
    with pytest.raises(UsageError, match=f"with {setting} cannot be traced"):
        generate_traced(None, None, "x", **{setting: 2})
    with pytest.raises(UsageError, match="from 0 to 20"):
        generate_traced(None, None, "x", top=21)
