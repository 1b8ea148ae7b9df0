"""Langfuse's traces, observations and scores: exports of its interface and its blob storage, lists of its SDK.

They name the same fields in their own ways (`traceId`, `trace_id`), and tables keep objects as texts.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from wherefrom.errors import RequestError
from wherefrom.traces.ingest.collecting import MAX_TEXT, aliases, hex_id, text, texts
from wherefrom.traces.ingest.conventions.langfuse import KINDS, cost_details, usage_details
from wherefrom.traces.ingest.exports.taken import Fields, Taken, amount, embedded, joined, list_in, object_in
from wherefrom.traces.ingest.langfuse import score_update
from wherefrom.traces.ingest.messages import finish_reasons, messages
from wherefrom.traces.ingest.times import nanoseconds
from wherefrom.traces.ingest.token_usage import usage_of
from wherefrom.traces.model import Json, Kind, Protocol, ScoreUpdate, SpanUpdate, Status, Usage

# As names are compared: without underscores, in lower case.
_TRACE_ONLY = frozenset({"htmlpath", "bookmarked", "observationcount"})
_TRACE_BESIDE = frozenset({"environment", "release", "projectid", "observations"})
_CONTEXT = ("environment", "release", "version")
_OF_OBSERVATIONS = ("modelparameters", "promptname", "promptversion", "promptid", "level", "tooldefinitions")
# Fields that only the interface's own exports have; in these, scores are columns by their names.
_OF_EXPORTS = frozenset({"tracetimestamp", "observationcount"})
_LISTS = frozenset({"tags", "tracetags", "comments", "observations", "input", "output", "metadata", "scores"}) | {
    *("toolcalls", "toolcallnames", "tooldefinitions", "name", "id", "tracename", "statusmessage"),
}
_WORDS = frozenset({"CATEGORICAL", "TEXT", "CORRECTION"})


def recognises(record: Fields) -> bool:
    """Whether a record is an observation, a trace or a score of Langfuse."""
    names = _names(record)
    return _is_observation(names) or _is_trace(names) or _is_score(names) or _is_download(names)


def read(record: Fields) -> Taken:
    """What a record says; a trace with its observations is read as one tree.

    Raises:
        RequestError: it is none of Langfuse's, or has no id.
    """
    names = _names(record)
    if _is_observation(names):
        span = _observation(names)
        return joined((Taken((span,), tuple(_scores(names, span.trace_id, span.span_id))), _columns(record, span)))
    if _is_download(names):
        inner = {"observations": names["observations"], "scores": names.get("scores")}
        return _trace(_names(object_in(names["trace"])) | {key: value for key, value in inner.items() if value})
    if _is_trace(names):
        taken = _trace(names)
        return joined((taken, *(_columns(record, root) for root in taken.roots)))
    if _is_score(names):
        return Taken(scores=(_score(names, {}),))
    raise RequestError("it is no observation, trace or score of Langfuse")


def _names(record: Fields) -> dict[str, Any]:
    return {name.replace("_", "").lower(): value for name, value in record.items()}


def _is_observation(names: Fields) -> bool:
    return {"id", "traceid", "type", "starttime"} <= names.keys() and str(names["type"]).lower() in KINDS


def _is_trace(names: Fields) -> bool:
    if not {"id", "timestamp"} <= names.keys() or "traceid" in names:
        return False
    return not _TRACE_ONLY.isdisjoint(names) or ("public" in names and not _TRACE_BESIDE.isdisjoint(names))


def _is_download(names: Fields) -> bool:
    return "id" in object_in(names.get("trace")) and isinstance(names.get("observations"), list)


def _is_score(names: Fields) -> bool:
    says = {"datatype", "stringvalue"} & names.keys() or {"traceid", "value"} <= names.keys()
    return {"id", "name", "source", "timestamp"} <= names.keys() and bool(says)


def _observation(names: Fields) -> SpanUpdate:
    kind = KINDS.get(str(names.get("type")).lower())
    asked, answered = embedded(names.get("input")), embedded(names.get("output"))
    inputs = messages(asked, "user") or None if kind is Kind.LLM else None
    outputs = messages(answered, "assistant") or None if kind is Kind.LLM else None
    start_ns, end_ns = nanoseconds(names.get("starttime")), nanoseconds(names.get("endtime"))
    parent = names.get("parentobservationid")
    failed = str(names.get("level")).upper() == "ERROR"
    attributes = {f"langfuse.{name}": embedded(names[name]) for name in _OF_OBSERVATIONS if names.get(name)}
    traces_name = text(names.get("tracename"))
    return SpanUpdate(
        trace_id=hex_id(names.get("traceid"), "the trace id of an observation"),
        span_id=hex_id(names.get("id"), "the id of an observation"),
        protocol=Protocol.IMPORT,
        parent_id=hex_id(parent, "the parent of an observation") if parent else "",
        name=text(names.get("name")) or (None if parent else traces_name),
        kind=kind,
        status=Status.ERROR if failed else Status.OK if end_ns is not None else None,
        status_message=text(names.get("statusmessage"), MAX_TEXT),
        start_ns=start_ns,
        end_ns=end_ns,
        first_token_ns=nanoseconds(names.get("completionstarttime")),
        model=text(names.get("model")) or text(names.get("providedmodelname")),
        session_id=text(names.get("sessionid")),
        user_id=text(names.get("userid")),
        usage=_usage(names) if kind in (Kind.LLM, Kind.EMBEDDING) else None,
        cost=_cost(names),
        input=asked,
        output=answered,
        input_messages=inputs,
        output_messages=outputs,
        finish_reasons=finish_reasons(outputs) if outputs else None,
        attributes=attributes,
        metadata=_metadata(names),
        tags=texts(list_in(names.get("tags"))) or texts(list_in(names.get("tracetags"))),
        aliases=aliases(names.get("id")),
    )


def _trace(names: Fields) -> Taken:
    """A trace and what stands in it.

    It is a span of its own only where it has not exactly one root: else it is that root of which more is said.
    """
    trace_id = hex_id(names.get("id"), "the id of a trace")
    inner = [_names(item) for item in list_in(names.get("observations")) if isinstance(item, dict)]
    spans = [_observation({"traceid": names["id"], **item}) for item in inner]
    roots = [span for span in spans if span.parent_id == ""]
    about = _about(names, trace_id)
    scores = tuple(_scores(names, trace_id, None))
    of_spans = joined(
        Taken(scores=tuple(_scores(item, trace_id, span.span_id))) for item, span in zip(inner, spans, strict=True)
    ).scores
    if not spans:
        return Taken(scores=scores, roots=(about,))
    if len(roots) == 1:
        return Taken((*spans, _of_root(about, roots[0])), scores + of_spans)
    below = tuple(replace(span, parent_id=span.parent_id or trace_id) for span in spans)
    return Taken((about, *below), scores + of_spans)


def _about(names: Fields, trace_id: str) -> SpanUpdate:
    start_ns = nanoseconds(names.get("timestamp"))
    latency = amount(names.get("latency"))  # seconds
    within = start_ns is not None and latency is not None and latency < 1e9
    return SpanUpdate(
        trace_id=trace_id,
        span_id=trace_id,
        protocol=Protocol.IMPORT,
        parent_id="",
        name=text(names.get("name")),
        kind=Kind.CHAIN,
        start_ns=start_ns,
        end_ns=start_ns + int(latency * 1e9) if within else None,  # type: ignore[operator]
        session_id=text(names.get("sessionid")),
        user_id=text(names.get("userid")),
        input=embedded(names.get("input")),
        output=embedded(names.get("output")),
        metadata=_metadata(names),
        tags=texts(list_in(names.get("tags"))),
        aliases=aliases(names.get("id")),
    )


def _of_root(about: SpanUpdate, root: SpanUpdate) -> SpanUpdate:
    """What a trace says that its root does not say itself."""
    return SpanUpdate(
        trace_id=about.trace_id,
        span_id=root.span_id,
        protocol=Protocol.IMPORT,
        precedence=0,
        name=root.name or about.name,
        session_id=about.session_id,
        user_id=about.user_id,
        input=about.input if root.input is None else None,
        output=about.output if root.output is None else None,
        metadata={**about.metadata, **root.metadata},
        tags=root.tags or about.tags,
        aliases=about.aliases,
    )


def _usage(names: Fields) -> Usage | None:
    counts = usage_details(object_in(names.get("usagedetails"))) or usage_details(object_in(names.get("usage")))
    return counts or usage_of(
        input_tokens=names.get("inputusage", names.get("prompttokens")),
        output_tokens=names.get("outputusage", names.get("completiontokens")),
        total_tokens=names.get("totalusage", names.get("totaltokens")),
    )


def _cost(names: Fields) -> float | None:
    listed = {name: cost for name, value in object_in(names.get("costdetails")).items() if (cost := amount(value))}
    for name in ("totalcost", "calculatedtotalcost"):
        if not listed and (cost := amount(names.get(name))):
            return cost
    return cost_details(listed)


def _metadata(names: Fields) -> dict[str, Json]:
    said = embedded(names.get("metadata"))
    found = dict(said) if isinstance(said, dict) else {} if said is None else {"metadata": said}
    return found | {name: names[name] for name in _CONTEXT if names.get(name)}


def _scores(names: Fields, trace_id: str, span_id: str | None) -> Iterator[ScoreUpdate]:
    """Scores that stand with what they are about, as objects or by their names."""
    said = embedded(names.get("scores"))
    if isinstance(said, list):
        place = {"traceid": trace_id, "observationid": span_id}
        yield from (_score(_names(item), place) for item in said if isinstance(item, dict))
    elif isinstance(said, dict):
        yield from (score for name, values in said.items() for score in _listed_scores(name, values, trace_id, span_id))


def _columns(record: Fields, span: SpanUpdate) -> Taken:
    """Scores that have a column each: lists of the values given, by the name of the score."""
    if _OF_EXPORTS.isdisjoint(_names(record)):
        return Taken()
    span_id = None if span.span_id == span.trace_id else span.span_id
    columns = {name: embedded(value) for name, value in record.items() if not _LISTS & _names({name: None}).keys()}
    scores = (
        score
        for name, values in columns.items()
        if _is_column(values)
        for score in _listed_scores(name, values, span.trace_id, span_id)
    )
    return Taken(scores=tuple(scores))


def _listed_scores(name: str, values: Json, trace_id: str, span_id: str | None) -> Iterator[ScoreUpdate]:
    for ordinal, value in enumerate(values if isinstance(values, list) else [values]):
        if isinstance(value, int | float | str):
            identity = f"{span_id or trace_id}:{name}:{ordinal}"[:512]
            place = {"traceId": trace_id, "observationId": span_id}
            yield score_update({"id": identity, "name": name, "value": value, **place})


def _is_column(value: Json) -> bool:
    return isinstance(value, list) and bool(value) and all(isinstance(item, int | float | str) for item in value)


def _score(names: Fields, place: Mapping[str, Any]) -> ScoreUpdate:
    said = {**place, **{name: value for name, value in names.items() if value is not None}}
    words, kind = said.get("stringvalue"), str(said.get("datatype") or _kind(said.get("stringvalue"))).upper()
    return score_update(
        {
            "id": said.get("id"),
            "name": said.get("name"),
            "traceId": said.get("traceid"),
            "observationId": said.get("observationid"),
            "value": words if kind in _WORDS and words else _figure(said.get("value")),
            "comment": said.get("comment"),
            "source": said.get("authoruserid") or str(said.get("source") or "").lower() or None,
            "metadata": object_in(said.get("metadata")),
            "timestamp": said.get("timestamp"),
        }
    )


def _kind(words: Json) -> str:
    """What a score is that does not say it: truth has words too, but is a number."""
    return "CATEGORICAL" if words and str(words).lower() not in ("true", "false") else "NUMERIC"


def _figure(value: Json) -> Json:
    """A number, also one of a table, where it is a text."""
    try:
        return float(value) if isinstance(value, str) else value
    except ValueError:
        return value
