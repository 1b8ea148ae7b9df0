"""The way of a generation to where traces are kept: a service's address, or a store of this process."""

from __future__ import annotations

import http.client
import time
import urllib.error
import urllib.request
from functools import partial

from wherefrom.traces.ingest.limits import IngestLimits
from wherefrom.traces.ingest.otlp import Encoding, read_traces
from wherefrom.traces.ingesting import ingest
from wherefrom.traces.store import TraceStore
from wherefrom_indexer.errors import WherefromError

PATIENCE_S = 10.0
"""Seconds that a service may take to answer."""


def deliver(body: bytes, to: str | TraceStore, key: str | None, project: str | None) -> str | None:
    """Keep an export request of OTLP; why it was not kept, or None: whoever generated a text has it in any case."""
    try:
        if isinstance(to, TraceStore):
            batch = read_traces(body, Encoding.JSON.value, limits=IngestLimits(), project=project)
            to.write(partial(ingest, batch=batch, now_ns=time.time_ns()), size=len(body)).result()
            return batch.reason or None
        return _post(body, to, key, project)
    except WherefromError as error:
        return str(error)


def _post(body: bytes, address: str, key: str | None, project: str | None) -> str | None:
    headers = {"Content-Type": Encoding.JSON.value}
    if key:
        headers["x-api-key"] = key
    if project:
        headers["X-Wherefrom-Project"] = project.encode("utf-8").decode("latin-1")
    url = f"{address.rstrip('/')}/v1/traces"
    if not url.startswith(("http://", "https://")):
        return f"{address!r} is no address of a service: it begins with http:// or https://."
    try:
        with urllib.request.urlopen(urllib.request.Request(url, body, headers), timeout=PATIENCE_S) as answer:
            answer.read()
    except urllib.error.HTTPError as error:
        with error:
            return f"{address} answered {error.code}: {error.read(1000).decode('utf-8', 'replace')}"
    except (OSError, http.client.HTTPException, ValueError) as error:
        return f"{address} cannot be reached: {error}"
    return None
