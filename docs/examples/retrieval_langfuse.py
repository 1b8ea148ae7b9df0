"""The application of retrieval.py, traced by Langfuse's SDK: decorators and its drop-in for the openai package."""

import os
import sys

from addresses import QUESTION, Passage, messages, passages_about
from langfuse import get_client, observe, propagate_attributes
from langfuse.openai import OpenAI

MODEL = os.environ.get("OPENAI_MODEL", "gpt-4o-mini")
client = OpenAI()


@observe(as_type="retriever")
def retrieve(question: str) -> list[Passage]:
    """Finds the paragraphs that fit a question."""
    return passages_about(question)


@observe(as_type="chain")
def answer(question: str) -> str:
    """Answers a question from these."""
    asked = messages(question, retrieve(question))
    completion = client.chat.completions.create(model=MODEL, messages=asked)
    return completion.choices[0].message.content


if __name__ == "__main__":
    with propagate_attributes(session_id=os.environ.get("SESSION", "demo")):
        print(answer(" ".join(sys.argv[1:]) or QUESTION))
    get_client().flush()
