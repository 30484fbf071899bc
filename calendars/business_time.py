"""Business time: when is it open, when next, how much of it lies between two moments, in any zone.

Pure functions of a value. Wall-clock times belong to the calendar's zone, moments are aware datetimes and
come back in UTC. Three rules settle what is otherwise guessed:

- A period belongs to the day on which it begins and may run past midnight. An exception says everything
  about its own date: it replaces that day's periods and cuts off what runs into it from the day before.
- A wall-clock time that the clock shows twice means the first time; one that it skips means the moment of
  the jump. So a period stays in one piece, and neighbours meet, whatever the clocks do.
- All lengths are elapsed time: a night with a change of the clocks is an hour longer or shorter.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from types import MappingProxyType
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

DAY_MIN = 24 * 60
WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")

_TIME_OF_DAY = re.compile(r"([01][0-9]|2[0-3]):[0-5][0-9]|24:00")

# After the last exception the weeks repeat. Even a period that a jump of the clocks swallows once comes
# again a week later: three weeks without an opening mean never.
_REPEATS_AFTER = timedelta(days=21)


class NeverOpen(Exception):
    """The hours hold less business time than was asked for."""


@dataclass(frozen=True, slots=True, order=True)
class Period:
    """Open from one minute of a day to another, counted from midnight; past 1440 it is the next day's."""

    opens: int
    closes: int

    def __post_init__(self) -> None:
        if not (0 <= self.opens < DAY_MIN and self.opens < self.closes <= self.opens + DAY_MIN):
            raise ValueError("a period begins on its day and lasts at most 24 hours")

    @classmethod
    def between(cls, opens: str, closes: str) -> "Period":
        """From "HH:MM" to "HH:MM"; a closing time not after the opening time is the next day's.

        "24:00" closes at midnight. Raises ValueError.
        """
        begin, end = _minutes(opens), _minutes(closes)
        return cls(begin, end if end > begin else end + DAY_MIN)

    def as_text(self) -> list[str]:
        end = self.closes if self.closes <= DAY_MIN else self.closes - DAY_MIN
        return [f"{minute // 60:02}:{minute % 60:02}" for minute in (self.opens, end)]


def _minutes(text: str) -> int:
    if not _TIME_OF_DAY.fullmatch(text):
        raise ValueError(f"not a time of day: {text!r}")
    return int(text[:2]) * 60 + int(text[3:])


