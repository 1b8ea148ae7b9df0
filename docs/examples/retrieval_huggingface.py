"""The application of retrieval.py with Hugging Face's client, whose model is asked through the gateway."""

import os
import sys

from addresses import QUESTION, messages, passages_about
from huggingface_hub import InferenceClient

MODEL = os.environ.get("OPENAI_MODEL", "gpt-4o-mini")
client = InferenceClient(
    base_url=os.environ["GATEWAY"],
    api_key=os.environ["OPENAI_API_KEY"],
    headers={
        "X-Wherefrom-Project": os.environ.get("PROJECT", "default"),
        "X-Wherefrom-Session": os.environ.get("SESSION", "demo"),
    },
)


def answer(question: str) -> str:
    """Answers a question from paragraphs that fit it."""
    asked = messages(question, passages_about(question))
    return client.chat_completion(asked, model=MODEL).choices[0].message.content


if __name__ == "__main__":
    print(answer(" ".join(sys.argv[1:]) or QUESTION))
