"""`generate_traced`: `model.generate` of transformers, whose outcome becomes a trace."""

from __future__ import annotations

import logging
import os
import secrets
import time
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, replace
from typing import Any

from opentelemetry import trace as otel

from wherefrom.huggingface.capture import Capture
from wherefrom.huggingface.delivery import deliver
from wherefrom.huggingface.generation import GeneratedToken, Generation, pieces
from wherefrom.huggingface.record import Call, Failure, request_body
from wherefrom.traces.model import Json
from wherefrom.traces.store import TraceStore
from wherefrom_indexer.errors import UsageError

ADDRESS = "http://127.0.0.1:8484"
"""Where `wherefrom serve` listens unless it is told otherwise."""

MOST_TOP = 20
"""Alternatives of a token at most."""

_OURS = ("num_beams", "num_return_sequences", "assistant_model", "streamer", "return_dict_in_generate")
_log = logging.getLogger(__name__)


def generate_traced(
    model: Any,
    tokenizer: Any,
    prompt: str | Sequence[Mapping[str, Json]],
    *,
    to: str | TraceStore | None = None,
    key: str | None = None,
    project: str | None = None,
    session: str | None = None,
    user: str | None = None,
    metadata: Mapping[str, Json] | None = None,
    name: str = "generate",
    top: int = 5,
    **settings: Any,
) -> Generation:
    """Have a model continue a prompt or answer a chat, and record that as a trace.

    Within a span of OpenTelemetry the generation is its child, else a trace of its own. A failure of the model is
    recorded and raised; where the trace cannot be kept, that is logged and said in `problem`.

    Args:
        model: a causal language model of transformers, on any device.
        tokenizer: its own.
        prompt: a text, or the messages of a chat, for which the tokenizer needs a chat template.
        to: a service's address, or a store; None: the variable WHEREFROM_ADDRESS, or this machine's service.
        key: API key; None: the variable WHEREFROM_API_KEY.
        project, session, user, metadata: of the trace.
        name: of the span.
        top: alternatives of each token that are kept, at most 20.
        **settings: of `model.generate`: max_new_tokens, do_sample, temperature, ...

    Raises:
        UsageError: torch is not installed, the model is not causal, the prompt is empty, or a setting cannot be traced:
            beams, several sequences, an assistant model, a streamer.
    """
    _check(settings, top)
    torch = _torch()
    if getattr(model.config, "is_encoder_decoder", False):
        raise UsageError("A model with an encoder cannot be traced: give a causal language model.")
    inputs = _inputs(model, tokenizer, prompt)
    before = int(inputs["input_ids"].shape[1])
    place = _Place.here()
    call = Call(
        name=name,
        model=str(getattr(model.config, "name_or_path", "") or type(model).__name__),
        messages=_messages(prompt),
        is_chat=not isinstance(prompt, str),
        settings=settings,
        parent_id=place.parent_id,
        session=session,
        user=user,
        metadata=dict(metadata or {}),
    )
    goal = to or os.environ.get("WHEREFROM_ADDRESS") or ADDRESS
    key = key or os.environ.get("WHEREFROM_API_KEY")
    capture = Capture(torch, top)
    start_ns = time.time_ns()

    def failed(kind: type[BaseException] | None, error: BaseException | None, _: object) -> None:
        if kind is not None:
            end_ns, message = time.time_ns(), str(error) or "no message"
            failure = Failure(place.trace_id, place.span_id, start_ns, end_ns, kind.__name__, message)
            _tell(deliver(request_body(call, failure), goal, key, project))

    with ExitStack() as stack:
        stack.push(failed)
        stack.callback(model.register_forward_hook(capture.hook).remove)
        stack.enter_context(torch.no_grad())
        output = model.generate(**inputs, streamer=capture, **settings, return_dict_in_generate=False)
    end_ns = time.time_ns()
    ids = [int(token) for token in output[0, before:].tolist()]
    tokens = _tokens(tokenizer, capture)
    generation = Generation(
        text="".join(token.text for token in tokens),
        tokens=tokens,
        input_tokens=before,
        output_tokens=len(ids),
        finish_reason=_finish_reason(model, ids, settings),
        trace_id=place.trace_id,
        span_id=place.span_id,
        start_ns=start_ns,
        first_token_ns=capture.first_token_ns,
        end_ns=end_ns,
    )
    return replace(generation, problem=_tell(deliver(request_body(call, generation), goal, key, project)))


