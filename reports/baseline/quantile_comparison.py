"""The series that a comparison with a baseline tests: one quantile, window by window, of both runs.

The first are those of all operations together, for which a run always has enough windows; then those of each operation for which
both runs have enough windows of the same length.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from statistics import median

from contracts.run import Window
from contracts.run.latency_heat import OperationHeat
from reports.baseline.baseline_file import KeptLoad
from reports.baseline.shift_statistics import LEAST
from reports.text.display import ms

QUANTILES = ("p50", "p99")


@dataclass(frozen=True, slots=True, kw_only=True)
class QuantileComparison:
    """One quantile of now and then, compared window by window.
    `operation` is empty for all of them together."""

    since: str
    scenario: str
    operation: str
    quantile: str
    unit: str
    """What a window is: `second`, `4 s`."""
    old: Sequence[float]
    new: Sequence[float]
    moved: str = ""
    """Where to look, for all operations together."""
    rare: Sequence[str] = ()
    """Operations that cannot be compared by themselves."""
    disturbed: int = 0
    """ns of delay on either side that may be the generator's own."""
    kept: Sequence[float] = ()
    """The quantile's median over the windows of each kept run that may be compared, `old` among them, newest first."""

    @property
    def check(self) -> str:
        return f"baseline.{self.quantile}"

    @property
    def subject(self) -> str:
        of = self.operation or "all operations together"
        return f"{self.quantile} of {of} in each {self.unit} of {self.scenario}"

    @property
    def enough(self) -> bool:
        return min(len(self.old), len(self.new)) >= LEAST


def questions(
    since: str, kept: KeptLoad, load: KeptLoad, others: Sequence[KeptLoad] = ()
) -> Iterator[QuantileComparison]:
    """The comparisons of a run: all operations together, then each operation with enough windows in both runs. `others` are older baselines than `kept`."""
    alone = [*_alone(since, kept, load, others)]
    named = {question.operation for question in alone}
    for quantile in QUANTILES:
        yield QuantileComparison(
            since=since,
            scenario=load.scenario,
            operation="",
            quantile=quantile,
            unit="second",
            old=series(kept.windows, quantile),
            new=series(load.windows, quantile),
            moved=_moved(kept, load, quantile),
            disturbed=max(kept.disturbed, load.disturbed),
            kept=_medians(series(one.windows, quantile) for one in (kept, *others)),
            rare=[entry.operation for entry in load.operations if entry.operation not in named],
        )
    yield from alone


def _alone(
    since: str, kept: KeptLoad, load: KeptLoad, others: Sequence[KeptLoad]
) -> Iterator[QuantileComparison]:
    if kept.heat_seconds != load.heat_seconds:
        return
    before = {row.operation: row for row in kept.heat}
    unit = "second" if load.heat_seconds == 1 else f"{load.heat_seconds} s"
    for row in load.heat:
        if row.operation not in before:
            continue
        for quantile in QUANTILES:
            old, new = _values(before[row.operation], quantile), _values(row, quantile)
            if min(len(old), len(new)) >= LEAST:
                yield QuantileComparison(
                    since=since,
                    scenario=load.scenario,
                    operation=row.operation,
                    quantile=quantile,
                    unit=unit,
                    old=old,
                    new=new,
                    disturbed=max(kept.disturbed, load.disturbed),
                    kept=_medians(_of(row.operation, one, quantile) for one in (kept, *others)),
                )


def _of(operation: str, load: KeptLoad, quantile: str) -> list[float]:
    return next((_values(row, quantile) for row in load.heat if row.operation == operation), [])


def _medians(runs: Iterable[Sequence[float]]) -> list[float]:
    return [median(values) for values in runs if len(values) >= LEAST]


def _values(row: OperationHeat, quantile: str) -> list[float]:
    """The quantile of each window in ns, without the last one, which the end of the run has cut short."""
    values = row.p50 if quantile == "p50" else row.p99
    return [float(value) for value in values[:-1] if value]


def series(windows: Sequence[Window], quantile: str) -> list[float]:
    """The quantile of each window in ns, in the order of time. Windows without an answer are left out: they say nothing about latency."""
    values = (getattr(window, quantile) for window in windows)
    return [value for value in values if value]


def _moved(kept: KeptLoad, load: KeptLoad, quantile: str) -> str:
    """The operation whose quantile over the whole run grew most. Whole histograms allow no test of significance."""
    q = int(quantile[1:]) / 100
    before = {entry.operation: entry.latency.unpack().quantile(q) for entry in kept.operations}
    grown = [
        (now / was, entry.operation, was, now)
        for entry in load.operations
        if (was := before.get(entry.operation)) and (now := entry.latency.unpack().quantile(q))
    ]
    if not grown:
        return "nothing that both runs name"
    _, name, was, now = max(grown)
    return f"{name} ({ms(was / 1e6)} → {ms(now / 1e6)} ms over the whole run, not tested)"
