"""What the service is and what its caller may do: what a page needs to know before it asks for anything else."""

from __future__ import annotations

from dataclasses import asdict
from importlib.metadata import version

from fastapi import APIRouter
from pydantic import BaseModel, Field

from wherefrom.api import interface
from wherefrom.api.access import Role
from wherefrom.api.dependencies import Known, Parts
from wherefrom.api.indexes import LONGEST_PHRASE
from wherefrom.api.json_bodies import JsonRoute
from wherefrom.api.provenance_models import Count
from wherefrom.api.samples import Sample
from wherefrom.api.settings import Settings
from wherefrom.api.tracing import OptionsModel
from wherefrom.options import PRESETS, TraceOptions

router = APIRouter(tags=["service"], route_class=JsonRoute)


class CallerModel(BaseModel):
    """Who asks."""

    role: Role = Field(description="What they may do; admin: everything.")
    project: str | None = Field(description="The only project that they may see or write; null: all.")
    has_key: bool = Field(description="Whether they sent an API key that is known.")


class LimitsModel(BaseModel):
    """What the service takes on, and how long it keeps what it has."""

    max_text_characters: Count = Field(description="Of a text to trace, and of its prompt.")
    max_phrase_characters: Count = Field(description="Of a phrase that is counted.")
    max_body_bytes: Count = Field(description="Of a request as sent.")
    max_attribute_bytes: Count = Field(description="Of one attribute of a span.")
    deadline_s: float = Field(description="A search that takes longer is ended.")
    retention_days: Count | None = Field(description="How long traces are kept where the project does not say.")
    snippet_quota_bytes: Count = Field(description="Storage for snippets where the project does not say.")


class ServiceModel(BaseModel):
    """What a page needs to know before it asks for anything else."""

    version: str
    interface: str | None = Field(
        description="Changes with the files of the web interface: an open page sees by it that there are newer ones. "
        "Null: they were not built."
    )
    needs_keys: bool = Field(description="Whether requests without an API key are refused.")
    attaches: bool = Field(description="Whether this process traces the generations that arrive.")
    caller: CallerModel
    limits: LimitsModel
    presets: dict[str, OptionsModel] = Field(description="All options of each preset.")
    samples: list[Sample] = Field(description="Texts to try; empty for those who may not read.")


@router.get("/v1/service", summary="Show what the service is")
async def service(services: Parts, caller: Known) -> ServiceModel:
    """Version, limits, presets, samples, and what the caller may do. Any API key opens it."""
    settings = services.settings
    return ServiceModel(
        version=version("wherefrom"),
        interface=interface.identity(),
        needs_keys=settings.needs_keys,
        attaches=settings.attach,
        caller=CallerModel(role=caller.role, project=caller.project, has_key=caller.key_id is not None),
        limits=_limits(settings),
        presets=_PRESETS,
        samples=list(services.samples) if caller.may(Role.READ) else [],
    )


def _limits(settings: Settings) -> LimitsModel:
    return LimitsModel(
        max_text_characters=settings.max_text_characters,
        max_phrase_characters=LONGEST_PHRASE,
        max_body_bytes=settings.max_body_bytes,
        max_attribute_bytes=settings.max_attribute_bytes,
        deadline_s=settings.deadline_s,
        retention_days=settings.retention_days,
        snippet_quota_bytes=settings.snippet_quota_bytes,
    )


def _options(preset: str) -> OptionsModel:
    options = asdict(TraceOptions.of(preset))
    del options["preset"]
    return OptionsModel(**options)


_PRESETS = {preset: _options(preset) for preset in PRESETS}