@dataclass(frozen=True, slots=True)
class _Place:
    """Where the span stands: ids in hex; parent_id is empty for a root."""

    trace_id: str
    span_id: str
    parent_id: str

    @classmethod
    def here(cls) -> _Place:
        """Below the current span of OpenTelemetry, where there is one."""
        current = otel.get_current_span().get_span_context()
        span_id = secrets.token_hex(8)
        if current.is_valid:
            return cls(f"{current.trace_id:032x}", span_id, f"{current.span_id:016x}")
        return cls(secrets.token_hex(16), span_id, "")


def _check(settings: Mapping[str, Any], top: int) -> None:
    for setting in _OURS:
        if setting in settings:
            raise UsageError(f"A generation with {setting} cannot be traced token by token: leave it out.")
    if not 0 <= top <= MOST_TOP:
        raise UsageError(f"top is {top}; it must be from 0 to {MOST_TOP}.")


def _torch() -> Any:
    try:
        import torch
    except ImportError as error:
        raise UsageError(
            'Tracing a local model needs torch and transformers: pip install "wherefrom[models]".'
        ) from error
    return torch


def _inputs(model: Any, tokenizer: Any, prompt: str | Sequence[Mapping[str, Json]]) -> dict[str, Any]:
    """What `generate` is given: the prompt's tokens, on the model's device."""
    if isinstance(prompt, str):
        encoded = tokenizer(prompt, return_tensors="pt")
    else:
        if not getattr(tokenizer, "chat_template", None):
            raise UsageError("The tokenizer has no chat template: give the prompt as one text.")
        encoded = tokenizer.apply_chat_template(
            [dict(message) for message in prompt], add_generation_prompt=True, return_tensors="pt", return_dict=True
        )
    ids = encoded["input_ids"]
    if not ids.shape[1]:
        raise UsageError("The prompt is empty: a model needs at least one token to go on from.")
    return {
        name: encoded[name].to(model.device)
        for name in ("input_ids", "attention_mask")
        if encoded.get(name) is not None
    }


def _messages(prompt: str | Sequence[Mapping[str, Json]]) -> list[Mapping[str, Json]]:
    if isinstance(prompt, str):
        return [{"role": "user", "parts": [{"type": "text", "content": prompt}]}]
    return list(prompt)


def _tokens(tokenizer: Any, capture: Capture) -> tuple[GeneratedToken, ...]:
    """The tokens of the text; special ones, such as the one that ends it, are none of it."""
    special = set(tokenizer.all_special_ids)
    steps = [step for step in capture.steps if step.id not in special]

    def decode(ids: Sequence[int]) -> str:
        return str(tokenizer.decode(list(ids), clean_up_tokenization_spaces=False))

    texts = pieces([step.id for step in steps], decode)
    return tuple(
        GeneratedToken(
            step.id,
            text,
            step.log_probability,
            step.entropy,
            tuple((decode([other]), value) for other, value in step.top),
        )
        for step, text in zip(steps, texts, strict=True)
    )


def _finish_reason(model: Any, ids: Sequence[int], settings: Mapping[str, Any]) -> str:
    config = settings.get("generation_config") or model.generation_config
    named = settings.get("eos_token_id", getattr(config, "eos_token_id", None))
    ends = set(named) if isinstance(named, list | tuple | set) else {named}
    if ids and ids[-1] in ends:
        return "stop"
    most = settings.get("max_new_tokens", getattr(config, "max_new_tokens", None))
    if most is None or len(ids) >= most:
        return "length"
    return "stop"  # by a text or another rule of the caller's


def _tell(problem: str | None) -> str | None:
    if problem:
        _log.warning("The trace of a generation is not kept: %s", problem)
    return problem
