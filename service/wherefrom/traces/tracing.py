"""How the generations of a project are traced: which indexes, which preset and options, how much of it is kept."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

import orjson
from sqlalchemy import Connection, select, update

from wherefrom.errors import NotFoundError
from wherefrom.options import PRESETS, TraceOptions
from wherefrom.pool.jobs import TRACER_VERSION
from wherefrom.traces.model import Json
from wherefrom.traces.schema import projects

DEFAULT_QUOTA = 1 << 30


@dataclass(frozen=True, slots=True)
class ProjectTracing:
    """What is said for one project; None is not said.

    Attributes:
        indexes: names; empty: all that the service has.
        options: changes of the preset's, see `TraceOptions`.
        snippet_quota: bytes of provenance with snippets that are kept; beyond it snippets are left out.
    """

    indexes: tuple[str, ...] | None = None
    preset: str | None = None
    options: Mapping[str, Json] | None = None
    snippet_quota: int | None = None

    def over(self, other: ProjectTracing) -> ProjectTracing:
        """What this says, and the other's where this says nothing."""
        return ProjectTracing(
            other.indexes if self.indexes is None else self.indexes,
            other.preset if self.preset is None else self.preset,
            other.options if self.options is None else self.options,
            other.snippet_quota if self.snippet_quota is None else self.snippet_quota,
        )


@dataclass(frozen=True, slots=True)
class Tracing:
    """How a project's generations are traced, all said."""

    indexes: tuple[str, ...]
    options: TraceOptions
    snippet_quota: int


@dataclass(frozen=True, slots=True)
class TracingRules:
    """What the service says of its projects.

    Attributes:
        snippet_quota: of each project.
        projects: what the service's settings say of some by name; it goes before what the store says.
    """

    snippet_quota: int = DEFAULT_QUOTA
    projects: Mapping[str, ProjectTracing] = field(default_factory=dict)

    def of(self, project: str, stored: ProjectTracing) -> Tracing:
        """How a project is traced.

        Args:
            project: its name.
            stored: what the store says.

        Raises:
            UsageError: an option that cannot be used.
        """
        said = self.projects.get(project, ProjectTracing()).over(stored)
        options = TraceOptions.of(said.preset or PRESETS[0], **(said.options or {}))
        quota = self.snippet_quota if said.snippet_quota is None else said.snippet_quota
        return Tracing(said.indexes or (), options, quota)


def stored_tracing(row: Any) -> ProjectTracing:
    """What a row of `projects` says."""
    return ProjectTracing(
        None if row.indexes is None else tuple(orjson.loads(row.indexes)),
        row.preset,
        None if row.options is None else orjson.loads(row.options),
        row.snippet_quota,
    )


def set_tracing(connection: Connection, project: str, said: ProjectTracing) -> None:
    """Keep what is said of a project, in place of what was said before; generations that come later are traced so.

    Raises:
        NotFoundError: there is no such project.
        UsageError: an option that cannot be used.
    """
    TraceOptions.of(said.preset or PRESETS[0], **(said.options or {}))
    changed = connection.execute(
        update(projects)
        .where(projects.c.name == project)
        .values(
            indexes=None if said.indexes is None else orjson.dumps(said.indexes).decode(),
            preset=said.preset or PRESETS[0],
            options=None if said.options is None else orjson.dumps(dict(said.options)).decode(),
            snippet_quota=said.snippet_quota,
        )
    )
    if not changed.rowcount:
        raise NotFoundError(f"There is no project {project[:100]!r}.")


def read_tracing(connection: Connection, project: str) -> ProjectTracing:
    """What the store says of a project.

    Raises:
        NotFoundError: there is no such project.
    """
    row = connection.execute(select(projects).where(projects.c.name == project)).first()
    if row is None:
        raise NotFoundError(f"There is no project {project[:100]!r}.")
    return stored_tracing(row)


def settings_digest(versions: Mapping[str, str], options: TraceOptions) -> str:
    """Name everything but the texts that decides what a trace finds: index versions, options, tracer version."""
    said = [sorted(versions.items()), asdict(options), TRACER_VERSION]
    return hashlib.sha256(orjson.dumps(said, option=orjson.OPT_SORT_KEYS)).hexdigest()[:32]
