"""An application with LangSmith's client: run as its own process, traced by environment variables alone.

    python langsmith_client_calls.py MODE

Prints a JSON object of what the calls returned; the name of a call is the name of its root run.
"""

from __future__ import annotations

import asyncio
import json
import sys
import warnings
from typing import Any

import openai
from langsmith import Client, get_current_run_tree, trace, traceable, tracing_context
from langsmith.schemas import Attachment
from langsmith.wrappers import wrap_openai

warnings.simplefilter("ignore")  # of the client's own deprecations
MODEL = "stand-in-1"
ASKED = [{"role": "system", "content": "Be brief."}, {"role": "user", "content": "Where?"}]
TOOL = {"type": "function", "function": {"name": "look", "parameters": {"properties": {"for": {"type": "string"}}}}}
client = wrap_openai(openai.OpenAI(max_retries=0))
async_client = wrap_openai(openai.AsyncOpenAI(max_retries=0))


@traceable(run_type="retriever")
def retrieve(question: str) -> list[dict[str, Any]]:
    return [{"page_content": "Everywhere.", "type": "Document", "metadata": {"id": 7}}]


@traceable
def chat(question: str) -> dict[str, Any]:
    retrieve(question)
    completion = client.chat.completions.create(
        model=MODEL, messages=ASKED, n=2, logprobs=True, langsmith_extra={"metadata": {"session_id": "visit"}}
    )
    return completion.model_dump()


@traceable(tags=["a", "b"])
def stream() -> str:
    chunks = client.chat.completions.create(
        model=MODEL, messages=ASKED, stream=True, stream_options={"include_usage": True}
    )
    return "".join(choice.delta.content or "" for chunk in chunks for choice in chunk.choices)


@traceable
async def asynchronous() -> str:
    completion, chunks = await asyncio.gather(
        async_client.chat.completions.create(model=MODEL, messages=ASKED),
        async_client.chat.completions.create(model=MODEL, messages=ASKED, stream=True),
    )
    return completion.choices[0].message.content + "".join(
        [choice.delta.content or "" async for chunk in chunks for choice in chunk.choices]
    )


@traceable
def tools() -> str:
    completion = client.chat.completions.create(model=MODEL, messages=ASKED, tools=[TOOL])
    return completion.choices[0].message.tool_calls[0].function.arguments


@traceable
def refused() -> str:
    try:
        client.chat.completions.create(model=MODEL, messages=[{"role": "user", "content": "[status 500]"}])
    except openai.APIError as error:
        return type(error).__name__
    return ""


@traceable
def failing(of: str) -> None:
    raise ValueError("of its own " + of)


@traceable(run_type="llm")
def spoken() -> Any:
    yield from ["We ", "the ", "people"]


@traceable
def with_file() -> str:
    tree = get_current_run_tree()
    tree.attachments["note"] = Attachment(mime_type="text/plain", data=b"hi" * 600_000)
    return str(tree.id)


def single() -> str:
    """Without batches: a request when a run begins and one when it ends."""
    own = Client(auto_batch_tracing=False)
    with tracing_context(client=own), trace("single", run_type="chain", inputs={"a": 1}) as tree:
        client.chat.completions.create(model=MODEL, messages=ASKED)
        tree.end(outputs={"b": 2})
    own.create_feedback(tree.id, key="single", score=0.5, comment="sent by itself")
    return str(tree.id)


def scored() -> str:
    with trace("scored", run_type="tool") as tree:
        pass
    Client().create_feedback(tree.id, key="batched", value="fine", trace_id=tree.trace_id)
    return str(tree.id)


def looked_up() -> dict[str, Any]:
    """A project made, found and written to by its id."""
    own = Client()
    made = own.create_project("made", upsert=True)
    found = own.read_project(project_name="made")
    own.create_run("by id", {"a": 1}, "tool", session_id=found.id, id=ID, trace_id=ID, dotted_order=ORDER)
    own.flush()
    return {
        "same": made.id == found.id == own.read_project(project_id=str(found.id)).id,
        "has": own.has_project("made"),
    }


ID = "018f2f9e-7b1c-7cc2-b7f5-4a1d3a0c9e01"
ORDER = "20260101T000000000001Z" + ID


def main() -> None:
    mode = sys.argv[1]
    returned: dict[str, Any] = {"chat": chat("Where?"), "stream": stream(), "tools": tools(), "refused": refused()}
    returned["asynchronous"] = asyncio.run(asynchronous())
    returned["spoken"] = list(spoken())
    try:
        failing("accord" if mode in ("otel", "hybrid") else "\0 \ud800")  # these modes fail at surrogates themselves
    except ValueError as error:
        returned["failing"] = str(error)
    if mode in ("zstd", "plain"):
        returned["with_file"] = with_file()
        returned["scored"] = scored()
    if mode == "zstd":
        returned["single"] = single()
        returned["looked_up"] = looked_up()
    print(json.dumps(returned))


if __name__ == "__main__":
    main()
