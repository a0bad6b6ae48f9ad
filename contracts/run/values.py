"""The kinds of values in the files of a run: counts that are no less than nothing, finite numbers, stamps of the day.

A file may come from a newer writer: fields that are not known here are passed over. What is known must be sound, because everything
behind the reader calculates with it.
"""

from datetime import datetime
from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

MOST = 2**63 - 1


class RunValue(BaseModel):
    """One object of a file: never changed, without NaN and infinity, with room for fields of later versions."""

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
"""Seconds, nanoseconds or a factor: what is not negative and can be calculated with."""
Stamp = Annotated[str, AfterValidator(_stamp)]
"""RFC 3339; empty where nobody knows. Without a zone it is taken as UTC."""


def without_mark(text: bytes | str) -> bytes | str:
    """Without a byte order mark, which editors of Windows put before UTF-8."""
    return text.removeprefix(b"\xef\xbb\xbf") if isinstance(text, bytes) else text.removeprefix("\ufeff")
