"""What a load run and a reconnect run measured, as values of the Run's JSON form."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import Field, model_validator

from contracts.run.histogram import BITS, Histogram
from contracts.run.latency_heat import OperationHeat
from contracts.run.values import Amount, Count, RunValue, Whole
from contracts.verdict import Grade, Verdict

LAST_BUCKET = (64 - BITS) << BITS


Triple = Annotated[list[Amount], Field(min_length=3, max_length=3)]


class PackedHistogram(RunValue):
    """Counts by bucket of 0.1 %, as `contracts.run.histogram.Histogram.pack()` writes them."""

    bits: Count
    min: Count | None
    max: Count | None
    sum: Count
    counts: list[Count]

    @model_validator(mode="after")
    def _sound(self) -> PackedHistogram:
        if self.bits != BITS:
            raise ValueError(f"{self.bits} bits are not the {BITS} of this version")
        if len(self.counts) % 2:
            raise ValueError("counts are pairs of distance and number")
        if (self.min is None) != (self.max is None) or (self.min or 0) > (self.max or 0):
            raise ValueError("min and max do not belong together")
        if sum(self.counts[::2]) > LAST_BUCKET:
            raise ValueError("a bucket lies beyond all times")
        if any(self.counts[1::2]) != (self.max is not None):
            raise ValueError("counts and max do not belong together")
        return self

    @classmethod
    def of(cls, histogram: Histogram) -> PackedHistogram:
        return cls.model_validate(histogram.pack())

    def unpack(self) -> Histogram:
        return Histogram.unpack(self.model_dump())


class VerdictRecord(RunValue):
    """A verdict in its JSON form; `grade` is the name of a Grade."""

    check: str
    grade: Literal["PASS", "ADVISORY", "UNKNOWN", "FAIL"]
    subject: str = ""
    reason: str = ""
    evidence: dict[str, Any] = Field(default_factory=dict)

    @classmethod
    def of(cls, verdict: Verdict) -> VerdictRecord:
        return cls.model_validate(
            {
                "check": verdict.check,
                "grade": verdict.grade.name,
                "subject": verdict.subject,
                "reason": verdict.reason,
                "evidence": dict(verdict.evidence),
            }
        )

    def verdict(self) -> Verdict:
        return Verdict(
            check=self.check,
            grade=Grade[self.grade],
            subject=self.subject,
            reason=self.reason,
            evidence=self.evidence,
        )


class OperationLoad(RunValue):
    """What a load run measured of one operation."""

    operation: str
    latency: PackedHistogram
    """Due to last byte, answered requests only."""
    service: PackedHistogram
    """Sent to last byte: the uncorrected number, shown beside and never judged."""
    answered: Count
    over: Count
    """Answered requests whose latency is strictly over the threshold: an exact counter."""
    over_service: Count
    errors: Count
    statuses: dict[str, Count] = Field(default_factory=dict)
    """By HTTP status, `error:<kind>` for calls without an answer."""
    error_examples: list[str] = Field(default_factory=list)


class Window(RunValue):
    """One second of a load run."""

    second: Count
    planned: Count
    sent: Count
    done: Count
    errors: Count
    over: Count
    lateness_max: Count
    """Worst sent - due in this second, ns."""
    p50: Amount | None = None
    p99: Amount | None = None
    """Latency, ns; None in a second without an answer."""


class Generator(RunValue):
    """How the load generator itself fared, and so whether its numbers can be believed."""

    planned: Count
    sent: Count
    late: Count
    """Sent more than 5 ms after they were due, for a reason of the generator's own."""
    dropped: Count
    unfinished: Count
    """Still without an answer when the drain ended; counted as errors at their age."""
    cpu: Amount | None = None
    """Mean share of one core, 0..1."""
    loop_lag_p99: Count | None = None
    saturated: str = ""
    """Empty, or the reason why the numbers say nothing about the target."""

    @property
    def disturbed(self) -> int:
        """ns by which our own delay may have lengthened latencies, 0 where the generator was steady.

        A machine that nobody else uses sends fewer than one request in a thousand late (load.results.judging).
        """
        unsteady = self.late > self.sent / 1000 or (self.loop_lag_p99 or 0) > 5_000_000
        return (self.loop_lag_p99 or 5_000_000) if unsteady else 0


class LoadResult(RunValue):
    """What one load scenario measured, and what was judged of it."""

    scenario: str
    """`gate`, `steady`, …"""
    plan: str
    """The arrival plan in words: `constant 200/s for 50 s, seed 1`."""
    seed: Whole
    seconds: Amount
    operations: list[OperationLoad]
    windows: list[Window]
    generator: Generator
    verdicts: list[VerdictRecord]
    """Objectives per operation, and what checkers say of the recorded history."""
    spans: list[Amount] = Field(default_factory=list)
    heat: list[OperationHeat] = Field(default_factory=list)
    """Latency of each operation over time; empty where it was not recorded."""
    heat_seconds: Count = 0
    """Length of a window in `heat`."""


class ReconnectResult(RunValue):
    """What one reconnect policy came to through one outage."""

    policy: str
    fault: str
    meaning: str = ""
    """What the fault does to the clients, in words."""
    time_scale: Amount = 1.0
    """All waits of the clients were this many times what they are in the guide."""
    outage_seconds: Amount
    clients: Count
    recovered: Count
    given_up: Count
    never_tried: Count
    recovery: PackedHistogram
    """From the target's return to an open socket, recovered clients only."""
    attempts: dict[str, Count] = Field(default_factory=dict)
    """Attempts per client -> how many clients."""
    peak_connects_100ms: Count = 0
    sockets_per_client: dict[str, Count] = Field(default_factory=dict)
    """Open sockets after recovery -> how many clients."""
    refreshes_per_client: dict[str, Count] = Field(default_factory=dict)
    """Token refreshes from the drop on -> how many clients."""
    events_missed: Count = 0
    events_recovered_by_sync: Count = 0
    timeline: list[Triple] = Field(default_factory=list)
    """[second since the drop, open sockets, connects in this slot]."""
    verdicts: list[VerdictRecord] = Field(default_factory=list)

    @property
    def title(self) -> str:
        """The fault, and by how much time was squeezed."""
        return self.fault if self.time_scale == 1 else f"{self.fault}, time x{self.time_scale:g}"
