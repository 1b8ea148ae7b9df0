"""The Parquet files of a run: a row for each item, field and variant, and a row for each passage and place."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import pyarrow as pa

ITEMS = pa.schema(
    [
        ("line", pa.int64()),
        ("id", pa.string()),
        ("field", pa.string()),
        ("variant", pa.string()),
        ("verdict", pa.string()),
        ("found", pa.int64()),
        ("units", pa.int64()),
        ("share", pa.float64()),
        ("characters", pa.int64()),
        ("longest", pa.int64()),
        ("score", pa.float64()),
        ("fault", pa.string()),
    ]
)
EVIDENCE = pa.schema(
    [
        ("line", pa.int64()),
        ("id", pa.string()),
        ("field", pa.string()),
        ("start", pa.int64()),
        ("end", pa.int64()),
        ("text", pa.string()),
        ("count", pa.int64()),
        ("count_is_lower_bound", pa.bool_()),
        ("log_probability", pa.float64()),
        ("index", pa.string()),
        ("document", pa.string()),
        ("document_start", pa.int64()),
        ("document_end", pa.int64()),
    ]
)


def item_rows(result: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    """The rows of an item's result in the table of items; one without variant if it could not be judged."""
    head = {"line": result["line"], "id": result["id"], "score": result["score"], "fault": result.get("fault")}
    if "fault" in result:
        yield head
    for role, text in result.get("texts", {}).items():
        own = head | {"field": role, "characters": text["characters"], "longest": text["longest"]}
        for name, (verdict, found, units) in text["verdicts"].items():
            share = found / units if units else None
            yield own | {"variant": name, "verdict": verdict, "found": found, "units": units, "share": share}


def evidence_rows(result: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    """The rows of an item's result in the table of evidence; one for each passage and document told."""
    for role, text in result.get("texts", {}).items():
        for passage in text.get("evidence", ()):
            own = {key: value for key, value in passage.items() if key != "places"}
            places: Sequence[Mapping[str, Any]] = passage["places"] or ({},)
            for place in places:
                yield {
                    "line": result["line"],
                    "id": result["id"],
                    "field": role,
                    **own,
                    "index": place.get("index"),
                    "document": place.get("document_id"),
                    "document_start": place.get("start"),
                    "document_end": place.get("end"),
                }
