"""Tables of the people who work here: users, agents' presence and load, teams, sessions, the audit log."""

from datetime import datetime
from typing import Any, get_args

from sqlalchemy import (
    DDL,
    CheckConstraint,
    ColumnElement,
    Connection,
    ForeignKey,
    Index,
    String,
    and_,
    case,
    event,
    or_,
)
from sqlalchemy.orm import Mapped, Mapper, ORMExecuteState, Session, mapped_column

from accounts.permissions import Role
from server.db import Base, db_now, new_id, utc_now

STATUSES = ("online", "away", "offline")


def _one_of(column: str, values: tuple[str, ...]) -> str:
    return f"{column} IN ({', '.join(repr(value) for value in values)})"


class User(Base):
    """Somebody who works here. Never deleted, only deactivated: what they did keeps their name."""

    __tablename__ = "users"
    __table_args__ = (
        CheckConstraint(_one_of("role", get_args(Role)), name="role_known"),
        CheckConstraint("email = lower(email)", name="email_lower"),
    )

    id: Mapped[str] = mapped_column(String(36), primary_key=True, default=new_id)
    email: Mapped[str] = mapped_column(String(320), unique=True)
    name: Mapped[str] = mapped_column(String(200))
    password_hash: Mapped[str] = mapped_column(String(255))
    role: Mapped[str] = mapped_column(String(20))
    languages: Mapped[list[str]] = mapped_column(default=list)
    active: Mapped[bool] = mapped_column(default=True)
    created_at: Mapped[datetime] = mapped_column(default=utc_now)
    password_changed_at: Mapped[datetime] = mapped_column(default=utc_now)


class Agent(Base):
    """What routing knows of a person who answers customers.

    `load` is changed only by compare-and-set (`load + :w <= capacity`), by whoever assigns work.
    `seen_until` is the end of the last heartbeat's worth on the database's clock; NULL = gone, and known so,
    since `gone_at`.
    """

    __tablename__ = "agents"
    __table_args__ = (
        CheckConstraint(_one_of("chosen_status", STATUSES), name="status_known"),
        CheckConstraint("capacity >= 0", name="capacity_not_negative"),
        CheckConstraint("load >= 0", name="load_not_negative"),
        Index("ix_agents_presence", "chosen_status", "seen_until"),
    )

    user_id: Mapped[str] = mapped_column(ForeignKey("users.id"), primary_key=True)
    capacity: Mapped[int] = mapped_column(default=4)
    load: Mapped[int] = mapped_column(default=0)
    chosen_status: Mapped[str] = mapped_column(String(10), default="offline")
    seen_until: Mapped[datetime | None]
    gone_at: Mapped[datetime | None]
    skills: Mapped[list[str]] = mapped_column(default=list)
    last_assigned_at: Mapped[datetime | None]


def shown_status() -> ColumnElement[str]:
    """The status others see: as chosen while the heartbeat lasts, else `offline`."""
    gone = or_(Agent.seen_until.is_(None), Agent.seen_until <= db_now())
    return case((gone, "offline"), else_=Agent.chosen_status)


def is_online() -> ColumnElement[bool]:
    return and_(Agent.chosen_status == "online", Agent.seen_until > db_now())


class Team(Base):
    __tablename__ = "teams"

    id: Mapped[str] = mapped_column(String(36), primary_key=True, default=new_id)
    key: Mapped[str] = mapped_column(String(80), unique=True)
    name: Mapped[str] = mapped_column(String(200))
    skills: Mapped[list[str]] = mapped_column(default=list)


class TeamMember(Base):
    __tablename__ = "team_members"

    team_id: Mapped[str] = mapped_column(ForeignKey("teams.id"), primary_key=True)
    user_id: Mapped[str] = mapped_column(ForeignKey("users.id"), primary_key=True, index=True)


class StaffSession(Base):
    """A sign-in. The token itself is only in the browser; whoever reads this table cannot use it.

    `expires_at` slides with use and never passes `ends_at`. All four times are the database's clock.
    """

    __tablename__ = "staff_sessions"

    id: Mapped[str] = mapped_column(String(36), primary_key=True, default=new_id)
    token_hash: Mapped[str] = mapped_column(String(64), unique=True)
    user_id: Mapped[str] = mapped_column(ForeignKey("users.id"), index=True)
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    ends_at: Mapped[datetime]
    last_seen_at: Mapped[datetime]
    ip: Mapped[str] = mapped_column(String(64), default="")
    user_agent: Mapped[str] = mapped_column(String(200), default="")
    revoked_at: Mapped[datetime | None]


class Audit(Base):
    """One line of the audit log: who did what to which thing. Only ever added to."""

    __tablename__ = "audit"
    __table_args__ = (Index("ix_audit_target", "target_type", "target_id"),)

    id: Mapped[str] = mapped_column(String(36), primary_key=True, default=new_id)
    at: Mapped[datetime] = mapped_column(default=utc_now, index=True)
    actor_type: Mapped[str] = mapped_column(String(20))
    actor_id: Mapped[str | None] = mapped_column(String(36))
    action: Mapped[str] = mapped_column(String(80), index=True)
    target_type: Mapped[str] = mapped_column(String(40))
    target_id: Mapped[str | None] = mapped_column(String(80))
    detail: Mapped[dict[str, Any]] = mapped_column(default=dict)


class AuditIsAppendOnly(RuntimeError):
    """Somebody tried to change or delete a line of the audit log."""


@event.listens_for(Audit, "before_update")
@event.listens_for(Audit, "before_delete")
def _refuse_row(mapper: Mapper[Audit], connection: Connection, target: Audit) -> None:
    raise AuditIsAppendOnly(f"audit line {target.id} may not be changed")


@event.listens_for(Session, "do_orm_execute")
def _refuse_bulk(state: ORMExecuteState) -> None:
    if (state.is_update or state.is_delete) and state.bind_mapper is Audit.__mapper__:
        raise AuditIsAppendOnly("the audit log may not be changed")


# The guards above catch mistakes in this code; the triggers also catch a hand at the database's prompt.
AUDIT_GUARDS: dict[str, tuple[str, ...]] = {
    "sqlite": tuple(
        f"CREATE TRIGGER audit_no_{verb.lower()} BEFORE {verb} ON audit "
        "BEGIN SELECT RAISE(ABORT, 'the audit log is append-only'); END"
        for verb in ("UPDATE", "DELETE")
    ),
    "postgresql": (
        "CREATE OR REPLACE FUNCTION audit_append_only() RETURNS trigger LANGUAGE plpgsql AS "
        "$$ BEGIN RAISE EXCEPTION 'the audit log is append-only'; END $$",
        "CREATE TRIGGER audit_no_change BEFORE UPDATE OR DELETE ON audit "
        "FOR EACH ROW EXECUTE FUNCTION audit_append_only()",
        "CREATE TRIGGER audit_no_truncate BEFORE TRUNCATE ON audit "
        "FOR EACH STATEMENT EXECUTE FUNCTION audit_append_only()",
    ),
}
"""Statements by dialect name, for migrations; `create_all` runs them by itself."""

for _dialect, _statements in AUDIT_GUARDS.items():
    for _statement in _statements:
        _ddl = DDL(_statement)  # type: ignore[no-untyped-call]
        event.listen(Audit.__table__, "after_create", _ddl.execute_if(dialect=_dialect))
