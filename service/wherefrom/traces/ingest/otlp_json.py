"""Spans and log records of OTLP in JSON.

Read are lowerCamelCase names, as the protocol wants, and the names of the protobuf fields, which some clients send; ids
in hex, as the protocol wants, and in base64, which generic protobuf printers make.
"""

from __future__ import annotations

import base64
import binascii
import functools
import math
import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import orjson

from wherefrom.errors import MalformedError
from wherefrom.traces.ingest.json_values import DEEPEST, parse_json
from wherefrom.traces.ingest.limits import IngestLimits
from wherefrom.traces.ingest.otel_spans import (
    OtelSpan,
    RefusedSpanError,
    Source,
    is_too_long,
    read_each,
    time_ns,
    too_deep,
    too_long,
    too_many,
)
from wherefrom.traces.model import Event, Json, Link

_HEX = {16: re.compile(r"[0-9a-fA-F]{32}"), 8: re.compile(r"[0-9a-fA-F]{16}")}
_SPAN_KINDS = {
    f"SPAN_KIND_{name}": number
    for number, name in enumerate(("UNSPECIFIED", "INTERNAL", "SERVER", "CLIENT", "PRODUCER", "CONSUMER"))
}
_STATUS_CODES = {"STATUS_CODE_UNSET": 0, "STATUS_CODE_OK": 1, "STATUS_CODE_ERROR": 2}


def decoded_spans(body: bytes, limits: IngestLimits) -> Iterator[OtelSpan | RefusedSpanError]:
    """Each span of an export request, or why it cannot be used.

    Raises:
        MalformedError: the bytes are no export request; raised before the first span.
    """
    groups = _groups(body, "resourceSpans", "scopeSpans", "spans")
    return _read(groups, limits, _span)


def decoded_records(body: bytes, limits: IngestLimits) -> Iterator[OtelSpan | RefusedSpanError]:
    """Each log record that names a span, as what it says about that span; its event's name and body as attributes.

    Raises:
        MalformedError: the bytes are no export request; raised before the first record.
    """
    groups = _groups(body, "resourceLogs", "scopeLogs", "logRecords")
    kept = [
        (resource, scope, [item for item in items if _field(item, "traceId") and _field(item, "spanId")])
        for resource, scope, items in groups
    ]
    return _read(kept, limits, _record)


_Object = Mapping[str, Any]


def _groups(body: bytes, *names: str) -> list[tuple[Any, Any, list[_Object]]]:
    """Resource, scope and items of each group, once the shape of the whole request is known to be right."""
    request = parse_json(body, nesting=DEEPEST)
    if not isinstance(request, dict):
        raise MalformedError("The body is not an OTLP export request: it must be a JSON object.")
    outer, inner, leaves = names
    found = []
    for resource_group in _objects(request, outer):
        older = _objects(resource_group, "instrumentationLibrary" + inner[5:])
        for scope_group in (*_objects(resource_group, inner), *older):
            scope = _field(scope_group, "scope") or _field(scope_group, "instrumentationLibrary")
            found.append((_field(resource_group, "resource"), scope, _objects(scope_group, leaves)))
    return found


def _objects(value: _Object, name: str) -> list[_Object]:
    found = _field(value, name)
    if found is None:
        return []
    if not isinstance(found, list) or not all(isinstance(item, dict) for item in found):
        raise MalformedError(f"The body is not an OTLP export request: {name} must be a list of objects.")
    return found


def _field(value: _Object, name: str) -> Any:
    found = value.get(name)
    return value.get(_snake(name)) if found is None else found


@functools.cache
def _snake(name: str) -> str:
    return re.sub("[A-Z]", lambda match: "_" + match[0].lower(), name)


def _read(
    groups: list[tuple[Any, Any, list[_Object]]],
    limits: IngestLimits,
    read: Callable[[_Object, Source, IngestLimits], OtelSpan],
) -> Iterator[OtelSpan | RefusedSpanError]:
    for resource, scope, items in groups:
        yield from read_each(functools.partial(_source, resource, scope, limits), items, read, limits)


def _source(resource: Any, scope: Any, limits: IngestLimits) -> Source:
    known = scope if isinstance(scope, dict) else {}
    return Source(
        resource=_attributes(_field(resource, "attributes"), limits) if isinstance(resource, dict) else {},
        scope_name=_text(known.get("name")),
        scope_version=_text(known.get("version")),
    )


def _span(span: _Object, source: Source, limits: IngestLimits) -> OtelSpan:
    status = _field(span, "status")
    status = status if isinstance(status, dict) else {}
    return OtelSpan(
        trace_id=_id(_field(span, "traceId"), 16, "traceId"),
        span_id=_id(_field(span, "spanId"), 8, "spanId"),
        parent_id=_parent(_field(span, "parentSpanId")),
        source=source,
        name=_text(span.get("name")),
        span_kind=_enumerated(span.get("kind"), _SPAN_KINDS),
        status_code=_enumerated(status.get("code"), _STATUS_CODES),
        status_message=_text(status.get("message")),
        start_ns=_time(span, "startTimeUnixNano"),
        end_ns=_time(span, "endTimeUnixNano"),
        attributes=_attributes(_field(span, "attributes"), limits),
        events=tuple(
            Event(
                _text(event.get("name")),
                _time(event, "timeUnixNano") or 0,
                _attributes(_field(event, "attributes"), limits),
            )
            for event in _listed(span, "events", limits)
        ),
        links=tuple(
            Link(
                _id(_field(link, "traceId"), 16, "link's traceId"),
                _id(_field(link, "spanId"), 8, "link's spanId"),
                _attributes(_field(link, "attributes"), limits),
            )
            for link in _listed(span, "links", limits)
        ),
        trace_state=_text(_field(span, "traceState")),
    )


