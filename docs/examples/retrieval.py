"""A retrieval application, traced by LangSmith's SDK: two decorators and a wrapped client."""

import os
import sys

from addresses import QUESTION, Passage, messages, passages_about
from langsmith import traceable, tracing_context
from langsmith.wrappers import wrap_openai
from openai import OpenAI

MODEL = os.environ.get("OPENAI_MODEL", "gpt-4o-mini")
client = wrap_openai(OpenAI())


@traceable(run_type="retriever")
def retrieve(question: str) -> list[Passage]:
    """Finds the paragraphs that fit a question."""
    return passages_about(question)


@traceable
def answer(question: str) -> str:
    """Answers a question from these."""
    asked = messages(question, retrieve(question))
    completion = client.chat.completions.create(model=MODEL, messages=asked)
    return completion.choices[0].message.content


if __name__ == "__main__":
    with tracing_context(metadata={"session_id": os.environ.get("SESSION", "demo")}):
        print(answer(" ".join(sys.argv[1:]) or QUESTION))
