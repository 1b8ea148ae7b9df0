"""What the service is told: from the command line, from `WHEREFROM_*` variables, from a TOML file; in this order."""

from __future__ import annotations

import os
import tomllib
from contextvars import ContextVar
from ipaddress import ip_address
from pathlib import Path
from typing import Annotated, Any

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict

from wherefrom_indexer.errors import UsageError

MIB = 1 << 20


def default_store() -> str:
    """The folder of the traces where none is named: the user's own data, as the XDG convention has it."""
    data = os.environ.get("XDG_DATA_HOME") or str(Path.home() / ".local" / "share")
    return str(Path(data) / "wherefrom")


def is_loopback(host: str) -> bool:
    """Whether only this machine can reach an address; names other than localhost count as reachable by others."""
    if host.lower().rstrip(".") == "localhost":
        return True
    try:
        return ip_address(host.strip("[]").split("%")[0]).is_loopback
    except ValueError:
        return False


def _index_name(name: str) -> str:
    if not name or len(name) > 200 or not name.isprintable() or "/" in name:
        raise ValueError(f"{name!r} is no name of an index: printable characters without /, at most 200")
    return name


IndexName = Annotated[str, AfterValidator(_index_name)]
Count = Annotated[int, Field(ge=1)]
Seconds = Annotated[float, Field(gt=0, allow_inf_nan=False)]


