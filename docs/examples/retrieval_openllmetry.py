"""The application of retrieval.py, traced by OpenLLMetry: Traceloop's SDK, and its patch of the openai package."""

import os
import sys

from addresses import QUESTION, Passage, messages, passages_about
from openai import OpenAI
from traceloop.sdk import Traceloop
from traceloop.sdk.decorators import task, workflow

MODEL = os.environ.get("OPENAI_MODEL", "gpt-4o-mini")
Traceloop.init(app_name=os.environ.get("OTEL_SERVICE_NAME", "retrieval"))  # to TRACELOOP_BASE_URL
client = OpenAI()


@task()
def retrieve(question: str) -> list[Passage]:
    """Finds the paragraphs that fit a question."""
    return passages_about(question)


@workflow()
def answer(question: str) -> str:
    """Answers a question from these."""
    asked = messages(question, retrieve(question))
    completion = client.chat.completions.create(model=MODEL, messages=asked)
    return completion.choices[0].message.content


if __name__ == "__main__":
    Traceloop.set_association_properties({"session_id": os.environ.get("SESSION", "demo")})
    print(answer(" ".join(sys.argv[1:]) or QUESTION))  # what waits is sent at the end
