"""From what was counted to verdicts: objectives, the ledger, the generator's own health, and the recorded history.

Percentiles decide nothing here. A generator that was saturated or unsteady makes no PASS, because the target did not get the planned
load at the planned time. It excuses no FAIL by that: of each slow answer our own delay is known (how late it was sent, and for how
long this process stood still meanwhile), is taken off, and the rest is judged; only where that changes the verdict is it UNKNOWN.
An arrival that was left out counts like a violation against PASS and never towards FAIL; where more than one in a hundred was left
out, nothing passes. Where a load process was lost or a task of ours died, what it would have counted is not known: nothing passes,
and a FAIL stands if it would stand with all of that as good answers.
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
from load.engine.recorder import LoadRecorder, OperationTally
from load.realtime.channel import CHANNELS, Timed
from load.results.reconciliation import ledger

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
BEYOND_DOUBT = 0.999
GIVEN_UP = ("error:timeout", "error:unfinished", "error:starved")
"""Errors by our own clock, or for want of an answer that was given up."""
ENDED = f"error:{TOKEN_ENDED}"
TOLD = "{} answers were 401 to a ready token: it has ended or was revoked, or the target is wrong"

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
    """The state of the load generator. `blind`: the clock cannot be trusted; `unsteady`: it says too much, by about `lag` ns;
    `gaps`: the load was not the planned one. Each is the reason, and empty where all is well."""

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


def objective(
    operation: Timed, tally: OperationTally | None, state: Health, *, holes: Sequence[str] = (), absent: int = 0,
    confidence: float = CONFIDENCE,
) -> Verdict:  # fmt: skip
    """The operation's verdict, with what the generator's health leaves of it.

    `holes` are reasons why the count is not complete, `absent` is how many requests may be missing in it.
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
        # Also where the counts alone are doubtful: what made them so is what somebody can mend.
        return replace(found, grade=Grade.UNKNOWN, reason=f"{state.reason} ({found.reason})")
    if found.grade is Grade.PASS and tally.dropped:
        return _with_gaps(operation, tally, found)
    return found


def _doubted(found: Verdict, holes: Sequence[str]) -> Verdict:
    """Nothing is proven by a count or a history with a hole in it."""
    if not holes or found.grade is Grade.ADVISORY:
        return found
    told = f" ({found.reason})" if found.reason else ""
    return replace(found, grade=Grade.UNKNOWN, reason=f"{'; '.join(holes)}{told}")


def _undeniable(
    operation: Timed, tally: OperationTally, state: Health, found: Verdict, holes: Sequence[str], absent: int,
    confidence: float,
) -> Verdict:  # fmt: skip
    """FAIL stands only if it would stand without what our own delay, or a hole in the count, can have made of it."""
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
    """Errors that may be ours: a ready token that has ended, and what a saturated process left unread until it gave up waiting."""
    given_up = sum(tally.statuses[kind] for kind in GIVEN_UP) if state.blind else 0
    return given_up + tally.statuses[ENDED]


def _with_gaps(operation: Timed, tally: OperationTally, found: Verdict) -> Verdict:
    """PASS stands only if it would also stand with every arrival that was left out as a violation."""
    missing = tally.dropped
    told = f"{found.reason}; {missing} not sent"
    counts = Counts(answered=tally.answered + missing, over=tally.over + missing, errors=tally.errors)
    if judge(operation.objective, counts, operation=operation.id).grade is Grade.PASS:
        return replace(found, reason=f"{told}, and it holds even if all of those were violations")
    return replace(found, grade=Grade.UNKNOWN, reason=f"{told}, and they might have been violations")


def answers(
    operation: Operation, tally: OperationTally | None, state: Health, *, holes: Sequence[str] = ()
) -> Verdict:
    """For a run too short for an objective: it answered as documented, every time."""
    answered, errors = (tally.answered, tally.errors) if tally else (0, 0)

    def verdict(grade: Grade, reason: str) -> Verdict:
        evidence = {"answered": answered, "errors": errors}
        return Verdict(check="answers", grade=grade, subject=operation.id, reason=reason, evidence=evidence)

    if tally is not None and errors:
        reason = f"{errors} of {answered + errors} requests failed"
        if errors == _unheard(tally, state):
            why = TOLD.format(tally.statuses[ENDED]) if tally.statuses[ENDED] else state.blind
            return verdict(Grade.UNKNOWN, f"{why} ({reason})")
        return verdict(Grade.FAIL, reason)
    return _doubted(verdict(Grade.PASS, "") if answered else verdict(Grade.UNKNOWN, "never requested"), holes)


