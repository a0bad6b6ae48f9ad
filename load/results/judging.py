"""The verdicts of a load run, from its counters, the generator's health and the recorded history.

Exact counts decide, not percentiles. With a saturated or unsteady generator nothing passes, because the target did not get the
planned load at the planned time. A FAIL still stands: for each slow answer the generator's own delay is known (late send, stalls
of the process) and subtracted, and only if that changes the verdict does it become UNKNOWN. An arrival that was not sent counts as
a violation against PASS, but never towards FAIL; if more than one in a hundred was not sent, nothing passes. If a load process or
a task was lost, its counts are unknown: nothing passes, and a FAIL stands only if it would with all of those as good answers.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from types import MappingProxyType

from contracts.checkers import judge as check_history
from contracts.command.collector_pause import uncollected
from contracts.history import History
from contracts.objective import CONFIDENCE, Counts, judge
from contracts.run import Generator
from contracts.spec import Operation, Spec
from contracts.verdict import Grade, Verdict
from load.engine.in_flight import TOKEN_ENDED
from load.engine.recorder import NO_ANSWER_IN_TIME, LoadRecorder, OperationTally
from load.realtime.channel import CHANNELS, Timed
from load.results.reconciliation import ledger

# Unsteady. Measured with generator and server alone on two cores (real-time priority): of 21,804 requests at 306/s and 900/s
# none was sent more than 5 ms late (the worst 4.9 ms), and the loop's lag was 1.0 to 1.1 ms at p99, 1 ms of it gevent's
# rounding. So one late request in a thousand, or five times that lag, shows that the machine has other work. At a load average
# of 10, 9 to 49 % were late and the lag was 10 to 157 ms.
LATE_SHARE = 0.001
LAG_P99 = 5_000_000

# Saturated. The generator's own delay can only lengthen a latency from the due time, so it cannot cause a PASS; but beyond
# these limits the target did not get the planned load at the planned time, and its behaviour under that load is unknown.
CPU = 0.9
TARDY_SHARE = 0.01
LOST_P99 = 40_000_000
"""A fifth of the guide's 200 ms."""
GAPS_SHARE = 0.01
BEYOND_DOUBT = 0.999
GIVEN_UP = (*sorted(NO_ANSWER_IN_TIME), "error:starved")
"""Errors that depend on the generator's own clock."""
ENDED = f"error:{TOKEN_ENDED}"
TOLD = (
    "{} answers were 401 to a ready token, or to one whose refresh was refused for now: it has ended or was revoked, "
    "or the target is wrong"
)

# Check -> the operations of which it needs at least one in the mix.
NEEDS = {
    "versions": frozenset({"createContentItem"}),
    "lost-update": frozenset({"updateContentItem", "bulkUpdateContent"}),
    "bulk": frozenset({"bulkUpdateContent"}),
    "sync": frozenset({"syncContent"}),
    "sessions": frozenset({"refreshTokens"}),
}


@dataclass(frozen=True, slots=True)
class Health:
    """The health of the load generator, as reasons that are empty if all is well. `blind`: it was saturated; `unsteady`: measured
    times are too long, by about `lag` ns; `gaps`: the load was not the planned one."""

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
    saturation = (
        (burnt, (cpu or 0) > CPU),
        (stalled, lag > LOST_P99),
        (tardy, recorder.tardy > TARDY_SHARE * sent),
    )
    unsteadiness = ((late, recorder.late > LATE_SHARE * sent), (stalled, lag > LAG_P99))
    blind, unsteady = ([text for text, bad in found if bad] for found in (saturation, unsteadiness))
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


def objective(
    operation: Timed, tally: OperationTally | None, state: Health, *, holes: Sequence[str] = (), absent: int = 0,
    confidence: float = CONFIDENCE,
) -> Verdict:  # fmt: skip
    """The verdict on an operation's objective, with regard to the generator's health.

    `holes` are reasons why the count is incomplete, `absent` is the number of requests that may be missing in it.
    """
    if tally is None:
        found = judge(operation.objective, Counts(answered=0, over=0, errors=0), operation=operation.id)
        return _doubted(found, holes)
    counts = Counts(answered=tally.answered, over=tally.over, errors=tally.errors)
    found = judge(operation.objective, counts, operation=operation.id, confidence=confidence)
    if found.grade is Grade.FAIL:
        return _undeniable(operation, tally, state, found, holes, absent, confidence)
    if holes:
        return _doubted(found, holes)
    if state.reason:
        # Also if the counts alone make it UNKNOWN, because the generator is what the user can mend.
        return replace(found, grade=Grade.UNKNOWN, reason=f"{state.reason} ({found.reason})")
    if found.grade is Grade.PASS and tally.dropped:
        return _with_gaps(operation, tally, found)
    return found


