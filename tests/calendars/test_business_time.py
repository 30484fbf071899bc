"""Business time against a clock on the wall: dates that one can check, and properties with random hours.

The oracle knows nothing of offsets and folds. It walks minute by minute and reads the wall clock, with one
rule: a clock that is set back is read as standing still until it shows something new.
"""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from functools import cache
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from calendars.business_time import (
    DAY_MIN,
    WEEKDAYS,
    BusinessHours,
    NeverOpen,
    Period,
    load_zone,
    periods,
    week,
)

MINUTE = timedelta(minutes=1)
AMSTERDAM = "Europe/Amsterdam"
OFFICE = {day: [["09:00", "18:00"]] for day in ("mon", "tue", "wed", "thu", "fri")}


def at(text: str, zone: str = AMSTERDAM, *, fold: int = 0) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone), fold=fold).astimezone(UTC)


def office(**exceptions: list[list[str]]) -> BusinessHours:
    """Mon to Fri 9 to 18; `on_2026_12_25=[]` closes Christmas."""
    dates = {
        date.fromisoformat(name[3:].replace("_", "-")): periods(hours) for name, hours in exceptions.items()
    }
    return BusinessHours(AMSTERDAM, week(OFFICE), dates)


class TestExamples:
    def test_open_from_the_first_minute_to_before_the_last(self) -> None:
        hours = office()
        assert not hours.is_open(at("2026-11-23 08:59"))
        assert hours.is_open(at("2026-11-23 09:00"))
        assert hours.is_open(at("2026-11-23 17:59"))
        assert not hours.is_open(at("2026-11-23 18:00"))
        assert not hours.is_open(at("2026-11-22 12:00")), "Sunday"

    def test_the_weekend_is_bridged(self) -> None:
        hours = office()
        friday = at("2026-11-20 17:30")
        assert hours.next_closing(friday) == at("2026-11-20 18:00")
        assert hours.next_opening(at("2026-11-20 18:00")) == at("2026-11-23 09:00")
        assert hours.add(friday, timedelta(hours=1)) == at("2026-11-23 09:30")
        assert hours.between(friday, at("2026-11-23 10:00")) == timedelta(hours=1.5)

    def test_what_is_open_opens_now_and_what_is_closed_closes_now(self) -> None:
        hours = office()
        noon, night = at("2026-11-23 12:00"), at("2026-11-23 22:00")
        assert hours.next_opening(noon) == noon
        assert hours.next_closing(night) == night

    def test_a_duration_that_just_fits_ends_at_closing_not_at_the_next_opening(self) -> None:
        assert office().add(at("2026-11-20 17:00"), timedelta(hours=1)) == at("2026-11-20 18:00")

    def test_nothing_at_all_has_passed_at_once(self) -> None:
        night = at("2026-11-23 22:00")
        assert office().add(night, timedelta(0)) == night

    def test_a_lunch_break_belongs_to_nobody(self) -> None:
        hours = BusinessHours(AMSTERDAM, week({"mon": [["13:00", "17:00"], ["09:00", "12:30"]]}))
        assert not hours.is_open(at("2026-11-23 12:45"))
        assert hours.next_closing(at("2026-11-23 10:00")) == at("2026-11-23 12:30")
        assert hours.between(at("2026-11-23 00:00"), at("2026-11-24 00:00")) == timedelta(hours=7.5)

    def test_periods_that_meet_or_overlap_are_one(self) -> None:
        hours = BusinessHours(
            AMSTERDAM, week({"mon": [["09:00", "12:00"], ["12:00", "15:00"], ["14:00", "17:00"]]})
        )
        assert hours.next_closing(at("2026-11-23 10:00")) == at("2026-11-23 17:00")
        assert hours.between(at("2026-11-23 00:00"), at("2026-11-24 00:00")) == timedelta(hours=8)

    def test_a_night_shift_runs_into_the_next_day(self) -> None:
        hours = BusinessHours(AMSTERDAM, week({"fri": [["22:00", "06:00"]]}))
        assert hours.is_open(at("2026-11-21 05:59"))
        assert not hours.is_open(at("2026-11-21 06:00"))
        assert not hours.is_open(at("2026-11-20 05:00")), "Thursday has no night shift"
        assert hours.next_closing(at("2026-11-20 23:00")) == at("2026-11-21 06:00")

    def test_an_exception_closes_and_another_opens(self) -> None:
        # The Christmas of 2026 is a Friday, the Sunday before is opened.
        hours = office(on_2026_12_25=[], on_2026_12_20=[["10:00", "14:00"]])
        assert not hours.is_open(at("2026-12-25 12:00"))
        assert hours.next_opening(at("2026-12-24 18:00")) == at("2026-12-28 09:00")
        assert hours.is_open(at("2026-12-20 12:00"))
        assert hours.next_opening(at("2026-12-19 12:00")) == at("2026-12-20 10:00")

    def test_a_make_up_working_day_in_china(self) -> None:
        # 20 September 2026 is a Sunday on which China works; 25 September, a Friday, is a holiday.
        hours = BusinessHours(
            "Asia/Shanghai",
            week(OFFICE),
            {date(2026, 9, 20): periods([["09:00", "18:00"]]), date(2026, 9, 25): ()},
        )
        assert hours.is_open(at("2026-09-20 10:00", "Asia/Shanghai"))
        assert hours.next_opening(at("2026-09-24 18:00", "Asia/Shanghai")) == at(
            "2026-09-28 09:00", "Asia/Shanghai"
        )

    def test_an_exception_says_everything_about_its_date(self) -> None:
        nights = {day: [["22:00", "06:00"]] for day in ("wed", "thu", "fri")}
        hours = BusinessHours(AMSTERDAM, week(nights), {date(2026, 12, 25): ()})
        assert hours.is_open(at("2026-12-24 23:59"))
        assert not hours.is_open(at("2026-12-25 00:00")), (
            "the shift of the 24th ends where the holiday begins"
        )
        assert not hours.is_open(at("2026-12-25 23:00"))
        assert not hours.is_open(at("2026-12-26 03:00")), "no shift began on the 25th"
        kept = BusinessHours(AMSTERDAM, week(nights), {date(2026, 12, 25): periods([["00:00", "06:00"]])})
        assert kept.next_closing(at("2026-12-24 23:00")) == at("2026-12-25 06:00")

    def test_round_the_clock_never_closes(self) -> None:
        every_day = {day: [["00:00", "24:00"]] for day in WEEKDAYS}
        hours = BusinessHours(AMSTERDAM, week(every_day))
        now = at("2026-11-23 12:00")
        assert hours.next_closing(now) is None
        assert hours.next_opening(now) == now
        assert hours.add(now, timedelta(days=400)) == now + timedelta(days=400)
        but_for_new_year = BusinessHours(AMSTERDAM, week(every_day), {date(2028, 1, 1): ()})
        assert but_for_new_year.next_closing(now) == at("2028-01-01 00:00")

    def test_never_open_is_said_not_searched_for_ever(self) -> None:
        hours = BusinessHours(AMSTERDAM, exceptions={date(2026, 11, 23): periods([["09:00", "10:00"]])})
        before, after = at("2026-11-01 00:00"), at("2026-12-01 00:00")
        assert hours.next_opening(before) == at("2026-11-23 09:00")
        assert hours.next_opening(after) is None
        assert hours.add(before, timedelta(hours=1)) == at("2026-11-23 10:00")
        with pytest.raises(NeverOpen):
            hours.add(before, timedelta(hours=2))
        assert BusinessHours("UTC").next_opening(after) is None

    def test_a_year_without_any_opening_before_the_next(self) -> None:
        closed = {date(2027, 1, 1) + timedelta(days=n): () for n in range(365)}
        hours = BusinessHours("UTC", week(OFFICE), closed)
        assert hours.next_opening(datetime(2027, 1, 1, tzinfo=UTC)) == datetime(2028, 1, 3, 9, tzinfo=UTC)

    def test_the_value_cannot_be_changed_and_a_moment_needs_a_zone(self) -> None:
        hours = office()
        with pytest.raises(TypeError):
            hours.exceptions[date(2026, 1, 1)] = ()  # type: ignore[index]
        for call in (hours.is_open, hours.next_opening, hours.next_closing):
            with pytest.raises(ValueError, match="zone"):
                call(datetime(2026, 11, 23, 12))
        with pytest.raises(ValueError, match="negative"):
            hours.add(at("2026-11-23 12:00"), timedelta(seconds=-1))


