"""From what was counted to verdicts: objectives, the ledger, the generator's own health, and the recorded history.

Percentiles decide nothing here. A saturated generator says nothing about speed, neither PASS nor FAIL, nor of answers that it gave
up waiting for; errors that the target answered are errors all the same. An unsteady one has only made its latencies longer: a PASS stands, a FAIL has to stand without
our part of the delay. An arrival that was left out counts like a violation against PASS and never towards FAIL; and where more
than one in a hundred was left out, the target did not get the planned load, so that nothing passes.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from contracts.checkers import judge as check_history
from contracts.command.collector_pause import uncollected
from contracts.history import History
from contracts.objective import Counts, judge
from contracts.run import Generator
from contracts.spec import Operation, Spec
from contracts.verdict import Grade, Verdict
from load.engine.recorder import LoadRecorder, OperationTally

# Unsteady. Measured with generator and server on two cores that nobody else got (real-time priority): in 21,804 requests at
# 306/s and 900/s none was sent more than 5 ms late (the worst 4.9 ms), and the loop's lag was 1.0 to 1.1 ms at p99, 1 ms of it
# gevent's rounding. So one late request in a thousand, or five times that lag, is a machine that somebody else is using too.
# At a load average of 10 it was 9 to 49 % late and 10 to 157 ms of lag.
LATE_SHARE = 0.001
LAG_P99 = 5_000_000

# Saturated. Delay of our own only ever lengthens a latency that counts from the due time, so unsteadiness cannot make a PASS;
# but beyond these the target did not get the planned load at the planned time, and nobody knows what it would have done with it.
CPU = 0.9
TARDY_SHARE = 0.01
LOST_P99 = 40_000_000
"""A fifth of the guide's 200 ms."""
GAPS_SHARE = 0.01
GIVEN_UP = ("error:timeout", "error:unfinished", "error:starved")
"""Errors by our own clock, or for want of an answer that was given up."""

# Which check needs which of these operations in the mix to have anything to see.
NEEDS = {
    "versions": frozenset({"createContentItem"}),
    "lost-update": frozenset({"updateContentItem", "bulkUpdateContent"}),
    "bulk": frozenset({"bulkUpdateContent"}),
    "sync": frozenset({"syncContent"}),
    "sessions": frozenset({"refreshTokens"}),
}


@dataclass(frozen=True, slots=True)
class Health:
    """`blind`: the clock cannot be trusted; `unsteady`: it says too much, by about `lag` ns; `gaps`: the load was not the
    planned one. Each is the reason, and empty where all is well."""

    blind: str
    gaps: str
    unsteady: str = ""
    lag: int = 0

    @property
    def reason(self) -> str:
        return "; ".join(part for part in (self.blind, self.gaps) if part)


def health(recorder: LoadRecorder, cpu: float | None) -> Health:
    lag = recorder.lag.quantile(0.99) or 0.0
    late = f"{recorder.late} of {recorder.requests} requests were sent over 5 ms late"
    stalled = f"its event loop was {lag / 1e6:.0f} ms late at p99"
    burnt = f"a load process used {cpu or 0:.0%} of a core"
    tardy = (
        f"{recorder.tardy} of {recorder.requests} requests were sent late by over a tenth of the threshold"
    )
    sent = max(recorder.requests, 1)
    blind = [
        told
        for told, bad in (
            (burnt, (cpu or 0) > CPU),
            (stalled, lag > LOST_P99),
            (tardy, recorder.tardy > TARDY_SHARE * sent),
        )
        if bad
    ]
    unsteady = [
        told for told, bad in ((late, recorder.late > LATE_SHARE * sent), (stalled, lag > LAG_P99)) if bad
    ]
    missing = ""
    if recorder.dropped.total() > GAPS_SHARE * recorder.planned:
        reasons = ", ".join(f"{count} not sent ({why})" for why, count in sorted(recorder.dropped.items()))
        missing = f"of {recorder.planned} arrivals {reasons}"
    return Health(
        blind=f"the load generator was saturated: {' and '.join(blind)}" if blind else "",
        gaps=missing,
        unsteady=f"the load generator was unsteady: {' and '.join(unsteady)}" if unsteady else "",
        lag=round(lag),
    )


