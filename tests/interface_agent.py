"""A trace of an agent that uses tools, with about everything that a trace can have; and one of any length."""

from __future__ import annotations

from typing import Any

from interface_traces import SECOND, START, SentSpan, messages

WASHINGTON = "To be prepared for war is one of the most effectual means of preserving peace."
ANSWER = f"Washington wrote: **{WASHINGTON}** He said so to Congress in 1790."
LINKED_TRACE = "b" * 32
LINKED_SPAN = "b" * 16


def agent() -> list[SentSpan]:
    """The root, a retriever, a generation that calls a tool, the tool's failure, the streamed answer, an orphan."""
    return [
        SentSpan(
            "a000000000000001",
            "answer question",
            end_ms=5_200,
            attributes={
                "gen_ai.operation.name": "invoke_agent",
                "gen_ai.conversation.id": "session-7",
                "user.id": "ada",
                "tag.tags": ["nightly", "evaluation"],
                "input.value": {"question": "Who said that peace needs arms?", "options": {"depth": 2}},
                "openinference.span.kind": "AGENT",
            }
            | {f"deployment.setting.{number}": f"value {number}" for number in range(12)},
            links=({"traceId": LINKED_TRACE, "spanId": LINKED_SPAN, "attributes": []},),
        ),
        SentSpan(
            "a000000000000002",
            "search speeches",
            parent="a000000000000001",
            start_ms=60,
            end_ms=420,
            attributes={
                "openinference.span.kind": "RETRIEVER",
                "input.value": "peace and arms",
                "retrieval.documents.0.document.id": "1790-Washington",
                "retrieval.documents.0.document.content": WASHINGTON,
                "retrieval.documents.0.document.score": 0.83,
            },
        ),
        SentSpan(
            "a000000000000003",
            "plan",
            parent="a000000000000001",
            start_ms=430,
            end_ms=1_500,
            attributes=_generation(
                [{"type": "tool_call", "id": "call_1", "name": "lookup_year", "arguments": {"words": WASHINGTON}}]
            )
            | {"gen_ai.usage.input_tokens": 812, "gen_ai.usage.output_tokens": 31, "gen_ai.usage.cost": 0.0021},
        ),
        SentSpan(
            "a000000000000004",
            "lookup_year",
            parent="a000000000000003",
            start_ms=1_520,
            end_ms=1_700,
            attributes={"gen_ai.operation.name": "execute_tool", "gen_ai.tool.call.arguments": {"words": "peace"}},
            error="The archive does not answer.",
            events=(_exception(1_690),),
        ),
        SentSpan(
            "a000000000000005",
            "write answer",
            parent="a000000000000001",
            start_ms=1_720,
            end_ms=5_100,
            attributes=_generation([{"type": "reasoning", "content": "Two sources agree."}, _text(ANSWER)])
            | {"gen_ai.usage.input_tokens": 1_204, "gen_ai.usage.output_tokens": 43}
            | {"gen_ai.response.time_to_first_chunk": 0.45, "gen_ai.response.id": "resp-answer"},
        ),
        SentSpan("a000000000000006", "write log", parent="ffffffffffffffff", start_ms=5_110, end_ms=5_150),
    ]


def long(count: int) -> list[SentSpan]:
    """An agent that took `count` steps: rounds of a chain with a generation and tools, every 50th tool failing."""
    spans = [SentSpan("c" + "0" * 15, "long run", end_ms=count * 10, attributes=_kind("invoke_agent"))]
    for number in range(1, count):
        begun = number * 10
        if number % 10 == 1:
            chain = _id(number)
            spans.append(SentSpan(chain, f"round {number // 10}", "c" + "0" * 15, begun, begun + 100))
        elif number % 10 == 2:
            sent = _generation([_text("")]) | {"gen_ai.usage.input_tokens": number, "gen_ai.usage.output_tokens": 7}
            spans.append(SentSpan(_id(number), "think", chain, begun, begun + 9, sent))
        else:
            error = "It was refused." if number % 50 == 5 else None
            attributes = _kind("execute_tool")
            spans.append(SentSpan(_id(number), f"tool {number}", chain, begun, begun + 8, attributes, error))
    return spans


def _generation(parts: list[dict[str, Any]]) -> dict[str, Any]:
    asked = messages("user", "Who said that peace needs arms?")
    return {
        "gen_ai.operation.name": "chat",
        "gen_ai.request.model": "test-model",
        "gen_ai.provider.name": "test-provider",
        "gen_ai.system_instructions": [_text("Answer with a quotation.")],
        "gen_ai.input.messages": asked,
        "gen_ai.output.messages": [{"role": "assistant", "parts": parts, "finish_reason": "stop"}],
    }


def _text(content: str) -> dict[str, Any]:
    return {"type": "text", "content": content}


def _kind(operation: str) -> dict[str, Any]:
    return {"gen_ai.operation.name": operation}


def _id(number: int) -> str:
    return f"c{number:015x}"


def _exception(at_ms: float) -> dict[str, Any]:
    said = {
        "exception.type": "TimeoutError",
        "exception.message": "The archive did not answer within 150 ms.",
        "exception.stacktrace": 'Traceback (most recent call last):\n  File "archive.py", line 12, in ask\n',
    }
    return {
        "name": "exception",
        "timeUnixNano": str(START + int(at_ms * SECOND / 1_000)),
        "attributes": [{"key": name, "value": {"stringValue": value}} for name, value in said.items()],
    }
