"""The conversion between RFC 3339 texts and microseconds since the epoch, for every valid date.

`datetime` has neither the year 0000 nor leap seconds, and both are valid in a request, so the calendar is computed here (days_from_civil,
after H. Hinnant's public-domain algorithm).

    >>> text(0), parse("1970-01-01T01:00:00.5+01:00")
    ('1970-01-01T00:00:00.000000Z', 500000)
    >>> parse("2026-02-28"), parse("2026-02-28", end_of_day=True) - parse("2026-02-28")
    (1772236800000000, 86399999999)
"""

import functools
import re
import time

DAY = 86_400_000_000
_FORM = re.compile(
    r"(\d{4})-(\d\d)-(\d\d)(?:[Tt ](\d\d):(\d\d):(\d\d)(?:\.(\d+))?(?:[Zz]|([+-])(\d\d):(\d\d)))?", re.ASCII
)


def text(microseconds: int) -> str:
    """The RFC 3339 text in UTC with exactly six fraction digits, so that texts sort like numbers."""
    minutes, rest = divmod(microseconds, 60_000_000)
    day, minute = divmod(minutes, 1440)
    if not rest:
        return f"{_date(day)}T{_CLOCK[minute]}:00.000000Z"
    return f"{_date(day)}T{_CLOCK[minute]}:{rest // 1_000_000:02d}.{rest % 1_000_000:06d}Z"


_CLOCK = tuple(f"{minute // 60:02d}:{minute % 60:02d}" for minute in range(1440))


@functools.lru_cache(maxsize=256)
def _date(day: int) -> str:
    """The date of a day number, cached because the stamps of an answer lie on few days."""
    t = time.gmtime(day * 86_400)
    return f"{t[0]:04d}-{t[1]:02d}-{t[2]:02d}"


def parse(value: str, *, end_of_day: bool = False) -> int:
    """The microseconds of a date-time, or of the first (or last) moment of a full-date. Raises ValueError.

    Digits of a fraction after the sixth are dropped; second 60 is the first instant of the next minute.
    """
    found = _FORM.fullmatch(value)
    if not found:
        raise ValueError(f"not an RFC 3339 date: {value!r}")
    year, month, day, hour, minute, second, fraction, sign, off_hour, off_minute = found.groups()
    midnight = _days(int(year), int(month), int(day)) * DAY
    if hour is None:
        return midnight + DAY - 1 if end_of_day else midnight
    micros = int((fraction or "")[:6].ljust(6, "0"))
    if second == "60":
        micros = 0
    offset = (int(off_hour) * 60 + int(off_minute)) * (-1 if sign == "-" else 1) if sign else 0
    minutes = int(hour) * 60 + int(minute) - offset
    return midnight + (minutes * 60 + int(second)) * 1_000_000 + micros


def _days(year: int, month: int, day: int) -> int:
    """Days since 1970-01-01 in the proleptic Gregorian calendar."""
    year -= month <= 2
    era, year_of_era = divmod(year, 400)
    day_of_year = (153 * (month + (-3 if month > 2 else 9)) + 2) // 5 + day - 1
    day_of_era = year_of_era * 365 + year_of_era // 4 - year_of_era // 100 + day_of_year
    return era * 146_097 + day_of_era - 719_468
