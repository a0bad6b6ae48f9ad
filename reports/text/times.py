"""Days and spans of RFC 3339 stamps, and times for people.

>>> span("2026-01-01T10:00:00Z", "2026-01-01T10:01:12Z"), duration(72.0)
(72.0, '1 min 12 s')
"""

from datetime import UTC, date, datetime


def stamp(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")


def moment(text: str) -> datetime | None:
    """The time of a stamp, in UTC, which is also assumed for a stamp without a zone. None if it is no time, or beyond the calendar.

    >>> moment("2026-01-01T10:00:00") == moment("2026-01-01T11:00:00+01:00")
    True
    """
    try:
        found = datetime.fromisoformat(text)
        return found.replace(tzinfo=UTC) if found.tzinfo is None else found.astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def day(text: str) -> date:
    """The UTC day of a stamp; ValueError if it is no stamp."""
    found = moment(text)
    if found is None:
        raise ValueError(f"{text!r} is no time")
    return found.date()


def span(start: str, end: str) -> float | None:
    """The seconds between two stamps, never negative; None if either is no stamp."""
    began, ended = moment(start), moment(end)
    return None if began is None or ended is None else max(0.0, (ended - began).total_seconds())


def duration(seconds: float | None) -> str:
    if seconds is None:
        return "–"
    if seconds < 10:
        return f"{seconds:.1f} s"
    whole = round(seconds)
    minutes, rest = divmod(whole, 60)
    if whole < 60:
        return f"{whole} s"
    if minutes < 60:
        return f"{minutes} min {rest} s"
    return f"{minutes // 60} h {minutes % 60} min"
