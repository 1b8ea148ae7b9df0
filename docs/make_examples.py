"""Makes the examples of answers that stand in the description of the service: real answers of a small service.

Run it as `python docs/make_examples.py` when answers have changed, then `docs/make_docs.py`. Each operation that
answers JSON is called with the example of its request, and what it answers is kept in
`service/wherefrom/api/examples.json`; `tests/service/test_docs.py` fails where one is missing or not what its schema
says.
"""

from __future__ import annotations

import json
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from starlette.testclient import TestClient

ROOT = Path(__file__).parents[1]
KEPT = ROOT / "service" / "wherefrom" / "api" / "examples.json"
TRACE, SPAN, CHILD = "4bf92f3577b34da6a3ce929d0e0e4736", "00f067aa0ba902b7", "53995c3f42cd8ad8"
START = 1_785_000_000_000_000_000
RUN = "0198f3a2-7c1e-7b61-9f0a-3d2a5c9e4b10"
PASSAGE = "To be prepared for war is one of the most effectual means of preserving peace."
DOCUMENTS = {"1790-1": PASSAGE, "1796-1": f"{PASSAGE} He wrote it again.", "1790-1 (copy)": PASSAGE}
SAID = "He held that to be prepared for war is one of the most effectual means of preserving peace."
INDEX, PROJECT, AUDIT = "pretraining", "chatbot", "chatbot-november"
REPORT = {
    "schema_version": 1,
    "kind": "audit",
    "created": "2026-11-23",
    "command": "wherefrom audit pretraining.index outputs.jsonl --report chatbot-november",
    "indexes": [{"name": INDEX, "version": "5f1c0a9e7b3d2468", "documents": 3, "tokens": 57}],
    "counts": {"outputs": 1, "measured": 1, "empty": 0, "too_short": {}, "faulty": 0, "duplicate_ids": 0},
    "overall": {
        "name": "all",
        "outputs": 1,
        "measures": {"share": {"value": 0.82, "low": None, "high": None, "n": 1}},
        "curves": {"novelty": [{"n": 1, "value": 0.0, "low": None, "high": None}]},
    },
    "limits": ["A match is textual evidence, never proof of influence."],
}
"""A report of an audit, cut to its most telling parts."""
VALUES = {
    "name": INDEX,
    "document_id": "1790-1",
    "document": "1790-1",
    "index": INDEX,
    "text": "preserving peace",
    "trace_id": TRACE,
    "span_id": CHILD,
    "generation_id": CHILD,
    "project": PROJECT,
    "session_id": "conversation-7",
    "run_id": RUN,
    "kind": "too-large",
    "experiment_name": PROJECT,
    "experiment_id": "0",
    "path": "api/v2/apmtelemetry",
    "provider": "custom",
    "request_id": SPAN,
}
"""Values of parameters, whatever the operation."""
OTHERS = {"/v1/projects/": {"name": PROJECT}, "/v1/audits/": {"name": AUDIT}}
"""Values of parameters where the same name means something else."""
SAME = {"POST /runs/multipart": "POST /runs", "GET /sessions/{session_id}": "POST /sessions"}
"""Operations that answer as another one does, and are not called."""
FIRST = ("POST /v1/scores",)
"""Called before what reads; all else that writes is called after it."""
PACKED, EMPTY = "application/msgpack", b"\x90"
"""A body that is no JSON, and one of that kind that says nothing."""
ORDER = ("get", "post", "put", "patch")
TYPES = {int: "intValue", float: "doubleValue", str: "stringValue"}


def main() -> None:
    """Calls everything once, and keeps what it says."""
    from wherefrom.api.app import create_app
    from wherefrom.api.settings import Settings
    from wherefrom_indexer import build_index

    kept: dict[str, Any] = {}
    with tempfile.TemporaryDirectory() as folder:
        records = [{"id": name, "text": text, "year": int(name[:4])} for name, text in DOCUMENTS.items()]
        build_index(records, Path(folder) / "addresses.index", id_field="id")
        report = Path(folder) / "audits" / AUDIT
        report.mkdir(parents=True)
        (report / "report.json").write_text(json.dumps(REPORT), encoding="utf-8")
        (report / "index.html").touch()
        settings = Settings.load(
            store=f"{folder}/traces",
            indexes={INDEX: f"{folder}/addresses.index"},
            audits=report.parent,
            processes=1,
        )
        app = create_app(settings)
        with TestClient(app, base_url="http://127.0.0.1:8484") as client:
            client.post("/v1/traces", json=sent(), headers={"x-wherefrom-project": PROJECT}).raise_for_status()
            wait_for(client, f"/v1/generations/{CHILD}/provenance")
            document = client.get("/openapi.json").json()
            called = {
                f"{method.upper()} {path}": (method, path, operation)
                for method in ORDER
                for path, operations in document["paths"].items()
                if (operation := operations.get(method)) and answers_json(operation)
            }
            for name in (*FIRST, *(name for name in called if name not in FIRST and name not in SAME)):
                keep(client, document, *called[name], kept)
    kept |= {name: kept[other] for name, other in SAME.items()}
    KEPT.write_text(json.dumps(kept, indent=1, ensure_ascii=False, sort_keys=True) + "\n", encoding="utf-8")


