"""The verdicts of a fan-out: each socket must get each event once, read at least its version, and be fast enough."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from contracts.history import read
from contracts.run.histogram import Histogram
from contracts.spec import Spec
from contracts.verdict import Grade, Verdict
from load.engine.recorder import LoadRecorder
from load.realtime.storm.storm_verdicts import unversioned
from load.results.judging import CPU, Health, answers, health, meaning, objective
from load.results.reconciliation import ledger
from load.runs.sockets.fanout_sockets import EventDeliveries

SPREAD = 100_000_000
"""Half of the guide's 200 ms."""


@dataclass(frozen=True, kw_only=True)
class FanOutPlan:
    """The plan of a fan-out: a write every `1 / rate` seconds for `seconds`."""

    clients: int = 200
    rate: float = 1.0
    seconds: float = 12.0
    seed: int = 1
    keep_data: bool = False

    @property
    def writes(self) -> int:
        return max(1, round(self.rate * self.seconds))

    @property
    def words(self) -> str:
        return (
            f"{self.writes} writes, {self.rate:g}/s, {self.clients} sockets that read again, seed {self.seed}"
        )


@dataclass(frozen=True, slots=True)
class Staleness:
    """The delay of readers after a write, in ns. `event`: from the write's answer to the event on a socket (0 if the event came
    first); `read`: from the event to the last byte of the new read."""

    event: Histogram
    read: Histogram


@dataclass(frozen=True, slots=True, kw_only=True)
class FanOutResult:
    """The record of a fan-out."""

    clients: int
    written: Sequence[int]
    """The versions of acknowledged writes."""
    deliveries: Mapping[int, EventDeliveries]
    lost: Mapping[str, int]
    stale: Sequence[str]
    staleness: Staleness
    unversioned: int = 0
    """Events of the item without a version."""


def judge(
    spec: Spec, result: FanOutResult, recorder: LoadRecorder, cpu: float | None, history: bytes
) -> list[Verdict]:
    """All verdicts. Reads are judged by their objective; writes are few and only have to succeed."""
    calls = tuple(read(history.splitlines()))
    return [
        *by_operation(spec, recorder, cpu),
        *_delivered(result),
        _fresh(result),
        ledger(recorder, ()),
        *meaning(calls, ("updateContentItem", "getContentItem", "getContentItems"), whole=True),
    ]


def by_operation(spec: Spec, recorder: LoadRecorder, cpu: float | None) -> list[Verdict]:
    state = steady(recorder, cpu)
    return [
        *(
            objective(spec[name], recorder.tallies.get(name), state)
            for name in ("getContentItems", "getContentItem")
        ),
        answers(spec["updateContentItem"], recorder.tallies.get("updateContentItem"), state),
    ]


def steady(recorder: LoadRecorder, cpu: float | None) -> Health:
    """The generator's health. In a fan-out requests are late by nature, because one process sends those of all clients in turn.

    If the last request of an event leaves within SPREAD, the generator only counts as unsteady; beyond that it counts as saturated,
    because the target got its requests too slowly.
    """
    state = health(recorder, cpu)
    last = max((moment.lateness for moment in recorder.moments.values()), default=0)
    if (cpu or 0) > CPU or last > SPREAD:
        return state
    return replace(state, blind="", unsteady=state.unsteady or state.blind)


def _delivered(result: FanOutResult) -> Iterator[Verdict]:
    due = result.clients * len(result.written)
    deliveries = [result.deliveries[version] for version in result.written if version in result.deliveries]
    came = sum(len(one.at) for one in deliveries)
    twice = sum(one.again.total() for one in result.deliveries.values())
    evidence: dict[str, Any] = {
        "events": came,
        "due": due,
        "toldMs": quantiles(result.staleness.event),
        "readAgainMs": quantiles(result.staleness.read),
    }
    gone = sum(result.lost.values())
    grade, reason = Grade.PASS, ""
    if not due:
        grade, reason = Grade.UNKNOWN, "not one write was acknowledged"
    elif came < due:
        grade = Grade.FAIL
        reason = f"{due - came} of {due} events of acknowledged writes never came (W3){unversioned(result.unversioned)}"
        if gone:
            reason += f"; {gone} sockets: " + ", ".join(
                f"{count} {how}" for how, count in result.lost.items()
            )
    yield Verdict(check="fanout.told", grade=grade, reason=reason, evidence=evidence)
    yield Verdict(
        check="fanout.once",
        grade=Grade.FAIL if twice else Grade.PASS if came else Grade.UNKNOWN,
        reason=f"{twice} events came again on the same socket (W2)"
        if twice
        else ""
        if came
        else "no event came",
        evidence={"repeats": twice},
    )


def _fresh(result: FanOutResult) -> Verdict:
    done = result.staleness.read.total
    grade, reason = Grade.PASS, ""
    if result.stale:
        grade = Grade.FAIL
        reason = f"{len(result.stale)} of {done} clients that read again were shown {result.stale[0]}"
    elif not done:
        grade, reason = Grade.UNKNOWN, "nobody read again"
    return Verdict(
        check="fanout.fresh", grade=grade, reason=reason, evidence={"stale": len(result.stale), "read": done}
    )


def quantiles(histogram: Histogram) -> dict[str, float | None]:
    found = {name: histogram.quantile(q) for name, q in (("p50", 0.5), ("p99", 0.99), ("max", 1.0))}
    return {name: None if value is None else round(value / 1e6, 2) for name, value in found.items()}