def generator(recorder: LoadRecorder, cpu: float | None, state: Health) -> Generator:
    lag = recorder.lag.quantile(0.99)
    return Generator(
        planned=recorder.planned,
        sent=recorder.requests,
        late=recorder.late,
        dropped=recorder.dropped.total(),
        unfinished=recorder.unfinished,
        cpu=cpu,
        loop_lag_p99=None if lag is None else round(lag),
        saturated=state.reason,
    )


def objective(operation: Operation, tally: OperationTally | None, state: Health) -> Verdict:
    """The operation's verdict, with what the generator's health leaves of it."""
    if tally is None:
        return judge(operation.objective, Counts(answered=0, over=0, errors=0), operation=operation.id)
    counts = Counts(answered=tally.answered, over=tally.over, errors=tally.errors)
    found = judge(operation.objective, counts, operation=operation.id)
    if found.grade is Grade.FAIL:
        return _undeniable(operation, tally, state, found)
    if state.reason:
        # Also where the counts alone are doubtful: what made them so is what somebody can mend.
        return replace(found, grade=Grade.UNKNOWN, reason=f"{state.reason} ({found.reason})")
    if found.grade is Grade.PASS and tally.dropped:
        return _with_gaps(operation, tally, found)
    return found


def _undeniable(operation: Operation, tally: OperationTally, state: Health, found: Verdict) -> Verdict:
    """FAIL stands only if it would also stand without the violations that our own delay may have made.

    Those are all of them where the generator was saturated, and the answers that it waited for in vain; where it was unsteady, those that are within the objective when
    they count from the sending and the event loop's lag is taken off; and where it stood still for a moment, those that are
    without that moment.
    """
    stood = f"the load generator itself stood still for {tally.ours} of them" if tally.ours else ""
    excuse = state.blind or state.unsteady or stood
    if not excuse:
        return found
    ours = tally.over if state.blind else tally.ours
    if state.unsteady:
        ours = max(ours, tally.over - above(tally, tally.threshold + state.lag))
    counts = Counts(
        answered=tally.answered, over=tally.over - ours, errors=tally.errors - _unheard(tally, state)
    )
    without = judge(operation.objective, counts, operation=operation.id)
    if without.grade is Grade.FAIL:
        return found if found.reason == without.reason else without
    return replace(found, grade=Grade.UNKNOWN, reason=f"{excuse} ({found.reason})")


def _unheard(tally: OperationTally, state: Health) -> int:
    """Errors that may be ours: a saturated process can leave an answer unread until it gives up waiting for it."""
    return sum(tally.statuses[kind] for kind in GIVEN_UP) if state.blind else 0


def above(tally: OperationTally, nanoseconds: int) -> int:
    """Answers that took longer than that from the sending on, to a bucket of the histogram (0.1 %)."""
    below = 0
    for value, seen in tally.service.cumulative():
        if value > nanoseconds:
            break
        below = seen
    return min(tally.over, tally.service.total - below)


def _with_gaps(operation: Operation, tally: OperationTally, found: Verdict) -> Verdict:
    """PASS stands only if it would also stand with every arrival that was left out as a violation."""
    missing = tally.dropped
    told = f"{found.reason}; {missing} not sent"
    counts = Counts(answered=tally.answered + missing, over=tally.over + missing, errors=tally.errors)
    if judge(operation.objective, counts, operation=operation.id).grade is Grade.PASS:
        return replace(found, reason=f"{told}, and it holds even if all of those were violations")
    return replace(found, grade=Grade.UNKNOWN, reason=f"{told}, and they might have been violations")


