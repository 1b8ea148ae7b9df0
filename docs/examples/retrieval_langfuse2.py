"""The application of retrieval.py, traced by version 2 of Langfuse's SDK: decorators and its drop-in for openai."""

import os
import sys

from addresses import QUESTION, Passage, messages, passages_about
from langfuse.decorators import langfuse_context, observe
from langfuse.openai import OpenAI

MODEL = os.environ.get("OPENAI_MODEL", "gpt-4o-mini")
client = OpenAI()


@observe()
def retrieve(question: str) -> list[Passage]:
    """Finds the paragraphs that fit a question."""
    return passages_about(question)


@observe()
def answer(question: str) -> str:
    """Answers a question from these."""
    langfuse_context.update_current_trace(session_id=os.environ.get("SESSION", "demo"))
    asked = messages(question, retrieve(question))
    completion = client.chat.completions.create(model=MODEL, messages=asked)
    return completion.choices[0].message.content


if __name__ == "__main__":
    print(answer(" ".join(sys.argv[1:]) or QUESTION))
    langfuse_context.flush()
