"""The application of retrieval.py, traced as Phoenix's users do it: `register`, and OpenInference's instrumentation."""

import os
import sys

from addresses import QUESTION, Passage, messages, passages_about
from openai import OpenAI
from openinference.instrumentation.openai import OpenAIInstrumentor
from phoenix.otel import register, using_session

MODEL = os.environ.get("OPENAI_MODEL", "gpt-4o-mini")
provider = register(protocol="http/protobuf", batch=True, verbose=False)  # to PHOENIX_COLLECTOR_ENDPOINT
tracer = provider.get_tracer("retrieval")
OpenAIInstrumentor().instrument(tracer_provider=provider)
client = OpenAI()


@tracer.retriever
def retrieve(question: str) -> list[Passage]:
    """Finds the paragraphs that fit a question."""
    return passages_about(question)


@tracer.chain
def answer(question: str) -> str:
    """Answers a question from these."""
    asked = messages(question, retrieve(question))
    completion = client.chat.completions.create(model=MODEL, messages=asked)
    return completion.choices[0].message.content


if __name__ == "__main__":
    with using_session(os.environ.get("SESSION", "demo")):
        print(answer(" ".join(sys.argv[1:]) or QUESTION))
    provider.shutdown()  # sends what waits
