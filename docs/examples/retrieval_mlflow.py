"""The application of retrieval.py, traced by MLflow: its decorator and its patch of the openai package."""

import os
import sys

import mlflow
from addresses import QUESTION, Passage, messages, passages_about
from mlflow.entities import SpanType
from openai import OpenAI

MODEL = os.environ.get("OPENAI_MODEL", "gpt-4o-mini")
mlflow.set_experiment(os.environ.get("MLFLOW_EXPERIMENT_NAME", "retrieval"))  # at MLFLOW_TRACKING_URI
mlflow.openai.autolog()
client = OpenAI()


@mlflow.trace(span_type=SpanType.RETRIEVER)
def retrieve(question: str) -> list[Passage]:
    """Finds the paragraphs that fit a question."""
    return passages_about(question)


@mlflow.trace(span_type=SpanType.CHAIN)
def answer(question: str) -> str:
    """Answers a question from these."""
    mlflow.update_current_trace(session_id=os.environ.get("SESSION", "demo"))
    asked = messages(question, retrieve(question))
    completion = client.chat.completions.create(model=MODEL, messages=asked)
    return completion.choices[0].message.content


if __name__ == "__main__":
    print(answer(" ".join(sys.argv[1:]) or QUESTION))
    mlflow.flush_trace_async_logging()  # sends what waits
