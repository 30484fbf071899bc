"""Tables of the calendars: the hours of a week, and the dates on which others apply."""

from datetime import date
from typing import Any

from sqlalchemy import JSON, ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from calendars.business_time import BusinessHours, periods, week
from server.db import Base, new_id


class Calendar(Base):
    """Opening hours in a zone. `weekly`: `{"mon": [["09:00", "18:00"]], …}`; overnight: end before start."""

    __tablename__ = "calendars"

    id: Mapped[str] = mapped_column(String(36), primary_key=True, default=new_id)
    key: Mapped[str] = mapped_column(String(80), unique=True)
    name: Mapped[str] = mapped_column(String(200))
    zone: Mapped[str] = mapped_column(String(64))
    weekly: Mapped[dict[str, Any]] = mapped_column(default=dict)

    exceptions: Mapped[list["CalendarException"]] = relationship(
        lazy="raise", order_by="CalendarException.on", cascade="all, delete-orphan"
    )

    def hours(self) -> BusinessHours:
        """The value to calculate with; the exceptions must have been loaded."""
        exceptions = {one.on: periods(one.intervals) for one in self.exceptions}
        return BusinessHours(self.zone, week(self.weekly), exceptions)


class CalendarException(Base):
    """Other hours on one date: `intervals` replaces the whole day, `[]` closes it."""

    __tablename__ = "calendar_exceptions"

    calendar_id: Mapped[str] = mapped_column(ForeignKey("calendars.id", ondelete="CASCADE"), primary_key=True)
    on: Mapped[date] = mapped_column(name="date", primary_key=True)
    intervals: Mapped[list[Any]] = mapped_column(JSON, default=list)
    note: Mapped[str] = mapped_column(String(200), default="")
