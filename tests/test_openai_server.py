"""The stand-in of tests and demo, asked by the real client."""

from __future__ import annotations

from collections.abc import Iterator

import httpx
import openai
import pytest
from openai_server import Answer, create_app, running, tokens

ANSWERS = (Answer("of the people, by the people", "a government"), Answer("four score and seven years ago"))
ASKED = [{"role": "user", "content": "a government"}]
TOOL = {"type": "function", "function": {"name": "look", "parameters": {"properties": {"for": {"type": "string"}}}}}


@pytest.fixture(scope="module")
def client() -> Iterator[openai.OpenAI]:
    with (
        running(create_app(ANSWERS)) as address,
        openai.OpenAI(base_url=f"{address}/v1", api_key="any", max_retries=0) as client,
    ):
        yield client


def test_a_prompt_finds_its_answer(client):
    answer = client.chat.completions.create(model="m", messages=ASKED, n=2, logprobs=True, top_logprobs=2)
    assert [choice.message.content for choice in answer.choices] == [ANSWERS[0].text] * 2
    first = answer.choices[0].logprobs.content
    assert "".join(token.token for token in first) == ANSWERS[0].text
    assert len(first[0].top_logprobs) == 2
    assert answer.usage.completion_tokens == 2 * len(tokens(ANSWERS[0].text))


def test_a_stream_adds_up_to_the_answer(client):
    chunks = list(
        client.chat.completions.create(
            model="m", messages=ASKED, n=2, stream=True, stream_options={"include_usage": True}
        )
    )
    for index in range(2):
        pieces = [c.delta.content or "" for chunk in chunks for c in chunk.choices if c.index == index]
        assert "".join(pieces) == ANSWERS[0].text
    assert chunks[-1].usage.total_tokens > 0


@pytest.mark.parametrize("stream", [False, True])
def test_tools_are_called_with_the_answer(client, stream):
    answer = client.chat.completions.create(model="m", messages=ASKED, tools=[TOOL], stream=stream)
    if stream:
        deltas = [call for chunk in answer for call in chunk.choices[0].delta.tool_calls or ()]
        arguments = "".join(call.function.arguments for call in deltas)
    else:
        arguments = answer.choices[0].message.tool_calls[0].function.arguments
    assert arguments == '{"for": "of the people, by the people"}'


def test_json_mode(client):
    answer = client.chat.completions.create(model="m", messages=ASKED, response_format={"type": "json_object"})
    assert answer.choices[0].message.content == '{"answer": "of the people, by the people"}'


def test_faults_come_as_asked(client):
    with pytest.raises(openai.RateLimitError):
        client.chat.completions.create(model="m", messages=[{"role": "user", "content": "[status 429]"}])
    broken = client.chat.completions.create(model="m", messages=[{"role": "user", "content": "[break]"}], stream=True)
    with pytest.raises(openai.APIError):
        list(broken)


def test_embeddings_and_completions(client):
    both = client.embeddings.create(model="m", input=["a", "b"])
    assert len(both.data) == 2
    assert both.data[0].embedding != both.data[1].embedding
    answer = client.completions.create(model="m", prompt="a government", logprobs=1)
    assert answer.choices[0].text == ANSWERS[0].text
    assert httpx.get(f"{client.base_url}models").json()["data"][0]["id"] == "stand-in-1"
