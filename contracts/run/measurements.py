"""The measurements of a load run and of a reconnect run, as parts of a `Run`."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import Field, model_validator

from contracts.run.histogram import BITS, Histogram
from contracts.run.latency_heat import OperationHeat
from contracts.run.values import Amount, Count, GradeName, RunValue, Whole
from contracts.verdict import Grade, Verdict

LAST_BUCKET = (64 - BITS) << BITS


Triple = Annotated[list[Amount], Field(min_length=3, max_length=3)]


class PackedHistogram(RunValue):
    """The JSON form of a histogram, as `contracts.run.histogram.Histogram.pack()` writes it."""

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
    """The JSON form of a verdict."""

    check: str
    grade: GradeName
    subject: str = ""
    reason: str = ""
    evidence: dict[str, Any] = Field(default_factory=dict)

    @classmethod
    def of(cls, verdict: Verdict) -> VerdictRecord:
        fields = {name: getattr(verdict, name) for name in cls.model_fields}
        return cls.model_validate({**fields, "grade": verdict.grade.name, "evidence": dict(verdict.evidence)})

    def verdict(self) -> Verdict:
        return Verdict(**{**dict(self), "grade": Grade[self.grade]})


class OperationLoad(RunValue):
    """The measurements of one operation in a load run."""

    operation: str
    latency: PackedHistogram
    """Time from due to the last byte, of answered requests only."""
    service: PackedHistogram
    """Time from sent to the last byte: the uncorrected latency, which is shown but never judged."""
    answered: Count
    over: Count
    """The exact number of answered requests whose latency is strictly over the threshold."""
    over_service: Count
    errors: Count
    statuses: dict[str, Count] = Field(default_factory=dict)
    """Counts by HTTP status, or by `error:<kind>` for calls without an answer."""
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
    """The greatest sent - due in this second, ns."""
    p50: Amount | None = None
    p99: Amount | None = None
    """Latency, ns; None in a second without an answer."""


class Generator(RunValue):
    """The state of the load generator, which decides whether its measurements can be trusted."""

    planned: Count
    sent: Count
    late: Count
    """Requests that the generator itself sent more than 5 ms after they were due."""
    dropped: Count
    unfinished: Count
    """Requests without an answer at the end of the drain; they are errors, with their age as latency."""
    cpu: Amount | None = None
    """The mean share of one core, 0..1."""
    loop_lag_p99: Count | None = None
    saturated: str = ""
    """The reason why the measurements say nothing about the target; empty if they do."""

    @property
    def disturbed(self) -> int:
        """The ns by which the generator may have lengthened latencies; 0 if it was steady.

        A machine without other work sends fewer than one request in a thousand late (load.results.judging).
        """
        unsteady = self.late > self.sent / 1000 or (self.loop_lag_p99 or 0) > 5_000_000
        return (self.loop_lag_p99 or 5_000_000) if unsteady else 0


class LoadResult(RunValue):
    """The measurements of one load scenario, and the verdicts on them."""

    scenario: str
    """`gate`, `steady`, …"""
    plan: str
    """The arrival plan as text: `constant 200/s for 50 s, seed 1`."""
    seed: Whole
    seconds: Amount
    operations: list[OperationLoad]
    windows: list[Window]
    generator: Generator
    verdicts: list[VerdictRecord]
    """The verdicts on the objectives of each operation, and those of the checkers on the recorded history."""
    heat: list[OperationHeat] = Field(default_factory=list)
    """The latency of each operation over time; empty if it was not recorded."""
    heat_seconds: Count = 0
    """The length of a window in `heat`."""


class ReconnectResult(RunValue):
    """The measurements of one reconnect policy during one outage."""

    policy: str
    fault: str
    meaning: str = ""
    """The effect of the fault on the clients, as text."""
    time_scale: Amount = 1.0
    """The factor by which all waiting times of the guide's clients were multiplied."""
    outage_seconds: Amount
    clients: Count
    recovered: Count
    given_up: Count
    never_tried: Count
    recovery: PackedHistogram
    """Time from the target's return to an open socket, of recovered clients only."""
    attempts: dict[str, Count] = Field(default_factory=dict)
    """Attempts per client -> number of clients."""
    peak_connects_100ms: Count = 0
    sockets_per_client: dict[str, Count] = Field(default_factory=dict)
    """Open sockets after recovery -> number of clients."""
    refreshes_per_client: dict[str, Count] = Field(default_factory=dict)
    """Token refreshes since the drop -> number of clients."""
    events_missed: Count = 0
    events_recovered_by_sync: Count = 0
    timeline: list[Triple] = Field(default_factory=list)
    """[second since the drop, open sockets, connects in this slot]."""
    verdicts: list[VerdictRecord] = Field(default_factory=list)

    @property
    def title(self) -> str:
        """The fault, with the time scale if it is not 1."""
        return self.fault if self.time_scale == 1 else f"{self.fault}, time x{self.time_scale:g}"
