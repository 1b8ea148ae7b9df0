"""A stand-in for an OpenAI-compatible server, for tests and the demo: it has no model, its answers are given.

    python tests/openai_server.py --port 8123 --texts data/generations.jsonl

An answer is the text whose prompt the request's messages hold; else the text at the message's hash, so that equal
requests have equal answers. What the application asks for decides the shape: `stream`, `n`, `logprobs`, `tools`,
`response_format`. Magic words in the last message ask for faults: `[status 500]`, `[break]` (a stream that ends in the
middle), `[slow 0.5]` (seconds before the first word), `[stop length]`.
"""

from __future__ import annotations

import argparse
import asyncio
import base64
import hashlib
import json
import re
import socket
import struct
import threading
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response, StreamingResponse
from starlette.routing import Route

CREATED = 1_750_000_000
DIMENSIONS = 16
SYSTEM_FINGERPRINT = "fp_stand_in"
_TOKENS = re.compile(r"\s*\S+|\s+")
_STATUS = re.compile(r"\[status (\d{3})\]")
_SLOW = re.compile(r"\[slow ([\d.]+)\]")
_STOP = re.compile(r"\[stop (\w+)\]")


@dataclass(frozen=True)
class Answer:
    """A text that the server may answer, and the prompt that asks for it."""

    text: str
    prompt: str = ""


@dataclass
class StandIn:
    """The server's state: what it may answer, and what it was asked."""

    answers: Sequence[Answer]
    requests: list[dict[str, Any]] = field(default_factory=list)

    def answer(self, messages: Sequence[dict[str, Any]], choice: int = 0) -> str:
        """The text of one choice."""
        said = "\n".join(_text(message.get("content")) for message in messages)
        matching = [answer for answer in self.answers if answer.prompt and answer.prompt in said]
        if matching:
            return matching[choice % len(matching)].text
        number = int.from_bytes(hashlib.sha256(said.encode("utf-8", "replace")).digest()[:4], "big")
        return self.answers[(number + choice) % len(self.answers)].text


DEFAULT_ANSWERS = (
    Answer("The quick brown fox jumps over the lazy dog, and the dog does not mind."),
    Answer("It was the best of times, it was the worst of times, it was the age of wisdom."),
)


def read_answers(path: Path) -> tuple[Answer, ...]:
    """The texts of a JSONL file of generations, such as `data/generations.jsonl`."""
    rows = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines() if line.strip()]
    return tuple(Answer(row["text"], row.get("prompt") or "") for row in rows)


def create_app(answers: Sequence[Answer] = DEFAULT_ANSWERS) -> Starlette:
    """The server as an ASGI application; `app.state.stand_in.requests` are the bodies it was sent."""
    app = Starlette(
        routes=[
            Route("/v1/models", _models),
            Route("/v1/chat/completions", _chat, methods=["POST"]),
            Route("/v1/completions", _completion, methods=["POST"]),
            Route("/v1/embeddings", _embeddings, methods=["POST"]),
        ]
    )
    app.state.stand_in = StandIn(tuple(answers))
    return app


@contextmanager
def running(app: Any, port: int = 0) -> Iterator[str]:
    """Serve an ASGI application in a thread; the address without a path is what is yielded."""
    with socket.socket() as listener:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(("127.0.0.1", port))
        server = uvicorn.Server(uvicorn.Config(app, log_level="warning", lifespan="auto", ws="none"))
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, daemon=True)
        started = threading.Event()
        original = server.startup

        async def startup(sockets: Any = None) -> None:
            await original(sockets)
            started.set()

        server.startup = startup  # type: ignore[method-assign]
        thread.start()
        assert started.wait(30), "the server did not start"
        try:
            yield f"http://127.0.0.1:{listener.getsockname()[1]}"
        finally:
            server.should_exit = True
            thread.join(30)


def tokens(text: str) -> list[str]:
    """The pieces that are streamed and counted: words with the white space before them."""
    return _TOKENS.findall(text)


async def _models(request: Request) -> Response:
    return JSONResponse({"object": "list", "data": [{"id": "stand-in-1", "object": "model", "created": CREATED}]})


async def _chat(request: Request) -> Response:
    asked = await request.json()
    state: StandIn = request.app.state.stand_in
    state.requests.append(asked)
    messages = asked.get("messages")
    if not isinstance(messages, list) or not messages or not isinstance(asked.get("model"), str):
        return _error(400, "messages and model are needed")
    last = _text(messages[-1].get("content"))
    if found := _STATUS.search(last):
        return _error(int(found[1]), f"asked for by {found[0]}")
    if found := _SLOW.search(last):
        await asyncio.sleep(float(found[1]))
    choices = [_choice(state, asked, number) for number in range(asked.get("n") or 1)]
    head = _head("chat.completion", "chatcmpl", asked)
    usage = _usage("".join(_text(message.get("content")) for message in messages), choices)
    if not asked.get("stream"):
        return JSONResponse({**head, "choices": choices, "usage": usage, "service_tier": "default"})
    chunks = _chunks({**head, "object": "chat.completion.chunk"}, choices, usage, asked)
    return StreamingResponse(_events(chunks, breaks="[break]" in last), media_type="text/event-stream")