def answers(operation: Operation, tally: OperationTally | None, state: Health) -> Verdict:
    """For a run too short for an objective: it answered as documented, every time."""
    answered, errors = (tally.answered, tally.errors) if tally else (0, 0)
    evidence = {"answered": answered, "errors": errors}
    if tally is not None and errors:
        reason = f"{errors} of {answered + errors} requests failed"
        grade = Grade.FAIL
        if errors == _unheard(tally, state):
            grade, reason = Grade.UNKNOWN, f"{state.blind} ({reason})"
        return Verdict(check="answers", grade=grade, subject=operation.id, reason=reason, evidence=evidence)
    if not answered:
        return Verdict(
            check="answers",
            grade=Grade.UNKNOWN,
            subject=operation.id,
            reason="never requested",
            evidence=evidence,
        )
    return Verdict(check="answers", grade=Grade.PASS, subject=operation.id, evidence=evidence)


def ledger(recorder: LoadRecorder, missing: Sequence[str]) -> Verdict:
    """Every planned arrival was sent or dropped, and every one sent was answered or is an error. `missing` are lost players."""
    counted = recorder.done - recorder.starved
    evidence = {
        "planned": recorder.planned,
        "sent": recorder.requests,
        "dropped": recorder.dropped.total(),
        "starved": recorder.starved,
        "answered": sum(tally.answered for tally in recorder.tallies.values()),
        "errors": recorder.errors,
        "unfinished": recorder.unfinished,
        "upkeep": recorder.upkeep,
        "refreshes": recorder.refreshes,
    }
    wrong = ""
    if missing:
        wrong = f"{', '.join(missing)} went away before the end; what they sent last is not counted"
    elif not recorder.planned:
        wrong = "not one request was sent"
    elif recorder.planned != recorder.requests + recorder.dropped.total() + recorder.starved:
        wrong = (
            f"{recorder.planned} arrivals were planned, but sent, dropped and starved do not add up to that"
        )
    elif counted != recorder.requests:
        wrong = f"{recorder.requests} requests were sent, but {counted} were answered or counted as errors"
    return Verdict(
        check="ledger", grade=Grade.UNKNOWN if wrong else Grade.PASS, reason=wrong, evidence=evidence
    )


def meaning(history: History, operations: Iterable[str], *, whole: bool) -> list[Verdict]:
    """What the checkers say of the history, each only where the mix gave it something to see."""
    planned = frozenset(operations)
    checks = [name for name, needs in NEEDS.items() if needs & planned and name != "versions"]
    with uncollected():
        found = check_history(history, checks=(*checks, "coverage"), operations=planned)
        if NEEDS["versions"] & planned or any(call.operation == "createContentItem" for call in history):
            # Others may write to a shared target; only the items that this run has made are wholly known to it.
            found += check_history(history, checks=("versions",), known=own(history))
        if any(call.operation == "socket.open" for call in history):
            found += check_history(history, checks=("events",))
    if whole:
        return found
    note = f"judged over the first {len(history)} calls"
    return [replace(verdict, reason=f"{verdict.reason} ({note})".strip()) for verdict in found]


def own(history: History) -> frozenset[str]:
    """The items that this run has created."""
    return frozenset(
        call.facts["item"]
        for call in history
        if call.operation == "createContentItem" and "item" in call.facts
    )


def verdicts(
    spec: Spec, recorder: LoadRecorder, *, operations: Sequence[str], claim: str, cpu: float | None,
    history: History, whole: bool, missing: Sequence[str],
) -> list[Verdict]:  # fmt: skip
    """All that a load run has to say, in the order of the report: operations, ledger, meaning."""
    state = health(recorder, cpu)
    tallies = recorder.tallies
    if claim == "objective":
        speed = [objective(spec[name], tallies.get(name), state) for name in operations]
    else:
        speed = [answers(spec[name], tallies.get(name), state) for name in operations]
    return [*speed, ledger(recorder, missing), *meaning(history, operations, whole=whole)]
