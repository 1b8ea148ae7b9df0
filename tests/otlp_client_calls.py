"""An application whose calls of the openai package are traced by an instrumentation; a process of its own.

    python tests/otlp_client_calls.py openinference SERVICE MODEL

Each call stands in a span of its own name. What the calls returned is printed as JSON.
"""

from __future__ import annotations

import asyncio
import json
import sys
from typing import Any

import openai
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor

MODEL = "gpt-4o-mini"
ASKED: list[Any] = [{"role": "system", "content": "Be brief."}, {"role": "user", "content": "Where?"}]
CALL = {"id": "c1", "type": "function", "function": {"name": "look", "arguments": '{"q": "x"}'}}
TOOL: Any = {
    "type": "function",
    "function": {"name": "look", "parameters": {"type": "object", "properties": {"q": {"type": "string"}}}},
}


def chat(client: openai.OpenAI) -> Any:
    return client.chat.completions.create(model=MODEL, messages=ASKED, n=2, logprobs=True, top_logprobs=2).model_dump()


def stream(client: openai.OpenAI) -> Any:
    chunks = list(
        client.chat.completions.create(model=MODEL, messages=ASKED, stream=True, stream_options={"include_usage": True})
    )
    text = "".join(chunk.choices[0].delta.content or "" for chunk in chunks if chunk.choices)
    return {"text": text, "usage": chunks[-1].usage.model_dump() if chunks[-1].usage else None}


def asynchronous(client: openai.OpenAI) -> Any:
    async def ask() -> Any:
        async with openai.AsyncOpenAI(base_url=client.base_url, api_key="x") as other:
            return await other.chat.completions.create(model=MODEL, messages=ASKED)

    return asyncio.run(ask()).model_dump()


def tool(client: openai.OpenAI) -> Any:
    return client.chat.completions.create(model=MODEL, messages=ASKED, tools=[TOOL]).model_dump()


def history(client: openai.OpenAI) -> Any:
    messages = [
        *ASKED,
        {"role": "assistant", "content": None, "tool_calls": [CALL]},
        {"role": "tool", "tool_call_id": "c1", "content": "here"},
    ]
    return client.chat.completions.create(model=MODEL, messages=messages, tools=[TOOL]).model_dump()


def failure(client: openai.OpenAI) -> Any:
    try:
        client.chat.completions.create(model=MODEL, messages=[{"role": "user", "content": "[status 500]"}])
    except openai.InternalServerError as error:
        return str(error)
    return None


def completion(client: openai.OpenAI) -> Any:
    return client.completions.create(model="gpt-3.5-turbo-instruct", prompt="Say it.").model_dump()


def embedding(client: openai.OpenAI) -> Any:
    return client.embeddings.create(model="text-embedding-3-small", input=["a", "b"]).model_dump()


CALLS = (chat, stream, asynchronous, tool, history, failure, completion, embedding)


def main(instrumentation: str, service: str, model: str) -> None:
    """Make every call, send the spans, and print what came back."""
    if instrumentation == "openinference":
        from openinference.instrumentation.openai import OpenAIInstrumentor
    else:
        from opentelemetry.instrumentation.openai import OpenAIInstrumentor
    provider = TracerProvider(resource=Resource.create({"service.name": instrumentation}))
    provider.add_span_processor(BatchSpanProcessor(OTLPSpanExporter(endpoint=f"{service}/v1/traces")))
    OpenAIInstrumentor().instrument(tracer_provider=provider)
    tracer = provider.get_tracer("calls")
    returned = {}
    with openai.OpenAI(base_url=model, api_key="x", max_retries=0) as client:
        for call in CALLS:
            with tracer.start_as_current_span(call.__name__):
                returned[call.__name__] = call(client)
    provider.shutdown()
    print(json.dumps(returned))


if __name__ == "__main__":
    main(*sys.argv[1:])