async def _completion(request: Request) -> Response:
    asked = await request.json()
    state: StandIn = request.app.state.stand_in
    state.requests.append(asked)
    prompt = asked.get("prompt")
    if not isinstance(prompt, str):
        return _error(400, "prompt is needed, one text")
    if found := _STATUS.search(prompt):
        return _error(int(found[1]), f"asked for by {found[0]}")
    choices = []
    for number in range(asked.get("n") or 1):
        text = state.answer([{"content": prompt}], number)
        logprobs = None
        if asked.get("logprobs") is not None:
            pieces = tokens(text)
            logprobs = {
                "tokens": pieces,
                "token_logprobs": [_logprob(piece) for piece in pieces],
                "top_logprobs": None,
                "text_offset": _offsets(pieces),
            }
        choices.append({"index": number, "text": text, "finish_reason": "stop", "logprobs": logprobs})
    head = _head("text_completion", "cmpl", asked)
    usage = _usage(prompt, [{"message": {"content": choice["text"]}} for choice in choices])
    if not asked.get("stream"):
        return JSONResponse({**head, "choices": choices, "usage": usage})

    def chunks() -> Iterator[dict[str, Any]]:
        for choice in choices:
            for piece in tokens(choice["text"]):
                yield {**head, "choices": [{**choice, "text": piece, "finish_reason": None}]}
            yield {**head, "choices": [{**choice, "text": "", "logprobs": None}]}

    return StreamingResponse(_events(chunks(), breaks="[break]" in prompt), media_type="text/event-stream")


async def _embeddings(request: Request) -> Response:
    asked = await request.json()
    request.app.state.stand_in.requests.append(asked)
    given = asked.get("input")
    texts = [given] if isinstance(given, str) else given
    if not isinstance(texts, list) or not texts:
        return _error(400, "input is needed")
    data = [
        {"object": "embedding", "index": number, "embedding": _vector(str(text), asked.get("encoding_format"))}
        for number, text in enumerate(texts)
    ]
    count = sum(len(tokens(str(text))) for text in texts)
    return JSONResponse(
        {
            "object": "list",
            "model": asked.get("model"),
            "data": data,
            "usage": {"prompt_tokens": count, "total_tokens": count},
        }
    )


def _choice(state: StandIn, asked: dict[str, Any], number: int) -> dict[str, Any]:
    messages = asked["messages"]
    text = state.answer(messages, number)
    finish = found[1] if (found := _STOP.search(_text(messages[-1].get("content")))) else "stop"
    message: dict[str, Any] = {"role": "assistant", "content": text, "refusal": None, "annotations": []}
    wanted = asked.get("response_format") or {}
    if wanted.get("type") in ("json_object", "json_schema"):
        message["content"] = json.dumps({"answer": text}, ensure_ascii=False)
    answered = any(said.get("role") == "tool" for said in messages)
    if asked.get("tools") and asked.get("tool_choice") != "none" and not answered:
        message["content"], finish = None, "tool_calls"
        message["tool_calls"] = [_tool_call(tool, text, index) for index, tool in enumerate(asked["tools"])]
    logprobs = None
    if asked.get("logprobs") and message["content"]:
        top = asked.get("top_logprobs") or 0
        logprobs = {"content": [_token(piece, top) for piece in tokens(message["content"])], "refusal": None}
    return {"index": number, "message": message, "logprobs": logprobs, "finish_reason": finish}


def _tool_call(tool: dict[str, Any], text: str, index: int) -> dict[str, Any]:
    """Call a tool with the answer's text for each of its parameters that is a string."""
    function = tool["function"]
    properties = (function.get("parameters") or {}).get("properties") or {}
    arguments = {name: text if about.get("type") == "string" else 1 for name, about in properties.items()}
    return {
        "id": f"call_{index}",
        "type": "function",
        "function": {"name": function["name"], "arguments": json.dumps(arguments, ensure_ascii=False)},
    }


def _chunks(
    head: dict[str, Any], choices: list[dict[str, Any]], usage: dict[str, Any], asked: dict[str, Any]
) -> Iterator[dict[str, Any]]:
    with_usage = bool((asked.get("stream_options") or {}).get("include_usage"))
    empty: dict[str, Any] = {"usage": None} if with_usage else {}

    def chunk(choice: dict[str, Any], delta: dict[str, Any], **more: Any) -> dict[str, Any]:
        one = {"index": choice["index"], "delta": delta, "logprobs": None, "finish_reason": None, **more}
        return {**head, **empty, "choices": [one]}

    for choice in choices:
        yield chunk(choice, {"role": "assistant", "content": "", "refusal": None})
    waiting = [(choice, _deltas(choice)) for choice in choices]
    while waiting:  # choices take turns, as they do where a model samples them side by side
        for item in list(waiting):
            choice, deltas = item
            following = next(deltas, None)
            if following is None:
                yield chunk(choice, {}, finish_reason=choice["finish_reason"])
                waiting.remove(item)
            else:
                delta, logprobs = following
                yield chunk(choice, delta, logprobs=logprobs)
    if with_usage:
        yield {**head, "choices": [], "usage": usage}


