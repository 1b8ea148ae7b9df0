"""Reports of audits: those that `wherefrom audit`, `contamination` and `extract` wrote into the service's folder."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Path, Response
from fastapi.responses import HTMLResponse
from pydantic import BaseModel, Field

from wherefrom.api.access import Caller
from wherefrom.api.audit_reports import list_reports, read_page, read_report
from wherefrom.api.dependencies import Parts, Reader, in_thread
from wherefrom.api.json_bodies import JsonRoute
from wherefrom.api.provenance_models import Count
from wherefrom.errors import AccessError

router = APIRouter(tags=["audits"], route_class=JsonRoute)

PAGE_POLICY = "; ".join(
    (
        "default-src 'none'",
        "style-src 'unsafe-inline'",
        "img-src data:",
        "base-uri 'none'",
        "form-action 'none'",
        "frame-ancestors 'none'",
        "sandbox",
    )
)
"""A page of a report is a file from a folder: it is shown as if it came from nowhere, and runs and asks for nothing."""

_PAGE_HEADERS = {
    "Content-Security-Policy": PAGE_POLICY,
    "Cache-Control": "no-cache",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}
_MISSING: dict[int | str, dict[str, Any]] = {404: {"description": "There is no such audit"}}

AuditName = Annotated[str, Path(description="Name of an audit: of its folder.", max_length=255)]


class AuditedIndexModel(BaseModel):
    """An index that outputs were compared with."""

    name: str
    version: str


class AuditModel(BaseModel):
    """A report in short."""

    name: str = Field(description="Of its folder.")
    kind: Literal["audit", "contamination", "extraction"] | None = Field(description="Null: it cannot be read.")
    created: str | None = Field(description="The day that the report gives; null: it gives none.")
    examined: Count | None = Field(
        description="How many outputs, items of a benchmark or sequences of training data; null: it does not say."
    )
    indexes: list[AuditedIndexModel]
    has_page: bool = Field(description="Whether the page for people stands beside it.")
    fault: str = Field(description="Why it cannot be read; empty where it can.")


class AuditPage(BaseModel):
    """All reports, the newest first; there is only one page."""

    items: list[AuditModel]
    next: None = None


@router.get("/v1/audits", summary="List the reports of audits")
async def audits(services: Parts, caller: Reader) -> AuditPage:
    """The reports in the folder that the setting `audits` names, those that cannot be read included, and why."""
    _refuse_projects(caller)
    found = await in_thread(list_reports, services.settings.audits)
    return AuditPage(items=[AuditModel.model_validate(asdict(each)) for each in found])


@router.get(
    "/v1/audits/{name}", summary="Read the report of an audit", response_model=dict[str, Any], responses=_MISSING
)
async def audit(name: AuditName, services: Parts, caller: Reader) -> Response:
    """The report as it was written; `docs/audit.schema.json` describes it."""
    _refuse_projects(caller)
    return Response(await in_thread(read_report, services.settings.audits, name), media_type="application/json")


@router.get(
    "/v1/audits/{name}/page",
    summary="Show the page of an audit",
    response_class=HTMLResponse,
    responses=_MISSING,
)
async def page(name: AuditName, services: Parts, caller: Reader) -> Response:
    """The report's own page, under a policy that lets it run and load nothing."""
    _refuse_projects(caller)
    return HTMLResponse(await in_thread(read_page, services.settings.audits, name), headers=_PAGE_HEADERS)


def _refuse_projects(caller: Caller) -> None:
    """Reports hold outputs of whatever they were made of, so a key of one project does not open them.

    Raises:
        AccessError: the caller has one.
    """
    if caller.project is not None:
        raise AccessError(
            "Audits are of no one project, so this API key does not open them; ask for one of all projects."
        )
