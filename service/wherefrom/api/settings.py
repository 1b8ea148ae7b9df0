"""What the service is told: from the command line, from `WHEREFROM_*` variables, from a TOML file; in this order."""

from __future__ import annotations

import os
import re
import tomllib
from contextvars import ContextVar
from functools import lru_cache
from ipaddress import ip_address
from pathlib import Path
from typing import Annotated, Any
from urllib.parse import urlsplit

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict

from wherefrom_indexer.errors import UsageError

MIB = 1 << 20
_UPSTREAM = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")


def default_store() -> str:
    """The folder of the traces where none is named: the user's own data, as the XDG convention has it."""
    data = os.environ.get("XDG_DATA_HOME") or str(Path.home() / ".local" / "share")
    return str(Path(data) / "wherefrom")


@lru_cache(maxsize=1024)  # asked for every request
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


def _upstream_name(name: str) -> str:
    if not _UPSTREAM.fullmatch(name):
        raise ValueError(
            f"{name[:100]!r} is no name of an upstream: at most 64 letters, digits, dots, dashes and lines"
        )
    return name


def _upstream_url(address: str) -> str:
    parts = urlsplit(address)
    if parts.scheme not in ("http", "https") or not parts.hostname or parts.query or parts.fragment or "@" in address:
        raise ValueError("no address of an upstream: https://host/path, without credentials, query or fragment")
    return address.rstrip("/")


IndexName = Annotated[str, AfterValidator(_index_name)]
UpstreamName = Annotated[str, AfterValidator(_upstream_name)]
UpstreamUrl = Annotated[str, AfterValidator(_upstream_url)]
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
    for name in ("samples", "audits"):
        if isinstance(found.get(name), str):
            found[name] = str(folder / found[name])
    if isinstance(found.get("store"), str) and "://" not in found["store"]:
        found["store"] = str(folder / found["store"])
    return found


def _sentence(error: ValidationError) -> str:
    """The first fault, without the value: it may be a password."""
    first = error.errors(include_url=False, include_input=False)[0]
    name = ".".join(str(part) for part in first["loc"])
    return f"The setting {name} cannot be used: {first['msg']}; docs/api.md lists the settings."


class Settings(BaseSettings):
    """Everything that can be set. Sizes are bytes, times seconds where the name says nothing else."""

    model_config = SettingsConfigDict(
        env_prefix="WHEREFROM_",
        env_nested_delimiter="__",
        extra="forbid",
        frozen=True,
        validate_default=True,
        use_attribute_docstrings=True,
    )

    host: str = "127.0.0.1"
    """Address to listen at; any but a loopback address needs API keys."""
    port: Annotated[int, Field(ge=0, le=65_535)] = 8484
    """Port to listen at; 0: any that is free."""
    require_keys: bool = False
    """API keys are needed on loopback as well, for a service behind a proxy."""
    allowed_hosts: tuple[str, ...] = ()
    """Names other than loopback's that Host may give where no key is needed."""
    allowed_origins: tuple[str, ...] = ()
    """Origins (scheme://host:port) whose web pages may use the service, besides its own."""
    max_connections: Count = 1_000
    """Open connections; more are answered 503."""
    header_timeout_s: Seconds = 10.0
    """A client that takes longer to send its headers is disconnected."""
    body_timeout_s: Seconds = 60.0
    """A client that takes longer to send its body is answered 408."""
    write_timeout_s: Seconds = 60.0
    """A client that takes none of its answer for so long is disconnected."""
    keep_alive_s: Seconds = 30.0
    """An idle connection is closed after this time."""
    shutdown_s: Seconds = 20.0
    """Requests under way are ended this long after the service was asked to stop."""

    indexes: dict[IndexName, Path] = {}
    """Folders of the indexes to search, by name."""
    processes: Count | None = None
    """Search processes; none given: as many as cores may be used."""
    waiting: Count = 32
    """Searches that may wait for a process; more are answered 429."""
    deadline_s: Seconds = 10.0
    """A search that takes longer is ended and answered 504."""
    cache_bytes: Annotated[int, Field(ge=0)] = 64 * MIB
    """Memory for results that may be asked for again; 0: no cache."""

    store: Annotated[str, Field(default_factory=default_store, min_length=1)]
    """Where traces are kept: a folder (SQLite) or the URL of a PostgreSQL database."""
    attach: bool = True
    """Generations are traced by this process; otherwise run `wherefrom worker`."""
    retention_days: Count | None = None
    """Traces are deleted this long after they arrived; none given: never."""
    raw_retention_hours: Annotated[int, Field(ge=0)] = 24
    """How long requests are kept as they came; 0: not at all."""
    snippet_quota_bytes: Annotated[int, Field(ge=0)] = 1024 * MIB
    """Storage for snippets, for each project; beyond it provenance is kept without them."""
    projects: dict[str, ProjectSettings] = {}
    """What differs for single projects, by name: indexes, preset, options, retention_days, snippet_quota_bytes."""
    samples: Path | None = None
    """A JSONL file of texts to try in the web interface: name, text, prompt, model, kind, note."""
    audits: Path | None = None
    """A folder of reports of audits to show, or one report."""

    upstreams: dict[UpstreamName, UpstreamUrl] = {}
    """APIs of models that the gateway passes requests on to, by name: the base URL that clients of theirs are given."""
    upstream_timeout_s: Seconds = 600.0
    """An upstream that sends nothing for so long is given up."""
    gateway_memory_bytes: Count = 256 * MIB
    """Memory for the gateway's answers that are to be recorded; beyond it they are passed on and not recorded."""

    max_body_bytes: Count = 32 * MIB
    """Body of a request as sent."""
    max_decoded_bytes: Count = 128 * MIB
    """Body of a request after decompression."""
    max_text_characters: Count = 200_000
    """A text to trace."""
    max_batch_items: Count = 10_000
    """Texts of a batch; spans or runs of a message."""
    max_nesting: Annotated[int, Field(ge=8, le=200)] = 100
    """JSON within JSON."""
    max_attributes: Count = 5_000
    """Attributes of a span."""
    max_attribute_bytes: Count = 8 * MIB
    """One attribute."""
    max_header_bytes: Count = 64 * 1024
    """Request line and headers together."""
    requests_per_second: Annotated[float, Field(gt=0)] | None = 500.0
    """Requests of one API key in the long run; more are answered 429."""
    burst: Count = 1_000
    """Requests of one API key at once, before requests_per_second holds."""

    log_level: Annotated[str, Field(pattern="^(debug|info|warning|error)$")] = "info"
    """debug, info, warning or error."""
    log_format: Annotated[str, Field(pattern="^(json|text)$")] = "json"
    """json: an object a line; text: for people."""
    log_texts: bool = False
    """The log may hold text of prompts and outputs, in the messages of unexpected errors."""

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
