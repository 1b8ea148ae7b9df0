"""Who may do what: callers, their roles and projects."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from wherefrom.errors import AccessError


class Role(StrEnum):
    """What a key allows. A key that may administer may do everything; the other two exclude each other."""

    INGEST = "ingest"
    READ = "read"
    ADMIN = "admin"


@dataclass(frozen=True, slots=True)
class Caller:
    """Who sent a request.

    Attributes:
        project: the only project they may see or write; None: all.
        key_id: of their API key; None: a request from this machine, without one.
    """

    role: Role
    project: str | None = None
    key_id: str | None = None

    @classmethod
    def anyone(cls) -> Caller:
        """Who calls on loopback, where no key is needed."""
        return cls(Role.ADMIN)

    def may(self, role: Role) -> bool:
        """Whether the caller may do what `role` may."""
        return self.role in (Role.ADMIN, role)

    def project_or(self, named: str | None) -> str | None:
        """The project that a request is about: the one it names, if the caller may; theirs if it names none.

        Raises:
            AccessError: it names another than the caller's.
        """
        if self.project is None or named is None or named == self.project:
            return named if self.project is None else self.project
        raise AccessError(f"This API key belongs to the project {self.project!r} and may use no other.")
