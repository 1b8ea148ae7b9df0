"""What the `type` of a problem leads to: the kinds of problems, explained."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Path
from pydantic import BaseModel, ConfigDict, Field

from wherefrom.api.problems import KINDS, TYPES
from wherefrom.errors import NotFoundError

router = APIRouter(tags=["health"])


class ProblemKind(BaseModel):
    """A kind of problem."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "type": f"{TYPES}too-large",
                "title": "Too large",
                "status": 413,
                "description": "A request larger or deeper than the service accepts; the message names the limit.",
            }
        }
    )

    type: str = Field(description="As problems have it.")
    title: str = Field(description="In words.")
    status: int = Field(description="The HTTP status that comes with it.")
    description: str = Field(description="When it is answered.")


@router.get(
    TYPES + "{kind}",
    summary="Explain a kind of problem",
    responses={404: {"description": "There is no such kind"}},
)
async def problem_kind(kind: Annotated[str, Path(description="The name that the type ends with.")]) -> ProblemKind:
    """The `type` of a problem document is the path of this page."""
    for error, status, name, title in KINDS:
        if name == kind:
            text = " ".join((error.__doc__ or "").partition("\n\n")[0].split())
            return ProblemKind(type=TYPES + name, title=title, status=status, description=text)
    raise NotFoundError(f"There is no kind of problem {kind!r}; the kinds are {', '.join(k[2] for k in KINDS)}.")
