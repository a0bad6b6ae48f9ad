"""The verdict on a target that cannot carry the scenario's own rate: UNKNOWN, with a rate to ask for.

An objective says nothing about a rate. One that is broken only because more was sent than the target can answer would be a false
statement about a target that was never meant for that rate; so it fails only at a rate that somebody asked for (`--rate`). A target is
overloaded if answers fall behind requests while most operations fail. One that answers late, but as often as it is asked, is slow.
"""

from collections.abc import Sequence
from dataclasses import replace

from contracts.verdict import Grade, Verdict
from load.engine.recorder import LoadRecorder, SecondTally

BEHIND = 0.9
"""The share of the requests of the second half of a run that a target answers in that time, if it can carry them."""
LEAST_SECONDS = 4
SPARE = 0.7
"""The part of the rate under overload that is worth asking for."""


def without_overload(found: Sequence[Verdict], recorder: LoadRecorder) -> list[Verdict]:
    """The verdicts with UNKNOWN in place of objectives that fail because the target cannot carry the rate."""
    grades = [verdict.grade for verdict in found if verdict.check == "objective"]
    rates = _rates(recorder)
    if rates is None or grades.count(Grade.FAIL) * 2 < len(grades):
        return list(found)
    sent, answered = rates
    why = (
        f"of the {sent:.0f} requests/s of this load the target answers {answered:.0f}; "
        f"ask for a rate that it has to carry, such as --rate {_round(answered * SPARE)}"
    )
    return [
        replace(verdict, grade=Grade.UNKNOWN, reason=f"{why} ({verdict.reason})")
        if verdict.check == "objective" and verdict.grade is Grade.FAIL
        else verdict
        for verdict in found
    ]


def _rates(recorder: LoadRecorder) -> tuple[float, float] | None:
    """Requests and answers per second if answers fall behind in the second half of the run, else None. A target that never answers is
    not overloaded: it hangs."""
    moments = [recorder.moments[second] for second in sorted(recorder.moments)]
    moments = [moment for moment in moments if moment.planned]
    sent, answered = _per_second(moments)
    last_sent, last_answered = _per_second(moments[len(moments) // 2 :])
    behind = last_answered < BEHIND * last_sent and answered >= 1
    return (sent, answered) if behind and len(moments) >= LEAST_SECONDS else None


def _per_second(moments: Sequence[SecondTally]) -> tuple[float, float]:
    sent = sum(moment.sent for moment in moments)
    answered = sum(moment.done - moment.given_up for moment in moments)
    return sent / max(1, len(moments)), answered / max(1, len(moments))


def _round(rate: float) -> int:
    """The rate with one significant digit, rounded down.

    >>> _round(115.5), _round(7.9), _round(0.4)
    (100, 7, 1)
    """
    whole = max(1, int(rate))
    return int(f"{whole}"[0] + "0" * (len(f"{whole}") - 1))
