"""Days and spans of RFC 3339 stamps, and times for people.

>>> span("2026-01-01T10:00:00Z", "2026-01-01T10:01:12Z"), duration(72.0)
(72.0, '1 min 12 s')
"""

from __future__ import annotations

from datetime import UTC, date, datetime


def stamp(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")


def day(text: str) -> date:
    """The UTC day of a stamp; ValueError if it is none."""
    return datetime.fromisoformat(text).astimezone(UTC).date()


def span(start: str, end: str) -> float | None:
    """Seconds between two stamps; None if either is not one."""
    try:
        return (datetime.fromisoformat(end) - datetime.fromisoformat(start)).total_seconds()
    except ValueError:
        return None


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
