"""Forms as LangSmith's clients send them, and what may become of them on the way."""

from __future__ import annotations

import json
from typing import Any

BOUNDARY = "the-boundary"
CONTENT_TYPE = f"multipart/form-data; boundary={BOUNDARY}"
PIECES = ("inputs", "outputs", "events", "extra", "error", "serialized")

Part = tuple[str, str, bytes]


def form(parts: list[Part]) -> bytes:
    """Name, content type and data of each part, as a body."""
    pieces = []
    for name, content_type, data in parts:
        head = f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="{name}"\r\nContent-Type: {content_type}\r\n'
        pieces += [head.encode(), b"Content-Length: %d\r\n\r\n" % len(data), data, b"\r\n"]
    return b"".join(pieces) + f"--{BOUNDARY}--\r\n".encode()


def json_part(name: str, value: Any) -> Part:
    return name, "application/json", json.dumps(value).encode()


def run_parts(operation: str, run: dict[str, Any]) -> list[Part]:
    """The parts of one message about one run."""
    name = f"{operation}.{run['id']}"
    main = {key: value for key, value in run.items() if key not in PIECES}
    return [
        json_part(name, main),
        *(json_part(f"{name}.{piece}", run[piece]) for piece in PIECES if run.get(piece) is not None),
    ]
