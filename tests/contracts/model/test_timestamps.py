"""RFC 3339 to microseconds, against datetime where datetime can."""

import datetime as dt

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from contracts.model.timestamps import DAY, first_of, instant, last_of

EPOCH = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)


@settings(max_examples=200, derandomize=True)
@given(moment=st.datetimes(dt.datetime(1, 1, 2), dt.datetime(9999, 12, 30)), minutes=st.integers(-1439, 1439))
def test_it_agrees_with_datetime(moment: dt.datetime, minutes: int) -> None:
    zoned = moment.replace(tzinfo=dt.timezone(dt.timedelta(minutes=minutes)))
    expected = (zoned - EPOCH) // dt.timedelta(microseconds=1)
    assert instant(zoned.isoformat(timespec="microseconds")) == expected


@pytest.mark.parametrize(
    ("text", "same"),
    [
        pytest.param("2026-01-01T00:00:00.1Z", "2026-01-01T00:00:00.100000Z", id="short-fraction"),
        pytest.param(
            "2026-01-01T00:00:00.9999999Z", "2026-01-01T00:00:00.999999Z", id="digits-after-the-sixth"
        ),
        pytest.param("2026-01-01t00:00:00z", "2026-01-01T00:00:00.000000Z", id="lower-case"),
        pytest.param("2016-12-31T23:59:60Z", "2017-01-01T00:00:00.000000Z", id="leap-second"),
        pytest.param("2016-12-31T23:59:60.7Z", "2017-01-01T00:00:00.000000Z", id="leap-second-with-fraction"),
        pytest.param("2017-01-01T00:59:60+01:00", "2017-01-01T00:00:00.000000Z", id="leap-second-elsewhere"),
        pytest.param("2026-01-01T00:00:00-00:30", "2026-01-01T00:30:00.000000Z", id="behind"),
    ],
)
def test_forms(text: str, same: str) -> None:
    assert instant(text) == instant(same)


def test_the_calendar_goes_beyond_datetime() -> None:
    assert instant("0000-12-31T23:59:60Z") == instant("0001-01-01T00:00:00Z")
    assert instant("0001-01-01T00:00:00Z") - instant("0000-01-01T00:00:00Z") == 366 * DAY
    assert instant("9999-12-31T23:59:60Z") - instant("9999-12-31T00:00:00Z") == DAY


@pytest.mark.parametrize("day", ["2026-01-31", "2024-02-29", "2000-12-31", "0000-01-01"])
def test_a_whole_day(day: str) -> None:
    assert last_of(day) - first_of(day) == DAY - 1
    assert last_of(day) == instant(f"{day}T23:59:59.999999Z")


@pytest.mark.parametrize("text", ["2026-01-01", "2026-01-01T00:00:00", "2026-01-01 00:00:00Z", "now"])
def test_other_texts_are_refused(text: str) -> None:
    with pytest.raises(ValueError, match="RFC 3339"):
        instant(text)
