"""The recorder of a load run: exact counters and mergeable histograms, per operation and per second.

`over` counts answers whose latency is strictly above the operation's threshold, by comparing integers. A process sends its counts
since the last report (`take`) and the master adds them up (`merge`), so the master's numbers are exactly the sum of the workers'.
Memory does not grow with the number of requests: a second that can no longer change is reduced to one row (`seal`).

    >>> recorder = LoadRecorder({"getContentItem": 200_000_000})
    >>> recorder.sent("getContentItem", due=0, sent=1_000)
    >>> recorder.answered("getContentItem", due=0, sent=1_000, done=203_000_000, status=200)
    >>> recorder.tallies["getContentItem"].over
    1
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import msgspec

from contracts.run import OperationLoad, PackedHistogram, Window
from contracts.run.histogram import Histogram
from contracts.run.latency_heat import Heat
from load.http.connection import NO_CONNECTION

SECOND = 1_000_000_000
LATE = 5_000_000
"""The delay in ns from which a send counts as late."""
TARDY = 10
"""The part of its operation's threshold (a tenth) from which a late send counts as tardy: such a delay affects the verdict."""
EXAMPLES = 3
NO_ANSWER_IN_TIME = frozenset({"error:timeout", "error:unfinished", f"error:{NO_CONNECTION}"})
ROUNDED = 10_000
"""The resolution in ns of latencies per second, whose quantiles are for pictures only and never for verdicts."""
_NAMES = {status: str(status) for status in range(100, 600)}


@dataclass(slots=True)
class OperationTally:
    """The counts of one operation. `latency` is from due to last byte, `service` from sent to last byte, of answered requests
    only."""

    threshold: int
    latency: Histogram = field(default_factory=Histogram)
    service: Histogram = field(default_factory=Histogram)
    planned: int = 0
    over: int = 0
    over_service: int = 0
    ours: int = 0
    """The part of `over` that the generator's own delay caused: sent late, or during a stall of this process."""
    errors: int = 0
    dropped: int = 0
    statuses: Counter[str] = field(default_factory=Counter)
    examples: list[str] = field(default_factory=list)

    @property
    def answered(self) -> int:
        return self.latency.total

    def merge(self, other: OperationTally) -> None:
        _add(self, other, but=("threshold", "examples"))
        self.examples += other.examples[: EXAMPLES - len(self.examples)]

    def load(self, operation: str) -> OperationLoad:
        return OperationLoad(
            operation=operation,
            latency=PackedHistogram.of(self.latency),
            service=PackedHistogram.of(self.service),
            answered=self.answered,
            over=self.over,
            over_service=self.over_service,
            errors=self.errors,
            statuses=dict(sorted(self.statuses.items())),
            error_examples=self.examples,
        )


@dataclass(slots=True)
class SecondTally:
    """The counts of one second. `planned`, `errors`, `over` and `latencies` are those of arrivals due in it; `sent` and `done`
    are events in it.

    `given_up` is the part of `done` that got no answer in time.

    `latencies` maps latency in steps of `ROUNDED` to counts; it is None once the second is sealed.
    """

    planned: int = 0
    sent: int = 0
    done: int = 0
    given_up: int = 0
    errors: int = 0
    over: int = 0
    lateness: int = 0
    late: int = 0
    latencies: dict[int, int] | None = field(default_factory=dict)
    p50: float | None = None
    p99: float | None = None

    def merge(self, other: SecondTally) -> None:
        _add(self, other, but=("lateness", "latencies", "p50", "p99"))
        self.lateness = max(self.lateness, other.lateness)
        if self.latencies is not None and other.latencies is not None:
            for steps, count in other.latencies.items():
                self.latencies[steps] = self.latencies.get(steps, 0) + count

    def seal(self) -> None:
        self.p50, self.p99 = self._quantiles()
        self.latencies = None

    def _quantiles(self) -> tuple[float | None, float | None]:
        if self.latencies is None:
            return self.p50, self.p99
        found = Histogram()
        for steps, count in self.latencies.items():
            found.record(steps * ROUNDED, count)
        return found.quantile(0.5), found.quantile(0.99)

    def window(self, second: int) -> Window:
        p50, p99 = self._quantiles()
        return Window(
            second=second, planned=self.planned, sent=self.sent, done=self.done, errors=self.errors, over=self.over,
            lateness_max=self.lateness, p50=p50, p99=p99,
        )  # fmt: skip


