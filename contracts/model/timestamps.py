"""RFC 3339 timestamps as whole microseconds since 1970, read as openapi.yaml defines.

Every offset and fraction is accepted (digits after the sixth are cut off), `t` and `z` in lower case too; second 60 is the first
instant of the next minute. The standard datetime module does not read them, because it has neither year 0 nor second 60.

    >>> instant("1970-01-01T00:00:00.0000019Z"), instant("1970-01-01t01:00:00+01:00"), instant("1969-12-31T23:59:60z")
    (1, 0, 0)
    >>> first_of("1970-01-02"), last_of("1970-01-01")
    (86400000000, 86399999999)
"""

import re
from datetime import UTC, datetime

DAY = 86_400_000_000
_LONG = re.compile(r"\.\d{6}(\d+)")
_DATE = re.compile(r"(\d{4})-(\d\d)-(\d\d)")
_TIME = re.compile(r"(\d{4}-\d\d-\d\d)[Tt](\d\d):(\d\d):(\d\d)(?:\.(\d+))?(?:[Zz]|([+-])(\d\d):(\d\d))")


def instant(text: str) -> int:
    """A `date-time` in microseconds since 1970; ValueError for anything else."""
    match = _TIME.fullmatch(text)
    if match is None:
        raise ValueError(f"{text!r} is not an RFC 3339 date-time")
    date, hour, minute, second, fraction, sign, ahead_hours, ahead_minutes = match.groups()
    ahead = 0
    if sign:
        ahead = (int(ahead_hours) * 60 + int(ahead_minutes)) * (1 if sign == "+" else -1)
    seconds = (int(hour) * 60 + int(minute) - ahead) * 60 + int(second)
    # All of second 60 is one instant, whatever its fraction.
    micros = 0 if second == "60" else int(f"{fraction or '':0<6}"[:6])
    return _day(date) + seconds * 1_000_000 + micros


def utc_text(text: str) -> str:
    """A `date-time` in UTC with `Z` and six digits, or nine and more if it has more (Go writes up to nine, without zeros at the end), so
    that texts sort as instants do, but for two within one microsecond of which one has six digits.

    >>> utc_text("2026-01-01T10:00:00+01:00"), utc_text("2026-01-01t09:00:00.1234567z")
    ('2026-01-01T09:00:00.000000Z', '2026-01-01T09:00:00.123456700Z')
    """
    fraction = _LONG.search(text)
    moment = datetime.fromisoformat(text.upper()).astimezone(UTC)
    return f"{moment:%Y-%m-%dT%H:%M:%S.%f}{f'{fraction[1]:0<3}' if fraction else ''}Z"


def first_of(text: str) -> int:
    """The earliest instant of a bound: itself, or the first instant of a whole day."""
    return _day(text) if _DATE.fullmatch(text) else instant(text)


def last_of(text: str) -> int:
    """The latest instant of a bound: itself, or the last instant of a whole day."""
    return _day(text) + DAY - 1 if _DATE.fullmatch(text) else instant(text)


def _day(date: str) -> int:
    """Microseconds from 1970 to the start of a day of the proleptic Gregorian calendar, year 0 included."""
    year, month, day = int(date[:4]), int(date[5:7]), int(date[8:])
    days = 365 * year + (year + 3) // 4 - (year + 99) // 100 + (year + 399) // 400  # of all years before
    leap = (year % 4 == 0 and year % 100 != 0) or year % 400 == 0
    lengths = [31, 29 if leap else 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]
    return (days + sum(lengths[: month - 1]) + day - 1 - 719_528) * DAY
