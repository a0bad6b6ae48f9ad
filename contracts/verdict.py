"""Verdicts of checks, and the grade of several verdicts together.

>>> worst([Verdict(check="a", grade=Grade.PASS), Verdict(check="b", grade=Grade.UNKNOWN)]).name
'UNKNOWN'
>>> worst([]).name                       # silence never passes
'UNKNOWN'
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from enum import IntEnum
from typing import Any, ParamSpec

P = ParamSpec("P")


class Grade(IntEnum):
    """The grade of a verdict, ordered by severity, so that `max` is the grade of several.

    UNKNOWN is worse than ADVISORY, because a release may be shipped with a remark, but not on a guess.
    """

    PASS = 0
    ADVISORY = 1
    UNKNOWN = 2
    FAIL = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """The verdict of one check on one subject (an operation, a session, a whole run)."""

    check: str
    grade: Grade
    subject: str = ""
    reason: str = ""
    evidence: Mapping[str, Any] = field(default_factory=dict)


def worst(verdicts: Iterable[Verdict]) -> Grade:
    """The worst grade; UNKNOWN if there are no verdicts, because then nothing was checked."""
    return max((verdict.grade for verdict in verdicts), default=Grade.UNKNOWN)


def guarded(check: str, judge: Callable[P, Verdict], *args: P.args, **kwargs: P.kwargs) -> Verdict:
    """The verdict of a checker; UNKNOWN, and never PASS, if the checker itself raises an exception."""
    try:
        return judge(*args, **kwargs)
    except Exception as error:  # whatever it is, the verdict is the same
        reason = f"the checker itself failed ({type(error).__name__}: {error}); this is a bug in the harness"
        return Verdict(check=check, grade=Grade.UNKNOWN, reason=reason)
