"""What changes the accounts: people, signing in and out, presence, the audit log."""

from accounts.service.audit import SYSTEM, Actor, Doer, Target, record_audit, staff_actor
from accounts.service.people import (
    NewUser,
    change_role,
    create_team,
    create_user,
    deactivate,
    name_workplace,
    set_members,
    set_password,
)
from accounts.service.presence import forgive_silence, go_offline, heartbeat, lose_silent, set_presence
from accounts.service.sign_in import (
    SESSION_ENDS_S,
    SESSION_SLIDES_S,
    SLIDE_AFTER_S,
    Attempt,
    end_sessions,
    extend_session,
    log_in,
    log_out,
)

__all__ = [
    "SESSION_ENDS_S",
    "SESSION_SLIDES_S",
    "SLIDE_AFTER_S",
    "SYSTEM",
    "Actor",
    "Attempt",
    "Doer",
    "NewUser",
    "Target",
    "change_role",
    "create_team",
    "create_user",
    "deactivate",
    "end_sessions",
    "extend_session",
    "forgive_silence",
    "go_offline",
    "heartbeat",
    "log_in",
    "log_out",
    "lose_silent",
    "name_workplace",
    "record_audit",
    "set_members",
    "set_password",
    "set_presence",
    "staff_actor",
]
