"""What people may do: named permissions, and the roles as sets of them."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Literal, get_args

Permission = Literal[
    "conversations.read",
    "conversations.write",
    "conversations.assign",
    "conversations.takeover",
    "messages.recall",
    "customers.read",
    "customers.write",
    "tickets.read",
    "tickets.write",
    "kb.read",
    "kb.write",
    "kb.publish",
    "texts.read",
    "texts.write",
    "users.read",
    "users.write",
    "settings.read",
    "settings.write",
    "audit.read",
    "reports.read",
]

Role = Literal["agent", "supervisor", "admin", "editor", "quality", "analyst"]

PERMISSIONS: frozenset[Permission] = frozenset(get_args(Permission))

_AGENT: frozenset[Permission] = frozenset(
    {
        "conversations.read",
        "conversations.write",
        "customers.read",
        "customers.write",
        "tickets.read",
        "tickets.write",
        "kb.read",
        "texts.read",
    }
)

ROLES: Mapping[Role, frozenset[Permission]] = MappingProxyType(
    {
        "agent": _AGENT,
        "supervisor": _AGENT
        | {
            "conversations.assign",
            "conversations.takeover",
            "messages.recall",
            "kb.write",
            "users.read",
            "settings.read",
            "reports.read",
        },
        "admin": PERMISSIONS,
        "editor": frozenset({"kb.read", "kb.write", "kb.publish", "texts.read", "texts.write"}),
        # Reads everything that was said, changes nothing.
        "quality": frozenset(
            {"conversations.read", "customers.read", "tickets.read", "kb.read", "texts.read", "reports.read"}
        ),
        # Numbers only: never a customer's words.
        "analyst": frozenset({"kb.read", "reports.read"}),
    }
)


def permissions_of(role: str) -> frozenset[Permission]:
    """The permissions of a role; a role that this version does not know may nothing."""
    for known, permissions in ROLES.items():
        if known == role:
            return permissions
    return frozenset()