class TestClockChanges:
    def test_the_night_of_spring_is_an_hour_shorter(self) -> None:
        # Amsterdam, 28 March 2027: 02:00 becomes 03:00.
        hours = BusinessHours(AMSTERDAM, week({"sat": [["22:00", "06:00"]]}))
        assert hours.between(at("2027-03-27 22:00"), at("2027-03-28 12:00")) == timedelta(hours=7)

    def test_the_night_of_autumn_is_an_hour_longer(self) -> None:
        # Amsterdam, 25 October 2026: 03:00 becomes 02:00.
        hours = BusinessHours(AMSTERDAM, week({"sat": [["22:00", "06:00"]]}))
        assert hours.between(at("2026-10-24 22:00"), at("2026-10-25 12:00")) == timedelta(hours=9)

    def test_opening_in_the_hour_that_does_not_exist(self) -> None:
        hours = BusinessHours(AMSTERDAM, week({"sun": [["02:30", "04:00"], ["02:10", "02:20"]]}))
        assert hours.next_opening(at("2027-03-28 00:00")) == at("2027-03-28 03:00")
        assert hours.between(at("2027-03-28 00:00"), at("2027-03-29 00:00")) == timedelta(hours=1)

    def test_the_hour_that_comes_twice_is_one_piece(self) -> None:
        hours = BusinessHours(AMSTERDAM, week({"sun": [["02:00", "03:00"]]}))
        night = at("2026-10-25 00:00")
        assert hours.next_opening(night) == at("2026-10-25 02:00")
        assert hours.next_closing(at("2026-10-25 02:00")) == at("2026-10-25 03:00")
        assert hours.between(night, at("2026-10-25 12:00")) == timedelta(hours=2)
        early = BusinessHours(AMSTERDAM, week({"sun": [["01:00", "02:30"]]}))
        assert not early.is_open(at("2026-10-25 02:15", fold=1)), (
            "closed is closed, also when the clock is set back"
        )

    def test_a_midnight_that_does_not_exist(self) -> None:
        # Beirut sets its clocks forward at midnight: 28 March 2027 begins at 01:00.
        hours = BusinessHours("Asia/Beirut", week({"sun": [["00:00", "09:00"]]}))
        assert hours.next_opening(at("2027-03-27 12:00", "Asia/Beirut")) == at(
            "2027-03-28 01:00", "Asia/Beirut"
        )

    def test_half_an_hour_on_lord_howe(self) -> None:
        hours = BusinessHours("Australia/Lord_Howe", week({"sat": [["20:00", "08:00"]]}))
        start, end = (at(text, "Australia/Lord_Howe") for text in ("2026-10-03 20:00", "2026-10-04 09:00"))
        assert hours.between(start, end) == timedelta(hours=11.5)

    def test_a_day_that_samoa_skipped(self) -> None:
        # Friday 30 December 2011 did not take place in Apia.
        hours = BusinessHours("Pacific/Apia", week(OFFICE))
        thursday = at("2011-12-29 12:00", "Pacific/Apia")
        assert hours.next_opening(at("2011-12-29 18:00", "Pacific/Apia")) == at(
            "2012-01-02 09:00", "Pacific/Apia"
        )
        assert hours.between(thursday, at("2012-01-02 09:00", "Pacific/Apia")) == timedelta(hours=6)