def _deltas(choice: dict[str, Any]) -> Iterator[tuple[dict[str, Any], dict[str, Any] | None]]:
    message = choice["message"]
    for number, piece in enumerate(tokens(message["content"] or "")):
        logprobs = choice["logprobs"]
        yield {"content": piece}, logprobs and {"content": [logprobs["content"][number]], "refusal": None}
    for index, call in enumerate(message.get("tool_calls") or ()):
        function = call["function"]
        yield {"tool_calls": [{"index": index, **call, "function": {**function, "arguments": ""}}]}, None
        for piece in tokens(function["arguments"]):
            yield {"tool_calls": [{"index": index, "function": {"arguments": piece}}]}, None


async def _events(chunks: Iterator[dict[str, Any]], *, breaks: bool) -> AsyncIterator[bytes]:
    for number, chunk in enumerate(chunks):
        if breaks and number == 4:
            error = {"error": {"message": "the stand-in was asked to break", "type": "server_error", "code": None}}
            yield b"data: " + json.dumps(error).encode() + b"\n\n"
            return
        yield b"data: " + json.dumps(chunk, ensure_ascii=False).encode() + b"\n\n"
        await asyncio.sleep(0)
    yield b"data: [DONE]\n\n"


def _head(kind: str, prefix: str, asked: dict[str, Any]) -> dict[str, Any]:
    digest = hashlib.sha256(json.dumps(asked, sort_keys=True).encode()).hexdigest()[:24]
    return {
        "id": f"{prefix}-{digest}",
        "object": kind,
        "created": CREATED,
        "model": asked.get("model"),
        "system_fingerprint": SYSTEM_FINGERPRINT,
    }


def _usage(prompt: str, choices: list[dict[str, Any]]) -> dict[str, Any]:
    said = len(tokens(prompt))
    answered = 0
    for choice in choices:
        message = choice["message"]
        calls = "".join(call["function"]["arguments"] for call in message.get("tool_calls") or ())
        answered += len(tokens((message["content"] or "") + calls))
    return {
        "prompt_tokens": said,
        "completion_tokens": answered,
        "total_tokens": said + answered,
        "prompt_tokens_details": {"cached_tokens": 0, "audio_tokens": 0},
        "completion_tokens_details": {"reasoning_tokens": 0, "audio_tokens": 0},
    }


def _token(piece: str, top: int) -> dict[str, Any]:
    def one(token: str) -> dict[str, Any]:
        return {"token": token, "logprob": _logprob(token), "bytes": list(token.encode())}

    return {**one(piece), "top_logprobs": [one(other) for other in (piece, piece.upper(), "…")[:top]]}


def _logprob(piece: str) -> float:
    return -(hashlib.sha256(piece.encode()).digest()[0] + 1) / 64


def _offsets(pieces: list[str]) -> list[int]:
    offsets, place = [], 0
    for piece in pieces:
        offsets.append(place)
        place += len(piece)
    return offsets


def _vector(text: str, encoding: str | None) -> list[float] | str:
    digest = hashlib.sha256(text.encode("utf-8", "replace")).digest()
    numbers = [byte / 255 - 0.5 for byte in digest[:DIMENSIONS]]
    if encoding == "base64":
        return base64.b64encode(struct.pack(f"<{DIMENSIONS}f", *numbers)).decode()
    return numbers


def _text(content: Any) -> str:
    if isinstance(content, list):
        return "\n".join(str(part.get("text", "")) for part in content if isinstance(part, dict))
    return content if isinstance(content, str) else ""


def _error(status: int, message: str) -> Response:
    kind = "invalid_request_error" if status < 500 else "server_error"
    return JSONResponse({"error": {"message": message, "type": kind, "param": None, "code": None}}, status)


def main() -> None:
    parser = argparse.ArgumentParser(description="A stand-in for an OpenAI-compatible server.")
    parser.add_argument("--port", type=int, default=8123)
    parser.add_argument("--texts", type=Path, help="JSONL of generations to answer with")
    arguments = parser.parse_args()
    answers = read_answers(arguments.texts) if arguments.texts else DEFAULT_ANSWERS
    uvicorn.run(create_app(answers), host="127.0.0.1", port=arguments.port, log_level="warning", ws="none")


if __name__ == "__main__":
    main()
