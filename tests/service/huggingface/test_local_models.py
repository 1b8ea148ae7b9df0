"""`generate_traced` with a real model: a GPT of random weights, made here, against what transformers says itself."""

from __future__ import annotations

import logging
import math
import re
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace

import pytest
import running_service
from opentelemetry.sdk.trace import TracerProvider
from sqlalchemy import select

from wherefrom.huggingface import ADDRESS, generate_traced
from wherefrom.traces.details import find_span, read_span
from wherefrom.traces.schema import spans
from wherefrom.traces.store import TraceStore
from wherefrom_indexer.errors import UsageError

pytestmark = [pytest.mark.slow, pytest.mark.filterwarnings("ignore")]

CLIENTS = (Path(__file__).parents[3] / "docs" / "clients.md").read_text(encoding="utf-8")
TEXTS = ["Fellow citizens of the Senate and of the House.", "Zwölf Boxkämpfer über den großen Deich 🙂."]
CHAT = "{% for message in messages %}{{ message.role }}: {{ message.content }}\n{% endfor %}assistant:"


@pytest.fixture(scope="module")
def local() -> SimpleNamespace:
    """A model of two small layers and a byte-level tokenizer."""
    torch = pytest.importorskip("torch")
    transformers = pytest.importorskip("transformers")
    from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers

    inner = Tokenizer(models.BPE())
    inner.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    inner.decoder = decoders.ByteLevel()
    alphabet = sorted(pre_tokenizers.ByteLevel.alphabet())
    inner.train_from_iterator(
        TEXTS,
        trainers.BpeTrainer(vocab_size=300, special_tokens=["<|end|>"], initial_alphabet=alphabet, show_progress=False),
    )
    tokenizer = transformers.PreTrainedTokenizerFast(tokenizer_object=inner, eos_token="<|end|>")
    torch.manual_seed(1)
    config = transformers.GPT2Config(
        vocab_size=300, n_positions=128, n_embd=32, n_layer=2, n_head=2, bos_token_id=0, eos_token_id=0, pad_token_id=0
    )
    config.name_or_path = "tiny-random"
    model = transformers.GPT2LMHeadModel(config).eval()
    return SimpleNamespace(torch=torch, model=model, tokenizer=tokenizer)


@pytest.fixture
def store(tmp_path) -> Iterator[TraceStore]:
    with TraceStore.open(tmp_path / "traces") as store:
        yield store


def stored(store: TraceStore) -> list:
    return store.read(lambda connection: list(connection.execute(select(spans).order_by(spans.c.key))))


@pytest.mark.parametrize("settings", [{"do_sample": False}, {"do_sample": True, "temperature": 1.7, "top_k": 40}])
def test_the_numbers_are_the_models_own(local, store, settings):
    torch = local.torch
    torch.manual_seed(3)
    said = generate_traced(
        local.model, local.tokenizer, TEXTS[0], to=store, project="p", top=4, max_new_tokens=24, **settings
    )
    assert said.problem is None
    assert not local.model._forward_hooks, "nothing stays with the model"
    prompt = local.tokenizer(TEXTS[0], return_tensors="pt")["input_ids"]
    torch.manual_seed(3)
    plain = local.model.generate(prompt, max_new_tokens=24, **settings)
    new = plain[0, prompt.shape[1] :].tolist()
    assert said.output_tokens == len(new)
    assert said.input_tokens == prompt.shape[1]
    assert said.text == local.tokenizer.decode(new, skip_special_tokens=True)
    with torch.no_grad():
        logarithms = local.model(plain).logits[0, prompt.shape[1] - 1 : -1].log_softmax(-1)
    kept = [(place, token) for place, token in enumerate(new) if token != 0]
    assert [token.id for token in said.tokens] == [token for _, token in kept]
    for token, (place, number) in zip(said.tokens, kept, strict=True):
        row = logarithms[place]
        assert token.log_probability == pytest.approx(float(row[number]), abs=1e-4)
        assert token.entropy == pytest.approx(float(-(row.exp() * row).sum()), abs=1e-4)
        assert [value for _, value in token.top] == pytest.approx(row.topk(4).values.tolist(), abs=1e-4)
    assert said.start_ns < said.first_token_ns < said.end_ns

    [row] = stored(store)
    assert (row.kind, row.status, row.model, row.provider) == ("llm", "ok", "tiny-random", "huggingface")
    assert (row.input_tokens, row.output_tokens) == (said.input_tokens, said.output_tokens)
    assert row.first_token_ns == said.first_token_ns
    assert row.protocol == "huggingface"


