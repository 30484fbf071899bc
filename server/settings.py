"""Every setting of the product, read from the environment and from DATA_DIR/secrets.env."""

import os
import re
import secrets
from functools import cached_property
from pathlib import Path
from typing import Literal, Self

from pydantic import Field, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

ROOT = Path(__file__).resolve().parent.parent


class Settings(BaseSettings):
    """Settings by their environment names; `.env.example` and `docs/operators.md` explain each one."""

    # Some values hold passwords: an error says which setting does not fit, and not what stood there.
    model_config = SettingsConfigDict(extra="ignore", frozen=True, hide_input_in_errors=True)

    deskhand_env: Literal["dev", "test", "production"] = "dev"
    deskhand_test_clock: bool = False
    data_dir: Path = Path("data")
    database_url: str = ""
    redis_url: str = ""
    bus_prefix: str = "deskhand"

    host: str = "127.0.0.1"
    port: int = Field(8000, ge=1, le=65535)
    internal_host: str = "127.0.0.1"
    internal_port: int = Field(8001, ge=1, le=65535)
    internal_url: str = ""
    internal_token: str = ""
    rasa_url: str = "http://127.0.0.1:5005"
    rasa_token: str = ""
    rasa_timeout_s: float = Field(8.0, gt=0)

    public_origin: str = ""
    console_origin: str = ""
    files_origin: str = ""
    forwarded_allow_ips: str = "127.0.0.1"

    worker_in_app: bool = True
    worker_concurrency: int = Field(8, ge=1, le=256)
    bot_settle_ms: int = Field(400, ge=0)
    accept_timeout_s: int = Field(30, ge=1)
    offline_after_s: int = Field(45, ge=2)
    closing_grace_min: int = Field(15, ge=0)

    smtp_url: str = ""
    mail_from: str = ""

    lookup_internal_hosts: str = ""

    embedding_model: str = "packaged:all-MiniLM-L6-v2"
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = "INFO"

    @model_validator(mode="after")
    def _test_clock_only_in_tests(self) -> Self:
        if self.deskhand_test_clock and self.deskhand_env != "test":
            raise ValueError("DESKHAND_TEST_CLOCK=1 is refused unless DESKHAND_ENV=test")
        return self

    @model_validator(mode="after")
    def _mail_has_a_way_and_a_sender(self) -> Self:
        if self.smtp_url and not re.match(r"smtps?://[^/?]", self.smtp_url):
            raise ValueError("SMTP_URL must look like smtp://user:password@host:587 or smtps://…")
        if self.smtp_url and "@" not in self.mail_from:
            raise ValueError("MAIL_FROM must be an address where SMTP_URL is set")
        return self

    @model_validator(mode="after")
    def _internal_hosts_have_ports(self) -> Self:
        place = r"(?:[\w.-]+|\[[0-9a-fA-F:.]+\]):\d{1,5}"
        one = rf"\s*{place}(?:={place})?\s*"
        if not re.fullmatch(rf"(?:{one}(?:,{one})*)?", self.lookup_internal_hosts):
            raise ValueError("LOOKUP_INTERNAL_HOSTS must look like orders.internal:8080,stock.internal:443")
        return self

    @cached_property
    def db_url(self) -> str:
        """SQLAlchemy URL with an async driver; a file in DATA_DIR where none is set."""
        if not self.database_url:
            return f"sqlite+aiosqlite:///{(self.data_dir / 'deskhand.db').resolve()}"
        scheme, _, rest = self.database_url.partition("://")
        drivers = {
            "postgres": "postgresql+psycopg",
            "postgresql": "postgresql+psycopg",
            "sqlite": "sqlite+aiosqlite",
        }
        return f"{drivers.get(scheme, scheme)}://{rest}"

    @cached_property
    def origin(self) -> str:
        return (self.public_origin or f"http://{self.host}:{self.port}").rstrip("/")

    @cached_property
    def allowed_origins(self) -> frozenset[str]:
        """Origins from which staff may call unsafe methods and open sockets."""
        own = {self.origin, self.console_origin.rstrip("/")}
        if self.deskhand_env != "production":
            own |= {f"http://{name}:{self.port}" for name in ("127.0.0.1", "localhost")}
        return frozenset(own - {""})

    @cached_property
    def internal_base(self) -> str:
        return (self.internal_url or f"http://{self.internal_host}:{self.internal_port}").rstrip("/")

    @cached_property
    def https(self) -> bool:
        return (self.console_origin or self.origin).startswith("https://")


def load_settings() -> Settings:
    """Settings from the environment, then from .env; the two tokens are made once and kept.

    Tests (DESKHAND_ENV=test) read no .env: it may name a database that matters.
    Raises ValueError (pydantic) with the setting's name where a value does not fit.
    """
    env_file = None if os.environ.get("DESKHAND_ENV") == "test" else ROOT / ".env"
    settings = Settings(_env_file=env_file)
    kept = _kept_secrets(settings.data_dir)
    missing = {name: kept[name] for name in kept if not getattr(settings, name)}
    return settings.model_copy(update=missing)


def _kept_secrets(data_dir: Path) -> dict[str, str]:
    path = data_dir / "secrets.env"
    names = ("internal_token", "rasa_token")
    if not path.exists():
        data_dir.mkdir(parents=True, exist_ok=True)
        text = "".join(f"{name.upper()}={secrets.token_urlsafe(32)}\n" for name in names)
        try:
            with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
                file.write(text)
        except FileExistsError:  # another process was a moment faster; its tokens count
            pass
    lines = dict(line.split("=", 1) for line in path.read_text().splitlines() if "=" in line)
    return {name: lines[name.upper()] for name in names if name.upper() in lines}