def clients(
    operation: Operation, tally: OperationTally | None, state: Health, *, holes: Sequence[str] = ()
) -> Verdict:
    """For requests of clients that wait for their answers: a slow target spares itself their requests, so that speed never
    passes here; but what is too slow even so fails, if that is beyond doubt: these are few and depend on each other."""
    right = answers(operation, tally, state, holes=holes)
    speed = objective(operation, tally, state, holes=holes, confidence=BEYOND_DOUBT)
    return speed if speed.grade is Grade.FAIL and right.grade is not Grade.FAIL else right


def limited(
    operation: Operation, tally: OperationTally | None, state: Health, *, holes: Sequence[str] = ()
) -> Verdict:
    """For a run that goes beyond a rate limit on purpose: 429 is right there, and nothing else that is no success."""
    found = answers(operation, tally, state, holes=holes)
    refused = tally.statuses["429"] if tally is not None else 0
    if (
        tally is None
        or found.grade is Grade.UNKNOWN
        or (found.grade is Grade.FAIL and tally.errors != refused)
    ):
        return found
    evidence = {"answered": tally.answered, "refused": refused}
    if not refused:
        reason = (
            "no request was refused for the rate: the target has no limit, or one above this rate (--rate)"
        )
        return replace(found, grade=Grade.UNKNOWN, reason=reason, evidence=evidence)
    told = f"{tally.answered} taken, {refused} refused for the rate"
    return _doubted(replace(found, grade=Grade.PASS, reason=told, evidence=evidence), holes)


def by_operation(
    spec: Spec, recorder: LoadRecorder, *, operations: Sequence[str], claim: str, state: Health,
    holes: Sequence[str] = (), absent: Mapping[str, int] = MappingProxyType({}),
) -> list[Verdict]:  # fmt: skip
    """A verdict an operation, by what the run claims; the same while it runs and at its end."""
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
    """What the checkers say of the history, each only where the mix gave it something to see.

    `history` holds the calls of those processes whose record is complete: what they prove of the items that they made
    themselves is proven, whatever others did not tell.
    """
    planned = frozenset(operations)
    checks = [name for name, needs in NEEDS.items() if needs & planned and name != "versions"]
    with uncollected():
        found = check_history(history, checks=(*checks, "coverage"), operations=planned)
        if NEEDS["versions"] & planned or any(call.operation == "createContentItem" for call in history):
            # Others may write to a shared target; only the items that this run has made are wholly known to it.
            found += check_history(history, checks=("versions",), known=own(history))
        if any(call.operation == "socket.open" for call in history):
            found += check_history(history, checks=("events",))
    found = [verdict if verdict.grade is Grade.FAIL else _doubted(verdict, holes) for verdict in found]
    note = "" if whole else f" (judged over the first {len(history)} calls)"
    return [replace(verdict, reason=f"{verdict.reason}{note}".strip()) for verdict in found]


def own(history: History) -> frozenset[str]:
    """The items that this run has created."""
    made = (call.facts for call in history if call.operation == "createContentItem")
    return frozenset(facts["item"] for facts in made if "item" in facts)


def verdicts(
    spec: Spec, recorder: LoadRecorder, *, operations: Sequence[str], claim: str, cpu: float | None,
    history: History, whole: bool, holes: Sequence[str] = (), absent: Mapping[str, int] = MappingProxyType({}),
) -> list[Verdict]:  # fmt: skip
    """All that a load run has to say, in the order of the report: operations, ledger, meaning."""
    speed = by_operation(
        spec, recorder, operations=operations, claim=claim, state=health(recorder, cpu), holes=holes, absent=absent
    )  # fmt: skip
    return [*speed, ledger(recorder, holes), *meaning(history, operations, whole=whole, holes=holes)]
