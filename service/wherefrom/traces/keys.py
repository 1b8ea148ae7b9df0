"""API keys: made once, shown once, stored hashed, revocable."""

from __future__ import annotations

import hashlib
import hmac
import secrets
from collections.abc import Iterable
from dataclasses import dataclass

from sqlalchemy import Connection, insert, select, update

from wherefrom.errors import NotFoundError, RequestError
from wherefrom.traces.placing import project_keys
from wherefrom.traces.schema import api_keys

PREFIX = "wf"
ROLES = ("ingest", "read", "admin")
MAX_LABEL = 200
_ALPHABET = "abcdefghijkmnpqrstuvwxyz23456789"  # nothing that looks like something else


@dataclass(frozen=True, slots=True)
class ApiKey:
    """What is known of a key; the key itself is not.

    Attributes:
        id: the part that may be shown.
        hash: SHA-256 of the whole key, in hex. A key is 256 random bits, so a slow hash would protect nothing more.
        role: ingest, read or admin (which may do both as well).
        project: the only one it is for; None: all.
        used_ns: when it was last seen in use, to the minute.
    """

    id: str
    hash: str
    label: str
    role: str
    project: str | None
    created_ns: int
    used_ns: int | None
    revoked_ns: int | None


def create_key(connection: Connection, role: str, project: str | None, label: str, now_ns: int) -> tuple[str, ApiKey]:
    """Stores a new key; returns it, which is the only time that it is known, and what is stored of it.

    Its project is made, if it is not there: whoever has the key reads empty lists, not that there is no such project.

    Raises:
        RequestError: a role that does not exist, or a label or project that is too long or empty.
    """
    if role not in ROLES:
        raise RequestError(f"The role {role!r} does not exist; it is one of {', '.join(ROLES)}.")
    if len(label) > MAX_LABEL or (project is not None and not 0 < len(project) <= MAX_LABEL):
        raise RequestError(f"A label or a project has at most {MAX_LABEL} characters.")
    if project is not None:
        project_keys(connection, [project], now_ns)
    number = "".join(secrets.choice(_ALPHABET) for _ in range(10))
    key = f"{PREFIX}_{number}_{secrets.token_urlsafe(32)}"
    kept = ApiKey(number, hash_of(key), label, role, project, now_ns, None, None)
    connection.execute(
        insert(api_keys).values(id=kept.id, hash=kept.hash, label=label, role=role, project=project, created_ns=now_ns)
    )
    return key, kept


def list_keys(connection: Connection, *, revoked: bool = True) -> tuple[ApiKey, ...]:
    """All keys, the oldest first."""
    columns = api_keys.c
    query = select(
        columns.id,
        columns.hash,
        columns.label,
        columns.role,
        columns.project,
        columns.created_ns,
        columns.used_ns,
        columns.revoked_ns,
    ).order_by(columns.key)
    if not revoked:
        query = query.where(columns.revoked_ns.is_(None))
    return tuple(ApiKey(*row) for row in connection.execute(query))


def revoke_key(connection: Connection, number: str, now_ns: int) -> None:
    """Makes a key useless, for good.

    Raises:
        NotFoundError: there is none of that id that is still in use.
    """
    query = update(api_keys).where(api_keys.c.id == number, api_keys.c.revoked_ns.is_(None))
    if not connection.execute(query.values(revoked_ns=now_ns)).rowcount:
        raise NotFoundError(f"There is no key {number!r} in use; `wherefrom keys list` shows the keys.")


def note_use(connection: Connection, numbers: Iterable[str], now_ns: int) -> None:
    """Stores that keys were used."""
    connection.execute(update(api_keys).where(api_keys.c.id.in_(sorted(numbers))).values(used_ns=now_ns))


def hash_of(key: str) -> str:
    """What is stored in place of a key."""
    return hashlib.sha256(key.encode("utf-8", "surrogatepass")).hexdigest()


def id_of(key: str) -> str:
    """The id in a key; nothing if it is no key of ours."""
    prefix, _, rest = key.partition("_")
    number, _, secret = rest.partition("_")
    return number if prefix == PREFIX and secret else ""


def is_key(key: str, kept: ApiKey) -> bool:
    """Whether `key` is the one that was stored; it takes as long for a wrong one."""
    return hmac.compare_digest(hash_of(key), kept.hash)
