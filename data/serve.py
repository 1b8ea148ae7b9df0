"""What `make serve` runs: the service over the demo's index and traces, until it is stopped."""

from __future__ import annotations

import os
import sys

from demo_index import DATA, INDEX, STORE, build, console, warm
from demo_service import end_on_signals, started
from demo_traces import PROJECT, provenance, read_records, send
from rich.console import Console
from rich.text import Text

PORT = 8484
TEXT = '{"text": "with great satisfaction the opportunity"}'


def main() -> None:
    end_on_signals()
    out = console()
    try:
        serve(out)
    except KeyboardInterrupt:
        out.print("\nStopped.")


def serve(out: Console) -> None:
    warm(out)
    if not INDEX.exists():
        build(out)
    with started(INDEX, STORE, port=int(os.environ.get("PORT") or PORT)) as service:
        service.wait_until_ready()
        send(service, read_records(DATA / "generations.jsonl"))
        provenance(service)
        out.print(Text("\nWhat to ask it", style="bold"))
        for what, how in (
            ("the demo's traces", f"curl '{service.address}/v1/traces?project={PROJECT}'"),
            ("trace a text", f"curl {service.address}/v1/trace -H 'Content-Type: application/json' -d '{TEXT}'"),
            ("all else", "docs/api.md"),
        ):
            out.print(f"  {what:<18} {how}", soft_wrap=True)
        sys.exit(service.process.wait())


if __name__ == "__main__":
    main()