class TestTexts:
    @pytest.mark.parametrize(
        ("pair", "minutes"),
        [
            (("09:00", "18:00"), (540, 1080)),
            (("22:00", "06:00"), (1320, 1800)),
            (("00:00", "24:00"), (0, 1440)),
            (("00:00", "00:00"), (0, 1440)),
            (("22:00", "24:00"), (1320, 1440)),
            (("12:00", "12:00"), (720, 2160)),
        ],
    )
    def test_periods_from_texts(self, pair: tuple[str, str], minutes: tuple[int, int]) -> None:
        period = Period.between(*pair)
        assert (period.opens, period.closes) == minutes
        assert Period.between(*period.as_text()) == period

    @pytest.mark.parametrize(
        "text", ["", "9:00", "09-00", "0900", "24:01", "25:00", "09:60", "-1:00", "０９:00", "09:00 "]
    )
    def test_what_is_no_time_of_day(self, text: str) -> None:
        with pytest.raises(ValueError, match=r"time of day|period"):
            Period.between(text, "18:30")

    @pytest.mark.parametrize(
        "zone", ["", "Mars/Olympus", "../../etc/passwd", "/etc/passwd", "Europe", "a\x00b", "x" * 5000]
    )
    def test_what_is_no_zone(self, zone: str) -> None:
        with pytest.raises(ValueError, match="time zone"):
            load_zone(zone)

    def test_what_is_no_week(self) -> None:
        with pytest.raises(ValueError, match="weekday"):
            week({"monday": [["09:00", "18:00"]]})
        with pytest.raises(ValueError, match="seven"):
            BusinessHours("UTC", ((),))


