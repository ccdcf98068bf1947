"""Settings, read once from RAG_* variables, cast once, refused loudly."""

import ipaddress
import os
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Literal
from urllib.parse import urlsplit

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator

from rag.errors import SettingError

__all__ = ["Settings", "Way", "is_loopback", "read_settings"]

ROOT = Path(__file__).resolve().parent
MODELS = ROOT / "models"

OPTIONS = ("host", "port", "index")
"""Settings that commands take as options, too: what is wrong with one is said of the option that was written."""

SHORTEST_SECRET = 24
"""Characters: 18 random bytes in base64."""

Way = Literal["key", "login", "proxy"]
_rate = re.compile(r"0|[1-9]\d{0,5}/(second|minute|hour)")


def is_loopback(host: str) -> bool:
    """Tell whether only this machine reaches a server that listens there."""
    return host in ("127.0.0.1", "localhost", "::1")


class Settings(BaseModel):
    """Everything that can be set; docs/settings.md lists each with its meaning."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    index: Path = Path("index")
    database: str = Field("", repr=False)
    """A PostgreSQL that several servers share; `index` is then the folder of this machine's copy."""
    vectors: Literal["local", "database"] = "local"
    """database: the PostgreSQL searches the vectors, for more of them than a machine's memory holds."""
    state: Path = Path("state")
    """A folder for what readers leave: feedback. It is made when there is something to keep."""
    added: Path = Path("added")
    """A folder for the articles that editors add from the page; it is a source like any other that was built."""
    edit: bool = True
    """Whether articles can be added and withdrawn over HTTP at all, by those who may."""
    editors: tuple[str, ...] = ()
    """People, as the proxy names them, who may add and withdraw."""
    webhooks: tuple[str, ...] = ()
    """Addresses that are told when articles were added or removed."""
    webhook_secret: str = ""
    """What these messages are signed with."""
    identity_secret: str = ""
    """What other sites sign the names of their visitors with."""
    keep_questions: bool = False
    """Whether questions that were refused are kept for the editor's desk; the page says so."""
    host: str = "127.0.0.1"
    port: int = Field(7860, ge=0, le=65535)
    root_path: str = ""
    embedder: str = ""
    """A sentence-transformers folder or cached model; "" is the encoder that is bundled."""
    reader: str = ""
    """A folder with a reader of ours; "" is the reader that is bundled."""
    min_confidence: float | None = Field(None, ge=0, le=1)
    """Answers less probable than this are refused; None takes the value stored with the calibration."""
    allowed_origins: tuple[str, ...] = ()
    allowed_hosts: tuple[str, ...] = ()
    access: tuple[Way, ...] = ()
    """Ways in: key (a header), login (a page that asks for a key), proxy (a name its proxy vouches for); none: open."""
    trusted_proxies: tuple[str, ...] = ()
    """Addresses and networks whose forwarding headers are believed."""
    user_header: str = Field("X-Forwarded-User", pattern="^[A-Za-z0-9-]+$")
    """The header in which a trusted proxy names the person it has signed in."""
    rate: str = ""
    """Questions one visitor may ask, as 120/minute; 0 is no limit, "" is 120/minute where others reach the server."""
    log: Literal["", "json"] = ""
    """json: one line of JSON for each request, and for everything else that is logged."""
    threads: int = Field(0, ge=0, le=64)
    """Threads of the model runtime; 0 takes the machine's cores."""

    @property
    def behind_proxy(self) -> bool:
        """Whether the settings tell of a proxy: it is named, or a path or a host name is that only a proxy gives."""
        named = any(not is_loopback(host) for host in self.allowed_hosts)
        return bool(self.trusted_proxies or self.root_path or (named and is_loopback(self.host)))

    @field_validator(
        "allowed_origins", "allowed_hosts", "access", "editors", "trusted_proxies", "webhooks", mode="before"
    )
    @classmethod
    def _split(cls, value: Any) -> Any:
        """Read "a, b" or "a b" as two entries."""
        return tuple(value.replace(",", " ").split()) if isinstance(value, str) else value

    @field_validator("database")
    @classmethod
    def _database(cls, value: str) -> str:
        if value and urlsplit(value).scheme not in ("postgresql", "postgres"):
            raise ValueError("write it as postgresql://user@host/name")
        return value

    @field_validator("webhooks")
    @classmethod
    def _addresses(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        parts = map(urlsplit, value)
        if not all(one.scheme in ("http", "https") and one.hostname for one in parts):
            raise ValueError("write each address as http(s)://host/path")
        return value

    @field_validator("trusted_proxies")
    @classmethod
    def _networks(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        """Take addresses and networks, not names: a name is whatever the resolver says."""
        for one in value:
            ipaddress.ip_network(one, strict=False)
        return value

    @field_validator("rate")
    @classmethod
    def _count(cls, value: str) -> str:
        if value and not _rate.fullmatch(value):
            raise ValueError("write it as 120/minute, 5/second, 1000/hour or 0")
        return value

    @field_validator("root_path")
    @classmethod
    def _prefix(cls, value: str) -> str:
        """Take /news and /news/ alike."""
        found = value.rstrip("/")
        if found and (not found.startswith("/") or not found.isascii() or set(found) & set(" ?#%\\\"'<>")):
            raise ValueError("write the path that the proxy shows, such as /news")
        return found

    @field_validator("allowed_origins")
    @classmethod
    def _origins(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        """Take scheme://host[:port] and nothing wider: a star would let any site read the answers."""
        for origin in value:
            scheme, found, host = origin.partition("://")
            if scheme not in ("http", "https") or not found or not host or set(host) & set("/*;'\"?#@ "):
                raise ValueError("write each origin as http(s)://host[:port], without a path or a star")
        return value


def read_settings(environ: Mapping[str, str] | None = None, **overrides: Any) -> Settings:
    """Read the settings from `environ` (default: the process's) with `overrides` on top; None overrides nothing.

    Raises SettingError naming the variable, its value and what is wrong.
    """
    source = os.environ if environ is None else environ
    names = {f"RAG_{name.upper()}": name for name in Settings.model_fields}
    values: dict[str, Any] = {
        names[key]: value for key, value in source.items() if key in names and value != ""
    }
    values |= {name: value for name, value in overrides.items() if value is not None}
    try:
        return _vouched(Settings(**values))
    except ValidationError as error:
        first = error.errors()[0]
        field = str(first["loc"][0])
        name = (
            f"--{field}" if field in OPTIONS and overrides.get(field) is not None else f"RAG_{field.upper()}"
        )
        # In the address of a database there may be a password.
        said = "the wrong form" if field == "database" else f"the value {first['input']!r}"
        raise SettingError(f"{name} has {said}: {first['msg']}.") from None


def _vouched(settings: Settings) -> Settings:
    """Refuse proxies' word where no proxy is named, for anyone could send the header, and secrets that can be guessed."""
    if "proxy" in settings.access and not settings.trusted_proxies:
        raise SettingError(
            "RAG_ACCESS has the value 'proxy' and RAG_TRUSTED_PROXIES none: name the proxy's address there, for example "
            "127.0.0.1; without it anyone could write the header that names who is asking."
        )
    if settings.vectors == "database" and not settings.database:
        raise SettingError("RAG_VECTORS has the value 'database' and RAG_DATABASE none: name the database.")
    if settings.webhooks and len(settings.webhook_secret) < SHORTEST_SECRET:
        raise SettingError(
            f"RAG_WEBHOOKS needs RAG_WEBHOOK_SECRET of at least {SHORTEST_SECRET} characters, with which messages are "
            "signed; `openssl rand -base64 32` makes one."
        )
    if 0 < len(settings.identity_secret) < SHORTEST_SECRET:
        raise SettingError(
            f"RAG_IDENTITY_SECRET has fewer than {SHORTEST_SECRET} characters, which can be guessed; `openssl rand -base64 32` "
            "makes one."
        )
    return settings