def _doubted(found: Verdict, holes: Sequence[str]) -> Verdict:
    """The verdict as UNKNOWN if the counts or the history are incomplete."""
    if not holes or found.grade is Grade.ADVISORY:
        return found
    reason = f" ({found.reason})" if found.reason else ""
    return replace(found, grade=Grade.UNKNOWN, reason=f"{'; '.join(holes)}{reason}")


def _undeniable(
    operation: Timed, tally: OperationTally, state: Health, found: Verdict, holes: Sequence[str], absent: int,
    confidence: float,
) -> Verdict:  # fmt: skip
    """A FAIL, or UNKNOWN if the generator's own delay, an ended token or missing counts may have caused it."""
    unheard, ended = _unheard(tally, state), tally.statuses[ENDED]
    excuses = list(holes)
    if ended:
        excuses.append(TOLD.format(ended))
    if tally.ours or unheard > ended:
        own = f"the load generator's own delay made {tally.ours} of them slow" if tally.ours else ""
        excuses.append(state.blind or state.unsteady or own)
    if not excuses:
        return found
    counts = Counts(
        answered=tally.answered + absent, over=tally.over - tally.ours, errors=tally.errors - unheard
    )
    without = judge(operation.objective, counts, operation=operation.id, confidence=confidence)
    if without.grade is Grade.FAIL:
        ours = tally.ours + unheard
        why = "ended tokens or the load generator's own delay" if ended else "the load generator's own delay"
        more = f"{without.reason}; {ours} more, by {why}, are not counted"
        return replace(without, reason=more) if ours else found
    return replace(found, grade=Grade.UNKNOWN, reason=f"{'; '.join(excuses)} ({found.reason})")


def _unheard(tally: OperationTally, state: Health) -> int:
    """Errors that may be ours: a ready token that has ended, and answers that a saturated process left unread until the timeout."""
    given_up = sum(tally.statuses[kind] for kind in GIVEN_UP) if state.blind else 0
    return given_up + tally.statuses[ENDED]


def _with_gaps(operation: Timed, tally: OperationTally, found: Verdict) -> Verdict:
    """A PASS, or UNKNOWN if it would not hold with each arrival that was not sent as a violation."""
    missing = tally.dropped
    reason = f"{found.reason}; {missing} not sent"
    counts = Counts(answered=tally.answered + missing, over=tally.over + missing, errors=tally.errors)
    if judge(operation.objective, counts, operation=operation.id).grade is Grade.PASS:
        return replace(found, reason=f"{reason}, and it holds even if all of those were violations")
    return replace(found, grade=Grade.UNKNOWN, reason=f"{reason}, and they might have been violations")


def answers(
    operation: Operation, tally: OperationTally | None, state: Health, *, holes: Sequence[str] = (),
    refused: int = 0,
) -> Verdict:  # fmt: skip
    """The verdict of a run that is too short for objectives: whether every request was answered as documented. `refused` are errors
    that are right."""
    answered, errors = (tally.answered, tally.errors - refused) if tally else (0, 0)

    def verdict(grade: Grade, reason: str) -> Verdict:
        evidence = {"answered": answered, "errors": errors}
        return Verdict(check="answers", grade=grade, subject=operation.id, reason=reason, evidence=evidence)

    if tally is not None and errors:
        reason = f"{errors} of {answered + refused + errors} requests failed"
        if errors == _unheard(tally, state):
            why = TOLD.format(tally.statuses[ENDED]) if tally.statuses[ENDED] else state.blind
            return verdict(Grade.UNKNOWN, f"{why} ({reason})")
        return verdict(Grade.FAIL, reason)
    return _doubted(
        verdict(Grade.PASS, "") if answered or refused else verdict(Grade.UNKNOWN, "never requested"), holes
    )


