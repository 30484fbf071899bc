"""Proof of an e-mail address: a code is asked for, mailed (chat/code_mails.py), and typed into the chat.

What the caller hears never depends on whether an address is known here.
"""

import hashlib
import hmac
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from sqlalchemy import case, func, or_, select, update

from calendars.clock import business_now
from chat.models import Conversation, Customer, CustomerIdentity, EmailProof
from server.db import ReadSession, WriteSession, new_id
from server.jobs import WORK

CODE_LIFE = timedelta(minutes=10)
TRIES = 3
LOCK = timedelta(minutes=30)
HOUR = timedelta(hours=1)
MAILS_AN_HOUR_AN_ADDRESS = 3
MAILS_AN_HOUR_A_CUSTOMER = 6
"""Whoever proves more addresses than that in an hour is using us to write to strangers."""

LIVE = ("due", "sent")
LEVELS = ("anonymous", "email", "verified")

Asked = Literal["sent", "limited", "locked", "unavailable"]
Verdict = Literal["right", "wrong", "locked", "expired"]


@dataclass(frozen=True, slots=True)
class Identity:
    """How well a customer is known, and by which addresses."""

    level: str
    email: str | None
    """The address of the best proof; a merely typed one where nothing is proven."""
    proven: tuple[str, ...]


async def identity_of(session: ReadSession, customer_id: str) -> Identity:
    rows = list(
        await session.scalars(select(CustomerIdentity).where(CustomerIdentity.customer_id == customer_id))
    )
    rows.sort(key=lambda row: (LEVELS.index(row.level), row.created_at, row.id), reverse=True)
    mails = [row for row in rows if row.channel == "email"]
    return Identity(
        level=rows[0].level if rows else "anonymous",
        email=mails[0].value if mails else None,
        proven=tuple(row.value for row in mails if row.level != "anonymous"),
    )


async def ask_for_code(session: WriteSession, conversation_id: str, *, key: str, address: str) -> Asked:
    """Have a code mailed to `address`; one for each `key`, and only the newest counts.

    `limited`: too many mails to this address, or asked for by this customer. `locked`: guessed wrong too
    often a while ago. `unavailable`: the last code could not be delivered.
    """
    conversation = await session.get_one(Conversation, conversation_id)
    customer_id, address_key = conversation.customer_id, address.lower()
    await _one_at_a_time(session, customer_id, address_key)
    known = await session.scalar(
        select(EmailProof.id).where(
            EmailProof.conversation_id == conversation_id, EmailProof.request_key == key
        )
    )
    if known:
        return "sent"
    now = await business_now(session)
    if await _is_locked(session, customer_id, address_key, now):
        return "locked"
    if await _undelivered(session, conversation_id, address_key, now):
        return "unavailable"
    if await _too_many(session, customer_id, address_key, now):
        return "limited"
    await session.execute(
        update(EmailProof)
        .where(EmailProof.conversation_id == conversation_id, EmailProof.state.in_(LIVE))
        .values(state="expired")
        .execution_options(synchronize_session=False)
    )
    session.add(
        EmailProof(
            id=new_id(),
            conversation_id=conversation_id,
            customer_id=customer_id,
            request_key=key,
            address=address,
            address_key=address_key,
            language=conversation.language,
            requested_at=now,
        )
    )
    await session.flush()
    session.announce(WORK, {})
    return "sent"


async def _one_at_a_time(session: WriteSession, customer_id: str, address_key: str) -> None:
    """Let nobody else count while we do: not this customer's other tabs, and not others for this address.

    SQLite has one writer at a time anyway. The customer's row is locked lightly: other rows may refer to it.
    """
    await session.execute(
        select(Customer.id).where(Customer.id == customer_id).with_for_update(key_share=True)
    )
    if session.get_bind().dialect.name == "postgresql":
        await session.execute(select(func.pg_advisory_xact_lock(func.hashtextextended(address_key, 0))))


async def _is_locked(session: ReadSession, customer_id: str, address_key: str, now: datetime) -> bool:
    found = await session.scalar(
        select(EmailProof.id)
        .where(
            EmailProof.customer_id == customer_id,
            EmailProof.address_key == address_key,
            EmailProof.locked_until > now,
        )
        .limit(1)
    )
    return found is not None


