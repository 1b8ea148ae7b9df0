"""The application of retrieval.py, traced by OpenTelemetry alone, with its conventions for generative AI."""

import json
import os
import sys
from dataclasses import asdict

from addresses import QUESTION, Passage, messages, passages_about
from openai import OpenAI
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor
from opentelemetry.trace import SpanKind

MODEL = os.environ.get("OPENAI_MODEL", "gpt-4o-mini")
client = OpenAI()
provider = TracerProvider()
provider.add_span_processor(BatchSpanProcessor(OTLPSpanExporter()))  # to OTEL_EXPORTER_OTLP_ENDPOINT
tracer = provider.get_tracer("retrieval")


def retrieve(question: str) -> list[Passage]:
    """Finds the paragraphs that fit a question."""
    with tracer.start_as_current_span("retrieve") as span:
        passages = passages_about(question)
        span.set_attributes(
            {
                "gen_ai.operation.name": "retrieval",
                "gen_ai.data_source.id": "addresses",
                "gen_ai.retrieval.query.text": question,
                "gen_ai.retrieval.documents": json.dumps([asdict(passage) for passage in passages]),
            }
        )
    return passages


def chat(asked: list[dict[str, str]]) -> str:
    """Asks the model."""
    with tracer.start_as_current_span(f"chat {MODEL}", kind=SpanKind.CLIENT) as span:
        completion = client.chat.completions.create(model=MODEL, messages=asked)
        choice = completion.choices[0]
        span.set_attributes(
            {
                "gen_ai.operation.name": "chat",
                "gen_ai.provider.name": "openai",
                "gen_ai.request.model": MODEL,
                "gen_ai.response.model": completion.model,
                "gen_ai.response.id": completion.id,
                "gen_ai.response.finish_reasons": [choice.finish_reason],
                "gen_ai.usage.input_tokens": completion.usage.prompt_tokens,
                "gen_ai.usage.output_tokens": completion.usage.completion_tokens,
                "gen_ai.input.messages": json.dumps([message(each["role"], each["content"]) for each in asked]),
                "gen_ai.output.messages": json.dumps([message("assistant", choice.message.content)]),
            }
        )
    return choice.message.content


def answer(question: str) -> str:
    """Answers a question from these."""
    with tracer.start_as_current_span("answer") as span:
        said = chat(messages(question, retrieve(question)))
        span.set_attributes(
            {
                "gen_ai.operation.name": "invoke_workflow",
                "gen_ai.conversation.id": os.environ.get("SESSION", "demo"),
                "gen_ai.input.messages": json.dumps([message("user", question)]),
                "gen_ai.output.messages": json.dumps([message("assistant", said)]),
            }
        )
    return said


def message(role: str, text: str) -> dict:
    """A message as the conventions write it."""
    return {"role": role, "parts": [{"type": "text", "content": text}]}


if __name__ == "__main__":
    print(answer(" ".join(sys.argv[1:]) or QUESTION))
    provider.shutdown()  # sends what waits
