"""From what was counted to verdicts: objectives, the ledger, the generator's own health, and the recorded history.

Percentiles decide nothing here. A saturated generator says nothing about speed, neither PASS nor FAIL; errors that the target
answered are errors all the same. An arrival that was left out counts like a violation against PASS and never towards FAIL; and
where more than one in a hundred was left out, the target did not get the planned load, so that nothing passes.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from contracts.checkers import judge as check_history
from contracts.history import Call, History
from contracts.objective import Counts, judge
from contracts.run import Generator
from contracts.spec import Operation, Spec
from contracts.verdict import Grade, Verdict
from load.recorder import Recorder, Tally

CPU = 0.9
TARDY_SHARE = 0.01
LAG_P99 = 40_000_000
"""A fifth of the guide's 200 ms. Below that our own delay is small beside what is judged; above, it is what is judged."""

GAPS_SHARE = 0.01

# Which check needs which of these operations in the mix to have anything to see.
NEEDS = {
    "versions": frozenset({"createContentItem"}),
    "lost-update": frozenset({"updateContentItem", "bulkUpdateContent"}),
    "bulk": frozenset({"bulkUpdateContent"}),
    "sync": frozenset({"syncContent"}),
    "sessions": frozenset({"refreshTokens"}),
}
ROWS = frozenset({"getContentItems", "getContentByCategory", "syncContent"})


@dataclass(frozen=True, slots=True)
class Health:
    """`blind` is why the clock cannot be trusted, `gaps` why the load was not the planned one; empty where all is well."""

    blind: str
    gaps: str

    @property
    def reason(self) -> str:
        return "; ".join(part for part in (self.blind, self.gaps) if part)


def health(recorder: Recorder, cpu: float | None) -> Health:
    blind = []
    lag = recorder.lag.quantile(0.99)
    if cpu is not None and cpu > CPU:
        blind.append(f"a load process used {cpu:.0%} of a core")
    if lag is not None and lag > LAG_P99:
        blind.append(f"its event loop was {lag / 1e6:.0f} ms late at p99")
    if recorder.tardy > TARDY_SHARE * max(recorder.requests, 1):
        blind.append(
            f"{recorder.tardy} of {recorder.requests} requests were sent late by over a tenth of the threshold"
        )
    told = f"the load generator was saturated: {' and '.join(blind)}" if blind else ""
    missing = ""
    if recorder.dropped.total() > GAPS_SHARE * recorder.planned:
        reasons = ", ".join(f"{count} not sent ({why})" for why, count in sorted(recorder.dropped.items()))
        missing = f"of {recorder.planned} arrivals {reasons}"
    return Health(told, missing)


def generator(recorder: Recorder, cpu: float | None) -> Generator:
    lag = recorder.lag.quantile(0.99)
    return Generator(
        planned=recorder.planned,
        sent=recorder.requests,
        late=recorder.late,
        dropped=recorder.dropped.total(),
        unfinished=recorder.unfinished,
        cpu=cpu,
        loop_lag_p99=None if lag is None else round(lag),
        saturated=health(recorder, cpu).reason,
    )


def objective(operation: Operation, tally: Tally | None, state: Health) -> Verdict:
    """The operation's verdict, with what the generator's health leaves of it."""
    if tally is None:
        return judge(operation.objective, Counts(answered=0, over=0, errors=0), operation=operation.id)
    counts = Counts(answered=tally.answered, over=tally.over, errors=tally.errors)
    found = judge(operation.objective, counts, operation=operation.id)
    if found.grade is Grade.FAIL and state.blind:
        failed = Counts(answered=tally.answered, over=0, errors=tally.errors)
        without_clock = judge(operation.objective, failed, operation=operation.id)
        if without_clock.grade is Grade.FAIL:
            return without_clock
        return replace(found, grade=Grade.UNKNOWN, reason=f"{state.reason} ({found.reason})")
    if found.grade is Grade.PASS and state.reason:
        return replace(found, grade=Grade.UNKNOWN, reason=f"{state.reason} ({found.reason})")
    if found.grade is Grade.PASS and tally.dropped:
        return _with_gaps(operation, tally, found)
    return found


def _with_gaps(operation: Operation, tally: Tally, found: Verdict) -> Verdict:
    """PASS stands only if it would also stand with every arrival that was left out as a violation."""
    missing = tally.dropped
    told = f"{found.reason}; {missing} not sent"
    counts = Counts(answered=tally.answered + missing, over=tally.over + missing, errors=tally.errors)
    if judge(operation.objective, counts, operation=operation.id).grade is Grade.PASS:
        return replace(found, reason=f"{told}, and it holds even if all of those were violations")
    return replace(found, grade=Grade.UNKNOWN, reason=f"{told}, and they might have been violations")


def answers(operation: Operation, tally: Tally | None) -> Verdict:
    """For a run too short for an objective: it answered as documented, every time."""
    answered, errors = (tally.answered, tally.errors) if tally else (0, 0)
    evidence = {"answered": answered, "errors": errors}
    if errors:
        reason = f"{errors} of {answered + errors} requests failed"
        return Verdict(
            check="answers", grade=Grade.FAIL, subject=operation.id, reason=reason, evidence=evidence
        )
    if not answered:
        return Verdict(
            check="answers",
            grade=Grade.UNKNOWN,
            subject=operation.id,
            reason="never requested",
            evidence=evidence,
        )
    return Verdict(check="answers", grade=Grade.PASS, subject=operation.id, evidence=evidence)


def ledger(recorder: Recorder, missing: Sequence[str]) -> Verdict:
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
    found = check_history(history, checks=(*checks, "coverage"), operations=planned)
    if NEEDS["versions"] & planned or any(call.operation == "createContentItem" for call in history):
        # Others may write to a shared target; only the items that this run has made are wholly known to it.
        found += check_history(own(history), checks=("versions",))
    if whole:
        return found
    note = f"judged over the first {len(history)} calls"
    return [replace(verdict, reason=f"{verdict.reason} ({note})".strip()) for verdict in found]


def own(history: History) -> History:
    """The history of the items that this run has created."""
    items = {
        call.facts["item"]
        for call in history
        if call.operation == "createContentItem" and "item" in call.facts
    }
    return tuple(_mine(call, items) for call in history)


def _mine(call: Call, items: set[str]) -> Call:
    if call.operation not in ROWS or "items" not in call.facts:
        return call
    rows = [row for row in call.facts["items"] if row[0] in items]
    return replace(call, facts={**call.facts, "items": rows})


def verdicts(
    spec: Spec, recorder: Recorder, *, operations: Sequence[str], claim: str, cpu: float | None,
    history: History, whole: bool, missing: Sequence[str],
) -> list[Verdict]:  # fmt: skip
    """All that a load run has to say, in the order of the report: operations, ledger, meaning."""
    state = health(recorder, cpu)
    tallies = recorder.tallies
    if claim == "objective":
        speed = [objective(spec[name], tallies.get(name), state) for name in operations]
    else:
        speed = [answers(spec[name], tallies.get(name)) for name in operations]
    return [*speed, ledger(recorder, missing), *meaning(history, operations, whole=whole)]
