"""The application of retrieval.py with nothing that traces it: its model is asked through the gateway, which records.

After the question may stand `stream`, `async` or both: how the model is asked.
"""

import asyncio
import os
import sys

from addresses import QUESTION, messages, passages_about
from openai import AsyncOpenAI, OpenAI

MODEL = os.environ.get("OPENAI_MODEL", "gpt-4o-mini")
HEADERS = {
    "X-Wherefrom-Project": os.environ.get("PROJECT", "default"),
    "X-Wherefrom-Session": os.environ.get("SESSION", "demo"),
}
STREAMED = {"stream": True, "stream_options": {"include_usage": True}}


def answer(question: str, streams: bool) -> str:
    """Answers a question from paragraphs that fit it."""
    asked = messages(question, passages_about(question))
    with OpenAI(default_headers=HEADERS) as client:  # asks OPENAI_BASE_URL
        if not streams:
            return client.chat.completions.create(model=MODEL, messages=asked).choices[0].message.content
        chunks = client.chat.completions.create(model=MODEL, messages=asked, **STREAMED)
        return "".join(chunk.choices[0].delta.content or "" for chunk in chunks if chunk.choices)


async def answer_async(question: str, streams: bool) -> str:
    """The same, asynchronously."""
    asked = messages(question, passages_about(question))
    async with AsyncOpenAI(default_headers=HEADERS) as client:
        if not streams:
            return (await client.chat.completions.create(model=MODEL, messages=asked)).choices[0].message.content
        chunks = await client.chat.completions.create(model=MODEL, messages=asked, **STREAMED)
        return "".join([chunk.choices[0].delta.content or "" async for chunk in chunks if chunk.choices])


if __name__ == "__main__":
    question, *modes = sys.argv[1:] or [QUESTION]
    if "async" in modes:
        print(asyncio.run(answer_async(question, "stream" in modes)))
    else:
        print(answer(question, "stream" in modes))
