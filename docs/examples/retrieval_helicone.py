"""The application of retrieval.py, whose generation is logged by Helicone's helpers."""

import os
import sys

from addresses import QUESTION, messages, passages_about
from helicone_helpers import HeliconeManualLogger
from openai import OpenAI

MODEL = os.environ.get("OPENAI_MODEL", "gpt-4o-mini")
client = OpenAI()
logger = HeliconeManualLogger(
    api_key=os.environ["HELICONE_API_KEY"],
    logging_endpoint=os.environ["HELICONE_LOGGING_ENDPOINT"],
    headers={"X-Wherefrom-Project": os.environ.get("PROJECT", "default")},
)


def answer(question: str) -> str:
    """Answers a question from paragraphs that fit it."""
    asked = messages(question, passages_about(question))

    def ask(recorder):
        completion = client.chat.completions.create(**recorder.request)
        recorder.append_results(completion.to_dict())
        return completion.choices[0].message.content

    session = {"Helicone-Session-Id": os.environ.get("SESSION", "demo"), "Helicone-Session-Path": "/answer/ask"}
    return logger.log_request({"model": MODEL, "messages": asked}, ask, session, provider="openai")


if __name__ == "__main__":
    print(answer(" ".join(sys.argv[1:]) or QUESTION))
