"""The types of the fields in a run's file: non-negative counts, finite numbers, time stamps, grades.

A file may come from a newer version, so unknown fields are ignored. Known fields are validated, because all later code relies on them.
"""

from datetime import datetime
from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

MOST = 2**63 - 1


class RunValue(BaseModel):
    """An object of a run's file: immutable, without NaN and infinity, and tolerant of unknown fields."""

    model_config = ConfigDict(frozen=True, extra="ignore", allow_inf_nan=False)


def _stamp(text: str) -> str:
    if text:
        try:
            datetime.fromisoformat(text)
        except ValueError:
            raise ValueError(f"{text[:60]!r} is no time like 2026-11-22T10:00:00Z") from None
    return text


Count = Annotated[int, Field(ge=0, le=MOST)]
Whole = Annotated[int, Field(ge=-MOST, le=MOST)]
Amount = Annotated[float, Field(ge=0, le=1e18)]
"""A finite, non-negative number of seconds, of nanoseconds, or a factor."""
Stamp = Annotated[str, AfterValidator(_stamp)]
"""An RFC 3339 time stamp, or empty if unknown. Without a zone it is UTC."""
GradeName = Literal["PASS", "ADVISORY", "UNKNOWN", "FAIL"]
"""The name of a `contracts.verdict.Grade`."""


def without_mark(text: bytes | str) -> bytes | str:
    """The text without a byte order mark, which some Windows editors put before UTF-8."""
    return text.removeprefix(b"\xef\xbb\xbf") if isinstance(text, bytes) else text.removeprefix("\ufeff")