@dataclass(frozen=True, slots=True)
class BusinessHours:
    """A zone, the periods of each weekday (Monday first), and dates on which others apply (none = closed)."""

    zone: str
    weekly: tuple[tuple[Period, ...], ...] = ((),) * 7
    exceptions: Mapping[date, tuple[Period, ...]] = field(default_factory=dict, hash=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "exceptions", MappingProxyType(dict(self.exceptions)))
        if len(self.weekly) != 7:
            raise ValueError("a week has seven days")
        load_zone(self.zone)

    def is_open(self, at: datetime) -> bool:
        return any(begin <= at < end for begin, end in self._pieces(_aware(at), until=at))

    def next_opening(self, at: datetime) -> datetime | None:
        """The first moment from `at` on at which it is open: `at` itself while open; None = never again."""
        at = _aware(at)
        for begin, end in self._pieces(at, until=self._horizon(at)):
            if end > at:
                return max(begin, at)
        return None

    def next_closing(self, at: datetime) -> datetime | None:
        """The first moment from `at` on at which it is closed: `at` itself while closed; None = never."""
        at = _aware(at)
        horizon = self._horizon(at)
        closed_from = at
        for begin, end in self._pieces(at, until=horizon):
            if begin > closed_from:
                break
            closed_from = max(closed_from, end)
        return closed_from if closed_from < horizon else None

    def add(self, at: datetime, duration: timedelta) -> datetime:
        """The earliest moment by which `duration` of business time has passed since `at`.

        Nothing at all has passed at `at`, open or not. Raises NeverOpen where the hours do not hold so much.
        """
        at = _aware(at)
        if duration < timedelta(0):
            raise ValueError("a duration of business time is not negative")
        if not duration:
            return at
        left, seen = duration, at
        for begin, end in self._endless_pieces(at):
            begin = max(begin, seen)
            if end <= begin:
                continue
            if end - begin >= left:
                return begin + left
            left -= end - begin
            seen = end
        raise NeverOpen(f"less than {duration} of business time after {at.isoformat()}")

    def between(self, a: datetime, b: datetime) -> timedelta:
        """The business time from `a` to `b`; none if `b` is not later."""
        a, b = _aware(a), _aware(b)
        total, seen = timedelta(0), a
        for begin, end in self._pieces(a, until=b):
            begin, end = max(begin, seen), min(end, b)
            if end > begin:
                total += end - begin
                seen = end
        return total

    def _pieces(self, since: datetime, *, until: datetime) -> Iterator[tuple[datetime, datetime]]:
        """Open pieces from `since` on that begin by `until`; each begins no earlier than the one before.

        They may overlap or meet, and the first may be over already: callers keep what they have seen.
        """
        for begin, end in self._endless_pieces(since):
            if begin > until:
                return
            yield begin, end

    def _endless_pieces(self, since: datetime) -> Iterator[tuple[datetime, datetime]]:
        # From the day before: its last period may run past midnight.
        day = since.astimezone(load_zone(self.zone)).date() - timedelta(days=1)
        last = date(9998, 12, 31) if any(self.weekly) else max(self.exceptions, default=day)
        while day <= last:
            for period in self._periods_on(day):
                begin, end = (_moment(self.zone, day, minute) for minute in (period.opens, period.closes))
                if begin < end:  # else the clocks jumped over all of it
                    yield begin, end
            day += timedelta(days=1)

    def _periods_on(self, day: date) -> list[Period]:
        periods = sorted(self.exceptions.get(day, self.weekly[day.weekday()]))
        if day + timedelta(days=1) not in self.exceptions:
            return periods
        return [Period(period.opens, min(period.closes, DAY_MIN)) for period in periods]

    def _horizon(self, at: datetime) -> datetime:
        """Where looking for a change is pointless: past the last exception every week is like the other."""
        last = max([at.date(), *self.exceptions])
        return datetime.combine(last + _REPEATS_AFTER, time(), UTC)


@lru_cache(maxsize=256)
def load_zone(name: str) -> ZoneInfo:
    """The IANA zone of this name; raises ValueError if there is none."""
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise ValueError(f"not a time zone: {name!r}") from None


def week(days: Mapping[str, Sequence[Sequence[str]]]) -> tuple[tuple[Period, ...], ...]:
    """A week from `{"mon": [["09:00", "18:00"]], …}`; days left out are closed. Raises ValueError."""
    unknown = set(days) - set(WEEKDAYS)
    if unknown:
        raise ValueError(f"not a weekday: {sorted(unknown)[0]!r}")
    return tuple(periods(days.get(day, ())) for day in WEEKDAYS)


def periods(pairs: Sequence[Sequence[str]]) -> tuple[Period, ...]:
    return tuple(Period.between(opens, closes) for opens, closes in pairs)


def _aware(at: datetime) -> datetime:
    if at.tzinfo is None:
        raise ValueError("a moment without a zone is no moment")
    return at.astimezone(UTC)


@lru_cache(maxsize=65_536)
def _moment(zone_name: str, day: date, minute: int) -> datetime:
    """The moment in UTC at which the zone's clock shows this minute of this day for the first time.

    For a minute that the clock skips: the moment of the jump.
    """
    zone = load_zone(zone_name)
    wall = datetime.combine(day, time()) + timedelta(minutes=minute)
    first = wall.replace(tzinfo=zone).astimezone(UTC)
    if first.astimezone(zone).replace(tzinfo=None) == wall:
        return first
    # `fold` picks the offset before (0) or after (1) the jump; the jump lies between the two readings.
    early, late = wall.replace(tzinfo=zone, fold=1).astimezone(UTC), first
    before = early.astimezone(zone).utcoffset()
    while late - early > timedelta(seconds=1):
        middle = early + (late - early) / 2
        if middle.astimezone(zone).utcoffset() == before:
            early = middle
        else:
            late = middle
    return late.replace(microsecond=0)
