"""Shapes of the calendars."""

from datetime import date
from typing import Annotated, Self

from pydantic import BaseModel, Field, field_validator, model_validator

from calendars.business_time import load_zone, periods, week

Times = list[Annotated[list[str], Field(min_length=2, max_length=2)]]


class ExceptionIn(BaseModel):
    """Other hours on a date; `hours: []` closes it."""

    date: date
    hours: Times
    note: str = Field("", max_length=200)

    @field_validator("hours")
    @classmethod
    def _times(cls, value: Times) -> Times:
        periods(value)
        return value


class CalendarIn(BaseModel):
    """Hours of a week in a zone: `weekly: {"mon": [["09:00", "18:00"]]}`; days left out are closed."""

    name: str = Field(min_length=1, max_length=200)
    zone: str = Field(max_length=64)
    weekly: dict[str, Times]
    exceptions: list[ExceptionIn] = []

    @field_validator("zone")
    @classmethod
    def _known_zone(cls, value: str) -> str:
        load_zone(value)
        return value

    @field_validator("weekly")
    @classmethod
    def _week(cls, value: dict[str, Times]) -> dict[str, Times]:
        week(value)
        return value

    @model_validator(mode="after")
    def _one_per_date(self) -> Self:
        dates = [one.date for one in self.exceptions]
        if len(set(dates)) < len(dates):
            raise ValueError("a date has one exception at most")
        return self