# --- Properties -------------------------------------------------------------------------------------------

ZONES = [
    "UTC",
    "Europe/Amsterdam",
    "America/New_York",
    "America/Sao_Paulo",
    "America/Havana",
    "America/St_Johns",
    "Africa/Cairo",
    "Africa/Casablanca",
    "Asia/Beirut",
    "Asia/Kathmandu",
    "Asia/Shanghai",
    "Australia/Lord_Howe",
    "Pacific/Apia",
    "Pacific/Chatham",
]


@cache
def changes(zone: str) -> tuple[datetime, ...]:
    """The hours of 2005 to 2029 in which the zone's clock was changed."""
    tz, found = ZoneInfo(zone), []
    moment, end = datetime(2005, 1, 1, tzinfo=UTC), datetime(2029, 1, 1, tzinfo=UTC)
    while moment < end:
        following = moment + timedelta(hours=12)
        if moment.astimezone(tz).utcoffset() != following.astimezone(tz).utcoffset():
            found.append(moment)
        moment = following
    return tuple(found)


@st.composite
def moments(draw: st.DrawFn, zone: str) -> datetime:
    """Whole minutes, half of them near a change of the zone's clock."""
    near = changes(zone)
    if near and draw(st.booleans()):
        return draw(st.sampled_from(near)) + timedelta(minutes=draw(st.integers(-2 * DAY_MIN, 2 * DAY_MIN)))
    return datetime(2005, 1, 1, tzinfo=UTC) + timedelta(minutes=draw(st.integers(0, 20 * 365 * DAY_MIN)))


period = st.builds(
    lambda opens, length: Period(opens, opens + length),
    st.one_of(st.integers(0, DAY_MIN - 1), st.integers(0, 23).map(lambda hour: hour * 60)),
    st.one_of(st.integers(1, DAY_MIN), st.sampled_from([30, 60, 480, DAY_MIN])),
)
days = st.lists(period, max_size=3).map(tuple)


@st.composite
def worlds(draw: st.DrawFn) -> tuple[BusinessHours, datetime]:
    """Hours, and a moment with exceptions around it."""
    zone = draw(st.sampled_from(ZONES))
    moment = draw(moments(zone))
    around = st.integers(-3, 6).map(lambda n: moment.date() + timedelta(days=n))
    exceptions = draw(st.dictionaries(around, days, max_size=3))
    weekly = draw(st.lists(days, min_size=7, max_size=7).map(tuple))
    return BusinessHours(zone, weekly, exceptions), moment


