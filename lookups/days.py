"""A day in the words of a language, as near days and far ones are said."""

from datetime import date

NEAR_DAYS = 14
"""So far the weekday helps to find the day."""

_WEEKDAYS = {
    "en": ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"),
    "zh": ("星期一", "星期二", "星期三", "星期四", "星期五", "星期六", "星期日"),
}
_MONTHS = (
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
)


def day_in_words(day: date, today: date, language: str) -> str:
    """ "Thursday 27 November" within two weeks, else "27 November", with the year where it is another one.

    Never "tomorrow": a wording says "on {expected}", and the message may be read a day later.
    """
    near = abs((day - today).days) <= NEAR_DAYS
    weekday = _WEEKDAYS[language][day.weekday()]
    other_year = day.year != today.year and not near
    if language == "zh":
        year = f"{day.year}年" if other_year else ""
        return f"{year}{day.month}月{day.day}日{weekday if near else ''}"
    year = f" {day.year}" if other_year else ""
    return f"{weekday + ' ' if near else ''}{day.day} {_MONTHS[day.month - 1]}{year}"
