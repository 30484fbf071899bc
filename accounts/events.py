"""What happens here and may concern the folders above; emitted within the transaction.

The agent's row is locked by then, and agents come after conversations in the order of locks: a listener
that wants to move conversations notes it down and does so in a transaction of its own.
"""

from dataclasses import dataclass

PRESENCE_TOPIC = "accounts.presence"
"""Bus topic after a change of presence; payload `{user_id, status}`."""

ACCESS_TOPIC = "accounts.access"
"""Bus topic after a change of role or the end of sessions; payload `{user_id}`: sockets look again."""


@dataclass(frozen=True, slots=True)
class PresenceChanged:
    """`status` is what others now see: online, away or offline."""

    user_id: str
    status: str


@dataclass(frozen=True, slots=True)
class AgentLost:
    """The heartbeat stopped; the chosen status stays, so that coming back needs no click."""

    user_id: str


@dataclass(frozen=True, slots=True)
class AccessChanged:
    """Role, activity or sessions of this person are no longer what an open socket may believe."""

    user_id: str