def clients(
    operation: Operation, tally: OperationTally | None, state: Health, *, holes: Sequence[str] = ()
) -> Verdict:
    """The verdict on a closed workload. Speed never passes, because a slow target gets fewer requests from waiting clients; it
    fails only with very high confidence, because the samples are few and depend on each other."""
    right = answers(operation, tally, state, holes=holes)
    speed = objective(operation, tally, state, holes=holes, confidence=BEYOND_DOUBT)
    return speed if speed.grade is Grade.FAIL and right.grade is not Grade.FAIL else right


def limited(
    operation: Operation, tally: OperationTally | None, state: Health, *, holes: Sequence[str] = ()
) -> Verdict:
    """The verdict of a run that exceeds a rate limit on purpose: 429 is the only allowed error."""
    refused = tally.statuses["429"] if tally is not None else 0
    found = answers(operation, tally, state, holes=holes, refused=refused)
    if tally is None or found.grade is not Grade.PASS:
        return found
    evidence = {"answered": tally.answered, "refused": refused}
    if not refused:
        reason = (
            "no request was refused for the rate: the target has no limit, or one above this rate (--rate)"
        )
        return replace(found, grade=Grade.UNKNOWN, reason=reason, evidence=evidence)
    reason = f"{tally.answered} taken, {refused} refused for the rate"
    return replace(found, reason=reason, evidence=evidence)


def by_operation(
    spec: Spec, recorder: LoadRecorder, *, operations: Sequence[str], claim: str, state: Health,
    holes: Sequence[str] = (), absent: Mapping[str, int] = MappingProxyType({}),
) -> list[Verdict]:  # fmt: skip
    """One verdict for each operation, by the claim of the scenario; used during the run and at its end."""
    tallies = recorder.tallies
    if claim == "objective":
        return [
            objective(spec[name], tallies.get(name), state, holes=holes, absent=absent.get(name, 0)) for name in operations
        ]  # fmt: skip
    judged = {"clients": clients, "limit": limited}.get(claim, answers)
    found = [judged(spec[name], tallies.get(name), state, holes=holes) for name in operations]
    if claim == "sockets":
        found += [
            objective(one, tallies[one.id], state, holes=holes) for one in CHANNELS if one.id in tallies
        ]
    return found


def meaning(
    history: History, operations: Iterable[str], *, whole: bool, holes: Sequence[str] = ()
) -> list[Verdict]:
    """The checkers' verdicts on the history; a checker runs only if the mix has operations for it.

    `history` has the calls of the processes whose record is complete. What it proves about items that these processes created
    holds, even if other processes did not report.
    """
    planned = frozenset(operations)
    checks = [name for name, needs in NEEDS.items() if needs & planned and name != "versions"]
    with uncollected():
        found = check_history(history, checks=(*checks, "coverage"), operations=planned)
        if NEEDS["versions"] & planned or any(call.operation == "createContentItem" for call in history):
            # Others may write to a shared target, so only the items that this run created are fully known.
            found += check_history(history, checks=("versions",), known=own(history))
        if any(call.operation == "socket.open" for call in history):
            found += check_history(history, checks=("events",))
    found = [verdict if verdict.grade is Grade.FAIL else _doubted(verdict, holes) for verdict in found]
    note = "" if whole else f" (judged over the first {len(history)} calls)"
    return [replace(verdict, reason=f"{verdict.reason}{note}".strip()) for verdict in found]


def own(history: History) -> frozenset[str]:
    """The items that this run created."""
    made = (call.facts for call in history if call.operation == "createContentItem")
    return frozenset(facts["item"] for facts in made if "item" in facts)


def verdicts(
    spec: Spec, recorder: LoadRecorder, *, operations: Sequence[str], claim: str, cpu: float | None,
    history: History, whole: bool, holes: Sequence[str] = (), absent: Mapping[str, int] = MappingProxyType({}),
) -> list[Verdict]:  # fmt: skip
    """All verdicts of a load run, in the order of the report: operations, ledger, history."""
    speed = by_operation(
        spec, recorder, operations=operations, claim=claim, state=health(recorder, cpu), holes=holes, absent=absent
    )  # fmt: skip
    return [*speed, ledger(recorder, holes), *meaning(history, operations, whole=whole, holes=holes)]