def test_a_chat_needs_a_template(local, store):
    asked = [{"role": "user", "content": "Who?"}]
    with pytest.raises(UsageError, match="no chat template"):
        generate_traced(local.model, local.tokenizer, asked, to=store)
    local.tokenizer.chat_template = CHAT
    try:
        said = generate_traced(local.model, local.tokenizer, asked, to=store, max_new_tokens=3, session="s", user="u")
    finally:
        local.tokenizer.chat_template = None
    assert said.finish_reason == "length"
    [row] = stored(store)
    assert (row.session_id, row.user_id) == ("s", "u")
    assert "".join(token.text for token in said.tokens) == said.text


def test_an_end_token_is_no_text(local, store):
    bias = local.torch.full((300,), -1e9)
    bias[0] = 0.0

    class Ending(type(local.model.lm_head)):
        def forward(self, hidden):
            return super().forward(hidden) * 0 + bias

    head = local.model.lm_head
    original = head.__class__
    head.__class__ = Ending
    try:
        said = generate_traced(local.model, local.tokenizer, "x", to=store, max_new_tokens=9)
    finally:
        head.__class__ = original
    assert (said.text, said.tokens, said.finish_reason, said.output_tokens) == ("", (), "stop", 1)


def test_a_chance_of_one_has_no_entropy(local, store):
    def certain(module, inputs, output):
        scores = local.torch.full_like(output, -math.inf)
        scores[..., 70] = 0.0
        return scores

    handle = local.model.lm_head.register_forward_hook(certain)
    try:
        said = generate_traced(local.model, local.tokenizer, "x", to=store, max_new_tokens=2)
    finally:
        handle.remove()
    assert [(token.log_probability, token.entropy, len(token.top)) for token in said.tokens] == [(0.0, 0.0, 1)] * 2


def test_a_failure_of_the_model_is_recorded_and_raised(local, store):
    def broken(module, inputs):
        raise RuntimeError("out of memory")

    handle = local.model.register_forward_pre_hook(broken)
    try:
        with pytest.raises(RuntimeError, match="out of memory"):
            generate_traced(local.model, local.tokenizer, "x", to=store, max_new_tokens=2)
    finally:
        handle.remove()
    assert not local.model._forward_hooks
    [row] = stored(store)
    assert (row.status, row.status_message) == ("error", "RuntimeError: out of memory")


def test_within_a_span_it_is_its_child(local, store):
    with TracerProvider().get_tracer("test").start_as_current_span("answer") as span:
        said = generate_traced(local.model, local.tokenizer, "x", to=store, max_new_tokens=2)
        context = span.get_span_context()
    [row] = stored(store)
    assert said.trace_id == f"{context.trace_id:032x}"
    assert row.parent_id == f"{context.span_id:016x}"


def test_the_text_is_had_where_no_service_is(local, caplog, monkeypatch):
    monkeypatch.setenv("WHEREFROM_ADDRESS", "http://127.0.0.1:9")
    with caplog.at_level(logging.WARNING):
        said = generate_traced(local.model, local.tokenizer, "x", max_new_tokens=2)
    assert said.tokens
    assert "cannot be reached" in said.problem
    assert "is not kept" in caplog.text


def test_what_the_documentation_shows_runs(local, tmp_path, monkeypatch, capsys):
    section = CLIENTS.partition("\n## Hugging Face models of your own\n")[2].partition("\n## ")[0]
    [code] = re.findall(r"```python\n(.*?)```", section, re.DOTALL)
    named = dict(re.findall(r"^    export (\w+)=(.*)$", section, re.MULTILINE))
    assert named["WHEREFROM_ADDRESS"] == ADDRESS
    for part in (local.model, local.tokenizer):
        part.save_pretrained(tmp_path / "my-model")
    monkeypatch.chdir(tmp_path)
    with running_service.on_a_port(tmp_path, attach=False) as (address, parts):
        for name, value in named.items():
            monkeypatch.setenv(name, value.replace(ADDRESS, address))
        exec(compile(code, "clients.md", "exec"), {})
        [row] = stored(parts.store)
    assert (row.protocol, row.session_id, row.status) == ("huggingface", "demo", "ok")
    assert len(capsys.readouterr().out.splitlines()) >= row.output_tokens - 1


def test_an_empty_prompt_and_a_model_with_an_encoder_are_refused(local, store, monkeypatch):
    with pytest.raises(UsageError, match="prompt is empty"):
        generate_traced(local.model, local.tokenizer, "", to=store)
    monkeypatch.setattr(local.model.config, "is_encoder_decoder", True)
    with pytest.raises(UsageError, match="causal"):
        generate_traced(local.model, local.tokenizer, "x", to=store)


def test_the_store_has_the_probabilities(local, store):
    said = generate_traced(local.model, local.tokenizer, "x", to=store, max_new_tokens=4, metadata={"a": 1})
    found = store.read(lambda connection: read_span(connection, find_span(connection, said.span_id, None, None)))
    assert [each["token"] for each in found["log_probabilities"]] == [token.text for token in said.tokens]
    assert found["metadata"] == {"a": 1}