def walk(hours: BusinessHours, start: datetime, end: datetime) -> Iterator[tuple[datetime, bool]]:
    """Each minute from `start` to before `end`, and whether the clock on the wall says open."""
    zone = ZoneInfo(hours.zone)
    moment = start - timedelta(days=2)  # far enough back to know what a clock set back has shown already
    furthest = datetime.min
    while moment < end:
        furthest = max(furthest, moment.astimezone(zone).replace(tzinfo=None))
        if moment >= start:
            yield moment, wall_says_open(hours, furthest)
        moment += MINUTE


def wall_says_open(hours: BusinessHours, wall: datetime) -> bool:
    today = wall.date()
    yesterday = today - timedelta(days=1)
    minute = wall.hour * 60 + wall.minute
    mine = hours.exceptions.get(today, hours.weekly[today.weekday()])
    if any(one.opens <= minute < one.closes for one in mine):
        return True
    if today in hours.exceptions:
        return False
    before = hours.exceptions.get(yesterday, hours.weekly[yesterday.weekday()])
    return any(one.opens <= minute + DAY_MIN < one.closes for one in before)


few = settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
many = settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.too_slow])


@few
@given(worlds())
def test_it_is_what_the_clock_on_the_wall_says(world: tuple[BusinessHours, datetime]) -> None:
    hours, start = world
    end = start + timedelta(days=2)
    minutes = list(walk(hours, start, end))

    wrong = [moment for moment, open_ in minutes[::7] if hours.is_open(moment) != open_]
    assert wrong == []
    assert hours.between(start, end) == MINUTE * sum(open_ for _, open_ in minutes)
    opening = next((moment for moment, open_ in minutes if open_), None)
    closing = next((moment for moment, open_ in minutes if not open_), None)
    if opening is not None:
        assert hours.next_opening(start) == opening
    if closing is not None:
        assert hours.next_closing(start) == closing


durations = st.one_of(
    st.timedeltas(timedelta(0), timedelta(days=3)), st.integers(0, 100).map(lambda n: timedelta(hours=n))
)


@many
@given(worlds(), durations)
def test_between_takes_back_what_add_has_added(
    world: tuple[BusinessHours, datetime], length: timedelta
) -> None:
    hours, start = world
    try:
        end = hours.add(start, length)
    except NeverOpen:
        assert not any(hours.weekly)
        return
    assert hours.between(start, end) == length
    if length:
        # The earliest such moment: a microsecond before, some of it was still to come.
        assert hours.between(start, end - timedelta(microseconds=1)) < length


@many
@given(worlds(), durations, durations)
def test_adding_in_two_steps_is_adding_at_once_and_more_is_never_earlier(
    world: tuple[BusinessHours, datetime], first: timedelta, second: timedelta
) -> None:
    hours, start = world
    try:
        total = hours.add(start, first + second)
        middle = hours.add(start, first)
        assert hours.add(middle, second) == total
    except NeverOpen:
        assert not any(hours.weekly)
        return
    assert start <= middle <= total


@many
@given(worlds(), durations, durations)
def test_time_adds_up_and_never_passes_faster_than_time(
    world: tuple[BusinessHours, datetime], first: timedelta, second: timedelta
) -> None:
    hours, a = world
    b, c = a + first, a + first + second
    assert hours.between(a, b) + hours.between(b, c) == hours.between(a, c)
    assert timedelta(0) <= hours.between(a, c) <= c - a
    if c > a:
        assert hours.between(c, a) == timedelta(0)


@many
@given(worlds())
def test_openings_and_closings_agree_with_being_open(world: tuple[BusinessHours, datetime]) -> None:
    hours, start = world
    opening = hours.next_opening(start)
    if opening is None:
        assert not any(hours.weekly)
        return
    assert opening >= start
    assert hours.is_open(opening)
    assert hours.between(start, opening) == timedelta(0)
    closing = hours.next_closing(opening)
    if closing is not None:
        assert closing > opening
        assert not hours.is_open(closing)
        assert hours.between(opening, closing) == closing - opening
