"""The worker's part in proving an address: makes each code at the moment of sending, and mails it."""

import secrets
from collections.abc import Sequence
from datetime import timedelta
from email.message import EmailMessage

import structlog
from sqlalchemy import ColumnElement, Update, and_, func, or_, select, update

from calendars.clock import business_now
from chat import texts
from chat.email_proof import CODE_LIFE, hash_code
from chat.models import Conversation, EmailProof, Inbox
from server.db import Database, ReadSession, WriteSession, db_now, new_id
from server.jobs import Job
from server.mail import Mailer, MailFailed, MailRefused, compose_mail

log = structlog.get_logger(__name__)

LEASE_S = 90.0
"""Longer than the slowest talk with a mail server."""

ATTEMPTS = 8
BACKOFF_S = (2, 4, 8, 16, 32, 64, 120)
"""Waits between attempts: a mail server has some four minutes to come back."""


class CodeMails:
    """Makes codes and mails them; a source of the worker. No session is open while a mail is sent."""

    def __init__(self, db: Database, mailer: Mailer, *, sender: str, secret: str) -> None:
        self._db = db
        self._mailer = mailer
        self._sender = sender
        self._secret = secret

    async def claim(self, limit: int) -> tuple[Sequence[Job], float | None]:
        async with self._db.read() as session:
            due = list(
                await session.scalars(
                    select(EmailProof.id).where(_is_due()).order_by(EmailProof.run_at).limit(limit)
                )
            )
            wait = await _next_in(session)
        jobs: list[Job] = []
        for proof_id in due:
            lease = new_id()
            async with self._db.write() as session:
                claimed = await session.scalar(
                    update(EmailProof)
                    .where(EmailProof.id == proof_id, _is_due())
                    .values(lease=lease, leased_until=db_now(LEASE_S), attempts=EmailProof.attempts + 1)
                    .returning(EmailProof.id)
                    .execution_options(synchronize_session=False)
                )
            if claimed:
                jobs.append(lambda proof_id=proof_id, lease=lease: self._send(proof_id, lease))  # type: ignore[misc]
        return jobs, wait

    async def _send(self, proof_id: str, lease: str) -> None:
        async with self._db.write() as session:
            mail = await self._write(session, proof_id, lease)
        if mail is None:  # a newer code was asked for meanwhile
            return
        try:
            await self._mailer.send(mail)
        except MailFailed as error:
            await self._failed(proof_id, lease, for_good=isinstance(error, MailRefused), cause=str(error))
            return
        async with self._db.write() as session:
            await session.execute(
                _ours(proof_id, lease).values(state="sent", sent_at=await business_now(session), lease=None)
            )

    async def _write(self, session: WriteSession, proof_id: str, lease: str) -> EmailMessage | None:
        """A new code and its mail. One that an earlier attempt may have sent counts no longer."""
        proof = await session.scalar(
            select(EmailProof)
            .where(EmailProof.id == proof_id, EmailProof.lease == lease, EmailProof.state == "due")
            .with_for_update()
        )
        if proof is None:
            return None
        code = f"{secrets.randbelow(10**6):06d}"
        proof.salt = secrets.token_hex(16)
        proof.code_hash = hash_code(code, proof.salt, self._secret)
        proof.expires_at = await business_now(session) + CODE_LIFE
        conversation = await session.get_one(Conversation, proof.conversation_id)
        inbox = await session.get_one(Inbox, conversation.inbox_id)
        said = {"code": code, "minutes": int(CODE_LIFE / timedelta(minutes=1)), "name": inbox.name}
        subject = await texts.render(session, "mail_code_subject", proof.language, said, inbox_key=inbox.key)
        body = await texts.render(session, "mail_code_body", proof.language, said, inbox_key=inbox.key)
        try:
            return compose_mail(
                sender=self._sender,
                to=proof.address,
                subject=subject.text,
                text=body.text,
                language=proof.language,
            )
        except MailRefused:
            proof.state = "failed"
            log.warning("code_not_sent", proof_id=proof_id, cause="not an address that can be written to")
            return None

    async def _failed(self, proof_id: str, lease: str, *, for_good: bool, cause: str) -> None:
        async with self._db.write() as session:
            attempts = await session.scalar(select(EmailProof.attempts).where(EmailProof.id == proof_id)) or 0
            change = _ours(proof_id, lease).values(lease=None, leased_until=None)
            if for_good or attempts >= ATTEMPTS:
                change = change.values(state="failed")
            else:
                change = change.values(run_at=db_now(BACKOFF_S[min(attempts, len(BACKOFF_S)) - 1]))
            await session.execute(change)
        log.warning("code_not_sent", proof_id=proof_id, attempts=attempts, cause=cause, for_good=for_good)


def _is_due() -> ColumnElement[bool]:
    return and_(
        EmailProof.state == "due",
        EmailProof.run_at <= db_now(),
        or_(EmailProof.leased_until.is_(None), EmailProof.leased_until <= db_now()),
    )


def _ours(proof_id: str, lease: str) -> Update:
    return (
        update(EmailProof)
        .where(EmailProof.id == proof_id, EmailProof.lease == lease, EmailProof.state == "due")
        .execution_options(synchronize_session=False)
    )


async def _next_in(session: ReadSession) -> float | None:
    """Seconds until the next mail is to be tried again, by the database's clock."""
    row = (
        await session.execute(
            select(func.min(EmailProof.run_at), db_now()).where(
                EmailProof.state == "due", EmailProof.leased_until.is_(None)
            )
        )
    ).one()
    return max(0.0, (row[0] - row[1]) / timedelta(seconds=1)) if row[0] else None
