"""The application of retrieval.py, traced by HoneyHive's SDK: decorators, and OpenInference for the openai package."""

import os
import sys

from addresses import QUESTION, Passage, messages, passages_about
from honeyhive import HoneyHiveTracer, trace
from openai import OpenAI
from openinference.instrumentation.openai import OpenAIInstrumentor

MODEL = os.environ.get("OPENAI_MODEL", "gpt-4o-mini")
tracer = HoneyHiveTracer.init(session_name=os.environ.get("SESSION", "demo"))
OpenAIInstrumentor().instrument(tracer_provider=tracer.provider)
client = OpenAI()


@trace(event_type="tool", event_name="retrieve", tracer=tracer)
def retrieve(question: str) -> list[Passage]:
    """Finds the paragraphs that fit a question."""
    return passages_about(question)


@trace(event_type="chain", event_name="answer", tracer=tracer)
def answer(question: str) -> str:
    """Answers a question from these."""
    asked = messages(question, retrieve(question))
    completion = client.chat.completions.create(model=MODEL, messages=asked)
    return completion.choices[0].message.content


if __name__ == "__main__":
    print(answer(" ".join(sys.argv[1:]) or QUESTION))
    tracer.flush()