def _record(record: _Object, source: Source, limits: IngestLimits) -> OtelSpan:
    attributes = _attributes(_field(record, "attributes"), limits)
    body = _value(_field(record, "body"), limits, 1)
    if body is not None:
        attributes.setdefault("body", body)
    return OtelSpan(
        trace_id=_id(_field(record, "traceId"), 16, "traceId"),
        span_id=_id(_field(record, "spanId"), 8, "spanId"),
        source=source,
        name=_text(_field(record, "eventName")) or None,
        start_ns=_time(record, "timeUnixNano") or _time(record, "observedTimeUnixNano"),
        attributes=attributes,
    )


def _id(value: Any, length: int, name: str) -> str:
    """An id in hex or base64 as hex; 16 bytes in hex cannot be mistaken for base64 of 16, nor 8 for 8."""
    if isinstance(value, str):
        found = value.lower() if _HEX[length].fullmatch(value) else _from_base64(value).hex()
        if len(found) == 2 * length and found.strip("0"):
            return found
    raise RefusedSpanError(f"A span's {name} must be {2 * length} hex digits, not zeros only.")


def _parent(value: Any) -> str:
    if value is None or value == "" or (isinstance(value, str) and not value.strip("0")):
        return ""
    return _id(value, 8, "parentSpanId")


def _from_base64(text: str) -> bytes:
    if len(text) > 32:
        return b""
    try:
        return base64.b64decode(
            text + "=" * (-len(text) % 4), altchars=b"-_" if "-" in text or "_" in text else None, validate=True
        )
    except (binascii.Error, ValueError):
        return b""


def _time(value: _Object, name: str) -> int | None:
    return time_ns(_integer(_field(value, name), name), name)


def _integer(value: Any, name: str) -> int:
    if value is None:
        return 0
    if isinstance(value, str) and len(value) <= 20 and value.isascii() and value.removeprefix("-").isdigit():
        return int(value)
    if isinstance(value, float) and value.is_integer():
        return int(value)
    if isinstance(value, int) and not isinstance(value, bool):
        return value
    raise RefusedSpanError(f"A span's {name} is not a whole number.")


def _enumerated(value: Any, names: Mapping[str, int]) -> int:
    if isinstance(value, str):
        return names.get(value, int(value) if value.isascii() and value.isdigit() and len(value) == 1 else 0)
    return value if isinstance(value, int) and 0 <= value <= 9 else 0


def _text(value: Any) -> str:
    return value if isinstance(value, str) else ""


def _listed(span: _Object, name: str, limits: IngestLimits) -> list[_Object]:
    found = span.get(name)
    if found is None:
        return []
    if not isinstance(found, list) or not all(isinstance(item, dict) for item in found):
        raise RefusedSpanError(f"A span's {name} must be a list of objects.")
    if len(found) > limits.max_attributes:
        raise too_many(name, limits)
    return found


def _attributes(pairs: Any, limits: IngestLimits) -> dict[str, Json]:
    if pairs is None:
        return {}
    if not isinstance(pairs, list):
        raise RefusedSpanError("Attributes must be a list of keys and values.")
    if len(pairs) > limits.max_attributes:
        raise too_many("attributes", limits)
    found: dict[str, Json] = {}
    for pair in pairs:
        if not isinstance(pair, dict) or not isinstance(pair.get("key"), str):
            raise RefusedSpanError("Attributes must be a list of keys and values.")
        value = _value(pair.get("value"), limits, 1)
        if isinstance(value, str):
            if is_too_long(value, limits):
                raise too_long(pair["key"], limits)
        elif isinstance(value, list | dict) and len(orjson.dumps(value)) > limits.max_attribute_bytes:
            raise too_long(pair["key"], limits)
        if value is not None:
            found[pair["key"]] = value
    return found


def _value(value: Any, limits: IngestLimits, level: int) -> Json:
    if value is None:
        return None
    if not isinstance(value, dict):
        raise RefusedSpanError('An attribute\'s value must be an object such as {"stringValue": "..."}.')
    for name, item in value.items():
        read = _VALUES.get(name)
        if read is not None and item is not None:
            return read(item)
        if name in _NESTED and item is not None:
            return _nested(item, _NESTED[name], limits, level)
    return None


def _nested(value: Any, is_list: bool, limits: IngestLimits, level: int) -> Json:
    if level > limits.max_nesting:
        raise too_deep(limits)
    items = value.get("values") if isinstance(value, dict) else None
    if items is None:
        return [] if is_list else {}
    if not isinstance(items, list) or not (is_list or all(isinstance(item, dict) for item in items)):
        raise RefusedSpanError("A nested value of an attribute must have a list of values.")
    if is_list:
        return [_value(item, limits, level + 1) for item in items]
    return {_text(pair.get("key")): _value(pair.get("value"), limits, level + 1) for pair in items}


def _integer_value(value: Any) -> int:
    number = _integer(value, "attribute's intValue")
    if not -(1 << 63) <= number < 1 << 64:
        raise RefusedSpanError("An attribute's intValue does not fit into 64 bits.")
    return number


def _double_value(value: Any) -> float | None:
    if isinstance(value, str) and len(value) < 400:
        try:
            value = float(value)
        except ValueError:
            return None
    is_number = isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)
    return float(value) if is_number else None


_VALUES: Mapping[str, Callable[[Any], Json]] = {
    "stringValue": _text,
    "string_value": _text,
    "intValue": _integer_value,
    "int_value": _integer_value,
    "boolValue": bool,
    "bool_value": bool,
    "doubleValue": _double_value,
    "double_value": _double_value,
    "bytesValue": _text,
    "bytes_value": _text,
}
_NESTED = {"arrayValue": True, "array_value": True, "kvlistValue": False, "kvlist_value": False}
