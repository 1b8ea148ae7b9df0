"""The application of retrieval.py, traced by Datadog's LLM Observability: decorators, and its patch of openai."""

import os
import sys
from dataclasses import asdict

from addresses import QUESTION, Passage, messages, passages_about
from ddtrace.llmobs import LLMObs
from ddtrace.llmobs.decorators import retrieval, workflow
from openai import OpenAI

MODEL = os.environ.get("OPENAI_MODEL", "gpt-4o-mini")
LLMObs.enable()
client = OpenAI()


@retrieval
def retrieve(question: str) -> list[Passage]:
    """Finds the paragraphs that fit a question."""
    passages = passages_about(question)
    LLMObs.annotate(input_data=question, output_data=[asdict(passage) for passage in passages])
    return passages


@workflow(session_id=os.environ.get("SESSION", "demo"))
def answer(question: str) -> str:
    """Answers a question from these."""
    asked = messages(question, retrieve(question))
    completion = client.chat.completions.create(model=MODEL, messages=asked)
    return completion.choices[0].message.content


if __name__ == "__main__":
    print(answer(" ".join(sys.argv[1:]) or QUESTION))
    LLMObs.flush()
