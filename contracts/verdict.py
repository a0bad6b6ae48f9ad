"""Verdicts: what a check says, and how several of them become one.

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
    """Ordered by how bad it is, so that `max` is the grade of a whole.

    UNKNOWN stands above ADVISORY because a release may go out with a remark, but not on a guess.
    """

    PASS = 0
    ADVISORY = 1
    UNKNOWN = 2
    FAIL = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """One check's answer about one subject (an operation, a session, a whole run)."""

    check: str
    grade: Grade
    subject: str = ""
    reason: str = ""
    evidence: Mapping[str, Any] = field(default_factory=dict)


def worst(verdicts: Iterable[Verdict]) -> Grade:
    """The grade of the whole. No verdict at all is UNKNOWN: nothing was looked at."""
    return max((verdict.grade for verdict in verdicts), default=Grade.UNKNOWN)


def guarded(check: str, judge: Callable[P, Verdict], *args: P.args, **kwargs: P.kwargs) -> Verdict:
    """Run a checker; a checker that crashes has found nothing out, which is UNKNOWN and never PASS."""
    try:
        return judge(*args, **kwargs)
    except Exception as error:  # whatever it is, the verdict is the same
        reason = f"the checker itself failed ({type(error).__name__}: {error}); this is a bug in the harness"
        return Verdict(check=check, grade=Grade.UNKNOWN, reason=reason)
