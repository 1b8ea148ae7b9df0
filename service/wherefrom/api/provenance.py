"""The provenance of generations: read, made anew, and how a project's generations are traced."""

from __future__ import annotations

import time
from dataclasses import asdict
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Path, Query, Response
from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy import Connection

from wherefrom.api.attachment import tracing_rules
from wherefrom.api.dependencies import Admin, Parts, Reader, in_thread
from wherefrom.api.json_bodies import JsonRoute
from wherefrom.api.provenance_models import Count, ProvenanceModel, Share
from wherefrom.api.services import Services
from wherefrom.api.tracing import OptionsModel, Preset
from wherefrom.errors import NotFoundError
from wherefrom.options import TraceOptions
from wherefrom.traces.attached import find_generation, generation_json
from wherefrom.traces.retracing import Retraced, Wanted, Which, retrace
from wherefrom.traces.times import read_time
from wherefrom.traces.tracing import ProjectTracing, read_tracing, set_tracing

router = APIRouter(tags=["provenance"], route_class=JsonRoute)

MAX_NAME = 2000

State = Literal["pending", "done", "failed", "nothing"]
GenerationId = Annotated[
    str,
    Path(
        min_length=1,
        max_length=MAX_NAME,
        description="Its span id, in hex or as a UUID; another name that it has, as the id of the model's response; or "
        "the id of a trace with one generation.",
    ),
]
ProjectName = Annotated[str, Path(min_length=1, max_length=MAX_NAME, description="Name of the project.")]
NamedProject = Annotated[str | None, Query(max_length=MAX_NAME, description="Of this project only.")]

_NO_GENERATION: dict[int | str, dict[str, Any]] = {404: {"description": "There is no such generation"}}
_NO_PROJECT: dict[int | str, dict[str, Any]] = {404: {"description": "There is no such project"}}
_NO_INDEX = "The service has no index: name one when it is started, and what waits is traced."


class PartModel(BaseModel):
    """A text of an output, traced by itself."""

    place: str = Field(
        description="JSON pointer into the output messages; where a text is itself JSON, it goes on into that."
    )
    text: str | None = Field(description="The text; spans count its code points.")
    characters: Count
    state: State
    reason: str | None = Field(description="Why it has failed, or why the last attempt did.")
    attempts: Count
    indexes: dict[str, str] | None = Field(description="Versions of the indexes that were searched, by name.")
    preset: str | None
    tracer_version: str | None
    created: str | None = Field(description="When the provenance was stored.")
    has_snippets: bool | None = Field(description="False: the project's quota was used up; snippets have no text.")
    provenance: ProvenanceModel | None = Field(
        description="The last that was stored: a part that is traced again keeps it until there is another."
    )


class GenerationProvenance(BaseModel):
    """The provenance of a generation."""

    id: str
    trace: str
    project: str
    name: str | None
    model: str | None
    state: State | None = Field(
        description="pending if any part is; else failed, done, nothing. Null: the generation is not complete."
    )
    reason: str | None = Field(description="Why it is so, where it is not done.")
    characters: Count | None = Field(description="Of all parts that were traced.")
    coverage: Share | None = Field(description="Share of these characters.")
    longest_span: Count | None = Field(description="Characters.")
    parts: list[PartModel]


class RetraceRequest(BaseModel):
    """Which generations to trace again."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={"example": {"which": "outdated", "project": "chatbot", "since": "2026-11-01"}},
    )

    which: Which = Field(
        default=Which.OUTDATED,
        description="outdated: those whose provenance is not of the current indexes, options and tracer, and those "
        "that have failed; failed: only these; all.",
    )
    project: str | None = Field(default=None, max_length=MAX_NAME, description="Of this project only.")
    since: str | None = Field(default=None, max_length=100, description="What arrived at this time or later.")


class RetracedModel(BaseModel):
    """What is going to be traced again."""

    model_config = ConfigDict(json_schema_extra={"example": {"parts": 1240, "skipped": {}}})

    parts: Count = Field(description="Texts that are pending now because of this request.")
    skipped: dict[str, str] = Field(description="Projects left out, with the reason: their indexes cannot be searched.")


class TracingSettings(BaseModel):
    """How the generations of a project are traced."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "example": {
                "indexes": ["pretraining"],
                "preset": "default",
                "options": {"min_characters": 30},
                "snippet_quota_bytes": None,
            }
        },
    )

    indexes: list[str] | None = Field(default=None, max_length=1000, description="Names; null: all that are served.")
    preset: Preset = "default"
    options: OptionsModel = Field(default_factory=OptionsModel)
    snippet_quota_bytes: int | None = Field(
        default=None, ge=0, le=(1 << 62), description="Storage for snippets; null: as the service's settings have it."
    )


class EffectiveTracing(BaseModel):
    """How they are traced in the end: the service's own settings go before the project's."""

    indexes: list[str] = Field(description="Empty: all that are served.")
    preset: str
    options: dict[str, Any]
    snippet_quota_bytes: Count


