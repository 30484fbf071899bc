"""Mail that the desk sends: written safely, handed to an SMTP server, or laid into a folder on a laptop.

MailFailed         not sent; may be tried again
└── MailRefused    the server will never take this one
"""

import asyncio
import os
import ssl
from dataclasses import dataclass, field
from email.errors import MessageError
from email.headerregistry import Address
from email.message import EmailMessage
from email.utils import formatdate, make_msgid, parseaddr
from pathlib import Path
from typing import Protocol
from urllib.parse import SplitResult, parse_qs, unquote, urlsplit

import aiosmtplib
import structlog

from server.db import new_id
from server.settings import Settings

log = structlog.get_logger(__name__)

TIMEOUT_S = 20.0
"""For each step of the talk with the server."""

_LOCAL_SENDER = "Deskhand <no-reply@localhost>"
_PORTS = {"smtp": 587, "smtps": 465}
_STARTTLS = {"required": True, "offered": None, "off": False}


class MailFailed(Exception):
    """The mail was not sent; the words name no address."""


class MailRefused(MailFailed):
    """The server refuses this mail for good: there is no such mailbox, say."""


class Mailer(Protocol):
    async def send(self, mail: EmailMessage) -> None:
        """Hand the mail over. Raises MailFailed, MailRefused."""
        ...


def compose_mail(*, sender: str, to: str, subject: str, text: str, language: str) -> EmailMessage:
    """A plain-text mail. Neither a name nor a text that somebody typed can add a header or an address.

    Raises MailRefused for an address that cannot stand in a header.
    """
    name, address = parseaddr(sender)
    mail = EmailMessage()
    try:
        mail["From"] = Address(name, addr_spec=address)
        mail["To"] = Address(addr_spec=_in_ascii(to))
    # What the standard library raises for what is no address, or one that only few servers can take.
    except (ValueError, IndexError, MessageError):
        raise MailRefused("not an address") from None
    mail["Subject"] = " ".join(subject.split())
    mail["Date"] = formatdate()
    mail["Message-ID"] = make_msgid(domain=address.rpartition("@")[2] or None)
    mail["Auto-Submitted"] = "auto-generated"  # RFC 3834: no holiday notice comes back
    mail.set_content(text)  # which would take away a language that was set before it
    mail["Content-Language"] = language
    return mail


def _in_ascii(address: str) -> str:
    """The address with an international domain as the mail servers know it."""
    local, _, domain = address.rpartition("@")
    return f"{local}@{domain.encode('idna').decode()}"


@dataclass(frozen=True, slots=True)
class SmtpMailer:
    """Sends through one SMTP server, with a connection for each mail."""

    host: str
    port: int
    username: str | None = None
    password: str | None = field(default=None, repr=False)
    tls: bool = False
    """TLS from the first byte."""
    starttls: bool | None = None
    """True: never without; None: where the server offers it; False: never."""
    tls_context: ssl.SSLContext | None = None

    @classmethod
    def from_url(cls, url: str, *, tls_context: ssl.SSLContext | None = None) -> "SmtpMailer":
        """`smtp://user:password@host:587?starttls=required|offered|off` or `smtps://…`.

        A password never travels without TLS unless `starttls=off` is written out. Raises ValueError, whose
        words do not repeat the URL.
        """
        parts = urlsplit(url)
        if parts.scheme not in _PORTS or not parts.hostname:
            raise ValueError("SMTP_URL must look like smtp://user:password@host:587 or smtps://…")
        return cls(
            host=parts.hostname,
            port=parts.port or _PORTS[parts.scheme],
            username=unquote(parts.username) if parts.username else None,
            password=unquote(parts.password) if parts.password else None,
            tls=parts.scheme == "smtps",
            starttls=_starttls(parts),
            tls_context=tls_context,
        )

    async def send(self, mail: EmailMessage) -> None:
        try:
            await aiosmtplib.send(
                mail,
                hostname=self.host,
                port=self.port,
                username=self.username,
                password=self.password,
                use_tls=self.tls,
                start_tls=self.starttls,
                tls_context=self.tls_context,
                timeout=TIMEOUT_S,
            )
        except aiosmtplib.SMTPRecipientsRefused as refused:
            worst = max(one.code for one in refused.recipients)
            raise (MailRefused if worst >= 500 else MailFailed)(f"recipient refused: {worst}") from None
        except aiosmtplib.SMTPDataError as refused:
            raise (MailRefused if refused.code >= 500 else MailFailed)(f"refused: {refused.code}") from None
        except (aiosmtplib.SMTPException, OSError, ssl.SSLError) as error:
            raise MailFailed(type(error).__name__) from error
        log.info("mail_sent")


def _starttls(parts: SplitResult) -> bool | None:
    if parts.scheme == "smtps":
        return False
    wanted = parse_qs(parts.query).get("starttls", ["required" if parts.password else "offered"])[0]
    if wanted not in _STARTTLS:
        raise ValueError("SMTP_URL: starttls is required, offered or off")
    return _STARTTLS[wanted]


@dataclass(frozen=True, slots=True)
class FolderMailer:
    """Without a mail server: each mail becomes a file that only this user can read."""

    folder: Path

    async def send(self, mail: EmailMessage) -> None:
        name = f"{new_id()}.eml"
        try:
            await asyncio.to_thread(self._write, name, mail.as_bytes())
        except OSError as error:
            raise MailFailed(type(error).__name__) from error
        log.warning("mail_written_to_folder", file=name, reason="SMTP_URL is empty")

    def _write(self, name: str, content: bytes) -> None:
        self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        with os.fdopen(
            os.open(self.folder / name, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb"
        ) as file:
            file.write(content)


def make_mailer(settings: Settings) -> Mailer:
    """The mail server of SMTP_URL, or the folder `DATA_DIR/mail`."""
    if settings.smtp_url:
        return SmtpMailer.from_url(settings.smtp_url)
    return FolderMailer(settings.data_dir / "mail")


def sender_of(settings: Settings) -> str:
    return settings.mail_from or _LOCAL_SENDER
