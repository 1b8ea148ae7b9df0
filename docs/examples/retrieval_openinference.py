"""The application of retrieval.py, traced by OpenInference's instrumentation of the openai package."""

import os
import sys

from addresses import QUESTION, Passage, messages, passages_about
from openai import OpenAI
from openinference.instrumentation import TracerProvider, using_session
from openinference.instrumentation.openai import OpenAIInstrumentor
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.trace.export import BatchSpanProcessor

MODEL = os.environ.get("OPENAI_MODEL", "gpt-4o-mini")
provider = TracerProvider()
provider.add_span_processor(BatchSpanProcessor(OTLPSpanExporter()))  # to OTEL_EXPORTER_OTLP_ENDPOINT
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