class ProjectTracingModel(BaseModel):
    """What was set for a project, and what holds."""

    stored: TracingSettings
    effective: EffectiveTracing


@router.get(
    "/v1/generations/{generation_id:path}/provenance",
    summary="Show the provenance of a generation",
    response_model=GenerationProvenance,
    responses=_NO_GENERATION,
)
async def provenance(
    generation_id: GenerationId, services: Parts, caller: Reader, project: NamedProject = None
) -> Response:
    """The parts of a generation's output, each with its state and, where it was traced, its provenance."""
    chosen = caller.project_or(project)

    def read(connection: Connection) -> bytes:
        found = find_generation(connection, generation_id, chosen)
        return generation_json(connection, found, None if services.registry.indexes() else _NO_INDEX)

    return Response(await in_thread(services.store.read, read), media_type="application/json")


@router.post(
    "/v1/generations/{generation_id:path}/retrace",
    summary="Trace a generation again",
    response_model=RetracedModel,
    responses=_NO_GENERATION,
)
async def retrace_one(
    generation_id: GenerationId, services: Parts, caller: Admin, project: NamedProject = None
) -> RetracedModel:
    """Make all parts of a generation pending again. What is known of them stays until there is something newer."""
    chosen = caller.project_or(project)

    def work() -> Retraced:
        found = services.store.read(lambda connection: find_generation(connection, generation_id, chosen))
        return _retrace(services, Wanted(Which.ALL, found.project, None, found.key))

    return _model(await in_thread(work))


@router.post("/v1/retrace", summary="Trace generations again", response_model=RetracedModel, responses=_NO_PROJECT)
async def retrace_many(asked: RetraceRequest, services: Parts, caller: Admin) -> RetracedModel:
    """Make generations pending again, as when an index has changed. New generations are traced before them."""
    since_ns = None if asked.since is None else read_time(asked.since, "since")
    wanted = Wanted(asked.which, caller.project_or(asked.project), since_ns)
    return _model(await in_thread(_retrace, services, wanted))


@router.get(
    "/v1/projects/{name}/tracing",
    summary="Show how a project is traced",
    response_model=ProjectTracingModel,
    response_model_exclude_unset=True,
    responses=_NO_PROJECT,
)
async def tracing(name: ProjectName, services: Parts, caller: Reader) -> ProjectTracingModel:
    """Which indexes, preset and options the project's generations are traced with."""
    return await in_thread(_tracing, services, _allowed(caller.project, name))


@router.put(
    "/v1/projects/{name}/tracing",
    summary="Set how a project is traced",
    response_model=ProjectTracingModel,
    response_model_exclude_unset=True,
    responses=_NO_PROJECT,
)
async def put_tracing(name: ProjectName, asked: TracingSettings, services: Parts, caller: Admin) -> ProjectTracingModel:
    """Set indexes, preset and options, for generations that come from now on; retrace the others if you wish."""
    chosen = _allowed(caller.project, name)
    unknown = [index for index in asked.indexes or () if index not in services.registry.names()]
    if unknown:
        raise NotFoundError(f"There is no index named {unknown[0][:100]!r} here; GET /v1/indexes lists them.")
    options, usual = asdict(asked.options.of(asked.preset)), asdict(TraceOptions.of(asked.preset))
    changed = {option: value for option, value in options.items() if value != usual[option]}
    said = ProjectTracing(
        None if asked.indexes is None else tuple(dict.fromkeys(asked.indexes)),
        asked.preset,
        changed or None,
        asked.snippet_quota_bytes,
    )

    def work() -> ProjectTracingModel:
        services.store.write(lambda connection: set_tracing(connection, chosen, said)).result()
        return _tracing(services, chosen)

    return await in_thread(work)


def _allowed(own: str | None, name: str) -> str:
    """The project, if the caller may know that there is one."""
    if own is not None and own != name:
        raise NotFoundError(f"There is no project {name[:100]!r}.")
    return name


def _retrace(services: Services, wanted: Wanted) -> Retraced:
    rules = tracing_rules(services.settings)
    return retrace(services.store, wanted, rules, services.pool.versions, time.time_ns())


def _model(found: Retraced) -> RetracedModel:
    return RetracedModel(parts=found.parts, skipped=dict(found.skipped))


def _tracing(services: Services, name: str) -> ProjectTracingModel:
    stored = services.store.read(lambda connection: read_tracing(connection, name))
    effective = tracing_rules(services.settings).of(name, stored)
    options = asdict(effective.options)
    preset = options.pop("preset")
    return ProjectTracingModel(
        stored=TracingSettings(
            indexes=None if stored.indexes is None else list(stored.indexes),
            preset="olmotrace" if stored.preset == "olmotrace" else "default",
            options=OptionsModel(**(stored.options or {})),
            snippet_quota_bytes=stored.snippet_quota,
        ),
        effective=EffectiveTracing(
            indexes=list(effective.indexes),
            preset=preset,
            options=options,
            snippet_quota_bytes=effective.snippet_quota,
        ),
    )
