"""The tables of the trace store.

Times are nanoseconds since 1970. Texts that users wrote may hold NUL, which PostgreSQL cannot store: `Text` escapes it.
What a tree or a list never reads (inputs, outputs, attributes) stands apart, compressed, in `span_payloads`.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Connection,
    Float,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    UniqueConstraint,
    event,
)
from sqlalchemy.dialects.postgresql import TSVECTOR

from wherefrom.traces.text_columns import IndexedText
from wherefrom.traces.text_columns import Text as Text
from wherefrom.traces.text_columns import stored_text as stored_text

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s",
        "pk": "pk_%(table_name)s",
    }
)

_Key = BigInteger().with_variant(Integer, "sqlite")  # only INTEGER is numbered by SQLite itself


def _key() -> Column[Any]:
    return Column("key", _Key, primary_key=True)


def _within(table: str, name: str, **options: Any) -> Column[Any]:
    return Column(name, _Key, ForeignKey(f"{table}.key", ondelete="CASCADE"), **options)


projects = Table(
    "projects",
    metadata,
    _key(),
    Column("name", IndexedText, nullable=False, unique=True),
    Column("created_ns", BigInteger, nullable=False),
    Column("indexes", Text),  # JSON list of names; NULL: all that the service has
    Column("preset", Text, nullable=False, server_default="default"),
    Column("options", Text),  # JSON object of trace options; NULL: the preset's
    Column("retention_days", Integer),  # NULL: the service's
    Column("snippet_quota", BigInteger),  # bytes; NULL: the service's
    Column("snippet_bytes", BigInteger, nullable=False, server_default="0"),
)

sessions = Table(
    "sessions",
    metadata,
    _key(),
    _within("projects", "project_key", nullable=False),
    Column("id", IndexedText, nullable=False),
    Column("start_ns", BigInteger),
    Column("end_ns", BigInteger),
    Column("traces", Integer, nullable=False, server_default="0"),
    UniqueConstraint("project_key", "id"),
    Index(None, "project_key", "start_ns", "key"),
)

_LISTED = ("status", "coverage", "longest_span", "cost", "provenance")

traces = Table(
    "traces",
    metadata,
    _key(),
    _within("projects", "project_key", nullable=False),
    Column("trace_id", IndexedText, nullable=False),
    # A message came before the one that names the project: the trace moves there when that comes.
    Column("project_is_provisional", Boolean, nullable=False, server_default="0"),
    # A message named a span only, so the span's id stands for the trace's: the span moves when its trace becomes known.
    Column("trace_id_is_provisional", Boolean, nullable=False, server_default="0"),
    Column("session_key", _Key, ForeignKey("sessions.key", ondelete="SET NULL")),
    Column("user_id", Text),
    Column("protocol", String, nullable=False),
    Column("name", Text),  # of the first root
    Column("root_span_id", IndexedText),
    Column("status", String, nullable=False),  # error if any root has failed, or any span without a root
    Column("start_ns", BigInteger, nullable=False),  # of the earliest span; arrival where none says
    Column("end_ns", BigInteger),
    Column("received_ns", BigInteger, nullable=False),
    Column("updated_ns", BigInteger, nullable=False),
    Column("spans", Integer, nullable=False),
    Column("errors", Integer, nullable=False),
    Column("generations", Integer, nullable=False),
    Column("model", Text),  # of the first generation
    Column("input_tokens", BigInteger),
    Column("output_tokens", BigInteger),
    Column("cost", Float),  # sum of what is known
    Column("cost_is_partial", Boolean, nullable=False, server_default="0"),
    # Provenance of its generations together.
    Column("provenance", String),  # pending, done, failed, nothing; NULL: no generation
    Column("characters", BigInteger),  # traced
    Column("coverage", Float),  # of these
    Column("longest_span", Integer),  # characters
    UniqueConstraint("project_key", "trace_id"),
    Index(None, "trace_id"),
    # Lists go along these and filter by what they hold: a filter that few traces pass reads no rows but theirs.
    Index("ix_traces_listed_by_project", "project_key", "start_ns", "key", *_LISTED),
    Index("ix_traces_listed", "start_ns", "key", *_LISTED),
    Index(None, "session_key", "start_ns"),
    Index(None, "updated_ns", "key"),
)

trace_models = Table(
    "trace_models",
    metadata,
    _within("traces", "trace_key", primary_key=True),
    Column("model", IndexedText, primary_key=True),
    Column("project_key", _Key, nullable=False),
    Column("start_ns", BigInteger, nullable=False),  # the trace's
    Index(None, "project_key", "model", "start_ns", "trace_key"),
    Index(None, "model", "start_ns", "trace_key"),
)

spans = Table(
    "spans",
    metadata,
    _key(),
    _within("traces", "trace_key", nullable=False),
    Column("span_id", IndexedText, nullable=False),
    Column("parent_id", IndexedText),  # empty: a root; NULL: not known yet
    Column("precedence", Integer, nullable=False),  # the highest of its updates
    Column("protocol", String, nullable=False),
    Column("name", Text),
    Column("kind", String, nullable=False),
    Column("status", String, nullable=False),
    Column("status_message", Text),
    Column("start_ns", BigInteger),
    Column("end_ns", BigInteger),
    Column("first_token_ns", BigInteger),
    Column("received_ns", BigInteger, nullable=False),
    Column("model", Text),
    Column("provider", Text),
    Column("session_id", Text),
    Column("user_id", Text),
    Column("input_tokens", BigInteger),
    Column("output_tokens", BigInteger),
    Column("total_tokens", BigInteger),
    Column("cache_read_tokens", BigInteger),
    Column("cache_write_tokens", BigInteger),
    Column("reasoning_tokens", BigInteger),
    Column("cost", Float),
    Column("cost_source", String),  # client, prices; NULL: unknown
    # Provenance of its output's parts together.
    Column("provenance", String),
    Column("characters", Integer),
    Column("coverage", Float),
    Column("longest_span", Integer),
    UniqueConstraint("trace_key", "span_id"),
    Index(None, "span_id"),
)

span_payloads = Table(
    "span_payloads",
    metadata,
    _within("spans", "span_key", primary_key=True),
    Column("body", LargeBinary, nullable=False),  # zstd of JSON, see payload.py
)

attachments = Table(
    "attachments",
    metadata,
    _key(),
    _within("spans", "span_key", nullable=False),
    Column("name", IndexedText, nullable=False),
    Column("content_type", Text, nullable=False),
    Column("data", LargeBinary, nullable=False),
    UniqueConstraint("span_key", "name"),
)

aliases = Table(
    "aliases",
    metadata,
    _within("spans", "span_key", primary_key=True),
    Column("alias", IndexedText, primary_key=True),
    Index(None, "alias"),
)

scores = Table(
    "scores",
    metadata,
    _key(),
    _within("projects", "project_key", nullable=False),
    Column("id", IndexedText, nullable=False),
    # What it is about has not come yet, and no project was named: it moves to that of its trace.
    Column("project_is_provisional", Boolean, nullable=False, server_default="0"),
    _within("traces", "trace_key"),  # NULL: what it is about has not come yet
    _within("spans", "span_key"),
    Column("trace_id", IndexedText),  # as sent
    Column("span_id", IndexedText),
    Column("name", IndexedText, nullable=False),
    Column("value", Float),
    Column("text", Text),
    Column("comment", Text),
    Column("annotator", Text),
    Column("metadata", Text),  # JSON object
    Column("time_ns", BigInteger, nullable=False),
    UniqueConstraint("project_key", "id"),
    Index(None, "trace_key"),
    Index(None, "span_key"),
    Index(None, "span_id"),
    Index(None, "trace_id"),
    Index(None, "project_key", "name", "time_ns"),
    Index(None, "project_key", "time_ns", "key"),
)

parts = Table(
    # The texts of a generation that are traced, each with the state of its provenance.
    "parts",
    metadata,
    _key(),
    _within("spans", "span_key", nullable=False),
    _within("traces", "trace_key", nullable=False),
    Column("place", IndexedText, nullable=False),  # JSON pointer into the output messages
    Column("text_hash", String, nullable=False),
    Column("characters", Integer, nullable=False),
    Column("state", String, nullable=False),  # pending, done, failed, nothing
    Column("reason", Text),  # of failure, or why there is nothing to trace
    Column("attempts", Integer, nullable=False, server_default="0"),
    Column("due_ns", BigInteger, nullable=False),  # not before; while a worker has it: when its lease ends
    Column("queued_ns", BigInteger, nullable=False),
    UniqueConstraint("span_key", "place"),
    Index(None, "state", "due_ns"),
    Index(None, "trace_key"),
)

provenances = Table(
    "provenances",
    metadata,
    _key(),
    _within("parts", "part_key", nullable=False, unique=True),
    _within("spans", "span_key", nullable=False),
    _within("traces", "trace_key", nullable=False),
    Column("identity", String, nullable=False),  # hash of text, index versions, preset, options, tracer version
    Column("indexes", Text, nullable=False),  # JSON object: version by name
    Column("preset", Text, nullable=False),
    Column("tracer_version", String, nullable=False),
    Column("created_ns", BigInteger, nullable=False),
    Column("duration_ms", Float, nullable=False),
    Column("tokens", Integer, nullable=False),
    Column("coverage", Float, nullable=False),
    Column("shown_coverage", Float, nullable=False),
    Column("longest_span", Integer, nullable=False),  # characters
    Column("longest_span_tokens", Integer, nullable=False),
    Column("has_snippets", Boolean, nullable=False),  # False: left out, the project's quota was reached
    Column("body", LargeBinary, nullable=False),  # zstd of the JSON form of Provenance
    Index(None, "span_key"),
    Index(None, "trace_key"),
)

provenance_spans = Table(
    "provenance_spans",
    metadata,
    _within("provenances", "provenance_key", primary_key=True),
    Column("number", Integer, primary_key=True),
    Column("start", Integer, nullable=False),  # code points of the part's text
    Column("end", Integer, nullable=False),
    Column("tokens", Integer, nullable=False),
    Column("count", BigInteger, nullable=False),
    Column("count_is_lower_bound", Boolean, nullable=False),
    Column("log_probability", Float, nullable=False),
)

provenance_documents = Table(
    "provenance_documents",
    metadata,
    _within("provenances", "provenance_key", primary_key=True),
    Column("number", Integer, primary_key=True),
    _within("traces", "trace_key", nullable=False),
    Column("index_name", IndexedText(800), nullable=False),
    Column("document_id", IndexedText(1800), nullable=False),
    Column("source", Text),  # what the document's metadata call its source; NULL: they do not
    Column("relevance", String, nullable=False),
    Column("score", Float, nullable=False),
    Column("duplicates", Integer, nullable=False),
    Column("longest_span", Integer, nullable=False),  # characters of the longest span that stands in it
    Index(None, "document_id", "trace_key", "index_name"),
    Index(None, "trace_key"),
)

span_texts = Table(
    # The words of spans, for text search (searching.py): on SQLite separated by spaces, and indexed by the FTS5 table
    # `span_terms`; on PostgreSQL a tsvector.
    "span_texts",
    metadata,
    _within("spans", "span_key", primary_key=True, autoincrement=False),
    _within("traces", "trace_key", nullable=False),
    Column("terms", String().with_variant(TSVECTOR(), "postgresql"), nullable=False),
    Index(None, "trace_key"),
)
Index("ix_span_texts_terms", span_texts.c.terms, postgresql_using="gin").ddl_if(dialect="postgresql")

SEARCH_STATEMENTS = (
    # The terms have no characters that FTS5 splits at but the spaces between them; triggers see cascades as well.
    "CREATE VIRTUAL TABLE span_terms USING fts5(terms, content='span_texts', content_rowid='span_key', "
    "tokenize='ascii')",
    "CREATE TRIGGER span_texts_inserted AFTER INSERT ON span_texts BEGIN "
    "INSERT INTO span_terms(rowid, terms) VALUES (new.span_key, new.terms); END",
    "CREATE TRIGGER span_texts_deleted AFTER DELETE ON span_texts BEGIN "
    "INSERT INTO span_terms(span_terms, rowid, terms) VALUES ('delete', old.span_key, old.terms); END",
    "CREATE TRIGGER span_texts_updated AFTER UPDATE ON span_texts BEGIN "
    "INSERT INTO span_terms(span_terms, rowid, terms) VALUES ('delete', old.span_key, old.terms); "
    "INSERT INTO span_terms(rowid, terms) VALUES (new.span_key, new.terms); END",
)
"""What SQLite needs beside the table `span_texts`; `create_all` runs it."""


@event.listens_for(span_texts, "after_create")
def _create_search(target: Table, connection: Connection, **_: Any) -> None:
    if connection.dialect.name == "sqlite":
        for statement in SEARCH_STATEMENTS:
            connection.exec_driver_sql(statement)


search_queue = Table(
    # Spans whose words are to be taken again. A span may stand here several times: who takes its words deletes the
    # rows that it read, and those that came meanwhile stay.
    "search_queue",
    metadata,
    _key(),
    _within("spans", "span_key", nullable=False),
    Index(None, "span_key"),
)

raw_requests = Table(
    "raw_requests",
    metadata,
    _key(),
    Column("received_ns", BigInteger, nullable=False),
    Column("protocol", String, nullable=False),
    Column("path", Text, nullable=False),
    Column("content_type", Text, nullable=False),
    Column("content_encoding", Text, nullable=False),
    Column("body", LargeBinary, nullable=False),
    Index(None, "received_ns"),
)

raw_request_traces = Table(
    # Which traces a kept request speaks of: deleting a trace deletes these requests as well.
    "raw_request_traces",
    metadata,
    _within("raw_requests", "raw_key", primary_key=True),
    _within("traces", "trace_key", primary_key=True),
    Index(None, "trace_key"),
)

api_keys = Table(
    "api_keys",
    metadata,
    _key(),
    Column("id", IndexedText, nullable=False, unique=True),  # the part of the key that may be shown
    Column("hash", String, nullable=False),
    Column("label", Text, nullable=False),
    Column("role", String, nullable=False),  # ingest, read, admin
    Column("project", Text),  # name; NULL: all
    Column("created_ns", BigInteger, nullable=False),
    Column("used_ns", BigInteger),
    Column("revoked_ns", BigInteger),
)