@dataclass(slots=True)
class LoadRecorder:
    """All counts of one process in a run. `thresholds` maps operationId to ns."""

    thresholds: Mapping[str, int]
    tallies: dict[str, OperationTally] = field(default_factory=dict)
    moments: dict[int, SecondTally] = field(default_factory=dict)
    planned: int = 0
    requests: int = 0
    late: int = 0
    tardy: int = 0
    unfinished: int = 0
    starved: int = 0
    """Arrivals counted as errors without being sent, because the target's failures used up the items or sessions for them."""
    abandoned: int = 0
    """Sent requests whose user was stopped meanwhile: neither answered nor errors."""
    upkeep: int = 0
    """Requests that are not planned arrivals: warm-up and token refreshes."""
    refreshes: int = 0
    dropped: Counter[str] = field(default_factory=Counter)
    wire: Counter[str] = field(default_factory=Counter)
    """All sent requests, including upkeep and repeats: `operation status`, or `operation lost` without an answer."""
    lag: Histogram = field(default_factory=Histogram)
    """The lateness of the process's own 10 ms heartbeat, in ns."""
    heat: Heat = field(default_factory=Heat)
    checks: Counter[str] = field(default_factory=Counter)
    """The user's own checks: `passed name`, `failed name`."""
    metrics: dict[str, Histogram] = field(default_factory=dict)
    """The user's own metrics."""
    died: Counter[str] = field(default_factory=Counter)
    """Message -> greenlets that ended with this exception, each of which may have left a request uncounted."""

    def tally(self, operation: str) -> OperationTally:
        found = self.tallies.get(operation)
        if found is None:
            found = self.tallies[operation] = OperationTally(self.thresholds[operation])
        return found

    def moment(self, at: int) -> SecondTally:
        second = at // SECOND
        found = self.moments.get(second)
        if found is None:
            found = self.moments[second] = SecondTally()
        return found

    # These are called three times per request, so they avoid a function call for known operations and seconds.

    def due(self, operation: str, due: int) -> None:
        self.planned += 1
        (self.tallies.get(operation) or self.tally(operation)).planned += 1
        (self.moments.get(due // SECOND) or self.moment(due)).planned += 1

    def drop(self, operation: str, reason: str) -> None:
        self.dropped[reason] += 1
        self.tally(operation).dropped += 1

    def sent(self, operation: str, *, due: int, sent: int) -> None:
        self.requests += 1
        moment = self.moments.get(sent // SECOND) or self.moment(sent)
        moment.sent += 1
        lateness = sent - due
        if lateness > moment.lateness:
            moment.lateness = lateness
        if lateness > LATE:
            self.late += 1
            moment.late += 1
            if lateness > self.thresholds[operation] // TARDY:
                self.tardy += 1

    def answered(
        self, operation: str, *, due: int, sent: int, done: int, status: int, still: int = 0
    ) -> None:
        """Count an answered request. Times are in ns from the start; `still` is the time that this process stalled since the
        send."""
        tally = self.tallies.get(operation) or self.tally(operation)
        latency, second = done - due, due // SECOND
        index = tally.latency.record(latency)
        tally.service.record(done - sent)
        tally.statuses[_NAMES.get(status) or str(status)] += 1
        (self.moments.get(done // SECOND) or self.moment(done)).done += 1
        moment = self.moments.get(second) or self.moment(due)
        counts = moment.latencies
        if counts is not None:
            steps = latency // ROUNDED
            counts[steps] = counts.get(steps, 0) + 1
        self.heat.record(operation, second if second > 0 else 0, index)
        if latency > tally.threshold:
            tally.over += 1
            moment.over += 1
            if done - max(sent, due) - still <= tally.threshold:
                tally.ours += 1
            if done - sent > tally.threshold:
                tally.over_service += 1

    def failed(self, operation: str, *, due: int, done: int, kind: str, example: str) -> None:
        """Count a failed request. `kind` is a status or `error:<kind>`, `example` one redacted line."""
        tally = self.tally(operation)
        tally.errors += 1
        tally.statuses[kind] += 1
        if len(tally.examples) < EXAMPLES:
            tally.examples.append(example)
        moment = self.moment(done)
        moment.done += 1
        moment.given_up += kind in NO_ANSWER_IN_TIME
        self.moment(due).errors += 1

    def seal(self, before: int) -> None:
        """Reduce the seconds before a time to one row each, because none of their requests is in flight any more."""
        for second, moment in self.moments.items():
            if (second + 1) * SECOND <= before:
                moment.seal()

    def merge(self, other: LoadRecorder) -> None:
        for operation, tally in other.tallies.items():
            self.tally(operation).merge(tally)
        for second, moment in other.moments.items():
            self.moment(second * SECOND).merge(moment)
        for name, values in other.metrics.items():
            self.metrics.setdefault(name, Histogram()).merge(values)
        _add(self, other, but=("thresholds", "tallies", "moments", "metrics"))

    def take(self) -> LoadRecorder:
        """Return the counts since the last call, and reset them."""
        taken = LoadRecorder(self.thresholds)
        for name in self.__slots__:
            fresh = getattr(taken, name)
            setattr(taken, name, getattr(self, name))
            setattr(self, name, fresh)
        return taken

    @property
    def done(self) -> int:
        return sum(tally.answered + tally.errors for tally in self.tallies.values())

    @property
    def over(self) -> int:
        return sum(tally.over for tally in self.tallies.values())

    @property
    def errors(self) -> int:
        return sum(tally.errors for tally in self.tallies.values())


def _add(counted: Any, other: Any, *, but: tuple[str, ...]) -> None:
    """Add the counters of `other` field by field: numbers, counts by name, histograms."""
    for name in counted.__slots__:
        if name not in but:
            mine, more = getattr(counted, name), getattr(other, name)
            if isinstance(mine, int):
                setattr(counted, name, mine + more)
            elif isinstance(mine, Counter):
                mine.update(more)
            else:
                mine.merge(more)


def pack(recorder: LoadRecorder) -> bytes:
    """The recorder as bytes, as workers send it."""
    return msgspec.json.encode(recorder, enc_hook=lambda packed: packed.pack())


def unpack(packed: bytes, thresholds: Mapping[str, int]) -> LoadRecorder:
    recorder = msgspec.json.decode(packed, type=LoadRecorder, dec_hook=_read)
    recorder.thresholds = thresholds
    return recorder


def _read(kind: Any, value: Any) -> Any:
    if kind in (Histogram, Heat):
        return kind.unpack(value)
    return Counter(value)
