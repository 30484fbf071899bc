"""Who a visitor is: identity tokens signed by the host site, and joining what was said anonymously."""

from datetime import UTC, datetime

import jwt
from sqlalchemy import func, select, update

from chat.models import Conversation, Customer, CustomerIdentity, Inbox, InboxKey, VisitorSession
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
        key = await session.scalar(
            select(InboxKey).where(
                InboxKey.kid == kid, InboxKey.inbox_id == inbox.id, InboxKey.revoked_at.is_(None)
            )
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
    return subject


async def identify(
    session: WriteSession, inbox: Inbox, subject: str, current: VisitorSession | None
) -> Customer:
    """The customer of a proven subject; what the visitor said anonymously before joins it.

    An anonymous customer joins only if nothing else proves who they are: a shared device must not hand one
    person's conversation to the next.
    """
    channel = f"host:{inbox.key}"
    known = await session.scalar(
        select(Customer)
        .join(CustomerIdentity, CustomerIdentity.customer_id == Customer.id)
        .where(
            CustomerIdentity.channel == channel,
            CustomerIdentity.value == subject,
            CustomerIdentity.level == "verified",
        )
    )
    anonymous = await _joinable(session, current)
    if known is None:
        known = anonymous or Customer(id=new_id())
        session.add(known)
        await session.flush()
        session.add(CustomerIdentity(customer_id=known.id, channel=channel, value=subject, level="verified"))
    elif anonymous is not None and anonymous.id != known.id:
        await session.execute(
            update(Conversation).where(Conversation.customer_id == anonymous.id).values(customer_id=known.id)
        )
        await session.execute(
            update(VisitorSession)
            .where(VisitorSession.customer_id == anonymous.id)
            .values(customer_id=known.id)
        )
    await session.flush()
    return known


async def _joinable(session: ReadSession, current: VisitorSession | None) -> Customer | None:
    if current is None or current.customer_id is None:
        return None
    proven = await session.scalar(
        select(func.count()).where(
            CustomerIdentity.customer_id == current.customer_id, CustomerIdentity.level == "verified"
        )
    )
    return None if proven else await session.get(Customer, current.customer_id)
