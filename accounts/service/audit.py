"""The audit log's one way in: who did what to which thing."""

from dataclasses import dataclass
from typing import Any, Protocol

from accounts.models import Audit
from server.db import WriteSession


class Doer(Protocol):
    """Whoever did something: any value with a type (`staff`, `customer`, `bot`, `system`) and an id."""

    @property
    def type(self) -> str: ...
    @property
    def id(self) -> str | None: ...


@dataclass(frozen=True, slots=True)
class Actor:
    type: str
    id: str | None = None


@dataclass(frozen=True, slots=True)
class Target:
    type: str
    id: str | None = None


SYSTEM = Actor("system")


def staff_actor(user_id: str) -> Actor:
    return Actor("staff", user_id)


async def record_audit(
    session: WriteSession, actor: Doer, action: str, target: Target, detail: dict[str, Any] | None = None
) -> None:
    """Add a line in this transaction: what was done and its trace stay or vanish together.

    `action` is a past-tense code such as `user.role_changed`. `detail` holds ids and codes, no message
    texts and nothing that somebody typed into a password or e-mail field.
    """
    session.add(
        Audit(
            actor_type=actor.type,
            actor_id=actor.id,
            action=action,
            target_type=target.type,
            target_id=target.id,
            detail=detail or {},
        )
    )
    await session.flush()