class ProjectSettings(BaseModel):
    """What the service does for one project; what is not given is as for all.

    Attributes:
        indexes: names of the indexes that its generations are traced against.
        preset, options: as for a trace.
        retention_days, snippet_quota_bytes: as in `Settings`.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    indexes: tuple[str, ...] | None = None
    preset: str | None = None
    options: dict[str, Any] | None = None
    retention_days: Count | None = None
    snippet_quota_bytes: Annotated[int, Field(ge=0)] | None = None


_FILE: ContextVar[dict[str, Any]] = ContextVar("_FILE", default={})  # noqa: B039 (never changed)


class _File(PydanticBaseSettingsSource):
    """What the TOML file of the load under way says."""

    def get_field_value(self, field: Any, field_name: str) -> tuple[Any, str, bool]:
        return _FILE.get().get(field_name), field_name, False

    def __call__(self) -> dict[str, Any]:
        return dict(_FILE.get())


def _read(path: Path) -> dict[str, Any]:
    try:
        found = tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise UsageError(f"Cannot read the settings in {path}: {error.strerror or error}.") from error
    except ValueError as error:  # TOMLDecodeError and UnicodeDecodeError are ValueErrors
        raise UsageError(f"The settings in {path} are not TOML: {error}.") from error
    folder = path.resolve().parent  # paths in a file are meant from where the file is
    if isinstance(found.get("indexes"), dict):
        found["indexes"] = {name: str(folder / str(index)) for name, index in found["indexes"].items()}
    if isinstance(found.get("store"), str) and "://" not in found["store"]:
        found["store"] = str(folder / found["store"])
    return found


def _sentence(error: ValidationError) -> str:
    """The first fault, without the value: it may be a password."""
    first = error.errors(include_url=False, include_input=False)[0]
    name = ".".join(str(part) for part in first["loc"])
    return f"The setting {name} cannot be used: {first['msg']}; docs/api.md lists the settings."


class Settings(BaseSettings):
    """Everything that can be set. Sizes are bytes, times seconds where the name says nothing else.

    Where it listens:
        host, port: the address; any but a loopback address needs API keys.
        require_keys: API keys are needed on loopback as well, for services behind a proxy.
        allowed_hosts: names other than loopback's that requests may give in Host where no key is needed.
        allowed_origins: web pages (scheme://host[:port]) of other origins that may use the service.
        max_connections: open connections; more are answered 503.
        header_timeout_s, body_timeout_s, write_timeout_s: a client that takes longer to send its headers, to send its
            body, or to take a piece of the answer is disconnected.
        keep_alive_s: an idle connection is closed.
        shutdown_s: requests under way are ended this long after the service was asked to stop.

    What it searches:
        indexes: folders by name.
        processes: search processes; None: as many as cores may be used.
        waiting: traces that may wait for a process; more are answered 429.
        deadline_s: a search that takes longer is ended.
        cache_bytes: memory for results; 0: no cache.

    What it keeps:
        store: a folder (SQLite) or the URL of a PostgreSQL database.
        attach: generations are traced by this process; otherwise run `wherefrom worker`.
        retention_days: traces are deleted this long after they arrived; None: never.
        raw_retention_hours: how long requests are kept as they came; 0: not at all.
        snippet_quota_bytes: for each project; beyond it provenance is kept without snippets.
        projects: what differs for single projects, by name.

    What it accepts, of any one request:
        max_body_bytes: as sent. max_decoded_bytes: after decompression.
        max_text_characters: a text to trace. max_batch_items: texts of a batch, spans or runs of a message.
        max_nesting: JSON within JSON. max_attributes: of a span. max_attribute_bytes: of one attribute.
        max_header_bytes: request line and headers together.
        requests_per_second, burst: for each API key; None: any number.

    What it tells:
        log_level: debug, info, warning, error. log_format: json, or text for people.
        log_texts: logs may hold text of prompts and outputs.
    """

    model_config = SettingsConfigDict(
        env_prefix="WHEREFROM_", env_nested_delimiter="__", extra="forbid", frozen=True, validate_default=True
    )

    host: str = "127.0.0.1"
    port: Annotated[int, Field(ge=0, le=65_535)] = 8484
    require_keys: bool = False
    allowed_hosts: tuple[str, ...] = ()
    allowed_origins: tuple[str, ...] = ()
    max_connections: Count = 1_000
    header_timeout_s: Seconds = 10.0
    body_timeout_s: Seconds = 60.0
    write_timeout_s: Seconds = 60.0
    keep_alive_s: Seconds = 30.0
    shutdown_s: Seconds = 20.0

    indexes: dict[IndexName, Path] = {}
    processes: Count | None = None
    waiting: Count = 64
    deadline_s: Seconds = 10.0
    cache_bytes: Annotated[int, Field(ge=0)] = 64 * MIB

    store: Annotated[str, Field(default_factory=default_store, min_length=1)]
    attach: bool = True
    retention_days: Count | None = None
    raw_retention_hours: Annotated[int, Field(ge=0)] = 24
    snippet_quota_bytes: Annotated[int, Field(ge=0)] = 1024 * MIB
    projects: dict[str, ProjectSettings] = {}

    max_body_bytes: Count = 32 * MIB
    max_decoded_bytes: Count = 128 * MIB
    max_text_characters: Count = 200_000
    max_batch_items: Count = 10_000
    max_nesting: Annotated[int, Field(ge=8, le=200)] = 100
    max_attributes: Count = 5_000
    max_attribute_bytes: Count = 8 * MIB
    max_header_bytes: Count = 64 * 1024
    requests_per_second: Annotated[float, Field(gt=0)] | None = 500.0
    burst: Count = 1_000

    log_level: Annotated[str, Field(pattern="^(debug|info|warning|error)$")] = "info"
    log_format: Annotated[str, Field(pattern="^(json|text)$")] = "json"
    log_texts: bool = False

    @property
    def needs_keys(self) -> bool:
        """Whether a request without an API key is refused."""
        return self.require_keys or not is_loopback(self.host)

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Arguments before variables before the file, which `load` hands over as an argument of its own."""
        return init_settings, env_settings, _File(settings_cls)

    @classmethod
    def load(cls, config: Path | None = None, **given: Any) -> Settings:
        """Returns the settings.

        Args:
            config: a TOML file; None: `WHEREFROM_CONFIG`, or none.
            given: what the command line says; None is nothing.

        Raises:
            UsageError: the file cannot be read, or a value cannot be used.
        """
        named = config or (Path(os.environ["WHEREFROM_CONFIG"]) if os.environ.get("WHEREFROM_CONFIG") else None)
        token = _FILE.set(_read(named) if named else {})
        try:
            return cls(**{name: value for name, value in given.items() if value is not None})
        except ValidationError as error:
            raise UsageError(_sentence(error)) from error
        finally:
            _FILE.reset(token)