async def _undelivered(session: ReadSession, conversation_id: str, address_key: str, now: datetime) -> bool:
    last = await _newest(session, conversation_id)
    return (
        last is not None
        and last.address_key == address_key
        and last.state == "failed"
        and last.locked_until is None
        and last.requested_at > now - CODE_LIFE
    )


async def _too_many(session: ReadSession, customer_id: str, address_key: str, now: datetime) -> bool:
    of_address = EmailProof.address_key == address_key
    of_customer = EmailProof.customer_id == customer_id
    row = (
        await session.execute(
            select(
                func.count().filter(of_address).label("to_address"),
                func.count().filter(of_customer).label("by_customer"),
            ).where(or_(of_address, of_customer), EmailProof.requested_at > now - HOUR)
        )
    ).one()
    return bool(row.to_address >= MAILS_AN_HOUR_AN_ADDRESS or row.by_customer >= MAILS_AN_HOUR_A_CUSTOMER)


async def _newest(session: ReadSession, conversation_id: str) -> EmailProof | None:
    """The code that counts, locked: the live one, else the last one that was asked for."""
    is_over = case((EmailProof.state.in_(LIVE), 0), else_=1)
    found: EmailProof | None = await session.scalar(
        select(EmailProof)
        .where(EmailProof.conversation_id == conversation_id)
        .order_by(is_over, EmailProof.id.desc())
        .limit(1)
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    return found


async def check_code(
    session: WriteSession, conversation_id: str, *, key: str, code: str, secret: str
) -> Verdict:
    """Try a code against the newest mail of this conversation; the same `key` again hears the same.

    The right one proves the address for the conversation's customer, and for nobody else. The third wrong
    one locks the address for this customer, in all their conversations.
    """
    conversation = await session.get_one(Conversation, conversation_id)
    await session.execute(
        select(Customer.id).where(Customer.id == conversation.customer_id).with_for_update(key_share=True)
    )
    proof = await _newest(session, conversation_id)
    if proof is None:
        return "expired"
    if key in proof.verdicts:
        heard: Verdict = proof.verdicts[key]
        return heard
    verdict = await _judge(session, proof, code, secret)
    proof.verdicts = {**proof.verdicts, key: verdict}
    if verdict == "right":
        await _prove(session, conversation.customer_id, proof.address)
    await session.flush()
    return verdict


async def _judge(session: WriteSession, proof: EmailProof, code: str, secret: str) -> Verdict:
    now = await business_now(session)
    if await _is_locked(session, proof.customer_id, proof.address_key, now):
        return "locked"
    if proof.state == "due" and not proof.code_hash:
        return "wrong"  # a guess before there is anything to guess
    if proof.state not in LIVE:
        return "expired"
    if proof.expires_at is None or proof.expires_at <= now:
        proof.state = "expired"
        return "expired"
    if hmac.compare_digest(hash_code(code, proof.salt, secret), proof.code_hash):
        proof.state = "proven"
        return "right"
    proof.tries += 1
    if proof.tries < TRIES:
        return "wrong"
    proof.state, proof.locked_until = "failed", now + LOCK
    return "locked"


async def _prove(session: WriteSession, customer_id: str, address: str) -> None:
    """Raise the customer's own identity to `email`; a better proof stays, and others' rows are theirs."""
    known = await session.scalar(
        select(CustomerIdentity)
        .where(
            CustomerIdentity.customer_id == customer_id,
            CustomerIdentity.channel == "email",
            CustomerIdentity.value == address,
        )
        .with_for_update()
    )
    if known is None:
        session.add(CustomerIdentity(customer_id=customer_id, channel="email", value=address, level="email"))
    elif known.level == "anonymous":
        known.level = "email"


def hash_code(code: str, salt: str, secret: str) -> str:
    """A million codes are quickly tried: without the installation's secret the stored hash tells nothing."""
    return hmac.new(secret.encode(), f"{salt}:{code}".encode(), hashlib.sha256).hexdigest()


def masked(address: str) -> str:
    """An address as it may be said aloud: enough to recognise one's own."""
    local, _, domain = address.rpartition("@")
    return f"{local[:1]}•••@{domain}"
