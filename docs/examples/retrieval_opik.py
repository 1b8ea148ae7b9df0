"""The application of retrieval.py, traced by Opik's SDK: its decorator and its wrapper of the openai package."""

import os
import sys

from addresses import QUESTION, Passage, messages, passages_about
from openai import OpenAI
from opik import opik_context, track
from opik.integrations.openai import track_openai

MODEL = os.environ.get("OPENAI_MODEL", "gpt-4o-mini")
client = track_openai(OpenAI())


@track
def retrieve(question: str) -> list[Passage]:
    """Finds the paragraphs that fit a question."""
    return passages_about(question)


@track(flush=True)
def answer(question: str) -> str:
    """Answers a question from these."""
    opik_context.update_current_trace(thread_id=os.environ.get("SESSION", "demo"))
    asked = messages(question, retrieve(question))
    completion = client.chat.completions.create(model=MODEL, messages=asked)
    return completion.choices[0].message.content


if __name__ == "__main__":
    print(answer(" ".join(sys.argv[1:]) or QUESTION))
