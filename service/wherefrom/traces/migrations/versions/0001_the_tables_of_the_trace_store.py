"""The tables of the trace store.

Revision: 0001
After: nothing
"""

# ruff: noqa: E501

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Go to this version of the tables."""
    op.create_table(
        "api_keys",
        sa.Column("key", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("hash", sa.String(), nullable=False),
        sa.Column("label", sa.String(), nullable=False),
        sa.Column("role", sa.String(), nullable=False),
        sa.Column("project", sa.String(), nullable=True),
        sa.Column("created_ns", sa.BigInteger(), nullable=False),
        sa.Column("used_ns", sa.BigInteger(), nullable=True),
        sa.Column("revoked_ns", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_api_keys")),
        sa.UniqueConstraint("id", name=op.f("uq_api_keys_id")),
    )
    op.create_table(
        "projects",
        sa.Column("key", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("created_ns", sa.BigInteger(), nullable=False),
        sa.Column("indexes", sa.String(), nullable=True),
        sa.Column("preset", sa.String(), server_default="default", nullable=False),
        sa.Column("options", sa.String(), nullable=True),
        sa.Column("retention_days", sa.Integer(), nullable=True),
        sa.Column("snippet_quota", sa.BigInteger(), nullable=True),
        sa.Column("snippet_bytes", sa.BigInteger(), server_default="0", nullable=False),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_projects")),
        sa.UniqueConstraint("name", name=op.f("uq_projects_name")),
    )
    op.create_table(
        "raw_requests",
        sa.Column("key", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("received_ns", sa.BigInteger(), nullable=False),
        sa.Column("protocol", sa.String(), nullable=False),
        sa.Column("path", sa.String(), nullable=False),
        sa.Column("content_type", sa.String(), nullable=False),
        sa.Column("content_encoding", sa.String(), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_raw_requests")),
    )
    op.create_index(op.f("ix_raw_requests_received_ns"), "raw_requests", ["received_ns"], unique=False)
    op.create_table(
        "sessions",
        sa.Column("key", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("project_key", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("start_ns", sa.BigInteger(), nullable=True),
        sa.Column("end_ns", sa.BigInteger(), nullable=True),
        sa.Column("traces", sa.Integer(), server_default="0", nullable=False),
        sa.ForeignKeyConstraint(
            ["project_key"], ["projects.key"], name=op.f("fk_sessions_project_key"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_sessions")),
        sa.UniqueConstraint("project_key", "id", name=op.f("uq_sessions_project_key_id")),
    )
    op.create_index(
        op.f("ix_sessions_project_key_start_ns_key"), "sessions", ["project_key", "start_ns", "key"], unique=False
    )
    op.create_table(
        "traces",
        sa.Column("key", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("project_key", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("trace_id", sa.String(), nullable=False),
        sa.Column("project_is_provisional", sa.Boolean(), server_default="0", nullable=False),
        sa.Column("trace_id_is_provisional", sa.Boolean(), server_default="0", nullable=False),
        sa.Column("session_key", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("user_id", sa.String(), nullable=True),
        sa.Column("protocol", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=True),
        sa.Column("root_span_id", sa.String(), nullable=True),
        sa.Column("status", sa.String(), nullable=False),
        sa.Column("start_ns", sa.BigInteger(), nullable=False),
        sa.Column("end_ns", sa.BigInteger(), nullable=True),
        sa.Column("received_ns", sa.BigInteger(), nullable=False),
        sa.Column("updated_ns", sa.BigInteger(), nullable=False),
        sa.Column("spans", sa.Integer(), nullable=False),
        sa.Column("errors", sa.Integer(), nullable=False),
        sa.Column("generations", sa.Integer(), nullable=False),
        sa.Column("model", sa.String(), nullable=True),
        sa.Column("input_tokens", sa.BigInteger(), nullable=True),
        sa.Column("output_tokens", sa.BigInteger(), nullable=True),
        sa.Column("cost", sa.Float(), nullable=True),
        sa.Column("cost_is_partial", sa.Boolean(), server_default="0", nullable=False),
        sa.Column("provenance", sa.String(), nullable=True),
        sa.Column("characters", sa.BigInteger(), nullable=True),
        sa.Column("coverage", sa.Float(), nullable=True),
        sa.Column("longest_span", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(
            ["project_key"], ["projects.key"], name=op.f("fk_traces_project_key"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["session_key"], ["sessions.key"], name=op.f("fk_traces_session_key"), ondelete="SET NULL"
        ),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_traces")),
        sa.UniqueConstraint("project_key", "trace_id", name=op.f("uq_traces_project_key_trace_id")),
    )
    op.create_index(
        "ix_traces_listed",
        "traces",
        ["start_ns", "key", "status", "coverage", "longest_span", "cost", "provenance"],
        unique=False,
    )
    op.create_index(
        "ix_traces_listed_by_project",
        "traces",
        ["project_key", "start_ns", "key", "status", "coverage", "longest_span", "cost", "provenance"],
        unique=False,
    )
    op.create_index(op.f("ix_traces_session_key_start_ns"), "traces", ["session_key", "start_ns"], unique=False)
    op.create_index(op.f("ix_traces_trace_id"), "traces", ["trace_id"], unique=False)
    op.create_index(op.f("ix_traces_updated_ns_key"), "traces", ["updated_ns", "key"], unique=False)
    op.create_table(
        "raw_request_traces",
        sa.Column("raw_key", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("trace_key", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.ForeignKeyConstraint(
            ["raw_key"], ["raw_requests.key"], name=op.f("fk_raw_request_traces_raw_key"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["trace_key"], ["traces.key"], name=op.f("fk_raw_request_traces_trace_key"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("raw_key", "trace_key", name=op.f("pk_raw_request_traces")),
    )
    op.create_index(op.f("ix_raw_request_traces_trace_key"), "raw_request_traces", ["trace_key"], unique=False)
    op.create_table(
        "spans",
        sa.Column("key", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("trace_key", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("span_id", sa.String(), nullable=False),
        sa.Column("parent_id", sa.String(), nullable=True),
        sa.Column("precedence", sa.Integer(), nullable=False),
        sa.Column("protocol", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=True),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("status", sa.String(), nullable=False),
        sa.Column("status_message", sa.String(), nullable=True),
        sa.Column("start_ns", sa.BigInteger(), nullable=True),
        sa.Column("end_ns", sa.BigInteger(), nullable=True),
        sa.Column("first_token_ns", sa.BigInteger(), nullable=True),
        sa.Column("received_ns", sa.BigInteger(), nullable=False),
        sa.Column("model", sa.String(), nullable=True),
        sa.Column("provider", sa.String(), nullable=True),
        sa.Column("session_id", sa.String(), nullable=True),
        sa.Column("user_id", sa.String(), nullable=True),
        sa.Column("input_tokens", sa.BigInteger(), nullable=True),
        sa.Column("output_tokens", sa.BigInteger(), nullable=True),
        sa.Column("total_tokens", sa.BigInteger(), nullable=True),
        sa.Column("cache_read_tokens", sa.BigInteger(), nullable=True),
        sa.Column("cache_write_tokens", sa.BigInteger(), nullable=True),
        sa.Column("reasoning_tokens", sa.BigInteger(), nullable=True),
        sa.Column("cost", sa.Float(), nullable=True),
        sa.Column("cost_source", sa.String(), nullable=True),
        sa.Column("provenance", sa.String(), nullable=True),
        sa.Column("characters", sa.Integer(), nullable=True),
        sa.Column("coverage", sa.Float(), nullable=True),
        sa.Column("longest_span", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(["trace_key"], ["traces.key"], name=op.f("fk_spans_trace_key"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_spans")),
        sa.UniqueConstraint("trace_key", "span_id", name=op.f("uq_spans_trace_key_span_id")),
    )
    op.create_index(op.f("ix_spans_span_id"), "spans", ["span_id"], unique=False)
    op.create_table(
        "trace_models",
        sa.Column("trace_key", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("model", sa.String(), nullable=False),
        sa.Column("project_key", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("start_ns", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["trace_key"], ["traces.key"], name=op.f("fk_trace_models_trace_key"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("trace_key", "model", name=op.f("pk_trace_models")),
    )
    op.create_index(
        op.f("ix_trace_models_model_start_ns_trace_key"),
        "trace_models",
        ["model", "start_ns", "trace_key"],
        unique=False,
    )
    op.create_index(
        op.f("ix_trace_models_project_key_model_start_ns_trace_key"),
        "trace_models",
        ["project_key", "model", "start_ns", "trace_key"],
        unique=False,
    )
    op.create_table(
        "aliases",
        sa.Column("span_key", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("alias", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(["span_key"], ["spans.key"], name=op.f("fk_aliases_span_key"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("span_key", "alias", name=op.f("pk_aliases")),
    )
    op.create_index(op.f("ix_aliases_alias"), "aliases", ["alias"], unique=False)
    op.create_table(
        "attachments",
        sa.Column("key", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("span_key", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("content_type", sa.String(), nullable=False),
        sa.Column("data", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["span_key"], ["spans.key"], name=op.f("fk_attachments_span_key"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_attachments")),
        sa.UniqueConstraint("span_key", "name", name=op.f("uq_attachments_span_key_name")),
    )
    op.create_table(
        "parts",
        sa.Column("key", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("span_key", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("trace_key", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("place", sa.String(), nullable=False),
        sa.Column("text_hash", sa.String(), nullable=False),
        sa.Column("characters", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("reason", sa.String(), nullable=True),
        sa.Column("attempts", sa.Integer(), server_default="0", nullable=False),
        sa.Column("due_ns", sa.BigInteger(), nullable=False),
        sa.Column("queued_ns", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["span_key"], ["spans.key"], name=op.f("fk_parts_span_key"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["trace_key"], ["traces.key"], name=op.f("fk_parts_trace_key"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_parts")),
        sa.UniqueConstraint("span_key", "place", name=op.f("uq_parts_span_key_place")),
    )
    op.create_index(op.f("ix_parts_state_due_ns"), "parts", ["state", "due_ns"], unique=False)
    op.create_index(op.f("ix_parts_trace_key"), "parts", ["trace_key"], unique=False)
    op.create_table(
        "scores",
        sa.Column("key", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("project_key", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("project_is_provisional", sa.Boolean(), server_default="0", nullable=False),
        sa.Column("trace_key", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("span_key", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("trace_id", sa.String(), nullable=True),
        sa.Column("span_id", sa.String(), nullable=True),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("value", sa.Float(), nullable=True),
        sa.Column("text", sa.String(), nullable=True),
        sa.Column("comment", sa.String(), nullable=True),
        sa.Column("annotator", sa.String(), nullable=True),
        sa.Column("metadata", sa.String(), nullable=True),
        sa.Column("time_ns", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["project_key"], ["projects.key"], name=op.f("fk_scores_project_key"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["span_key"], ["spans.key"], name=op.f("fk_scores_span_key"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["trace_key"], ["traces.key"], name=op.f("fk_scores_trace_key"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_scores")),
        sa.UniqueConstraint("project_key", "id", name=op.f("uq_scores_project_key_id")),
    )
    op.create_index(
        op.f("ix_scores_project_key_name_time_ns"), "scores", ["project_key", "name", "time_ns"], unique=False
    )
    op.create_index(
        op.f("ix_scores_project_key_time_ns_key"), "scores", ["project_key", "time_ns", "key"], unique=False
    )
    op.create_index(op.f("ix_scores_span_id"), "scores", ["span_id"], unique=False)
    op.create_index(op.f("ix_scores_span_key"), "scores", ["span_key"], unique=False)
    op.create_index(op.f("ix_scores_trace_id"), "scores", ["trace_id"], unique=False)
    op.create_index(op.f("ix_scores_trace_key"), "scores", ["trace_key"], unique=False)
    op.create_table(
        "search_queue",
        sa.Column("key", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("span_key", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.ForeignKeyConstraint(["span_key"], ["spans.key"], name=op.f("fk_search_queue_span_key"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_search_queue")),
    )
    op.create_index(op.f("ix_search_queue_span_key"), "search_queue", ["span_key"], unique=False)
    op.create_table(
        "span_payloads",
        sa.Column("span_key", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(
            ["span_key"], ["spans.key"], name=op.f("fk_span_payloads_span_key"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("span_key", name=op.f("pk_span_payloads")),
    )
    op.create_table(
        "span_texts",
        sa.Column(
            "span_key", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False
        ),
        sa.Column("trace_key", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("terms", sa.String().with_variant(postgresql.TSVECTOR(), "postgresql"), nullable=False),
        sa.ForeignKeyConstraint(["span_key"], ["spans.key"], name=op.f("fk_span_texts_span_key"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(
            ["trace_key"], ["traces.key"], name=op.f("fk_span_texts_trace_key"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("span_key", name=op.f("pk_span_texts")),
    )
    op.create_index(op.f("ix_span_texts_trace_key"), "span_texts", ["trace_key"], unique=False)
    op.create_table(
        "provenances",
        sa.Column("key", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("part_key", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("span_key", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("trace_key", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("identity", sa.String(), nullable=False),
        sa.Column("indexes", sa.String(), nullable=False),
        sa.Column("preset", sa.String(), nullable=False),
        sa.Column("tracer_version", sa.String(), nullable=False),
        sa.Column("created_ns", sa.BigInteger(), nullable=False),
        sa.Column("duration_ms", sa.Float(), nullable=False),
        sa.Column("tokens", sa.Integer(), nullable=False),
        sa.Column("coverage", sa.Float(), nullable=False),
        sa.Column("shown_coverage", sa.Float(), nullable=False),
        sa.Column("longest_span", sa.Integer(), nullable=False),
        sa.Column("longest_span_tokens", sa.Integer(), nullable=False),
        sa.Column("has_snippets", sa.Boolean(), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["part_key"], ["parts.key"], name=op.f("fk_provenances_part_key"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["span_key"], ["spans.key"], name=op.f("fk_provenances_span_key"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(
            ["trace_key"], ["traces.key"], name=op.f("fk_provenances_trace_key"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_provenances")),
        sa.UniqueConstraint("part_key", name=op.f("uq_provenances_part_key")),
    )
    op.create_index(op.f("ix_provenances_span_key"), "provenances", ["span_key"], unique=False)
    op.create_index(op.f("ix_provenances_trace_key"), "provenances", ["trace_key"], unique=False)
    op.create_table(
        "provenance_documents",
        sa.Column("provenance_key", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("trace_key", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("index_name", sa.String(), nullable=False),
        sa.Column("document_id", sa.String(), nullable=False),
        sa.Column("source", sa.String(), nullable=True),
        sa.Column("relevance", sa.String(), nullable=False),
        sa.Column("score", sa.Float(), nullable=False),
        sa.Column("duplicates", sa.Integer(), nullable=False),
        sa.Column("longest_span", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["provenance_key"],
            ["provenances.key"],
            name=op.f("fk_provenance_documents_provenance_key"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["trace_key"], ["traces.key"], name=op.f("fk_provenance_documents_trace_key"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("provenance_key", "number", name=op.f("pk_provenance_documents")),
    )
    op.create_index(
        op.f("ix_provenance_documents_document_id_trace_key_index_name"),
        "provenance_documents",
        ["document_id", "trace_key", "index_name"],
        unique=False,
    )
    op.create_index(op.f("ix_provenance_documents_trace_key"), "provenance_documents", ["trace_key"], unique=False)
    op.create_table(
        "provenance_spans",
        sa.Column("provenance_key", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("start", sa.Integer(), nullable=False),
        sa.Column("end", sa.Integer(), nullable=False),
        sa.Column("tokens", sa.Integer(), nullable=False),
        sa.Column("count", sa.BigInteger(), nullable=False),
        sa.Column("count_is_lower_bound", sa.Boolean(), nullable=False),
        sa.Column("log_probability", sa.Float(), nullable=False),
        sa.ForeignKeyConstraint(
            ["provenance_key"], ["provenances.key"], name=op.f("fk_provenance_spans_provenance_key"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("provenance_key", "number", name=op.f("pk_provenance_spans")),
    )
    if op.get_bind().dialect.name == "postgresql":
        op.create_index("ix_span_texts_terms", "span_texts", ["terms"], unique=False, postgresql_using="gin")
    else:
        op.execute(
            "CREATE VIRTUAL TABLE span_terms USING fts5(terms, content='span_texts', content_rowid='span_key', tokenize='ascii')"
        )
        op.execute(
            "CREATE TRIGGER span_texts_inserted AFTER INSERT ON span_texts BEGIN INSERT INTO span_terms(rowid, terms) VALUES (new.span_key, new.terms); END"
        )
        op.execute(
            "CREATE TRIGGER span_texts_deleted AFTER DELETE ON span_texts BEGIN INSERT INTO span_terms(span_terms, rowid, terms) VALUES ('delete', old.span_key, old.terms); END"
        )
        op.execute(
            "CREATE TRIGGER span_texts_updated AFTER UPDATE ON span_texts BEGIN INSERT INTO span_terms(span_terms, rowid, terms) VALUES ('delete', old.span_key, old.terms); INSERT INTO span_terms(rowid, terms) VALUES (new.span_key, new.terms); END"
        )