def answers_json(operation: dict[str, Any]) -> bool:
    """Whether it ends in JSON when all goes well."""
    return any(
        "application/json" in answer.get("content", {})
        for status, answer in operation["responses"].items()
        if status.startswith("2")
    )


def keep(
    client: TestClient,
    document: dict[str, Any],
    method: str,
    path: str,
    operation: dict[str, Any],
    kept: dict[str, Any],
) -> None:
    """Calls one operation and keeps its answer."""
    values = dict(VALUES)
    for beginning, other in OTHERS.items():
        values |= other if path.startswith(beginning) else {}
    needed = [one["name"] for one in operation.get("parameters", ()) if one.get("required")]
    if missing := [name for name in needed if name not in values]:
        print(f"{method.upper()} {path}: no value of {', '.join(missing)}", file=sys.stderr)
        return
    query = {one["name"]: values[one["name"]] for one in operation.get("parameters", ()) if one["name"] in needed}
    body = request_example(document, operation)
    sending: dict[str, Any] = {} if body is None else {"json": body}
    if PACKED in operation.get("requestBody", {}).get("content", {}):
        sending = {"content": EMPTY, "headers": {"Content-Type": PACKED}}
    answer = client.request(method, path.format(**values), params=query, **sending)
    if answer.status_code >= 300:
        print(f"{method.upper()} {path}: {answer.status_code} {answer.text[:300]}", file=sys.stderr)
        return
    kept[f"{method.upper()} {path}"] = answer.json()


def request_example(document: dict[str, Any], operation: dict[str, Any]) -> Any:
    """The example of what it takes; None if it takes no JSON."""
    content = operation.get("requestBody", {}).get("content", {}).get("application/json")
    if content is None:
        return None
    schema = content.get("schema", {})
    if "$ref" in schema:
        schema = document["components"]["schemas"][schema["$ref"].rpartition("/")[2]]
    for place in (content, schema):
        if "example" in place:
            return place["example"]
        if examples := place.get("examples"):
            first = examples[0] if isinstance(examples, list) else next(iter(examples.values()))
            return first.get("value", first) if isinstance(first, dict) else first
    return None


def wait_for(client: TestClient, path: str) -> None:
    """Until the provenance is there."""
    for _ in range(600):
        if '"done"' in client.get(path).text:
            return
        time.sleep(0.1)
    sys.exit(f"{path} has no provenance: {client.get(path).text}")


def sent() -> dict[str, Any]:
    """A conversation with one chat call in it, as OpenTelemetry has it."""
    asked = [{"role": "user", "parts": [{"type": "text", "content": "What did Washington hold of war?"}]}]
    said = [{"role": "assistant", "parts": [{"type": "text", "content": SAID}], "finish_reason": "stop"}]
    chat = {
        "gen_ai.operation.name": "chat",
        "gen_ai.provider.name": "openai",
        "gen_ai.request.model": "gpt-4o-mini",
        "gen_ai.conversation.id": "conversation-7",
        "gen_ai.usage.input_tokens": 12,
        "gen_ai.usage.output_tokens": 19,
        "gen_ai.server.time_to_first_token": 0.18,
        "gen_ai.input.messages": json.dumps(asked),
        "gen_ai.output.messages": json.dumps(said),
    }
    agent = {"gen_ai.operation.name": "invoke_agent", "gen_ai.conversation.id": "conversation-7"}
    spans = [
        span(SPAN, "", "answer", START, START + 1_400_000_000, agent),
        span(CHILD, SPAN, "chat gpt-4o-mini", START + 50_000_000, START + 1_350_000_000, chat),
    ]
    return {"resourceSpans": [{"scopeSpans": [{"spans": spans}]}]}


def span(number: str, parent: str, name: str, start: int, end: int, attributes: dict[str, Any]) -> dict[str, Any]:
    """One span."""
    return {
        "traceId": TRACE,
        "spanId": number,
        "parentSpanId": parent,
        "name": name,
        "startTimeUnixNano": str(start),
        "endTimeUnixNano": str(end),
        "attributes": [
            {"key": key, "value": {TYPES[type(value)]: str(value) if isinstance(value, int) else value}}
            for key, value in attributes.items()
        ],
    }


if __name__ == "__main__":
    main()
