"""Who a visitor is: identity tokens signed by the host site, and joining what was said anonymously."""

from datetime import UTC, datetime

import jwt
from sqlalchemy import func, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import aliased

from chat.events import CustomerJoined
from chat.models import (
    Conversation,
    Customer,
    CustomerIdentity,
    EmailProof,
    Inbox,
    InboxKey,
    VisitorSession,
)
from server.db import ReadSession, WriteSession, new_id
from server.errors import Unauthorized

MAX_LIFE_S = 3600
_REFUSED = "The identity token is not valid, so you were not signed in."


async def verified_subject(session: ReadSession, inbox: Inbox, token: str) -> str:
    """The `sub` of a JWT signed with one of the inbox's own keys. Raises Unauthorized for any other token.

    HS256 only; `kid` names the key; `aud` is the inbox; `exp` at most an hour away.
    """
    try:
        kid = str(jwt.get_unverified_header(token).get("kid", ""))
        key = (
            await session.scalar(
                select(InboxKey).where(
                    InboxKey.kid == kid, InboxKey.inbox_id == inbox.id, InboxKey.revoked_at.is_(None)
                )
            )
            if kid.isprintable()
            else None
        )
        if key is None:
            raise Unauthorized(_REFUSED)
        claims = jwt.decode(
            token,
            key.secret,
            algorithms=["HS256"],
            audience=inbox.key,
            options={"require": ["sub", "aud", "exp"], "strict_aud": True},
        )
    except jwt.InvalidTokenError:
        raise Unauthorized(_REFUSED) from None
    subject = claims["sub"]
    left_s = claims["exp"] - datetime.now(UTC).timestamp()
    if not isinstance(subject, str) or not 0 < len(subject) <= 254 or left_s > MAX_LIFE_S:
        raise Unauthorized(_REFUSED)
    if not subject.isprintable():
        raise Unauthorized(_REFUSED)
    return subject


async def identify(
    session: WriteSession, inbox: Inbox, subject: str, current: VisitorSession | None
) -> Customer:
    """The customer of a proven subject; what the visitor said anonymously before joins it.

    An anonymous customer joins only if nothing else proves who they are: a shared device must not hand one
    person's conversation to the next.
    """
    channel = f"host:{inbox.key}"
    anonymous = await _joinable(session, inbox, current)
    known = await _known(session, channel, subject)
    if known is None:
        customer = anonymous or Customer(id=new_id())
        try:
            async with session.begin_nested():
                session.add(customer)
                await session.flush()
                session.add(
                    CustomerIdentity(
                        customer_id=customer.id, channel=channel, value=subject, level="verified"
                    )
                )
                await session.flush()
        except IntegrityError:  # the same person's other tab was a moment faster
            known = await _known(session, channel, subject)
        if known is None:
            return customer
    if anonymous is not None and anonymous.id != known.id:
        await _join(session, anonymous, known)
    return known


async def _known(session: ReadSession, channel: str, subject: str) -> Customer | None:
    found: Customer | None = await session.scalar(
        select(Customer)
        .join(CustomerIdentity, CustomerIdentity.customer_id == Customer.id)
        .where(
            CustomerIdentity.channel == channel,
            CustomerIdentity.value == subject,
            CustomerIdentity.level == "verified",
        )
    )
    return found


async def _joinable(session: WriteSession, inbox: Inbox, current: VisitorSession | None) -> Customer | None:
    """The anonymous customer of the visitor's session, locked: who is joined once is proven from then on."""
    if current is None or current.customer_id is None or current.inbox_id != inbox.id:
        return None
    customer = await session.get(Customer, current.customer_id, with_for_update=True)
    proven = await session.scalar(
        select(func.count()).where(
            CustomerIdentity.customer_id == current.customer_id,
            CustomerIdentity.level.in_(("email", "verified")),
        )
    )
    return None if proven else customer


async def _join(session: WriteSession, anonymous: Customer, known: Customer) -> None:
    """Move what the anonymous customer said. A `client_id` that both have used keeps only the known one."""
    other = aliased(Conversation)
    taken = (
        select(other.id)
        .where(other.customer_id == known.id, other.client_id == Conversation.client_id)
        .exists()
    )
    await session.execute(
        update(Conversation)
        .where(Conversation.customer_id == anonymous.id, taken)
        .values(client_id="joined:" + Conversation.id)
        .execution_options(synchronize_session=False)
    )
    for table in (Conversation, VisitorSession, EmailProof):
        await session.execute(
            update(table)
            .where(table.customer_id == anonymous.id)
            .values(customer_id=known.id)
            .execution_options(synchronize_session=False)
        )
    await session.emit(CustomerJoined(anonymous.id, known.id))
